"""The bundled data sets: what there is, what it holds, and whether it is still intact.

A data set is a file in ``datasets/`` with a card beside it: Markdown whose YAML front matter
is the contract (file, rows, checksum, schema, mapping) and whose body is for people. Whatever
has a card is found; nothing is registered in code.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lab
from lab.core.errors import BadInput, unknown

KINDS = ("metrics", "table")
REQUIRED = (
    "name", "title", "kind", "file", "rows", "sha256",
    "seed", "origin", "licence", "schema", "mapping",
)  # fmt: skip
FENCE = "---\n"


@dataclass(frozen=True)
class DatasetCard:
    """What is known about a bundled data set.

    Attributes:
        name: Its name, unique among the cards.
        title: One line for people.
        kind: ``"metrics"`` (wide, with a time column and labels) or ``"table"``.
        path: The data file.
        labels_path: The file of labelled incidents, where there is one.
        rows: Rows in the data file.
        sha256: Checksum of the data file, in hex.
        labels_sha256: Checksum of the labels file, or empty.
        seed: Seed it was generated from, or None for recorded data.
        licence: SPDX identifier.
        origin: Where it comes from.
        schema: Column name to ``{"type", "unit", "about"}``, in the file's order.
        mapping: How to ingest it, in the fields of ``lab.data.mapping.Mapping``: ``kind``,
            ``dataset``, ``time_column``, then ``label_columns`` and ``value_columns`` for
            metrics or ``key`` for a table.
        body: The card's Markdown below the front matter; its last part is a spoiler.
    """

    name: str
    title: str
    kind: str
    path: Path
    labels_path: Path | None
    rows: int
    sha256: str
    labels_sha256: str
    seed: int | None
    licence: str
    origin: str
    schema: Mapping[str, Mapping[str, str]]
    mapping: Mapping[str, Any]
    body: str


def datasets_folder() -> Path:
    """Return the folder of the bundled data sets, beside the ``lab`` package."""
    return Path(lab.__file__).resolve().parents[1] / "datasets"


def bundled(folder: Path | None = None) -> list[DatasetCard]:
    """Return the card of every bundled data set, by name.

    Args:
        folder: Where to look; the project's own folder unless given.

    Returns:
        Cards, sorted by name; empty if the folder holds none.

    Raises:
        BadInput: A card cannot be read, or lacks a field.

    >>> [card.name for card in bundled()]
    ['host_metrics', 'shop_sales']
    """
    place = folder or datasets_folder()
    cards = [_read(path) for path in place.glob("*.md") if path.name != "README.md"]
    return sorted(cards, key=lambda card: card.name)


def card(name: str, folder: Path | None = None) -> DatasetCard:
    """Return the card of one bundled data set.

    Args:
        name: Its name, such as ``"host_metrics"``.
        folder: Where to look; the project's own folder unless given.

    Raises:
        NotFound: There is none of that name; near matches are listed.
        BadInput: A card cannot be read, or lacks a field.
    """
    cards = {found.name: found for found in bundled(folder)}
    if name not in cards:
        raise unknown("bundled data set", name, cards)
    return cards[name]


def verify(card: DatasetCard) -> None:
    """Check that the files of a data set are the ones its card describes.

    Args:
        card: Card whose data file, and labels file if it has one, are hashed.

    Raises:
        BadInput: A file is missing or was altered.
    """
    files = [(card.path, card.sha256)]
    if card.labels_path is not None:
        files.append((card.labels_path, card.labels_sha256))
    for path, expected in files:
        if not path.is_file():
            raise BadInput(f"{path.name} of data set {card.name} is missing.", _remedy(path))
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise BadInput(
                f"{path.name} is not the file its card describes: sha256 should be "
                f"{expected[:12]}…, found {found[:12]}….",
                _remedy(path),
            )


def _remedy(path: Path) -> str:
    return (
        f"Restore datasets/{path.name} from the project, or run python -m lab.world.bundle to "
        "write the bundled files again."
    )


def _read(path: Path) -> DatasetCard:
    """Read a card, refusing one that leaves its folder or lacks a field."""
    front, body = split_card(path)
    missing = [field for field in REQUIRED if field not in front]
    if missing:
        raise BadInput(
            f"Card {path.name} lacks {', '.join(missing)}.",
            "Fill the fields in; datasets/README.md lists them.",
        )
    if front["kind"] not in KINDS:
        raise BadInput(
            f"Card {path.name}: kind must be one of {', '.join(KINDS)}, got {front['kind']!r}.",
            "Correct the card.",
        )
    labels = front.get("labels")
    return DatasetCard(
        path=_beside(path, str(front["file"])),
        labels_path=_beside(path, str(labels)) if labels else None,
        labels_sha256=str(front.get("labels_sha256", "")),
        body=body,
        **{name: front[name] for name in REQUIRED if name != "file"},
    )


def split_card(path: Path) -> tuple[dict[str, Any], str]:
    """The front matter of a card, and its Markdown.

    Raises:
        BadInput: It has no front matter, or none that is YAML.
    """
    import yaml

    text = path.read_text(encoding="utf-8")
    parts = text.split(FENCE, 2)
    try:
        front = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0] else None
    except yaml.YAMLError as error:
        raise BadInput(f"Card {path.name}: the front matter is not YAML.", str(error)) from error
    if not isinstance(front, dict):
        raise BadInput(
            f"Card {path.name} has no front matter.", "Begin it with YAML between two --- lines."
        )
    return front, parts[2].strip()


def _beside(card: Path, name: str) -> Path:
    if Path(name).name != name:
        raise BadInput(
            f"Card {card.name}: {name!r} is not a plain file name.",
            "Keep the data file beside its card.",
        )
    return card.parent / name
