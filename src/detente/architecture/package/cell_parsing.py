"""What a cell may hold: from the text that was typed to a value, or to what is wrong with it."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable

from detente.architecture.package.fault_list import show
from detente.architecture.package.schema import Field
from detente.errors import suggest

Value = str | int | float | dt.date | None

CODE = r"[A-Z0-9_]{2,20}"
NAME = r"[A-Za-z0-9_.:-]+"
PARTY = rf"{CODE}( members)?"
ANYONE = frozenset({"ALL", "UNK"})
"""Actors that need no row: everyone, and someone unknown."""

_code = re.compile(CODE)
_name = re.compile(NAME)
_party = re.compile(PARTY)
_number = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_integer = re.compile(r"[+-]?[0-9]{1,18}")
_whole = re.compile(r"[+-]?[0-9]+\.0*")
_date = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_grouped = re.compile(r"[+-]?[0-9]{1,3}([,. '’_\u00a0\u2009\u202f][0-9]{3})+([.,][0-9]+)?")
_comma = re.compile(r"[+-]?[0-9]*,[0-9]+")
_reversed = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_serial = re.compile(r"[1-9][0-9]{4}")
# fmt: off
_EMPTY_WORDS = frozenset({
    "nan", "inf", "+inf", "-inf", "infinity", "-infinity", "null", "none", "nil", "n/a", "na",
    "n.a.", "-", "--", "\u2013", "\u2014", "?", "??", ".", "..", "...", "x", "unknown", "missing",
    "tbd", "#n/a", "#na", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!",
})
# fmt: on
EXCEL_DAY_ZERO = dt.date(1899, 12, 30)  # day 0 of the 1900 date system of spreadsheets


class Unfit(ValueError):
    """A cell that does not hold what its column is for."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


def parse_column(
    field: Field, column: Iterable[str]
) -> tuple[list[Value], dict[str, tuple[str, str]]]:
    """Turn the cells of a column into values.

    Parameters
    ----------
    field : Field
        The column's type and range.
    column : iterable of str
        Its cells, as typed.

    Returns
    -------
    values : list
        str, int, float or date; None where the cell is empty or unfit.
    unfit : dict
        Problem and remedy for each text that does not fit.
    """
    parse = _PARSERS.get(field.type, _as_name)
    cells = list(column)
    values: dict[str, Value] = {"": None}
    unfit: dict[str, tuple[str, str]] = {}
    for text in set(cells):
        if text == "":
            continue
        try:
            values[text] = parse(field, text)
        except Unfit as error:
            values[text] = None
            unfit[text] = (error.problem, error.remedy)
    return [values[text] for text in cells], unfit


def _trimmed(text: str) -> None:
    if text != text.strip():
        if not text.strip():
            raise Unfit("the cell holds only spaces.", "Leave it empty.")
        raise Unfit(f"{show(text)} has a space before or after it.", f"Write {show(text.strip())}.")


def _as_text(field: Field, text: str) -> str:
    if not text.strip():
        raise Unfit("the cell holds only spaces.", "Leave it empty if there is nothing to say.")
    return text


def _as_code(field: Field, text: str) -> str:
    if _code.fullmatch(text):
        return text
    _trimmed(text)
    raise Unfit(f"{show(text)} is not a code.", "A code is 2 to 20 of the characters A-Z, 0-9, _.")


def _as_name(field: Field, text: str) -> str:
    if _name.fullmatch(text):
        return text
    _trimmed(text)
    raise Unfit(
        f"{show(text)} is not an identifier.",
        "Use letters a-z, digits and _ . - : without spaces or accents.",
    )


def _as_several(field: Field, text: str) -> str:
    for part in text.split(";"):
        if part == "":
            raise Unfit(f"{show(text)} has an empty part.", "Join codes with one ; between them.")
        _as_code(field, part)
    return text


def _as_parties(field: Field, text: str) -> str:
    for part in text.split(";"):
        if not _party.fullmatch(part):
            _trimmed(part)
            raise Unfit(
                f"{show(part)} is neither a code nor the members of an organisation.",
                "Write for instance NATO members;UKR, with one ; between them.",
            )
    return text


def _as_sources(field: Field, text: str) -> str:
    for part in text.split(";"):
        if part == "":
            raise Unfit(f"{show(text)} has an empty part.", "Join them with one ; between them.")
        _as_name(field, part)
    return text


def _as_choice(field: Field, text: str) -> str:
    if text in field.values:
        return text
    _trimmed(text)
    words = ", ".join(field.values)
    guess = suggest(text, field.values, limit=0)
    raise Unfit(
        f"{show(text)} is not one of the words of this column.", f"{guess} One of: {words}."
    )


