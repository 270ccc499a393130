"""The Docker engine, if there is one: connected late, its errors put in our words."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.core.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from docker import DockerClient

HINT = "Start Docker, or serve the model as a local process."


@contextmanager
def engine(timeout_seconds: int = 60) -> "Iterator[DockerClient]":
    """Connect to the Docker engine for one piece of work.

    Args:
        timeout_seconds: Longest wait for a piece of an answer.

    Yields:
        A client, closed at the end.

    Raises:
        NotFound: The engine has no such container or image.
        Unavailable: There is no engine, or it refused.
    """
    import docker
    import requests
    import urllib3

    try:
        client = docker.from_env(timeout=timeout_seconds)
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise Unavailable(_unanswered(error), HINT) from error
    try:
        yield client
    except docker.errors.NotFound as error:
        raise NotFound(f"Docker has no such thing: {_short(error)}.", "List again.") from error
    except urllib3.exceptions.HTTPError as error:  # a streamed answer that breaks off
        raise Unavailable("The Docker engine went away in the middle of it.", HINT) from error
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise Unavailable(f"Docker refused: {_short(error)}.", HINT) from error
    finally:
        client.close()


def absence() -> str:
    """Why Docker cannot be used, in a sentence; empty when it can."""
    try:
        with engine(timeout_seconds=20) as client:
            client.ping()
    except Unavailable as error:
        return error.message
    return ""


def _unanswered(error: Exception) -> str:
    if "permission denied" in str(error).lower():
        return "You may not use the Docker engine."
    address = os.environ.get("DOCKER_HOST")
    return f"No Docker engine answers{f' at {address}' if address else ''}."


def _short(error: Exception) -> str:
    text = str(getattr(error, "explanation", None) or error)
    lines = text.splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")
