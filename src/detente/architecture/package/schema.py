"""The tables of a scenario package: names, columns, types and keys, read from data.

The schema is data: ``schema/tables.csv``, ``schema/fields.csv`` and ``schema/parameters.csv``
drive the reader, the validator, ``datapackage.json``, the reference page and the starting
package. To add a column, add a row there.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from detente.errors import UnknownName

VERSION = 2
"""Number of the schema, as written into ``datapackage.json``; packages of 1 are read as well."""

TYPES = {
    "text": "text",
    "name": "identifier: letters a-z, digits and _ . - :",
    "code": "code: A-Z, 0-9 and _, 2 to 20 characters",
    "integer": "whole number",
    "number": "number with a decimal point",
    "date": "date, YYYY-MM-DD",
    "choice": "one of the listed words",
    "state": "code in states.csv",
    "organisation": "code in organisations.csv",
    "actor": "code in states.csv, organisations.csv or actors.csv, or ALL or UNK",
    "actors": "actors, several joined by ;",
    "states": "codes in states.csv, several joined by ;",
    "parties": "actors, ALL_REGION, NOBODY or groups such as NATO members, several joined by ;",
    "source": "identifier in sources.csv",
    "sources": "identifiers in sources.csv, several joined by ;",
}
"""What each type of a column means; besides these there is ``ref:TABLE.COLUMN``."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table.

    Attributes
    ----------
    name : str
        Name in the header row.
    type : str
        A key of `TYPES`, or ``ref:TABLE.COLUMN``.
    required : bool
        Whether every row must fill it.
    values : tuple of str
        The words of a choice.
    minimum, maximum : float or None
        Range of a number, both ends included.
    unit, meaning : str
        For readers.
    """

    name: str
    type: str
    required: bool
    values: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    unit: str
    meaning: str

    @property
    def target(self) -> tuple[str, str] | None:
        """Table and column of which it holds a value, if it names one; None otherwise."""
        if self.type.startswith("ref:"):
            table_name, _, column = self.type[4:].partition(".")
            return table_name, column
        return {
            "state": ("states", "state"),
            "organisation": ("organisations", "organisation"),
            "source": ("sources", "source"),
        }.get(self.type)

    @property
    def words(self) -> str:
        """What a cell may hold, in words."""
        if self.target and self.type.startswith("ref:"):
            return "value of the column {1} in {0}.csv".format(*self.target)
        return TYPES[self.type]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table of a scenario package, a CSV file of that name."""

    name: str
    key: tuple[str, ...]
    required: bool
    meaning: str
    fields: tuple[Field, ...]

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.name}.csv"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns, in the order in which they are written."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """Return the column of this name.

        Raises
        ------
        UnknownName
            If the table has no such column.
        """
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise UnknownName(f"column of {self.name}", name, self.columns)


@dataclass(frozen=True, slots=True)
class ParameterDefault:
    """A weight or threshold that a scenario may set in ``parameters.csv``.

    Attributes
    ----------
    parameter : str
        Its name.
    default : float
        Its value where the scenario does not set it.
    minimum, maximum : float
        Range of the values it admits, both ends included.
    unit, meaning, source : str
        For readers; the source is a citation or begins with the word "assumed".
    """

    parameter: str
    default: float
    minimum: float
    maximum: float
    unit: str
    meaning: str
    source: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath("schema", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()


@cache
def tables() -> tuple[TableSchema, ...]:
    """Return all tables, in the order in which a reader should meet them."""
    fields: dict[str, list[Field]] = {}
    for row in _rows("fields.csv"):
        fields.setdefault(row["table"], []).append(
            Field(
                name=row["field"],
                type=row["type"],
                required=row["required"] == "yes",
                values=_split(row["values"]),
                minimum=_number(row["minimum"]),
                maximum=_number(row["maximum"]),
                unit=row["unit"],
                meaning=row["meaning"],
            )
        )
    return tuple(
        TableSchema(
            name=row["table"],
            key=_split(row["key"]),
            required=row["required"] == "yes",
            meaning=row["meaning"],
            fields=tuple(fields[row["table"]]),
        )
        for row in _rows("tables.csv")
    )


@cache
def by_name() -> dict[str, TableSchema]:
    """Return all tables under their names."""
    return {entry.name: entry for entry in tables()}


def table(name: str) -> TableSchema:
    """Return the table of this name.

    Raises
    ------
    UnknownName
        If there is no such table.
    """
    if name not in by_name():
        raise UnknownName("table", name, by_name(), f"Tables: {', '.join(by_name())}.")
    return by_name()[name]


@cache
def parameters() -> tuple[ParameterDefault, ...]:
    """Return the weights and thresholds that a scenario may set, with their defaults."""
    return tuple(
        ParameterDefault(
            parameter=row["parameter"],
            default=float(row["default"]),
            minimum=float(row["minimum"]),
            maximum=float(row["maximum"]),
            unit=row["unit"],
            meaning=row["meaning"],
            source=row["source"],
        )
        for row in _rows("parameters.csv")
    )


def _span(minimum: float | None, maximum: float | None) -> str:
    if minimum is None and maximum is None:
        return ""
    if maximum is None:
        return f"at least {minimum:g}"
    if minimum is None:
        return f"at most {maximum:g}"
    return f"{minimum:g} to {maximum:g}"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def markdown() -> str:
    """Return the reference page of all tables and parameters, in Markdown."""
    lines = [
        "# Tables of a scenario package",
        "",
        "A scenario package is a folder, or the same folder zipped: `datapackage.json` and one",
        "CSV file per table (UTF-8, commas, one header row). An empty cell means that the value",
        "is missing; missing is not zero.",
    ]
    for entry in tables():
        lines += [
            "",
            f"## {entry.name}",
            "",
            entry.meaning,
            "",
            f"File `{entry.file}`, {'required' if entry.required else 'optional'}. "
            f"Key: {', '.join(f'`{column}`' for column in entry.key)}.",
            "",
            "| column | type | required | unit | range or words | meaning |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for field in entry.fields:
            allowed = ", ".join(f"`{value}`" for value in field.values)
            lines.append(
                _line(
                    [
                        f"`{field.name}`",
                        field.words,
                        "yes" if field.required else "no",
                        field.unit,
                        allowed or _span(field.minimum, field.maximum),
                        field.meaning,
                    ]
                )
            )
    lines += [
        "",
        "## Names of parameters",
        "",
        "What `parameters.csv` may set.",
        "",
        "| parameter | default | range | unit | meaning | source |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for item in parameters():
        lines.append(
            _line(
                [
                    f"`{item.parameter}`",
                    f"{item.default:g}",
                    _span(item.minimum, item.maximum),
                    item.unit,
                    item.meaning,
                    item.source,
                ]
            )
        )
    return "\n".join(lines) + "\n"
