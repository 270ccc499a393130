"""How lines are written: JSON, classic text, or another format altogether after a release."""

from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as in_quotes  # a quarter of what dumps takes
from typing import Literal

Format = Literal["json", "classic", "logfmt"]

JSON_WRITERS = ("edge", "cart", "payment", "recommendation")


def format_of(service: str, *, changed: bool) -> Format:
    """Return how a service writes its lines, before or after a release changed it."""
    if changed:
        return "logfmt"
    return "json" if service in JSON_WRITERS else "classic"


def written(
    form: Format, moment: str, level: str, service: str, instance: str, trace: str, message: str
) -> str:
    """Write one line.

    Args:
        form: How.
        moment: The time as 2026-03-02T10:00:01.123.
        level: Such as INFO.
        service: Who writes.
        instance: Which replica.
        trace: Trace id; empty for none.
        message: What it says.

    >>> written("classic", "2026-03-02T10:00:01.123", "INFO", "web", "web-1", "ab", "GET / 200 3ms")
    '2026-03-02T10:00:01.123Z INFO web-1 [trace=ab] GET / 200 3ms'
    >>> written("logfmt", "2026-03-02T10:00:01.123", "INFO", "web", "web-1", "", "GET / 200 31ms")
    'ts=1772445601.123 lvl=info svc=web host=web-1 msg="GET / 200 31ms"'
    """
    if form == "classic":
        about = f"[trace={trace}] " if trace else ""
        return f"{moment}Z {level} {instance} {about}{message}"
    if form == "json":
        about = f', "trace_id": "{trace}"' if trace else ""
        return (
            f'{{"time": "{moment}Z", "level": "{level}", "service": "{service}", '
            f'"instance": "{instance}"{about}, "message": {in_quotes(message)}}}'
        )
    seconds = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
    about = f" trace={trace}" if trace else ""
    return (
        f"ts={seconds:.3f} lvl={level.lower()} svc={service} host={instance}{about}"
        f" msg={in_quotes(message)}"
    )
