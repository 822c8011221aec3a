"""JupyterLab pages as people use them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, expect

from jupyter_live.testing import LiveServer

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]
TIMEOUT = 30_000  # ms until an expectation fails: generous, machines are slow

READY = re.compile("saved|iew")  # "All changes saved", or what a viewer is told

expect.set_options(timeout=TIMEOUT)


@contextmanager
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium: Playwright's own download is not needed."""
    found = os.environ.get("JUPYTER_LIVE_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    assert found, "no Chromium found; scripts/test installs one"
    launched = playwright.chromium.launch(executable_path=found, args=FLAGS, headless=True)
    try:
        yield launched
    finally:
        launched.close()


class Person:
    """Someone with a browser of their own, who looks at one document in JupyterLab."""

    def __init__(
        self,
        browser: Browser,
        server: LiveServer,
        name: str,
        shots: Path,
        user_agent: str | None = None,
        url: str | None = None,
    ) -> None:
        self.name = name
        self.server = server
        self.url = url or server.url
        self._shots = shots
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 1280, "height": 800},
            user_agent=user_agent,
            ignore_https_errors=True,  # of certificates that tests make for themselves
        )
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.errors: list[str] = []
        self.page: Page = self._new_page()

    def open(self, path: str, status: str | re.Pattern[str] = READY) -> Person:
        """Open a file in a workspace of one's own, and wait until it is complete and its `status` is told."""
        self.goto(f"/tree/{path}")
        self.ready(status)
        return self

    def goto(self, place: str = "") -> None:
        """Load JupyterLab in a workspace of one's own."""
        self.page.goto(f"{self.url}lab/workspaces/{self.name}{place}?token={self.server.token}&reset")
        self.page.wait_for_function("window.jupyterapp && window.jupyterapp.restored.then(() => true)")

    def new_tab(self) -> Person:
        """Close the browser tab, whatever is in it, and open another one."""
        self.page.close()
        self.page = self._new_page()
        return self

    def ready(self, status: str | re.Pattern[str] = READY) -> None:
        """Wait until the document is there and live."""
        expect(self.page.locator(".jp-Notebook .jp-Cell, .jp-FileEditor .cm-content").first).to_be_visible()
        expect(self.status).to_contain_text(status)

    # what is seen

    @property
    def status(self) -> Locator:
        return self.page.locator(".jp-LiveStatus")

    @property
    def toasts(self) -> Locator:
        return self.page.locator(".Toastify__toast")

    @property
    def avatars(self) -> Locator:
        return self.page.locator(".jp-LiveAvatars li")

    @property
    def cursors(self) -> Locator:
        """Other people's cursors in editors."""
        return self.page.locator(".jp-remote-cursor")

    @property
    def dialogs(self) -> Locator:
        """All but one of Jupyter's: for a folder its server answers 404 when a file in it is renamed at that moment."""
        return self.page.locator(".jp-Dialog").filter(has_not_text="Directory not found")

    def cell(self, index: int) -> Locator:
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{index}"]')

    def editor(self, index: int) -> Locator:
        return self.cell(index).locator(".cm-content")

    def output(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-OutputArea-output")

    def prompt(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-InputPrompt")

    @property
    def sources(self) -> list[str]:
        """The sources of all cells as this page's shared document has them."""
        found: list[str] = self.page.evaluate(
            "() => [...window.jupyterapp.shell.currentWidget.model.sharedModel.cells].map(c => c.getSource())"
        )
        return found

    @property
    def text(self) -> str:
        """The text of a file as this page's shared document has it."""
        found: str = self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.context.model.sharedModel.getSource()"
        )
        return found

    def shot(self, name: str) -> None:
        self._shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._shots / f"{name}-{self.name}.png")

    # what is done

    def type_in(self, index: int, text: str, *, at: str = "End") -> None:
        """Click into a cell, go somewhere, and type as a person does."""
        self.editor(index).click()
        self.page.keyboard.press(f"Control+{at}")
        self.page.keyboard.type(text)

    def command(self, name: str) -> None:
        """Run one of JupyterLab's commands."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def until(self, condition: Callable[[], bool], what: str = "") -> None:
        """Wait for something only Python can tell."""
        for _ in range(TIMEOUT // 50):
            if condition():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never came: {what or condition}")

    def saved(self) -> None:
        """Wait until all that was done here, and by others, is told as saved."""
        # The status bar is painted a frame or two after a keystroke, and says until then how it was before.
        self.page.evaluate(
            "async () => { for (let n = 0; n < 4; n++) await new Promise(painted => requestAnimationFrame(painted)) }"
        )
        expect(self.status).to_contain_text("All changes saved")

    def comes_to(self, sources: list[str]) -> None:
        """Wait until the cells have these sources."""
        self.until(lambda: self.sources == sources, f"{self.name}: {sources}")

    def close(self) -> None:
        self.context.close()

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)
