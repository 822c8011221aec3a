"""The pages: signing in, who is signed in, signing out."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from redis import RedisError

from jupyter_live.login.attempts import WINDOW, Attempts, TooMany

log = logging.getLogger(__name__)

TOO_MANY = f"Too many failed attempts. Wait {WINDOW // 60} minutes, then try again."
UNAVAILABLE = "Nobody can sign in at the moment. Try again in a minute."
STATUSES = {"too_many": 429, "unavailable": 503}


class SignInForm(AuthenticationForm):
    """Name and password, which may not be tried too often."""

    error_messages = {
        "invalid_login": "The user name or the password is wrong. Both are case-sensitive.",
        "inactive": "This account is switched off.",
    }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, label_suffix="", **options)
        self.fields["username"].label = "User name"

    def clean(self) -> Any:
        name, address = self.cleaned_data.get("username"), self.request.META.get("REMOTE_ADDR", "")
        if name is None or not self.cleaned_data.get("password"):
            return self.cleaned_data
        attempts = Attempts(name, address)
        try:
            attempts.begin()
            cleaned = super().clean()
            attempts.succeeded()
        except TooMany as error:
            log.warning("too many failed attempts to sign in as %r from %s (%s)", name, address, error)
            raise ValidationError(TOO_MANY, code="too_many") from error
        except RedisError as error:
            log.error("layer_failed: nobody can sign in: %r", error)
            raise ValidationError(UNAVAILABLE, code="unavailable") from error
        return cleaned


class OnlyToOurOrigins:
    """Lets `next` lead to this server and to the pages that may connect, and nowhere else.

    Django's own check takes names of hosts only: it would let a page that is known by https be asked for by http.
    """

    request: Any

    def get_success_url_allowed_hosts(self) -> set[str]:
        return {self.request.get_host(), *(urlsplit(origin).netloc for origin in settings.CSRF_TRUSTED_ORIGINS)}

    def get_redirect_url(self) -> str:
        url: str = super().get_redirect_url()  # type: ignore[misc]
        parts = urlsplit(url)
        origin = f"{parts.scheme or self.request.scheme}://{parts.netloc}".lower()
        known = {f"{self.request.scheme}://{self.request.get_host()}".lower(), *settings.CSRF_TRUSTED_ORIGINS}
        return url if not parts.netloc or origin in known else ""


class SignIn(OnlyToOurOrigins, LoginView):
    """GET shows who is signed in, or the form; POST signs in."""

    template_name = "login.html"
    authentication_form = SignInForm

    def form_valid(self, form: Any) -> Any:
        SessionStore.clear_expired()  # nobody else would
        log.info("%s signs in", form.get_user().get_username())
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> Any:
        codes = [error.code for error in form.non_field_errors().as_data()]
        status = next((STATUSES[code] for code in codes if code in STATUSES), 200)
        response = self.render_to_response(self.get_context_data(form=form), status=status)
        if status != 200:
            response["Retry-After"] = str(WINDOW if status == 429 else 60)
        return response


class SignOut(OnlyToOurOrigins, LogoutView):
    """POST signs out. Sockets that are open stay so until they are closed."""


def too_old(request: Any, reason: str = "") -> HttpResponse:
    """The answer to a form that has not our token."""
    text = "The form is too old, or your browser keeps no cookies. Go back, reload the page and try again.\n"
    return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")


def failed(request: Any) -> HttpResponse:
    """The answer when something broke, say the database is away."""
    text = "The server met an error. It is in the server's log. Try again in a minute.\n"
    return HttpResponse(text, status=500, content_type="text/plain; charset=utf-8")
