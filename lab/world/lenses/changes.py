"""The change lens: what people released and configured, harmless or not, as a change log has it.

A fault that came with a change leaves a record of the same kind as harmless ones do; nothing but
its risk tells it from the others.
"""

import numpy as np
import pandas as pd

from lab.world.lenses.changes_risk import risk
from lab.world.lenses.dice import Dice, hexadecimal
from lab.world.lenses.releases import CHANGES, Release, Releases, digest
from lab.world.shop.run import ShopRun

SUMMARIES = {
    "deploy": ("Update dependencies", "New layout", "Faster queries", "Fix rounding of prices",
               "Remove old code", "Better error messages", "Support another currency"),
    "config": ("Raise the pool size", "Change a timeout", "Switch a feature on",
               "Lower the log level", "New cache expiry", "Rotate a certificate"),
    "rollback": ("Back to the version before",),
}  # fmt: skip


def changes(run: ShopRun) -> pd.DataFrame:
    """Return the changes of a run.

    Args:
        run: What happened; incidents without severity or without a change leave no record.

    Returns:
        One row a change, in order of time: ``timestamp`` (UTC), ``change_id``, ``kind``
        (``deploy``, ``config`` or ``rollback``), ``service``, ``version``, ``author`` (a role),
        ``summary``, ``digest`` (of the image; empty for configuration) and what risk is judged
        by: ``lines_changed``, ``files``, ``tests_passed`` (0 to 1), ``reviewers``, ``friday``,
        ``evening``, ``tenure_days`` (of the author).
    """
    rows = [_row(run.seed, release) for release in Releases(run).within()]
    return pd.DataFrame(rows, columns=COLUMNS).astype(TYPES)


COLUMNS = [
    "timestamp", "change_id", "kind", "service", "version", "author", "summary", "digest",
    "lines_changed", "files", "tests_passed", "reviewers", "friday", "evening", "tenure_days",
]  # fmt: skip
TYPES = (
    dict.fromkeys(COLUMNS, "str")
    | dict.fromkeys(("lines_changed", "files", "reviewers", "tenure_days"), "int64")
    | dict.fromkeys(("friday", "evening"), "bool")
    | {"timestamp": "datetime64[us, UTC]", "tests_passed": "float64"}
)


def _row(seed: int, one: Release) -> tuple[object, ...]:
    dice, number = Dice(seed, CHANGES), np.array([one.number])
    summaries = SUMMARIES[one.kind]
    summary = summaries[dice.whole("summary", len(summaries), number)[0]]
    judged = risk(dice, one.number, one.at, cautious=one.harmless)
    return (
        one.at, f"chg-{hexadecimal(dice.bits('id', number))[0][:8]}", one.kind, one.service,
        one.version, judged.author, summary,
        digest(one.service, one.version) if one.track == "deploy" else None,
        judged.lines_changed, judged.files, judged.tests_passed, judged.reviewers, judged.friday,
        judged.evening, judged.tenure_days,
    )  # fmt: skip
