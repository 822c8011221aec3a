"""Every error a person or a client can meet: one stable code each, in one table.

The code reaches the log line, the HTTP body and the close reason unchanged, so that what a user reports
can be searched for. Imports nothing of ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """How one code shows: HTTP status, WebSocket close code, and what to tell a person.

    Close codes 4400-4499 mean "do not come back": clients of the y-websocket family stop reconnecting.
    """

    status: int
    close: int
    message: str


ERRORS: dict[str, Kind] = {
    # who may come in
    "unauthenticated": Kind(403, 4401, "Not signed in, or the token is wrong or expired. Sign in again."),
    "forbidden": Kind(403, 4403, "You may not open this. Ask its owner for access."),
    "ticket_expired": Kind(403, 4501, "The ticket for this server is too old. You will be connected again."),
    "foreign_origin": Kind(403, 4403, "Refused: page of another origin. See ServerApp.allow_origin."),
    "xsrf": Kind(403, 4403, "The request lacks its XSRF token. Reload the page."),
    "read_only": Kind(403, 4403, "You may look but not edit. Ask the owner for write access."),
    "switched_off": Kind(403, 4403, "Live editing is switched off on this server. See LiveApp.live."),
    # what was asked for
    "bad_request": Kind(400, 4400, "The request is not understood."),
    "unknown_endpoint": Kind(404, 4404, "Nothing is served here. Server and client versions may not fit."),
    "unknown_document": Kind(404, 4404, "No such document. Open it again from the file browser."),
    "unknown_moment": Kind(404, 4404, "This version is not kept any more. Choose another one."),
    "not_restored": Kind(409, 4409, "Somebody has just edited it, and this kind of file cannot be merged. Try again."),
    "unknown_session": Kind(409, 1003, "The document has a new history. Reload."),
    "file_missing": Kind(404, 4404, "The file does not exist (any more)."),
    "open_otherwise": Kind(409, 4409, "The file is open in another way or by another name. Close that first."),
    "is_directory": Kind(400, 4400, "This is a folder, not a file."),
    "invalid_notebook": Kind(400, 4400, "Not a readable notebook (broken JSON?). Open it as text."),
    "invalid_file": Kind(400, 4400, "Not readable as this kind of file. Open it as text."),
    "not_utf8": Kind(400, 4400, "Not UTF-8 text. Open it with a viewer for binary files."),
    "file_too_large": Kind(413, 4413, "The file is too large to edit together. See LiveApp.max_file_size."),
    "unsupported_type": Kind(
        400, 4400, "This kind of file, in this format, is not known here. Is its package installed?"
    ),
    "too_many_forks": Kind(409, 4409, "This document has as many forks as it may have. Merge or delete one first."),
    "fork_of_fork": Kind(400, 4400, "A fork cannot be forked. Fork its document."),
    "fork_elsewhere": Kind(409, 4409, "This fork is open on another server, or has to be opened on another one."),
    "fork_merged": Kind(410, 4410, "This fork was merged into its document and is gone. Open the document."),
    "fork_deleted": Kind(410, 4410, "This fork was deleted. Open its document."),
    # what was sent
    "malformed_frame": Kind(400, 4400, "A message was broken. Reload the page; report it if it stays."),
    "unknown_message": Kind(400, 4400, "A message of an unknown type. Client and server may not fit."),
    "rejected_update": Kind(400, 4400, "A change was broken and was refused. Reload the document."),
    "waiting_too_much": Kind(400, 4400, "Too many changes wait for one never sent. Reload the document."),
    "message_too_big": Kind(413, 1009, "A message was too large. See LiveApp.max_message_size."),
    # what failed here
    "could_not_open": Kind(500, 4500, "The document could not be opened. See the server's log."),
    "server_error": Kind(500, 1011, "The server met an error. It is in the server's log."),
    "restarting": Kind(503, 1012, "The server restarts. You will be connected again."),
    "not_started": Kind(503, 1013, "Jupyter Live could not start. The reason is in the server's log."),
    "not_ready": Kind(503, 1013, "The server is starting. Try again in a moment."),
    # what could not be saved
    "file_changed": Kind(409, 4409, "The file was changed by another program and was left as it is."),
    "file_unreadable": Kind(409, 4409, "The file is half-written or broken. Save to set it aside and write it anew."),
    "file_read_only": Kind(403, 4403, "The file cannot be written: it is read-only."),
    "disk_full": Kind(507, 4507, "The disk is full. Free some space; saving goes on by itself."),
    "no_file": Kind(409, 4409, "A fork has no file: the log keeps it. Merge it to bring it into its document."),
    "save_failed": Kind(500, 4500, "The file could not be saved. Saving is tried again by itself."),
    "layer_failed": Kind(503, 4503, "Edits made on other servers come a second late; their cursors stand still."),
    "file_behind": Kind(503, 4503, "The server that saves this file is gone. Changes are safe in the log."),
    "other_file_ids": Kind(503, 4503, "Another server has this file under another id. See the server's log."),
    "log_failed": Kind(500, 4500, "Changes cannot be logged. They are kept in memory and tried again."),
    "log_temporary": Kind(500, 4500, "Changes are kept in the file only: the log's place cannot be used."),
    "log_set_aside": Kind(500, 4500, "The log was damaged and set aside; a new one has begun."),
}

_REASON_LIMIT = 123  # bytes of a close frame's reason, RFC 6455 section 5.5

# What @jupyter/docprovider looks for in a close reason before it offers to reload the page.
_RELOAD = {"reason": "unknown_session", "reloadable": True}


class LiveError(Exception):
    """An error with a stable code from `ERRORS`. `detail` is for the log and may name paths."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.kind = ERRORS[code]
        self.detail = detail
        super().__init__(f"{code}: {detail or self.kind.message}")

    def __reduce__(self) -> tuple[type[LiveError], tuple[str, str]]:
        return LiveError, (self.code, self.detail)  # as itself out of another process

    def body(self) -> dict[str, str]:
        """What a browser is told: never the detail."""
        return {"code": self.code, "message": self.kind.message}

    def reason(self) -> str:
        """The close reason, at most 123 bytes: code and message, or the code alone."""
        told = self.body() | (_RELOAD if self.code == "unknown_session" else {})
        text = json.dumps(told, separators=(",", ":"))
        return text if len(text.encode()) <= _REASON_LIMIT else json.dumps({"code": self.code})
