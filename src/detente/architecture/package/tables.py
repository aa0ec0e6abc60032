"""A scenario package in memory: read from a folder or a zip, written to either, never half.

What is read and not changed is written with the bytes that it had. A changed table is written
in one canonical form: UTF-8, line feeds, the columns of the schema in their order, quotation
marks only where needed, numbers as they were typed where they have not changed.
"""

from __future__ import annotations

import datetime as dt
import glob
import hashlib
import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from detente.architecture.package import descriptor, schema, table_reading
from detente.architecture.package.cell_parsing import Value, parse_column
from detente.architecture.package.check import Examined, examine, examine_files
from detente.architecture.package.container import DESCRIPTOR, is_table
from detente.architecture.package.fault_list import Findings
from detente.architecture.package.schema import Field, TableSchema
from detente.errors import DataError, Fault, UsageError
from detente.forked import refuse_after_fork

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can hold; the same for every entry


@dataclass(frozen=True, eq=False)
class Original:
    """A table as it was read: its bytes, and what they say."""

    data: bytes
    frame: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Package:
    """A scenario: its tables on a date, and what it says of itself.

    Attributes
    ----------
    name, title, description, version, region : str
        From ``datapackage.json``; empty where it does not say.
    date : datetime.date
        The as-of date.
    tables : mapping of str to polars.DataFrame
        Every table of the schema with every column of it, an absent one without rows. Missing
        cells are null; text is String, number Float64, integer Int64, date Date.
    descriptor : dict
        The whole of ``datapackage.json``.
    documents : mapping of str to bytes
        Other files beside the tables, such as README.md, up to 10 MB each; subfolders are not
        part of a package.
    originals : mapping
        The tables as they were read; empty for a package made in memory.
    descriptor_bytes : bytes
        ``datapackage.json`` as it was read; empty for a package made in memory.
    """

    name: str
    title: str
    description: str
    version: str
    date: dt.date
    region: str
    tables: Mapping[str, pl.DataFrame]
    descriptor: dict[str, Any] = field(default_factory=dict, repr=False)
    documents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    originals: Mapping[str, Original] = field(default_factory=dict, repr=False)
    descriptor_bytes: bytes = field(default=b"", repr=False)

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[str, pl.DataFrame],
        *,
        name: str,
        title: str,
        date: dt.date,
        description: str = "",
        version: str = "1.0.0",
        region: str = "",
    ) -> Package:
        """Make a package of tables.

        Parameters
        ----------
        tables : mapping of str to polars.DataFrame
            Tables of the schema; absent ones, and absent columns that are not required, are
            empty. Rows are checked when the package is written.
        name, title, description, version, region : str
            What it says of itself; the name is made of a-z, 0-9 and ``- . _``.
        date : datetime.date
            The as-of date.

        Raises
        ------
        UnknownName
            If there is no table of that name.
        DataError
            If the columns or their types do not fit the schema.
        """
        return cls(
            name=name,
            title=title,
            description=description,
            version=version,
            date=date,
            region=region,
            tables=_all_typed(tables),
        )

    def replace_tables(self, **frames: pl.DataFrame) -> Package:
        """Return the package with some tables replaced; this one stays as it is.

        Raises
        ------
        UnknownName
            If there is no table of that name.
        DataError
            If the columns or their types do not fit the schema.
        """
        changed = _all_typed(frames)
        tables = {**self.tables, **{name: changed[name] for name in frames}}
        return replace(self, tables=MappingProxyType(tables))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all tables and the date, the same for any order of rows and columns."""
        return digest_tables(self.tables, self.date)

    def files(self) -> dict[str, bytes]:
        """Return the files of the package under their names, as they are written.

        Raises
        ------
        DataError
            If a rule of the schema is broken; lists every fault.
        """
        files = {
            f"{name}.csv": _render(schema.table(name), frame, self.originals.get(name))
            for name, frame in self.tables.items()
            if frame.height or schema.table(name).required or name in self.originals
        }
        files[DESCRIPTOR] = descriptor.render(self._descriptor(files))
        faults = examine_files(files).faults
        if faults:
            raise DataError(faults)
        if self.descriptor_bytes and json.loads(files[DESCRIPTOR]) == self.descriptor:
            files[DESCRIPTOR] = self.descriptor_bytes
        for name, data in self.documents.items():
            files.setdefault(name, data)
        return files

    def _descriptor(self, files: Mapping[str, bytes]) -> dict[str, Any]:
        """Return ``datapackage.json`` for these files; entries of unchanged files stay."""
        entries = {entry["path"]: entry for entry in self.descriptor.get("resources", ())}
        tables = [file.removesuffix(".csv") for file in files]
        for name in tables:
            table = schema.table(name)
            original = self.originals.get(name)
            if table.file not in entries or original is None or original.data != files[table.file]:
                entry_of_schema = descriptor.resource(table, table.columns, tables)
                entries[table.file] = {**entries.get(table.file, {}), **entry_of_schema}
        document = dict(self.descriptor) or {"profile": "tabular-data-package"}
        document |= {"name": self.name, "title": self.title}
        for member, text in (("description", self.description), ("version", self.version)):
            if text or member in document:
                document[member] = text
        own = {"schema": schema.VERSION, "date": self.date.isoformat()}
        if self.region or "region" in self.descriptor.get("detente", {}):
            own["region"] = self.region
        document["detente"] = {**self.descriptor.get("detente", {}), **own}
        document["resources"] = [entry for path, entry in entries.items() if path in files]
        return document

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "tables": dict(self.tables)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({**state, "tables": MappingProxyType(state["tables"])})


_TYPES: dict[str, type[pl.DataType]] = {
    "integer": pl.Int64,
    "number": pl.Float64,
    "date": pl.Date,
}


def _dtype(entry: Field) -> type[pl.DataType]:
    return _TYPES.get(entry.type, pl.String)


def _fits(dtype: pl.DataType, wanted: type[pl.DataType]) -> bool:
    """Tell whether a column of one type can become another without any guess."""
    if dtype == pl.Null or dtype == wanted:
        return True
    if wanted is pl.String:
        return isinstance(dtype, (pl.Categorical, pl.Enum))
    return dtype.is_numeric() if wanted is pl.Float64 else dtype.is_integer() and wanted is pl.Int64


def _all_typed(frames: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
    faults: list[Fault] = []
    for name in frames:
        schema.table(name)
    typed = {
        table.name: _typed(table, frames.get(table.name, pl.DataFrame()), faults)
        for table in schema.tables()
    }
    if faults:
        raise DataError(faults)
    return MappingProxyType(typed)


def _typed(table: TableSchema, frame: pl.DataFrame, faults: list[Fault]) -> pl.DataFrame:
    """Return the frame with the columns and types of the schema; faults where it cannot be."""

    def fault(column: str, problem: str, remedy: str) -> None:
        faults.append(Fault(table.file, None, column, problem, remedy))

    for column in frame.columns:
        if column not in table.columns:
            fault(column, "the column is not known.", "Known: " + ", ".join(table.columns) + ".")
    columns: list[pl.Series] = []
    for entry in table.fields:
        wanted = _dtype(entry)
        series = pl.Series(entry.name, [None] * frame.height, dtype=wanted)
        if entry.name in frame.columns:
            present = frame[entry.name]
            if not _fits(present.dtype, wanted):
                fault(entry.name, f"the column is {present.dtype}.", f"It should be {wanted()}.")
            else:
                series = present.cast(wanted)
                if wanted is pl.String:
                    series = series.set(series == "", None)
                elif wanted is pl.Float64 and not series.is_finite().all():
                    fault(entry.name, "the column holds NaN or infinity.", "Use null.")
        elif entry.required and frame.height:
            fault(entry.name, "the column is missing.", f"It holds: {entry.meaning}")
        columns.append(series)
    return pl.DataFrame(columns)


def digest_tables(
    tables: Mapping[str, pl.DataFrame],
    date: dt.date,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the SHA-256 of tables, a date and settings, as 64 hexadecimal digits.

    Rows are taken in the order of their key and columns in that of the schema; tables without
    rows and columns without values do not count, so that a later version of the schema with
    more of them finds the same digest.
    """
    digest = hashlib.sha256()

    def feed(item: object) -> None:
        line = json.dumps(item, ensure_ascii=False, separators=(",", ":"), default=str)
        digest.update(line.encode("utf-8") + b"\n")

    feed([date.isoformat(), sorted(settings.items())])
    for name in sorted(tables):
        frame = tables[name]
        table = schema.table(name)
        columns = [c for c in table.columns if c in frame.columns and frame[c].count()]
        if not columns:
            continue
        key = [column for column in table.key if column in columns]
        rest = [column for column in columns if column not in key]
        feed([name, *columns])
        for row in frame.select(columns).sort(key + rest, nulls_last=False).iter_rows():
            feed([value + 0.0 if isinstance(value, float) else value for value in row])
    return digest.hexdigest()


