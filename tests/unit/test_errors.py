"""The table of errors, as clients meet it."""

import json

import pytest

from jupyter_live.errors import ERRORS, LiveError

CLOSE_REASON_LIMIT = 123  # bytes, RFC 6455 section 5.5


@pytest.mark.parametrize("code", ERRORS)
def test_a_close_reason_fits_and_tells_code_and_message(code: str) -> None:
    reason = LiveError(code, "a detail " * 100).reason()
    assert len(reason.encode()) <= CLOSE_REASON_LIMIT
    assert json.loads(reason).items() >= {"code": code, "message": ERRORS[code].message}.items()


@pytest.mark.parametrize("code", ERRORS)
def test_a_message_is_a_sentence_that_tells_what_happened(code: str) -> None:
    message = ERRORS[code].message
    assert message[0].isupper() and message.endswith((".", "?")), message


def test_no_two_codes_say_the_same() -> None:
    messages = [kind.message for kind in ERRORS.values()]
    assert len(set(messages)) == len(messages)


@pytest.mark.parametrize("code", ERRORS)
def test_status_and_close_code_agree_on_whether_to_come_back(code: str) -> None:
    """4400-4499 ends the reconnecting of y-websocket clients: for what is wrong on their side alone."""
    kind = ERRORS[code]
    assert 400 <= kind.status < 600
    assert kind.close in (1003, 1009, 1011, 1012, 1013) or 4400 <= kind.close < 4600
    if 4400 <= kind.close < 4500:
        assert kind.status < 500
    if kind.status >= 500:
        assert kind.close in (1011, 1012, 1013) or kind.close >= 4500


@pytest.mark.parametrize("code", ERRORS)
def test_what_is_for_the_log_never_reaches_a_browser(code: str) -> None:
    error = LiveError(code, "/home/ada/secret.ipynb")
    assert "secret" in str(error)
    assert "secret" not in json.dumps(error.body()) + error.reason()
