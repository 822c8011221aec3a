"""A browser that keeps nothing: one works as before, and is told where the changes are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import Notebook, sources_on_disk
from .pages import Person
from .proxy import CutProxy

MISSING = "Object.defineProperty(window, 'indexedDB', {value: undefined})"
REFUSING = """IDBFactory.prototype.open = () => { throw new DOMException('private window', 'SecurityError'); }"""
MUTE = "IDBFactory.prototype.open = () => new EventTarget()"
FULL = """IDBObjectStore.prototype.put = () => { throw new DOMException('the disk is full', 'QuotaExceededError'); }"""


@pytest.mark.parametrize("trouble", [MISSING, REFUSING, MUTE, FULL], ids=["missing", "refusing", "mute", "full"])
def test_without_storage_one_types_on_and_is_told_to_keep_the_page(
    come: Callable[..., Person], lab: LiveServer, notebook: Notebook, trouble: str, request: pytest.FixtureRequest
) -> None:
    path = notebook("first")
    proxy = CutProxy(lab.port)
    ada = come(lab, f"ada-{request.node.callspec.id}", proxy.url)
    ada.context.add_init_script(trouble)
    ada.open(path)
    ada.type_in(0, " online")
    ada.saved()
    proxy.cut()
    expect(ada.status.get_by_role("button")).to_have_text("Offline")  # with nothing unconfirmed
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("8 changes only in this page")
    ada.shot(f"no-storage-{request.node.callspec.id}")
    proxy.heal()
    ada.saved()
    assert ada.sources == ["first online offline"]
    ada.until(lambda: sources_on_disk(lab, path) == ["first online offline"], "the file")
    expect(ada.dialogs).to_have_count(0)
