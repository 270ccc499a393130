"""What makes a change risky: its size, its tests, its author and the hour."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.world.lenses.dice import Dice

# Roles, not people, with the days they have been there; the newest come last.
AUTHORS = (
    ("platform engineer", 2100), ("release engineer", 1500), ("checkout developer", 1200),
    ("catalogue developer", 900), ("data engineer", 640), ("search developer", 330),
    ("contractor", 75), ("new colleague", 28),
)  # fmt: skip
EVENING_FROM = 17
# Mean and deviation of the logarithm of lines changed.
CAREFUL_LINES, RISKY_LINES = (3.4, 1.1), (4.9, 1.0)
# Mean share of tests that do not pass.
CAREFUL_RED, RISKY_RED = 0.004, 0.03
# Exponent that draws towards the newest authors when below 1.
CAREFUL_NEWNESS, RISKY_NEWNESS = 1.3, 0.6


@dataclass(frozen=True)
class Risk:
    """What a change is judged by; see ``lab.world.lenses.changes.changes``."""

    lines_changed: int
    files: int
    tests_passed: float
    reviewers: int
    friday: bool
    evening: bool
    author: str
    tenure_days: int


def risk(dice: Dice, number: int, at: pd.Timestamp, *, cautious: bool) -> Risk:
    """Draw what a change is judged by.

    Args:
        dice: Dice of the change lens.
        number: Which change.
        at: When it was made.
        cautious: Whether it is drawn as harmless changes are; those that broke something are
            larger, less tested and more often by newcomers, without any mark being certain.
    """
    one = np.array([number])
    mean, deviation = CAREFUL_LINES if cautious else RISKY_LINES
    lines = int(np.exp(mean + deviation * dice.normal("lines", one)[0])) + 1
    red = (CAREFUL_RED if cautious else RISKY_RED) * dice.exponential("red", one)[0]
    newness = dice.uniform("author", one)[0] ** (CAREFUL_NEWNESS if cautious else RISKY_NEWNESS)
    author, tenure = AUTHORS[int(newness * len(AUTHORS))]
    reviewed = dice.uniform("reviewers", one)[0] * (3.0 if cautious else 2.2)
    return Risk(
        lines_changed=lines,
        files=1 + int(lines / 40 * (0.5 + dice.uniform("files", one)[0])),
        tests_passed=round(float(np.clip(1 - red, 0.0, 1.0)), 4),
        reviewers=int(reviewed),
        friday=at.dayofweek == 4,
        evening=at.hour >= EVENING_FROM,
        author=author,
        tenure_days=tenure,
    )
