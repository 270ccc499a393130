#!/usr/bin/env python3
"""Set up and start the lab: ``python3 start.py``, ``start.py test``, ``start.py doctor``.

Standard library only, and syntax that old Pythons read: whatever goes wrong before the lab is
installed has to be said here, in one sentence with the next action.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "lab-installed.json"
OLDEST, NEWEST = (3, 11), (3, 14)
FULL_BYTES, CHANGE_BYTES = 4_000_000_000, 1_000_000_000  # a first install, a changed lock
QUIET = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
STEPS = r" *(Collecting|Processing|Downloading|Installing|Resolved|Prepared|Installed|\+) "
FAILURES = (
    (r"No space left|disk full|os error 28", "The disk is full.", "Free about 4 GB."),
    (
        r"DO NOT MATCH THE HASHES|[Hh]ash mismatch",
        "A downloaded package is not the one the lock file names.",
        "Try again; if it stays so, do not use this network or mirror.",
    ),
    (
        r"name resolution|NewConnectionError|Max retries|dns error|error sending request|timed out"
        r"|Failed to (fetch|download)|No matching distribution|Network is unreachable|ProxyError"
        r"|[Cc]onnection (refused|reset)|SSLError|CERTIFICATE|[Cc]ould not connect",
        "The packages cannot be downloaded.",
        "Check the network or proxy (set HTTPS_PROXY if you need one).",
    ),
)


class Stop(Exception):
    """An end with one sentence and the next action."""

    def __init__(self, message: str, action: str) -> None:
        super().__init__(f"{message} {action}")


def main(argv: list[str] | None = None) -> int:
    """Make the environment ready and hand over to what was asked for; return the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        if argv[:1] == ["test"]:
            environment(dev=True)
            return hand_over(["-m", "tests", *argv[1:]])
        args = arguments(argv)
        if args.command == "doctor" and not installed():
            return doctor()
        environment()
        place = ["--workspace", str(Path(args.workspace).absolute())] if args.workspace else []
        if args.command == "doctor":
            return hand_over(["-m", "lab", "doctor", *place])
        flags = ["--no-browser"] * args.no_browser + ["--window"] * args.window
        flags += ["--port", str(args.port)] if args.port else []
        return hand_over(["-m", "lab.desktop", *place, *flags])
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def arguments(argv: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="start.py", description="Start the lab workbench.")
    parser.add_argument("command", nargs="?", choices=["run", "doctor", "test"], default="run")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--window", action="store_true", help="a window without browser controls")
    parser.add_argument("--workspace", metavar="DIR", help="folder that holds data, runs, models")
    parser.add_argument("--port", type=int, metavar="N", help="exactly this port, 1 to 65535")
    args = parser.parse_args(argv)
    if args.command == "test":
        parser.error("put 'test' first: start.py test [pytest arguments]")
    if args.port is not None and not 0 < args.port < 65536:
        parser.error("--port must be between 1 and 65535")
    return args


# --- the environment -------------------------------------------------------------------------


def suitable(version: tuple[int, ...]) -> bool:
    """Whether the lab runs on a Python version."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def ask_version(python: str) -> tuple[int, ...] | None:
    """The version of a Python, or None when it does not run."""
    said = ask([python, "-I", "-c", "import sys; print(*sys.version_info[:2])"])
    return tuple(int(part) for part in said.split()) if said else None


def ask(command: list[str]) -> str | None:
    """What a program prints, or None when it does not run: a name on the PATH may be empty."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return None if answer.returncode else answer.stdout


def choose_python(version: tuple[int, ...] = tuple(sys.version_info)) -> str:
    """The Python to build the environment with: this one, or a suitable one on the PATH."""
    if suitable(version):
        return getattr(sys, "_base_executable", None) or sys.executable
    for name in ("python3.12", "python3.13", "python3.11", "python3.14"):
        found = shutil.which(name)
        if found and suitable(ask_version(found) or ()):
            return found
    raise Stop(
        "This is Python {}.{}; the lab needs Python 3.11, 3.12 or 3.13.".format(*version[:2]),
        "Install one (https://www.python.org/downloads/), then run it with python3.12 start.py.",
    )


def environment(dev: bool = False) -> None:
    """Make ``.venv`` hold exactly what the lock files say; do nothing when it already does."""
    version = ask_version(str(PYTHON)) if VENV.exists() else None
    if version is None or not suitable(version):
        make_venv()
        version = ask_version(str(PYTHON)) or ()
    files = ["requirements.txt"] + (["requirements-dev.txt"] if dev else [])
    wanted = {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in files}
    wanted["python"] = ".".join(str(part) for part in version)
    have = read_json(STAMP)
    if all(have.get(name) == value for name, value in wanted.items()):
        return
    if version[:2] == (3, 14):
        print("Note: TensorFlow has no build for Python 3.14; its features will be off.")
    need_space(CHANGE_BYTES if have else FULL_BYTES)
    install([name for name in files if have.get(name) != wanted[name]])
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")


def installed() -> bool:
    """Whether there is an environment that once was complete and still runs."""
    return bool(read_json(STAMP)) and ask_version(str(PYTHON)) is not None


