"""What the sources are, as data: sources, layouts of their files, tables, and references.

``sources.json`` says who makes a data set, where it is published and how it is cited;
``layouts.json`` how a published file looks; ``tables.json`` what we keep of it, column by
column, with unit and range. A new release or a new source is an entry there, not code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its type, what it means, and the range it must lie in."""

    type: str
    meaning: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table of the data folder, whatever file it came from.

    Attributes
    ----------
    key : tuple of str
        Columns that tell its rows apart; without any, no two rows of a file are the same.
    open_key : bool
        A row may lack a part of its key, such as a territory without a state's code.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    open_key: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A data set: who makes it, where it is published, and how it is cited."""

    name: str
    title: str
    maker: str
    home: str
    cite: tuple[str, ...]
    wanted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """How a published file of a source looks.

    Attributes
    ----------
    columns : mapping
        Column of the file to column of the table.
    optional : tuple of str
        Those of them that a file may lack; the table then has nothing in them.
    synonyms : mapping
        Another name of a column in some release, to the one in `columns`.
    also : tuple of str
        Columns that the file must have as well, to be told from others.
    without : tuple of str
        Columns that it must not have.
    exactly : tuple of str
        If given: the file has these columns and no other.
    dates : mapping
        Column of the table to the file's columns of year, month, day, or of YYYYMM.
    missing : tuple of str
        Texts that mean a missing value, besides the empty one.
    releases : mapping
        Number of rows to the version that has it.
    covers : mapping
        Number of rows to the first and last year of which that release speaks, where these are
        not the smallest and the largest year in it.
    least_rows : int
        Fewer rows than this are a file cut off, or an older release.
    least_of_last_year : int
        So many states have a row in its last year at least: a file that is sorted by state and
        cut off lacks the last of them.
    repeats : int
        Rows that repeat another one in the file as it is published.
    reach : mapping
        Column of the table to the value that a whole file reaches.
    version_column : tuple of (str, mapping) or None
        Column that tells the version, and its values with the versions they stand for.
    older : tuple of str
        Values of that column that stand for releases too old to be used.
    mirror : bool
        The file lists each pair once; the table has both orders.
    keep_if : str
        Column of the file that is 1 in the rows to keep.
    version_optional : bool
        Some releases lack the column that tells the version.
    version_prefix : str
        What each value of that column begins with, to be told from another source's file.
    like : mapping
        Column of the table to a pattern that one column of the file fits, for sources that
        change a column's name with every release.
    constants : mapping
        Column of the table to the text that it has in every row.
    by_name : bool
        States are given by name: their codes are looked up in ``names.csv``, as of the year.
    headless : mapping
        For files without a header: the number of their columns to the columns by place, from 1.
    month_first : bool or None
        Which of day and month its makers write first, where a date is written with both.
    translated : mapping
        Column of the table that, where the file lacks it, follows from another column of the
        file: the names of CAMEO's kinds of events give their codes.
    cameo_codes : tuple of str
        Columns of the table with CAMEO codes, whose zeros in front a program may have dropped.
    spells : tuple of (str, str)
        Columns of first and last years: the table has a row for every year of them.
    others : bool
        Keep the columns that the table does not name, as text.
    """

    name: str
    table: str
    source: str
    columns: Mapping[str, str]
    optional: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    exactly: tuple[str, ...] = ()
    dates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    blank_is_zero: tuple[str, ...] = ()
    unchecked: Mapping[str, str] = field(default_factory=dict)
    releases: Mapping[int, str] = field(default_factory=dict)
    covers: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    least_rows: int = 1
    least_of_last_year: int = 0
    repeats: int = 0
    reach: Mapping[str, int] = field(default_factory=dict)
    version_column: tuple[str, Mapping[str, str]] | None = None
    older: tuple[str, ...] = ()
    mirror: bool = False
    keep_if: str = ""
    version_optional: bool = False
    version_prefix: str = ""
    like: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    by_name: bool = False
    headless: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    month_first: bool | None = None
    translated: Mapping[str, str] = field(default_factory=dict)
    cameo_codes: tuple[str, ...] = ()
    spells: tuple[tuple[str, str], ...] = ()
    others: bool = False
    format: str = "table"

    @property
    def required(self) -> frozenset[str]:
        """Columns that a file must have to be of this layout, in lower case."""
        names = [*(name for name in self.columns if name not in self.optional), *self.also]
        for parts in self.dates.values():
            names += parts
        if self.version_column and not self.version_optional:
            names.append(self.version_column[0])
        if self.keep_if:
            names.append(self.keep_if)
        return frozenset(name.casefold() for name in names)

    @property
    def wanted(self) -> frozenset[str]:
        """Every column that is looked at in a file of this layout, in lower case."""
        names = [*self.optional, *self.exactly, *self.translated.values(), *self.synonyms]
        if self.version_column:
            names.append(self.version_column[0])
        for spell in self.spells:
            names += spell
        return self.required | {name.casefold() for name in (*names, *self.without)}

    def named(self, header: Iterable[str]) -> dict[str, str]:
        """Return the columns of a file that have another name in this layout, and that name."""
        columns = {column.strip().casefold(): column for column in header}
        return {
            columns[other.casefold()]: name
            for other, name in self.synonyms.items()
            if other.casefold() in columns and name.casefold() not in columns
        }

    def pairs(self, header: Iterable[str]) -> dict[str, str]:
        """Return the file's columns and the table's, with those that are known by a pattern."""
        alike = {
            column: ours
            for ours, pattern in self.like.items()
            for column in header
            if re.search(pattern, column)
        }
        return {**self.columns, **alike}

    def fits(self, header: Set[str]) -> bool:
        """Tell whether a file with these columns, in lower case, can be of this layout."""
        named = {old.casefold(): new.casefold() for old, new in self.synonyms.items()}
        header = {named.get(column, column) for column in header}
        exact = {column.casefold() for column in self.exactly}
        return (
            self.required <= header
            and not header & {column.casefold() for column in self.without}
            and (not exact or header == exact)
            and all(
                sum(bool(re.search(pattern, column)) for column in header) == 1
                for pattern in self.like.values()
            )
            and all(
                theirs.casefold() in header or ours in self._optional_of(header)
                for ours, theirs in self.translated.items()
            )
        )

    def _optional_of(self, header: Set[str]) -> set[str]:
        """Return the columns of the table that optional columns of a file give."""
        return {self.columns[name] for name in self.optional if name.casefold() in header}


