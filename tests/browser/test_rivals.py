"""Another extension that claims the same place."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, expect

from .conftest import SHOTS, lab_server
from .pages import Person

RIVAL = Path(__file__).parent / "rival"


def test_one_notice_says_that_another_extension_took_our_place(chromium: Browser, tmp_path: Path) -> None:
    server = lab_server(tmp_path)
    # JUPYTER_DATA_DIR is where Jupyter looks for a user's own labextensions.
    shutil.copytree(RIVAL, tmp_path / "data" / "labextensions" / "a-rival")
    with server:
        ada = Person(chromium, server, "ada-rival", SHOTS)
        try:
            ada.page.goto(f"{server.url}lab?token={server.token}&reset")
            notice = ada.page.get_by_text("another extension has taken the place of Jupyter Live")
            expect(notice.first).to_be_visible()
            ada.shot("rival")
            assert ada.page.locator(".Toastify__toast").count() == 1
            assert any(error.startswith("content_provider_taken") for error in ada.errors), ada.errors
        finally:
            ada.close()
