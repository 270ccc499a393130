"""Answers of a Prometheus server within bounds of time and size, and its failures in words."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from lab.core.errors import BadInput, LabError, Unavailable

# A whole answer, from the first byte sent to the last one read.
ANSWER_SECONDS = 5.0
MOST_BYTES = 50_000_000
PIECE_BYTES = 65_536
LONGEST_WORDS = 400
SLOWER = "Ask for a shorter window or fewer series, or sum them up in the query."
LOGIN = (
    "If it asks for a login, set LAB_PROMETHEUS_TOKEN, or LAB_PROMETHEUS_USER and "
    "LAB_PROMETHEUS_PASSWORD; else correct LAB_PROMETHEUS_URL."
)


class BoundedSession(requests.Session):
    """A session whose answers end after some seconds and bytes, and which goes nowhere else.

    Neither redirects nor the environment (proxies, .netrc) are followed: the address and the
    login are those of the settings.

    Args:
        place: The server as a person knows it, without password.
    """

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        self.trust_env = False

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Where an answer sends us on to: nowhere."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request and read its whole answer.

        Args:
            request: The request.
            **kwargs: As for ``requests.Session.send``.

        Returns:
            The answer, of status 200, its body read.

        Raises:
            BadInput: Prometheus refuses the query, or the answer is too large.
            Unavailable: It has another status, or took too long.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        response = super().send(request, **{**kwargs, "stream": True})
        try:
            body = self._body(response, deadline)
        finally:
            response.close()
        if response.status_code != 200:
            raise refusal(self.place, response.status_code, response.headers, body)
        response.raw = BytesIO(body)
        return response

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        # ``read1`` gives what has come; ``read`` would wait for a server that only drips.
        while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
            body += piece
            if len(body) > MOST_BYTES:
                raise BadInput(
                    f"{self.place} answers with more than {MOST_BYTES / 1e6:.0f} MB.", SLOWER
                )
            if time.monotonic() > deadline:
                raise too_slow(self.place)
        return bytes(body)


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """Turn every way in which asking a server can fail into words.

    Args:
        place: The server as a person knows it, without password.

    Raises:
        Unavailable: It is down, slow, or no Prometheus.
    """
    try:
        yield
    except requests.exceptions.JSONDecodeError as error:
        raise _no_prometheus(place) from error
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise too_slow(place) from error
    except requests.exceptions.SSLError as error:
        raise Unavailable(
            f"{place} cannot prove who it is: its certificate is not trusted here.",
            "Correct LAB_PROMETHEUS_URL, or give the server a certificate that is trusted.",
        ) from error
    except requests.ConnectionError as error:
        raise Unavailable(
            f"No server answers at {place}.", "Start Prometheus there, or set LAB_PROMETHEUS_URL."
        ) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise Unavailable(
            f"The answer of {place} broke off ({type(error).__name__}).", "Try again."
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        # JSON, but not of the shape that Prometheus promises.
        raise _no_prometheus(place) from error


def too_slow(place: str) -> Unavailable:
    """The error for an answer that did not come in time."""
    return Unavailable(f"{place} did not answer within {ANSWER_SECONDS:.0f} s.", SLOWER)


def refusal(place: str, status: int, headers: Mapping[str, str], body: bytes) -> LabError:
    """The error for an answer that is not a success.

    Args:
        place: The server.
        status: HTTP status, any but 200.
        headers: Headers of the answer.
        body: Its body.

    Returns:
        ``BadInput`` with Prometheus' own words when it refuses the query, else ``Unavailable``.
    """
    kind, said = _own_words(body)
    if kind in ("timeout", "canceled"):
        return too_slow(place)
    if kind in ("bad_data", "execution", "422") or (said and status in (400, 422)):
        return BadInput(f"Prometheus refuses the query: {said}", "Correct the query.")
    if status in (401, 403):
        return Unavailable(f"{place} refuses us (HTTP {status}).", LOGIN)
    if 300 <= status < 400:
        to = urlsplit(headers.get("Location", ""))
        return Unavailable(f"{place} sends us on to {to.netloc or place}{to.path}.", LOGIN)
    if status == 404:
        return Unavailable(
            f"There is no Prometheus at {place} (HTTP 404).",
            "Correct LAB_PROMETHEUS_URL; it ends before /api/v1.",
        )
    return Unavailable(f"{place} fails (HTTP {status}). {said}".strip(), "Try again later.")


def _own_words(body: bytes) -> tuple[str, str]:
    """What kind of error Prometheus names, and what it says about it; empty for others."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(given, dict) or given.get("status") != "error":
        return "", ""
    said = " ".join(str(given.get("error", "")).split())
    return str(given.get("errorType", "")), said[:LONGEST_WORDS]


def _no_prometheus(place: str) -> Unavailable:
    return Unavailable(f"{place} does not answer as a Prometheus does.", LOGIN)
