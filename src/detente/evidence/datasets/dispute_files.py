"""Disputes to test against, from a file in the format of GML's directed dyad-years.

The makers' own files and what common tools make of them: any case of the column names, quoted or
not, whole numbers written as 2 or 2.0, further columns, one order of each pair or both, one row
a dispute or a year, rows without a dispute. What is not needed may be absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from detente.errors import DataError, Fault, MissingData
from detente.evidence.datasets import store
from detente.evidence.datasets.file_opening import open_file
from detente.evidence.datasets.missing_values import without_marks
from detente.evidence.panel import table_arrays

ONSETS = {
    "gmlmidonset": "gmlmidongoing",
    "midonset": "midongoing",
    "cowmidonset": "cowmidongoing",
    "disponset": "dispongoing",
    "onset": "ongoing",
}
"""Names of the column of onsets, and of the one of disputes under way."""

OTHERS = {
    "side_a1": ("sidea1", "side_a1"),
    "orig1": ("orig1",),
    "orig2": ("orig2",),
    "hostility1": ("hostlev1", "hostility1"),
    "hostility2": ("hostlev2", "hostility2"),
}
NUMBERS = ("dispnum", "dispnum3", "dispnum4", "disno")
"""Names of the column of a dispute's number."""
COLUMNS = ("ccode1", "ccode2", "year", "onset", "ongoing", *OTHERS)
ORIGINATORS = 16
"""Bit of a cell: an onset in which both states were there from the first day."""


def read(path: Path) -> pl.DataFrame:
    """Return the disputes of a file with the columns `COLUMNS`.

    Raises
    ------
    DataError
        If the file holds no disputes by directed dyad-year, or values that cannot be.
    """
    raw = open_file(path)
    there = {name.strip().casefold(): name for name in raw.columns}
    pair = next(((a, b) for a, b in ONSETS.items() if a in there and b in there), None)
    keys = [name for name in ("ccode1", "ccode2", "year") if name not in there]
    if pair is None or keys:
        absent = keys + ([] if pair else _absent_pair(there))
        raise DataError(
            [
                Fault(
                    path.name,
                    None,
                    "",
                    f"is not disputes by directed dyad-year: it has no column {', '.join(absent)}.",
                    "Columns ccode1, ccode2, year, gmlmidonset, gmlmidongoing are wanted.",
                )
            ]
        )
    number = next((there[name] for name in NUMBERS if name in there), None)
    named = {"ccode1": "ccode1", "ccode2": "ccode2", "year": "year"}
    named |= {"onset": pair[0], "ongoing": pair[1]}
    for ours, theirs in OTHERS.items():
        present = [name for name in theirs if name in there]
        if present:
            named[ours] = present[0]
    frame = pl.DataFrame({ours: _numbers(raw[there[name]]) for ours, name in named.items()})
    _check(frame, raw, {ours: there[name] for ours, name in named.items()}, path.name)
    _check_agreement(frame, None if number is None else raw[number], path.name)
    missing = [pl.lit(None, pl.Int64).alias(name) for name in OTHERS if name not in frame.columns]
    return frame.with_columns(missing).cast(pl.Int64).select(COLUMNS)


def _absent_pair(there: Mapping[str, str]) -> list[str]:
    """Return the columns of onsets and of disputes under way that a file lacks."""
    begun = [(onset, ongoing) for onset, ongoing in ONSETS.items() if {onset, ongoing} & {*there}]
    onset, ongoing = begun[0] if begun else next(iter(ONSETS.items()))
    return [name for name in (onset, ongoing) if name not in there]


def _numbers(column: pl.Series) -> pl.Series:
    # -9 stands for not known, as every negative number does.
    return without_marks(column, negative=True).cast(pl.Float64, strict=False)


