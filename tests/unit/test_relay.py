"""The consumer that links a document to other processes. Two of them on one layer are two processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from channels.layers import channel_layers
from waiting import until

from jupyter_live.consumers import relay
from jupyter_live.consumers.relay import RelayConsumer
from jupyter_live.ids import DocumentId, Epoch, Seq
from jupyter_live.layer import LocalChannelLayer

DOCUMENT = DocumentId("json:notebook:ä b/1")


class Heard:
    """A room that writes down what it hears."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []
        self.breaks = False

    def on_rows(self, epoch: Epoch, last: Seq, updates: Sequence[bytes]) -> None:
        if self.breaks:
            raise RuntimeError("the room broke")
        self.events.append((epoch, last, [*updates]))

    def on_awareness(self, peer: str, payload: bytes) -> None:
        self.events.append((payload,))

    def on_control(self, peer: str, event: dict[str, Any]) -> None:
        self.events.append((event,))

    def on_link(self, is_up: bool) -> None:
        self.events.append((is_up,))


@pytest.fixture
def layer() -> LocalChannelLayer:
    layer = LocalChannelLayer()
    channel_layers.set("default", layer)
    return layer


@pytest.fixture
async def linked(layer: LocalChannelLayer) -> AsyncIterator[tuple[RelayConsumer, Heard, RelayConsumer, Heard]]:
    one, two = Heard(), Heard()
    first, second = RelayConsumer(DOCUMENT, one), RelayConsumer(DOCUMENT, two)
    await until(lambda: len(members(layer)) == 2)
    yield first, one, second, two
    await first.close()
    await second.close()


def members(layer: LocalChannelLayer) -> set[str]:
    return set().union(*layer._groups.values())


async def test_the_other_process_hears_updates_awareness_and_control_in_order(
    linked: tuple[RelayConsumer, Heard, RelayConsumer, Heard],
) -> None:
    first, one, _, two = linked
    first.publish_row(Epoch("e"), Seq(1), b"\x00\xff")
    first.publish_awareness(b"here")
    first.publish_control({"moved": "a", "to": "b"})
    await until(lambda: len(two.events) == 3)
    assert two.events == [("e", 1, [b"\x00\xff"]), (b"here",), ({"moved": "a", "to": "b"},)]
    assert one.events == [], "nobody hears oneself"


async def test_it_leaves_the_group_when_closed(layer: LocalChannelLayer) -> None:
    consumer = RelayConsumer(DOCUMENT, Heard())
    await until(lambda: members(layer))
    await consumer.close()
    assert not members(layer) and not layer._mailboxes


async def test_it_leaves_the_group_after_a_crash(
    layer: LocalChannelLayer, linked: tuple[RelayConsumer, Heard, RelayConsumer, Heard]
) -> None:
    first, _, _, two = linked
    two.breaks = True
    first.publish_row(Epoch("e"), Seq(1), b"x")
    await until(lambda: len(members(layer)) == 1)


async def test_membership_is_renewed(layer: LocalChannelLayer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stock layers end a membership after a day; a layer that forgets sooner shows that it comes back."""
    monkeypatch.setattr(relay, "RENEW", 0.02)
    consumer = RelayConsumer(DOCUMENT, Heard())
    await until(lambda: members(layer))
    layer._groups.clear()
    await until(lambda: members(layer))
    await consumer.close()


async def test_a_slow_layer_costs_messages_and_not_memory(
    layer: LocalChannelLayer, linked: tuple[RelayConsumer, Heard, RelayConsumer, Heard]
) -> None:
    first, _, _, two = linked
    for n in range(3 * relay.QUEUE):
        first.publish_row(Epoch("e"), Seq(2 * n), b"x")
    assert first._outgoing and len(first._outgoing) == relay.QUEUE
    await until(lambda: len(two.events) >= relay.QUEUE)


async def test_nothing_is_sent_into_the_layer_until_somebody_else_listens(layer: LocalChannelLayer) -> None:
    """Each row of the log would go through it, and come back to be thrown away."""
    sent: list[Any] = []
    send = layer.group_send

    async def group_send(group: str, message: Any) -> None:
        sent.append(message)
        await send(group, message)

    layer.group_send = group_send  # type: ignore[method-assign]
    first = RelayConsumer(DOCUMENT, Heard())
    await until(lambda: len(members(layer)) == 1)
    first.publish_row(Epoch("e"), Seq(1), b"alone")
    second = RelayConsumer(DOCUMENT, two := Heard())
    await until(lambda: len(members(layer)) == 2)
    first.publish_row(Epoch("e"), Seq(2), b"heard")
    await until(lambda: two.events)
    assert [message["updates"] for message in sent] == [[b"heard"]] and two.events == [("e", 2, [b"heard"])]
    await first.close()
    await second.close()


async def test_rows_of_one_commit_are_one_message(
    linked: tuple[RelayConsumer, Heard, RelayConsumer, Heard], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _, _, two = linked
    for n in range(1, 4):
        first.publish_row(Epoch("e"), Seq(n), b"%d" % n)
    first.publish_row(Epoch("e"), Seq(7), b"7")
    await until(lambda: len(two.events) == 2)
    assert two.events == [("e", 3, [b"1", b"2", b"3"]), ("e", 7, [b"7"])]
    monkeypatch.setattr(relay, "TOGETHER", 2)
    for n in range(11, 20):
        first.publish_row(Epoch("e"), Seq(n), b"x")
    await until(lambda: len(two.events) == 3)
    assert two.events[2] == ("e", 19, [b"x"] * 3), "the log has those before"


async def test_large_rows_travel_by_reference(linked: tuple[RelayConsumer, Heard, RelayConsumer, Heard]) -> None:
    first, _, _, two = linked
    first.publish_row(Epoch("e"), Seq(1), b"x" * (relay.LARGE + 1))
    await until(lambda: two.events)
    assert two.events == [("e", 1, [])]


async def test_a_layer_that_fails_is_told_and_tried_again(
    layer: LocalChannelLayer,
    linked: tuple[RelayConsumer, Heard, RelayConsumer, Heard],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "RETRY", 0.01)
    first, one, _, two = linked
    with monkeypatch.context() as broken:
        broken.setattr(layer, "group_send", _connection_refused)
        first.publish_row(Epoch("e"), Seq(1), b"lost")
        await until(lambda: one.events)
    first.publish_row(Epoch("e"), Seq(2), b"heard")
    await until(lambda: two.events)
    assert one.events == [(False,), (True,)] and two.events == [("e", 2, [b"heard"])]


async def _connection_refused(*args: object) -> None:
    raise ConnectionError("refused")
