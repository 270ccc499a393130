"""A report on columns and values that were named by an enemy."""

import numpy as np
import pandas as pd

from lab.mlops.drift import compare

SCRIPT = "</script><script>top.document.title='owned';document.title='owned'</script>"
PAYLOADS = [
    SCRIPT,
    "<img src=x onerror=\"top.document.title='owned'\">",
    "\"><svg/onload=top.document.title='owned'>",
    "';top.document.title='owned';//",
    "`${top.document.title='owned'}`",
    "\\u003c/script>",
    "<!--<script>",
]


def hostile_report():
    """Sixty rows against sixty others, with every payload as a name and as a value."""
    rng = np.random.default_rng(0)

    def window(shift):
        return pd.DataFrame(
            {name: rng.normal(shift, 1, 60) for name in PAYLOADS}
            | {"category": rng.choice(PAYLOADS, 60), "plain": rng.normal(size=60)}
        )

    return compare(window(0), window(2))
