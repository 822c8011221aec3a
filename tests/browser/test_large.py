"""A large notebook, which the server sends in parts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import Notebook, sources_on_disk
from .pages import Person
from .proxy import CutProxy

Come = Callable[..., Person]
OpenBoth = Callable[[str], tuple[Person, Person]]


def test_two_type_in_a_notebook_of_a_megabyte(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook(*(f"value = {number}" for number in range(20)))
    file = lab.work / path
    content = json.loads(file.read_text())
    for cell in content["cells"]:
        text = "".join(f"{number}\n" for number in range(9_000))
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    file.write_text(json.dumps(content))
    ada, bob = people(path)
    ada.type_in(0, "  # ada")
    expect(bob.editor(0)).to_have_text("value = 0  # ada")
    bob.type_in(0, "  # bob")
    expect(ada.editor(0)).to_have_text("value = 0  # ada  # bob")
    ada.until(lambda: sources_on_disk(lab, path)[:1] == ["value = 0  # ada  # bob"], "the file")
    ada.saved()
    assert not ada.errors and not bob.errors


def test_each_cell_is_whole_though_it_came_in_pieces(people: OpenBoth, notebook: Notebook, lab: LiveServer) -> None:
    """What makes a cell in the page looks for its source once, when the cell comes."""
    path = notebook("before")
    big = {"output_type": "stream", "name": "stdout", "text": "".join(f"{number}\n" for number in range(60_000))}
    small = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "small"}}
    # The keys in Jupyter's own order: what is shown comes before the source.
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"large-{number}",
            "metadata": {},
            "outputs": [small, big, small],
            "source": f"large = {number}",
        }
        for number in range(4)
    ]
    content = json.loads((lab.work / path).read_text())
    content["cells"] += cells
    (lab.work / path).write_text(json.dumps(content))
    sources = ["before", *(f"large = {number}" for number in range(4))]
    for person in people(path):
        person.until(lambda person=person: person.sources == sources, "every cell's source")  # type: ignore[misc]
        assert not person.errors


def test_how_far_it_is_is_told_while_it_comes_over_a_slow_line(come: Come, notebook: Notebook, lab: LiveServer) -> None:
    path = notebook("value = 1")
    content = json.loads((lab.work / path).read_text())
    text = "".join(f"{number}\n" for number in range(400_000))
    content["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": name, "text": text[at : at + 300_000]}
        for name, at in zip(("stdout", "stderr") * 4, range(0, 2_400_000, 300_000), strict=True)
    ]
    (lab.work / path).write_text(json.dumps(content))
    proxy = CutProxy(lab.port)
    try:
        ada = come(lab, "ada-slow-line", url=proxy.url)
        ada.goto()
        proxy.pause = 0.2
        ada.page.evaluate("path => void window.jupyterapp.commands.execute('docmanager:open', { path })", path)
        expect(ada.status).to_contain_text(re.compile(r"Opening… [1-9]\d? %"))
        ada.shot("slow-line")
        proxy.pause = 0.0
        ada.ready()
        assert not ada.errors
    finally:
        proxy.close()
