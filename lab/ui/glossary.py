"""Field terms, explained in the same words everywhere."""

from lab.core.errors import unknown

TERMS = {
    "baseline": "The simplest answer that could work, such as last week's sales. A model that does "
    "not beat it is not worth its upkeep.",
    "champion": "The model version that serves now. A challenger takes its place only by passing "
    "the same gate.",
    "contract": "What a table promises: its columns, types and ranges, and how complete, fresh and "
    "unique it is. Rows that break it are turned away with their line and the reason.",
    "drift": "The data a model meets today no longer looks like the data it learned from.",
    "event": "A stretch of time in which the anomaly score stays above the threshold.",
    "fold": "One of several train-and-test splits in time order; the spread of their scores shows "
    "how much luck is in one number.",
    "gate": "Checks a model version must pass before it may serve.",
    "holdout": "The last days, kept from training, on which the final score is measured.",
    "mae": "Mean absolute error: how far a prediction is off on average, in the target's own unit.",
    "precision": "Of the events found, the share that match a real incident.",
    "recall": "Of the real incidents, the share that were found.",
    "delay": "Time from the start of an incident to its first event.",
    "run": "One training with its parameters, scores, data fingerprint and files.",
    "false page": "An event on data in which nothing was wrong: somebody is woken for nothing.",
    "severity": "How hard a fault strikes, up to 1. On your own series it is measured in their "
    "ordinary fluctuations, so 0.3 is equally hard to see on a quiet and on a noisy one.",
    "overlay": "A fault drawn over a copy of a real series, whose window is known to the minute.",
    "series": "One metric of one host over time, named as Prometheus names it.",
    "snapshot": "A copy of exactly the data a run used, named by its hash.",
    "threshold": "The score from which a point counts as anomalous; scores are scaled so it is 1.",
    "reject": "A row that was turned away on loading, kept with its line and the reason.",
    "p-value": "How surprising a difference would be if nothing had changed. With many rows even "
    "tiny differences become surprising, so look at the size of the difference too.",
}

# Headings that stand for a term under another form.
FORMS = {
    "rejected": "reject",
    "median delay": "delay",
    "false pages a day": "false page",
    "mean error": "mae",
}


def meaning(heading: str) -> str | None:
    """What a heading means if it is a field term, whatever its unit, case or number.

    Args:
        heading: Label of a figure or a column.

    >>> meaning("Rejected") == meaning("Rejects") == TERMS["reject"]
    True
    >>> meaning("Delay (s)") == TERMS["delay"], meaning("Rows") is None
    (True, True)
    """
    plain = heading.partition(" (")[0].strip().lower()
    name = FORMS.get(plain, plain)
    return TERMS.get(name) or TERMS.get(name.removesuffix("s"))


def explain(name: str) -> str:
    """What a field term means, for the help of a figure or a field.

    Raises:
        NotFound: The glossary does not hold it.
    """
    if name not in TERMS:
        raise unknown("glossary term", name, TERMS)
    return TERMS[name]
