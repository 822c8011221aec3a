"""What a load balancer is told, by either server."""

from __future__ import annotations

import json

import pytest

from .conftest import Run

SERVERS = pytest.mark.parametrize("server", ["daphne", "uvicorn"])


@SERVERS
async def test_all_is_well(run: Run, server: str) -> None:
    toy = run(server)
    for path in ("healthz", "readyz"):
        status, body = await toy.ask("GET", path)
        assert (status, json.loads(body)) == (200, {"status": "ok"})
        assert await toy.ask("HEAD", path) == (200, b"")


@SERVERS
async def test_what_is_missing_is_told(run: Run, server: str) -> None:
    toy = run(server, missing={"database": "unreachable"})
    status, body = await toy.ask("GET", "readyz")
    assert (status, json.loads(body)) == (503, {"database": "unreachable"})
    assert (await toy.ask("GET", "healthz"))[0] == 200


@pytest.mark.parametrize("how, told", [("never", "no answer within 2 s"), ("broken", "failed")])
async def test_readiness_that_cannot_be_told(run: Run, how: str, told: str) -> None:
    toy = run(ready=how)
    for _ in range(2):
        status, body = await toy.ask("GET", "readyz")
        assert (status, json.loads(body)) == (503, {"readiness": told})
    assert (await toy.ask("GET", "healthz"))[0] == 200


async def test_below_a_base_path_and_nowhere_else(run: Run) -> None:
    toy = run(base="/base/")
    assert (await toy.ask("GET", "base/healthz"))[0] == 200
    assert (await toy.ask("GET", "base/readyz"))[0] == 200
    assert (await toy.ask("GET", "healthz"))[0] == 500, "the application knows no such path"


async def test_other_methods_are_the_applications(run: Run) -> None:
    assert (await run().ask("POST", "healthz"))[0] == 500
