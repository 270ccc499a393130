"""Numbers in sentences, as everywhere in the lab."""

from lab.core.words import counted

__all__ = ["counted"]
