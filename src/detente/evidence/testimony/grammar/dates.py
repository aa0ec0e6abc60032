"""Days named in a text: 15 May 2024, May 15, on Tuesday, yesterday."""

from __future__ import annotations

import datetime as dt
import re

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|"
    r"Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:\s*,?\s+(?P<year>\d{4}))?"
_WRITTEN = (
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})\b"),
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}{_YEAR}(?!\w)"),
    re.compile(rf"\b{_MONTH}\s+{_DAY}{_YEAR}(?!\w)"),
)
_NAMED = re.compile(rf"\b(?P<last>last\s+)?(?P<name>{'|'.join(_DAYS)})\b", re.I)
_NEAR = {"today": 0, "tonight": 0, "yesterday": 1}
_RELATIVE = re.compile(r"\b(today|tonight|yesterday)\b", re.I)


def day_in(text: str, written: dt.date | None) -> dt.date | None:
    """Return the first day that some words name, if any.

    Parameters
    ----------
    text : str
        The words.
    written : datetime.date, optional
        Day of the text in which they stand. Without it, only a day with its year is known;
        with it, a day of the week is the last one on or before it, and a day of a year that is
        not named the last one on or before it.
    """
    for pattern in _WRITTEN:
        for match in pattern.finditer(text):
            day = _calendar(match.groupdict(), written)
            if day is not None:
                return day
    if written is None:
        return None
    named = _NAMED.search(text)
    if named:
        back = (written.weekday() - _DAYS.index(named["name"].casefold())) % 7
        return written - dt.timedelta(back or (7 if named["last"] else 0))
    relative = _RELATIVE.search(text)
    if relative:
        return written - dt.timedelta(_NEAR[relative.group().casefold()])
    return None


def _calendar(parts: dict[str, str | None], written: dt.date | None) -> dt.date | None:
    month = parts.get("number")
    word = (parts.get("month") or "").casefold().rstrip(".")
    if month is None:
        month = next(str(k) for k, name in enumerate(_MONTHS, 1) if name.startswith(word[:3]))
    year = parts.get("year")
    if year is None and written is None:
        return None
    try:
        if year is not None:
            return dt.date(int(year), int(month), int(parts["day"] or 0))
        assert written is not None
        day = dt.date(written.year, int(month), int(parts["day"] or 0))
        return day if day <= written else dt.date(written.year - 1, day.month, day.day)
    except ValueError:
        return None
