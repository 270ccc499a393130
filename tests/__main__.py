"""The whole test command: ``python3 start.py test [pytest arguments]``.

Every part runs even when an earlier one failed; extra arguments go to pytest alone.
"""

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PYTHON = [sys.executable, "-m"]
BY_FILE = ["--dist", "loadfile", "--no-loadscope-reorder"]
LINT_IMPORTS = str(Path(sysconfig.get_path("scripts")) / "lint-imports")


def parts(extra: list[str]) -> dict[str, list[str]]:
    """Name and command of each part, cheapest first."""
    return {
        "style": [*PYTHON, "ruff", "check", "."],
        "format": [*PYTHON, "ruff", "format", "--check", "."],
        "types": [*PYTHON, "mypy"],
        "layers": [LINT_IMPORTS],
        # A file stays on one worker: its tests share what was set up, and some tell one story.
        "tests": [*PYTHON, "pytest", "-n", "2", *BY_FILE, *extra],
    }


def main(extra: list[str]) -> int:
    """Run every part and say how each ended; return 1 when any failed or no test was selected."""
    codes, seconds = {}, {}
    for name, command in parts(extra).items():
        print(f"\n=== {name} ===", flush=True)
        started = time.monotonic()
        codes[name] = subprocess.run(command, cwd=PROJECT, check=False).returncode
        seconds[name] = time.monotonic() - started
    print("\n=== summary ===")
    for name, code in codes.items():
        print(f"{name:<8} {'ok' if code == 0 else 'FAILED':<8} {seconds[name]:6.1f} s")
    return int(any(codes.values()))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
