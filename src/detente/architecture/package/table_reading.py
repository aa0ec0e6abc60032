"""A CSV file as rows of text: strict, streaming, and exact about where something is wrong.

Nothing is repaired on the way. What a spreadsheet shows as row 7 is called row 7, also when a
cell above it holds several lines.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from detente.architecture.package.fault_list import Findings, show
from detente.architecture.package.schema import TableSchema
from detente.errors import suggest

MAX_CELL = 1_000_000
"""Longest cell, in characters."""
MAX_LINE = 8_000_000
"""Longest line, in bytes."""
MAX_ROWS = 1_048_576
"""Highest number of rows; no common spreadsheet holds more."""

_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ufeff\ufff9-\ufffb\ufffd\ufffe\uffff]"
)
_BOM = b"\xef\xbb\xbf"
_BINARY = {
    b"PK\x03\x04": "an Excel or OpenDocument workbook, or a zip,",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
    b"SQLite": "a database",
}
_SAVE = "Open it in a spreadsheet and save it as CSV in UTF-8 with commas."


@dataclass
class Grid:
    """The rows of one table, as text.

    Attributes
    ----------
    table : TableSchema
        What the table should be.
    header : list of str
        The columns that the file has and the schema knows, each once.
    numbers : list of int
        Row of each record as a spreadsheet counts, the header being 1.
    columns : dict
        Cells of each column in `header`.
    stray : dict
        For each column, texts found in rows with too many or too few cells. They count as known
        identifiers, so that one comma too many is not also reported as a missing code.
    complete : bool
        Whether the file could be read to its end.
    """

    table: TableSchema
    header: list[str]
    numbers: list[int] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    stray: dict[str, set[str]] = field(default_factory=dict)
    complete: bool = True


class _Unreadable(Exception):
    """The rest of the file makes no sense; carries problem and remedy."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


def parse(table: TableSchema, data: bytes, findings: Findings) -> Grid | None:
    """Read the file of a table; None if it has no header that could be used."""
    if data.startswith(_BOM):
        data = data[len(_BOM) :]
    try:
        _refuse_binary(data)
    except _Unreadable as error:
        findings.add(table.file, None, "", error.problem, error.remedy)
        return None
    # The limit of the csv module holds for the whole process; it is raised, never lowered.
    csv.field_size_limit(max(MAX_CELL, csv.field_size_limit()))
    lines = _Lines(data)
    records = csv.reader(lines, strict=True)
    row = 1
    grid: Grid | None = None
    try:
        header = next(records, [])
        positions = _header(table, header, findings)
        grid = Grid(table, list(positions))
        grid.stray = {name: set() for name in positions}
        grid.columns = {name: [] for name in positions}
        width = len(header)
        kept: list[list[str]] = []
        for cells in records:
            row += 1
            if row > MAX_ROWS:
                raise _Unreadable(
                    f"the file has more than {MAX_ROWS:,} rows.", "Split the scenario."
                )
            if len(cells) == width:
                # A row without any text says nothing; spreadsheets leave such rows at the end.
                if any(cells):
                    kept.append(cells)
                    grid.numbers.append(row)
            elif any(cells):
                _wrong_width(table, row, len(cells), width, findings)
                for name, position in positions.items():
                    if position < len(cells):
                        grid.stray[name].add(cells[position])
        _fill(grid, kept, positions)
    except _Unreadable as error:
        findings.add(table.file, row, "", error.problem, error.remedy)
        return _cut(grid, kept if grid else [], positions if grid else {})
    except UnicodeDecodeError as error:
        findings.add(table.file, _next(row, grid), "", *_encoding(error))
        return _cut(grid, kept if grid else [], positions if grid else {})
    except csv.Error as error:
        findings.add(table.file, _next(row, grid), "", *_csv_words(str(error)))
        return _cut(grid, kept if grid else [], positions if grid else {})
    if lines.control:
        _controls(grid, findings)
    for name, cells in grid.columns.items():
        for number, cell in zip(grid.numbers, cells, strict=True):
            if len(cell) > MAX_CELL:
                findings.add(table.file, number, name, *_cell_too_long())
    return grid


def _next(row: int, grid: Grid | None) -> int:
    """Return the row in which the reader stopped: the one after the last that it finished."""
    return row if grid is None else row + 1


def _fill(grid: Grid, kept: list[list[str]], positions: dict[str, int]) -> None:
    for name, position in positions.items():
        grid.columns[name] = [cells[position] for cells in kept]


def _cut(grid: Grid | None, kept: list[list[str]], positions: dict[str, int]) -> Grid | None:
    if grid is not None:
        _fill(grid, kept, positions)
        grid.numbers = grid.numbers[: len(kept)]
        grid.complete = False
    return grid


def _refuse_binary(data: bytes) -> None:
    if not data.strip():
        raise _Unreadable("the file is empty.", "It needs at least the header row.")
    for magic, words in _BINARY.items():
        if data.startswith(magic):
            raise _Unreadable(f"the file is {words} named .csv.", _SAVE)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _Unreadable("the file is in UTF-16 ('Unicode text').", _SAVE)
    if b"\0" in data[:4096]:
        raise _Unreadable("the file is not text.", _SAVE)


