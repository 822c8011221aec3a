"""Whom `jupyter live status` asks, and what it prints."""

from __future__ import annotations

import pytest

from jupyter_live.operating.asking import Answer, Process
from jupyter_live.operating.showing import table

UP = {
    "state": "up",
    "troubles": [],
    "rooms": 1,
    "people": 2,
    "loop": {"lag": 0.0012, "max": 0.5},
    "log": {"rows": 0, "lag": 0.0, "code": None},
    "link": {"up": True, "reconnects": 0},
    "documents": [{"id": "text:file:1", "path": "a.txt", "people": 2, "others": 0, "file": "here", "code": None}],
}


@pytest.mark.parametrize(
    ("url", "process"),
    [
        ("http://relay:8765/", Process("http://relay:8765")),
        ("relay:8765", Process("http://relay:8765")),
        ("https://host/user/ada/?token=secret", Process("https://host/user/ada", "secret")),
        ("http://host:8888/?token=", Process("http://host:8888", "")),
    ],
)
def test_an_address_with_a_token_is_a_jupyter_server(url: str, process: Process) -> None:
    assert Process.at(url) == process


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http+unix://%2Frun%2Fjupyter.sock"])
def test_who_does_not_answer_is_down(url: str) -> None:
    answer = Process(url).ask(5)
    assert answer.state == "down" and answer.error and not answer.is_well
    assert answer.body().items() >= {"process": url, "well": False, "state": "down"}.items()


def test_only_who_is_up_and_without_troubles_is_well() -> None:
    assert Answer("a", told=UP).is_well
    for other in ({"state": "draining"}, {"state": "starting"}, {"troubles": ["log_failed"]}):
        assert not Answer("a", told=UP | other).is_well


def test_the_tables() -> None:
    answers = [
        Answer("http://a", told=UP),
        Answer("http://b", "refused"),
        Answer("http://c", told={"state": "starting"}),
    ]
    assert table(answers).splitlines() == [
        "PROCESS   STATE     ROOMS  PEOPLE  LOOP LAG  LOG LAG  LINK  TROUBLE",
        "http://a  up        1      2       0.001 s   0.000 s  up    -",
        "http://b  down      -      -       -         -        -     refused",
        "http://c  starting  -      -       -         -        -     -",
        "",
        "DOCUMENT  PROCESS   PEOPLE  FILE  TROUBLE",
        "a.txt     http://a  2       here  -",
    ]
