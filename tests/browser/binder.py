"""What stands in front of a Binder's servers: configurable-http-proxy, the real one, with TLS and a hub behind it."""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import secrets
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from jupyter_live.testing import LiveServer

MODULES = Path(__file__).parents[2] / "labextension" / "node_modules"
START_TIMEOUT = 30.0

VARIABLES = {
    "BINDER_LAUNCH_HOST": "https://mybinder.org/",
    "BINDER_REPO_URL": "https://github.com/example/demo",
    "BINDER_REQUEST": "v2/gh/example/demo/HEAD",
}
"""Some of what BinderHub sets for the servers that it starts."""

OPTIONS = ("--ServerApp.trust_xheaders=True", "--ServerApp.allow_origin=*", "--ServerApp.allow_origin_pat=.*")
"""How BinderHub starts them (binderhub/binderspawner_mixin.py), with what mybinder.org configures."""


class Hub(BaseHTTPRequestHandler):
    """What is said of a server that does not run: 424 by JupyterHub, 404 by other proxies."""

    status = 424

    def _answer(self) -> None:
        body = b'{"message": "JupyterHub server no longer running"}'
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer

    def log_message(self, format: str, *arguments: object) -> None:
        pass


class BinderProxy:
    """configurable-http-proxy with a route to one server, as JupyterHub sets it; `url` is what a browser is given."""

    def __init__(self, server: LiveServer, folder: Path) -> None:
        self.server = server
        self.port, self._api_port = _free_port(), _free_port()
        self.url = f"https://127.0.0.1:{self.port}{server.base_url}"
        self._token = secrets.token_hex(16)
        self._hub: ThreadingHTTPServer | None = None
        key, certificate = _certificate(folder)
        node = shutil.which("node")
        assert node, "scripts/test installs Node"
        self._process = subprocess.Popen(
            [node, str(MODULES / ".bin" / "configurable-http-proxy"), "--ip=127.0.0.1", f"--port={self.port}"]
            + ["--api-ip=127.0.0.1", f"--api-port={self._api_port}", f"--ssl-key={key}", f"--ssl-cert={certificate}"],
            env={**os.environ, "CONFIGPROXY_AUTH_TOKEN": self._token},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()
        self._open_route()

    def cull(self, status: int = 424) -> None:
        """End the server as the hub's culler does: it is stopped, and the hub answers at its address."""
        self.server.stop()
        self._hub = ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Hub,), {"status": status}))
        threading.Thread(target=self._hub.serve_forever, daemon=True).start()
        self._ask("POST", "api/routes/", {"target": f"http://127.0.0.1:{self._hub.server_port}"})
        self._ask("DELETE", self._route)

    def revive(self) -> None:
        """The server is there again, with all it had, as if it had only been out of reach."""
        self.server.start()
        self._open_route()

    def close(self) -> None:
        if self._hub:
            self._hub.shutdown()
            self._hub.server_close()
        self._process.terminate()
        self._process.wait(30)

    def _open_route(self) -> None:
        self._ask("POST", self._route, {"target": f"http://127.0.0.1:{self.server.port}"})

    @property
    def _route(self) -> str:
        return f"api/routes{self.server.base_url.rstrip('/')}"

    def _ask(self, method: str, path: str, body: Any = None) -> None:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self._token}"}
        with urlopen(Request(f"http://127.0.0.1:{self._api_port}/{path}", data, headers, method=method), timeout=30):
            pass

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(URLError, ConnectionError):
                return self._ask("GET", "api/routes")
            time.sleep(0.1)
        raise AssertionError(f"configurable-http-proxy did not start: {self._process.poll()}")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Files with a key and a certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    key_file, certificate = folder / "key.pem", folder / "certificate.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return key_file, certificate


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
