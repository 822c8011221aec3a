"""Installing the wheel, the sdist and the checkout where there is no Node."""

import json
import re
from pathlib import Path

import pytest
from fresh import Environment
from releases import ROOT, build

FIND = "import importlib.util as u; print(*(bool(u.find_spec(n)) for n in ('jupyter_live.consumers', 'consumers')))"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel with its dependencies and JupyterLab, beside the config file of jupyter-server-ydoc."""
    environment = Environment(tmp_path_factory.mktemp("wheel"))
    environment.install(str(build()[0]), "jupyterlab>=4.6,<5")
    rival = {"ServerApp": {"jpserver_extensions": {"jupyter_server_ydoc": True}}}
    (environment.server_config / "jupyter_collaboration.json").write_text(json.dumps(rival))
    return environment


def uncoloured(text: str) -> str:
    return re.sub(r"\x1b\[\d+m", "", text)


def test_jupyter_finds_the_server_extension_ok(installed: Environment) -> None:
    listed = uncoloured(installed.run("-m", "jupyter_server", "extension", "list"))
    assert re.search(r"jupyter_live enabled\n.*\n +jupyter_live \S+ OK", listed), listed


def test_jupyter_server_ydoc_is_off(installed: Environment) -> None:
    listed = uncoloured(installed.run("-m", "jupyter_server", "extension", "list"))
    assert "jupyter_server_ydoc disabled" in listed


def test_jupyterlab_finds_the_labextension_ok(installed: Environment) -> None:
    listed = uncoloured(installed.run("-m", "jupyterlab.labextensions", "list"))
    assert re.search(r"jupyter-live v\S+ enabled OK \(python, jupyter_live\)", listed), listed


def test_consumers_install_below_our_package_only(installed: Environment) -> None:
    assert installed.run("-c", FIND) == "True False\n"


def test_sdist_installs_without_node(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.install("--no-deps", str(build()[1]))
    assert_installed(environment)


def test_editable_install_is_complete(tmp_path: Path) -> None:
    build()  # so that the labextension is there: this environment has no Node
    environment = Environment(tmp_path)
    environment.install("--no-deps", "--editable", str(ROOT))
    assert_installed(environment)
    assert (environment.labextension / "install.json").is_file()


def assert_installed(environment: Environment) -> None:
    assert environment.run("-c", FIND) == "True False\n"
    assert (environment.server_config / "jupyter_live.json").is_file()
    package = json.loads((environment.labextension / "package.json").read_text())
    assert (environment.labextension / package["jupyterlab"]["_build"]["load"]).is_file()
