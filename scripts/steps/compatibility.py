"""The README's table of clients, from what the tests that run them say of themselves.

The first line of such a test file tells the client, the versions and what is tested: "`name` 1.2 and 3.4, the rest."
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BEGIN, END = "<!-- clients: scripts/steps/compatibility.py writes this -->\n", "<!-- end of clients -->\n"

_LINE = re.compile(r'"""`(?P<name>[^`]+)` (?P<versions>[\d.]+(?: and [\d.]+)*)[,:]? (?P<what>.+?)\.?(?:""")?$')


class Row(NamedTuple):
    """A client, as one test file tells of it."""

    name: str
    versions: str
    what: str
    file: Path


def rows() -> Iterator[Row]:
    """All clients that tests run, by name."""
    for file in sorted([*ROOT.glob("tests/clients/test_*.py"), *ROOT.glob("tests/browser/test_*.py")], key=_name):
        if found := _LINE.match(file.read_text().partition("\n")[0]):
            yield Row(**found.groupdict(), file=file.relative_to(ROOT))


def table() -> str:
    lines = ["| client | tested | what |", "|---|---|---|"]
    lines += [f"| `{row.name}` | [{row.versions}]({row.file}) | {row.what} |" for row in rows()]
    return "\n".join([*lines, ""])


def renewed(text: str) -> str:
    """A README with the table as it is now."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


def _name(file: Path) -> str:
    return file.read_text().partition("`")[2].lower()


if __name__ == "__main__":
    README.write_text(renewed(README.read_text()))
