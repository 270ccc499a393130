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
NONE_SELECTED = 5  # pytest's exit code when the arguments select no test of a part
TESTED = ("tests", "browser")
LINT_IMPORTS = str(Path(sysconfig.get_path("scripts")) / "lint-imports")


def parts(extra: list[str]) -> dict[str, list[str]]:
    """Name and command of each part, cheapest first."""
    return {
        "style": [*PYTHON, "ruff", "check", "."],
        "format": [*PYTHON, "ruff", "format", "--check", "."],
        "types": [*PYTHON, "mypy"],
        "layers": [LINT_IMPORTS],
        "tests": [
            *(*PYTHON, "pytest", "-n", "2", "--dist", "loadgroup", "-m", "not browser"),
            *extra,
        ],
        # One at a time: their steps build on each other and the machine has one display.
        "browser": [*PYTHON, "pytest", "-n", "0", "-m", "browser", *extra],
    }


def main(extra: list[str]) -> int:
    """Run every part and say how each ended; return 1 when any failed or no test ran."""
    codes, seconds = {}, {}
    for name, command in parts(extra).items():
        print(f"\n=== {name} ===", flush=True)
        started = time.monotonic()
        codes[name] = subprocess.run(command, cwd=PROJECT, check=False).returncode
        seconds[name] = time.monotonic() - started
    # Arguments may leave one of the two test parts without a test, but not both.
    some_ran = {codes[name] for name in codes if name in TESTED} != {NONE_SELECTED}
    fine = {0, NONE_SELECTED} if extra and some_ran else {0}
    print("\n=== summary ===")
    for name, code in codes.items():
        print(f"{name:<8} {'ok' if code in fine else 'FAILED':<8} {seconds[name]:6.1f} s")
    return 0 if all(code in fine for code in codes.values()) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
