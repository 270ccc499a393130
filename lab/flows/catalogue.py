"""The catalogue: bundled sets and public ones, which are downloaded once their terms are seen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab.core.errors import BadInput
from lab.core.files import write_whole
from lab.core.names import inside
from lab.core.progress import Progress, Steps, scaled
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.catalog import bundled
from lab.data.public import PublicCard, public_card, public_cards
from lab.flows.ingest import ingest
from lab.flows.load_report import LoadSummary

BUNDLED, PUBLIC, HERE = "bundled", "to download", "downloaded"


@dataclass(frozen=True)
class Entry:
    """One data set of the catalogue.

    Args:
        name: Its name.
        title: What it is.
        kind: metrics or table.
        rows: Data rows.
        size_bytes: Size of its file.
        where: bundled, to download or downloaded.
        licence: Its terms.
        citation: What to cite; empty for bundled sets.
        origin: Where it comes from.
        checksum: How its content is checked, in a sentence.
        about: What is in it, in Markdown.
        host: Where it is downloaded from; empty for bundled sets.
    """

    name: str
    title: str
    kind: str
    rows: int
    size_bytes: int
    where: str
    licence: str
    citation: str
    origin: str
    checksum: str
    about: str = field(default="", repr=False)
    host: str = ""


def catalogue(ws: Workspace) -> list[Entry]:
    """List the data sets there are: bundled, and public ones that can be downloaded.

    Args:
        ws: The workspace.

    Returns:
        One entry per data set, bundled ones first.
    """
    ours = [
        Entry(card.name, card.title, card.kind, card.rows, card.path.stat().st_size, BUNDLED,
              card.licence, "", card.origin, "Checked at each load against its card.")
        for card in bundled()
    ]  # fmt: skip
    public = [
        Entry(card.name, card.title, card.kind, card.rows, card.size_bytes,
              HERE if _place(ws, card).is_file() else PUBLIC,
              card.licence, card.citation, card.origin, card.verified, card.body, card.host)
        for card in public_cards()
    ]  # fmt: skip
    return ours + public


def fetch(ws: Workspace, name: str, *, accept_licence: bool = False) -> Steps[LoadSummary]:
    """Download a public data set, check it, and load it like any other file.

    Args:
        ws: The workspace.
        name: A public data set of the catalogue.
        accept_licence: Say that you have read its licence and accept it.

    Returns:
        The counts of the load.

    Raises:
        NotFound: There is no such data set, or the server has no such file.
        BadInput: The licence is not accepted, or what came is not the file.
        Unavailable: The server cannot be reached.
    """
    card = public_card(name)
    if not accept_licence:
        raise BadInput(
            f"{card.title}. {card.origin} Licence: {card.licence}. Please cite: {card.citation}",
            "If you accept the licence, call again with accept_licence (--accept-licence).",
        )
    path = _place(ws, card)
    yield Progress(0, 100, f"Getting {card.file} ({grouped(card.size_bytes / 1e6, '.1f')} MB)")
    _get(ws, card, path)
    steps = ingest(ws, path, dict(card.mapping), name=f"{card.name} ({card.file})")
    return (yield from scaled(steps, 40, 100, 100))


def rows(entries: Sequence[Entry]) -> list[dict[str, object]]:
    """The catalogue as a table: what each set is, how large, and where it is."""
    return [
        {
            "Data set": entry.title,
            "Rows": entry.rows,
            "Kind": entry.kind,
            "Licence": entry.licence.partition(" (")[0].partition(";")[0],
            "Where": entry.where,
        }
        for entry in entries
    ]


def _get(ws: Workspace, card: PublicCard, path: Path) -> None:
    """Have the file in the workspace, downloaded now or before, and know that it is the one."""
    from lab.data.download import Download, download

    known = card.sha256 or str(_recorded(path).get("sha256", ""))
    url = _url(ws.settings.catalogue_mirror, card)
    ws.need_space(card.size_bytes)
    sha256 = download(Download(url, path, known, card.size_bytes))
    if not _record(path).is_file():
        note = {
            "url": url,
            "sha256": sha256,
            "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "verified": bool(card.sha256),
            "licence": card.licence,
        }
        write_whole(_record(path), json.dumps(note, indent=1))


def _url(mirror: str, card: PublicCard) -> str:
    """Where to get a file: from its own place, or the same path below a mirror.

    Without encryption a stranger could change the file on its way, so that plain http is for
    files whose checksum is known.
    """
    if not mirror:
        return card.url
    place = urlsplit(card.url)
    if urlsplit(mirror).scheme not in ("https", "http") or not urlsplit(mirror).netloc:
        raise BadInput(
            f"LAB_CATALOGUE_MIRROR is no web address: {mirror!r}.", "Write it as https://host/path."
        )
    if urlsplit(mirror).scheme == "http" and not card.sha256:
        raise BadInput(
            f"{card.name} has no known checksum, and the mirror is not encrypted.",
            "Use an https mirror for it.",
        )
    return f"{mirror.rstrip('/')}/{place.netloc}{place.path}"


def _place(ws: Workspace, card: PublicCard) -> Path:
    folder = inside(ws.folder("downloads"), card.name)
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder / card.file


def _record(path: Path) -> Path:
    return path.with_name("download.json")


def _recorded(path: Path) -> Mapping[str, Any]:
    """What was noted when the file came first; a checksum that was trusted then binds now."""
    record = _record(path)
    found: dict[str, Any] = json.loads(record.read_text("utf-8")) if record.is_file() else {}
    return found
