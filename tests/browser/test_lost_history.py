"""The server's database is lost while pages are open: they go on, with every edit once."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import sources_on_disk, write_notebook
from .pages import Person
from .proxy import CutProxy

Come = Callable[..., Person]


def saved(person: Person) -> None:
    person.saved()


MARK = "() => { window.jupyterapp.shell.currentWidget.mark = 'the same widget'; }"
MARKED = "() => window.jupyterapp.shell.currentWidget.mark"


def test_the_history_that_the_pages_hold_is_adopted(own_lab: LiveServer, come: Come) -> None:
    write_notebook(own_lab.work / "n.ipynb", *(f"cell {n}" for n in range(4)))
    ada, bob = (come(own_lab, name).open("n.ipynb") for name in ("ada-adopt", "bob-adopt"))
    ada.type_in(0, " online")
    for person in (ada, bob):
        expect(person.editor(0)).to_have_text("cell 0 online")
        saved(person)
        person.page.evaluate(MARK)
    own_lab.stop(signal.SIGKILL)
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(1, " ada")
    bob.type_in(2, " bob")
    expect(ada.status).to_contain_text("kept in this browser")
    ada.shot("offline-kept")
    own_lab.lose_database()
    own_lab.start()
    wanted = ["cell 0 online", "cell 1 ada", "cell 2 bob", "cell 3"]
    for person in (ada, bob):
        person.comes_to(wanted)
        saved(person)
        expect(person.dialogs).to_have_count(0)
        expect(person.toasts).to_have_count(0)
        assert person.page.evaluate(MARKED) == "the same widget"
    ada.until(lambda: sources_on_disk(own_lab, "n.ipynb") == wanted, "the file")
    ada.type_in(3, " after")
    expect(bob.editor(3)).to_have_text("cell 3 after")


def test_a_new_history_takes_over_what_was_typed_offline(own_lab: LiveServer, come: Come) -> None:
    write_notebook(own_lab.work / "n.ipynb", *(f"cell {n}\n" * 8 + "end" for n in range(8)))
    proxy = CutProxy(own_lab.port)
    ada, bob = (come(own_lab, name, proxy.url).open("n.ipynb") for name in ("ada-rebase", "bob-rebase"))
    ada.type_in(0, " online")
    online = [f"cell {n}\n" * 8 + "end" + (" online" if n == 0 else "") for n in range(8)]
    for person in (ada, bob):
        person.comes_to(online)
        saved(person)
        person.page.evaluate(MARK)
    proxy.cut()
    ada.type_in(5, " ada")
    bob.type_in(2, " bob")
    expect(ada.status).to_contain_text("kept in this browser")
    own_lab.stop(signal.SIGKILL)
    own_lab.lose_database()
    own_lab.start()
    assert own_lab.session("n.ipynb")[0] == 200  # somebody else is first: another history begins
    scroller = ada.page.locator(".jp-WindowedPanel-outer").first
    before = scroller.evaluate("node => node.scrollTop")
    assert before > 0
    proxy.heal()
    wanted = [f"cell {n}\n" * 8 + "end" + {0: " online", 5: " ada", 2: " bob"}.get(n, "") for n in range(8)]
    for person in (ada, bob):
        person.comes_to(wanted)
        saved(person)
        expect(person.dialogs).to_have_count(0)
        expect(person.toasts).to_contain_text("1 cell with your changes was carried over")
        assert person.page.evaluate(MARKED) == "the same widget"
    ada.shot("rebased")
    assert abs(scroller.evaluate("node => node.scrollTop") - before) < 20
    ada.page.keyboard.type("!")  # the cursor is where it was
    ada.until(lambda: ada.sources[5].endswith("end ada!"), "typing goes on")
    bob.until(lambda: bob.sources[5].endswith("end ada!"), "typing goes on")
    ada.page.keyboard.press("Control+z")
    bob.until(lambda: bob.sources[5].endswith("end ada"), "undo")
    ada.until(lambda: sources_on_disk(own_lab, "n.ipynb") == wanted, "the file")


def test_a_text_file_changes_its_history_too(own_lab: LiveServer, come: Come) -> None:
    file = own_lab.work / "t.py"
    file.write_text("".join(f"line {n}\n" for n in range(80)))
    proxy = CutProxy(own_lab.port)
    ada = come(own_lab, "ada-text", proxy.url).open("t.py")
    ada.page.locator(".jp-FileEditor .cm-content").click()
    ada.page.keyboard.press("Control+End")
    ada.page.keyboard.type("online")
    saved(ada)
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.page.keyboard.type(" offline")
    own_lab.stop(signal.SIGKILL)
    own_lab.lose_database()
    file.write_text(file.read_text().replace("line 3\n", "line 3 from outside\n"))
    own_lab.start()
    assert own_lab.session("t.py", "text", "file")[0] == 200
    proxy.heal()
    saved(ada)
    ada.page.keyboard.type("!")
    wanted = "".join(f"line {n}{' from outside' if n == 3 else ''}\n" for n in range(80)) + "online offline!"
    ada.until(lambda: ada.text == wanted, "ada's text")
    ada.until(lambda: file.read_text() == wanted, "the file")
    shown = ada.page.locator(".jp-FileEditor .cm-line").all_inner_texts()
    assert [line for line in shown if "offline" in line] == ["online offline!"]


def test_what_is_typed_while_the_history_changes_is_carried_over_too(own_lab: LiveServer, come: Come) -> None:
    write_notebook(own_lab.work / "n.ipynb", "first", "second")
    proxy = CutProxy(own_lab.port)
    ada = come(own_lab, "ada-busy", proxy.url).open("n.ipynb")
    saved(ada)
    proxy.cut()
    ada.type_in(1, " ")
    own_lab.stop(signal.SIGKILL)
    own_lab.lose_database()
    own_lab.start()
    own_lab.session("n.ipynb")
    proxy.heal()
    typed = "".join(f"{n} " for n in range(120))
    ada.page.keyboard.type(typed, delay=15)
    wanted = ["first", "second " + typed]
    saved(ada)
    ada.until(lambda: ada.sources == wanted, f"{ada.sources} is {wanted}")
    ada.until(lambda: sources_on_disk(own_lab, "n.ipynb") == wanted, "the file")
    expect(ada.dialogs).to_have_count(0)


def test_what_the_server_does_not_take_stays_in_the_browser(own_lab: LiveServer, come: Come) -> None:
    write_notebook(own_lab.work / "n.ipynb", "first")
    proxy = CutProxy(own_lab.port)
    ada = come(own_lab, "ada-refused", proxy.url).open("n.ipynb")
    refusal = {"code": "message_too_big", "message": "A message was too large. See LiveApp.max_message_size."}
    ada.context.route("**/history/**", lambda route: route.fulfill(status=413, json=refusal))
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(0, " offline")
    expect(ada.status).to_contain_text("kept in this browser")
    own_lab.stop(signal.SIGKILL)
    own_lab.lose_database()
    own_lab.start()
    proxy.heal()
    expect(ada.toasts).to_contain_text("Your last changes are kept in this browser")
    expect(ada.status).to_have_text(re.compile("Not connected, [0-9]+ changes kept in this browser"))
    ada.shot("refused")
    with ada.page.expect_download() as download:
        ada.toasts.get_by_role("button", name="Download my version").click()
    assert download.value.suggested_filename == "n.ipynb"
    assert "first offline" in download.value.path().read_text()
    # The next visit tries again, and says that it could not.
    ada.new_tab().open("n.ipynb")
    expect(ada.toasts).to_contain_text("could not be sent")
    ada.shot("refused-again")
    assert ada.sources == ["first"]
    ada.context.unroute("**/history/**")
    ada.new_tab().open("n.ipynb")
    assert ada.sources == ["first offline"]


def test_where_two_sides_changed_a_line_one_chooses_after_the_history_changed(own_lab: LiveServer, come: Come) -> None:
    file = own_lab.work / "n.ipynb"
    write_notebook(file, "first", "second")
    proxy = CutProxy(own_lab.port)
    ada = come(own_lab, "ada-conflict", proxy.url).open("n.ipynb")
    saved(ada)
    proxy.cut()
    expect(ada.status).to_contain_text("Offline")
    ada.type_in(1, " by ada")
    expect(ada.status).to_contain_text("kept in this browser")
    own_lab.stop(signal.SIGKILL)
    own_lab.lose_database()
    file.write_text(file.read_text().replace("second", "second from outside"))
    own_lab.start()
    own_lab.session("n.ipynb")
    proxy.heal()
    ada.comes_to(["first", "second from outside\nsecond by ada"])
    expect(ada.toasts).to_contain_text("Both versions are kept, at cell 2 line 1.")
    ada.toasts.get_by_role("button", name="Review").click()
    expect(ada.dialogs.locator("pre")).to_have_text(["second from outside", "second by ada"])
    ada.shot("conflict-rebased")
    ada.dialogs.get_by_label("Only mine").check()
    ada.dialogs.get_by_role("button", name="Apply").click()
    ada.comes_to(["first", "second by ada"])
    saved(ada)
    assert sources_on_disk(own_lab, "n.ipynb") == ["first", "second by ada"]
