"""A file of a known layout into a table: values, missing ones, dates, codes, spells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

import polars as pl

from detente.errors import DataError, Fault
from detente.evidence.datasets import registry, written_dates
from detente.evidence.datasets.missing_values import without_marks
from detente.evidence.datasets.registry import Column, Layout

NAMED = 3
"""Wrong cells of a column that are named; the others are counted."""
ONGOING = -7
"""COW's mark of an end that had not come when the coding ended."""


def convert(
    raw: pl.DataFrame, layout: Layout, name: str, *, first_line: int = 2, extras: bool = True
) -> pl.DataFrame:
    """Return the table of a file, with every column that the table has.

    Parameters
    ----------
    raw : polars.DataFrame
        The file as texts, or as Parquet and Stata type it.
    layout : Layout
        What it is.
    name : str
        Name of the file, for refusals.
    first_line : int
        Line of the first row: 1 without a header.
    extras : bool
        Keep the columns that the table does not name, where the layout says so.

    Raises
    ------
    DataError
        If values are not what the table wants: the first of each column, and how many there are.
    """
    table = registry.tables()[layout.table]
    columns = {column.strip().casefold(): column for column in raw.columns}
    faults: list[Fault] = []
    values: dict[str, pl.Series] = {}
    keep = _kept(raw, columns, layout)
    for theirs, ours in layout.pairs(columns).items():
        if theirs.casefold() not in columns:
            continue  # an optional one
        series = raw[columns[theirs.casefold()]]
        spec = table.columns[ours]
        series = without_marks(series, codes=layout.missing, text=spec.type == "text")
        if ours in layout.blank_is_zero:
            series = series.fill_null("0" if series.dtype == pl.String else 0)
        value, wrong, wanted = _cast(series, spec, layout, checked=ours not in layout.unchecked)
        if keep is not None:
            wrong = wrong & keep.fill_null(value=False)
        if wrong.any():
            faults += _faults(name, theirs, series, wrong, wanted, first_line)
        values[ours] = value
    for ours, parts in layout.dates.items():
        numbers = []
        for part in parts:
            number, wrong = _whole_number(without_marks(raw[columns[part.casefold()]]))
            if wrong.any():
                series = raw[columns[part.casefold()]]
                faults += _faults(name, part, series, wrong, "a whole number", first_line)
            numbers.append(number)
        values[ours] = _assemble_date(numbers, ours)
    if faults:
        raise DataError(faults)
    for ours, text in layout.constants.items():
        values[ours] = pl.Series([text]).new_from_index(0, raw.height)
    if layout.by_name:
        values |= _by_name(values["country"], values["year"])
    for ours, (theirs, translate) in _translations(layout).items():
        if ours not in values and theirs.casefold() in columns:
            values[ours] = translate(raw[columns[theirs.casefold()]])
    for ours in layout.cameo_codes:
        values[ours] = _with_zeros(values[ours])
    frame = pl.DataFrame(
        {
            ours: values[ours].alias(ours) if ours in values else _absent(spec, raw.height)
            for ours, spec in table.columns.items()
        }
    )
    if layout.others and extras:
        used = {columns[c.casefold()] for c in layout.pairs(columns) if c.casefold() in columns}
        rest = [c for c in raw.columns if c not in used and c not in frame.columns]
        frame = frame.hstack(raw.select(rest).cast(pl.String))
    if keep is not None:
        frame = frame.filter(keep)
    if layout.spells:
        frame = _by_year(frame, raw, columns, layout)
    if layout.mirror:
        swapped = frame.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).select(frame.columns)
        frame = pl.concat([frame, swapped])
    return frame


def _kept(raw: pl.DataFrame, columns: Mapping[str, str], layout: Layout) -> pl.Series | None:
    if not layout.keep_if:
        return None
    return raw[columns[layout.keep_if.casefold()]].cast(pl.Float64, strict=False) == 1


def _absent(spec: Column, height: int) -> pl.Series:
    kinds = {"integer": pl.Int64, "number": pl.Float64, "date": pl.Date}
    return pl.Series([None], dtype=kinds.get(spec.type, pl.String)).new_from_index(0, height)


