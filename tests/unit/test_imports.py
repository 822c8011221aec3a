"""Imports run one way only: the plan of the house, held by a test."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

LOG = {
    "log.sql",
    "log.thread",
    "log.store",
    "log.keeping",
    "log.rows",
    "log.database",
    "log.owner",
    "log.shared",
    "log.leases",
    "log.locks",
}  # how the log is kept; the rest of it is the port
ENGINES = {"engine.pycrdt", "engine.ypy"}  # the rest of it is the port and what engines share

# From the roof down. A module may import what stands below it, and of its own line only its own package.
LAYERS = [
    {"cli"},  # the command
    {"app", "asgi"},  # the composition roots: settings to config, ports to implementations
    {"compat"},  # what packages made for jupyter-collaboration look for
    {"mount", "serving", "consumers", *LOG, *ENGINES, "settings", "login", "events"},  # what the root plugs together
    {"operating", "programs"},  # what operators see; what programs of this process have of documents
    {"direct"},  # a document in the hands of such a program
    {"forks"},  # documents made of others
    {"mirroring"},  # how they follow those
    {"migrating", "binder"},  # what was configured for another server, and what it is started by
    {"rooms", "fileids"},
    {"hub", "watch", "below"},  # ways to know people other than tickets, and looking again; paths
    {"health", "lifespan", "door"},  # ASGI applications around any other
    {"opening", "forking", "lobby", "heartbeat"},  # how a room is made; the room that has no document; what the log has
    {"joining", "takeover"},  # how a room is made whose file is elsewhere; how that comes here
    {"handin", "restoring"},  # what comes to a room from a client's copy of a history, and from its timeline
    {"room"},
    {"filekeeper"},  # what it does for its file
    {"merging", "intake", "link"},  # what was done to a room's content; what its members send; other processes
    {
        "filing",
        "elsewhere",
        "nofile",
        "replaying",
        "timeline",
    },  # what a room knows of its file, begins with, was before
    {"journal", "whole", "following", "peers", "handins"},  # what a room has on its way into the log; what others have
    {"turn"},  # what members send at once
    {
        "presence",
        "files",
        "log",
        "engine",
        "relays",
        "leases",
        "listening",
        "models",
        "layer",
    },  # ports, and what stands beside them
    {"member"},  # a socket as rooms see it: presence and rooms both speak to members
    {"outbox", "access", "palette", "work", "newdoc"},  # small things that import nothing but the words below
    {"protocol", "tail", "tickets", "records", "held", "pool"},
    {
        "asgitypes",
        "ids",
        "errors",
        "config",
        "push",
        "pace",
        "flag",
        "threads",
        "garbage",
        "parcels",
        "tally",
        "writers",
    },  # words: import nothing of ours
]

# Who may import a library of others: what it is used for stays in one place.
THIRD_PARTY = {
    "django": {"app", "settings", "models", *LOG, "consumers", "tickets", "login", "hub"},
    "channels": {"consumers", "layer", "login"},
    "daphne": {"serving"},
    "twisted": {"serving"},
    "autobahn": {"serving"},
    "tornado": {"mount", "files"},  # files: the contents manager's errors are Tornado's
    "jupyterhub": {"hub"},
    # files: where a manager keeps them; operating: who runs
    "jupyter_server": {"app", "compat", "mount", "files", "operating"},
    "loky": {"work", "pool"},
    "prometheus_client": {"operating"},
    "pycrdt": {"engine", "engine.pycrdt", "files", "newdoc", "direct", "programs", "compat"},
    "traitlets": {"app", "migrating", "hub"},  # hub: an authorizer, which Jupyter makes
    "y_py": {"engine.ypy"},
}


def modules() -> dict[str, Path]:
    """Our modules by name below `jupyter_live`, without testing (which may import all) and migrations."""
    found = {}
    for folder, prefix in ((ROOT / "jupyter_live", ""), (ROOT / "consumers", "consumers.")):
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            name = prefix + ".".join(part for part in parts if part != "__init__")
            if parts[0] not in ("testing", "migrations", "consumers", "labextension") and name:
                found[name.rstrip(".")] = path
    return found


MODULES = modules()


def imports(path: Path) -> Iterator[str]:
    """Full names of all modules (and names in them) that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where they lead"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(name: str) -> Iterator[str]:
    """The modules of ours that module `name` imports."""
    for full in imports(MODULES[name]):
        if full.startswith("jupyter_live."):
            parts = full.split(".")[1:]
            while parts and ".".join(parts) not in MODULES:
                parts.pop()  # a name within the module
            if parts:
                yield ".".join(parts)


def part(name: str) -> str:
    """The entry of `LAYERS` that a module belongs to: its own, else that of its package."""
    entries = set().union(*LAYERS)
    parts = name.split(".")
    while parts and ".".join(parts) not in entries:
        parts.pop()
    assert parts, f"{name} has no place in the plan"
    return ".".join(parts)


def layer(name: str) -> int:
    return next(n for n, names in enumerate(LAYERS) if part(name) in names)


@pytest.mark.parametrize("name", MODULES)
def test_nothing_imports_upward_or_sideways(name: str) -> None:
    for target in ours(name):
        assert layer(name) <= layer(target), f"{name} imports {target}, which stands above it"
        if layer(name) == layer(target):
            assert name.split(".")[0] == target.split(".")[0], f"{name} imports {target}, which stands beside it"


def test_the_table_has_nothing_that_is_not_there() -> None:
    assert set().union(*LAYERS) <= set(MODULES)
    assert all(names <= set().union(*LAYERS) for names in THIRD_PARTY.values())


@pytest.mark.parametrize("name", MODULES)
def test_only_those_who_must_know_a_library_do(name: str) -> None:
    for full in imports(MODULES[name]):
        library = full.split(".")[0]
        if library in THIRD_PARTY:
            assert part(name) in THIRD_PARTY[library], f"{name} imports {full}"


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("consumers")])
def test_consumers_know_rooms_and_frames_but_no_orm_no_engine_no_log(name: str) -> None:
    for full in imports(MODULES[name]):
        assert not full.startswith(("django.db", "jupyter_live.models", "jupyter_live.engine", "jupyter_live.log"))


@pytest.mark.parametrize("name", MODULES)
def test_the_words_at_the_bottom_import_nothing_of_ours(name: str) -> None:
    if part(name) in LAYERS[-1]:
        assert list(ours(name)) == []


@pytest.mark.parametrize("name", MODULES)
def test_nobody_imports_consumers_by_the_name_it_has_in_the_repo(name: str) -> None:
    assert not any(full.split(".")[0] == "consumers" for full in imports(MODULES[name]))


# What others start, and configure: the last is made by Jupyter, in the servers that a hub starts.
ROOTS = "app", "asgi", "cli", "migrating", "hub.authorizer"


@pytest.mark.parametrize("name", [name for name in MODULES if name not in ROOTS])
def test_traits_and_environment_are_read_where_the_config_is_built_and_nowhere_else(name: str) -> None:
    """Others get a `Config`, or single values of it."""
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("environ", "getenv", "traits"), f"{name}: {ast.unparse(node)}"
    assert not any(
        full in ("os.environ", "os.getenv") or full.startswith("traitlets") for full in imports(MODULES[name])
    )
