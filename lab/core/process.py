"""Child processes: list arguments, an environment of only what is needed, a bounded life."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.core.config import PROJECT
from lab.core.errors import Unavailable
from lab.core.files import write_whole

QUIET = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "GIT_PYTHON_REFRESH": "quiet",
}
# What a child may inherit: places and language, never credentials.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT", "USERPROFILE",
             "SSL_CERT_FILE", "DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH",
             "CUDA_VISIBLE_DEVICES")  # fmt: skip

# The clock may be set while a process runs; its id is not given to another one that soon.
SAME_SECONDS = 10.0
# What was killed is gone at once, unless the machine is busy.
KILLED_SECONDS = 60.0

_started: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Child:
    """A process we started and must be able to find again after a restart.

    Args:
        pid: Process id.
        started: Its creation time, seconds since 1970, so that a reused pid is not mistaken.
        port: Loopback port it serves on, or 0.
    """

    pid: int
    started: float
    port: int = 0

    @property
    def alive(self) -> bool:
        """Whether that very process still runs."""
        import psutil

        if self.pid in _started:
            _started[self.pid].poll()  # reaps it, so that it does not stay a zombie
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < SAME_SECONDS
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def stop(self, grace_seconds: float = 5.0) -> None:
        """End it and its children: politely first, by force after the grace."""
        import psutil

        if not self.alive:
            return
        try:
            parent = psutil.Process(self.pid)
            family = [*parent.children(recursive=True), parent]
        except psutil.NoSuchProcess:
            return  # it ended between the two looks
        for process in family:
            _ignoring_gone(process.terminate)
        _, left = psutil.wait_procs(family, timeout=grace_seconds)
        for process in left:
            _ignoring_gone(process.kill)
        psutil.wait_procs(left, timeout=KILLED_SECONDS)
        _reap()

    def save(self, path: Path) -> None:
        """Remember it in a small file."""
        write_json(path, asdict(self))

    @classmethod
    def load(cls, path: Path) -> "Child | None":
        """The child a file remembers, if it still runs."""
        if not path.exists():
            return None
        child = cls(**json.loads(path.read_text(encoding="utf-8")))
        return child if child.alive else None


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child: places, telemetry off, and what it needs by name."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**kept, **QUIET, "PYTHONPATH": str(PROJECT), **(extra or {})}


def start(
    argv: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    port: int = 0,
) -> Child:
    """Start a child in its own session with its output in a file.

    Args:
        argv: Program and arguments, never a shell string.
        log: File that takes standard output and error.
        env: Variables on top of ``environment()``.
        cwd: Working folder.
        port: Port it will serve on, to be remembered.

    Returns:
        A handle that survives a restart of this process.

    Raises:
        Unavailable: The program cannot be started.
    """
    import psutil

    try:
        with log.open("ab") as sink:
            process = subprocess.Popen(
                list(argv),
                env=environment(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _reap()
        _started[process.pid] = process
        return Child(process.pid, psutil.Process(process.pid).create_time(), port)
    except (OSError, psutil.Error) as error:
        raise Unavailable(
            f"{argv[0]} cannot be started: {error}.", "See the Doctor page."
        ) from error


def python(module: str, *args: str) -> list[str]:
    """The argv that runs one of our modules with this Python."""
    return [sys.executable, "-m", module, *args]


def free_port() -> int:
    """A loopback port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str, timeout_seconds: float = 5.0) -> bool:
    """Whether a URL of ours answers with success."""
    import requests

    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(url, timeout=timeout_seconds).ok
    except requests.RequestException:
        return False


def wait_for(url: str, child: Child, log: Path, timeout_seconds: float = 120.0) -> None:
    """Wait until a child answers.

    Raises:
        Unavailable: It ended or did not answer in time; the message holds the end of its log.
    """
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if answers(url):
            return
        if not child.alive:
            break
        time.sleep(0.1)
    child.stop()
    tail = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
    raise Unavailable(f"{url} did not answer. It said: {' / '.join(tail)}", f"See {log}.")


def write_json(path: Path, value: object) -> None:
    """Write JSON so that a reader sees the old content or the new, never half."""
    write_whole(path, json.dumps(value, default=str))


def _reap() -> None:
    """Let go of children that have ended, so that an app of many days keeps no zombies."""
    for pid, process in list(_started.items()):
        if process.poll() is not None:
            _started.pop(pid, None)


def _ignoring_gone(action: Callable[[], None]) -> None:
    import psutil

    try:
        action()
    except psutil.NoSuchProcess:
        return
