"""Line endings: one character in the shared text, as they were in the file."""

import pytest

from jupyter_live.files import newlines


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", ["", "a", "a\n", "\n", "a\n\nb", "😀\nü\n", "\n\n\n"])
def test_text_of_one_kind_comes_back_as_it_was(text: str, newline: str) -> None:
    original = text.replace("\n", newline)
    value, found = newlines.split(original)
    assert value == text
    assert newlines.join(value, found) == original


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\r\nb\r\nc\n", "\r\n"), ("a\nb\nc\r\n", "\n"), ("a\rb\rc\n", "\r"), ("a\r\nb\n", "\n"), ("a\rb\n", "\n")],
)
def test_of_mixed_text_most_lines_decide(text: str, expected: str) -> None:
    value, found = newlines.split(text)
    assert (
        found == expected
        and "\r" not in value
        and value.count("\n") == len(text.splitlines()) - (text[-1] not in "\r\n")
    )


@pytest.mark.parametrize("value", [None, {"cells": ["a\r\nb"]}, b"a\r\n"])
def test_what_is_no_text_is_left_alone(value: object) -> None:
    assert newlines.split(value) == (value, "\n")
    assert newlines.join(value, "\r\n") is value