def _check(frame: pl.DataFrame, raw: pl.DataFrame, named: dict[str, str], name: str) -> None:
    faults = []
    limits = {"year": (1400, 2100), "onset": (0, 1), "ongoing": (0, 1)}
    for column in ("ccode1", "ccode2", "year", "onset", "ongoing"):
        low, high = limits.get(column, (1, 999))
        values = frame[column]
        bad = ~values.is_between(low, high).fill_null(False) | (values != values.floor())
        places = bad.fill_null(value=True).arg_true()
        for k in places[:3].to_list():
            text = f"Wanted: a whole number, {low} to {high}."
            more = places.len() - 3 if k == places[min(2, places.len() - 1)] else 0
            problem = f"'{raw[named[column]][k]}'"
            faults.append(Fault(name, k + 2, named[column], problem, text, more=max(more, 0)))
    if frame.height and not faults and (frame["ccode1"] == frame["ccode2"]).any():
        k = int((frame["ccode1"] == frame["ccode2"]).arg_true()[0])
        faults.append(Fault(name, k + 2, named["ccode2"], "is the state itself", ""))
    if faults:
        raise DataError(faults)
    if not (frame["onset"] + frame["ongoing"]).sum():
        raise DataError([Fault(name, None, "", "holds no dispute")])


def _check_agreement(frame: pl.DataFrame, number: pl.Series | None, name: str) -> None:
    """Refuse rows of the same pair, year and dispute of which one has an onset and one has none."""
    key = ["ccode1", "ccode2", "year"]
    if number is not None:
        frame, key = frame.with_columns(number=number.cast(pl.String)), [*key, "number"]
    apart = frame.group_by(key).agg(pl.col("onset").n_unique()).filter(pl.col("onset") > 1)
    if apart.height:
        example = apart.sort(key).row(0, named=True)
        raise DataError(
            [
                Fault(
                    name,
                    None,
                    "",
                    f"{apart.height:,} pairs and years have rows with an onset and rows without, "
                    f"the first is {example['ccode1']}, {example['ccode2']}, {example['year']}",
                    "Was the file put together from several? Several disputes of a pair in a year "
                    f"are told apart by a column {' or '.join(NUMBERS)}.",
                )
            ]
        )


def load(
    path: Path | None,
    train: tuple[int, int],
    test: tuple[int, int],
    tell: Callable[[str], object] | None = None,
) -> tuple[table_arrays.Dyads, list[str]]:
    """Return the disputes of the years from a file, the data folder, or both.

    Each year comes from one of them: from the file if it lists at least half as many pairs in the
    year as the data folder, or if the folder does not cover it; else from the folder. So a few
    early rows of a file do not stand for the years that they lie in.

    Parameters
    ----------
    path : Path or None
        A file that `read` takes; None for the disputes of the data folder alone.
    train, test : (int, int)
        First and last years wanted.
    tell : callable, optional
        Called with each warning, a sentence: years of which nothing is known and that are taken
        as years without disputes.

    Returns
    -------
    tuple of (table_arrays.Dyads, list of str)
        The disputes, and what they come from: which file stands for which years, then the
        warnings.

    Raises
    ------
    MissingData
        If some of the years lie outside what the file and the data folder cover.
    """
    kept = store.find("disputes_directed", source="gml")
    if path is None:
        frame = store.table("disputes_directed", source="gml")
        assert kept is not None  # else the line above has said where it is published
        first, last = kept.first_year or 0, kept.last_year or 0
        sources = [f"{kept.file}, {spans(range(first, last + 1))}"]
        warnings: list[str] = []
    else:
        frame, first, last, sources, warnings = _joined(read(path), path.name, kept, train, test)
    if last < test[1]:
        raise MissingData(
            f"the disputes end in {last}, the test years in {test[1]}: nothing is known to score"
        )
    if tell:
        for warning in warnings:
            tell(warning)
    return cells(frame, (first, last)), [*sources, *warnings]


