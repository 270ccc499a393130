"""Numbers in sentences, the same way in every message."""

THIN = "\u202f"


def counted(count: int, thing: str, things: str = "") -> str:
    """A number with its noun.

    Args:
        count: How many.
        thing: The noun, in the singular.
        things: In the plural; with an s when not given.

    >>> counted(1, "row"), counted(1200, "row"), counted(2, "batch", "batches")
    ('1 row', '1,200 rows', '2 batches')
    """
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"


def grouped(count: int) -> str:
    """A whole number whose thousands are parted by a thin space, as the app shows it.

    >>> grouped(1234567).replace(THIN, "_")
    '1_234_567'
    """
    return f"{count:,}".replace(",", THIN)
