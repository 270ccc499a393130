"""What a stream did, batch by batch."""

from dataclasses import dataclass, replace

from lab.core.words import counted, grouped
from lab.data.stream import Batch, Outcome


@dataclass(frozen=True)
class StreamSummary:
    """What a stream did until it was stopped.

    Args:
        stream: Its name in table ``stream_offsets``.
        table: Where its rows are.
        batches: Batches that landed.
        loaded: Rows that landed.
        rejected: Records turned away, with their reason in table ``rejects``.
        repeated: Records that had landed before and were left out.
        failed: Batches turned away as a whole.
        last: The last batch, or why it was turned away.
    """

    stream: str
    table: str
    batches: int = 0
    loaded: int = 0
    rejected: int = 0
    repeated: int = 0
    failed: int = 0
    last: str = ""

    def after(self, batch: Batch, outcome: Outcome) -> "StreamSummary":
        """The same with one batch more."""
        return replace(
            self,
            batches=self.batches + (not outcome.problem),
            loaded=self.loaded + outcome.loaded,
            rejected=self.rejected + outcome.rejected,
            repeated=self.repeated + outcome.repeated,
            failed=self.failed + bool(outcome.problem),
            last=f"{batch.label}: {outcome.problem}" if outcome.problem else batch.label,
        )

    @property
    def sentence(self) -> str:
        """The counts in words."""
        batches = counted(self.batches, "batch", "batches")
        parts = [f"{counted(self.loaded, 'row')} of {batches}"]
        parts += [f"{grouped(self.rejected)} rejected"] if self.rejected else []
        parts += [f"{grouped(self.repeated)} repeated"] if self.repeated else []
        parts += [f"{grouped(self.failed)} failed"] if self.failed else []
        return ", ".join(parts)
