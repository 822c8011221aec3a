from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from jupyter_live.layer import LocalChannelLayer
from jupyter_live.settings import _redis
from jupyter_live.testing import LayerContract
from jupyter_live.testing.layer import BoundedLayerContract
from jupyter_live.testing.services import Redis


class TestRedis(LayerContract):
    """As the setting `redis://…` makes it."""

    @pytest.fixture
    async def layer(self, redis_server: Redis) -> AsyncIterator[Any]:
        layer = RedisPubSubChannelLayer(**_redis(redis_server.url)["CONFIG"])
        yield layer
        await layer.flush()

    async def elsewhere(self, layer: Any) -> Any:
        return RedisPubSubChannelLayer(*layer._args, **layer._kwargs)


class TestLocal(BoundedLayerContract):
    @pytest.fixture
    def layer(self) -> LocalChannelLayer:
        return LocalChannelLayer(capacity=5)

    async def test_forgets_channels_that_are_gone(self, layer: LocalChannelLayer) -> None:
        for _ in range(100):
            name = await layer.new_channel()
            await layer.group_add("room", name)
            await layer.group_send("room", {"type": "x"})
            await layer.group_discard("room", name)
        assert not layer._mailboxes and not layer._groups
