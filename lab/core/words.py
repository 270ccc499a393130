"""Numbers in sentences, the same way in every message."""

THIN = "\u202f"


def counted(count: int, thing: str) -> str:
    """A number with its noun.

    Args:
        count: How many.
        thing: The noun, in the singular, whose plural takes an s.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def grouped(count: int) -> str:
    """A whole number whose thousands are parted by a thin space, as the app shows it.

    >>> grouped(1234567).replace(THIN, "_")
    '1_234_567'
    """
    return f"{count:,}".replace(",", THIN)
