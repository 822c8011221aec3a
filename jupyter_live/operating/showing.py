"""What processes have told of themselves, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_live.operating.asking import Answer

PROCESS = ("PROCESS", "STATE", "ROOMS", "PEOPLE", "LOOP LAG", "LOG LAG", "LINK", "TROUBLE")
DOCUMENT = ("DOCUMENT", "PROCESS", "PEOPLE", "FILE", "TROUBLE")


def table(answers: Sequence[Answer]) -> str:
    """One line for each process, and below one for each document that is open in one."""
    documents = [line for answer in answers for line in _documents(answer)]
    parts = [_columns([PROCESS, *map(_process, answers)])]
    if documents:
        parts.append(_columns([DOCUMENT, *sorted(documents)]))
    return "\n\n".join(parts)


def _process(answer: Answer) -> tuple[str, ...]:
    told = answer.told
    if "rooms" not in told:
        return answer.url, answer.state, "-", "-", "-", "-", "-", answer.error or "-"
    return (
        answer.url,
        answer.state,
        str(told["rooms"]),
        str(told["people"]),
        _seconds(told["loop"]["lag"]),
        _seconds(told["log"]["lag"]),
        "up" if told["link"]["up"] else "down",
        " ".join(told["troubles"]) or "-",
    )


def _documents(answer: Answer) -> list[tuple[str, ...]]:
    return [_document(answer.url, document) for document in answer.told.get("documents", [])]


def _document(url: str, document: dict[str, Any]) -> tuple[str, ...]:
    name = document["path"] or document["id"]
    return name, url, str(document["people"]), document["file"], document["code"] or "-"


def _seconds(value: float) -> str:
    return f"{value:.3f} s"


def _columns(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
