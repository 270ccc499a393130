"""One hash of what a table says, for pinning generators."""

import hashlib

import pandas as pd


def content_hash(frame: pd.DataFrame) -> str:
    """Hash names, order and values, whatever the index and the file format."""
    digest = hashlib.sha256(",".join(frame.columns).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]
