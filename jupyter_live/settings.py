"""Django inside the Jupyter process: configured in code.

A settings *module* would set the process's time zone (and that of every kernel it starts) and leak
DJANGO_SETTINGS_MODULE into kernels; `settings.configure` does neither.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings

from jupyter_live.config import Config

DATABASE = "default"


def configure(config: Config) -> None:
    """Configure Django for this process. Raises RuntimeError when another extension has done so differently."""
    import django

    if settings.configured:
        if "jupyter_live" not in settings.INSTALLED_APPS:
            raise RuntimeError("another extension has configured Django in this process; Jupyter Live needs its own")
        return
    settings.configure(
        INSTALLED_APPS=["jupyter_live"],
        DATABASES={DATABASE: _sqlite(config)},
        CHANNEL_LAYERS={"default": {"BACKEND": "jupyter_live.layer.LocalChannelLayer"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        LOGGING_CONFIG=None,  # Jupyter's logging is Jupyter's
        SECRET_KEY=secrets.token_urlsafe(32),
    )
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
