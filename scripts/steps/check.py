"""Check style and types. All checks run, also after one has failed."""

import subprocess
import sys
from pathlib import Path

import environment
import npm_build


def main() -> int:
    environment.ensure("test")
    environment.ensure_node()
    python = str(environment.PYTHON)
    tsc = str(npm_build.HERE / "node_modules" / ".bin" / "tsc")
    checks: list[tuple[list[str], Path]] = [
        ([python, "-m", "ruff", "check"], environment.ROOT),
        ([python, "-m", "ruff", "format", "--check"], environment.ROOT),
        ([python, "-m", "mypy"], environment.ROOT),
        ([tsc, "--noEmit"], npm_build.HERE),
    ]
    failed = []
    for command, folder in checks:
        name = " ".join([Path(part).name for part in command if part not in (python, "-m")])
        environment.say(name)
        if subprocess.run(command, cwd=folder).returncode:
            failed.append(name)
    environment.say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
