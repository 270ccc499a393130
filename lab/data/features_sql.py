"""A set of features as one query, for the past and for now alike: there is nothing to skew."""

from collections.abc import Sequence

from lab.core.sql import quoted
from lab.data.features import Feature, FeatureSet


def asked_query(types: Sequence[str]) -> str:
    """SQL that makes what is asked for comparable with the source.

    Args:
        types: DuckDB types of the entity's columns in the source; a cell that does not fit is
            an entity nobody knows.

    Returns:
        A SELECT from ``given`` (``n``, ``moment``, and the entity's cells ``c0``, ``c1`` and so on)
        with the cells as text ``e0``, ``e1`` and so on.
    """
    cells = "".join(
        f", CAST(TRY_CAST(c{i} AS {kind}) AS VARCHAR) AS e{i}" for i, kind in enumerate(types)
    )
    return f"SELECT n, CAST(moment AS TIMESTAMPTZ) AS moment{cells} FROM given"


def features_query(wanted: FeatureSet, asked: str) -> str:
    """SQL that computes features for rows of (entity, time).

    Args:
        wanted: The set.
        asked: Relation with the unique number ``n``, the time ``moment`` (TIMESTAMPTZ) and the
            entity's columns as ``e0``, ``e1`` and so on, as text.

    Returns:
        A SELECT that gives ``n``, ``newest_event`` and the features as ``f0``, ``f1`` and so on,
        in the order of ``n``.
    """
    same = " AND ".join(f"k.e{i} = a.e{i}" for i in range(len(wanted.entity)))
    # What is older than the longest window and the time to live has no part in any feature.
    young = f"k.event > a.moment - {_interval(wanted.reach_seconds)}"
    fresh = f"max(k.event) > any_value(a.moment) - {_interval(wanted.ttl)}"
    # By number, since a feature may be called like anything here.
    parts = "".join(
        f", CASE WHEN {fresh} THEN {_aggregate(feature, i)} END AS f{i}"
        for i, feature in enumerate(wanted.features.values())
    )
    return (
        f"WITH known AS ({_known(wanted)}) "
        f"SELECT a.n, CASE WHEN {fresh} THEN max(k.event) END AS newest_event{parts} "
        f"FROM {asked} a LEFT JOIN known k "
        f"ON {same} AND k.event <= a.moment AND k.known_at <= a.moment AND {young} "
        "GROUP BY a.n ORDER BY a.n"
    )


def entities_query(wanted: FeatureSet) -> str:
    """SQL that gives every entity with an event, as ``e0``, ``e1`` and so on."""
    cells = ", ".join(_entity_cells(wanted))
    whole = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in wanted.entity)
    return f"SELECT DISTINCT {cells} FROM {quoted(wanted.source)} WHERE {whole} ORDER BY ALL"


def _known(wanted: FeatureSet) -> str:
    """Events with when they happened and when they were known."""
    event = f"CAST({quoted(wanted.event_time)} AS TIMESTAMPTZ)"
    known = f"{event} + {_interval(wanted.delay)}"
    if wanted.created:
        # A row that does not say when it arrived was there as soon as it could be.
        known = f"greatest({known}, CAST({quoted(wanted.created)} AS TIMESTAMPTZ))"
    cells = _entity_cells(wanted) + [
        f"{quoted(feature.column)} AS v{i}"
        for i, feature in enumerate(wanted.features.values())
        if feature.column
    ]
    return (
        f"SELECT {', '.join(cells)}, {event} AS event, {known} AS known_at "
        f"FROM {quoted(wanted.source)} WHERE {quoted(wanted.event_time)} IS NOT NULL"
    )


def _entity_cells(wanted: FeatureSet) -> list[str]:
    return [f"CAST({quoted(name)} AS VARCHAR) AS e{i}" for i, name in enumerate(wanted.entity)]


def _aggregate(feature: Feature, i: int) -> str:
    cell = f"k.v{i}" if feature.column else "k.event"
    inside = f"FILTER (WHERE k.event > a.moment - {_interval(feature.window)})"
    if feature.how == "count":
        return f"count({cell}) {inside}"
    if feature.how == "last":
        # Of two events at one moment: the one known later, then the larger value.
        newest = f"{{'e': k.event, 'k': k.known_at, 'v': {cell}}}"
        return f"arg_max({cell}, {newest}) {inside}"
    if feature.how == "sum":
        return f"coalesce(fsum(CAST({cell} AS DOUBLE)) {inside}, 0.0)"
    if feature.how == "mean":
        return f"favg(CAST({cell} AS DOUBLE)) {inside}"
    return f"{feature.how}({cell}) {inside}"


def _interval(length: float) -> str:
    return f"to_microseconds({round(length * 1e6)})"
