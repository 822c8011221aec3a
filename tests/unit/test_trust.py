"""Trust is shown in a notebook and kept beside it: it does not make another file, and still has to be saved."""

from typing import Any

from jupyter_live.files.convert import to_content, to_update


def notebook(*trusted: bool) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": {"trusted": trust, "tags": ["kept"]},
            "source": "1",
            "outputs": [],
            "execution_count": None,
        }
        for n, trust in enumerate(trusted)
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def test_a_notebook_that_was_signed_is_the_same_file() -> None:
    _, before = to_update("notebook", notebook(False, False))
    update, signed = to_update("notebook", notebook(True, True))
    assert before.fingerprint == signed.fingerprint and before.trust != signed.trust
    assert to_content("notebook", update) == signed


def test_what_is_saved_tells_the_trust_and_all_other_metadata() -> None:
    _, content = to_update("notebook", notebook(True, False))
    assert [cell["metadata"] for cell in content.value["cells"]] == [
        {"trusted": True, "tags": ["kept"]},
        {"trusted": False, "tags": ["kept"]},
    ]
    assert content.trust == (True, False)
