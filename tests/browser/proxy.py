"""A TCP proxy that can cut connections: what a bad network does to a browser."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress


class CutProxy:
    """Forwards 127.0.0.1:`port` to 127.0.0.1:`target`; `cut` drops everything, `heal` lets new connections through.

    `pause` is the seconds that it waits after each 64 kB of what the server sends.
    """

    pause = 0.0

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._open: set[socket.socket] = set()
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._is_cut = True
        for connection in list(self._open):
            self._drop(connection)

    def heal(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            self._open |= {client, server}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=(source, sink, source is server), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, is_served: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
                if is_served:
                    time.sleep(self.pause)
        self._drop(source)
        self._drop(sink)

    def _drop(self, connection: socket.socket) -> None:
        self._open.discard(connection)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()
