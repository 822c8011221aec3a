"""Who opens a notebook at the same moment as others gets the kernel that they get."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jupyter_live.testing import LiveServer
from jupyter_live.testing.guest import Guest


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path) as server:
        (server.work / "sub").mkdir()
        yield server


def begin(guest: Guest, notebook: str, **more: Any) -> dict[str, Any]:
    """Begin a session as JupyterLab does, under a random name in the notebook's folder."""
    folder, _, name = notebook.rpartition("/")
    path = f"{folder}/{uuid.uuid4()}".lstrip("/")
    asked = {"path": path, "name": name, "type": "notebook", "kernel": {"name": "python3"}} | more
    status, session = guest.ask("POST", "api/sessions", asked)
    assert (status, session["path"]) == (201, asked["path"]), session
    return dict(session)


def finish(guest: Guest, session: dict[str, Any], notebook: str) -> None:
    """Give the session the notebook's name, as JupyterLab does next."""
    assert guest.ask("PATCH", f"api/sessions/{session['id']}", {"path": notebook})[0] == 200


def sessions(guest: Guest) -> list[dict[str, Any]]:
    return list(guest.ask("GET", "api/sessions")[1])


def test_people_who_open_a_notebook_at_one_moment_share_a_kernel(server: LiveServer) -> None:
    guests = [Guest(server) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        begun = list(pool.map(lambda guest: begin(guest, "sub/n.ipynb"), guests))
    assert len({session["id"] for session in begun}) == len({session["kernel"]["id"] for session in begun}) == 1
    for guest, session in zip(guests, begun, strict=True):
        finish(guest, session, "sub/n.ipynb")
    assert [session["path"] for session in sessions(guests[0])] == ["sub/n.ipynb"]
    # Somebody whose page looked just before it had this name.
    assert begin(Guest(server), "sub/n.ipynb")["id"] == begun[0]["id"]


def test_other_notebooks_have_kernels_of_their_own(server: LiveServer) -> None:
    ada, bob = Guest(server), Guest(server)
    first = begin(ada, "n.ipynb")
    assert begin(bob, "sub/n.ipynb")["id"] != first["id"]
    assert begin(bob, "m.ipynb")["id"] != first["id"]
    assert begin(bob, "n.ipynb", type="console")["id"] != first["id"]


def test_who_wants_another_kernel_gets_it(server: LiveServer) -> None:
    ada, bob = Guest(server), Guest(server)
    first = begin(ada, "n.ipynb")
    again = begin(ada, "n.ipynb")
    # JupyterLab has the first one of these ended when a kernel is chosen while another one starts.
    assert again["id"] != first["id"]
    chosen = begin(bob, "n.ipynb", kernel={"id": first["kernel"]["id"]})
    assert chosen["id"] not in (first["id"], again["id"])
    assert chosen["kernel"]["id"] == first["kernel"]["id"]


def test_a_session_that_has_ended_is_shared_with_nobody(server: LiveServer) -> None:
    ada, bob = Guest(server), Guest(server)
    first = begin(ada, "n.ipynb")
    finish(ada, first, "n.ipynb")
    server.request("DELETE", f"api/sessions/{first['id']}")
    second = begin(bob, "n.ipynb")
    assert second["id"] != first["id"]
    assert [session["id"] for session in sessions(ada)] == [second["id"]]


def test_a_notebook_in_the_place_of_one_that_was_renamed_has_its_own(server: LiveServer) -> None:
    ada, bob = Guest(server), Guest(server)
    first = begin(ada, "n.ipynb")
    finish(ada, first, "renamed.ipynb")
    assert begin(bob, "n.ipynb")["id"] != first["id"]


def test_where_documents_are_not_shared_kernels_are_neither(tmp_path: Path) -> None:
    with LiveServer(tmp_path, "--LiveApp.live=False") as server:
        assert begin(Guest(server), "n.ipynb")["id"] != begin(Guest(server), "n.ipynb")["id"]
