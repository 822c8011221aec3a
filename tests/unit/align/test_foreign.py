"""Documents of types that other packages bring: merged by their structure, or left alone."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pycrdt
import pytest
from jupyter_ydoc import ydocs
from scenery import YScene

from jupyter_live.errors import LiveError
from jupyter_live.files import convert
from jupyter_live.files.align import merge


class YPage(YScene):
    """Kept in a structure that we know nothing of."""

    def __init__(self, ydoc: pycrdt.Doc[Any] | None = None, awareness: Any = None) -> None:
        super().__init__(ydoc, awareness)
        self.tree = self._ydoc.get("tree", type=pycrdt.XmlFragment)

    def get(self) -> str:
        return str(self.tree)

    def set(self, value: str) -> None:
        for _ in range(len(self.tree.children)):
            del self.tree.children[0]
        self.tree.children.append(pycrdt.XmlText(value))


@pytest.fixture(autouse=True)
def types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ydocs, "scene", YScene)
    monkeypatch.setitem(ydocs, "page", YPage)


def box(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "size": {"x": 1, "y": 2}, **more}


def scene(*objects: Any, notes: str = "", **options: Any) -> str:
    return json.dumps({"objects": list(objects), "notes": notes, "options": options})


BASE = scene(box("a"), box("b"), box("c"), notes="one\ntwo\nthree", grid=True)


def merged(base: str, changed: str, live: str, doc_type: str = "scene") -> Any:
    """What a document that reads `live` becomes when a file of `base` is changed: as others see it."""
    update, _ = convert.to_update(doc_type, live)
    result = merge(doc_type, base, changed, update)
    content = convert.to_content(doc_type, *filter(None, [update, result.update]))
    return json.loads(content.value) if doc_type == "scene" else content.value


@pytest.mark.parametrize(
    "changed",
    [
        scene(),
        scene(box("a"), box("c"), notes="one\ntwo\nthree", grid=True),
        scene(box("c"), box("a"), box("b"), notes="one\nTWO\nthree", grid=False, axes=True),
        scene(box("a", color="red"), box("x"), box("b", size=[1, 2]), box("c"), notes="", grid={"step": 2}),
        scene(1, 2, [3], notes="x"),
        scene({"no": "name"}, box("a"), {"no": "name"}),
    ],
)
def test_a_file_that_others_changed_is_taken_over_as_it_is(changed: str) -> None:
    assert merged(BASE, changed, BASE) == json.loads(changed)
    assert merged(changed, BASE, changed) == json.loads(BASE)


def test_what_both_sides_did_to_other_things_is_all_there() -> None:
    changed = scene(box("a", color="red"), box("c"), box("d"), notes="ONE\ntwo\nthree", grid=True, axes=False)
    live = scene(
        box("z"), box("a"), box("b"), box("c", hidden=True), box("e"), notes="one\ntwo\nthree\nfour", grid=False
    )
    after = merged(BASE, changed, live)
    assert after == json.loads(
        scene(
            box("z"),
            box("a", color="red"),
            box("c", hidden=True),
            box("e"),
            box("d"),
            notes="ONE\ntwo\nthree\nfour",
            grid=False,
            axes=False,
        )
    )


def test_the_inside_of_one_thing_is_merged_by_its_keys() -> None:
    changed = scene({"name": "a", "size": {"x": 5, "y": 2}})
    live = scene({"name": "a", "size": {"x": 1, "y": 7}, "color": "red"})
    after = merged(scene(box("a")), changed, live)
    assert after["objects"] == [{"name": "a", "size": {"x": 5, "y": 7}, "color": "red"}]


@pytest.mark.parametrize(
    ("changed", "live"),
    [
        (scene(box("a", color="red")), scene(box("a", color="blue"))),
        (scene(), scene(box("a", color="blue"))),
        (scene(box("a", color="blue")), scene()),
        (scene(box("a"), box("x", color="red")), scene(box("a"), box("x", color="blue"))),
        (scene(box("a"), notes="mine"), scene(box("a"), notes="theirs")),
        (scene(box("a"), grid=1), scene(box("a"), grid=2)),
    ],
)
def test_what_both_sides_did_to_the_same_is_refused(changed: str, live: str) -> None:
    with pytest.raises(LiveError, match="file_changed"):
        merged(scene(box("a")), changed, live)


def test_what_one_side_moved_and_the_other_changed_is_both() -> None:
    changed = scene(box("a"), box("b", color="red"), box("c"))
    after = merged(scene(box("a"), box("b"), box("c")), changed, scene(box("b"), box("a"), box("c")))
    assert after["objects"] == [box("b", color="red"), box("a"), box("c")]


def test_what_one_side_moved_and_the_other_took_out_is_refused() -> None:
    base, moved, without = (
        scene(box("a"), box("b"), box("c")),
        scene(box("c"), box("a"), box("b")),
        scene(box("a"), box("b")),
    )
    for changed, live in [(without, moved), (moved, without)]:
        with pytest.raises(LiveError, match="file_changed"):
            merged(base, changed, live)


def test_what_both_sides_moved_to_one_place_is_there_once() -> None:
    base, moved = scene(box("a"), box("b"), box("c")), scene(box("c"), box("a"), box("b"))
    after = merged(base, moved, scene(box("c"), box("a"), box("b"), box("d")))
    assert [each["name"] for each in after["objects"]] == ["c", "a", "b", "d"]


Objects = list[dict[str, Any]]


def edited(objects: Objects, side: str, random: Random) -> Objects:
    """Some objects put in, taken out, changed and moved."""
    objects = [dict(each) for each in objects]
    for _ in range(random.randint(0, 3)):
        place, index = random.randint(0, len(objects)), random.randrange(len(objects) or 1)
        what = random.choice(["put in", "take out", "change", "move"]) if objects else "put in"
        if what == "put in":
            objects.insert(place, {"name": f"{side}{random.random()}"})
        elif what == "take out":
            del objects[index]
        elif what == "change":
            objects[index][side] = random.randint(0, 9)
        else:
            objects.insert(place, objects.pop(index))
    return objects


@pytest.mark.parametrize("seed", range(100))
def test_whatever_both_sides_do_is_all_there_or_refused(seed: int) -> None:
    random = Random(seed)
    base: Objects = [{"name": f"{n}"} for n in range(random.randint(0, 5))]
    changed, live = edited(base, "changed", random), edited(base, "live", random)
    try:
        after: Objects = merged(scene(*base), scene(*changed), scene(*live))["objects"]
    except LiveError as error:
        assert error.code == "file_changed" and live != base
        return
    was, mine, theirs, found = ({each["name"]: each for each in side} for side in (base, changed, live, after))
    assert len(found) == len(after)
    assert found.keys() == (mine.keys() & theirs.keys()) | ((mine.keys() | theirs.keys()) - was.keys())
    assert all(each == {**mine.get(name, {}), **theirs.get(name, {})} for name, each in found.items())
    assert live != base or after == changed


def test_numbers_in_a_list_are_not_mixed() -> None:
    with pytest.raises(LiveError, match="file_changed"):
        merged(scene(1, 2, 3), scene(1, 5, 3), scene(1, 6, 3))
    assert merged(scene(1, 2, 3), scene(0, 2, 3), scene(1, 2, 9))["objects"] == [0, 2, 9]


def test_what_came_before_does_not_come_again() -> None:
    changed = scene(box("a"), box("b"), box("c"), box("d"), notes="one\ntwo\nthree", grid=True)
    assert merged(BASE, changed, changed) == json.loads(changed)


def test_cursors_and_edits_elsewhere_survive() -> None:
    """Unlike with `set`: what somebody does at the same moment to what the file did not change stays."""
    update, _ = convert.to_update("scene", BASE)
    theirs = pycrdt.Doc[Any]()
    theirs.apply_update(update)
    theirs.get("objects", type=pycrdt.Array)[1]["color"] = "green"
    changed = scene(box("a"), box("b"), box("c"), box("d"), notes="one\ntwo\nthree\nfour", grid=True)
    result = merge("scene", BASE, changed, update)
    assert result.update
    theirs.apply_update(result.update)
    after = json.loads(YScene(theirs).get())
    assert [each["name"] for each in after["objects"]] == ["a", "b", "c", "d"]
    assert after["objects"][1]["color"] == "green" and after["notes"].endswith("four")


def test_a_structure_that_nobody_knows_is_set_or_left_alone() -> None:
    assert merged("old", "new", "old", "page") == "new"
    with pytest.raises(LiveError, match="file_changed"):
        merged("old", "new", "live", "page")


def test_a_content_that_its_model_refuses_is_told_as_such() -> None:
    with pytest.raises(LiveError, match="invalid_file"):
        convert.to_update("scene", "no JSON")


def test_the_same_content_has_the_same_fingerprint() -> None:
    """The engine's maps come in any order, and JavaScript's whole numbers as fractions."""
    content = scene(*(box(f"{n}", a=1, b=2, c=3, d=4, e=5) for n in range(20)))
    update, first = convert.to_update("scene", content)
    again = json.loads(content)
    again["objects"][0] = {**dict(reversed(again["objects"][0].items())), "a": 1.0}
    assert convert.to_update("scene", json.dumps(again))[1].fingerprint == first.fingerprint
    assert {convert.to_content("scene", update).fingerprint for _ in range(5)} == {first.fingerprint}
