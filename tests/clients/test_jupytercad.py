"""`jupytercad-core` 3.4, a document type that another package brings, in the words of its own Python model."""

from __future__ import annotations

import asyncio
import json
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from companions import Companion, companion
from jupyter_ydoc.ybasedoc import YBaseDoc

from jupyter_live.testing import LiveClient, LiveServer

PACKAGE = "jupytercad-core>=3.4,<3.5"

BOX: dict[str, Any] = {
    "name": "Box 1",
    "shape": "Part::Box",
    "visible": True,
    "parameters": {
        "Length": 1,
        "Width": 1,
        "Height": 2.5,
        "Placement": {"Position": [0, 0, 0], "Axis": [0, 0, 1], "Angle": 0},
    },
}
CYLINDER = {**BOX, "name": "Cylinder 1", "shape": "Part::Cylinder", "parameters": {"Radius": 1, "Height": 1}}


@pytest.fixture(scope="module")
def cad() -> Companion:
    return companion("jupytercad", PACKAGE)


@pytest.fixture(scope="module")
def designers(cad: Companion, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that saves when it is asked to, or when the last one leaves."""
    home = tmp_path_factory.mktemp("jupytercad")
    options = "--LiveApp.save_delay=600", "--LiveApp.save_delay_max=600"
    with LiveServer(home, *options, python=cad.python, variables=cad.variables) as server:
        yield server
        assert "Traceback" not in server.log(), server.log()


@pytest.fixture
def model(cad: Companion, monkeypatch: pytest.MonkeyPatch) -> type[YBaseDoc]:
    """The released model, `YJCad`."""
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(cad.python.parent.parent)}))
    monkeypatch.syspath_prepend(str(packages))
    from jupytercad_core.jcad_ydoc import YJCad  # type: ignore[import-not-found]

    found: type[YBaseDoc] = YJCad
    return found


def draw(file: Path, *objects: dict[str, Any], **metadata: str) -> str:
    design = {"schemaVersion": "3.0.0", "objects": objects, "options": {}, "metadata": metadata, "outputs": {}}
    text = json.dumps(design)
    file.write_text(text)
    return text


def objects(content: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(content)["objects"]
    return found


async def test_a_design_is_edited_together_and_saved(designers: LiveServer, model: Any) -> None:
    file = designers.work / "edited.jcad"
    draw(file, BOX)
    async with (
        LiveClient(designers, file.name, "text", "jcad") as ada,
        LiveClient(designers, file.name, "text", "jcad") as grace,
    ):
        assert objects(model(ada.doc).get()) == [BOX]
        ada.doc.get("objects", type=pycrdt.Array).append(pycrdt.Map(CYLINDER))
        grace.doc.get("objects", type=pycrdt.Array)[0]["visible"] = False
        for person in (ada, grace):
            await person.until(lambda p=person: objects(model(p.doc).get()) == [{**BOX, "visible": False}, CYLINDER])  # type: ignore[misc]
        assert (await ada.save())["status"] == "success"
    assert objects(file.read_text()) == [{**BOX, "visible": False}, CYLINDER]
    assert json.loads(file.read_text())["schemaVersion"] == "3.0.0"


async def test_opening_a_design_leaves_its_file_as_it_is(designers: LiveServer) -> None:
    file = designers.work / "looked-at.jcad"
    text = draw(file, BOX, CYLINDER, material="oak")
    async with LiveClient(designers, file.name, "text", "jcad") as ada:
        assert (await ada.save())["status"] == "skipped"
    assert file.read_text() == text


async def test_what_another_program_did_is_merged(designers: LiveServer, model: Any) -> None:
    file = designers.work / "outside.jcad"
    draw(file, BOX)
    async with LiveClient(designers, file.name, "text", "jcad") as ada:
        ada.doc.get("objects", type=pycrdt.Array)[0]["visible"] = False
        await ada.until(lambda: ada.is_logged)
        draw(file, BOX, CYLINDER, material="oak")
        await ada.until(lambda: len(objects(model(ada.doc).get())) == 2)
        assert objects(model(ada.doc).get()) == [{**BOX, "visible": False}, CYLINDER]
        assert (await ada.save())["status"] == "success"
    assert objects(file.read_text()) == [{**BOX, "visible": False}, CYLINDER]
    assert json.loads(file.read_text())["metadata"] == {"material": "oak"}


async def test_what_cannot_be_merged_is_told_and_kept(designers: LiveServer, model: Any) -> None:
    file = designers.work / "both.jcad"
    draw(file, BOX)
    async with LiveClient(designers, file.name, "text", "jcad") as ada:
        ada.doc.get("objects", type=pycrdt.Array)[0]["shape"] = "Part::Sphere"
        await ada.until(lambda: ada.is_logged)
        theirs = draw(file, {**BOX, "shape": "Part::Cone"})
        await ada.until(lambda: ada.latest("state").get("code") == "file_changed")
        assert file.read_text() == theirs
        assert objects(model(ada.doc).get()) == [{**BOX, "shape": "Part::Sphere"}]
        assert (await ada.save())["status"] == "success"
    assert objects(file.read_text()) == [{**BOX, "shape": "Part::Sphere"}]
    [copy] = designers.work.glob("both replaced*.jcad")
    assert copy.read_text() == theirs


async def test_a_design_of_the_future_is_refused(designers: LiveServer) -> None:
    file = designers.work / "future.jcad"
    file.write_text(json.dumps({"schemaVersion": "99.0.0", "objects": []}))
    status, answer = await asyncio.to_thread(designers.session, file.name, "text", "jcad")
    assert (status, answer["code"]) == (400, "invalid_file")
