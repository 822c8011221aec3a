"""A middleware: what every answer of the sign-in has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings


def guarded(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Cookies are Secure where the request came by https; the page loads nothing, and stands in no frame.

    Not SESSION_COOKIE_SECURE: a relay does not know before whether a proxy in front of it speaks TLS.
    """
    targets = " ".join(["'self'", *settings.CSRF_TRUSTED_ORIGINS])  # browsers hold redirects after a form to it, too
    policy = f"default-src 'none'; style-src 'unsafe-inline'; form-action {targets}"
    headers = {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'; base-uri 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }

    def answer(request: Any) -> Any:
        response = get_response(request)
        for name, value in headers.items():
            response[name] = value
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response

    return answer
