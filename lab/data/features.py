"""Sets of features, each defined once: what is counted, over which window, known when.

Convention: the features of an entity at time t see the events in (t - window, t] that were known
by t, and no others. An event is known ``delay`` after it happened, and not before its ``created``
time where a column has one. If no event younger than ``ttl`` is known, the features have expired
and are empty. Over an empty window count and sum are 0, the others are empty.
"""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from lab.core.lengths import seconds
from lab.core.yaml_models import read_model

How = Literal["count", "sum", "mean", "min", "max", "last"]
NOUN = "a set of features"
TEN_YEARS = 10 * 365 * 86_400
MOST_FEATURES = 200


def _seconds(text: object) -> float:
    """A length of time in seconds: a number of them, or a text such as 7d."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return float(text)
    return seconds(str(text))


Duration = Annotated[float, BeforeValidator(_seconds), Field(allow_inf_nan=False, le=TEN_YEARS)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
Column = Annotated[str, Field(min_length=1, max_length=200)]


class Clause(BaseModel):
    """A part of a definition: a misspelt word is an error, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Feature(Clause):
    """One feature.

    Args:
        how: count, sum, mean, min, max or last (the newest value that is there).
        window: How far back it looks, in seconds or as 7d.
        column: What is counted; count may go without and then counts events.
    """

    how: How
    window: Annotated[Duration, Field(gt=0)]
    column: Column | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.column is None and self.how != "count":
            raise ValueError(f"{self.how} needs a column")
        return self


class FeatureSet(Clause):
    """Features of one kind of entity from one table.

    Args:
        name: Name of the set.
        source: The table with the events.
        entity: Columns that name an entity.
        event_time: Column that says when an event happened.
        ttl: How old the newest event may be before everything has expired, in seconds or as 7d.
        features: Features by name.
        delay: How long after it happened an event is known.
        created: Column that says when a row arrived, for events that come late.
    """

    name: Name
    source: Name
    entity: tuple[Column, ...] = Field(min_length=1, max_length=10)
    event_time: Column
    ttl: Annotated[Duration, Field(gt=0)]
    features: dict[Name, Feature] = Field(min_length=1, max_length=MOST_FEATURES)
    delay: Annotated[Duration, Field(ge=0)] = 0.0
    created: Column | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        taken = {*self.entity, "at", "newest_event"} & set(self.features)
        if taken:
            raise ValueError(f"a feature may not be called {sorted(taken)[0]!r}")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the source that is read."""
        named = [*self.entity, self.event_time, *filter(None, [self.created])]
        named += [feature.column for feature in self.features.values() if feature.column]
        return tuple(dict.fromkeys(named))

    @property
    def reach_seconds(self) -> float:
        """How far back any of it looks, in seconds."""
        return max(self.ttl, *(feature.window for feature in self.features.values()))

    @property
    def fingerprint(self) -> str:
        """First digits of the hash of the definition."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


def read_features(text: str) -> FeatureSet:
    r"""Read the definition of a set of features.

    Args:
        text: YAML.

    Raises:
        BadInput: It is not a definition; the message names the first lines at fault.

    >>> text = "name: a\nsource: s\nentity: [k]\nevent_time: t\nttl: 1d\nfeatures:\n"
    >>> read_features(text + "  n: {how: count, window: 1h}").features["n"].window
    3600.0
    """
    return read_model(text, FeatureSet, NOUN)
