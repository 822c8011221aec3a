"""What the README says of settings is what the code has."""

import re
from pathlib import Path

from jupyter_live.app import LiveApp

README = Path(__file__).parents[2] / "README.md"


def test_the_table_of_settings_is_that_of_the_traits() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", README.read_text(), re.MULTILINE))
    ours = {name: trait for name, trait in LiveApp.class_own_traits(config=True).items()}
    assert set(table) == set(ours)
    for name, default in table.items():
        said = default.strip("`").strip('"')
        assert str(ours[name].default_value) == said, name
