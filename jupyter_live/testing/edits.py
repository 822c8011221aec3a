"""What people do to a document in a simulation: steps of a plan, on whatever is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pycrdt

from jupyter_live.testing.client import LiveClient
from jupyter_live.testing.content import delete, insert
from jupyter_live.testing.plan import Step
from jupyter_live.testing.truth import TOKEN

Edit = Callable[[LiveClient, Step], None]


def _text(client: LiveClient, step: Step) -> pycrdt.Text:
    if client.type == "file":
        return client.text
    text: pycrdt.Text = _cell(client, step)["source"]
    return text


def _cell(client: LiveClient, step: Step) -> Any:
    return client.cells[step["cell"] % len(client.cells)]


def _line(client: LiveClient, step: Step) -> None:
    """A token on a line of its own."""
    text = _text(client, step)
    starts = [0, *(at + 1 for at, letter in enumerate(str(text)) if letter == "\n")]
    at = step["at"] % (len(starts) + 1)
    if at < len(starts):
        insert(text, starts[at], f"{step['token']}\n")
    else:
        insert(text, len(str(text)), f"\n{step['token']}")


def _inline(client: LiveClient, step: Step) -> None:
    """A token within a line, but not within another token."""
    text = _text(client, step)
    string = str(text)
    inside = {at for found in TOKEN.finditer(string) for at in range(found.start() + 1, found.end())}
    places = [at for at in range(len(string) + 1) if at not in inside]
    insert(text, places[step["at"] % len(places)], step["token"])


def _erase(client: LiveClient, step: Step) -> None:
    """A token, with its line if that is all there is on it."""
    texts = [client.text] if client.type == "file" else [cell["source"] for cell in client.cells]
    places = [(text, found.span()) for text in texts for found in TOKEN.finditer(str(text))]
    if places:
        text, (start, end) = places[step["at"] % len(places)]
        string = str(text)
        is_alone = string[:start].endswith(("\n", "")[start == 0]) and string[end : end + 1] == "\n"
        delete(text, start, end + is_alone)


def _add(client: LiveClient, step: Step) -> None:
    client.add_cell(step["at"] % (len(client.cells) + 1), step["token"], f"cell-{step['token']}")


def _remove(client: LiveClient, step: Step) -> None:
    if len(client.cells) > 2:
        del client.cells[step["cell"] % len(client.cells)]


def _move(client: LiveClient, step: Step) -> None:
    count = len(client.cells)
    if (at := step["cell"] % count) != (to := step["at"] % count):
        client.move_cell(at, to)


def _output(client: LiveClient, step: Step) -> None:
    outputs = _cell(client, step)["outputs"]
    if step["kind"] == "clear":
        outputs.clear()
    elif step["kind"] == "stream":
        outputs.append(_stream("line one\n"))
    else:
        outputs.append(pycrdt.Map({"output_type": "display_data", "data": {"text/plain": "42 😀"}, "metadata": {}}))


def _print(client: LiveClient, step: Step) -> None:
    """A running cell: a stream that grows by many small updates."""
    outputs = _cell(client, step)["outputs"]
    if not (len(outputs) and outputs[len(outputs) - 1]["output_type"] == "stream"):
        outputs.append(_stream(""))
    text = outputs[len(outputs) - 1]["text"]
    for number in range(step["times"]):
        insert(text, len(str(text)), f"{number}\n")


def _stream(text: str) -> pycrdt.Map[Any]:
    return pycrdt.Map({"output_type": "stream", "name": "stdout", "text": pycrdt.Text(text)})


EDITS: dict[str, Edit] = {
    "line": _line,
    "inline": _inline,
    "erase": _erase,
    "add": _add,
    "remove": _remove,
    "move": _move,
    "output": _output,
    "print": _print,
}
