"""A model as a container image: built with its log streaming, found and removed by label."""

import hashlib
import io
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, Unavailable
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.mlops.models.artifact import Manifest, fingerprint, read_manifest
from lab.mlops.serving.endpoint import slug, workspace_mark
from lab.mlops.serving.engine import engine
from lab.mlops.serving.recipe import archive, model_files, packages_files

if TYPE_CHECKING:
    from docker import DockerClient

WAIT_SECONDS = 0.5
BUILD_SECONDS = 900  # longest silence of a build: one large download


@dataclass(frozen=True)
class ImageInfo:
    """One built image.

    Args:
        id: Digest, ``sha256:…``; what is launched.
        tag: Name for people.
        model: Name of the model.
        version: Version of the model.
        run_id: Tracking run that made the model, or empty.
        fingerprint: What names the exact model files.
        size_bytes: Size with all its layers.
        created: When it was built, ISO 8601 in UTC.
    """

    id: str
    tag: str
    model: str
    version: str
    run_id: str
    fingerprint: str
    size_bytes: int
    created: str


def build_image(ws: Workspace, model: Path) -> Steps[ImageInfo]:
    """Build the image of a model, one log line per step of progress.

    Args:
        ws: The workspace; its settings name the base image and the owner.
        model: A stamped model folder.

    Yields:
        Each line of the build log.

    Returns:
        The image.

    Raises:
        BadInput: The setting ``docker_base_image`` is not an image name.
        Unavailable: There is no Docker engine, or a step failed; the message is its last line.
    """
    manifest = read_manifest(model)
    needed = packages_files(ws.settings.docker_base_image, manifest.flavor)
    turn = yield from _turn(ws)
    with turn, engine(BUILD_SECONDS) as client:
        packages = yield from _packages(client, needed, ws.settings.docker_base_image)
        files, tag = model_files(model, packages), tag_of(ws, model)
        yield from _built(client, files, tag, labels(ws, manifest, fingerprint(model)))
        return _info(client.images.get(tag))


def images(ws: Workspace) -> list[ImageInfo]:
    """Images built from this workspace, newest first.

    Raises:
        Unavailable: There is no Docker engine.
    """
    with engine() as client:
        found = client.images.list(filters={"label": _own(ws)})
        listed = [_info(image) for image in found if image.tags]
    return sorted(listed, key=lambda image: image.created, reverse=True)


def image_of(ws: Workspace, model: Path) -> ImageInfo | None:
    """The image of exactly this model, if it was built.

    Raises:
        Unavailable: There is no Docker engine.
    """
    import docker

    with engine() as client:
        try:
            return _info(client.images.get(tag_of(ws, model)))
        except docker.errors.ImageNotFound:
            return None


def remove_image(ws: Workspace, image_id: str) -> None:
    """Remove one image of this workspace; its layers of packages stay for the next build.

    Raises:
        BadInput: It is not ours, or a container still uses it.
        Unavailable: There is no Docker engine.
    """
    if image_id not in {image.id for image in images(ws)}:
        raise BadInput(f"{image_id} was not built here.", "Choose an image of the list.")
    with engine() as client:
        client.images.remove(image_id)


def labels(ws: Workspace, manifest: Manifest, expected: str) -> dict[str, str]:
    """What is written on images and containers, and how they are found again."""
    return {
        "lab.owner": ws.settings.owner,
        "lab.workspace": workspace_mark(ws),
        "lab.model": manifest.name,
        "lab.version": manifest.version or "",
        "lab.run": manifest.run_id or "",
        "lab.fingerprint": expected,
    }


def tag_of(ws: Workspace, model: Path) -> str:
    """The tag of a model's image: owner, model, version and the exact files."""
    manifest = read_manifest(model)
    version = slug(manifest.version or "unregistered")
    name = f"lab-{slug(ws.settings.owner)}/{slug(manifest.name)}"
    return f"{name}:{version}-{workspace_mark(ws)[:6]}-{fingerprint(model)[:12]}"


def _turn(ws: Workspace) -> "Steps[AbstractContextManager[object]]":
    """Wait for a build that is going on: two at once would fetch the same packages twice."""
    from filelock import FileLock, Timeout

    lock = FileLock(ws.state / "image-build.lock")
    while True:
        try:
            return lock.acquire(timeout=0)  # released where its ``with`` ends
        except Timeout:
            yield Progress(0, None, "Waiting for another build to end")
            time.sleep(WAIT_SECONDS)


def _packages(client: "DockerClient", files: Mapping[str, bytes], base: str) -> Steps[str]:
    """The image of packages for these files, built unless it is there."""
    import docker

    try:
        below = str(client.images.get(base).id)
    except docker.errors.ImageNotFound:
        below = base  # the build fetches it
    digest = hashlib.sha256(below.encode() + archive(files)).hexdigest()[:12]
    tag = f"lab-serving-packages:{digest}"
    try:
        client.images.get(tag)
        yield Progress(0, None, f"Packages are there already: {tag}")
    except docker.errors.ImageNotFound:
        yield from _built(client, files, tag, {"lab.packages": digest})
    return tag


def _built(
    client: "DockerClient", files: Mapping[str, bytes], tag: str, marks: dict[str, str]
) -> Iterator[Progress]:
    yield from _steps(
        client.api.build(
            fileobj=io.BytesIO(archive(files)),
            custom_context=True,
            tag=tag,
            labels=marks,
            rm=True,
            forcerm=True,
            decode=True,
        )
    )


def _steps(events: Iterator[dict[str, Any]]) -> Iterator[Progress]:
    """Log lines as progress; a failed step is an event like any other, so it is looked for."""
    done, total, last, built = 0.0, None, "", False
    for event in events:
        if "error" in event:
            raise Unavailable(
                f"The image was not built: {str(event['error']).strip()} {last}".strip(),
                "Read the build log. A first build fetches packages and needs the network; "
                "serving as a local process does not.",
            )
        for line in str(event.get("stream", event.get("status", ""))).splitlines():
            if found := re.match(r"Step (\d+)/(\d+)", line):
                done, total = float(found[1]) - 1, float(found[2])
            built = built or line.startswith("Successfully built")
            if line.strip():
                last = line.strip()
                yield Progress(done, total, last)
    if not built:
        raise Unavailable("The Docker engine ended the build without an image.", "Build again.")


def _own(ws: Workspace) -> list[str]:
    return [f"lab.owner={ws.settings.owner}", f"lab.workspace={workspace_mark(ws)}"]


def _info(image: Any) -> ImageInfo:
    known = image.labels
    return ImageInfo(
        id=image.id,
        tag=image.tags[0] if image.tags else "",
        model=known.get("lab.model", ""),
        version=known.get("lab.version", ""),
        run_id=known.get("lab.run", ""),
        fingerprint=known.get("lab.fingerprint", ""),
        size_bytes=int(image.attrs["Size"]),
        created=str(image.attrs["Created"]),
    )
