"""Processes that die, databases that restart, messages that get lost: nothing confirmed is lost, and all converge."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from browser.proxy import CutProxy

from jupyter_live.testing.cluster import Cluster, RelayClient, RelayProcess

from .people import all_logged, all_saved, all_see, is_told, sees, write


async def people_of(cluster: Cluster) -> list[RelayClient]:
    """Ada and Bob at two relays, Cy at the server that has the file."""
    people = [cluster.client("a.txt", via) for via in (*cluster.relays, None)]
    for person in people:
        await person.open()
    return people


async def test_a_relay_that_is_killed_takes_nothing_with_it(fragile: Cluster) -> None:
    ada, bob, cy = await people_of(fragile)
    await ada.show(here="ada")
    await sees(bob, ada, here="ada")
    write(ada, "confirmed")
    await all_logged([ada])
    fragile.relays[0].kill()
    await ada.until(lambda: ada.closed is not None)
    write(ada, "while cut off")
    ada.via = fragile.relays[1]
    await ada.connect()
    await ada.show(here="again")
    await sees(cy, ada, here="again")
    await all_see([ada, bob, cy], "confirmed", "while cut off")
    await all_saved([ada, bob, cy])
    for person in (ada, bob, cy):
        await person.close()


async def test_nobody_is_shown_for_long_whose_relay_is_gone(fragile: Cluster) -> None:
    ada, bob, cy = await people_of(fragile)
    await ada.show(here="ada")
    await sees(cy, ada, here="ada")
    fragile.relays[0].kill()
    await sees(cy, ada, gone=True)
    await sees(bob, ada, gone=True)
    await bob.close()
    await cy.close()


@pytest.mark.parametrize("how", ["kill", "pause", "cut"])
async def test_redis_fails_for_a_while(fragile: Cluster, how: str) -> None:
    people = await people_of(fragile)
    ada, bob, cy = people
    redis = fragile.redis
    for n in range(3):
        write(people[n], f"before {n}")
    await all_see(people, *(f"before {n}" for n in range(3)))
    await asyncio.to_thread(getattr(redis, how))
    for n in range(3):
        write(people[n], f"meanwhile {n}")
    await all_logged(people)
    await all_see(people, *(f"meanwhile {n}" for n in range(3)))  # the log is looked at
    if how != "cut":
        await is_told(ada, "layer_failed")
        await asyncio.to_thread(redis.start if how == "kill" else redis.resume)
    for n in range(3):
        write(people[n], f"after {n}")
    await all_see(people, *(f"after {n}" for n in range(3)))
    await is_told(ada, None)
    await all_saved(people)
    assert (fragile.server.work / "a.txt").read_text() == str(cy.text)
    for person in people:
        await person.close()


@pytest.mark.parametrize("how", ["kill", "restart"])
async def test_the_database_restarts(fragile: Cluster, how: str) -> None:
    people = await people_of(fragile)
    ada, bob, cy = people
    write(ada, "before")
    await all_see(people, "before")
    if how == "kill":
        await asyncio.to_thread(fragile.postgres.kill)
        for n in range(3):
            write(people[n], f"meanwhile {n}")
        await is_told(ada, "log_failed")
        assert not ada.is_logged
        await asyncio.to_thread(fragile.postgres.start)
    else:
        await asyncio.to_thread(fragile.postgres.restart)
        for n in range(3):
            write(people[n], f"meanwhile {n}")
    await all_see(people, *(f"meanwhile {n}" for n in range(3)))
    await all_saved(people)
    assert (fragile.server.work / "a.txt").read_text() == str(cy.text)
    for person in people:
        await person.close()


async def test_a_database_that_hangs_is_told_and_waited_for(fragile: Cluster) -> None:
    people = await people_of(fragile)
    ada, _, cy = people
    await asyncio.to_thread(fragile.postgres.pause)
    for n in range(3):
        write(people[n], f"meanwhile {n}")
    await is_told(ada, "log_failed")
    await is_told(cy, "log_failed")
    await asyncio.sleep(10)  # longer than a lease lasts
    assert not ada.is_logged
    await asyncio.to_thread(fragile.postgres.resume)
    await all_see(people, *(f"meanwhile {n}" for n in range(3)))
    await all_saved(people)
    assert (fragile.server.work / "a.txt").read_text() == str(cy.text)
    for person in people:
        await person.close()


async def test_a_relay_that_is_cut_off_from_all_others(fragile: Cluster, tmp_path: Path) -> None:
    """From Redis and PostgreSQL; only the people at it still reach it."""
    redis, postgres = CutProxy(fragile.redis.port), CutProxy(fragile.postgres.port)
    through = fragile.database.replace(str(fragile.postgres.port), str(postgres.port))
    relay = RelayProcess(tmp_path / "far", through, f"redis://127.0.0.1:{redis.port}/0", fragile.keys)
    with relay:
        ada, bob = await fragile.client("a.txt", relay).open(), await fragile.client("a.txt", relay).open()
        cy = await fragile.client("a.txt", fragile.relays[0]).open()
        people = [ada, bob, cy]
        for proxy in (redis, postgres):
            proxy.cut()
        write(ada, "on the island")
        write(cy, "on the mainland")
        await bob.until(lambda: "on the island" in str(bob.text))
        await is_told(ada, "log_failed")
        assert not ada.is_logged and "on the mainland" not in str(ada.text)
        for proxy in (redis, postgres):
            proxy.heal()
        await all_see(people, "on the island", "on the mainland")
        await all_saved(people)
        for person in people:
            await person.close()
    for proxy in (redis, postgres):
        proxy.close()


async def test_a_file_has_nothing_that_the_log_has_not(fragile: Cluster) -> None:
    """While the database is away it is left alone; and who dies then has left nothing that others bring once more."""
    ada, bob, cy = await people_of(fragile)
    file = fragile.server.work / "a.txt"
    write(cy, "before")
    await all_saved([ada, bob, cy])
    await asyncio.to_thread(fragile.postgres.stop)
    write(cy, "alike")
    write(ada, "alike")
    await is_told(cy, "log_failed")
    assert (await cy.save())["status"] == "failed"
    file.write_text(f"outside\n{file.read_text()}")
    await asyncio.sleep(2)  # in which it would be merged, were the log there
    assert "alike" not in file.read_text() and "outside" not in str(cy.text)
    await asyncio.to_thread(fragile.server.stop, signal.SIGKILL)
    await asyncio.to_thread(fragile.postgres.start)
    cy.via = fragile.relays[1]
    await cy.connect()
    await asyncio.to_thread(fragile.server.start)
    until = asyncio.get_running_loop().time() + 60
    while sorted(file.read_text().split()) != ["alike", "alike", "before", "begun", "outside"]:
        assert asyncio.get_running_loop().time() < until, file.read_text()
        for person in (ada, bob, cy):
            if person.closed:  # the file was changed while nobody had it open: there is another history
                await person.connect()
        await asyncio.sleep(0.1)
    for person in (ada, bob, cy):
        await person.close()


async def test_processes_can_be_stopped_while_the_database_hangs(fragile: Cluster) -> None:
    ada, bob, cy = await people_of(fragile)
    await asyncio.to_thread(fragile.postgres.pause)
    for person in (ada, bob, cy):
        write(person, "not kept")
    await is_told(cy, "log_failed")
    await asyncio.to_thread(fragile.server.stop)
    await asyncio.to_thread(fragile.relays[0].stop)
    assert ada.closed and ada.closed[0] == 1012
    await asyncio.to_thread(fragile.postgres.resume)
    await asyncio.to_thread(fragile.server.start)
    ada.via = fragile.relays[1]
    await ada.connect()
    await all_see([ada, bob], "not kept")
    await all_saved([ada, bob])  # as soon as the lease has ended, which could not be given back
    await cy.connect()
    await all_saved([ada, bob, cy])
    assert str(bob.text).count("not kept") == 3
    for person in (ada, bob, cy):
        await person.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_the_server_that_has_the_file_dies(fragile: Cluster, how: signal.Signals) -> None:
    """People at relays go on; they are told that the file is behind, and it is written when a server is there again."""
    ada, bob, cy = await people_of(fragile)
    write(ada, "before")
    await all_see([ada, bob, cy], "before")
    await asyncio.to_thread(fragile.server.stop, how)
    write(ada, "meanwhile ada")
    write(bob, "meanwhile bob")
    await all_see([ada, bob], "meanwhile ada", "meanwhile bob")
    await all_logged([ada, bob])
    await is_told(ada, "file_behind")
    assert (await bob.save())["code"] == "file_behind"
    await asyncio.to_thread(fragile.server.start)
    await all_saved([ada, bob])
    assert "meanwhile bob" in (fragile.server.work / "a.txt").read_text()
    await cy.connect()
    await all_see([ada, bob, cy], "meanwhile ada")
    for person in (ada, bob, cy):
        await person.close()


async def test_a_relay_that_is_stopped_sends_everybody_on(fragile: Cluster) -> None:
    ada, bob, cy = await people_of(fragile)
    write(ada, "before")
    await asyncio.to_thread(fragile.relays[0].stop)
    await ada.until(lambda: ada.closed is not None)
    assert ada.closed and ada.closed[0] == 1012 and "restarting" in ada.closed[1]
    ada.via = fragile.relays[1]
    await ada.connect()
    await all_see([ada, bob, cy], "before")
    for person in (ada, bob, cy):
        await person.close()
