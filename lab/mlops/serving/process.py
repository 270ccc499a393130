"""Models served by a local process: the same server without a container.

The process outlives the page and the app that started it: what is needed to find it again
lies in the workspace. It is not fenced in like a container; the model reader's refusals are
its only guard, so only verified models reach it.
"""

import json
import secrets
import shutil
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.core.errors import Busy, NotFound, Unavailable
from lab.core.names import inside
from lab.core.process import Child, python, start, write_json
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.mlops.models.artifact import copy_model, fingerprint, read_manifest
from lab.mlops.serving.endpoint import (
    START_SECONDS,
    BackendName,
    EndpointInfo,
    reason_of,
    slug,
    state_of,
)

LOG = "server.log"


class Processes:
    """The local backend of one workspace.

    Args:
        ws: The workspace, which remembers the processes.
    """

    name: BackendName = "process"

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws

    @property
    def root(self) -> Path:
        """One folder per endpoint."""
        return self.ws.state / "endpoints"

    def launch(self, model: Path, *, port: int = 0) -> Steps[EndpointInfo]:
        """Serve a stamped model folder by a process of its own.

        Args:
            model: A stamped model folder; a copy of it is served.
            port: Loopback port; 0 takes a free one.

        Yields:
            What is being done.

        Returns:
            The healthy endpoint.

        Raises:
            Busy: The port is taken.
            Unavailable: The process did not become healthy; nothing of it is left.
        """
        about = read_manifest(model)
        endpoint_id = f"{slug(about.name)}-{secrets.token_hex(3)}"
        folder = inside(self.root, endpoint_id)
        yield Progress(0, 2, "Starting a local process")
        folder.mkdir(parents=True)
        child = None
        try:
            # Our own copy: what lies at the source may change while we serve.
            copy_model(model, folder / "model")
            expected = fingerprint(folder / "model")
            child = start(self._argv(folder, port, expected), folder / LOG, cwd=folder)
            write_json(folder / "child.json", asdict(child))
            info = EndpointInfo(
                id=endpoint_id,
                backend="process",
                model=about.name,
                version=about.version or "",
                run_id=about.run_id or "",
                fingerprint=expected,
                url="",
                state="starting",
                detail=f"process {child.pid}",
                created=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            url = yield from _until_healthy(child, folder, port)
            write_json(folder / "endpoint.json", asdict(replace(info, url=url, state="healthy")))
        except BaseException:
            if child is not None:
                child.stop()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return replace(info, url=url, state="healthy")

    def restart(self, endpoint_id: str) -> Steps[EndpointInfo]:
        """Start a process again on the files it served, as a machine that comes back does.

        Args:
            endpoint_id: Which one.

        Yields:
            What is being done.

        Returns:
            The endpoint; unlike after a launch, one that refuses its model stays and says why.
        """
        folder = self._folder(endpoint_id)
        self.stop(endpoint_id)
        (folder / "port.json").unlink(missing_ok=True)
        info = EndpointInfo(**_json(folder / "endpoint.json"))
        child = start(self._argv(folder, 0, info.fingerprint), folder / LOG, cwd=folder)
        write_json(folder / "child.json", asdict(child))
        try:
            url = yield from _until_healthy(child, folder, 0)
        except Unavailable:
            url = _announced(folder)
        back = replace(info, url=url, detail=f"process {child.pid}")
        write_json(folder / "endpoint.json", asdict(back))
        return self._info(folder)

    def all(self) -> list[EndpointInfo]:
        """Processes of this workspace, running or ended, newest first."""
        listed = [self._info(path.parent) for path in self.root.glob("*/endpoint.json")]
        return sorted(listed, key=lambda info: info.created, reverse=True)

    def logs(self, endpoint_id: str, lines: int = 200) -> str:
        """The end of a server's log."""
        path = self._folder(endpoint_id) / LOG
        text = path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def stop(self, endpoint_id: str) -> None:
        """Stop a process; its log stays."""
        child = Child.load(self._folder(endpoint_id) / "child.json")
        if child is not None:
            child.stop()

    def remove(self, endpoint_id: str) -> None:
        """Stop a process and remove its folder."""
        self.stop(endpoint_id)
        shutil.rmtree(self._folder(endpoint_id))

    def sweep(self) -> int:
        """Remove what a launch that was cut off left behind; returns how many."""
        stale = [
            folder
            for folder in self.root.glob("*")
            if not (folder / "endpoint.json").exists()
            and time.time() - folder.stat().st_mtime > START_SECONDS
        ]
        for folder in stale:
            self.remove(folder.name)
        return len(stale)

    def _folder(self, endpoint_id: str) -> Path:
        folder = inside(self.root, endpoint_id)
        if folder == self.root.resolve() or not folder.is_dir():
            raise NotFound(f"There is no process {endpoint_id!r}.", "List the endpoints again.")
        return folder

    def _argv(self, folder: Path, port: int, expected: str) -> list[str]:
        return python(
            "lab.mlops.serving.server",
            *("--model", str(folder / "model"), "--port", str(port)),
            *("--announce", str(folder / "port.json"), "--fingerprint", expected),
        )

    def _info(self, folder: Path) -> EndpointInfo:
        info = EndpointInfo(**_json(folder / "endpoint.json"))
        if Child.load(folder / "child.json") is None:
            return replace(info, url="", state="stopped")
        return replace(info, state=state_of(info.url))


def _until_healthy(child: Child, folder: Path, port: int) -> Steps[str]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.alive:
        url = _announced(folder)
        state = state_of(url) if url else "starting"
        if state == "healthy":
            yield Progress(2, 2, f"{url} is healthy")
            return url
        if state == "refused":
            raise Unavailable(*reason_of(url))
        yield Progress(1, 2, "Waiting for the model to load")
        time.sleep(0.1)
    said = (folder / LOG).read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
    if any("cannot be used" in line for line in said):
        raise Busy(f"Port {port} is taken.", "Choose another, or 0 for a free one.")
    raise Unavailable(
        f"The server did not become healthy. It said: {' / '.join(said)}", "Launch it again."
    )


def _announced(folder: Path) -> str:
    path = folder / "port.json"
    return f"http://127.0.0.1:{_json(path)['port']}" if path.exists() else ""


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
