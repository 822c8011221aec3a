"""The command `jupyter live`."""

from __future__ import annotations

import argparse
import getpass
import importlib.util
import json
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from jupyter_live import records
from jupyter_live.errors import LiveError
from jupyter_live.operating.asking import Process, ask_all, running_servers
from jupyter_live.operating.showing import table

log = logging.getLogger("jupyter_live.cli")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns the exit status."""
    given = _parser().parse_args(arguments)
    records.begin(getattr(given, "log_format", "text"))
    try:
        run: int = given.run(given)
        return run
    except (LiveError, ImportError, OSError) as error:
        print(f"jupyter live: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jupyter live", description="Live collaboration with several processes.")
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="serve open documents to many people, beside Jupyter servers")
    serve.set_defaults(run=_serve)
    told = "; environment: JUPYTER_LIVE_"
    for name, text in (
        ("database", "postgresql://user:password@host/name, the one of the Jupyter servers"),
        ("layer", "redis://host:port/number, the one of the Jupyter servers"),
        ("keys", "file with the keys that tickets are signed with"),
    ):
        default = os.environ.get(f"JUPYTER_LIVE_{name.upper()}")
        serve.add_argument(f"--{name}", default=default, required=default is None, help=f"{text}{told}{name.upper()}")
    serve.add_argument("--origin", action="append", default=[], help="of the pages that may connect; may be repeated")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=int, default=8765, help="port to listen on, 0 for a free one (%(default)s)")
    serve.add_argument("--proxy-headers", action="store_true", help="believe X-Forwarded-For and -Proto")
    serve.add_argument(
        "--engine",
        choices=["pycrdt", "y-py"],
        default=os.environ.get("JUPYTER_LIVE_ENGINE", "pycrdt"),
        help=f"what merges changes; y-py needs jupyter-live[y-py] (%(default)s){told}ENGINE",
    )
    serve.add_argument(
        "--trust-everybody",
        action="store_true",
        default=os.environ.get("JUPYTER_LIVE_TRUSTS") == "1",
        help="serve others than this machine with an engine that hostile bytes can end: y-py",
    )
    serve.add_argument(
        "--hub",
        action="store_true",
        default=os.environ.get("JUPYTER_LIVE_HUB") == "1",
        help="let people in with tokens of JupyterHub, as a service of it: by JUPYTERHUB_API_URL, JUPYTERHUB_API_TOKEN"
        " and JUPYTERHUB_SERVICE_NAME; with JUPYTERHUB_CLIENT_ID and JUPYTERHUB_SERVICE_PREFIX browsers sign in at the"
        f" hub, too; needs jupyter-live[hub]{told}HUB=1",
    )
    serve.add_argument(
        "--login",
        action="store_true",
        default=os.environ.get("JUPYTER_LIVE_LOGIN") == "1",
        help=f"have people sign in at /login/, whom `jupyter live user` adds{told}LOGIN=1",
    )
    serve.add_argument(
        "--metrics",
        action="store_true",
        default=os.environ.get("JUPYTER_LIVE_METRICS") == "1",
        help="answer GET /metrics (Prometheus; needs jupyter-live[metrics]) and /statusz (`jupyter live status`) on the"
        " same port, to anybody who reaches it: they tell numbers and names of documents, so have the proxy in front"
        f" keep both from the public{told}METRICS=1",
    )
    serve.add_argument(
        "--log-format", choices=records.FORMATS, default="text", help="json is one object a line (%(default)s)"
    )

    status = commands.add_parser("status", help="tell how processes fare; exits with 1 unless all are well")
    status.add_argument(
        "--url",
        action="append",
        default=[],
        help="of a relay that serves with --metrics, or of a Jupyter server with its ?token=; may be repeated",
    )
    status.add_argument(
        "--jupyter",
        action="store_true",
        help="ask the Jupyter servers that `jupyter server list` knows, too: the default where no --url is given",
    )
    status.add_argument("--timeout", type=float, default=5.0, help="seconds for each to answer (%(default)s)")
    status.add_argument("--json", action="store_true", help="print all that they tell, as JSON")
    status.set_defaults(run=_status)

    user = commands.add_parser("user", help="add, change or delete somebody who signs in where --login is given")
    user.add_argument("name")
    default = os.environ.get("JUPYTER_LIVE_DATABASE")
    text = "postgresql://user:password@host/name, the one of the relays"
    user.add_argument("--database", default=default, required=default is None, help=f"{text}{told}DATABASE")
    user.add_argument(
        "--role",
        choices=["none", "viewer", "writer"],
        help="what they may do with every document: look (viewer), edit (writer), or nothing without a ticket;"
        " by default that is nothing for a new user, and for one who is there what it was",
    )
    user.add_argument("--full-name", help="what others see of them")
    user.add_argument("--password-stdin", action="store_true", help="take the password from a line of standard input")
    user.add_argument("--delete", action="store_true", help="delete the user")
    user.set_defaults(run=_user)

    keys = commands.add_parser("new-key", help="add a new key in front of those of a file, which is made if need be")
    keys.add_argument("file", type=Path)
    keys.set_defaults(run=_new_key)
    return parser


def _serve(given: argparse.Namespace) -> int:
    from jupyter_live.asgi import RelayServer, Settings
    from jupyter_live.hub.client import Hub
    from jupyter_live.serving import serve

    origins = given.origin or os.environ.get("JUPYTER_LIVE_ORIGINS", "").replace(",", " ").split()
    settings = Settings(
        *(given.database, given.layer, Path(given.keys), tuple(origins)),
        metrics=given.metrics,
        engine=given.engine,
        trusts=given.trust_everybody,
        hub=Hub.read(os.environ) if given.hub else None,
        login=given.login,
    )
    if given.metrics and importlib.util.find_spec("prometheus_client") is None:
        log.warning("/metrics will answer 404: it needs pip install 'jupyter-live[metrics]'")
    relay = RelayServer(settings)
    serve(
        relay.application,
        host=given.host,
        port=given.port,
        max_message_size=settings.config.max_message_size,
        inbox_limit=settings.config.inbox_limit,
        start=relay.start,
        drain=relay.drain,
        drain_timeout=settings.config.drain_timeout,
        on_ready=lambda port: _ready(f"Jupyter Live serves on http://{given.host}:{port}", given.log_format),
        proxy_headers=given.proxy_headers,
    )
    return 0


def _ready(text: str, log_format: str) -> None:
    if log_format == "json":
        log.info(text)  # one object a line, also where both streams go into one
    else:
        print(text, flush=True)


def _status(given: argparse.Namespace) -> int:
    processes = [Process.at(url) for url in given.url]
    if given.jupyter or not given.url:
        processes += running_servers()
    if not processes:
        print("jupyter live status: no Jupyter server is running, and no --url was given", file=sys.stderr)
        return 1
    answers = ask_all(processes, given.timeout)
    print(json.dumps([answer.body() for answer in answers], indent=2) if given.json else table(answers))
    return 0 if all(answer.is_well for answer in answers) else 1


def _user(given: argparse.Namespace) -> int:
    from jupyter_live.config import redacted
    from jupyter_live.log.shared import prepare_shared
    from jupyter_live.login.settings import USERS
    from jupyter_live.settings import configure_database

    configure_database(given.database, USERS)
    prepare_shared(redacted(given.database))
    from jupyter_live.login import users  # not before: Django's users need what was configured

    if given.delete:
        print(users.delete(given.name))
    else:
        password = _password(users.exists(given.name), given.password_stdin)
        print(users.put(given.name, password=password, role=given.role, full_name=given.full_name))
    return 0


def _password(is_known: bool, from_stdin: bool) -> str | None:
    """None is to leave it as it is. Raises LiveError."""
    if from_stdin:
        if not (line := sys.stdin.readline().rstrip("\r\n")):
            raise LiveError("bad_request", "standard input has no password in its first line")
        return line
    try:
        first = getpass.getpass("Password (empty: as before): " if is_known else "Password: ")
        if first and first != getpass.getpass("The same again: "):
            raise LiveError("bad_request", "the two passwords are not the same")
    except EOFError:
        raise LiveError("bad_request", "nobody types a password; see --password-stdin") from None
    return first or None


def _new_key(given: argparse.Namespace) -> int:
    known = given.file.read_text() if given.file.exists() else ""
    fresh = given.file.with_name(f"{given.file.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{secrets.token_urlsafe(48)}\n{known}")
    fresh.replace(given.file)  # at once: whoever reads it meanwhile finds the one or the other
    return 0


if __name__ == "__main__":
    sys.exit(main())
