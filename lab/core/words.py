"""Numbers in sentences, the same way in every message."""

THIN = "\u202f"


def counted(count: int, thing: str, things: str = "") -> str:
    """A number with its noun.

    Args:
        count: How many.
        thing: The noun, in the singular.
        things: In the plural; with an s when not given.

    >>> counted(1, "row"), counted(1200, "row").replace(THIN, "_"), counted(2, "batch", "batches")
    ('1 row', '1_200 rows', '2 batches')
    """
    return f"{grouped(count)} {thing if count == 1 else things or f'{thing}s'}"


def grouped(value: float, form: str = "") -> str:
    """A number whose thousands are parted by a thin space; the one rule wherever people read.

    Args:
        value: The number.
        form: How many digits, as Python's formats say it; all of them when not given.

    >>> grouped(1234567).replace(THIN, "_"), grouped(1234.56, ".1f").replace(THIN, "_")
    ('1_234_567', '1_234.6')
    """
    return format(value, f",{form}").replace(",", THIN)
