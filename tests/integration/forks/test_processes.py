"""Forks where several processes share a PostgreSQL: one Jupyter server serves each, and no relay."""

from pathlib import Path

from jupyter_live.ids import DocumentId, Epoch, Identity
from jupyter_live.testing import LiveServer
from jupyter_live.testing.cluster import Cluster, RelayProcess
from jupyter_live.testing.services import Postgres, Redis
from jupyter_live.tickets import KeyFile, Ticket, Tickets

from .forking import ForkClient, end, listed, make


class AtRelay(ForkClient):
    """Shows a relay a ticket for the fork that no server gives out."""

    relay: RelayProcess
    keys: Path

    def _address(self):  # type: ignore[no-untyped-def]
        epoch = Epoch(self.session["sessionId"])
        ticket = Ticket(Identity("ada"), frozenset({"read", "write"}), DocumentId(self.room), epoch)
        url = f"{self.relay.url}/api/collaboration/room/{self.room}?sessionId={epoch}&live=1"
        return url, ["jupyter-live", Tickets(KeyFile(self.keys)).issue(ticket)]


async def test_one_server_serves_a_fork_and_people_at_relays_see_it_merged(
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
                other = LiveServer(
                    tmp_path / "other",
                    f"--LiveApp.database={cluster.database}",
                    f"--LiveApp.layer={cluster.layer}",
                )
                with other:
                    assert [*await listed(other, ada.room)] == [made["fork_roomid"]]
                    status, answer = await end(other, made, merge=True)
                    assert (status, answer["code"]) == (409, "fork_elsewhere")
                assert (await end(cluster.server, made, merge=True))[1]["outcome"] == "merged"
                await bob.until(lambda: bob.closed)
            await ada.until(lambda: str(ada.text) == "bob\none\nat the relay\n")
            await ada.until(lambda: (cluster.server.work / "a.txt").read_text() == str(ada.text))
