"""For tests, ours and those of plug-in authors: a real server, a client that speaks the wire, contract suites.

Importable from an installed package; needs the extra `jupyter-live[test]`.
"""

from jupyter_live.testing.client import LiveClient
from jupyter_live.testing.engine import EngineContract, HostileEngineContract
from jupyter_live.testing.layer import LayerContract
from jupyter_live.testing.log import LogContract
from jupyter_live.testing.moments import MomentsContract
from jupyter_live.testing.server import LiveServer

__all__ = [
    "EngineContract",
    "HostileEngineContract",
    "LayerContract",
    "LiveClient",
    "LiveServer",
    "LogContract",
    "MomentsContract",
]
