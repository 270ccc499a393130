"""Keras on TensorFlow: imported late, quiet, and with the same arithmetic in every process."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from lab.core.errors import Unavailable
from lab.core.process import QUIET


def load_keras() -> ModuleType:
    """Import Keras.

    oneDNN is off: it adds in another order, and a network trained in a job would not repeat
    the score of one trained in a notebook.

    Raises:
        Unavailable: TensorFlow is not installed.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)  # TensorFlow reads them when it is imported
    try:
        with quiet_stderr():
            import keras
            import tensorflow  # noqa: F401  keras alone would fail at its first use
    except ImportError as error:
        raise Unavailable(
            "This needs TensorFlow, which is not installed.",
            "Choose another model, or use Python 3.11 to 3.13 where TensorFlow exists.",
        ) from error
    loaded: ModuleType = keras
    return loaded


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send file descriptor 2 to nowhere for a while.

    TensorFlow's C++ side logs at import and at its first step, before any setting of its own is
    read. Python errors still rise as exceptions.
    """
    sys.stderr.flush()
    kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)