class _Lines:
    """The lines of a file, never more than `MAX_LINE` bytes at once."""

    def __init__(self, data: bytes) -> None:
        if b"\n" not in data and b"\r" in data:
            data = data.replace(b"\r", b"\n")  # line ends of the classic Macintosh
        self.stream = io.BytesIO(data)
        self.control = False
        """Whether a control character has come by."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self.stream.readline(MAX_LINE)
        if not raw:
            raise StopIteration
        if len(raw) == MAX_LINE:
            raise csv.Error("line too long")
        line = raw.decode("utf-8")
        if not self.control and _CONTROL.search(line):
            self.control = True
        return line


def _encoding(error: UnicodeDecodeError) -> tuple[str, str]:
    byte = error.object[error.start]
    try:
        guess = bytes([byte]).decode("cp1252")
        likely = f"; in Windows-1252 it would be {guess!r}" if guess.isprintable() else ""
    except UnicodeDecodeError:
        likely = ""
    return f"the byte 0x{byte:02x} is not UTF-8{likely}.", _SAVE


def _cell_too_long() -> tuple[str, str]:
    return (
        f"a cell has more than {MAX_CELL:,} characters.",
        "Look for a quotation mark that is not closed, and shorten the text.",
    )


def _csv_words(message: str) -> tuple[str, str]:
    if "field limit" in message or "line too long" in message:
        return _cell_too_long()
    if "unexpected end of data" in message:
        return (
            "a quotation mark is opened here and not closed before the end of the file.",
            'Close it; a quotation mark inside a quoted cell is written twice: "".',
        )
    if "expected after" in message:
        return (
            "a quotation mark stands inside a quoted cell, or one above is not closed.",
            'Write it twice inside the cell ("") or close the cell before it.',
        )
    if "new-line character" in message:
        return "a line ends in two different ways.", _SAVE
    return f"the row cannot be read as CSV ({message}).", _SAVE


def _header(table: TableSchema, header: list[str], findings: Findings) -> dict[str, int]:
    """Return the position of each known column, and report what is wrong with the header."""
    known = [name for name in header if name in table.columns]
    if not known:
        _refuse_delimiter(table, header)
    positions: dict[str, int] = {}
    for place, name in enumerate(header):
        if name in positions:
            findings.add(
                table.file, 1, name, "the column is there twice.", "Keep one and rename the other."
            )
        elif name in table.columns:
            positions[name] = place
        elif not name.strip():
            findings.add(
                table.file,
                1,
                "",
                f"column {place + 1} has no name.",
                "Give it one, or delete the column if nothing is in it.",
            )
        else:
            missing = [column for column in table.columns if column not in header]
            findings.add(
                table.file,
                1,
                name if len(name) <= 60 and name.isprintable() else "",
                f"the column {show(name)} is not known.",
                suggest(name.strip(), missing or table.columns, limit=0)
                or "Known: " + ", ".join(table.columns) + ".",
            )
    for wanted in table.fields:
        if wanted.required and wanted.name not in positions:
            findings.add(
                table.file,
                1,
                wanted.name,
                "the column is missing.",
                f"It holds: {wanted.meaning}",
            )
    return positions


def _refuse_delimiter(table: TableSchema, header: list[str]) -> None:
    line = ",".join(header)
    for mark, words in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if set(table.columns) & {part.strip(' "') for part in line.split(mark)}:
            raise _Unreadable(
                f"the cells are parted by {words}, not by commas.",
                "Save it as CSV in UTF-8 with commas. LibreOffice asks for the separator; Excel "
                "takes the list separator that is set in the system.",
            )
    if line.startswith("sep="):
        raise _Unreadable("the first row is not the header.", "Delete the row with 'sep='.")
    raise _Unreadable(
        f"no column of this header is known: {show(line)}.",
        "The first row holds the names of the columns: " + ", ".join(table.columns) + ".",
    )


def _wrong_width(table: TableSchema, row: int, found: int, width: int, findings: Findings) -> None:
    findings.add(
        table.file,
        row,
        "",
        f"the row has {found} cells, the header {width}.",
        "A cell with a comma in it needs quotation marks around it."
        if found > width
        else "Put a comma for every empty cell.",
    )


def _controls(grid: Grid, findings: Findings) -> None:
    for name, cells in grid.columns.items():
        if grid.table.field(name).type != "text":
            continue  # the other types admit no such character anyway
        for number, cell in zip(grid.numbers, cells, strict=True):
            match = _CONTROL.search(cell)
            if match is None:
                continue
            if match[0] == "\ufffd":
                findings.add(
                    grid.table.file,
                    number,
                    name,
                    f"{show(cell)} has the sign for a lost letter in it.",
                    "The text was once read in a wrong encoding: type it again.",
                )
            else:
                findings.add(
                    grid.table.file,
                    number,
                    name,
                    f"{show(cell)} has a control character in it (U+{ord(match[0]):04X}).",
                    "Delete the character.",
                )
