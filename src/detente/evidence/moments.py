"""The year or the day that a text means."""

from __future__ import annotations

import datetime as dt
import re

from detente.errors import UsageError

WHEN = re.compile(r"(?:history-)?(\d{4})(?:-(\d\d)-(\d\d))?")


def moment(text: str) -> int | dt.date | None:
    """Return the year or the day that a text means, or that an architecture is called by.

    Returns
    -------
    int, date or None
        None for a text of another form.

    Raises
    ------
    UsageError
        If it has the form of a day and there is no such day.
    """
    found = WHEN.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = found.groups()
    if month is None:
        return int(year)
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise UsageError(f"'{text}' is no day of the calendar; write it as 1914-07-28") from None
