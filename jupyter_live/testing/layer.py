"""The contract of a channel layer, as far as relays rely on it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from channels.exceptions import ChannelFull


class LayerContract:
    """Inherit, and give a fixture `layer`."""

    @pytest.fixture
    def layer(self) -> Any:
        raise NotImplementedError

    async def test_a_group_hears_in_order(self, layer: Any) -> None:
        names = [await layer.new_channel() for _ in range(3)]
        for name in names:
            await layer.group_add("room", name)
        for n in range(5):
            await layer.group_send("room", {"type": "x", "n": n, "data": b"\x00\xff"})
        for name in names:
            heard = [await layer.receive(name) for _ in range(5)]
            assert [message["n"] for message in heard] == [0, 1, 2, 3, 4]
            assert heard[0]["data"] == b"\x00\xff"

    async def test_who_waits_is_woken(self, layer: Any) -> None:
        name = await layer.new_channel()
        waiting = asyncio.ensure_future(layer.receive(name))
        await asyncio.sleep(0)
        await layer.send(name, {"type": "x"})
        assert (await asyncio.wait_for(waiting, 5))["type"] == "x"

    async def test_receivers_do_not_share_a_message(self, layer: Any) -> None:
        names = [await layer.new_channel() for _ in range(2)]
        for name in names:
            await layer.group_add("room", name)
        await layer.group_send("room", {"type": "x"})
        (await layer.receive(names[0]))["type"] = "changed"
        assert (await layer.receive(names[1]))["type"] == "x"

    async def test_who_left_hears_nothing(self, layer: Any) -> None:
        stays, leaves = await layer.new_channel(), await layer.new_channel()
        for name in (stays, leaves):
            await layer.group_add("room", name)
        await layer.group_discard("room", leaves)
        await layer.group_send("room", {"type": "x"})
        assert (await layer.receive(stays))["type"] == "x"
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(layer.receive(leaves), 0.2)

    async def test_others_hear_a_process_that_has_its_own_layer(self, layer: Any) -> None:
        """Where there can be several processes; else there is one layer."""
        other = await self.elsewhere(layer)
        name = await layer.new_channel()
        await layer.group_add("room", name)
        await other.group_send("room", {"type": "x", "n": 1})
        assert (await asyncio.wait_for(layer.receive(name), 5))["n"] == 1

    async def elsewhere(self, layer: Any) -> Any:
        """The layer as another process has it."""
        return layer


class BoundedLayerContract(LayerContract):
    """The contract of our own layer, which also bounds what waits in it. Give a fixture `layer` with capacity 5."""

    async def test_a_slow_channel_stays_in_its_group(self, layer: Any) -> None:
        """Layers drop at capacity; they must not forget who is a member."""
        name = await layer.new_channel()
        await layer.group_add("room", name)
        for n in range(20):
            await layer.group_send("room", {"type": "x", "n": n})
        kept = [await layer.receive(name) for _ in range(5)]
        assert len(kept) == 5
        await layer.group_send("room", {"type": "x", "n": 99})
        assert (await layer.receive(name))["n"] == 99

    async def test_send_to_a_full_channel_says_so(self, layer: Any) -> None:
        name = await layer.new_channel()
        for _ in range(5):
            await layer.send(name, {"type": "x"})
        with pytest.raises(ChannelFull):
            await layer.send(name, {"type": "x"})

    async def test_a_cancelled_receiver_loses_nothing(self, layer: Any) -> None:
        name = await layer.new_channel()
        first = asyncio.ensure_future(layer.receive(name))
        await asyncio.sleep(0.01)
        first.cancel()
        await layer.send(name, {"type": "x"})
        assert (await asyncio.wait_for(layer.receive(name), 5))["type"] == "x"
