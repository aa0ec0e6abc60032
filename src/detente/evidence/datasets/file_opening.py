"""Files into raw tables, whatever their wrapping: compressed, delimited, GeoJSON, spreadsheet.

Nothing here knows what a file is about; `recognition` recognises and checks it. Of
a very wide file only those columns are read that some layout wants, since a release such as
V-Dem's has thousands.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
from pathlib import Path

import polars as pl

from detente import unpacking
from detente.errors import DataError, Fault
from detente.evidence.datasets import registry, stata_files, workbooks
from detente.forked import refuse_after_fork

PARQUET, GZIP, ZIP = b"PAR1", b"\x1f\x8b", b"PK\x03\x04"
TABLES = (".csv", ".tab", ".tsv", ".txt", ".parquet", ".xlsx", ".xls", ".dta")
WIDE = 100  # columns; a table with more is read in part
LARGE = 50_000_000  # bytes; of a larger table only the columns that are wanted are read
MOST_COLUMNS = 20_000
LONGEST_HEADER = 4_000_000  # bytes
BYTES_A_CELL = 16
PIECE = 1 << 20
_SAVED_IN_R = (
    'In R: e <- new.env(); for (n in load("{file}", e)) '
    'write.csv(e[[n]], paste0(n, ".csv"), row.names = FALSE)'
)
_STORED_IN_R = 'In R: write.csv(readRDS("{file}"), "table.csv", row.names = FALSE)'
_UNPACK = "Unpack it, or pack it as gzip or zip."
PROGRAM_FILES = {
    **dict.fromkeys((b"RDX2", b"RDX3", b"RDA2", b"RDA3"), ("R", _SAVED_IN_R)),
    **dict.fromkeys((b"X\n\x00\x00\x00", b"A\n2\n", b"A\n3\n"), ("R", _STORED_IN_R)),
    b"$FL2": ("SPSS", 'In R: write.csv(haven::read_sav("{file}"), "table.csv", row.names = FALSE)'),
    b"\x00" * 12 + b"\xc2\xea\x81\x60": (
        "SAS",
        'In R: write.csv(haven::read_sas("{file}"), "table.csv", row.names = FALSE)',
    ),
    b"BZh": ("bzip2", _UNPACK + " If it is R's: " + _SAVED_IN_R),
    b"\xfd7zXZ\x00": ("xz", _UNPACK + " If it is R's: " + _SAVED_IN_R),
    b"\x28\xb5\x2f\xfd": ("Zstandard", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("7-Zip", _UNPACK),
    b"Rar!": ("RAR", _UNPACK),
}
"""First bytes of files of programs that are not read, and the one line that converts them."""
INDEX_NAMES = ("x", "index", "rownames", "row.names", "...1", "level_0")
"""Names that programs give the numbers of rows."""
FAULTS = 3  # places that a refusal names


class NotATable(DataError):
    """A file that holds no table at all, such as a text or a picture."""


class NoHeader(NotATable):
    """A file whose first line has figures and no names."""


def refusal(name: str, problem: str, remedy: str = "") -> DataError:
    """Return the error that refuses a whole file."""
    return DataError([Fault(name, None, "", problem, remedy)])


def open_file(path: Path, *, extras: bool = True) -> pl.DataFrame:
    """Return the content of a file as a frame of texts (of Parquet: as it is typed).

    Rows that are empty at the end of the file are left out.

    Parameters
    ----------
    path : Path
        The file.
    extras : bool
        Read all columns; without it, only those that the layouts of such a file know.

    Raises
    ------
    NotATable
        If the file holds no table.
    DataError
        If the file is damaged or cut off, or has empty rows within.
    """
    refuse_after_fork()
    return _without_index(_without_empty_end(_opened(path, extras=extras), path.name))


def _without_index(raw: pl.DataFrame) -> pl.DataFrame:
    """Return a table without the numbers of its rows, which pandas and R put first."""
    if raw.width < 3 or not raw.height:
        return raw
    first = raw.columns[0]
    name = first.strip().casefold()
    if name in ("", "unnamed: 0"):
        return raw.drop(first)
    if name in INDEX_NAMES:
        number = raw[first].cast(pl.Float64, strict=False)
        start = number[0]
        counted = pl.arange(raw.height, eager=True) + (start if start in (0, 1) else 0)
        if (number == counted).fill_null(value=False).all():
            return raw.drop(first)
    return raw


def _without_empty_end(raw: pl.DataFrame, name: str) -> pl.DataFrame:
    if not raw.width:
        return raw
    blank = (
        pl.col(column).is_null() | (pl.col(column).str.strip_chars() == "")
        if kind == pl.String
        else pl.col(column).is_null()
        for column, kind in raw.schema.items()
    )
    filled = raw.select(~pl.all_horizontal(blank)).to_series().arg_true()
    whole = int(filled[-1]) + 1 if filled.len() else 0
    if filled.len() < whole:
        lines = sorted({*range(whole)} - {*filled.to_list()})
        places = ", ".join(str(line + 2) for line in lines[:FAULTS])
        raise refusal(
            name,
            f"has {len(lines):,} empty rows within, the first in line {places}",
            "Rows seem to be lost; fetch it again, or take the empty ones out.",
        )
    return raw[:whole]


def _opened(path: Path, *, extras: bool) -> pl.DataFrame:
    budget = unpacking.Budget()
    try:
        data = _content(path, budget)
    except unpacking.Refused as error:
        raise refusal(path.name, error.problem, error.remedy) from None
    if not data.strip():
        raise NotATable([Fault(path.name, None, "", "is empty", "Fetch it again.")])
    _refuse_program_files(data, path.name)
    if data[:4] == PARQUET:
        return _parquet(data, path.name, budget)
    if stata_files.is_stata(data):
        try:
            return stata_files.read(data)
        except stata_files.DamagedStata as error:
            raise _damaged(path.name, error, "Stata file") from None
    if data[:4] == ZIP or workbooks.is_old_workbook(data):
        try:
            return workbooks.read(data)
        except workbooks.NoSheet as error:
            raise NotATable([Fault(path.name, None, "", "holds no table", str(error))]) from None
        except workbooks.DamagedWorkbook as error:
            raise _damaged(path.name, error, "spreadsheet") from None
        except workbooks.NoReader as error:
            raise refusal(path.name, "is a spreadsheet.", str(error)) from None
    data = _from_utf16(data)
    if b"\x00" in data[:4096]:
        raise NotATable([Fault(path.name, None, "", "holds no table")])
    data = _utf8(data)
    start = data[:PIECE].lstrip()[:20].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        remedy = "The download went wrong, or needs a login; fetch the file itself."
        raise NotATable([Fault(path.name, None, "", "is a web page", remedy)])
    if start[:1] in (b"{", b"["):
        return _geojson(data, path.name)
    if b"\r" in data:
        # Text mode on Windows makes two returns of one, so that every second line looks empty.
        for ending in (b"\r\r\n", b"\r\n", b"\r"):
            if ending in data:
                data = data.replace(ending, b"\n")
    return _delimited(data, path.name, extras=extras)


def _content(path: Path, budget: unpacking.Budget) -> bytes:
    """Return what is in a file: unpacked if it is packed, the one table if it is a zip of one."""
    with path.open("rb") as stream:
        begin = stream.read(4)
    if begin[:2] == GZIP:
        data = unpacking.gunzip(path, budget)
        if data[:4] == ZIP and is_archive(data):
            return _only_table(data, budget)
        return data
    size = path.stat().st_size
    if begin == ZIP:
        budget.spend(min(size, unpacking.RATIO_FROM))
        if is_archive(path):
            return _only_table(path, budget)
        _check_workbook(path, budget)
    else:
        budget.spend(size)
    return path.read_bytes()


def _check_workbook(path: Path, budget: unpacking.Budget) -> None:
    """Refuse a spreadsheet, a zip file within, of which more comes out than may."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            wrong = unpacking.unsafe(info)
            if wrong:
                raise unpacking.Refused(wrong[0], wrong[1])
            budget.spend(info.file_size)


