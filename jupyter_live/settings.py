"""Django inside the Jupyter process: configured in code.

A settings *module* would set the process's time zone (and that of every kernel it starts) and leak
DJANGO_SETTINGS_MODULE into kernels; `settings.configure` does neither.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from jupyter_live.config import Config, redacted
from jupyter_live.errors import LiveError

DATABASE = "default"

# Seconds, the last one in ms: after some 20 s a machine that is gone without a word counts as gone.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}

LOCAL_LAYER = {"BACKEND": "jupyter_live.layer.LocalChannelLayer"}


def configure(config: Config, additions: Mapping[str, Any] | None = None) -> None:
    """Configure Django for this process; `additions` are settings beside ours, or in their place.

    Raises RuntimeError when another extension has done so differently, LiveError for addresses that cannot be used.
    """
    if bool(config.database_url) != bool(config.layer_url):
        raise LiveError("not_started", "a shared database needs a channel layer (redis://…), and the other way round")
    apps = (additions or {}).get("INSTALLED_APPS", ["jupyter_live"])
    if settings.configured:
        if not set(apps) <= set(settings.INSTALLED_APPS):
            raise RuntimeError("another extension has configured Django in this process; Jupyter Live needs its own")
        return
    database = _shared(config.database_url) if config.database_url else _sqlite(config)
    _set_up(database, _redis(config.layer_url) if config.layer_url else LOCAL_LAYER, additions or {})


def configure_database(url: str, additions: Mapping[str, Any]) -> None:
    """Configure Django for a command that uses a shared database and serves nobody. Raises LiveError."""
    _set_up(_shared(url), LOCAL_LAYER, additions)


def _set_up(database: dict[str, Any], layer: dict[str, Any], additions: Mapping[str, Any]) -> None:
    import django

    ours = {
        "INSTALLED_APPS": ["jupyter_live"],
        "DATABASES": {DATABASE: database},
        "CHANNEL_LAYERS": {"default": layer},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "LOGGING_CONFIG": None,  # Jupyter's logging is Jupyter's
        "SECRET_KEY": secrets.token_urlsafe(32),
    }
    settings.configure(**{**ours, **additions})
    django.setup()


def _sqlite(config: Config) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(config.database),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # DEFERRED, the default, gave 580 "database is locked" of 1819 read-then-write transactions of 3 processes
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
        },
    }


def _shared(url: str) -> dict[str, Any]:
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise LiveError("not_started", f"the database {redacted(url)} is no postgresql:// address")
    try:
        import dj_database_url
        import psycopg  # noqa: F401  else Django says only later that it lacks a driver
    except ImportError as error:
        raise LiveError("not_started", f"{error}; install jupyter-live[postgres]") from error

    parsed = dj_database_url.parse(url)
    # Kept open, and looked at after each error: a connection that PostgreSQL ended is replaced.
    return {**parsed, "CONN_MAX_AGE": None, "OPTIONS": {**PATIENCE, **parsed.get("OPTIONS", {})}}


def _redis(url: str) -> dict[str, Any]:
    if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
        raise LiveError("not_started", f"the channel layer {redacted(url)} is no redis:// address")
    try:
        import channels_redis  # noqa: F401
    except ImportError as error:
        raise LiveError("not_started", f"{error}; install jupyter-live[redis]") from error

    # A stack a second while Redis is away: relays tell that themselves.
    logging.getLogger("channels_redis.pubsub").setLevel(logging.CRITICAL)
    # One PUBLISH a message, whoever listens; the other layer of channels_redis shares one queue of 100 messages among
    # all documents of a process. Without a timeout of reading: redis-py 8 ends consumers that hear nothing for 5 s.
    host = {"address": url, "socket_timeout": None, "socket_connect_timeout": 5, "health_check_interval": 10}
    return {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [host]}}
