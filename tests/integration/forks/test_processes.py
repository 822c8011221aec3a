"""Forks where several processes share a PostgreSQL: one Jupyter server serves each, and no relay."""

from pathlib import Path

from processes.two import Pair, running

from jupyter_live.ids import DocumentId, Epoch, Identity
from jupyter_live.testing import LiveClient
from jupyter_live.testing.cluster import Cluster, RelayProcess
from jupyter_live.testing.services import Postgres, Redis
from jupyter_live.tickets import KeyFile, Ticket, Tickets

from .forking import ForkClient, end, listed, make, put


class AtRelay(ForkClient):
    """Shows a relay a ticket for the fork that no server gives out."""

    relay: RelayProcess
    keys: Path

    def _address(self):  # type: ignore[no-untyped-def]
        epoch = Epoch(self.session["sessionId"])
        ticket = Ticket(Identity("ada"), frozenset({"read", "write"}), DocumentId(self.room), epoch)
        url = f"{self.relay.url}/api/collaboration/room/{self.room}?sessionId={epoch}&live=1"
        return url, ["jupyter-live", Tickets(KeyFile(self.keys)).issue(ticket)]


async def test_no_relay_serves_a_fork_and_people_at_relays_see_it_merged(
    tmp_path: Path, redis_server: Redis, postgres_server: Postgres
) -> None:
    with Cluster(tmp_path / "cluster", redis_server, postgres_server, "--LiveApp.save_delay=0.2", relays=1) as cluster:
        (cluster.server.work / "a.txt").write_text("one\n")
        async with cluster.client("a.txt", cluster.relays[0]) as ada:
            made = await make(ada, synchronize=True)
            async with ForkClient(ada, made) as bob:
                bob.text.insert(0, "bob\n")
                await bob.until(lambda: bob.is_logged)
                ada.text.insert(len(str(ada.text)), "at the relay\n")
                await bob.until(lambda: str(bob.text) == "bob\none\nat the relay\n")
                for name in (made["fork_roomid"], f"text:file:{made['fork_roomid']}"):
                    eve = AtRelay(ada, made | {"fork_roomid": name})
                    eve.relay, eve.keys = cluster.relays[0], cluster.keys
                    async with eve:
                        assert eve.closed is not None and eve.closed[0] == 4409
                        assert "fork_elsewhere" in eve.closed[1]
                assert (await end(cluster.server, made, merge=True))[1]["outcome"] == "merged"
                await bob.until(lambda: bob.closed)
            await ada.until(lambda: str(ada.text) == "bob\none\nat the relay\n")
            await ada.until(lambda: (cluster.server.work / "a.txt").read_text() == str(ada.text))


async def test_of_two_servers_the_one_where_a_fork_is_open_serves_it(
    tmp_path: Path, redis_server: Redis, postgres_server: Postgres
) -> None:
    pair = Pair(tmp_path / "pair", redis_server, postgres_server)
    (pair.work / "a.txt").write_text("one\n")
    with running(pair):
        async with LiveClient(pair.one, "a.txt", "text", "file") as ada:
            made = await make(ada)
            async with ForkClient(ada, made) as bob:
                bob.text.insert(0, "bob\n")
                await bob.until(lambda: bob.is_logged)
                assert [*await listed(pair.two, ada.room)] == [made["fork_roomid"]]
                status, answer = await end(pair.two, made, merge=True)
                assert (status, answer["code"]) == (409, "fork_elsewhere")
                # One that nobody has open is anybody's; its document is open at the other server.
                status, other = await put(pair.two, ada.room, {})
                assert status == 201 and (await end(pair.two, other, merge=True))[0] == 200
                assert (await end(pair.one, made, merge=True))[0] == 200
            await ada.until(lambda: str(ada.text) == (pair.work / "a.txt").read_text() == "bob\none\n")
