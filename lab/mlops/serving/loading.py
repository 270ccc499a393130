"""The model of a server: loaded once in the background, so that the server answers at once."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lab.core.errors import LabError
from lab.mlops.models.artifact import LoadedModel, fingerprint, load_model

if TYPE_CHECKING:
    from lab.mlops.serving.telemetry import Telemetry

State = Literal["loading", "ready", "refused"]


@dataclass
class ModelSlot:
    """Where the model of a server lives, from loading to ready or refused.

    Args:
        folder: Model folder.
        expected: Fingerprint the registry remembers, to be checked, or ``None``.
        state: loading, ready or refused.
        message: The state in a sentence.
        hint: The next action.
        model: The model, once it is ready.
        fingerprint: What names its files, once they were read.
    """

    folder: Path
    expected: str | None = None
    state: State = "loading"
    message: str = "The model is being loaded."
    hint: str = "Ask again in a moment."
    model: LoadedModel | None = None
    fingerprint: str = ""
    _done: threading.Event = field(default_factory=threading.Event, repr=False)

    def start(self, telemetry: "Telemetry") -> None:
        """Load in a thread of its own."""
        threading.Thread(target=self._load, args=(telemetry,), name="model", daemon=True).start()

    def wait(self, timeout_seconds: float = 240.0) -> State:
        """Wait until loading has ended, well or not."""
        self._done.wait(timeout_seconds)
        return self.state

    def _load(self, telemetry: "Telemetry") -> None:
        try:
            self.fingerprint = fingerprint(self.folder)
            self.model = load_model(self.folder, expected=self.expected)
            telemetry.loaded(self.model.manifest, self.fingerprint)
            self.state, self.message, self.hint = "ready", "The model is ready.", ""
        except LabError as error:
            self.state, self.message, self.hint = "refused", error.message, error.hint
        except OSError as error:
            self.state = "refused"
            self.message = f"The model files cannot be read: {error.strerror}."
            self.hint = "Check the model folder."
        finally:
            self._done.set()
