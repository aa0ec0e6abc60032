"""Every fault of a scenario package at once: file, row, column, what is wrong, what is right.

Nothing is guessed and no row is dropped: a package is used when this finds nothing, or not at
all.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from detente.architecture.package import (
    container,
    contradictions,
    descriptor,
    row_checks,
    schema,
    table_reading,
)
from detente.architecture.package.cell_parsing import parse_column
from detente.architecture.package.container import DESCRIPTOR, is_table
from detente.architecture.package.descriptor import About
from detente.architecture.package.fault_list import Findings, Full
from detente.architecture.package.row_checks import TableRows
from detente.architecture.package.table_reading import Grid
from detente.errors import Fault, suggest


@dataclass
class Examined:
    """What an examination has read, and every fault that it has found."""

    about: About | None = None
    tables: dict[str, TableRows | None] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def check(path: str | os.PathLike[str]) -> list[Fault]:
    """Return every fault of the package at `path`; an empty list if it is fine.

    Parameters
    ----------
    path : path
        A folder, or the same folder zipped.

    Raises
    ------
    UsageError
        If `path` is not there, or is neither a folder nor a zip.
    """
    return examine(path).faults


def examine(path: str | os.PathLike[str]) -> Examined:
    """Read the package at `path` and everything that is wrong with it.

    Raises
    ------
    UsageError
        If `path` is not there, or is neither a folder nor a zip.
    """
    place = Path(path)
    findings = Findings()
    try:
        files = container.read(place, findings)
    except Full:
        files = None
    if files is None:
        return Examined(faults=findings.faults)
    return examine_files(files, findings)


def examine_files(files: Mapping[str, bytes], findings: Findings | None = None) -> Examined:
    """Examine the files of a package that are in memory, under their names."""
    findings = findings or Findings()
    examined = Examined(files=files, faults=findings.faults)
    with contextlib.suppress(Full):
        _examine(files, examined, findings)
    _sort(examined.faults)
    return examined


def _examine(files: Mapping[str, bytes], examined: Examined, findings: Findings) -> None:
    csv_files = [name for name in files if is_table(name)]
    reported = {fault.file for fault in findings.faults}
    if DESCRIPTOR in files:
        examined.about = descriptor.read(files[DESCRIPTOR], csv_files, reported, findings)
    elif DESCRIPTOR not in reported:
        findings.add(
            DESCRIPTOR,
            None,
            "",
            suggest_file(DESCRIPTOR, files, "the file is missing."),
            "It names the package and its date; start with: detente new",
        )
    tables = {table.file: table for table in schema.tables()}
    for file in csv_files:
        if file not in tables:
            plain = [name for name in tables if name.casefold() == file.casefold()]
            absent = plain or [name for name in tables if name not in files]
            findings.add(
                file,
                None,
                "",
                "is not a table of a scenario package.",
                suggest(file, absent or tables, limit=0) or "Tables: " + ", ".join(tables) + ".",
            )
    for table in schema.tables():
        if table.file in files:
            read = table_reading.parse(table, files[table.file], findings)
            examined.tables[table.name] = None if read is None else _values(read, findings)
        elif table.file in reported:
            examined.tables[table.name] = None
        elif table.required:
            findings.add(table.file, None, "", "the file is missing.", f"It holds: {table.meaning}")
    row_checks.check(examined.tables, findings)
    contradictions.check(examined.tables, findings)


def suggest_file(wanted: str, files: Mapping[str, bytes], words: str) -> str:
    """Add to `words` the file whose name comes near to the wanted one, if there is one."""
    guess = suggest(wanted, files, limit=0)
    return f"{words} {guess}" if guess else words


def _values(read: Grid, findings: Findings) -> TableRows:
    """Turn the text of a table into values, and report the cells that do not fit."""
    table = read.table
    values = {}
    for entry in table.fields:
        if entry.name not in read.columns:
            continue
        cells = read.columns[entry.name]
        values[entry.name], unfit = parse_column(entry, cells)
        if not unfit and not (entry.required and "" in cells):
            continue
        for number, text in zip(read.numbers, cells, strict=True):
            if text in unfit:
                findings.add(table.file, number, entry.name, *unfit[text])
            elif text == "" and entry.required:
                findings.add(
                    table.file,
                    number,
                    entry.name,
                    "the cell is empty and must not be.",
                    f"It holds: {entry.meaning}",
                )
    return TableRows(table, read.numbers, read.columns, values, read.stray, read.complete)


def _sort(faults: list[Fault]) -> None:
    """Put faults into the order in which a person would mend them: by file, row, column."""
    order = {DESCRIPTOR: 0, **{t.file: n for n, t in enumerate(schema.tables(), start=1)}}
    places = {
        (table.file, column): n
        for table in schema.tables()
        for n, column in enumerate(table.columns)
    }
    last = faults.pop() if faults and "the check stopped" in faults[-1].problem else None
    faults.sort(
        key=lambda fault: (
            order.get(fault.file, len(order)),
            fault.file,
            fault.row or 0,
            places.get((fault.file, fault.column), -1),
        )
    )
    if last is not None:
        faults.append(last)
