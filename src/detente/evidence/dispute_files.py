"""Disputes to test against, from a file in the format of GML's directed dyad-years.

The makers' own files and what common tools make of them: any case of the column names, quoted or
not, whole numbers written as 2 or 2.0, further columns, one order of each pair or both, one row
a dispute or a year, rows without a dispute. What is not needed may be absent.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from detente.errors import DataError, Fault, MissingData
from detente.evidence import inputs, store
from detente.evidence.opening import open_file

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
COLUMNS = ("ccode1", "ccode2", "year", "onset", "ongoing", *OTHERS)
NOT_KNOWN = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", ".")
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
        absent = keys + ([] if pair else ["gmlmidonset and gmlmidongoing"])
        raise DataError(
            [
                Fault(
                    path.name,
                    None,
                    "",
                    f"is not disputes by directed dyad-year: it has no column {', '.join(absent)}",
                    "Columns ccode1, ccode2, year, gmlmidonset, gmlmidongoing are wanted.",
                )
            ]
        )
    named = {"ccode1": "ccode1", "ccode2": "ccode2", "year": "year"}
    named |= {"onset": pair[0], "ongoing": pair[1]}
    for ours, theirs in OTHERS.items():
        found = [name for name in theirs if name in there]
        if found:
            named[ours] = found[0]
    frame = pl.DataFrame({ours: _numbers(raw[there[name]]) for ours, name in named.items()})
    _check(frame, raw, {ours: there[name] for ours, name in named.items()}, path.name)
    missing = [pl.lit(None, pl.Int64).alias(name) for name in OTHERS if name not in frame.columns]
    return frame.with_columns(missing).cast(pl.Int64).select(COLUMNS)


def _numbers(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        column = column.set(column.is_in(NOT_KNOWN).fill_null(False), None)
    number = column.cast(pl.Float64, strict=False)
    return number.set((number < 0).fill_null(False), None)  # -9 stands for not known


def _check(frame: pl.DataFrame, raw: pl.DataFrame, named: dict[str, str], name: str) -> None:
    faults = []
    limits = {"year": (1400, 2100), "onset": (0, 1), "ongoing": (0, 1)}
    for column in ("ccode1", "ccode2", "year", "onset", "ongoing"):
        low, high = limits.get(column, (1, 999))
        values = frame[column]
        bad = ~values.is_between(low, high).fill_null(False) | (values != values.floor())
        for k in bad.fill_null(True).arg_true()[:3].to_list():
            text = f"Wanted: a whole number, {low} to {high}."
            faults.append(Fault(name, k + 2, named[column], f"'{raw[named[column]][k]}'", text))
    if frame.height and not faults and (frame["ccode1"] == frame["ccode2"]).any():
        k = int((frame["ccode1"] == frame["ccode2"]).arg_true()[0])
        faults.append(Fault(name, k + 2, named["ccode2"], "is the state itself", ""))
    if faults:
        raise DataError(faults)
    if not (frame["onset"] + frame["ongoing"]).sum():
        raise DataError([Fault(name, None, "", "holds no dispute")])


def load(
    path: Path | None, train: tuple[int, int], test: tuple[int, int]
) -> tuple[inputs.Dyads, list[str]]:
    """Return the disputes of the years from a file, the data folder, or both.

    Parameters
    ----------
    path : Path or None
        A file that `read` takes; None for the disputes of the data folder, which also stand in
        for the years before the first of the file.
    train, test : (int, int)
        First and last years wanted.

    Raises
    ------
    MissingData
        If the disputes end before the test years do.
    """
    kept = store.find("disputes_directed", source="gml")
    if path is None:
        frame = store.table("disputes_directed", source="gml")
        assert kept is not None  # else the line above has said where it is published
        sources = [kept.file]
        first, last = kept.first_year or 0, kept.last_year or 0
    else:
        frame, sources = read(path), [path.name]
        years = frame["year"].to_numpy()
        first, last = int(years.min()), int(years.max())
        if first > max(train[0], inputs.FIRST_YEAR):
            if kept is None:
                raise MissingData(
                    f"{path.name} begins in {first}, the training years in {train[0]}: add a file "
                    "of the earlier disputes with: detente data add FILE"
                )
            older = store.table("disputes_directed", source="gml").filter(pl.col("year") < first)
            frame = pl.concat([older.select(COLUMNS), frame], how="vertical_relaxed")
            sources.insert(0, f"{kept.file} before {first}")
            first = kept.first_year or first
    if last < test[1]:
        raise MissingData(
            f"the disputes end in {last}, the test years in {test[1]}: nothing is known to score"
        )
    return cells(frame, (first, last)), sources


def cells(frame: pl.DataFrame, covers: tuple[int, int]) -> inputs.Dyads:
    """Return disputes as positions, with the bit `ORIGINATORS` beside those of `inputs`.

    A state of which it is not known whether it was there from the first day counts as one.
    """
    from_start = (pl.col("orig1").fill_null(1) == 1) & (pl.col("orig2").fill_null(1) == 1)
    originators = inputs.disputes_from(frame.filter(from_start, pl.col("onset") == 1), covers)
    every = inputs.disputes_from(frame, covers)
    parts = (every, originators)
    values = (every.value, np.full(len(originators.value), ORIGINATORS, np.uint8))
    start = np.concatenate([part.start for part in parts])
    order = np.argsort(start, kind="stable")
    return inputs.Dyads(
        first=np.concatenate([part.first for part in parts])[order],
        second=np.concatenate([part.second for part in parts])[order],
        start=start[order],
        end=start[order],
        value=np.concatenate(values)[order],
        covers=covers,
    )
