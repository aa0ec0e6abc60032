"""Dates as people and programs write them.

The forms are listed in `FORMS`. Of a date such as 3/4/2017 a single cell does not tell whether
the month or the day comes first; the column does, as soon as one of its days is past the twelfth.
Where no cell tells, the order that the makers of the file use is taken, and without one the file
is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

FORMS = (
    "a date as 2017-01-31, 2017/01/31, 20170131, 31.01.2017, 31/01/2017 or 01/31/2017, "
    "31 January 2017, 31-Jan-2017 or January 31, 2017"
)
"""The forms that are read, in words."""
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
TIME = (
    r"(?i)(?:[ t]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:am|pm)?\s*(?:z|utc|[+-]\d{2}:?\d{2})?)$"
)
YEAR_FIRST = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$"
TOGETHER = r"^(\d{4})(\d{2})(\d{2})(?:\.0+)?$"
POINTS = r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$"
EITHER = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$"
DAY_NAMED = r"(?i)^(\d{1,2})[ .-]+([a-z]{3,9})\.?[ ,-]+(\d{4})$"
NAME_FIRST = r"(?i)^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$"


@dataclass(frozen=True, eq=False)
class Dates:
    """A column of dates.

    Attributes
    ----------
    days : polars.Series
        The dates; missing where a text is none.
    open_order : str
        A text that may be read with the day or the month first, if nothing tells which; else
        empty.
    """

    days: pl.Series
    open_order: str = ""


def parse(texts: pl.Series, *, month_first: bool | None = None) -> Dates:
    """Read a column of dates.

    Parameters
    ----------
    texts : polars.Series
        Dates in any of `FORMS`, with or without a time of day, which is left out.
    month_first : bool, optional
        What the makers do, for a column in which no cell tells it.
    """
    # Days repeat: each text is read once, however many rows have it.
    every = texts.alias("text").to_frame()
    once = every.unique(maintain_order=True)
    dates = _parse(once["text"], month_first)
    if once.height == every.height:
        return Dates(dates.days.alias(texts.name), dates.open_order)
    days = every.join(
        once.with_columns(day=dates.days), on="text", how="left", maintain_order="left",
        nulls_equal=True,
    )["day"]  # fmt: skip
    return Dates(days.alias(texts.name), dates.open_order)


def _parse(texts: pl.Series, month_first: bool | None) -> Dates:
    name = texts.name
    frame = pl.DataFrame({"text": texts.str.strip_chars().str.replace(TIME, "")})
    text = pl.col("text")

    def number(pattern: str, group: int) -> pl.Expr:
        return text.str.extract(pattern, group).cast(pl.Int32)

    def day(pattern: str, year: int, month: int, of_month: int) -> pl.Expr:
        return _date(number(pattern, year), number(pattern, month), number(pattern, of_month))

    plain = pl.coalesce(
        day(YEAR_FIRST, 1, 2, 3),
        day(TOGETHER, 1, 2, 3),
        day(POINTS, 3, 2, 1),
        _date(number(DAY_NAMED, 3), _month(text.str.extract(DAY_NAMED, 2)), number(DAY_NAMED, 1)),
        _date(
            number(NAME_FIRST, 3), _month(text.str.extract(NAME_FIRST, 1)), number(NAME_FIRST, 2)
        ),
    )
    frame = frame.with_columns(
        plain=plain, month_first=day(EITHER, 3, 1, 2), day_first=day(EITHER, 3, 2, 1)
    )
    either = frame.filter(pl.col("text").str.contains(EITHER))
    if not either.height:
        return Dates(frame["plain"].alias(name))
    faults = {way: either[way].null_count() for way in ("month_first", "day_first")}
    if len(set(faults.values())) == 1 and not either["month_first"].equals(
        either["day_first"].alias("month_first")
    ):
        if month_first is None:
            return Dates(frame["plain"].alias(name), open_order=str(either["text"][0]))
        way = "month_first" if month_first else "day_first"
    else:
        way = min(faults, key=lambda order: faults[order])
    return Dates(frame.select(pl.coalesce("plain", way).alias(name)).to_series())


def _date(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Return a date, missing where the numbers are none."""
    text = pl.concat_str(
        year.cast(pl.String).str.zfill(4), pl.lit("-"), month.cast(pl.String).str.zfill(2),
        pl.lit("-"), day.cast(pl.String).str.zfill(2),
    )  # fmt: skip
    return text.str.to_date("%Y-%m-%d", strict=False)


def _month(name: pl.Expr) -> pl.Expr:
    """Return the number of a month from its English name or the first letters of it."""
    short = name.str.to_lowercase()
    whole = {month: place + 1 for place, month in enumerate(MONTHS)}
    begun = {month[:3]: place + 1 for place, month in enumerate(MONTHS)}
    return short.replace_strict(whole | begun | {"sept": 9}, default=None, return_dtype=pl.Int32)
