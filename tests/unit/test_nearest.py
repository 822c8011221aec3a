"""Which of two contents a file was changed from, when the server died before it noted that it had written one."""

from __future__ import annotations

import pytest

from jupyter_live.files.convert import Content, packed
from jupyter_live.files.merge import nearest


def text(*lines: str) -> Content:
    return packed("\n".join(lines))


def notebook(*sources: str) -> Content:
    return packed({"cells": [{"cell_type": "code", "source": source, "outputs": []} for source in sources]})


@pytest.mark.parametrize("kind", [text, notebook])
def test_it_is_the_one_whose_lines_are_there(kind: type) -> None:
    written, writing = kind("one", "two"), kind("one", "two", "typed")
    assert nearest([written, writing], kind("outside", "two")) == 0
    assert nearest([written, writing], kind("outside", "typed")) == 1


def test_a_blank_line_says_nothing() -> None:
    """Else what had never been in the file would count as deleted."""
    assert nearest([text("one"), text("one", "", "typed")], text("replaced", "", "by another program")) == 0
