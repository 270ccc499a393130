"""A sealed text: not readable at a glance, and not to be changed without being noticed.

On a laptop the person who looks for the truth also owns the file and the key, so this is a
matter of honour: the seal keeps the answer from being met by accident and shows when somebody
changed it, and nothing more. Where it matters, an instructor checks again on another machine.
"""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable

from lab.core.errors import BadInput
from lab.world.faults.truth import Truth

FORMAT = "lab-truth-1"


def sealed(records: Iterable[Truth], key: str) -> str:
    """Seal records of truth.

    Args:
        records: What is true.
        key: The secret of the workspace.

    Returns:
        One line of text for each part: format, keyed fingerprint, packed records.
    """
    plain = json.dumps([record.to_json() for record in records], sort_keys=True)
    packed = base64.b85encode(zlib.compress(plain.encode("utf-8"), 9)).decode("ascii")
    return "\n".join((FORMAT, _mark(packed, key), packed, ""))


def unsealed(text: str, key: str) -> tuple[Truth, ...]:
    """Open what ``sealed`` made.

    Args:
        text: As it was read from the file.
        key: The secret of the workspace.

    Returns:
        The records.

    Raises:
        BadInput: The text was changed, cut short, or sealed with another key.
    """
    lines = text.split("\n")
    whole = len(lines) == 4 and lines[0] == FORMAT
    if not whole or not hmac.compare_digest(lines[1].encode(), _mark(lines[2], key).encode()):
        raise BadInput(
            "The sealed truth was changed, or sealed in another workspace.",
            "Make the world again; what it is checked against is made with it.",
        )
    plain = json.loads(zlib.decompress(base64.b85decode(lines[2])))
    return tuple(Truth.from_json(record) for record in plain)


def _mark(packed: str, key: str) -> str:
    return hmac.new(key.encode("utf-8"), packed.encode("utf-8"), hashlib.sha256).hexdigest()
