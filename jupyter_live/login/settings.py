"""What Django is told in addition, where people sign in at a relay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from jupyter_live.errors import LiveError

APPS = ("django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions")
PATIENCE = 5  # seconds for an answer of Redis

_VALIDATION = "django.contrib.auth.password_validation"

USERS: dict[str, Any] = {
    "INSTALLED_APPS": ["jupyter_live", *APPS],
    "AUTH_PASSWORD_VALIDATORS": [
        {"NAME": f"{_VALIDATION}.{name}"}
        for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
    ],
}
"""Where users are only kept, not signed in."""


def additions(keys: Sequence[str], origins: Sequence[str], layer: str) -> dict[str, Any]:
    """For a relay at which people sign in. `origins`: of pages to which they may go on; `layer`: Redis' address.

    Raises LiveError `not_started` for the origin "*": a cookie comes along with what any page asks for.
    """
    if "*" in origins:
        raise LiveError("not_started", "sign-in needs origins by name: * would let any page act for who is signed in")
    return {
        **USERS,
        "MIDDLEWARE": [
            "jupyter_live.login.answers.guarded",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        "ROOT_URLCONF": "jupyter_live.login.urls",
        "TEMPLATES": [_templates()],
        "CACHES": {"default": _redis(layer)},
        "SECRET_KEY": keys[0],
        "SECRET_KEY_FALLBACKS": list(keys),
        "SESSION_COOKIE_NAME": "jupyter-live-session",  # HttpOnly and SameSite=Lax are Django's defaults
        "CSRF_COOKIE_NAME": "jupyter-live-csrf",
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_FAILURE_VIEW": "jupyter_live.login.views.too_old",
        "CSRF_TRUSTED_ORIGINS": [origin.lower().rstrip("/") for origin in origins],
        # A proxy may pass on any name. None is put into what we send; that browsers ask for their own is what counts.
        "ALLOWED_HOSTS": ["*"],
        "LOGIN_REDIRECT_URL": "/login/",
        "LOGOUT_REDIRECT_URL": "/login/",
        "USE_I18N": False,
    }


def take(keys: Sequence[str]) -> None:
    """Have Django use these keys from now on: a file of keys may change while a relay runs."""
    if settings.SECRET_KEY_FALLBACKS == list(keys):
        return
    # All of them, and first: who looks in between finds the key of before among them.
    settings.SECRET_KEY_FALLBACKS = list(keys)
    settings.SECRET_KEY = keys[0]


def _templates() -> dict[str, Any]:
    processors = [
        f"django.{name}" for name in ("template.context_processors.request", "contrib.auth.context_processors.auth")
    ]
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {"context_processors": processors},
    }


def _redis(layer: str) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": layer,
        "KEY_PREFIX": "jupyter-live-login",
        "OPTIONS": {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE},
    }