def read(path: str | os.PathLike[str]) -> Package:
    """Read a scenario package.

    Parameters
    ----------
    path : path
        A folder, or the same folder zipped.

    Returns
    -------
    Package

    Raises
    ------
    UsageError
        If `path` is not there, or is neither a folder nor a zip.
    DataError
        If anything in it is wrong; lists every fault.
    """
    refuse_after_fork()
    recover(Path(path).resolve())
    examined = examine(path)
    if examined.faults or examined.about is None:
        raise DataError(examined.faults)
    return _package(examined)


def _package(examined: Examined) -> Package:
    about = examined.about
    assert about is not None  # an examination without faults has it
    tables: dict[str, pl.DataFrame] = {}
    originals: dict[str, Original] = {}
    for table in schema.tables():
        rows = examined.tables.get(table.name)
        size = len(rows.numbers) if rows else 0
        values: Mapping[str, list[Value]] = rows.values if rows else {}
        tables[table.name] = pl.DataFrame(
            [
                pl.Series(entry.name, values.get(entry.name, [None] * size), dtype=_dtype(entry))
                for entry in table.fields
            ]
        )
        if rows:
            originals[table.name] = Original(examined.files[table.file], tables[table.name])
    return Package(
        name=about.name,
        title=about.title,
        description=about.description,
        version=about.version,
        date=about.date,
        region=about.region,
        tables=MappingProxyType(tables),
        descriptor=about.raw,
        documents={
            name: data
            for name, data in examined.files.items()
            if name != DESCRIPTOR and not is_table(name)
        },
        originals=originals,
        descriptor_bytes=examined.files[DESCRIPTOR],
    )


