"""Which runs of the script a page waits for, told from the frames on its socket.

A click is answered by a run, and nothing on the page says that it is on its way: on a busy machine
it may begin seconds later, and take away what is being clicked next. What a page runs by itself
every few seconds is left out.
"""

from dataclasses import dataclass, field

from playwright.sync_api import WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

WHOLE = ""  # in the place of a fragment: the whole script


@dataclass
class ScriptRuns:
    """The runs of one page.

    Args:
        asked: Fragments that were asked for and have not begun to run.
        running: Whether a run that was asked for has begun and not ended.
    """

    asked: set[str] = field(default_factory=lambda: {WHOLE})
    running: bool = False

    @property
    def awaited(self) -> bool:
        """Whether a run goes on or is to come."""
        return self.running or bool(self.asked)

    def listen(self, socket: WebSocket) -> None:
        """Begin anew with a socket that the page has opened."""
        self.asked, self.running = {WHOLE}, False
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._came)

    def _sent(self, frame: str | bytes) -> None:
        message = BackMsg.FromString(frame) if isinstance(frame, bytes) else BackMsg()
        if message.WhichOneof("type") == "rerun_script" and not message.rerun_script.is_auto_rerun:
            self.asked.add(message.rerun_script.fragment_id)

    def _came(self, frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame) if isinstance(frame, bytes) else ForwardMsg()
        kind = message.WhichOneof("type")
        if kind == "new_session":
            # A run of the whole script answers whatever was asked before.
            fragments = set(message.metadata.run.fragment_ids)
            self.running = not (fragments and fragments.isdisjoint(self.asked))
            self.asked = self.asked - fragments if fragments else set()
        elif kind == "script_finished":
            early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
            self.running = self.running and early
