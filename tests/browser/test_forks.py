"""Forks, through the service that other packages ask JupyterLab for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import sources_on_disk
from .pages import Person

People = Callable[[str], tuple[Person, Person]]

FORKS = """
async () => {
  const app = window.jupyterapp;
  const tokens = [...app.pluginRegistry._services.keys()];
  const token = tokens.find(token => token.name === '@jupyter/docprovider:IForkManagerToken');
  window.forks = await app.resolveOptionalService(token);
  window.told = [];
  window.forks.forkAdded.connect((_, event) => window.told.push(`added ${event.fork_roomid} ${event.username}`));
  window.forks.forkDeleted.connect((_, event) => window.told.push(`deleted ${event.fork_roomid}`));
  const context = app.shell.currentWidget.context;
  const [format, type] = context.model.defaultKernelName === undefined ? ['text', 'file'] : ['json', 'notebook'];
  window.provider = window.forks.getProvider({ documentPath: context.path, format, type });
  return context.model.sharedModel.getState('document_id');
}
"""


def forks_of(person: Person) -> str:
    """Get the service; returns the room of the document that is open."""
    room: str = person.page.evaluate(FORKS)
    return room


def do(person: Person, what: str, told: Any = None) -> Any:
    return person.page.evaluate(f"async told => {{ return {what} }}", told)


def enter(person: Person, made: dict[str, Any]) -> None:
    do(person, "window.provider.connectToForkDoc(told.fork_roomid, told.sessionId)", made)
    expect(person.status).to_contain_text("Fork, kept in the log")


def test_two_people_make_a_fork_work_in_it_and_merge_it(
    people: People, lab: LiveServer, notebook: Callable[..., str]
) -> None:
    path = notebook("a = 1", "b = 1")
    ada, bob = people(path)
    room = forks_of(ada)
    assert forks_of(bob) == room
    told = {"rootId": room, "synchronize": False, "title": "try", "description": ""}
    made = do(ada, "window.forks.createFork(told)", told)
    fork = made["fork_roomid"]
    assert [*do(bob, "window.forks.getAllForks(told)", room)] == [fork]
    bob.until(lambda: do(bob, "window.told")[0].startswith(f"added {fork}"))
    enter(ada, made)
    ada.type_in(0, "\nin the fork")
    expect(ada.status).to_contain_text("Fork, kept in the log")
    bob.type_in(1, "\nin the document")
    bob.saved()
    assert (ada.sources, bob.sources) == (["a = 1\nin the fork", "b = 1"], ["a = 1", "b = 1\nin the document"])
    assert sources_on_disk(lab, path) == bob.sources
    enter(bob, made)
    bob.comes_to(["a = 1\nin the fork", "b = 1"])
    bob.type_in(1, "\nbob, too")
    ada.comes_to(["a = 1\nin the fork", "b = 1\nbob, too"])
    expect(ada.avatars).to_have_count(2)
    ada.shot("fork")
    expect(bob.status).to_contain_text("Fork, kept in the log")
    do(ada, "window.forks.deleteFork({forkId: told, merge: true})", fork)
    # Both are back in the document, which has it all.
    for person in (ada, bob):
        person.until(lambda person=person: "in the fork" in person.sources[0], "the merged document")  # type: ignore[misc]
        person.until(lambda person=person: "in the document" in person.sources[1], "what was there")  # type: ignore[misc]
        person.saved()
    assert ada.sources == bob.sources == sources_on_disk(lab, path)
    assert ada.sources[1].splitlines()[0] == "b = 1" and "bob, too" in ada.sources[1]
    assert do(bob, "window.forks.getAllForks(told)", room) == {}
    bob.until(lambda: do(bob, "window.told")[-1] == f"deleted {fork}")
    expect(ada.toasts).to_contain_text("This is the document itself")
    assert do(ada, "window.jupyterapp.shell.currentWidget.context.model.sharedModel.getState('document_id')") == room
    for person in (ada, bob):
        expect(person.avatars).to_have_count(2)
        expect(person.page.locator(".jp-remote-cursor")).to_have_count(1)
    ada.shot("merged")
    ada.type_in(0, "\nafterwards")
    bob.until(lambda: bob.sources[0].endswith("afterwards"))
    assert (ada.errors, bob.errors) == ([], [])


def test_who_goes_back_to_the_document_takes_nothing_along(
    people: People, lab: LiveServer, notebook: Callable[..., str]
) -> None:
    path = notebook("a = 1")
    ada, bob = people(path)
    room = forks_of(ada)
    made = do(ada, "window.forks.createFork(told)", {"rootId": room, "synchronize": True})
    wrong = do(ada, "window.provider.connectToForkDoc(told).catch(error => error.message)", "0" * 32)
    assert wrong.startswith("No such document")
    enter(ada, made)
    ada.type_in(0, "\nin the fork")
    bob.type_in(0, "\nin the document")
    ada.until(lambda: sorted(ada.sources[0].splitlines()) == ["a = 1", "in the document", "in the fork"])
    assert bob.sources == ["a = 1\nin the document"]
    expect(ada.avatars).to_have_count(1)
    ada.page.keyboard.press("Control+s")
    expect(ada.dialogs).to_contain_text("A fork has no file")
    ada.shot("no-file")
    ada.page.keyboard.press("Escape")
    do(ada, "window.provider.reconnect()")
    ada.comes_to(["a = 1\nin the document"])
    ada.saved()
    assert sources_on_disk(lab, path) == ["a = 1\nin the document"]
    enter(ada, made)
    ada.until(lambda: "in the fork" in ada.sources[0])
    # Nothing is asked: a fork cannot be saved, and is not lost.
    ada.command("application:close")
    expect(ada.page.locator(".jp-Notebook")).to_have_count(0)
    expect(ada.dialogs).to_have_count(0)
    assert [*do(ada, "window.forks.getAllForks(told)", room)] == [made["fork_roomid"]]
    bob.type_in(0, "\nmore")
    bob.saved()
