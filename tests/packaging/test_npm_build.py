"""When a build needs Node, and what it says if there is none."""

import os
import sys
from pathlib import Path

import pytest
from releases import ROOT

sys.path.insert(0, str(ROOT / "labextension"))
import npm_build


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def add(folder: Path, name: str, answer: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\necho {answer}\n")
    os.chmod(folder / name, 0o755)


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v18.20.4", False),
        ("v20.18.1", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("nonsense", False),
    ],
)
def test_versions_of_node_that_fit(version: str, fits: bool, commands: Path) -> None:
    add(commands, "node", version)
    add(commands, "npm", "10.0.0")
    assert npm_build.has_node() is fits


def test_node_without_npm_does_not_fit(commands: Path) -> None:
    add(commands, "node", "v22.12.0")
    assert not npm_build.has_node()


def test_without_node_the_error_says_what_to_do(commands: Path) -> None:
    with pytest.raises(npm_build.BuildError, match=r"needs Node.js 20.19, 22.12 or newer with npm on PATH"):
        npm_build.install_dependencies()


def test_a_changed_built_file_is_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("package.json", "package-lock.json", "tsconfig.json"):
        (tmp_path / name).write_text("{}")
    built = tmp_path / "built"
    built.mkdir()
    (built / "main.js").write_text("built")
    monkeypatch.setattr(npm_build, "ROOT", tmp_path)
    monkeypatch.setattr(npm_build, "HERE", tmp_path)
    monkeypatch.setattr(npm_build, "BUILT", built)
    monkeypatch.setattr(npm_build, "STAMP", built / "build.sha256")
    assert not npm_build.is_current()
    monkeypatch.setattr(npm_build, "install_dependencies", lambda: None)
    monkeypatch.setattr(npm_build, "_npm", lambda *arguments: None)
    npm_build.build()
    assert npm_build.is_current()
    (built / "main.js").write_text("built for development")
    assert not npm_build.is_current()
    npm_build.build()
    (tmp_path / "tsconfig.json").write_text('{"changed": true}')
    assert not npm_build.is_current()
