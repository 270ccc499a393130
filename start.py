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
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "lab-installed.json"
NEEDED_BYTES = 4_000_000_000
STEPS = r" *(Collecting|Processing|Downloading|Installing|Resolved|Prepared|Installed|\+) "
FAILURES = {
    r"No space left|disk full|os error 28": "The disk is full. Free about 4 GB.",
    r"DO NOT MATCH THE HASHES|[Hh]ash mismatch":
        "A downloaded package is not the one the lock file names: distrust this network.",
    r"name resolution|NewConnectionError|Max retries|dns error|error sending request|timed out"
    r"|Failed to (fetch|download)|No matching distribution|Network is unreachable|ProxyError"
    r"|[Cc]onnection (refused|reset)|SSLError|CERTIFICATE|[Cc]ould not connect":
        "The packages cannot be downloaded. Check the network or the proxy (HTTPS_PROXY).",
}  # fmt: skip


class Stop(Exception):
    """An end with one sentence and the next action."""


def main(argv: list[str]) -> int:
    """Make the environment ready and hand over to what was asked for; return the exit code."""
    try:
        if argv[:1] == ["test"]:
            environment(dev=True)
            return hand_over(["-m", "tests", *argv[1:]])
        args = arguments(argv)
        if args.command == "doctor" and not stamped():
            need_space()
            print(f"Nothing is installed yet; {choose_python()} will do. Run python3 start.py.")
            return 0
        environment()
        place = ["--workspace", args.workspace] if args.workspace else []
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
    """Read the command line, before minutes go by with an installation."""
    tests = "start.py test [pytest arguments] runs every check."
    parser = argparse.ArgumentParser("start.py", description="Start the lab.", epilog=tests)
    parser.add_argument("command", nargs="?", choices=["run", "doctor"], default="run")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--window", action="store_true", help="a window without browser controls")
    parser.add_argument("--workspace", type=os.path.abspath, help="folder of data, runs, models")
    parser.add_argument("--port", type=int, metavar="N", help="exactly this port, 1 to 65535")
    args = parser.parse_args(argv)
    if args.port is not None and not 0 < args.port < 65536:
        parser.error("--port must be between 1 and 65535")
    return args


def environment(dev: bool = False) -> None:
    """Make ``.venv`` hold exactly what the lock files say; do nothing when it already does."""
    if not suitable(ask_version(PYTHON)):
        make_venv()
    version = ask_version(PYTHON)
    files = ["requirements.txt"] + ["requirements-dev.txt"] * dev
    wanted = {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in files}
    wanted["python"] = ".".join(str(part) for part in version)
    have = stamped() if stamped().get("python") == wanted["python"] else {}
    missing = [name for name in files if have.get(name) != wanted[name]]
    if not missing:
        return
    install(missing)
    let_import()
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")


def stamped() -> dict[str, str]:
    """What was installed last, as hashes of the locks; empty before, or when it was cut off."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def suitable(version: tuple[int, ...]) -> bool:
    """Whether the lab runs on a Python version."""
    return (3, 11) <= tuple(version[:2]) <= (3, 14)


def ask_version(python: str | Path) -> tuple[int, ...]:
    """Major and minor version of a Python; empty when it does not run."""
    said = ask([str(python), "-I", "-c", "import sys; print(*sys.version_info[:2])"])
    return tuple(int(part) for part in said.split())


def ask(command: list[str]) -> str:
    """What a program prints; nothing when it does not run: a name on the PATH may be empty."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return "" if answer.returncode else answer.stdout


def choose_python(version: tuple[int, ...] = tuple(sys.version_info)) -> str:
    """The Python to build the environment with: this one, or a suitable one on the PATH."""
    if suitable(version):
        return getattr(sys, "_base_executable", None) or sys.executable
    for name in ("python3.12", "python3.13", "python3.11", "python3.14"):
        found = shutil.which(name)
        if found and suitable(ask_version(found)):
            return found
    raise Stop(
        "This is Python {}.{}; the lab needs Python 3.11, 3.12 or 3.13. Install one "
        "(https://www.python.org/downloads/), then run it: python3.12 start.py".format(*version)
    )


