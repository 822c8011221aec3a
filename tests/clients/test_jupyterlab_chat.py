"""`jupyterlab-chat` 0.25 on the server: it finds a collaboration server, its chats, and writes into them."""

from __future__ import annotations

PACKAGE = "jupyterlab-chat>=0.25.3,<0.26"
