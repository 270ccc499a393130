"""Models served by hardened containers: launched, found by label, stopped, removed."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from lab.core.errors import Busy, NotFound, Unavailable
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.mlops.models.artifact import Manifest, read_manifest
from lab.mlops.serving.endpoint import (
    START_SECONDS,
    BackendName,
    EndpointInfo,
    State,
    reason_of,
    slug,
    state_of,
    workspace_mark,
)
from lab.mlops.serving.engine import engine
from lab.mlops.serving.fence import ensure_network, hardened, shared
from lab.mlops.serving.image import ImageInfo, build_image, image_of, labels
from lab.mlops.serving.recipe import PORT

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

STALE_SECONDS = 120.0
Filters: TypeAlias = dict[str, str | list[str] | bool]


class Containers:
    """The Docker backend of one workspace.

    Args:
        ws: The workspace; only containers with its mark are ever listed or touched.
        network: Internal network to put containers on instead of publishing a port; for a
            caller that is itself in a container.
    """

    name: BackendName = "docker"

    def __init__(self, ws: Workspace, network: str = "") -> None:
        self.ws = ws
        self.network = network

    def launch(self, model: Path, *, port: int = 0) -> Steps[EndpointInfo]:
        """Serve a stamped model folder from its image, building that first if need be.

        Args:
            model: A stamped model folder.
            port: Loopback port; 0 takes a free one.

        Yields:
            What is being done.

        Returns:
            The healthy endpoint.

        Raises:
            Busy: The port is taken; nothing is left behind.
            Unavailable: No engine, a failed build, or a container that did not become healthy;
                the container is removed and the message holds the end of its log.
        """
        image = image_of(self.ws, model)
        if image is None:
            image = yield from build_image(self.ws, model)
        yield Progress(0, 2, f"Starting a container of {image.tag}")
        with engine() as client:
            container = self._started(client, image, read_manifest(model), port)
            try:
                yield from _until_healthy(container, self.network)
                return self._info(container)
            except BaseException:
                container.remove(force=True)
                raise

    def all(self) -> list[EndpointInfo]:
        """Containers of this workspace, running or stopped, newest first."""
        filters: Filters = {"label": self._own()}
        with engine() as client:
            found = client.containers.list(all=True, filters=filters)
            listed = [self._info(container) for container in found]
        return sorted(listed, key=lambda info: info.created, reverse=True)

    def logs(self, endpoint_id: str, lines: int = 200) -> str:
        """The end of a container's log."""
        with engine() as client:
            text: bytes = self._get(client, endpoint_id).logs(tail=lines)
            return text.decode("utf-8", errors="replace")

    def stop(self, endpoint_id: str) -> None:
        """Stop a container; its log stays."""
        with engine() as client:
            self._get(client, endpoint_id).stop(timeout=5)

    def remove(self, endpoint_id: str) -> None:
        """Stop and remove a container; its image stays."""
        with engine() as client:
            self._get(client, endpoint_id).remove(force=True)

    def sweep(self) -> int:
        """Remove containers that were made and never started; returns how many."""
        with engine() as client:
            filters: Filters = {"label": self._own(), "status": "created"}
            stale = [
                container
                for container in client.containers.list(all=True, filters=filters)
                if time.time() - _created(container) > STALE_SECONDS
            ]
            for container in stale:
                container.remove(force=True)
            return len(stale)

    def _own(self) -> list[str]:
        return [
            f"lab.owner={self.ws.settings.owner}",
            f"lab.workspace={workspace_mark(self.ws)}",
            "lab.endpoint",
        ]

    def _get(self, client: "DockerClient", endpoint_id: str) -> "Container":
        filters: Filters = {"label": [*self._own(), f"lab.endpoint={endpoint_id}"]}
        for container in client.containers.list(all=True, filters=filters):
            return container
        raise NotFound(f"There is no container {endpoint_id!r}.", "List the endpoints again.")

    def _started(
        self, client: "DockerClient", image: ImageInfo, manifest: Manifest, port: int
    ) -> "Container":
        import docker

        endpoint_id = f"{slug(manifest.name)}-{secrets.token_hex(3)}"
        marks = {
            **labels(self.ws, manifest, image.fingerprint),
            "lab.endpoint": endpoint_id,
            "lab.image": image.tag,
        }
        name = f"lab-{endpoint_id}"
        if self.network:
            command = client.images.get(image.id).attrs["Config"]["Cmd"]
            options = {**shared(self.network), "command": [*command, "--allowed-host", name]}
        else:
            ensure_network(client)
            options = hardened(port)
        container = client.containers.create(image.id, name=name, labels=marks, **options)
        try:
            container.start()
        except docker.errors.APIError as error:
            # The engine leaves a `created` container behind when a port is taken.
            container.remove(force=True)
            if "port is already allocated" in str(error) or "address already in use" in str(error):
                raise Busy(
                    f"Port {port} is taken.", "Choose another, or 0 for a free one."
                ) from error
            raise
        return container

    def _info(self, container: "Container") -> EndpointInfo:
        container.reload()
        known, url = container.labels, _url(container, self.network)
        state: State = state_of(url) if url else "stopped"
        return EndpointInfo(
            id=known["lab.endpoint"],
            backend="docker",
            model=known["lab.model"],
            version=known["lab.version"],
            run_id=known["lab.run"],
            fingerprint=known["lab.fingerprint"],
            url=url,
            state=state,
            detail=f"container {container.short_id}, image {known['lab.image']}",
            created=str(container.attrs["Created"])[:19] + "+00:00",
        )


def _until_healthy(container: "Container", network: str) -> Iterator[Progress]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        container.reload()
        url = _url(container, network)
        if not url:
            break
        state = state_of(url)
        if state == "healthy":
            yield Progress(2, 2, f"{url} is healthy")
            return
        if state == "refused":
            raise Unavailable(*reason_of(url))
        yield Progress(1, 2, "Waiting for the model to load")
        time.sleep(0.2)
    tail = container.logs(tail=3).decode("utf-8", errors="replace").split("\n")
    raise Unavailable(
        f"The container did not become healthy. It said: {' / '.join(filter(None, tail))}",
        "Build the image again, or serve the model as a local process.",
    )


def _url(container: "Container", network: str) -> str:
    running = container.status == "running"
    if network:
        return f"http://{container.name}:{PORT}" if running else ""
    bindings = (container.ports or {}).get(f"{PORT}/tcp") if running else None
    return f"http://127.0.0.1:{bindings[0]['HostPort']}" if bindings else ""


def _created(container: "Container") -> float:
    from datetime import datetime

    return datetime.fromisoformat(str(container.attrs["Created"])[:19] + "+00:00").timestamp()
