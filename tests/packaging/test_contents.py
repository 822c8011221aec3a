"""What is inside the wheel and the sdist."""

import configparser
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from releases import ROOT, build

import jupyter_live

NAME = f"jupyter_live-{jupyter_live.__version__}"
LABEXTENSION = f"{NAME}.data/data/share/jupyter/labextensions/jupyter-live/"
BUILT = ROOT / "jupyter_live" / "labextension"


@pytest.fixture(scope="module")
def wheel() -> zipfile.ZipFile:
    return zipfile.ZipFile(build()[0])


@pytest.fixture(scope="module")
def sdist() -> set[str]:
    with tarfile.open(build()[1]) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def modules() -> set[str]:
    """Our Python files as they are installed: consumers/ is jupyter_live/consumers/."""
    own = {path.relative_to(ROOT) for path in (ROOT / "jupyter_live").rglob("*.py")}
    consumers = {"jupyter_live" / path.relative_to(ROOT) for path in (ROOT / "consumers").rglob("*.py")}
    return {path.as_posix() for path in own | consumers}


def test_setup_cfg_lists_every_package() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    assert set(config["options"]["packages"].split()) == {
        str(Path(name).parent).replace("/", ".") for name in modules()
    }


def test_wheel_has_our_modules_and_no_others(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert {name for name in names if name.endswith(".py")} == modules()
    assert {name.partition("/")[0] for name in names} == {"jupyter_live", f"{NAME}.data", f"{NAME}.dist-info"}


def test_wheel_has_the_whole_labextension(wheel: zipfile.ZipFile) -> None:
    there = {name.removeprefix(LABEXTENSION) for name in wheel.namelist() if name.startswith(LABEXTENSION)}
    files = {path.relative_to(BUILT).as_posix() for path in BUILT.rglob("*") if path.is_file()}
    assert there == files - {"build.sha256"} | {"install.json"}
    package = json.loads(wheel.read(LABEXTENSION + "package.json"))
    assert package["jupyterlab"]["_build"]["load"] in there
    assert package["version"] == jupyter_live.__version__
    assert not [name for name in there if name.endswith(".map")], "built for development"


def test_wheel_has_the_page_to_sign_in(wheel: zipfile.ZipFile) -> None:
    assert "jupyter_live/login/templates/login.html" in wheel.namelist()


def test_wheel_switches_the_server_extension_on(wheel: zipfile.ZipFile) -> None:
    config = wheel.read(f"{NAME}.data/data/etc/jupyter/jupyter_server_config.d/jupyter_live.json")
    extensions = json.loads(config)["ServerApp"]["jpserver_extensions"]
    assert extensions == {"jupyter_live": True, "jupyter_server_ydoc": False}


@pytest.mark.parametrize(
    "name",
    [
        "consumers/__init__.py",
        "examples/welcome.ipynb",
        "jupyter_live/labextension/package.json",
        "labextension/npm_build.py",
        "labextension/package-lock.json",
        "labextension/src/index.ts",
        "scripts/lab",
    ],
)
def test_sdist_has(name: str, sdist: set[str]) -> None:
    assert name in sdist


@pytest.mark.parametrize("part", ["node_modules", "__pycache__", "jupyter_live/consumers", "labextension/lib/", ".lab"])
def test_sdist_has_not(part: str, sdist: set[str]) -> None:
    assert not [name for name in sdist if part in name]
