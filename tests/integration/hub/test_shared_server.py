"""A server that a group shares: who may enter, look, edit, and how they are shown."""

from __future__ import annotations

from urllib.error import HTTPError

import pytest
from deployed import DeployedHub, Visitor
from processes.people import all_see, write

from jupyter_live.testing import LiveClient


async def enter(hub: DeployedHub, name: str, path: str) -> LiveClient:
    server = hub.entrance(name)
    return await LiveClient(server, path, "text", "file").open(headers=server.headers)


async def test_an_editor_and_a_viewer_in_one_file(hub: DeployedHub) -> None:
    file = hub.work / "shared.txt"
    file.write_text("begun\n")
    ada, bob = [await enter(hub, name, "shared.txt") for name in ("ada", "bob")]
    assert ada.latest("hello")["role"] == "writer" and bob.latest("hello")["role"] == "viewer"
    write(ada, "by ada")
    await all_see([ada, bob], "by ada")
    await ada.until(lambda: ada.is_saved)
    assert file.read_text() == "begun\nby ada\n"
    write(bob, "by bob")
    await bob.until(lambda: bob.latest("refused"))
    assert bob.latest("refused")["code"] == "read_only" and "by bob" not in str(ada.text) + file.read_text()
    for person in (ada, bob):
        await person.close()


async def test_people_are_shown_as_the_hub_knows_them(hub: DeployedHub) -> None:
    (hub.work / "seen.txt").write_text("begun\n")
    ada, bob = [await enter(hub, name, "seen.txt") for name in ("ada", "bob")]
    await ada.show(here="ada")
    await bob.until(lambda: ada.doc.client_id in bob.awareness)
    shown = bob.awareness[ada.doc.client_id]
    assert shown and shown["user"] == {
        "username": "ada",
        "name": "Ada Lovelace",
        "display_name": "Ada Lovelace",
        "initials": "AL",
        "avatar_url": None,
        "color": "#0072b2",
    }
    assert bob.latest("hello")["user"]["initials"] == "BK"
    for person in (ada, bob):
        await person.close()


def test_a_viewer_may_change_nothing_and_run_nothing(hub: DeployedHub) -> None:
    editor, viewer = hub.entrance("ada"), hub.entrance("bob")
    model = {"type": "file", "format": "text", "content": "x"}
    for method, path, body in (
        ("PUT", "api/contents/by-hand.txt", model),
        ("POST", "api/kernels", {}),
        ("POST", "api/sessions", {"path": "x.ipynb", "type": "notebook", "name": "x", "kernel": {"name": "python3"}}),
        ("POST", "api/terminals", {}),
    ):
        assert viewer.request(method, path, body)[0] == 403, path
        assert editor.request(method, path, body)[0] in (200, 201), path
    assert viewer.request("GET", "api/contents/by-hand.txt")[1]["content"] == "x"
    assert viewer.request("DELETE", "api/contents/by-hand.txt")[0] == 403


def test_a_stranger_does_not_get_in(hub: DeployedHub) -> None:
    assert hub.entrance("eve").session("shared.txt", "text", "file")[0] == 403
    assert hub.entrance("eve").request("GET", "api/contents")[0] == 403
    status, text, _ = Visitor(hub).sign_in("eve").get("/user/analysis/lab")
    assert status == 403 and "shared.txt" not in text


def test_only_editors_start_it(hub: DeployedHub) -> None:
    for name in ("bob", "eve"):
        with pytest.raises(HTTPError) as refused:
            hub.ask("POST", "users/analysis/server", {}, hub.token(name))
        assert refused.value.code in (403, 404)