def make_venv() -> None:
    """Build an empty ``.venv``, in place of a broken one."""
    python = choose_python()
    need_space(FULL_BYTES)
    try:
        if VENV.exists() or VENV.is_symlink():
            print("The environment in .venv does not work; building it again.")
            shutil.rmtree(str(VENV))
        print(f"Making an environment in {VENV} with {python}.")
        uv = find_uv()
        command = [uv, "venv", "--quiet", "--python", python] if uv else [python, "-m", "venv"]
        done = subprocess.run([*command, str(VENV)], capture_output=True, text=True)
    except OSError as error:
        raise Stop(
            f"The environment in {VENV} cannot be made: {error.strerror}.",
            f"Delete that folder or make {HERE} writable, and start again.",
        ) from error
    if done.returncode or ask_version(str(PYTHON)) is None:
        said = (done.stderr + done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise Stop(
            f"The environment in {VENV} cannot be made: {said[0].strip()}.",
            "On Debian or Ubuntu install python3-venv; else delete .venv and start again.",
        )
    let_import()


def let_import() -> None:
    """Let the environment import the lab from any folder, as a notebook in its own folder does."""
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = (ask([str(PYTHON), "-I", "-c", where]) or "").strip()
    if packages:
        line = os.path.relpath(str(HERE), packages)  # relative: the whole folder may be moved
        (Path(packages) / "lab-workbench.pth").write_text(line + "\n", encoding="utf-8")


def need_space(needed: int) -> None:
    """Refuse to begin what the disk cannot hold."""
    free = shutil.disk_usage(str(HERE)).free
    if free < needed:
        raise Stop(
            f"The lab needs {needed / 1e9:.1f} GB of disk; {HERE} has {free / 1e9:.1f} GB free.",
            "Free some space, or move the folder to a larger disk.",
        )


def install(files: list[str]) -> None:
    """Install lock files, hashes required, with uv when it is there and pip otherwise."""
    uv = find_uv()
    if uv:
        command = [uv, "pip", "install", "--python", str(PYTHON)]
    else:
        command = [str(PYTHON), "-m", "pip", "install", "--retries", "2"]
    # The locks are complete; pip left to resolve would refuse extras that carry no hash.
    command += ["--require-hashes", "--no-deps"]
    command += [part for name in files for part in ("-r", str(HERE / name))]
    print("Installing the locked packages with {}. This takes minutes the first time.".format(
        "uv" if uv else "pip"
    ))  # fmt: skip
    started = time.monotonic()
    code, lines = watched(command)
    if code:
        log = VENV / "install.log"
        log.write_text("\n".join(lines), encoding="utf-8")
        tail = "\n".join(lines[-30:])
        for pattern, message, action in FAILURES:
            if re.search(pattern, tail):
                raise Stop(message, f"{action} Then start again. (Details: {log})")
        last = lines[-1].strip() if lines else "no reason given"
        raise Stop(f"The installation failed: {last}", f"Details are in {log}.")
    print(f"Installed in {time.monotonic() - started:.0f} s.")


def find_uv() -> str | None:
    """The path of uv when it is on the PATH and runs."""
    uv = shutil.which("uv")
    try:
        return (
            uv
            if uv and not subprocess.run([uv, "--version"], capture_output=True).returncode
            else None
        )
    except OSError:
        return None


def watched(command: list[str]) -> tuple[int, list[str]]:
    """Run an installer and show how long and how far; return its exit code and its words."""
    lines = []  # type: list[str]
    live, started = sys.stdout.isatty(), time.monotonic()
    with subprocess.Popen(
        command, cwd=str(HERE), env=child_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        universal_newlines=True, encoding="utf-8", errors="replace",
    ) as process:  # fmt: skip
        source = process.stdout or []
        reader = threading.Thread(target=lambda: [lines.append(line.rstrip()) for line in source])
        reader.start()
        running = True
        while running:
            reader.join(0.5 if live else 15)
            running = reader.is_alive()
            minutes, seconds = divmod(int(time.monotonic() - started), 60)
            told = [line.strip() for line in list(lines) if re.match(STEPS, line)]
            found = sum(line.startswith(("Collecting ", "Processing ")) for line in told)
            count = f"{found} packages, " if found else ""
            now = "  {}:{:02d}  {}{}".format(minutes, seconds, count, told[-1] if told else "")
            print(("\r\033[K" if live else "") + now[:78], end="" if live else "\n", flush=True)
    print("\r\033[K" if live else "", end="")
    return process.returncode, lines


def child_environment(**extra: str) -> dict[str, str]:
    """This environment with telemetry off and nothing that could bend the other Python."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}
    return {**kept, **QUIET, **extra}


def read_json(path: Path) -> dict[str, str]:
    """A small JSON object; empty when it is absent or damaged."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


# --- afterwards ------------------------------------------------------------------------------


def hand_over(arguments: list[str]) -> int:
    """Continue as the environment's Python, so that signals reach the program directly."""
    command = [str(PYTHON), *arguments]
    os.chdir(str(HERE))
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], command, child_environment())  # noqa: S606
    with subprocess.Popen(command, env=child_environment()) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # it got the same Ctrl-C and is ending in good order


def doctor() -> int:
    """Say what is there before anything is installed."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    free = shutil.disk_usage(str(HERE)).free
    rows = [
        ("Python", suitable(sys.version_info), version, "Install Python 3.11, 3.12 or 3.13"),
        ("Disk", free >= FULL_BYTES, f"{free / 1e9:.1f} GB free", "Free 4 GB"),
        ("Environment", installed(), "not installed", "python3 start.py"),
    ]
    for name in ("docker", "prometheus", "chromium", "uv", "git"):
        found = shutil.which(name)
        rows.append((name, bool(found), found or "not on the PATH", "Optional: install it"))
    for name, good, found, fix in rows:
        print("{:<12} {:<8} {:<40} {}".format(name, "ok" if good else "missing", found,
                                              "" if good else fix))  # fmt: skip
    return 0 if all(good for _, good, _, _ in rows[:2]) else 1


if __name__ == "__main__":
    sys.exit(main())