def csv_bytes(table: TableSchema, rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows of text, in the columns of the schema, as a CSV file in the canonical form."""
    lines = [table.columns, *rows]
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines).encode("utf-8")


def _quoted(text: str) -> str:
    if any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _text(value: Value) -> str:
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def _render(table: TableSchema, frame: pl.DataFrame, original: Original | None) -> bytes:
    """Return the file of a table: its old bytes if nothing in it has changed."""
    if original is not None and frame.equals(original.frame):
        return original.data
    typed = _as_typed(table, original)
    numeric = [n for n, entry in enumerate(table.fields) if entry.type in ("number", "integer")]
    key = [table.columns.index(column) for column in table.key]
    rows: list[list[str]] = []
    for row in frame.select(table.columns).iter_rows():
        cells = [_text(value) for value in row]
        before = typed.get(tuple(row[n] for n in key), {})
        for n in numeric:
            text, value = before.get(table.columns[n], ("", None))
            if value is not None and value == row[n]:
                cells[n] = text
        rows.append(cells)
    return csv_bytes(table, rows)


def _as_typed(
    table: TableSchema, original: Original | None
) -> dict[tuple[Value, ...], dict[str, tuple[str, Value]]]:
    """Return text and value of every number of the original file, by the key of its row."""
    if original is None:
        return {}
    parsed = table_reading.parse(table, original.data, Findings())
    if parsed is None:
        return {}
    typed: dict[tuple[Value, ...], dict[str, tuple[str, Value]]] = {}
    keys = original.frame.select(table.key).rows()
    for entry in table.fields:
        if entry.type in ("number", "integer") and entry.name in parsed.columns:
            cells = parsed.columns[entry.name]
            values, _ = parse_column(entry, cells)
            for identity, text, value in zip(keys, cells, values, strict=True):
                typed.setdefault(identity, {})[entry.name] = (text, value)
    return typed


def write(package: Package, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a package: a zip if `path` ends in ``.zip``, else a folder; all of it or nothing.

    A folder that is overwritten keeps the files that are no part of a package.

    Parameters
    ----------
    package : Package
        What to write; it is checked first.
    path : path
        Where; the folder above must be there.
    overwrite : bool
        Whether a package that is already there may be replaced.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    UsageError
        If something is there that may not be replaced, or the place cannot be written to.
    DataError
        If the package breaks a rule of the schema; lists every fault.
    """
    return write_files(package.files(), path, overwrite=overwrite)


def write_files(
    files: Mapping[str, bytes], path: str | os.PathLike[str], *, overwrite: bool = False
) -> Path:
    """Write the files of a package, as `write` does."""
    target = Path(path).resolve()
    zipped = target.suffix.casefold() == ".zip"
    recover(target)
    _refuse_place(target, zipped=zipped, overwrite=overwrite)
    part = target.parent / f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}.part"
    _in_hand.add(part.stem)
    try:
        if zipped:
            _write_zip(files, part)
            part.replace(target)
        else:
            part.mkdir()
            for name, data in files.items():
                (part / name).write_bytes(data)
            _put_folder(part, target)
    except OSError as error:
        raise UsageError(f"'{target}' cannot be written: {error.strerror or error}.") from error
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
        _in_hand.discard(part.stem)
    return target


