"""Changes that were not confirmed when their tab was closed: a warning, and no loss."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, WebSocketRoute, expect

from jupyter_live.testing import LiveServer

from .conftest import Notebook, sources_on_disk, write_notebook
from .pages import Person
from .proxy import CutProxy

Come = Callable[..., Person]
OpenBoth = Callable[[str], tuple[Person, Person]]


@pytest.mark.parametrize("new_history", [False, True])
def test_offline_changes_of_a_closed_tab_are_sent_when_the_document_is_opened_again(
    own_lab: LiveServer, come: Come, new_history: bool
) -> None:
    write_notebook(own_lab.work / "n.ipynb", "first", "second")
    proxy = CutProxy(own_lab.port)
    ada = come(own_lab, f"ada-closed-{new_history}", proxy.url).open("n.ipynb")
    ada.type_in(0, " online")
    ada.saved()
    proxy.cut()
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("kept in this browser")
    ada.type_in(1, " offline")
    ada.page.wait_for_timeout(600)  # longer than it takes to keep it
    ada.new_tab()
    own_lab.stop(signal.SIGKILL)
    if new_history:
        own_lab.lose_database()
    own_lab.start()
    own_lab.session("n.ipynb")
    proxy.heal()
    ada.open("n.ipynb")
    wanted = ["first online offline", "second offline"]
    assert ada.sources == wanted
    expect(ada.toasts).to_contain_text("Your unsent changes")
    ada.shot("reopened")
    ada.until(lambda: sources_on_disk(own_lab, "n.ipynb") == wanted, "the file")
    # Once only.
    ada.page.reload()
    ada.ready()
    assert ada.sources == wanted
    expect(ada.toasts).to_have_count(0)


KEPT = """async () => {
  const opened = indexedDB.open('jupyter-live');
  await new Promise(resolve => (opened.onsuccess = resolve));
  const all = opened.result.transaction('entries').objectStore('entries').getAll();
  await new Promise(resolve => (all.onsuccess = resolve));
  opened.result.close();
  return all.result.length;
}"""


def test_a_second_tab_leaves_alone_what_a_living_one_keeps(come: Come, lab: LiveServer, notebook: Notebook) -> None:
    path = notebook("first")
    ada = come(lab, "ada-two-tabs")
    sockets: list[WebSocketRoute] = []
    is_cut = False

    def connect(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.close() if is_cut else socket.connect_to_server()

    ada.page.route_web_socket("**/room/json**", connect)
    ada.open(path)
    is_cut = True
    sockets[-1].close()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("kept in this browser")
    assert ada.page.evaluate(KEPT) == 1
    first = ada.page
    ada.page = ada.context.new_page()
    ada.open(path)
    assert ada.sources == ["first"]
    is_cut = False
    expect(ada.editor(0)).to_have_text("first offline")
    ada.until(lambda: first.evaluate(KEPT) == 0, "nothing is kept that is confirmed")
    assert ada.sources == ["first offline"]


def test_a_tab_that_is_still_open_sends_what_another_one_left_behind(own_lab: LiveServer, come: Come) -> None:
    write_notebook(own_lab.work / "n.ipynb", "first", "second")
    proxy = CutProxy(own_lab.port)
    ada = come(own_lab, "ada-leaves-one", proxy.url).open("n.ipynb")
    closing = ada.page
    ada.page = ada.context.new_page()
    ada.open("n.ipynb")
    staying, ada.page = ada.page, closing
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("8 changes kept in this browser")
    closing.close()
    ada.page = staying
    proxy.heal()
    ada.comes_to(["first offline", "second"])
    expect(ada.toasts).to_contain_text("Your unsent changes")
    ada.until(lambda: ada.page.evaluate(KEPT) == 0, "nothing is kept that was sent")


def test_a_tab_that_is_in_step_waits_for_what_another_one_leaves_behind(own_lab: LiveServer, come: Come) -> None:
    write_notebook(own_lab.work / "n.ipynb", "first", "second")
    proxy = CutProxy(own_lab.port)
    ada = come(own_lab, "ada-waits-for-one", proxy.url)
    is_cut = False

    def connect(socket: WebSocketRoute) -> None:
        socket.close() if is_cut else socket.connect_to_server()

    ada.page.route_web_socket("**/room/json**", connect)
    ada.open("n.ipynb")
    closing = ada.page
    ada.page = ada.context.new_page()
    ada.open("n.ipynb")
    staying, ada.page = ada.page, closing
    is_cut = True
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("8 changes kept in this browser")
    ada.page = staying
    proxy.heal()
    ada.saved()
    assert ada.sources == ["first", "second"]
    closing.close()
    ada.comes_to(["first offline", "second"])
    expect(ada.toasts).to_contain_text("Your unsent changes")
    ada.until(lambda: ada.page.evaluate(KEPT) == 0, "nothing is kept that was sent")


AGE = """async () => {
  const opened = indexedDB.open('jupyter-live');
  await new Promise(resolve => (opened.onsuccess = resolve));
  const work = opened.result.transaction('entries', 'readwrite');
  const all = work.objectStore('entries').getAll();
  await new Promise(resolve => (all.onsuccess = resolve));
  all.result.forEach(entry => work.objectStore('entries').put({ ...entry, time: entry.time - 3600000 }));
  await new Promise(resolve => (work.oncomplete = resolve));
  opened.result.close();
}"""


def test_a_page_that_starts_tells_what_was_left_behind_in_other_documents(
    come: Come, lab: LiveServer, notebook: Notebook
) -> None:
    path = notebook("first")
    proxy = CutProxy(lab.port)
    ada = come(lab, "ada-forgets", proxy.url).open(path)
    proxy.cut()
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("kept in this browser")
    ada.new_tab()
    proxy.heal()
    ada.goto()
    ada.page.evaluate(AGE)
    expect(ada.toasts).to_contain_text(f"Unsent changes to {path}")
    ada.shot("left-behind")
    ada.toasts.get_by_role("button", name="Open").click()
    ada.ready()
    expect(ada.editor(0)).to_have_text("first offline")
    ada.until(lambda: sources_on_disk(lab, path) == ["first offline"], "the file")


def test_closing_the_browser_tab_warns_while_changes_are_unconfirmed(
    come: Come, lab: LiveServer, notebook: Notebook
) -> None:
    proxy = CutProxy(lab.port)
    ada = come(lab, "ada-leaves", proxy.url).open(notebook("first"))
    warnings: list[str] = []

    def note(dialog: Dialog) -> None:
        warnings.append(dialog.type)
        dialog.dismiss()

    ada.page.on("dialog", note)
    ada.type_in(0, " online")
    ada.saved()
    proxy.cut()
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("kept in this browser")
    ada.page.close(run_before_unload=True)
    ada.until(lambda: warnings == ["beforeunload"], "the warning")
    proxy.heal()
    ada.saved()
    with ada.page.expect_event("close"):
        ada.page.close(run_before_unload=True)
    assert warnings == ["beforeunload"]


def test_closing_the_document_asks_while_changes_are_unconfirmed(
    come: Come, lab: LiveServer, notebook: Notebook
) -> None:
    path = notebook("first")
    proxy = CutProxy(lab.port)
    ada = come(lab, "ada-closes", proxy.url).open(path)
    ada.type_in(0, " online")
    ada.command("application:close")  # confirmed within a moment: nobody is asked
    expect(ada.page.locator(".jp-Notebook")).to_have_count(0)
    ada.open(path)
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("kept in this browser")
    ada.command("application:close")
    expect(ada.dialogs).to_contain_text("kept in this browser")
    ada.shot("closing")
    ada.page.get_by_role("button", name="Cancel").click()
    expect(ada.editor(0)).to_have_text("first online offline")
    ada.command("application:close")
    ada.dialogs.get_by_role("button", name="Close", exact=True).click()
    expect(ada.page.locator(".jp-Notebook")).to_have_count(0)
    expect(ada.dialogs).to_have_count(0)
    proxy.heal()
    ada.page.evaluate("path => { window.jupyterapp.commands.execute('docmanager:open', {path}); }", path)
    ada.ready()
    expect(ada.editor(0)).to_have_text("first online offline")
    ada.until(lambda: sources_on_disk(lab, path) == ["first online offline"], "the file")


def test_closing_the_document_can_wait_for_the_server(come: Come, lab: LiveServer, notebook: Notebook) -> None:
    path = notebook("first")
    proxy = CutProxy(lab.port)
    ada = come(lab, "ada-waits", proxy.url).open(path)
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(0, " offline")
    ada.command("application:close")
    ada.page.get_by_role("button", name="Close when they are sent").click()
    expect(ada.editor(0)).to_have_text("first offline")
    proxy.heal()
    expect(ada.page.locator(".jp-Notebook")).to_have_count(0)
    ada.until(lambda: sources_on_disk(lab, path) == ["first offline"], "the file")


def test_who_waits_with_closing_may_think_again(come: Come, lab: LiveServer, notebook: Notebook) -> None:
    path = notebook("first")
    proxy = CutProxy(lab.port)
    ada = come(lab, "ada-thinks-again", proxy.url).open(path)
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(0, " offline")
    ada.command("application:close")
    ada.dialogs.get_by_role("button", name="Close when they are sent").click()
    ada.command("application:close")
    ada.dialogs.get_by_role("button", name="Cancel").click()
    proxy.heal()
    ada.saved()
    expect(ada.editor(0)).to_have_text("first offline")


def test_changes_of_a_closed_tab_follow_a_rename(come: Come, lab: LiveServer, notebook: Notebook) -> None:
    path = notebook("first")
    proxy = CutProxy(lab.port)
    ada = come(lab, "ada-renamed", proxy.url).open(path)
    proxy.cut()
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("kept in this browser")
    ada.new_tab()
    assert lab.request("PATCH", f"api/contents/{path}", {"path": "moved-on.ipynb"})[0] == 200
    proxy.heal()
    ada.open("moved-on.ipynb")
    expect(ada.editor(0)).to_have_text("first offline")
    expect(ada.toasts).to_contain_text("Your unsent changes")
    ada.until(lambda: sources_on_disk(lab, "moved-on.ipynb") == ["first offline"], "the file")
    assert not (lab.work / path).exists()
    ada.until(lambda: ada.page.evaluate(KEPT) == 0, "nothing is kept that was sent")


def test_closing_all_documents_asks_for_each_with_unconfirmed_changes(
    come: Come, lab: LiveServer, notebook: Notebook
) -> None:
    path = notebook("first")
    other = path.replace(".ipynb", " 2.ipynb")
    write_notebook(lab.work / other, "second")
    proxy = CutProxy(lab.port)
    ada = come(lab, "ada-closes-all", proxy.url).open(path)
    ada.page.evaluate("path => window.jupyterapp.commands.execute('docmanager:open', {path})", other)
    expect(ada.page.locator(".jp-NotebookPanel")).to_have_count(2)
    ada.saved()
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .cm-content").click()
    ada.page.keyboard.press("Control+End")
    ada.page.keyboard.type(" offline")
    expect(ada.status).to_contain_text("8 changes kept in this browser")
    ada.command("application:close-all")
    expect(ada.dialogs).to_contain_text("kept in this browser")
    expect(ada.page.locator(".jp-NotebookPanel")).to_have_count(1)
    ada.dialogs.get_by_role("button", name="Close", exact=True).click()
    expect(ada.page.locator(".jp-NotebookPanel")).to_have_count(0)
    expect(ada.dialogs).to_have_count(0)
    proxy.heal()
    ada.open(other)
    ada.comes_to(["second offline"])
