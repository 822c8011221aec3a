"""jupyter-collaboration's own tests of its server (`jupyter-server-ydoc` 3.0.4), unmodified, run against Jupyter Live.

Its tests of loaders, rooms and session stores are not among them: they make these parts of that server by themselves,
and would tell nothing of another one.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from companions import CACHE, Companion, companion

VERSION = "3.0.4"
PACKAGES = [f"jupyter-server-ydoc=={VERSION}", "jupyter-server-fileid[test]", "jupyter-server[test]"]
PACKAGES += ["dirty-equals", "httpx-ws>=0.9,<0.10"]

TESTS = [
    "test_app.py::test_default_settings",
    "test_app.py::test_settings_should_disable_rtc",
    "test_app.py::test_settings_should_change_file_poll",
    "test_app.py::test_settings_should_change_document_cleanup",
    "test_app.py::test_settings_should_change_save_delay",
    "test_app.py::test_settings_should_change_document_progressive_loading",
    "test_app.py::test_settings_should_change_notebook_output_delay_threshold",
    "test_app.py::test_settings_should_change_ystore_class",
    "test_app.py::test_get_document_file",
    "test_app.py::test_get_document_create_room",
    "test_app.py::test_get_document_notebook",
    "test_app.py::test_get_document_file_copy_is_independent",
    "test_documents.py::test_dirty",
    "test_documents.py::test_room_concurrent_initialization",
    "test_documents.py::test_room_sequential_opening",
    "test_handlers.py::test_session_handler_should_create_session_id",
    "test_handlers.py::test_session_handler_should_respond_with_session_id",
    "test_handlers.py::test_session_handler_should_respond_with_not_found",
    "test_handlers.py::test_room_handler_doc_client_should_connect",
    "test_handlers.py::test_room_handler_doc_client_should_emit_awareness_event",
    "test_handlers.py::test_room_handler_doc_client_should_stop_file_watcher",
    "test_handlers.py::test_room_handler_doc_client_should_cleanup_room_file",
    "test_handlers.py::test_fork_handler",
]
"""All of its tests that run the server."""
