"""Times of a log one after the other; a year that is not said goes up after December."""

from lab.data.log_times import TimeForm, iso, month_of

# Beyond, what is remembered is forgotten, and begun anew.
MOST_REMEMBERED = 20_000
HALF_YEAR = 6
# The 29th of February depends on the year.
LEAP_DAY = "-02-29"
WHOLE_SECONDS = len("2026-01-02T10:00:00")
YEAR = len("2026")
SECONDS = frozenset(f"{i:02d}" for i in range(60))


class Clock:
    """Turns the times of a log into ISO 8601, in the order in which they stand.

    Logs repeat themselves: the second in many lines, fraction and zone in others. So a time is
    read as two halves, each of which is looked up where it was met before.

    Args:
        form: How the times are written; ``None`` when there are none.
        year: Year of the first one, for times that say none.
    """

    def __init__(self, form: TimeForm | None, year: int) -> None:
        self.form, self.year, self.month = form, year, 0
        self._heads: dict[str, str] = {}
        self._minutes: dict[str, str] = {}
        self._tails: dict[str, str] = {}
        self._cut = 0

    def iso(self, text: str) -> str:
        """A time as ISO 8601.

        Args:
            text: As the log writes it; nothing is left as it is.

        Raises:
            ValueError: There is no such time.
        """
        if self.form is None or not text:
            return text
        cut = self._cut
        head, tail = self._heads.get(text[:cut]), self._tails.get(text[cut:])
        if head is None and (second := text[cut - 2 : cut]) in SECONDS:
            head = self._minutes.get(text[: cut - 2])
            head = head and head + second
        if head is None or tail is None:
            return self._read(text, self.form)
        if self.form.has_year:
            return head + tail
        self._turn(int(head[5:7]))
        return f"{self.year:04d}{head[YEAR:]}{tail}"

    def _read(self, text: str, form: TimeForm) -> str:
        if not form.has_year:
            self._turn(month_of(text, form))
        found = iso(text, form, self.year)
        if (cut := form.seconds_end(text)) and (form.has_year or LEAP_DAY not in found):
            self._remember(text, form, cut, found)
        return found

    def _turn(self, month: int) -> None:
        self.year += self.month - month > HALF_YEAR
        self.month = month

    def _remember(self, text: str, form: TimeForm, cut: int, found: str) -> None:
        if cut != self._cut or len(self._heads) + len(self._tails) > MOST_REMEMBERED:
            self._heads.clear()
            self._minutes.clear()
            self._tails.clear()
            self._cut = cut
        self._heads[text[:cut]] = found[:WHOLE_SECONDS]
        if text[cut - 2 : cut] in SECONDS and not form.is_epoch:
            self._minutes[text[: cut - 2]] = found[: WHOLE_SECONDS - 2]
        self._tails[text[cut:]] = found[WHOLE_SECONDS:]
