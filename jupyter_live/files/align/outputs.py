"""The outputs of a cell: what a changed file brings, and how it is put into a live cell without rewriting all of it."""

from __future__ import annotations

from typing import Any

import pycrdt

from jupyter_live.files.align.sequence import prefix, suffix

Output = dict[str, Any]


def merge_outputs(base: list[Output], changed: list[Output], live: list[Output]) -> list[Output]:
    """The outputs to show. Where both sides have new ones, live's come first, then those that only the file has."""
    if changed in (base, live):
        return live
    if live == base:
        return changed
    merged = list(live)
    for output in changed:
        if output in base:
            continue
        shorter = next((k for k, other in enumerate(merged) if _added(other, output) is not None), None)
        if shorter is not None:
            merged[shorter] = output
        elif not any(other == output or _added(output, other) is not None for other in merged):
            merged.append(output)
    return merged


def apply_outputs(outputs: pycrdt.Array[Any], live: list[Output], merged: list[Output]) -> None:
    """Make `live`, which `outputs` holds, `merged`: text that was printed on is appended, equal outputs stay."""
    start = prefix(live, merged)
    tail = suffix(live, merged, min(len(live), len(merged)) - start)
    end, stop = len(live) - tail, len(merged) - tail
    while start < min(end, stop) and (more := _added(live[start], merged[start])) is not None:
        text = outputs[start].get("text")
        if not isinstance(text, pycrdt.Text):
            break
        text += more
        start += 1
    if start < end:
        del outputs[start:end]
    for k in range(start, stop):
        outputs.insert(k, shared_output(merged[k]))


def shared_output(output: Output) -> pycrdt.Map[Any]:
    """A new output as the shared model has it: the text of a stream can be appended to."""
    text = output.get("text")
    if output.get("output_type") == "stream" and isinstance(text, str):
        return pycrdt.Map({**output, "text": pycrdt.Text(text)})
    return pycrdt.Map(output)


def _added(shorter: Output, longer: Output) -> str | None:
    """What a stream output has been printed on by; None when `longer` is no continuation of it."""
    text, more = shorter.get("text"), longer.get("text")
    if shorter.get("output_type") == "stream" and isinstance(text, str) and isinstance(more, str):
        if more.startswith(text) and {**shorter, "text": more} == longer:
            return more[len(text) :]
    return None
