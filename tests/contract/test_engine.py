import pytest

from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.testing.engine import HostileEngineContract


class TestPycrdt(HostileEngineContract):
    @pytest.fixture
    def engine(self) -> PycrdtEngine:
        return PycrdtEngine()
