"""Marks for tests that need a part of the machine: Docker, Prometheus, a browser, TensorFlow.

A test whose part is absent is skipped with the reason. When the part is listed in
``LAB_REQUIRE`` (comma-separated), its absence is a failure: CI must not pass by skipping.
"""

import importlib.util
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from functools import cache

import pytest

BASE_IMAGE = "python:3.11-slim"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def needs(*parts: str) -> pytest.MarkDecorator:
    """Mark a test (or a module, through ``pytestmark``) as needing parts of the machine."""
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise ValueError(f"unknown parts {sorted(unknown)}; known: {sorted(PARTS)}")
    return pytest.mark.needs(*parts)


def required() -> set[str]:
    """The parts whose absence is a failure."""
    return {part.strip() for part in os.environ.get("LAB_REQUIRE", "").split(",") if part.strip()}


def check(parts: tuple[str, ...]) -> None:
    """Skip or fail the running test when a part is absent."""
    for part in parts:
        reason = absent(part)
        if reason and part in required():
            pytest.fail(f"{part} is required by LAB_REQUIRE, but {reason}", pytrace=False)
        if reason:
            pytest.skip(f"needs {part}: {reason}")


@cache
def absent(part: str) -> str:
    """Why a part cannot be used; empty when it can."""
    return PARTS[part]()


def browser_path() -> str | None:
    """The Chromium or Chrome on this machine."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _no_docker() -> str:
    import docker
    import requests

    try:
        with closing(docker.from_env(timeout=60)) as client:
            there = client.images.list(name=BASE_IMAGE)
    except (docker.errors.DockerException, requests.RequestException) as error:
        return f"no Docker engine answers ({type(error).__name__})"
    return "" if there else f"the image {BASE_IMAGE} is not there"


def _no_prometheus() -> str:
    return "" if shutil.which("prometheus") else "the prometheus program is not on the PATH"


def _no_browser() -> str:
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed"
    return "" if browser_path() else "no Chromium or Chrome is on the PATH"


def _no_tensorflow() -> str:
    return "" if importlib.util.find_spec("tensorflow") else "TensorFlow is not installed"


PARTS: dict[str, Callable[[], str]] = {
    "docker": _no_docker,
    "prometheus": _no_prometheus,
    "browser": _no_browser,
    "tensorflow": _no_tensorflow,
}