def _text(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


@cache
def tables() -> dict[str, DataTable]:
    """Return every table by name."""
    raw: dict[str, Any] = json.loads(_text("tables.json"))
    return {
        name: DataTable(
            name,
            entry["meaning"],
            tuple(entry["key"]),
            {column: Column(**facts) for column, facts in entry["columns"].items()},
            entry.get("open_key", False),
        )
        for name, entry in raw.items()
    }


@cache
def sources() -> dict[str, Source]:
    """Return every source by name."""
    raw: dict[str, Any] = json.loads(_text("sources.json"))
    return {
        name: Source(name=name, **{**entry, "cite": tuple(entry["cite"])})
        for name, entry in raw.items()
    }


@cache
def layouts() -> dict[str, Layout]:
    """Return every layout by name, the preferred one of a table first."""
    raw: list[dict[str, Any]] = json.loads(_text("layouts.json"))
    return {entry["layout"]: _layout(entry) for entry in raw}


def _layout(entry: Mapping[str, Any]) -> Layout:
    releases = {int(item["rows"]): str(item["version"]) for item in entry["releases"]}
    version = None
    if "version_column" in entry:
        ((column, values),) = entry["version_column"].items()
        version = (column, values)
    return Layout(
        name=entry["layout"],
        table=entry["table"],
        source=entry["source"],
        columns=entry["columns"],
        optional=tuple(entry.get("optional", ())),
        synonyms=entry.get("synonyms", {}),
        also=tuple(entry.get("also", ())),
        without=tuple(entry.get("without", ())),
        exactly=tuple(entry.get("exactly", ())),
        dates={key: tuple(parts) for key, parts in entry.get("dates", {}).items()},
        missing=tuple(entry.get("missing", ())),
        blank_is_zero=tuple(entry.get("blank_is_zero", ())),
        unchecked=entry.get("unchecked", {}),
        releases=releases,
        covers={
            int(item["rows"]): (item["covers"][0], item["covers"][1])
            for item in entry["releases"]
            if "covers" in item
        },
        least_rows=entry.get("least_rows", min(releases, default=1)),
        least_of_last_year=entry.get("least_of_last_year", 0),
        repeats=entry.get("repeats", 0),
        reach=entry.get("reach", {}),
        version_column=version,
        older=tuple(entry.get("older", ())),
        mirror=entry.get("mirror", False),
        keep_if=entry.get("keep_if", ""),
        version_optional=entry.get("version_optional", False),
        version_prefix=entry.get("version_prefix", ""),
        like=entry.get("like", {}),
        constants=entry.get("constants", {}),
        by_name=entry.get("by_name", False),
        headless={int(count): names for count, names in entry.get("headless", {}).items()},
        month_first=entry.get("month_first"),
        translated=entry.get("translated", {}),
        cameo_codes=tuple(entry.get("cameo_codes", ())),
        spells=tuple((first, last) for first, last in entry.get("spells", ())),
        others=entry.get("others", False),
        format=entry.get("format", "table"),
    )


def references() -> dict[str, str]:
    """Return every BibTeX entry by its key."""
    entries: dict[str, str] = {}
    for block in _text("references.bib").split("\n@"):
        text = block if block.startswith("@") else "@" + block
        entries[text.split("{", 1)[1].split(",", 1)[0].strip()] = text.strip()
    return entries
