"""Install what benchmarks need and run them. Peers are installed by benchmarks/peers.py."""

import subprocess
import sys

import environment


def main(arguments: list[str]) -> int:
    environment.ensure("bench")
    command = [str(environment.PYTHON), "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=environment.ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
