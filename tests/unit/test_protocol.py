"""Frames survive the way there and back; what is no frame has a code."""

import json
import random

import pytest

from jupyter_live import protocol
from jupyter_live.errors import LiveError
from jupyter_live.protocol import AwarenessEntry, Frame, Kind


@pytest.mark.parametrize("value", [0, 1, 127, 128, 16383, 16384, 2**32 - 1, 2**32, 2**53 - 1])
def test_a_number_reads_as_it_was_written(value: int) -> None:
    data = b"before" + protocol.write_varuint(value) + b"after"
    assert protocol.read_varuint(data, 6) == (value, len(data) - 5)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 7, b"\xff" * 8 + b"\x01"])
def test_a_number_that_is_cut_off_or_too_long_is_malformed(data: bytes) -> None:
    with pytest.raises(LiveError) as caught:
        protocol.read_varuint(data, 0)
    assert caught.value.code == "malformed_frame"


@pytest.mark.parametrize("size", [0, 1, 127, 128, 70_000])
def test_sync_and_awareness_frames_read_as_they_were_written(size: int) -> None:
    payload = random.Random(size).randbytes(size)
    assert protocol.read(protocol.step1(payload)) == Frame(Kind.STEP1, payload)
    assert protocol.read(protocol.step2(payload)) == Frame(Kind.STEP2, payload)
    assert protocol.read(protocol.update(payload)) == Frame(Kind.UPDATE, payload)
    assert protocol.read(protocol.awareness(payload)) == Frame(Kind.AWARENESS, payload)


def test_a_save_request_has_a_number() -> None:
    assert protocol.read(b"\x02\x04save" + protocol.write_varuint(300)) == Frame(Kind.SAVE, number=300)


def test_a_query_has_nothing_else() -> None:
    assert protocol.read(b"\x03") == Frame(Kind.QUERY_AWARENESS)


def test_a_notice_is_json_behind_its_length() -> None:
    message = {"type": "state", "message": "ü😀" * 100}
    frame = protocol.raw(message)
    length, at = protocol.read_varuint(frame, 1)
    assert frame[0] == protocol.RAW and at + length == len(frame)
    assert json.loads(frame[at:]) == message


def test_awareness_entries_read_as_they_were_written() -> None:
    entries = [
        AwarenessEntry(0, 0, "null"),
        AwarenessEntry(2**53 - 1, 2**32, '{"user": {"name": "Zoë 😀"}}'),
        AwarenessEntry(7, 1, json.dumps({"long": "x" * 20_000})),
    ]
    assert protocol.read_awareness(protocol.write_awareness(entries)) == entries
    assert protocol.read_awareness(protocol.write_awareness([])) == []


@pytest.mark.parametrize("frame", [protocol.update(b"12345"), protocol.awareness(b"1"), b"\x02\x04save\x01", b"\x03"])
def test_every_other_length_of_a_frame_is_malformed(frame: bytes) -> None:
    for data in [*(frame[:length] for length in range(len(frame))), frame + b"\x00"]:
        with pytest.raises(LiveError) as caught:
            protocol.read(data)
        assert caught.value.code == "malformed_frame", data


@pytest.mark.parametrize("data", [b"\x04", b"\x7f\x00", b"\x00\x03\x00", b"\x02\x04load\x01", b"\x02\x00\x01"])
def test_an_unknown_kind_has_a_code_of_its_own(data: bytes) -> None:
    with pytest.raises(LiveError) as caught:
        protocol.read(data)
    assert caught.value.code == "unknown_message"


def test_an_awareness_count_that_the_bytes_cannot_hold_is_refused_at_once() -> None:
    with pytest.raises(LiveError) as caught:
        protocol.read_awareness(protocol.write_varuint(2**40) + b"\x01\x01\x00")
    assert caught.value.code == "malformed_frame"