def _in_range(field: Field, value: float, text: str) -> None:
    low, high = field.minimum, field.maximum
    if low is not None and value < low:
        raise Unfit(f"{show(text)} is too small.", f"The least value is {low:g}{_unit(field)}.")
    if high is not None and value > high:
        raise Unfit(f"{show(text)} is too large.", f"The greatest value is {high:g}{_unit(field)}.")


def _unit(field: Field) -> str:
    return f" ({field.unit})" if field.unit else ""


def _not_a_number(text: str, kind: str) -> Unfit:
    """Say why a text is not a number, for the usual ways to write one in a spreadsheet."""
    bare = text.strip()
    if bare.casefold() in _EMPTY_WORDS:
        return Unfit(
            f"{show(text)} is not a {kind}.",
            "Leave the cell empty, or the row out, where the value is not known; zero means zero.",
        )
    if bare != text:
        return Unfit(f"{show(text)} has a space before or after it.", f"Write {show(bare)}.")
    if "\u2212" in bare and _number.fullmatch(bare.replace("\u2212", "-")):
        return Unfit(
            f"{show(text)} has a typographic minus sign.",
            f"Write {bare.replace(chr(0x2212), '-')}.",
        )
    if _comma.fullmatch(bare):
        point = bare.replace(",", ".")
        if _grouped.fullmatch(bare):
            return Unfit(
                f"{show(text)} has a comma, which may part thousands or decimals.",
                f"Write {bare.replace(',', '')} or {point}, whichever is meant.",
            )
        if kind == "whole number":
            whole = point.partition(".")[0] if _whole.fullmatch(point) else "a whole number"
            return Unfit(f"{show(text)} has a decimal comma.", f"Write {whole}.")
        return Unfit(f"{show(text)} has a decimal comma.", f"Write {point}.")
    if _grouped.fullmatch(bare):
        return Unfit(
            f"{show(text)} has thousands separators.",
            "Write the digits without them, and a point before decimals.",
        )
    if bare.endswith("%"):
        return Unfit(
            f"{show(text)} has a percent sign.",
            "Write a plain number in the unit of the column; 12 % as a share is 0.12.",
        )
    return Unfit(f"{show(text)} is not a {kind}.", "Write digits, such as 12 or -0.5.")


def _as_number(field: Field, text: str) -> float:
    if not _number.fullmatch(text):
        raise _not_a_number(text, "number")
    value = float(text)
    if not math.isfinite(value):
        raise Unfit(f"{show(text)} is too large for a number.", "Check the exponent.")
    _in_range(field, value, text)
    return value + 0.0  # the sum turns -0.0 into 0.0: one number, one digest


def _as_integer(field: Field, text: str) -> int:
    if not _integer.fullmatch(text):
        if _whole.fullmatch(text):
            raise Unfit(
                f"{show(text)} has a decimal point in a column of whole numbers.",
                f"Write {text.partition('.')[0]}.",
            )
        if _number.fullmatch(text):
            raise Unfit(f"{show(text)} is not a whole number.", "Write one without decimals.")
        raise _not_a_number(text, "whole number")
    value = int(text)
    _in_range(field, value, text)
    return value


def _as_date(field: Field, text: str) -> dt.date:
    if _date.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise Unfit(
                f"{show(text)} is not a day of the calendar.",
                "Check month and day; the form is YYYY-MM-DD.",
            ) from None
    _trimmed(text)
    raise Unfit(f"{show(text)} is not a date in the form YYYY-MM-DD.", _date_remedy(text))


def _date_remedy(text: str) -> str:
    if re.fullmatch(r"[0-9]{4}", text):
        return f"Where only the year is known write {text}-01-01 and say so in the note."
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        return f"Where only the month is known write {text}-01 and say so in the note."
    if _serial.fullmatch(text):
        day = EXCEL_DAY_ZERO + dt.timedelta(days=int(text))
        return f"It looks like a spreadsheet's day number, {day.isoformat()}: format it as text."
    match = _reversed.fullmatch(text)
    if match:
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        readings = {
            f"{year:04}-{month:02}-{day:02}"
            for day, month in ((first, second), (second, first))
            if _exists(year, month, day)
        }
        if len(readings) == 1:
            return f"Write {readings.pop()}."
        if readings:
            return f"Write {' or '.join(sorted(readings))}, whichever is meant."
    return "Write for instance 2024-06-30."


def _exists(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


_PARSERS: dict[str, Callable[[Field, str], Value]] = {
    "text": _as_text,
    "name": _as_name,
    "code": _as_code,
    "integer": _as_integer,
    "number": _as_number,
    "date": _as_date,
    "choice": _as_choice,
    "state": _as_code,
    "organisation": _as_code,
    "actor": _as_code,
    "actors": _as_several,
    "states": _as_several,
    "source": _as_name,
    "sources": _as_sources,
    "parties": _as_parties,
}
