"""How the usual programs write their logs, and which of these ways a file follows."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.data.log_patterns import LinePattern, line_pattern

LOGFMT = "logfmt"
# The more a pattern says, the earlier it stands: of two that fit alike the first is taken.
CATALOGUE: tuple[tuple[str, str], ...] = (
    ("Web access, combined",
     '<client> <ident> <user> [<time>] "<request>" <status> <bytes> "<referrer>" "<agent>"'),
    ("Web access, common", '<client> <ident> <user> [<time>] "<request>" <status> <bytes>'),
    ("Syslog, RFC 5424",
     "<<pri>>1 <time> <host> <component> <procid> <msgid> <structured> <message>"),
    ("Supercomputer events",
     "<label> <epoch> <date> <node> <time> <place> <source> <component> <level> <message>"),
    ("Spring Boot", "<time> <level> <pid> --- [<thread>] <component> : <message>"),
    ("OpenStack, collected", "<file> <time> <pid> <level> <component> [<request>] <message>"),
    ("OpenStack", "<time> <pid> <level> <component> [<request>] <message>"),
    ("ZooKeeper", "<time> - <level> [<node>:<component>@<id>] - <message>"),
    ("Apache error", "[<time>] [<component>:<level>] [pid <pid>{:tid <tid>}]{ [client <client>]} "
     "<message>"),
    ("nginx error", "<time> [<level>] <pid>#<tid>: <message>"),
    ("Log4j with thread", "<time> <level> [<thread>] <component>: <message>"),
    ("Log4j with thread", "<time> <level> [<thread>] <component> - <message>"),
    ("Logback", "<time> [<thread>] <level> <component> - <message>"),
    ("Android", "<time> <pid> <tid> <level> <component+>: <message>"),
    ("Kubernetes", "<level><time> <pid> <component>] <message>"),
    ("Hadoop file system", "<time> <pid> <level> <component>: <message>"),
    ("Python", "<time> - <component> - <level> - <message>"),
    ("PostgreSQL", "<time> [<pid>] <level>: <message>"),
    ("Bracketed", "[<time>] [<level>] [<component>] <message>"),
    ("Bracketed", "[<time>] <level> <component>: <message>"),
    ("Log4j", "<time> <level> <component>: <message>"),
    ("Bracketed level and component", "<time> [<level>] [<component>] <message>"),
    ("Bracketed component", "<time> <level> [<component>] <message>"),
    ("Windows servicing", "<time>, <level> <component> <message>"),
    ("Barred", "<time>|<component>|<pid>|<message>"),
    ("Barred", "<time>|<level>|<component>|<message>"),
    ("Apache error, old", "[<time>] [<level>] {[client <client>] }<message>"),
    ("Bracketed", "[<time>] <level> <message>"),
    ("Bracketed level", "<time> [<level>] <message>"),
    ("Level", "<time> <level>{:} <message>"),
    ("Supercomputer syslog",
     "<label> <epoch> <date> <node> <time> <place> <component+>{[<pid>]}: <message>"),
    ("Syslog", "{<<pri>>}<time> <host> <component+>{[<pid>]}{ (<address>)}: <message>"),
    ("Proxy", "[<time>] <component> - <message>"),
    ("Cluster events", "<id> <node> <component> <state> <time> <flag> <message>"),
    ("Python, bare", "<level>:<component>:<message>"),
)  # fmt: skip
# They fit nearly anything, so only a file called a log is read by them.
LOOSE: tuple[tuple[str, str], ...] = (
    ("Time", "{[}<time>{]}{ -} <message>"),
    ("Time", "<time>{:} <message>"),
)
NEEDED = 0.5
NEARLY = 0.02


@dataclass(frozen=True)
class LogGuess:
    """How a log seems to be written.

    Args:
        title: What writes such logs.
        pattern: The pattern.
        share: Share of the sampled lines it fits, 0 to 1.
    """

    title: str
    pattern: LinePattern
    share: float


def guess_log(lines: Sequence[str], *, loose: bool) -> LogGuess | None:
    """Find the pattern that fits most lines, and of those the one that says most.

    Args:
        lines: The first lines that are neither blank nor go on from the line above.
        loose: Whether a time and a text are enough.

    Returns:
        The guess; ``None`` when nothing fits half of the lines.
    """
    if not lines:
        return None
    found: list[LogGuess] = []
    best = NEEDED
    for title, text in (*CATALOGUE, *(LOOSE if loose else ())):
        pattern = line_pattern(text)
        share = _share(pattern, lines, best - NEARLY)
        best = max(best, share)
        found.append(LogGuess(title, pattern, share))
    if max(one.share for one in found) < NEEDED:
        return None
    return next(one for one in found if one.share >= best - NEARLY)


def _share(pattern: LinePattern, lines: Sequence[str], least: float) -> float:
    """Share of lines that fit; 0 as soon as it is below the least that counts."""
    misfits, most = 0, (1 - least) * len(lines) + 1
    for line in lines:
        if pattern.match(line) is None:
            misfits += 1
            if misfits > most:
                return 0.0
    return (len(lines) - misfits) / len(lines)
