"""One document in several processes: a Jupyter server that has its file, and relays."""

from pathlib import Path

from jupyter_live.testing.cluster import Cluster

from .people import all_saved, all_see, sees, write


async def test_people_at_two_relays_and_at_the_server_edit_one_file(cluster: Cluster, work: Path) -> None:
    (work / "together.txt").write_text("begun\n")
    async with (
        cluster.client("together.txt", cluster.relays[0]) as ada,
        cluster.client("together.txt", cluster.relays[1]) as bob,
        cluster.client("together.txt") as cy,
    ):
        people = [ada, bob, cy]
        for n in range(10):
            for name, each in zip("abc", people, strict=True):
                write(each, f"{name}{n}")
        await all_see(people, *(f"{name}{n}" for name in "abc" for n in range(10)))
        await all_saved(people)
        assert (work / "together.txt").read_text() == str(ada.text)


async def test_presence_crosses_processes_and_ends(cluster: Cluster, work: Path) -> None:
    (work / "seen.txt").write_text("")
    async with cluster.client("seen.txt", cluster.relays[0]) as ada, cluster.client("seen.txt") as cy:
        async with cluster.client("seen.txt", cluster.relays[1]) as bob:
            await bob.show(cursor=3)
            for other in (ada, cy):
                await sees(other, bob, cursor=3)
            late = await cluster.client("seen.txt", cluster.relays[0]).open()
            await sees(late, bob, cursor=3)
            await late.close()
        for other in (ada, cy):
            await sees(other, bob, gone=True)


async def test_a_save_is_asked_for_at_a_relay(cluster: Cluster, work: Path) -> None:
    (work / "asked.txt").write_text("one\n")
    async with cluster.client("asked.txt", cluster.relays[0]) as ada:
        write(ada, "two")
        answer = await ada.save()
        assert answer["status"] in ("success", "skipped") and (work / "asked.txt").read_text() == "one\ntwo\n"


async def test_what_another_program_writes_reaches_people_at_relays(cluster: Cluster, work: Path) -> None:
    (work / "outside.txt").write_text("one\n")
    async with cluster.client("outside.txt", cluster.relays[0]) as ada:
        write(ada, "hers")
        await all_saved([ada])
        (work / "outside.txt").write_text((work / "outside.txt").read_text() + "theirs\n")
        await all_see([ada], "one", "hers", "theirs")
        await all_saved([ada])


async def test_the_document_stays_open_for_people_at_relays(cluster: Cluster, work: Path) -> None:
    """Nobody is left at the server that has the file."""
    (work / "stays.txt").write_text("")
    async with cluster.client("stays.txt", cluster.relays[0]) as ada, cluster.client("stays.txt") as cy:
        await cy.close()
        write(ada, "still")
        await all_saved([ada])
        assert (work / "stays.txt").read_text() == "still\n"