def _faults(
    name: str, column: str, series: pl.Series, wrong: pl.Series, wanted: str, first_line: int
) -> list[Fault]:
    """Return the first wrong cells of a column; the last of them counts the others."""
    places = wrong.arg_true()
    cells = [
        Fault(name, place + first_line, column, f"'{series[place]}'", f"Wanted: {wanted}.")
        for place in places[:NAMED].to_list()
    ]
    last = cells[-1]
    cells[-1] = Fault(
        last.file, last.row, column, last.problem, last.remedy, more=places.len() - len(cells)
    )
    return cells


def _cast(
    series: pl.Series, spec: Column, layout: Layout, *, checked: bool
) -> tuple[pl.Series, pl.Series, str]:
    """Return the values of a column, where they are wrong, and what is wanted instead."""
    if spec.type == "text":
        return _texts(series), pl.repeat(value=False, n=series.len(), eager=True), "a text"
    if spec.type == "date":
        if series.dtype != pl.String:
            day = series.cast(pl.Date, strict=False)
            return day, day.is_null() & series.is_not_null(), written_dates.FORMS
        dates = written_dates.parse(series, month_first=layout.month_first)
        wanted = written_dates.FORMS
        if dates.open_order:
            wanted += (
                f"; nothing in the file tells whether the day or the month comes first in "
                f"{dates.open_order}, so write the year first"
            )
        return dates.days, dates.days.is_null() & series.is_not_null(), wanted
    if spec.type == "integer":
        value, wrong = _whole_number(series)
    else:
        value = series.cast(pl.Float64, strict=False)
        wrong = (value.is_null() | ~value.is_finite()) & series.is_not_null()
    if checked:
        low = -float("inf") if spec.minimum is None else spec.minimum
        high = float("inf") if spec.maximum is None else spec.maximum
        wrong = wrong | ~value.is_between(low, high).fill_null(value=True)
    limits = [
        f"{word} {bound:.10g}"
        for word, bound in (("at least", spec.minimum), ("at most", spec.maximum))
        if bound is not None
    ]
    kind = "a whole number" if spec.type == "integer" else "a number"
    return value, wrong, " ".join([kind, " and ".join(limits)]).strip()


