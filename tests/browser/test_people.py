"""Who is here, and where."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from jupyter_live.testing import LiveServer

from .conftest import Notebook
from .pages import Person

OpenBoth = Callable[[str], tuple[Person, Person]]
Come = Callable[..., Person]

COLORS = "nodes => nodes.map(node => getComputedStyle(node).backgroundColor)"


def test_the_others_cursor_is_shown_with_their_name(people: OpenBoth, notebook: Notebook) -> None:
    ada, bob = people(notebook("some text here", "other"))
    ada.editor(0).click()
    ada.page.keyboard.press("Control+Home")
    ada.page.keyboard.press("Shift+End")
    expect(bob.cursors.first).to_be_attached()
    expect(bob.page.locator(".jp-remote-selection").first).to_be_attached()
    bob.shot("cursor")


def test_avatars_of_those_present_each_in_their_own_colour(people: OpenBoth, notebook: Notebook) -> None:
    ada, bob = people(notebook("x"))
    for person in (ada, bob):
        expect(person.avatars).to_have_count(2)
        colors = person.avatars.evaluate_all(COLORS)
        assert len(set(colors)) == 2, colors
    assert sorted(ada.avatars.evaluate_all(COLORS)) == sorted(bob.avatars.evaluate_all(COLORS))
    bob.close()
    expect(ada.avatars).to_have_count(1)


def test_collaborators_panel_user_menu_and_share_button_are_there(people: OpenBoth, notebook: Notebook) -> None:
    ada, bob = people(notebook("x"))
    ada.page.locator('.jp-SideBar [data-id="jp-collaboration-panel"]').click()
    panel = ada.page.locator("#jp-collaboration-panel")
    expect(panel.locator(".jp-Collaborator")).to_have_count(1)
    expect(ada.page.locator(".jp-UserMenu, .jp-MenuBar-anonymousIcon, .jp-MenuBar-imageIcon").first).to_be_visible()
    ada.page.locator('#jp-top-bar [data-jp-item-name="live-share"]').click()
    expect(ada.dialogs).to_contain_text("Whoever has the link may come in")
    ada.shot("panel")


def test_who_comes_later_finds_those_who_were_there_before_in_the_panel(come: Come, lab: LiveServer) -> None:
    ada, bob = come(lab, "ada-before"), come(lab, "bob-later")
    for person in (ada, bob):
        person.goto()
    bob.page.locator('.jp-SideBar [data-id="jp-collaboration-panel"]').click()
    expect(bob.page.locator("#jp-collaboration-panel .jp-Collaborator")).to_have_count(1)


def test_the_share_button_shares_the_folder_where_no_document_is_at_hand(come: Come, lab: LiveServer) -> None:
    """And the command is named as jupyter-collaboration's, as shortcuts, toolbars and packages know it."""
    (lab.work / "some folder").mkdir()
    ada = come(lab, "ada-folder")
    ada.goto("/tree/some%20folder")
    ada.page.locator('#jp-top-bar jp-button[data-command="collaboration:shared-link"]').click()
    expect(ada.dialogs).to_contain_text("Link to some folder")
    ada.dialogs.get_by_role("button", name="Copy Link").click()
    assert ada.page.evaluate("navigator.clipboard.readText()") == f"{lab.url}lab/tree/some%20folder?token={lab.token}"
