"""Find the Chromium that the browser tests drive, without a screen, or install it."""

import shutil
import sys
from pathlib import Path

import environment

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")


def find_or_install() -> str:
    """Path of a Chromium or Chrome. Ends the program with one line if there is none to be had."""
    found = _find()
    if found is None and environment.can_install():
        environment.say("no Chromium here: installing Debian's")
        environment.apt_install("chromium")
        found = _find()
    if found is None:
        sys.exit("The browser tests need Chromium or Google Chrome on PATH: install it and start again.")
    return found


def _find() -> str | None:
    for command in COMMANDS:
        path = shutil.which(command)
        if path:
            return path
    return next((f"/Applications/{app}" for app in MAC if Path("/Applications", app).exists()), None)
