"""Fetches one page of metrics, within bounds of time and size, and from nowhere else."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from lab.core.errors import BadInput, LabError, Unavailable
from lab.data.scrape_format import ACCEPT

MOST_BYTES = 20_000_000
PIECE_BYTES = 65_536
CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


@dataclass(frozen=True)
class Page:
    """What a target answered.

    Args:
        body: The page.
        content_type: What it says it is.
    """

    body: bytes
    content_type: str


def fetch(url: str, timeout_seconds: float = 10.0, most_bytes: int = MOST_BYTES) -> Page:
    """Ask for a page; redirects, proxies and stored logins are not followed.

    Args:
        url: Address, ``http`` or ``https``.
        timeout_seconds: For all of it, from connecting to the last byte.
        most_bytes: Largest page that is taken.

    Returns:
        The page.

    Raises:
        Unavailable: Nobody answers, or too slowly, or with an error.
        BadInput: The page is too large, or the address is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in CONNECTIONS or not parts.hostname:
        raise BadInput(f"{url!r} is not an address.", "Write it as http://127.0.0.1:9100/metrics.")
    connection = CONNECTIONS[parts.scheme](parts.hostname, parts.port, timeout=timeout_seconds)
    with _in_words(timeout_seconds), _ended_in_time(connection, timeout_seconds):
        connection.request(
            "GET",
            f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}",
            headers={"Accept": ACCEPT, "Accept-Encoding": "identity", "User-Agent": "lab-scraper"},
        )
        answer = connection.getresponse()
        _check(answer)
        body = _body(answer, most_bytes)
        return Page(body, answer.getheader("Content-Type") or "")


@contextmanager
def _ended_in_time(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """Connect, and cut the line at the end of the time: who only drips would never time out."""
    over = time.monotonic() + seconds
    connection.connect()
    line = connection.sock  # the connection lets go of it once the answer begins

    def cut() -> None:
        with suppress(OSError):  # it has ended by itself
            line.shutdown(socket.SHUT_RDWR)  # closing alone would leave a reader waiting

    timer = threading.Timer(over - time.monotonic(), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        if time.monotonic() >= over:
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
        connection.close()
    if time.monotonic() >= over:
        raise TimeoutError  # cut off, an answer of no given length looks complete


@contextmanager
def _in_words(seconds: float) -> Iterator[None]:
    try:
        yield
    except LabError:
        raise
    except TimeoutError as error:
        raise Unavailable(
            f"It did not answer within {seconds:g} s.", "Raise scrape_timeout, or look at it."
        ) from error
    except ConnectionError as error:
        raise Unavailable("Nobody answers there.", "Start it, or correct the target.") from error
    except (OSError, http.client.HTTPException) as error:
        why = str(error) or type(error).__name__
        raise Unavailable(f"It cannot be asked: {why}.", "Correct the target.") from error


def _check(answer: http.client.HTTPResponse) -> None:
    if 300 <= answer.status < 400:
        to = urlsplit(answer.getheader("Location") or "")
        raise Unavailable(
            f"It sends us on to {to.netloc}{to.path}.", "Name that address as the target."
        )
    if answer.status != 200:
        raise Unavailable(f"It answers with HTTP {answer.status}.", "Correct path or login.")
    if (answer.getheader("Content-Encoding") or "identity").lower() != "identity":
        raise Unavailable("It compresses although it was asked not to.", "Switch that off.")


def _body(answer: http.client.HTTPResponse, most_bytes: int) -> bytes:
    body = bytearray()
    while piece := answer.read1(PIECE_BYTES):
        body += piece
        if len(body) > most_bytes:
            raise BadInput(
                f"Its page is larger than {most_bytes / 1e6:g} MB.",
                "Raise body_size_limit, or expose less.",
            )
    if answer.length:
        raise http.client.IncompleteRead(bytes(body), answer.length)
    return bytes(body)
