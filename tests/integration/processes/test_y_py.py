"""A relay on the other engine."""

import sys
from pathlib import Path

import pytest

from jupyter_live.asgi import is_loopback
from jupyter_live.testing.cluster import Cluster, RelayProcess

from .people import all_saved, all_see, write


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="y-py has no wheels for it")
async def test_people_at_it_edit_with_others(cluster: Cluster, work: Path, tmp_path: Path) -> None:
    (work / "engines.txt").write_text("begun 😀\n")
    with RelayProcess(tmp_path, cluster.database, cluster.layer, cluster.keys, "--engine", "y-py") as relay:
        ada = await cluster.client("engines.txt", relay).open()
        bob = await cluster.client("engines.txt", cluster.relays[0]).open()
        cy = await cluster.client("engines.txt").open()
        for n in range(5):
            for name, person in (("ada", ada), ("bob", bob), ("cy", cy)):
                write(person, f"{name} {n} 😀")
        people = [ada, bob, cy]
        await all_see(people, *(f"{name} {n} 😀" for name in ("ada", "bob", "cy") for n in range(5)))
        await all_saved(people)
        late = await cluster.client("engines.txt", relay).open()
        await all_see([*people, late])
        assert (work / "engines.txt").read_text() == str(ada.text)
        for person in (*people, late):
            await person.close()


@pytest.mark.parametrize(
    ("server", "is_so"),
    [
        (("127.0.0.1", 8765), True),
        (("::1", 8765), True),
        (("/run/relay.sock", None), True),
        (("10.0.0.7", 8765), False),
        (("0.0.0.0", 8765), False),
        (None, False),
    ],
)
def test_it_serves_only_this_machine(server: tuple[str, int | None] | None, is_so: bool) -> None:
    assert is_loopback({"server": server}) is is_so