def _joined(
    frame: pl.DataFrame,
    name: str,
    kept: store.Entry | None,
    train: tuple[int, int],
    test: tuple[int, int],
) -> tuple[pl.DataFrame, int, int, list[str], list[str]]:
    """Return a file's disputes with the data folder's, their first and last year, and in words."""
    listed = _pairs_by_year(frame)
    first, last = min(listed), max(listed)
    if kept is None or kept.first_year is None or kept.last_year is None:
        if first > max(train[0], table_arrays.FIRST_YEAR):
            raise MissingData(
                f"{name} begins in {first}, the training years in {train[0]}: add a file "
                "of the earlier disputes with: detente data add FILE"
            )
        older, held, covered, other = frame.clear(), {}, range(0), ""
    else:
        older = store.table("disputes_directed", source="gml").select(COLUMNS)
        held = _pairs_by_year(older)
        covered, other = range(kept.first_year, kept.last_year + 1), kept.file
        first, last = min(first, kept.first_year), max(last, kept.last_year)
    first = max(first, table_arrays.FIRST_YEAR)
    wanted = {*range(train[0], train[1] + 1), *range(test[0], test[1] + 1)}
    spoken = {*covered, *range(min(listed), max(listed) + 1)}
    silent = sorted(year for year in wanted - spoken if first <= year <= last)
    if silent:
        raise MissingData(
            f"nothing is known of disputes in {spans(silent)}: {name} speaks of {min(listed)}-"
            f"{max(listed)}, the data folder of {spans(covered)}. Leave these years out, or give a "
            "file that covers them"
        )
    of_file = _years_of_file(range(first, last + 1), listed, held, covered)
    of_folder = [year for year in range(first, last + 1) if year not in of_file]
    parts = {name: (frame, sorted(of_file)), other: (older, of_folder)}
    joined = pl.concat(
        [table.filter(pl.col("year").is_in(years)) for table, years in parts.values()],
        how="vertical_relaxed",
    )
    began = sorted((years[0], file, years) for file, (_, years) in parts.items() if years)
    sources = [f"{file}, {spans(years)}" for _, file, years in began]
    empty = [year for year in sorted(of_file) if year not in listed]
    warnings = [f"{name} has no dispute in {spans(empty)}: taken as none"] if empty else []
    return joined, first, last, sources, warnings


def _pairs_by_year(frame: pl.DataFrame) -> dict[int, int]:
    """Return how many pairs of states a table lists in each year, whichever their order."""
    lower, higher = pl.min_horizontal("ccode1", "ccode2"), pl.max_horizontal("ccode1", "ccode2")
    return dict(frame.group_by("year").agg(pl.struct(a=lower, b=higher).n_unique()).iter_rows())


def _years_of_file(
    years: range, listed: Mapping[int, int], held: Mapping[int, int], covered: range
) -> set[int]:
    """Return the years for which the file stands."""
    begin, end = min(listed), max(listed)
    years_of_file: set[int] = set()
    for year in years:
        if year not in covered:
            stands = True
        elif year not in listed and year not in held:  # as the year before
            stands = begin <= year <= end and year - 1 in years_of_file
        else:
            stands = 2 * listed.get(year, 0) >= held.get(year, 0)
        if stands:
            years_of_file.add(year)
    return years_of_file


def spans(years: Iterable[int]) -> str:
    """Return years in words: ``1816-1989 and 1992``."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    words = [f"{a}-{b}" if b > a else str(a) for a, b in runs]
    return " and ".join([", ".join(words[:-1])] * (len(words) > 1) + words[-1:])


def cells(frame: pl.DataFrame, covers: tuple[int, int]) -> table_arrays.Dyads:
    """Return disputes as positions, with the bit `ORIGINATORS` beside those of `inputs`.

    A state of which it is not known whether it was there from the first day counts as one.
    """
    from_start = (pl.col("orig1").fill_null(1) == 1) & (pl.col("orig2").fill_null(1) == 1)
    originators = table_arrays.disputes_from(frame.filter(from_start, pl.col("onset") == 1), covers)
    every = table_arrays.disputes_from(frame, covers)
    parts = (every, originators)
    values = (every.value, np.full(len(originators.value), ORIGINATORS, np.uint8))
    start = np.concatenate([part.start for part in parts])
    order = np.argsort(start, kind="stable")
    return table_arrays.Dyads(
        first=np.concatenate([part.first for part in parts])[order],
        second=np.concatenate([part.second for part in parts])[order],
        start=start[order],
        end=start[order],
        value=np.concatenate(values)[order],
        covers=covers,
    )
