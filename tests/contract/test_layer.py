import pytest

from jupyter_live.layer import LocalChannelLayer
from jupyter_live.testing import LayerContract


class TestLocal(LayerContract):
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
