"""The fingerprint of an alert, as Prometheus and Alertmanager make it from its labels.

FNV-1a with 64 bits over the labels in order of their names, each name and value ended by a byte
255: ``labelSetToFingerprint`` in ``model/signature.go`` of github.com/prometheus/common.
"""

from collections.abc import Mapping
from functools import lru_cache

OFFSET, PRIME, END = 14695981039346656037, 1099511628211, b"\xff"
MASK = 2**64 - 1


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return the fingerprint of labels: 16 hexadecimal digits.

    Args:
        labels: Label names and values.

    >>> int(fingerprint({"name": "garland, briggs", "fear": "love is not enough"}), 16)
    5799056148416392346
    """
    return _hashed(tuple(sorted(labels.items())))


@lru_cache(maxsize=4096)
def _hashed(labels: tuple[tuple[str, str], ...]) -> str:
    total = OFFSET
    for name, value in labels:
        for byte in name.encode() + END + value.encode() + END:
            total = (total ^ byte) * PRIME & MASK
    return f"{total:016x}"
