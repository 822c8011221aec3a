"""Install what the tests need and run them: npm's first, pytest's last, with its arguments."""

import os
import subprocess
import sys

import chromium
import environment
import npm_build
import services


def main(arguments: list[str]) -> int:
    environment.ensure("test")
    environment.ensure_node()
    os.environ["JUPYTER_LIVE_CHROMIUM"] = chromium.find_or_install()
    services.find_or_install()
    failed = 0
    if arguments:
        environment.say("arguments choose among pytest's tests: the labextension's own are left out")
    else:
        environment.say("npm test in labextension/")
        failed = subprocess.run(["npm", "test", "--silent"], cwd=npm_build.HERE).returncode
    environment.say("pytest")
    # Nothing is printed after pytest's closing line.
    return subprocess.run([environment.PYTHON, "-m", "pytest", *arguments], cwd=environment.ROOT).returncode or failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
