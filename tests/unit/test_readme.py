"""What the README says of settings and clients is what code and tests have."""

import re
import sys
from pathlib import Path

import pytest

from jupyter_live.app import LiveApp

README = Path(__file__).parents[2] / "README.md"

sys.path.insert(0, str(README.parent / "scripts" / "steps"))
import compatibility  # noqa: E402


def test_the_table_of_settings_is_that_of_the_traits() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", _section("Configuration"), re.MULTILINE))
    ours = {name: trait for name, trait in LiveApp.class_own_traits(config=True).items()}
    assert set(table) == set(ours)
    for name, default in table.items():
        said = default.strip("`").strip('"')
        assert str(ours[name].default_value) == said, name


def test_the_table_of_clients_is_that_of_the_tests() -> None:
    text = README.read_text()
    assert compatibility.renewed(text) == text, "python scripts/steps/compatibility.py writes it anew"


@pytest.mark.parametrize("row", [*compatibility.rows()], ids=lambda row: f"{row.name}-{row.versions}")
def test_a_client_is_the_one_that_is_told(row: compatibility.Row) -> None:
    """What a test installs beside its environment has the version that its first line tells."""
    pins = re.findall(r'^PACKAGE = "([\w.-]+)>=([\d.]+)', (README.parent / row.file).read_text(), re.MULTILINE)
    for name, version in pins:
        assert (name, True) == (row.name, f"{version}.".startswith(f"{row.versions}."))


def _section(title: str) -> str:
    return README.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