def recover(target: Path) -> None:
    """Finish or undo what a process left that was ended while it overwrote a package.

    A folder is overwritten in three steps: the old one is renamed, the new one takes its place,
    files that are no part of a package are brought over. Whatever the step at which it ended,
    a whole package is at `target` afterwards, with every file that its user had put there.
    """
    try:
        leftovers = sorted(target.parent.glob(f".{glob.escape(target.name)}.*.*.*"))
    except OSError:
        return
    for leftover in leftovers:
        match = LEFTOVER.fullmatch(leftover.name.removeprefix(f".{target.name}"))
        process = int(match["process"]) if match else 0
        own = process == os.getpid()
        if match is None or (leftover.stem in _in_hand if own else _alive(process)):
            continue
        try:
            if match["kind"] == "old" and leftover.is_dir():
                if not target.exists():
                    leftover.rename(target)
                    continue
                _bring_over(leftover, target)
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()
        except OSError:
            continue  # it is tried again the next time


LEFTOVER = re.compile(r"\.(?P<process>\d+)\.[0-9a-f]{8}\.(?P<kind>part|old)")
"""What follows the name of a package in the names of its unfinished and its former folder."""


_in_hand: set[str] = set()
"""What this process is writing: the names of its unfinished folders and zips, without endings."""


def _alive(process: int) -> bool:
    if sys.platform == "win32":  # there os.kill ends a process
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _bring_over(old: Path, target: Path) -> None:
    """Move files that are no part of a package from the former folder into the new one."""
    tables = {table.file for table in schema.tables()}
    for entry in old.iterdir():
        if entry.name not in tables and not (target / entry.name).exists():
            entry.rename(target / entry.name)


def _refuse_place(target: Path, *, zipped: bool, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise UsageError(f"the folder '{target.parent}' is not there. Make it first.")
    if not target.exists() or (not zipped and target.is_dir() and not any(target.iterdir())):
        return
    if not overwrite:
        raise UsageError(
            f"'{target}' is already there. Choose another place, or ask for overwriting."
        )
    if zipped and not target.is_file():
        raise UsageError(f"'{target}' is not a file, so no zip is written over it.")
    if not zipped and not (target / DESCRIPTOR).is_file():
        raise UsageError(f"'{target}' is not a scenario package, so it is not overwritten.")


def _write_zip(files: Mapping[str, bytes], place: Path) -> None:
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in _ordered(files):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix on every system, so that the bytes are the same
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])


def _ordered(files: Iterable[str]) -> Iterator[str]:
    yield from sorted(files, key=lambda name: (name != DESCRIPTOR, name))


def _fill_folder(part: Path, target: Path) -> None:
    """Move finished files into an empty folder, which stays the same: somebody may be in it."""
    moved: list[Path] = []
    try:
        for name in _ordered(entry.name for entry in part.iterdir()):
            moved.append((part / name).rename(target / name))
    except OSError:
        for entry in moved:
            entry.unlink(missing_ok=True)
        raise


def _put_folder(part: Path, target: Path) -> None:
    """Put the finished folder in the place of the old one, and bring over what is foreign."""
    if not target.exists():
        part.rename(target)
        return
    if not any(target.iterdir()):
        _fill_folder(part, target)
        return
    old = part.with_suffix(".old")
    target.rename(old)
    try:
        part.rename(target)
    except OSError:
        old.rename(target)
        raise
    _bring_over(old, target)
    shutil.rmtree(old)
