"""What stands for a value that is not known: one rule for every file that detente reads.

Programs write a missing value in their own ways: R ``NA``, pandas nothing or ``NaN``, Stata a
point or a point and a letter, SQL ``NULL``, spreadsheets ``#N/A``. None of them is ever a figure
or a name in the data sets that are read here. What a source itself writes is a number, such as
-9, and a number may have been written with decimals since: -9, -9.0 and -9.00 are one number.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MARKS = frozenset({"", ".", "na", "n/a", "nan", "<na>", "#n/a", "nat", "null", "#null!"})
"""Texts that stand for a missing value in any column, in lower case."""
NUMBER_MARKS = (
    MARKS
    | {"none", "-nan", "+nan", "-", "--", "..", ". .", "...", "#value!", "#num!"}
    | {f".{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"}
)
"""Those that do so where a number or a date is wanted, in lower case."""


def without_marks(
    column: pl.Series, *, codes: Sequence[str] = (), negative: bool = False, text: bool = False
) -> pl.Series:
    """Return a column in which all that stands for a missing value is missing.

    Parameters
    ----------
    column : polars.Series
        Texts, trimmed here, or typed values.
    codes : sequence of str
        What the source writes for a missing value, such as ``-9``. A number stands for every
        spelling of it, any other text for itself.
    negative : bool
        Every negative number stands for a missing value.
    text : bool
        The column holds names and not numbers or dates.
    """
    numbers = [float(code) for code in codes if _is_number(code)]
    words = [code.casefold() for code in codes if not _is_number(code)]
    absent = pl.repeat(value=False, n=column.len(), eager=True)
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        marks = sorted({*(MARKS if text else NUMBER_MARKS), *words})
        absent = column.str.to_lowercase().is_in(marks).fill_null(value=False)
    if numbers or negative:
        value = column.cast(pl.Float64, strict=False)
        if numbers:
            absent = absent | value.is_in(numbers).fill_null(value=False)
        if negative:
            absent = absent | (value < 0).fill_null(value=False)
    if column.dtype.is_float():
        absent = absent | column.is_nan().fill_null(value=False)
    return column.set(absent, None)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.casefold() not in MARKS
