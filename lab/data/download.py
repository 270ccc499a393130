"""One file from the web within bounds of hosts, size and time, and its failures in words."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import requests

from lab.core.errors import BadInput, LabError, NotFound, Unavailable
from lab.core.words import grouped

WHOLE_SECONDS = 300.0
# To connect, and between two pieces of an answer.
WAIT_SECONDS = (10.0, 20.0)
PIECE_BYTES = 65_536
MOST_REDIRECTS = 4
OFFLINE = (
    "Check the connection, or set LAB_CATALOGUE_MIRROR to a mirror in reach. "
    "The bundled sets need no network."
)


@dataclass(frozen=True)
class Download:
    """A file to get.

    Args:
        url: Where it is.
        path: Where it goes; nothing is there before it is whole and checked.
        sha256: Its checksum; empty to take what comes.
        size_bytes: Its exact size.
    """

    url: str
    path: Path
    sha256: str
    size_bytes: int


def download(wanted: Download) -> str:
    """Get a file: whole, checked, or not at all.

    Args:
        wanted: The file; its folder must exist.

    Returns:
        Its checksum.

    Raises:
        NotFound: The server has no such file.
        BadInput: What came is not the file: another checksum, another size, a web page.
        Unavailable: The server cannot be reached, refuses, or takes too long.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")
    host = urlsplit(wanted.url).netloc

    def stream(url: str, output: Any, _: Any) -> None:
        with _in_words(host):
            _stream(url, Path(str(output)), wanted.size_bytes)

    try:
        pooch.retrieve(
            wanted.url,
            known_hash=f"sha256:{wanted.sha256}" if wanted.sha256 else None,
            fname=wanted.path.name,
            path=wanted.path.parent,
            downloader=stream,
        )
    except ValueError as error:
        raise BadInput(
            f"{wanted.path.name} from {host} is not the file its card describes: the checksum "
            f"should be {wanted.sha256[:12]}….",
            "Nothing was kept. Try again later, or use another mirror.",
        ) from error
    wanted.path.chmod(0o600)
    with wanted.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stream(url: str, output: Path, size: int) -> None:
    deadline = time.monotonic() + WHOLE_SECONDS
    with requests.Session() as session, _answer(session, url, deadline) as response:
        _refuse(response, size)
        with output.open("wb") as file:
            _copy(response, file, size, deadline)


def _copy(response: requests.Response, file: BinaryIO, size: int, deadline: float) -> None:
    host, came = urlsplit(response.url).netloc, 0
    for piece in response.iter_content(PIECE_BYTES):
        if not came and piece.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
            raise _web_page(host)
        came += len(piece)
        if came > size:
            raise _wrong_size(host, f"more than {grouped(size)} bytes", size)
        if time.monotonic() > deadline:
            raise _too_slow(host)
        file.write(piece)
    if came != size:
        raise _wrong_size(host, f"{grouped(came)} bytes", size)
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def _answer(session: requests.Session, url: str, deadline: float) -> Iterator[requests.Response]:
    """The answer after redirects, which may lead to other paths of the same host only."""
    host, scheme = urlsplit(url).netloc, urlsplit(url).scheme
    for _ in range(MOST_REDIRECTS + 1):
        response = session.get(url, stream=True, allow_redirects=False, timeout=WAIT_SECONDS)
        with response:
            if not response.is_redirect:
                yield response
                return
            url = urljoin(url, response.headers["Location"])
        there = urlsplit(url)
        if (there.scheme, there.netloc) != (scheme, host):
            raise Unavailable(
                f"{host} sends us on to {there.netloc or there.scheme}, which its card does not "
                "name.",
                "If a login page stands in between, log in first; else try later.",
            )
        if time.monotonic() > deadline:
            raise _too_slow(host)
    raise Unavailable(f"{host} sends us around in a circle.", "Try again later.")


def _refuse(response: requests.Response, size: int) -> None:
    """Say at once what is wrong with an answer, before its body is read."""
    host, status = urlsplit(response.url).netloc, response.status_code
    if status in (404, 410):
        raise NotFound(
            f"{host} has no file at {urlsplit(response.url).path} (HTTP {status}).",
            "It may have moved; use a mirror (LAB_CATALOGUE_MIRROR), or load your own copy.",
        )
    if status != 200:
        raise Unavailable(f"{host} refuses or fails (HTTP {status}).", "Try again later.")
    if response.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise _web_page(host)
    told = response.headers.get("Content-Length", "")
    packed = response.headers.get("Content-Encoding", "identity") != "identity"
    if told.isdigit() and int(told) > size and not packed:
        raise _wrong_size(host, f"{grouped(int(told))} bytes", size)


def _web_page(host: str) -> LabError:
    return BadInput(
        f"{host} answers with a web page in place of the file.",
        "If a login page stands in between, log in first; else use a mirror.",
    )


def _wrong_size(host: str, came: str, size: int) -> LabError:
    return BadInput(
        f"{host} sends {came}; the file has {grouped(size)}.",
        "Nothing was kept. Try again later, or use another mirror.",
    )


def _too_slow(host: str) -> LabError:
    return Unavailable(f"{host} takes too long.", OFFLINE)


@contextmanager
def _in_words(host: str) -> Iterator[None]:
    try:
        yield
    except requests.Timeout as error:
        raise _too_slow(host) from error
    except requests.exceptions.SSLError as error:
        raise Unavailable(
            f"{host} cannot prove who it is: its certificate is not trusted here.", OFFLINE
        ) from error
    except requests.ConnectionError as error:
        raise Unavailable(f"{host} cannot be reached.", OFFLINE) from error
    except requests.RequestException as error:
        raise Unavailable(
            f"The answer of {host} broke off ({type(error).__name__}).", "Try again."
        ) from error
