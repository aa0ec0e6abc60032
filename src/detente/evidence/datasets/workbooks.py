"""Spreadsheets into raw tables: one plain sheet, or SIPRI's sheets of countries by years.

Polity 5 is published as one sheet with a header, SIPRI's military expenditure as a workbook in
which each sheet holds one measure: some lines of explanation, a header with the years, and rows
of countries between the names of their regions. Reading them needs the extra ``xlsx``.
"""

from __future__ import annotations

import io
import re
from typing import Any

import polars as pl

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEETS = {
    r"constant \((\d{4})\) us\$?d?": "milex_constant",
    r"current us\$?d?": "milex_current",
    r"share of gdp": "milex_share",
}
"""Sheets of SIPRI's workbook that are read, and the measures that they hold."""
UNKNOWN = {"", ". .", "..", "...", "xxx", "xx"}  # SIPRI: not available, or no such state
TOP = 15  # lines within which a sheet's header must stand
BEGINS = {"Russia": 1992}  # SIPRI gives zeros before; the Soviet Union has a row of its own
AGGREGATES = ("european union", "world", "total")

Cells = list[list[Any]]


class NoSheet(Exception):
    """A workbook without a sheet that is a table."""


class DamagedWorkbook(Exception):
    """A workbook that cannot be opened."""


class NoReader(Exception):
    """The extra that reads workbooks is not installed."""


def is_old_workbook(data: bytes) -> bool:
    """Tell a workbook of the format of 1997 to 2003 by its first bytes."""
    return data[:8] == OLD


def read(data: bytes) -> pl.DataFrame:
    """Return a workbook's table as a frame of texts.

    Raises
    ------
    NoSheet, DamagedWorkbook, NoReader
        If there is no table, the workbook cannot be opened, or the extra is not installed.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise NoReader("Install the extra: pip install 'detente[xlsx]'") from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets: dict[str, Cells] = {
            name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names
        }
    except (CalamineError, OSError, ValueError) as error:
        raise DamagedWorkbook(
            str(error).splitlines()[0] if str(error) else "not readable"
        ) from None
    measures = _measures(sheets)
    if measures:
        return _by_country(sheets, measures)
    for cells in sheets.values():
        if len(cells) > 1 and len(cells[0]) > 2 and all(isinstance(c, str) for c in cells[0]):
            return _plain(cells)
    raise NoSheet("A sheet with a header in its first line is wanted.")


def _measures(sheets: dict[str, Cells]) -> dict[str, tuple[str, str]]:
    """Return the measure and the price year of each sheet that SIPRI's workbook has."""
    measures = {}
    for name in sheets:
        for pattern, measure in SHEETS.items():
            match = re.fullmatch(pattern, name.strip().casefold())
            if match:
                measures[name] = (measure, match[1] if match.groups() else "")
    return measures if len(measures) == len(SHEETS) else {}


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _plain(cells: Cells) -> pl.DataFrame:
    names = [_text(cell) for cell in cells[0]]
    width = max((k + 1 for k, name in enumerate(names) if name), default=0)
    if len(set(names[:width])) < width:
        raise NoSheet("Columns with names of their own are wanted.")
    columns = zip(*(row[:width] for row in cells[1:]), strict=True)
    return pl.DataFrame(
        {
            name: pl.Series([_text(cell) for cell in column], dtype=pl.String)
            for name, column in zip(names, columns, strict=False)
        }
    )


def _by_country(sheets: dict[str, Cells], measures: dict[str, tuple[str, str]]) -> pl.DataFrame:
    """Join SIPRI's sheets into one row a country and year in which any measure is known."""
    figures: dict[tuple[str, str], dict[str, str]] = {}
    prices = ""
    for name, (measure, year) in measures.items():
        prices = f"prices of {year}" if year else prices
        for country, when, value in _cells(sheets[name]):
            figures.setdefault((country, when), {})[measure] = value
    if not figures:
        raise NoSheet("The sheets hold no country by year.")
    rows = [
        {"Country": country, "Year": year, **{m: values.get(m, "") for m in SHEETS.values()}}
        for (country, year), values in figures.items()
    ]
    return pl.DataFrame(rows).with_columns(prices_of=pl.lit(prices))


def _cells(cells: Cells) -> list[tuple[str, str, str]]:
    """Return country, year and value of every cell of a sheet that holds a number."""
    head = next(
        (k for k, row in enumerate(cells[:TOP]) if row and _text(row[0]).casefold() == "country"),
        None,
    )
    if head is None:
        return []
    years = {k: text for k, c in enumerate(cells[head]) if re.fullmatch(r"\d{4}", text := _text(c))}
    figures = []
    for row in cells[head + 1 :]:
        country = _text(row[0])
        if not country or country.casefold().startswith(AGGREGATES):
            continue
        for k, year in years.items():
            if int(year) < BEGINS.get(country, 0):
                continue
            value = row[k] if k < len(row) else ""
            if isinstance(value, int | float) and not isinstance(value, bool):
                figures.append((country, year, repr(float(value))))
            elif _text(value) not in UNKNOWN:
                figures.append((country, year, _text(value)))
    return figures
