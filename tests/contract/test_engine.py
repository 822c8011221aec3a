import pytest

from jupyter_live.engine.pycrdt import PycrdtEngine
from jupyter_live.testing import EngineContract


class TestPycrdt(EngineContract):
    @pytest.fixture
    def engine(self) -> PycrdtEngine:
        return PycrdtEngine()
