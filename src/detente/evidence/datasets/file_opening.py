"""Files into raw tables, whatever their wrapping: compressed, delimited, GeoJSON, spreadsheet.

Nothing here knows what a file is about; `recognition` recognises and checks it. Of
a very wide file only those columns are read that some layout wants, since a release such as
V-Dem's has thousands.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zipfile
import zlib
from pathlib import Path, PurePosixPath

import polars as pl

from detente.errors import DataError, Fault
from detente.evidence.datasets import registry, workbooks

PARQUET, GZIP, ZIP = b"PAR1", b"\x1f\x8b", b"PK\x03\x04"
TABLES = (".csv", ".tab", ".tsv", ".txt", ".parquet", ".xlsx", ".xls")
WIDE = 100  # columns; a table with more is read in part
PIECE = 1 << 20
FAULTS = 3  # places that a refusal names


class NotATable(DataError):
    """A file that holds no table at all, such as a text or a picture."""


def refusal(name: str, problem: str, remedy: str = "") -> DataError:
    """Return the error that refuses a whole file."""
    return DataError([Fault(name, None, "", problem, remedy)])


def open_file(path: Path) -> pl.DataFrame:
    """Return the content of a file as a frame of texts (of Parquet: as it is typed).

    Rows that are empty at the end of the file are left out.

    Raises
    ------
    NotATable
        If the file holds no table.
    DataError
        If the file is damaged or cut off, or has empty rows within.
    """
    return _without_empty_end(_opened(path), path.name)


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


def _opened(path: Path) -> pl.DataFrame:
    data = path.read_bytes()
    if data[:2] == GZIP:
        try:
            data = gzip.decompress(data)
        except (EOFError, OSError, zlib.error) as error:
            raise _damaged(path.name, error) from None
    elif is_archive(data):
        data = _only_table(data, path.name)
    if not data.strip():
        raise NotATable([Fault(path.name, None, "", "is empty", "Fetch it again.")])
    if data[:4] == PARQUET:
        try:
            return pl.read_parquet(io.BytesIO(data))
        except pl.exceptions.PolarsError as error:
            raise _damaged(path.name, error, "Parquet file") from None
    if data[:4] == ZIP or workbooks.is_old_workbook(data):
        try:
            return workbooks.read(data)
        except workbooks.NoSheet as error:
            raise NotATable([Fault(path.name, None, "", "holds no table", str(error))]) from None
        except workbooks.Damaged as error:
            raise _damaged(path.name, error, "spreadsheet") from None
        except workbooks.NoReader as error:
            raise refusal(path.name, "is a spreadsheet.", str(error)) from None
    if b"\x00" in data[:4096]:
        raise NotATable([Fault(path.name, None, "", "holds no table")])
    data = _utf8(data)
    start = data[:PIECE].lstrip()[:20].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        remedy = "The download went wrong, or needs a login; fetch the file itself."
        raise NotATable([Fault(path.name, None, "", "is a web page", remedy)])
    if start[:1] == b"{":
        return _geojson(data, path.name)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _delimited(data, path.name)


def _damaged(name: str, error: Exception, kind: str = "compressed file") -> DataError:
    return refusal(
        name,
        f"the {kind} is damaged or cut off ({error})",
        "The file is not whole; fetch it again.",
    )


def is_archive(data: bytes) -> bool:
    """Tell a zip file from other files, and from spreadsheets, which are zip files within."""
    if data[:4] != ZIP:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except zipfile.BadZipFile:
        return True


def members(data: bytes, name: str) -> dict[str, bytes]:
    """Return the tables in a zip file, and in zip files within it, by their names."""
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for item in archive.namelist():
                inner = PurePosixPath(item)
                if inner.parts[0] == "__MACOSX" or inner.name.startswith("."):
                    continue
                if inner.suffix.casefold() == ".zip":
                    found |= members(archive.read(item), name)
                elif inner.suffix.casefold() in TABLES:
                    found[inner.name] = archive.read(item)
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
        raise _damaged(name, error) from None
    return found


def _only_table(data: bytes, name: str) -> bytes:
    tables = members(data, name)
    if len(tables) != 1:
        raise refusal(
            name,
            f"the zip file holds {len(tables)} tables",
            "Unpack it and give the table that is wanted.",
        )
    return next(iter(tables.values()))


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


def _delimited(data: bytes, name: str) -> pl.DataFrame:
    end = data.find(b"\n")
    line = (data if end < 0 else data[:end]).decode()
    separator = max("\t,;", key=line.count)
    columns = next(csv.reader([line], delimiter=separator), [])
    if len(columns) < 2:
        raise NotATable([Fault(name, None, "", "holds no table", "A header and rows are wanted.")])
    headless = any(
        layout.headless == len(columns) and columns[0].isdigit()
        for layout in registry.layouts().values()
    )
    if end >= 0 and not data.endswith(b"\n"):
        tail = data[data.rfind(b"\n") + 1 :].decode()
        last = next(csv.reader([tail], delimiter=separator), [])
        if len(last) < len(columns):
            raise refusal(
                name,
                f"the last line has {len(last)} values where {len(columns)} are wanted",
                "The file seems cut off; fetch it again.",
            )
    wanted = _wanted(columns)
    try:
        return pl.read_csv(
            data,
            separator=separator,
            has_header=not headless,
            columns=wanted,
            new_columns=[str(k + 1) for k in range(len(columns))] if headless else None,
            infer_schema=False,
            quote_char=None if headless else '"',
        )
    except pl.exceptions.PolarsError as error:
        if isinstance(error, pl.exceptions.ComputeError) and len(columns) < 3:
            raise NotATable([Fault(name, None, "", "holds no table")]) from None
        reason = str(error).splitlines()[0]
        raise NotATable([Fault(name, None, "", f"is no regular table ({reason})")]) from None


def _wanted(columns: list[str]) -> list[int] | None:
    """Return the places of the columns to read of a wide table; None for all of them."""
    if len(columns) <= WIDE or len(set(columns)) < len(columns):
        return None
    header = {column.strip().casefold() for column in columns}
    kept: set[str] = set()
    for layout in registry.layouts().values():
        if layout.others and layout.required <= header:
            return None
        if layout.required <= header:
            kept |= layout.required | {column.casefold() for column in layout.without}
    named = [k for k, column in enumerate(columns) if column.strip().casefold() in kept]
    return named or None


def _geojson(data: bytes, name: str) -> pl.DataFrame:
    try:
        features = json.loads(data)["features"]
        return pl.DataFrame(
            [
                {
                    **{k: "" if v is None else str(v) for k, v in item["properties"].items()},
                    "geometry": json.dumps(item["geometry"], separators=(",", ":")),
                }
                for item in features
            ]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise refusal(name, f"is no GeoJSON collection of features ({error})") from None
