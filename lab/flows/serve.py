"""Serve a registered model: build its image, launch it, ask it, watch it, take it down.

A model is served by a hardened container where there is a Docker engine, by a local process
where there is none; both run the same server, and every result says which it was.
"""

from contextlib import closing
from pathlib import Path

from lab.core.errors import LabError, Unavailable
from lab.core.progress import Progress, Steps, T, mapped
from lab.core.workspace import Workspace
from lab.flows.endpoints import (
    Choice,
    Wanted,
    backend_for,
    endpoint_of,
    endpoints,
    logs,
    place,
    remove,
    stop,
    tidy,
)
from lab.flows.registry import CHAMPION, NAME, ModelVersion, champion, model_version
from lab.flows.served import (
    Comparison,
    Prediction,
    compare_with_local,
    comparison_table,
    predict,
    recent,
    sample_rows,
)
from lab.mlops.serving.endpoint import EndpointInfo, slug
from lab.mlops.serving.image import ImageInfo

__all__ = [
    "NAME",
    "Choice",
    "Comparison",
    "EndpointInfo",
    "ImageInfo",
    "ModelVersion",
    "Prediction",
    "backend_for",
    "build",
    "build_log",
    "champions",
    "compare_with_local",
    "comparison_table",
    "endpoint_of",
    "endpoints",
    "images",
    "launch",
    "logs",
    "predict",
    "recent",
    "remove",
    "remove_image",
    "sample_rows",
    "stop",
    "tidy",
    "title_of",
]  # fmt: skip


def build(ws: Workspace, name: str = NAME, version: str | None = None) -> Steps[ImageInfo]:
    """Build the container image of a registered model.

    Args:
        ws: The workspace.
        name: Registered name.
        version: Version to build; the champion when not given.

    Yields:
        Each line of the build log, which is also kept for ``build_log``.

    Returns:
        The image.

    Raises:
        NotFound: There is no such version, or no champion.
        Unavailable: There is no Docker engine, or a build step failed.
    """
    from lab.mlops.serving.image import build_image

    chosen = _chosen(ws, name, version)
    steps = build_image(ws, Path(chosen.folder))
    return (yield from _logged(_log_path(ws, name, chosen.version), steps))


def build_log(ws: Workspace, name: str = NAME, version: str | None = None, lines: int = 200) -> str:
    """The end of the last build log of a version, also while it is being built.

    Args:
        ws: The workspace.
        name: Registered name.
        version: Its version; the champion when not given.
        lines: How many lines.
    """
    path = _log_path(ws, name, version or champion(ws, name).version)
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8").splitlines()[-lines:])


def launch(
    ws: Workspace,
    name: str = NAME,
    version: str | None = None,
    backend: Wanted = "auto",
    port: int = 0,
) -> Steps[EndpointInfo]:
    """Serve a registered model until it is stopped; the image is built first if need be.

    Args:
        ws: The workspace.
        name: Registered name.
        version: Version to serve; the champion when not given.
        backend: ``auto``, ``docker`` or ``process``.
        port: Loopback port; 0 takes a free one.

    Yields:
        What is being done.

    Returns:
        The healthy endpoint.

    Raises:
        NotFound: There is no such version, or no champion.
        Busy: The port is taken.
        Unavailable: The server did not become healthy; nothing of it is left.
    """
    from lab.flows.audit import record

    chosen = _chosen(ws, name, version)
    choice = backend_for(ws, backend)
    if choice.builds and not _built(ws, chosen):
        yield from build(ws, name, chosen.version)
    info = yield from place(ws, choice.backend).launch(Path(chosen.folder), port=port)
    record(ws, "launched", f"endpoint {info.id}", {"model": name, "version": chosen.version,
           "backend": info.backend, "url": info.url})  # fmt: skip
    return info


def images(ws: Workspace) -> list[ImageInfo]:
    """Model images built from this workspace, newest first; empty without Docker."""
    from lab.mlops.serving.image import images as built

    try:
        return built(ws)
    except Unavailable:
        return []


def champions(ws: Workspace) -> list[ModelVersion]:
    """The champion of every registered name that has one, by name."""
    from lab.mlops.tracking import registry

    with_one = [name for name in registry.names(ws) if CHAMPION in registry.aliases(ws, name)]
    return [champion(ws, name) for name in with_one]


def title_of(model: ModelVersion) -> str:
    """A version as people call it."""
    return f"{model.name}, version {model.version}"


def remove_image(ws: Workspace, image: str) -> None:
    """Remove one image by its id; the image of packages stays for the next build."""
    from lab.mlops.serving.image import remove_image as remove_built

    remove_built(ws, image)


def _chosen(ws: Workspace, name: str, version: str | None) -> ModelVersion:
    return champion(ws, name) if version is None else model_version(ws, name, version)


def _built(ws: Workspace, chosen: ModelVersion) -> bool:
    if ws.settings.launcher_url:
        return True  # the launcher builds what it launches
    from lab.mlops.serving.image import image_of

    return image_of(ws, Path(chosen.folder)) is not None


def _logged(path: Path, steps: Steps[T]) -> Steps[T]:
    """Pass progress on, and keep each line and the failure in a file."""
    with path.open("w", encoding="utf-8", buffering=1) as sink, closing(steps):

        def write(step: Progress) -> Progress:
            sink.write(f"{step.message}\n")
            return step

        try:
            return (yield from mapped(steps, write))
        except LabError as error:
            sink.write(f"{error}\n")
            raise


def _log_path(ws: Workspace, name: str, version: str) -> Path:
    return ws.logs / f"build-{slug(name)}-{slug(version)}.log"
