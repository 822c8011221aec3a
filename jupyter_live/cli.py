"""The command `jupyter live`."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from jupyter_live.errors import LiveError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns the exit status."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
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

    keys = commands.add_parser("new-key", help="add a new key in front of those of a file, which is made if need be")
    keys.add_argument("file", type=Path)
    keys.set_defaults(run=_new_key)
    return parser


def _serve(given: argparse.Namespace) -> int:
    from jupyter_live.asgi import RelayServer, Settings
    from jupyter_live.serving import serve

    origins = given.origin or os.environ.get("JUPYTER_LIVE_ORIGINS", "").replace(",", " ").split()
    settings = Settings(given.database, given.layer, Path(given.keys), tuple(origins))
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
        on_ready=lambda port: print(f"Jupyter Live serves on http://{given.host}:{port}", flush=True),
        proxy_headers=given.proxy_headers,
    )
    return 0


def _new_key(given: argparse.Namespace) -> int:
    known = given.file.read_text() if given.file.exists() else ""
    fresh = given.file.with_name(f"{given.file.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{secrets.token_urlsafe(48)}\n{known}")
    fresh.replace(given.file)  # at once: whoever reads it meanwhile finds the one or the other
    return 0


if __name__ == "__main__":
    sys.exit(main())
