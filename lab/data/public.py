"""Public data sets that are downloaded on demand: a card each, in ``datasets/public``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab.core.errors import BadInput, unknown
from lab.data.catalog import KINDS, datasets_folder, split_card

REQUIRED = (
    "name", "title", "kind", "file", "url", "sha256", "size_bytes", "rows", "origin", "licence",
    "citation", "verified", "mapping",
)  # fmt: skip


@dataclass(frozen=True)
class PublicCard:
    """What is known about a data set before it is downloaded.

    Attributes:
        name: Its name, unique among all cards.
        title: One line for people.
        kind: ``"metrics"`` or ``"table"``.
        file: Name of the file.
        url: Where it is, pinned to a version; https.
        sha256: Checksum in hex; empty where none could be verified: the first download is then
            trusted, and its checksum recorded.
        size_bytes: Its exact size, in bytes.
        rows: Data rows in it.
        origin: Where it comes from.
        licence: SPDX identifier or the terms in words.
        citation: What to cite.
        verified: How the checksum came about, in a sentence.
        mapping: Fields of ``lab.data.mapping.Mapping``.
        body: The card's Markdown.
    """

    name: str
    title: str
    kind: str
    file: str
    url: str
    sha256: str
    size_bytes: int
    rows: int
    origin: str
    licence: str
    citation: str
    verified: str
    mapping: Mapping[str, Any]
    body: str

    @property
    def host(self) -> str:
        """The host it is downloaded from."""
        return urlsplit(self.url).hostname or ""


def public_cards(folder: Path | None = None) -> list[PublicCard]:
    """The card of every public data set, by name.

    Args:
        folder: Where to look; the project's own folder unless given.

    Raises:
        BadInput: A card cannot be read, or lacks a field.

    >>> "nab_machine_temperature" in [card.name for card in public_cards()]
    True
    """
    place = folder or datasets_folder() / "public"
    return sorted((_read(path) for path in place.glob("*.md")), key=lambda card: card.name)


def public_card(name: str, folder: Path | None = None) -> PublicCard:
    """The card of one public data set.

    Args:
        name: Its name.
        folder: Where to look; the project's own folder unless given.

    Raises:
        NotFound: There is none of that name.
    """
    cards = {card.name: card for card in public_cards(folder)}
    if name not in cards:
        raise unknown("public data set", name, cards)
    return cards[name]


def _read(path: Path) -> PublicCard:
    front, body = split_card(path)
    if missing := [field for field in REQUIRED if field not in front]:
        raise BadInput(f"Card {path.name} lacks {', '.join(missing)}.", "Fill the fields in.")
    plain = Path(front["file"]).name == front["file"]
    if front["kind"] not in KINDS or not plain or urlsplit(front["url"]).scheme != "https":
        raise BadInput(
            f"Card {path.name} needs a kind ({', '.join(KINDS)}), a plain file name and an https "
            "address.",
            "Correct the card.",
        )
    return PublicCard(body=body, **{name: front[name] for name in REQUIRED})
