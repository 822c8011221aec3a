"""What log records tell beside their message: which document, which connection, which error code.

The ids are in context variables, so that no call that logs has to name them. What a task begins inherits the document;
the connection is told only by what the consumer of a socket does itself: a save that it set off is everybody's.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from datetime import datetime, timezone
from typing import Any, TypeVar

from jupyter_live.errors import ERRORS, LiveError

DOCUMENT_LIMIT = 200  # characters: what a socket asks for may be anything

FORMATS = ("text", "json")

T = TypeVar("T")

Owns = Callable[["asyncio.Task[Any]"], bool]

_CODE = re.compile(r"(\w+): ")


class Connection:
    """One socket, as its log records name it. `owns` tells the tasks of its consumer from what they have begun."""

    def __init__(self, document: str, owns: Owns) -> None:
        self.document = "".join(each if each.isprintable() else "?" for each in document[:DOCUMENT_LIMIT])
        self.id = secrets.token_hex(4)
        self._owns = owns
        self._is_called = False
        with self.inherited():
            self._context = copy_context()

    @property
    def is_speaking(self) -> bool:
        """Whether what is logged now is of this socket."""
        return self._is_called or _is(self._owns)

    def run(self, call: Callable[[T], None], argument: T) -> None:
        """Call on behalf of this socket, from outside of its tasks. For every frame, which costs 0.4 us."""
        self._is_called = True
        try:
            self._context.run(call, argument)
        finally:
            self._is_called = False

    def end(self) -> None:
        """Let go of the consumer. What it began may go on in this context, as what it has opened for others does."""
        self._owns = _nobody

    @contextmanager
    def inherited(self) -> Iterator[None]:
        """What begins in here is of this document, and of this socket where it `owns` the task."""
        with about(self.document):
            token = _connection.set(self)
            try:
                yield
            finally:
                _connection.reset(token)


_document: ContextVar[str] = ContextVar("document", default="")
_connection: ContextVar[Connection | None] = ContextVar("connection", default=None)


@contextmanager
def about(document: str) -> Iterator[None]:
    """What is logged in here is of this document and of no connection, also by tasks that begin here."""
    tokens = _document.set(document), _connection.set(None)
    try:
        yield
    finally:
        _document.reset(tokens[0])
        _connection.reset(tokens[1])


class Ids(logging.Filter):
    """Gives each record `document`, `connection` and `code`, which are empty where they are not known."""

    def filter(self, record: logging.LogRecord) -> bool:
        connection = _connection.get()
        record.document = _document.get()
        record.connection = connection.id if connection and connection.is_speaking else ""
        record.code = _code(record)
        return True


class TextFormatter(logging.Formatter):
    """For people to read."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s%(ids)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        ids = [value for name in ("document", "connection") if (value := getattr(record, name, ""))]
        record.ids = f" [{' '.join(ids)}]" if ids else ""
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line; `document`, `connection`, `code` and `exception` only where there are some."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("code", "document", "connection"):
            if value := getattr(record, name, ""):
                told[name] = value
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)


def begin(log_format: str) -> None:
    """Have all that is logged in this process written to stderr, in one of `FORMATS`."""
    handler = logging.StreamHandler()
    handler.addFilter(Ids())
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(True)


def _code(record: logging.LogRecord) -> str:
    """Of the error that a record tells of, or with which it begins."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    for argument in arguments:
        if isinstance(argument, LiveError):
            return argument.code
    begun = _CODE.match(record.getMessage())
    return begun[1] if begun and begun[1] in ERRORS else ""


def _nobody(task: asyncio.Task[Any]) -> bool:
    return False


def _is(owns: Owns) -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # a thread without a loop
        return False
    return task is not None and owns(task)
