"""Reads a Prometheus server, or one that speaks as it does, with the login of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import urllib3
from prometheus_api_client import PrometheusConnect

from lab.core.config import Settings
from lab.core.errors import BadInput, Unavailable
from lab.core.schemas import series_id
from lab.core.words import grouped
from lab.data.prometheus_grid import Grid
from lab.data.prometheus_http import ANSWER_SECONDS, BoundedSession, in_words

if TYPE_CHECKING:
    import numpy as np

MOST_SERIES = 200
PROBES = 30
UNSET = "No Prometheus is set."
SET_IT = "Set LAB_PROMETHEUS_URL, or prometheus_url in lab.toml, to its address and start again."


@dataclass(frozen=True, eq=False)
class Answer:
    """One series of an answer.

    Args:
        series_id: Metric and sorted labels in Prometheus text form.
        metric: Metric name; the name that was asked for where the query leaves none.
        labels: Its labels.
        times: Moments, int64 (n,), microseconds since 1970.
        values: Samples, float64 (n,); may hold NaN and infinities. A moment at which the series
            had ended or was not scraped is absent.
    """

    series_id: str
    metric: str
    labels: dict[str, str]
    times: "np.ndarray[Any, Any]"
    values: "np.ndarray[Any, Any]"


@dataclass(frozen=True)
class Reader:
    """A connection to one server.

    Args:
        place: The server as a person knows it, without password.
        client: What talks to it.
    """

    place: str
    client: Any

    def names(self) -> list[str]:
        """Names of all metrics of the server, sorted.

        Raises:
            Unavailable: It is down, slow, or no Prometheus.
        """
        with in_words(self.place):
            return sorted(map(str, self.client.all_metrics()))

    def series_count(self, query: str, grid: Grid) -> int:
        """About how many series a query gives at once, counted by the server.

        Args:
            query: PromQL.
            grid: When it will be asked; a few of its moments are looked at.

        Returns:
            The highest count, at least 1.

        Raises:
            BadInput: There are more than may be read.
            Unavailable: It is down, slow, or no Prometheus.
        """
        try:
            # Lines of its own, since a query may end in a comment.
            found = self.ask(f"count(\n{query}\n)", grid.coarser(PROBES))
        except BadInput:
            return 1  # a number, which cannot be counted; or wrong, which the query itself says
        count = int(max((one.values.max() for one in found if len(one.values)), default=1))
        check_count(count)
        return max(1, count)

    def ask(self, query: str, grid: Grid, name: str = "") -> list[Answer]:
        """Ask one range query.

        Args:
            query: PromQL.
            grid: When; at most 11,000 moments.
            name: Metric name of series that the query leaves without one; the query itself
                when empty.

        Returns:
            The series in the server's order; samples outside the grid's window are left out.

        Raises:
            BadInput: Prometheus refuses the query, or its answer cannot be used.
            Unavailable: It is down, slow, or no Prometheus.
        """
        start, end = (datetime.fromtimestamp(t, UTC) for t in (grid.start, grid.last))
        more = {"timeout": f"{ANSWER_SECONDS:g}s"}  # so that the server does not go on in vain
        with in_words(self.place):
            found = self.client.custom_query_range(query, start, end, str(grid.step), more)
            return [_answer(one, grid, name or " ".join(query.split())) for one in found]


@contextmanager
def connected(settings: Settings) -> Iterator[Reader]:
    """Open a connection to the server of the settings; nothing is sent yet.

    Args:
        settings: Where its address and login are.

    Yields:
        The reader.

    Raises:
        Unavailable: No server is set.
        BadInput: The address or the token cannot be one.
    """
    url, auth = _address(settings)
    place, headers = url.partition("://")[2], {}
    if token := settings.prometheus_token.strip():
        if not (token.isascii() and token.isprintable()):
            raise BadInput("LAB_PROMETHEUS_TOKEN holds letters no token has.", "Set it again.")
        headers, auth = {"Authorization": f"Bearer {token}"}, None
    # Without ``read=False`` a server that hangs is called unreachable instead of slow.
    retry = urllib3.Retry(0, read=False)
    # The connection may take all of the time, or the first byte, but not both together.
    timeout = urllib3.Timeout(total=ANSWER_SECONDS)
    with BoundedSession(place) as session:
        yield Reader(
            place,
            PrometheusConnect(url, headers, auth=auth, retry=retry, session=session,
                              timeout=timeout, method="POST"),
        )  # fmt: skip


def check_count(series: int) -> None:
    """Refuse more series than may be read.

    Raises:
        BadInput: There are too many.
    """
    if series > MOST_SERIES:
        raise BadInput(
            f"The query gives {grouped(series)} series; at most {MOST_SERIES} are read at once.",
            "Name labels to choose fewer, or sum them up: sum by (instance) (…).",
        )


def _address(settings: Settings) -> tuple[str, tuple[bytes, bytes] | None]:
    """The address without its password, and user and password, from wherever they are set."""
    if not settings.prometheus_url.strip():
        raise Unavailable(UNSET, SET_IT)
    try:
        parts = urlsplit(settings.prometheus_url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise BadInput(
            "LAB_PROMETHEUS_URL is not an address.", "Write it as http://127.0.0.1:9090."
        )
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
    user, password = settings.prometheus_user, settings.prometheus_password
    if not user and parts.username:
        user, password = unquote(parts.username), unquote(parts.password or "")
    return bare.geturl().rstrip("/"), (user.encode(), password.encode()) if user else None


def _answer(given: dict[str, Any], grid: Grid, name: str) -> Answer:
    import numpy as np

    labels = {str(key): str(value) for key, value in given["metric"].items()}
    metric = labels.pop("__name__", "") or name
    full = series_id(metric, labels)
    if "histograms" in given:
        raise BadInput(
            f"{full} holds native histograms, not numbers.",
            "Ask for a number of them, such as histogram_quantile(0.95, rate(…[5m])).",
        )
    times = np.array([round(time * 1e6) for time, _ in given["values"]], dtype="int64")
    values = np.array([float(value) for _, value in given["values"]], dtype="float64")
    inside = (times >= grid.start * 1_000_000) & (times <= grid.last * 1_000_000)
    return Answer(full, metric, labels, times[inside], values[inside])