def _whole_number(series: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return whole numbers, also such as were written with decimals, and where there is none."""
    number = series.cast(pl.Float64, strict=False)
    value = number.cast(pl.Int64, strict=False)
    value = value.set((number != value.cast(pl.Float64)).fill_null(value=False), None)
    return value, value.is_null() & series.is_not_null()


def _texts(series: pl.Series) -> pl.Series:
    """Return texts; of a column of whole numbers written with decimals, without the decimals."""
    value = series.cast(pl.String)
    if not value.str.contains(".0", literal=True).any():
        return value
    decimals = value.str.contains(r"^-?\d+\.0+$").fill_null(value=True)
    whole = value.str.contains(r"^-?\d+(\.0+)?$").fill_null(value=True)
    if whole.all() and (decimals & value.is_not_null()).any():
        return value.str.replace(r"\.0+$", "")
    return value


def _assemble_date(numbers: list[pl.Series], name: str) -> pl.Series:
    """Return dates from year, month and day, from YYYYMM, or from a year alone."""
    frame = pl.DataFrame([number.alias(str(k)) for k, number in enumerate(numbers)])
    parts = [pl.col(column) for column in frame.columns]
    if len(parts) == 1:  # YYYYMM: the first of the month; YYYY: the whole year
        long = parts[0] > 9999
        ends = (12, 31) if name == "end_date" else (1, 1)
        parts = [
            pl.when(long).then(parts[0] // 100).otherwise(parts[0]),
            pl.when(long).then(parts[0] % 100).otherwise(ends[0]),
            pl.when(long).then(1).otherwise(ends[1]),
        ]
    # Months and days that are not known, or negative, stand for the first.
    year, *rest = parts
    month, day = (part.fill_null(1).clip(lower_bound=1) for part in rest)
    return frame.select(pl.date(year, month, day).alias(name)).to_series()


def _by_year(
    frame: pl.DataFrame, raw: pl.DataFrame, columns: Mapping[str, str], layout: Layout
) -> pl.DataFrame:
    """Return a row for each year of the spells of a row, such as those of a war.

    A spell that was going on when the coding ended reaches to the last year of the file; one of
    which an end is not known stands for the year that is.
    """
    bounds = [
        tuple(
            without_marks(raw[columns[name.casefold()]])
            .cast(pl.Float64, strict=False)
            .cast(pl.Int64, strict=False)
            for name in spell
        )
        for spell in layout.spells
        if all(name.casefold() in columns for name in spell)
    ]
    ends = [part.max() for pair in bounds for part in pair]
    last = max(end for end in ends if isinstance(end, int))
    parts = []
    for start, end in bounds:
        begun = start.set((start < 0).fill_null(value=False), None)
        open_end = (end == ONGOING).fill_null(value=False)
        over = end.set(open_end, last)
        over = over.set((over < 0).fill_null(value=False), None)
        first = begun.fill_null(over) if begun.null_count() else begun
        until = over.fill_null(first) if over.null_count() else over
        spans = pl.DataFrame({"first": first, "until": until})
        years = spans.select(pl.int_ranges("first", pl.col("until") + 1)).to_series()
        parts.append(
            frame.with_columns(years.alias("year"))
            .filter(pl.Series(first.is_not_null()))
            .explode("year")
        )
    return pl.concat(parts).unique(maintain_order=True)


Translate = Callable[[pl.Series], pl.Series]


def _translations(layout: Layout) -> dict[str, tuple[str, Translate]]:
    return {ours: (theirs, _code_of_text) for ours, theirs in layout.translated.items()}


@cache
def cameo_names() -> dict[str, str]:
    """Return the CAMEO code of each kind of event by its name, in lower case.

    Where a kind and the root that it stands for have one name, the code is that of three digits,
    which is the one that event files have.
    """
    text = files("detente.evidence.datasets.registry").joinpath("cameo_names.csv").read_bytes()
    rows = pl.read_csv(text, infer_schema=False)
    ordered = sorted(rows.select("name", "code").iter_rows(), key=lambda row: len(row[1]) >= 3)
    return {name.casefold(): code for name, code in ordered}


def _code_of_text(texts: pl.Series) -> pl.Series:
    plain = texts.str.strip_chars().str.to_lowercase()
    return plain.replace_strict(cameo_names(), default=None, return_dtype=pl.String)


def _with_zeros(codes: pl.Series) -> pl.Series:
    """Return CAMEO codes with the zeros before them that a program took for numbers dropped.

    Codes begin with 01 to 20, those of event files have three digits or more: a column without
    any zero in front, of which some code is not in that range, has lost them.
    """
    known = codes.drop_nulls()
    if known.str.starts_with("0").any() or not known.str.contains(r"^\d+$").all():
        return codes
    if not (known.str.len_chars() > 2).any():
        return codes  # roots alone
    root = known.str.slice(0, 2).cast(pl.Int32, strict=False)
    lost = (known.str.len_chars() < 3) | (root > 20)
    if not lost.any():
        return codes
    padded = (codes.str.len_chars() < 3) | (codes.str.slice(0, 2).cast(pl.Int32, strict=False) > 20)
    return (
        codes.to_frame("code")
        .select(
            pl.when(pl.Series(padded)).then(pl.lit("0") + pl.col("code")).otherwise(pl.col("code"))
        )
        .to_series()
    )


@cache
def _names() -> pl.DataFrame:
    text = files("detente.evidence.datasets.registry").joinpath("names.csv").read_bytes()
    return pl.read_csv(text, schema_overrides={"cow": pl.Int64}).with_columns(
        pl.col("name").str.to_lowercase()
    )


def _by_name(country: pl.Series, year: pl.Series) -> dict[str, pl.Series]:
    """Return the codes of states that are given by name; none for a name that is not listed."""
    rows = pl.DataFrame({"name": country.str.to_lowercase(), "year": year}).with_row_index("row")
    spans = rows.join(_names(), on="name").filter(
        pl.col("year").is_between("first_year", "last_year")
    )
    codes = rows.join(spans.unique("row"), on="row", how="left", maintain_order="left")
    return {"iso3": codes["iso3"], "ccode": codes["cow"]}
