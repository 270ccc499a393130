"""Containers launched by somebody else: for an app that itself runs in a container.

The app has no Docker socket. A launcher (``python -m lab.launcher``) has it, takes nothing but
owner, model and version, and answers with the endpoint.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.core.errors import LabError, Unavailable
from lab.core.progress import Progress, Steps
from lab.core.secrets import LAUNCHER, load_secrets
from lab.core.workspace import Workspace
from lab.mlops.models.artifact import read_manifest
from lab.mlops.serving.endpoint import BackendName, EndpointInfo

ANSWER_SECONDS = 30.0
SILENCE_SECONDS = 900.0  # longest step of a first build: one large download
CUT_OFF = "The launcher ended in the middle of a launch."
HINT = "Start the launcher (compose.containers.yaml), or serve the model as a local process."


class Launched:
    """The Docker backend of one workspace, by way of the launcher in ``launcher_url``.

    Args:
        ws: The workspace, which the launcher shares.
    """

    name: BackendName = "docker"

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws

    def launch(self, model: Path, *, port: int = 0) -> Steps[EndpointInfo]:  # noqa: ARG002
        """Have a stamped model folder served; its image is built first if need be.

        Args:
            model: A stamped model folder of a registered version.
            port: Not used: the endpoint is on a network shared with this app.

        Yields:
            What the launcher is doing.

        Returns:
            The healthy endpoint.

        Raises:
            Unavailable: The launcher does not answer, or the launch failed.
        """
        about = read_manifest(model)
        order = {"model": about.name, "version": about.version or ""}
        with self._ask("/launch", order, stream=True) as answer:
            for event in _events(answer):
                if "endpoint" in event:
                    return EndpointInfo(**event["endpoint"])
                if "error" in event:
                    raise Unavailable(event["error"], event["hint"])
                yield Progress(event["done"], event["total"], event["message"])
        raise Unavailable(CUT_OFF, HINT)

    def all(self) -> list[EndpointInfo]:
        """Containers of this workspace, running or stopped, newest first."""
        return [EndpointInfo(**each) for each in self._ask("/list", {}).json()]

    def logs(self, endpoint_id: str, lines: int = 200) -> str:
        """The end of a container's log."""
        text = str(self._ask("/logs", {"endpoint": endpoint_id}).json())
        return "\n".join(text.splitlines()[-lines:])

    def stop(self, endpoint_id: str) -> None:
        """Stop a container; its log stays."""
        self._ask("/stop", {"endpoint": endpoint_id})

    def remove(self, endpoint_id: str) -> None:
        """Stop and remove a container; its image stays."""
        self._ask("/remove", {"endpoint": endpoint_id})

    def sweep(self) -> int:
        """Remove containers that were made and never started; returns how many."""
        return int(self._ask("/sweep", {}).json())

    def _ask(self, path: str, order: dict[str, str], *, stream: bool = False) -> Any:
        import requests

        url = self.ws.settings.launcher_url.rstrip("/") + path
        session = requests.Session()
        session.trust_env = False
        try:
            answer = session.post(
                url,
                json={"owner": self.ws.settings.owner, **order},
                headers={"Authorization": f"Bearer {load_secrets(self.ws)[LAUNCHER]}"},
                stream=stream,
                timeout=(5, SILENCE_SECONDS if stream else ANSWER_SECONDS),
                allow_redirects=False,
            )
            body = {} if answer.ok else answer.json()
        except (requests.RequestException, ValueError) as error:
            raise Unavailable(f"The launcher at {url} does not answer.", HINT) from error
        if not answer.ok:
            raise LabError(str(body.get("message", answer.reason)), str(body.get("hint", HINT)))
        return answer


def _events(answer: Any) -> Iterator[dict[str, Any]]:
    """What the launcher says, one JSON object a line, until it ends or breaks off."""
    import requests

    try:
        yield from map(json.loads, answer.iter_lines())
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(CUT_OFF, HINT) from error


def absence(ws: Workspace) -> str:
    """Why the launcher cannot be used, in a sentence; empty when it can."""
    try:
        Launched(ws).all()
    except LabError as error:
        return error.message
    return ""