def find_uv() -> str | None:
    """The path of uv when it is on the PATH and runs."""
    uv = shutil.which("uv")
    return uv if uv and ask([uv, "--version"]) else None


def make_venv() -> None:
    """Build an empty ``.venv``, in place of a broken one."""
    python = choose_python()
    need_space()
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
            f"The environment in {VENV} cannot be made: {error.strerror}. "
            f"Delete that folder or make {HERE} writable, and start again.",
        ) from error
    if done.returncode or not ask_version(PYTHON):
        said = (done.stderr + done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise Stop(
            f"The environment in {VENV} cannot be made: {said[0].strip()}. "
            "On Debian or Ubuntu install python3-venv; else delete .venv and start again.",
        )


def let_import() -> None:
    """Let the environment import the lab from any folder, as a notebook in its own folder does."""
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = ask([str(PYTHON), "-I", "-c", where]).strip()
    if packages:
        line = os.path.relpath(str(HERE), packages)  # relative: the whole folder may be moved
        (Path(packages) / "lab-workbench.pth").write_text(line + "\n", encoding="utf-8")


def need_space() -> None:
    """Refuse to begin what the disk cannot hold."""
    free = shutil.disk_usage(str(HERE)).free
    if free < NEEDED_BYTES:
        raise Stop(
            f"The lab needs {NEEDED_BYTES / 1e9:.1f} GB of disk; {HERE} has {free / 1e9:.1f} GB "
            "free. Free some space, or move the folder to a larger disk.",
        )


def install(files: list[str]) -> None:
    """Install lock files, hashes required, with uv when it is there and pip otherwise."""
    uv, python = find_uv(), str(PYTHON)
    pip = [python, "-m", "pip", "install", "--retries", "2"]
    command = [uv, "pip", "install", "--python", python] if uv else pip
    # The locks are complete; pip left to resolve would refuse extras that carry no hash.
    command += ["--require-hashes", "--no-deps"]
    command += [part for name in files for part in ("-r", str(HERE / name))]
    print("Installing the locked packages. This takes minutes the first time.")
    code, lines = watched(command)
    if not code:
        return
    log = VENV / "install.log"
    log.write_text("\n".join(lines), encoding="utf-8")
    end = "\n".join(lines[-30:])
    known = [said for pattern, said in FAILURES.items() if re.search(pattern, end)]
    said = known[0] if known else f"The installation failed: {''.join(lines[-1:]).strip()}."
    raise Stop(f"{said} Then start again. Details are in {log}.")


def watched(command: list[str]) -> tuple[int, list[str]]:
    """Run an installer and show how long and how far; return its exit code and its words."""
    lines = []  # type: list[str]
    live, started = sys.stdout.isatty(), time.monotonic()
    with subprocess.Popen(
        command, cwd=str(HERE), env=child_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    ) as process:  # fmt: skip
        reader = threading.Thread(target=lambda: lines.extend(map(str.rstrip, process.stdout)))
        reader.start()
        ended = False
        while not ended:
            reader.join(0.5 if live else 15)
            ended = not reader.is_alive()
            told = [line.strip() for line in list(lines) if re.match(STEPS, line)]
            now = f"  {time.monotonic() - started:3.0f} s  {told[-1] if told else ''}"
            print(("\r\033[K" if live else "") + now[:78], end="" if live else "\n", flush=True)
    print("\r\033[K" * live, end="")
    return process.returncode, lines


def child_environment() -> dict[str, str]:
    """This environment with nothing that could bend the other Python."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}


def hand_over(arguments: list[str]) -> int:
    """Continue as the environment's Python, so that signals reach the program directly."""
    command = [str(PYTHON), *arguments]
    os.chdir(str(HERE))
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], command, child_environment())  # noqa: S606
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it gets the same Ctrl-C and ends in good order
    return subprocess.call(command, env=child_environment())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
