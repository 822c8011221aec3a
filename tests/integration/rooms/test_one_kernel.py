"""People who open one notebook at the same moment get the same kernel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_live.testing import LiveServer

WANTED = {"path": "a.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}


def test_sessions_that_are_asked_for_at_once_have_one_kernel(tmp_path: Path) -> None:
    with LiveServer(tmp_path) as server:

        def begin(path: str) -> tuple[int, Any]:
            return server.request("POST", "api/sessions", {**WANTED, "path": path})

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(begin, ["a.ipynb", "a.ipynb", "a.ipynb", "b.ipynb", "b.ipynb"]))
        assert [status for status, _ in answers] == [201] * 5
        kernels = [session["kernel"]["id"] for _, session in answers]
        assert len({*kernels[:3]}) == len({*kernels[3:]}) == 1
        assert len(server.request("GET", "api/kernels")[1]) == 2
        assert len(server.request("GET", "api/sessions")[1]) == 2
        # Another one, once it is gone.
        assert server.request("DELETE", f"api/sessions/{answers[0][1]['id']}")[0] == 204
        again = begin("a.ipynb")[1]
        assert again["kernel"]["id"] not in kernels
        for session in (again, answers[3][1]):
            assert server.request("DELETE", f"api/sessions/{session['id']}")[0] == 204


def test_what_cannot_be_begun_does_not_keep_the_next_one_from_it(tmp_path: Path) -> None:
    with LiveServer(tmp_path) as server:
        wrong = {**WANTED, "kernel": {"name": "no-such-kernel"}}
        assert server.request("POST", "api/sessions", wrong)[0] == 501
        status, session = server.request("POST", "api/sessions", WANTED)
        assert status == 201
        # Jupyter does not stop cleanly while a kernel is only starting.
        assert server.request("DELETE", f"api/sessions/{session['id']}")[0] == 204
