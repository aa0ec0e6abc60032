"""What differs between two architectures, row by row and tie by tie."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import polars as pl

from detente.architecture.package import schema
from detente.architecture.package.finding import loaded
from detente.architecture.value import Architecture


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes
    ----------
    table : str
        The table, or ``"ties"`` for what a lens sees, ``"scenario"`` for the whole.
    key : str
        Which row, or which pair.
    column : str
        Which column; empty where a whole row is in one of the two only.
    before, after : str
        What stands on either side; empty where nothing does.
    """

    table: str
    key: str
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        place = f"{self.table}: {self.key}" + (f", {self.column}" if self.column else "")
        if not self.before:
            return f"{place} is new: {self.after}" if self.after else f"{place} is new"
        if not self.after:
            return f"{place} is gone (was {self.before})"
        return f"{place}: {self.before} -> {self.after}"


def diff(
    before: Architecture | str | os.PathLike[str], after: Architecture | str | os.PathLike[str]
) -> list[Difference]:
    """Return everything that differs between two architectures, tables first, then ties.

    Parameters
    ----------
    before, after : Architecture, str or path
        What to compare; a string is the name of a bundled scenario or a path of a package.

    Raises
    ------
    UnknownName
        If there is no such scenario or file.

    Examples
    --------
    >>> import detente as dt
    >>> dt.diff("two-blocs", dt.load("two-blocs"))
    []
    """
    before, after = loaded(before), loaded(after)
    differences = [
        Difference("scenario", name, "", str(old), str(new))
        for name, old, new in (
            ("date", before.date, after.date),
            ("measure of capability", before.measure, after.measure),
        )
        if old != new
    ]
    old_values, new_values = before.mapping.changed(), after.mapping.changed()
    for name in sorted(old_values.keys() | new_values.keys()):
        old, new = old_values.get(name, "default"), new_values.get(name, "default")
        if old != new:
            differences.append(Difference("mapping", name, "", str(old), str(new)))
    for table in schema.tables():
        differences += _rows(table, before.tables[table.name], after.tables[table.name])
    return differences + _ties(before, after)


def _rows(table: schema.TableSchema, old: pl.DataFrame, new: pl.DataFrame) -> list[Difference]:
    if old is new:
        return []
    first_rows, theirs = _keyed(table, old), _keyed(table, new)
    row_differences = []
    for key in sorted(first_rows.keys() | theirs.keys()):
        if key not in theirs:
            row_differences.append(Difference(table.name, key, "", _row(first_rows[key]), ""))
        elif key not in first_rows:
            row_differences.append(Difference(table.name, key, "", "", _row(theirs[key])))
        else:
            row_differences += [
                Difference(table.name, key, column, _cell(a), _cell(theirs[key][column]))
                for column, a in first_rows[key].items()
                if a != theirs[key][column]
            ]
    return row_differences


def _keyed(table: schema.TableSchema, frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {
        " / ".join(_cell(row[column]) for column in table.key): row
        for row in frame.iter_rows(named=True)
    }


def _cell(value: Any) -> str:
    return "(empty)" if value is None else str(value)


def _row(row: dict[str, Any]) -> str:
    return ", ".join(f"{k} {v}" for k, v in row.items() if v is not None and k != "source")


def _ties(before: Architecture, after: Architecture) -> list[Difference]:
    tie_differences = []
    for a, b in sorted(before.ledger.pairs() | after.ledger.pairs()):
        old, new = before.ledger.tie(a, b), after.ledger.tie(a, b)
        if old != new:
            tie_differences.append(Difference("ties", f"{a}-{b}", "", _tie(old), _tie(new)))
    return tie_differences


def _tie(tie: Any) -> str:
    if tie.rival:
        return "rivals"
    return f"allies ({tie.ally:g})" if tie.ally else "neither"
