"""A database that several processes share: reached, and made ready by whoever comes first."""

from __future__ import annotations

from django.core.management import call_command
from django.db import DatabaseError, connection

from jupyter_live.errors import LiveError

MIGRATING = 7_531_246  # any number that is ours: the advisory lock of PostgreSQL that migrations take


def prepare_shared(shown: str) -> None:
    """Create or migrate the tables. Raises LiveError `not_ready` when the database cannot be reached.

    `shown` is its address as logs may show it.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
            try:
                call_command("migrate", verbosity=0, interactive=False)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
    except DatabaseError as error:
        raise LiveError("not_ready", f"the database {shown} cannot be used: {str(error).strip()}") from error
    finally:
        connection.close()  # this thread's: the log's thread opens its own
