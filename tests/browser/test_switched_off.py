"""Live editing switched off: documents open as they do without us, and the page says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import as_lab, write_notebook
from .pages import Person


def test_documents_open_for_everybody_by_themselves_and_the_page_says_so(
    tmp_path: Path, come: Callable[..., Person]
) -> None:
    server = as_lab(LiveServer(tmp_path, "--YDocExtension.disable_rtc=True"))
    write_notebook(server.work / "alone.ipynb", "x = 1")
    with server:
        ada = come(server, "ada-off").open("alone.ipynb", status="Not live")
        bob = come(server, "bob-off").open("alone.ipynb", status="Not live")
        ada.type_in(0, " + 1")
        ada.command("docmanager:save")
        ada.until(lambda: "x = 1 + 1" in (server.work / "alone.ipynb").read_text(), "saved by Jupyter itself")
        expect(bob.editor(0)).to_have_text("x = 1")
        expect(ada.avatars).to_have_count(0)
        expect(ada.dialogs).to_have_count(0)
        expect(ada.toasts).to_have_count(0)
        ada.shot("off")
        bob.page.reload()
        bob.ready("Not live")
        expect(bob.editor(0)).to_have_text("x = 1 + 1")
