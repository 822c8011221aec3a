"""docs/protocol.md says what the code does, where that can be compared."""

import re
from pathlib import Path

from jupyter_live import protocol
from jupyter_live.errors import ERRORS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()


def test_the_table_of_errors_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \| (.+) \|$", DOCUMENT, re.MULTILINE)
    told = [(code, int(status), int(close), message) for code, status, close, message in rows]
    assert told == [(code, kind.status, kind.close, kind.message) for code, kind in ERRORS.items()]


def test_every_close_code_is_explained() -> None:
    explained = DOCUMENT.split("What a client should do about a close code:")[1].split("\n\n")[1]
    for kind in ERRORS.values():
        family = f"{kind.close // 100}00 to {kind.close // 100}99" if kind.close >= 4000 else str(kind.close)
        assert family in explained, kind.close


def test_the_table_of_frames_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| (\d) (\w+) \|(?: (\d) \| (step 1|step 2|update))?", DOCUMENT, re.MULTILINE)
    assert rows == [
        (str(protocol.SYNC), "SYNC", str(protocol.STEP1), "step 1"),
        (str(protocol.SYNC), "SYNC", str(protocol.STEP2), "step 2"),
        (str(protocol.SYNC), "SYNC", str(protocol.UPDATE), "update"),
        (str(protocol.AWARENESS), "AWARENESS", "", ""),
        (str(protocol.RAW), "RAW", "", ""),
        (str(protocol.RAW), "RAW", "", ""),
        (str(protocol.QUERY_AWARENESS), "QUERY_AWARENESS", "", ""),
    ]
