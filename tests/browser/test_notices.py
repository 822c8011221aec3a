"""What cannot be opened or saved: one notice a person understands."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from jupyter_live.testing import LiveServer

from .conftest import SHOTS
from .pages import Person


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("broken.ipynb", b"{ this is no JSON", "Not a readable notebook"),
        ("binary.txt", b"\xff\xfe\x00\x01", "Not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_opened_says_why(
    chromium: Browser, lab: LiveServer, name: str, content: bytes, words: str
) -> None:
    (lab.work / name).write_bytes(content)
    ada = Person(chromium, lab, f"ada-{name.partition('.')[0]}", SHOTS)
    try:
        ada.page.goto(f"{lab.url}lab/workspaces/{ada.name}?token={lab.token}&reset")
        ada.page.wait_for_function("window.jupyterapp && window.jupyterapp.restored.then(() => true)")
        ada.page.evaluate(
            "path => { window.jupyterapp.commands.execute('docmanager:open', {path}).catch(() => undefined); }", name
        )
        expect(ada.page.get_by_text(words).first).to_be_visible()
        ada.page.wait_for_timeout(1000)
        ada.shot(f"cannot-open-{name}")
        assert ada.page.locator(".jp-Dialog, .Toastify__toast").count() == 1
        assert (lab.work / name).read_bytes() == content
    finally:
        ada.close()
