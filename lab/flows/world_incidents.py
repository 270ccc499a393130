"""Which incidents strike a batch of the shop, and how they are labelled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lab.core.schemas import INCIDENTS

if TYPE_CHECKING:
    import pandas as pd

    from lab.world.faults.fault import Incident

MOST_INCIDENTS = 60
AT_ONCE = 3  # incidents that share a part of the time


def drawn(seed: int, start: datetime, days: int, count: int) -> "tuple[Incident, ...]":
    """Draw the incidents of a batch, all of them in its second half.

    The half is cut into parts of equal length with up to three incidents each, one of them
    harmless, so that a detector can be trained on the first half.

    Args:
        seed: World seed.
        start: First moment of the batch.
        days: Its length.
        count: How many are wanted.

    Returns:
        Incidents in order of their start, numbered.
    """
    from lab.world.faults.incident import draw

    parts = -(-count // AT_ONCE)
    found: list[Incident] = []
    for part in range(parts):
        minutes = days * 720 // parts
        begin = start + timedelta(minutes=days * 720 + part * minutes)
        wanted = min(AT_ONCE, count - part * AT_ONCE)
        found += draw(seed * MOST_INCIDENTS + part, begin, minutes, wanted, red_herring=wanted > 1)
    return tuple(found)


def incident_rows(struck: "Sequence[Incident]") -> "pd.DataFrame":
    """Return incidents as rows of table ``incidents``, which are its labels.

    Args:
        struck: What strikes.

    Returns:
        One row each, without the name of the data set.
    """
    import pandas as pd

    from lab.world.lenses.metrics_nodes import instance_of

    rows = [
        (one.incident_id, one.start, one.end, instance_of(one.target), one.fault.shows,
         one.fault.kind, one.fault.note)
        for one in struck
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[name for name in INCIDENTS.names if name != "dataset"])
    return frame.astype({"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"})