def _parquet(data: bytes, name: str, budget: unpacking.Budget) -> pl.DataFrame:
    try:
        rows = pl.scan_parquet(io.BytesIO(data))
        cells = int(rows.select(pl.len()).collect().item()) * len(rows.collect_schema())
        budget.spend(cells * BYTES_A_CELL)
        return pl.read_parquet(io.BytesIO(data))
    except unpacking.Refused as error:
        raise refusal(name, error.problem, error.remedy) from None
    # A damaged file makes Polars panic as well, which is no PolarsError.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _damaged(name, error, "Parquet file") from None


def _refuse_program_files(data: bytes, name: str) -> None:
    """Refuse files of programs and packers that are not read, with what converts them."""
    for begin, (kind, remedy) in PROGRAM_FILES.items():
        if data.startswith(begin):
            raise refusal(
                name, f"is a file of {kind}, which is not read", remedy.replace("{file}", name)
            )


def _damaged(name: str, error: BaseException, kind: str = "compressed file") -> DataError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return refusal(
        name,
        f"the {kind} is damaged or cut off ({reason})",
        "The file is not whole; fetch it again.",
    )


def is_archive(source: bytes | Path) -> bool:
    """Tell a zip file from other files, and from spreadsheets, which are zip files within."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            if stream.read(4) != ZIP:
                return False
    elif source[:4] != ZIP:
        return False
    try:
        with zipfile.ZipFile(
            io.BytesIO(source) if isinstance(source, bytes) else source
        ) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except Exception:  # a damaged list of contents raises errors of many kinds
        return True


def members(source: bytes | Path, name: str) -> list[unpacking.Member]:
    """Return the tables in a zip file, and in zip files within it.

    Raises
    ------
    DataError
        If it cannot be unpacked, or more comes out than may.
    """
    try:
        return unpacking.members(source, TABLES, unpacking.Budget())
    except unpacking.Refused as error:
        raise refusal(name, error.problem, error.remedy) from None


def _only_table(source: bytes | Path, budget: unpacking.Budget) -> bytes:
    tables = unpacking.members(source, TABLES, budget)
    if len(tables) != 1:
        raise unpacking.Refused(
            f"the zip file holds {len(tables)} tables",
            "Unpack it and give the table that is wanted.",
        )
    return tables[0].content


def _from_utf16(data: bytes) -> bytes:
    """Return a text that a spreadsheet saved as "Unicode text" in UTF-8, any other as it is."""
    begin = data[:4096]
    if begin[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        kind = "utf-16"
    elif len(begin) > 1 and not any(begin[1::2]) and all(begin[::2]):
        kind = "utf-16-le"
    elif len(begin) > 1 and not any(begin[::2]) and all(begin[1::2]):
        kind = "utf-16-be"
    else:
        return data
    try:
        return data.decode(kind).encode()
    except UnicodeError:
        return data


def _utf8(data: bytes) -> bytes:
    """Return the text in UTF-8; what is not is taken for Windows' western code page."""
    data = data.removeprefix(codecs.BOM_UTF8)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        # In pieces, so that a release of some hundred megabytes is not held a second time.
        for start in range(0, len(data), PIECE):
            decoder.decode(data[start : start + PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace").encode()
    return data


def _delimited(data: bytes, name: str, *, extras: bool) -> pl.DataFrame:
    end = data.find(b"\n", 0, LONGEST_HEADER)
    if end < 0 and len(data) > LONGEST_HEADER:
        problem = f"holds no table: its first line is longer than {LONGEST_HEADER:,} bytes"
        raise NotATable([Fault(name, None, "", problem, "A header and rows are wanted.")])
    line = (data if end < 0 else data[:end]).decode()
    separator = max("\t,;", key=line.count)
    columns = _cells(line, separator)
    if end >= 0 and len(columns) > 1 and _rows_are_numbered(data, end, columns, separator):
        return _delimited(separator.encode() + data, name, extras=extras)
    if len(columns) < 2:
        raise NotATable([Fault(name, None, "", "holds no table", "A header and rows are wanted.")])
    headless = columns[0].strip().isdigit() and any(
        len(columns) in layout.headless for layout in registry.layouts().values()
    )
    if columns[0].strip().isdigit() and not headless:
        counts = sorted({n for layout in registry.layouts().values() for n in layout.headless})
        problem = f"has no header, and {len(columns)} columns"
        remedy = (
            "Give its columns their names in the first line. Without them files of "
            f"{', '.join(map(str, counts))} columns are read (UCDP GED, GDELT)."
        )
        raise NoHeader([Fault(name, 1, "", problem, remedy)])
    if len(columns) > MOST_COLUMNS:
        problem = f"has {len(columns):,} columns, more than the {MOST_COLUMNS:,} that are read"
        raise refusal(name, problem, "Keep the columns that are wanted.")
    if end >= 0 and not data.endswith(b"\n"):
        begin = max(data.rfind(b"\n") + 1, len(data) - LONGEST_HEADER)
        tail = data[begin:].decode(errors="replace")
        last = _cells(tail, separator)
        if len(last) < len(columns):
            header = frozenset(column.strip().casefold() for column in columns)
            known = any(layout.fits(header) for layout in registry.layouts().values())
            problem = f"the last line has {len(last)} values where {len(columns)} are wanted"
            fault = Fault(name, None, "", problem, "The file seems cut off; fetch it again.")
            # A text with a comma in its first line ends in such a line as well.
            raise DataError([fault]) if known or len(columns) > 2 else NotATable([fault])
    large = len(data) > LARGE
    wanted = None if headless else _wanted(columns, few=large or not extras)
    numbers = [str(k + 1) for k in range(len(columns))]
    if headless and (large or not extras):
        places = {
            int(place) - 1
            for layout in registry.layouts().values()
            for place in layout.headless.get(len(columns), {})
        }
        frame = _read_csv(data, name, separator, sorted(places), header=False, columns=columns)
        frame.columns = [str(place + 1) for place in sorted(places)]
        absent = [pl.lit(None, pl.String).alias(n) for n in numbers if n not in frame.columns]
        return frame.with_columns(absent).select(numbers)
    frame = _read_csv(data, name, separator, wanted, header=not headless, columns=columns)
    if headless:
        frame.columns = numbers
    return frame


def _rows_are_numbered(data: bytes, end: int, columns: list[str], separator: str) -> bool:
    """Tell a file whose rows begin with a name that its header has no cell for, as R writes."""
    stop = data.find(b"\n", end + 1, end + LONGEST_HEADER)
    row = data[end + 1 : stop if stop >= 0 else end + LONGEST_HEADER]
    cells = _cells(row.decode(errors="replace"), separator)
    return len(cells) == len(columns) + 1 and bool(cells[0].strip()) and bool(cells[-1].strip())


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell that is longer than the module reads
        return []


def _read_csv(
    data: bytes,
    name: str,
    separator: str,
    wanted: list[int] | None,
    *,
    header: bool,
    columns: list[str],
) -> pl.DataFrame:
    quote = None if not header and separator == "\t" else '"'
    try:
        return pl.read_csv(
            data,
            separator=separator,
            has_header=header,
            columns=wanted,
            infer_schema=False,
            quote_char=quote,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        if isinstance(error, pl.exceptions.ComputeError) and len(columns) < 3:
            raise NotATable([Fault(name, None, "", "holds no table")]) from None
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise NotATable([Fault(name, None, "", f"is no regular table ({reason})")]) from None


def _wanted(columns: list[str], *, few: bool) -> list[int] | None:
    """Return the places of the columns to read of a wide or large table; None for all of them."""
    if (len(columns) <= WIDE and not few) or len(set(columns)) < len(columns):
        return None
    header = frozenset(column.strip().casefold() for column in columns)
    kept: set[str] = set()
    for layout in registry.layouts().values():
        if layout.fits(header):
            if layout.exactly or (layout.others and not few):
                return None
            kept |= layout.wanted
            kept |= {c for c in header if any(re.search(x, c) for x in layout.like.values())}
    named = [k for k, column in enumerate(columns) if column.strip().casefold() in kept]
    return named or None


def _geojson(data: bytes, name: str) -> pl.DataFrame:
    wanted = "A collection of features is wanted, each with properties and a geometry."
    try:
        features = json.loads(data)["features"]
        rows = [
            {
                **{k: "" if v is None else str(v) for k, v in item["properties"].items()},
                "geometry": json.dumps(item["geometry"], separators=(",", ":")),
            }
            for item in features
        ]
    # Deep nesting, numbers of a million digits and odd members each fail in their own way.
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        reason = str(error) or type(error).__name__
        raise NotATable(
            [Fault(name, None, "", f"is no GeoJSON collection of features ({reason})", wanted)]
        ) from None
    columns = dict.fromkeys(column for row in rows for column in row)
    return pl.DataFrame(
        {c: pl.Series([row.get(c, "") for row in rows], dtype=pl.String) for c in columns}
    )
