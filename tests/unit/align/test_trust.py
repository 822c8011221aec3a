"""Trust: what another program writes into an open notebook must not be trusted as the notebook was."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_live.files.align import merge
from jupyter_live.files.convert import to_content, to_update

SCRIPT = {"output_type": "display_data", "data": {"text/html": "<script></script>"}, "metadata": {}}


def notebook(trusted: bool, *outputs: dict[str, Any]) -> dict[str, Any]:
    cell = {
        "id": "a",
        "cell_type": "code",
        "source": "a",
        "execution_count": None,
        "metadata": {"trusted": trusted},
        "outputs": list(outputs),
    }
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.mark.parametrize(("are_trusted", "expected"), [(True, True), (False, False)])
def test_a_cell_that_gets_outputs_from_outside_is_trusted_only_as_they_are(are_trusted: bool, expected: bool) -> None:
    live, _ = to_update("notebook", notebook(True))
    merged = merge("notebook", notebook(True), notebook(are_trusted, SCRIPT), live)
    assert merged.update is not None
    cell = to_content("notebook", live, merged.update).value["cells"][0]
    assert (len(cell["outputs"]), cell["metadata"]["trusted"]) == (1, expected)


def test_a_cell_whose_outputs_stay_keeps_its_trust() -> None:
    live, _ = to_update("notebook", notebook(True))
    changed = notebook(False)
    changed["cells"][0]["source"] = "b"
    merged = merge("notebook", notebook(True), changed, live)
    assert merged.update is not None
    cell = to_content("notebook", live, merged.update).value["cells"][0]
    assert (cell["source"], cell["metadata"]["trusted"]) == ("b", True)
