"""Adding, changing and deleting those who may sign in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from jupyter_live.errors import LiveError
from jupyter_live.login.people import READ, WRITE, permissions

ROLES: dict[str, tuple[str, ...]] = {"none": (), "viewer": (READ,), "writer": (READ, WRITE)}
"""What each may do with every document."""


def exists(name: str) -> bool:
    """Whether there is a user of this name."""
    return bool(User.objects.filter(username=User.normalize_username(name)).exists())


@transaction.atomic  # type: ignore[untyped-decorator,unused-ignore]
def put(name: str, *, password: str | None, role: str | None, full_name: str | None) -> str:
    """Add or change a user, and switch one on that was inactive; returns what was done. None leaves what there is: a
    new one has no role.

    Raises LiveError `bad_request` for a name or a password that cannot be used, or a new user without a password.
    """
    name = User.normalize_username(name)
    user = User.objects.filter(username=name).first()
    done = "added" if user is None else "changed"
    if user is None and password is None:
        raise LiveError("bad_request", f"there is no user {name!r} yet: a new one needs a password")
    user = user or User(username=name)
    user.is_active = True
    if full_name is not None:
        user.first_name, _, user.last_name = full_name.strip().rpartition(" ")
    _check(user, password)
    if password is not None:
        user.set_password(password)
    user.save()
    if role is not None:
        _give(user, role)
    can = _told(permissions(User.objects.get(pk=user.pk)))
    return f"{done} {name}, who {can}" + (", with a new password" if done == "changed" and password else "")


def delete(name: str) -> str:
    """Delete a user; returns what was done. Raises LiveError `bad_request` when there is none."""
    if not exists(name):
        raise LiveError("bad_request", f"there is no user {name!r}")
    User.objects.get(username=User.normalize_username(name)).delete()
    return f"deleted {name}"


def _check(user: Any, password: str | None) -> None:
    try:
        user.clean_fields(exclude=["password"])
        if password is not None:
            validate_password(password, user)
    except ValidationError as error:
        raise LiveError("bad_request", " ".join(error.messages)) from error


def _give(user: Any, role: str) -> None:
    """Give a role, in place of the one so far. What the user's groups may, and superusers, is not changed."""
    for permission in (READ, WRITE):
        label, codename = permission.split(".")
        found = Permission.objects.get(content_type__app_label=label, codename=codename)
        (user.user_permissions.add if permission in ROLES[role] else user.user_permissions.remove)(found)


def _told(may: frozenset[str]) -> str:
    if "write" in may:
        return "may edit"
    return "may look" if "read" in may else "may open nothing without a ticket (see --role)"
