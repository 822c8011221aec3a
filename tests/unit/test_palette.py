"""Colours: one for each person, never the same for two."""

import pytest

from jupyter_live.palette import Palette


def test_everybody_has_a_colour_of_their_own() -> None:
    palette = Palette()
    colors = [palette.take(f"person {n}") for n in range(200)]
    assert len(set(colors)) == 200


def test_the_first_ones_follow_the_theme() -> None:
    palette = Palette()
    assert all(palette.take(f"person {n}").startswith("var(--jp-collaborator-color") for n in range(7))


def test_a_person_has_one_colour_on_all_sockets_until_the_last_has_gone() -> None:
    palette = Palette()
    color = palette.take("ada")
    assert palette.take("ada") == color
    palette.give_back("ada")
    assert palette.take("grace") != color
    palette.give_back("ada")
    assert palette.take("alan") == color


def test_a_wish_is_granted_when_nobody_has_that_colour() -> None:
    palette = Palette()
    assert palette.take("ada", "tomato") == "tomato"
    other = palette.take("grace", "tomato")
    assert other != "tomato"
    palette.give_back("ada")
    assert palette.take("alan", "tomato") == "tomato"


@pytest.mark.parametrize("wish", ["var(--jp-collaborator-color1)", "hsl(0 65% 45%)"])
def test_a_wish_for_one_of_ours_takes_it_from_the_others(wish: str) -> None:
    palette = Palette()
    assert palette.take("ada", wish) == wish
    assert wish not in [palette.take(f"person {n}") for n in range(50)]


def test_a_colour_that_is_given_back_is_free_again() -> None:
    palette = Palette()
    for n in range(100):
        color = palette.take(f"visitor {n}")
        assert color == "var(--jp-collaborator-color1)"
        palette.give_back(f"visitor {n}")


def test_a_crowd_gets_as_many_colours() -> None:
    palette = Palette()
    colors = [palette.take(f"person {n}") for n in range(1000)]
    assert len(set(colors)) == 1000


def test_people_of_other_processes_have_theirs_too() -> None:
    palette = Palette()
    elsewhere = {"grace": palette.take("nobody", elsewhere={}), "ada": "tomato"}
    palette.give_back("nobody")
    assert palette.take("ada", elsewhere=elsewhere) == "tomato", "one person, one colour"
    assert palette.take("nobody", elsewhere=elsewhere) not in elsewhere.values()
    assert palette.take("alan", "tomato", elsewhere) not in elsewhere.values()


def test_people_who_come_to_two_processes_at_once_seldom_get_the_same() -> None:
    same = sum(Palette().take(f"a{n}", elsewhere={}) == Palette().take(f"b{n}", elsewhere={}) for n in range(200))
    assert same < 20
