"""The user's data folder: what was added, with its checksum, version and citation.

The folder is ``DETENTE_DATA``, else the platform's place for a user's data. A file that is
added is kept byte by byte under ``files/``, its table beside it as Parquet under ``tables/``,
and ``index.json`` says what is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import polars as pl

from detente.errors import DataError, Fault, MissingData, UnknownName, UsageError
from detente.evidence.datasets import derived, file_opening, folder_lock, recognition, registry
from detente.forked import refuse_after_fork

INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in the data folder.

    Attributes
    ----------
    layout, table, source : str
        What it was recognised as; see `detente.evidence.datasets.registry`.
    version : str
        Release, as far as the file tells.
    file : str
        Name of the kept copy.
    sha256 : str
        Checksum of the file as it was added.
    rows : int
        Rows of the file.
    first_year, last_year : int or None
        What it covers.
    """

    layout: str
    table: str
    source: str
    version: str
    file: str
    sha256: str
    rows: int
    first_year: int | None
    last_year: int | None

    @property
    def release(self) -> str:
        """Its version and rows, in words."""
        if self.version.endswith("rows"):  # the version is not told otherwise
            return self.version
        return f"version {self.version}, {self.rows:,} rows"

    @property
    def covers(self) -> str:
        """The years it covers, in words."""
        if self.first_year is None:
            return "no years"
        return f"{self.first_year}-{self.last_year}"


DOCUMENTS = (".md", ".rst", ".pdf")
"""Endings of texts that lie beside data sets."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of one file that was offered: kept, refused, or passed over.

    Attributes
    ----------
    path : Path
        The file.
    entry : Entry or None
        What it is kept as.
    error : DataError or None
        Why it was not kept.
    passed_over : bool
        It is no data set, and lay in a folder or a zip file, or is a text about data.
    replaced : Entry or None
        Another file of the same release and years whose place it takes.
    """

    path: Path
    entry: Entry | None
    error: DataError | None
    passed_over: bool = False
    replaced: Entry | None = None

    @property
    def no_data_set(self) -> bool:
        """It was named by the user, and is not a data set at all."""
        kinds = (recognition.NotATable, recognition.Unrecognised)
        return not self.passed_over and isinstance(self.error, kinds)


def folder() -> Path:
    """Return the user's data folder; it need not exist."""
    chosen = os.environ.get("DETENTE_DATA")
    if chosen:
        return Path(chosen).expanduser()
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "detente"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(home / "AppData" / "Local"))) / "detente"
    return Path(os.environ.get("XDG_DATA_HOME", str(home / ".local" / "share"))) / "detente"


class BrokenIndex(UsageError):
    """The index of the data folder cannot be read."""


def entries() -> list[Entry]:
    """Return what the data folder holds, the preferred file of each table first.

    Of the files of one source the one that reaches furthest is preferred, then the later
    version, then the layout that comes first.

    Raises
    ------
    BrokenIndex
        If the index cannot be read: `add` makes it anew.
    """
    index = folder() / INDEX
    if not index.exists():
        return []
    try:
        listed = [Entry(**item) for item in json.loads(index.read_text(encoding="utf-8"))]
    except (ValueError, TypeError) as error:
        raise BrokenIndex(
            f"{index} cannot be read ({error}); it is made anew by: "
            f"detente data add {shlex.quote(str(folder() / 'files'))}"
        ) from None
    layouts = registry.layouts()
    order = {name: place for place, name in enumerate(layouts)}
    source = {
        (layout.table, layout.source): order[name] for name, layout in reversed(layouts.items())
    }  # the place of its first layout

    def preference(entry: Entry) -> tuple[object, ...]:
        release = "" if entry.version.startswith("release of") else entry.version.split(",")[0]
        return (
            source.get((entry.table, entry.source), order[entry.layout]),
            -(entry.last_year or 0),
            [-int(number) for number in re.findall(r"\d+", recognition.version_text(release))]
            or [0],
            order[entry.layout],
            -entry.rows,
        )

    readable = [entry for entry in listed if entry.layout in order]
    return sorted(readable, key=preference)


def _key(entry: Entry) -> tuple[object, ...]:
    """Return what tells an entry from others: one of the same key takes its place."""
    return entry.layout, entry.version, entry.first_year, entry.last_year


def _rebuilt() -> list[Entry]:
    """Return the entries of all files that are kept, read anew."""
    rebuilt = []
    for file in sorted((folder() / "files").glob("*")):
        try:
            rebuilt.append(_keep(file, recognition.read(file)))
        except DataError:
            continue
    return rebuilt


def add(paths: Iterable[Path]) -> list[Addition]:
    """Read, check and keep files; of a folder, those files in it that are recognised.

    Parameters
    ----------
    paths : iterable of Path
        Files, or folders whose files are offered one by one. A zip file that holds several
        tables is offered like a folder.

    Returns
    -------
    list of Addition
        One a file, in order. A file inside a given folder that holds no table, or that no
        layout knows, is passed over, and so is a text such as ``README.md``, which a pattern
        like ``folder/*`` names as well; any other that cannot be used, or is not there, is
        refused.
    """
    outcomes: list[Addition] = []
    for part in (folder(), folder() / "files", folder() / "tables"):
        folder_lock.sweep(part)
    try:
        entries()
    except BrokenIndex:
        with folder_lock.locked(folder()):
            _write_index(_rebuilt())
    with TemporaryDirectory() as scratch:
        for path in paths:
            if not path.exists():
                fault = Fault(path.name, None, "", "is not there", f"There is no file {path}.")
                outcomes.append(Addition(path, None, recognition.NotATable([fault])))
                continue
            for offer in _offered(path, Path(scratch)):
                outcomes.append(_add_file(offer))
    return outcomes


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """A file that is offered: the name to show, where it is read, whether it lay in something."""

    shown: Path
    file: Path
    inside: bool


def _add_file(offer: OfferedFile) -> Addition:
    file = offer.file
    try:
        reading = recognition.read(file)
    except (recognition.NotATable, recognition.Unrecognised) as error:
        beside = offer.inside or file.suffix.casefold() in DOCUMENTS
        return Addition(offer.shown, None, error, passed_over=beside)
    except recognition.NearMiss as error:
        return Addition(offer.shown, None, error, passed_over=offer.inside)
    except DataError as error:
        return Addition(offer.shown, None, error)
    except OSError as error:
        fault = Fault(file.name, None, "", f"cannot be read ({error.strerror or error})")
        return Addition(offer.shown, None, DataError([fault]))
    # Other processes may add files at the same time: the index is read again under the lock.
    with folder_lock.locked(folder()):
        kept = {_key(entry): entry for entry in entries()}
        entry = _keep(file, reading)
        before = kept.get(_key(entry))
        kept[_key(entry)] = entry
        _write_index(list(kept.values()))
    other = before if before and before.sha256 != entry.sha256 else None
    return Addition(offer.shown, entry, None, replaced=other)


def _offered(path: Path, scratch: Path) -> Iterator[OfferedFile]:
    inside = path.is_dir()
    for file in sorted(i for i in path.rglob("*") if i.is_file()) if inside else [path]:
        unpacked = _unpacked(file, scratch)
        if unpacked is None:
            yield OfferedFile(file, file, inside)
        else:
            yield from (OfferedFile(file / name, item, inside=True) for name, item in unpacked)


def _unpacked(file: Path, scratch: Path) -> list[tuple[str, Path]] | None:
    """Unpack a zip file that holds several tables; None for any other file."""
    try:
        tables = file_opening.members(file, file.name) if file_opening.is_archive(file) else []
    except (DataError, OSError):  # a damaged one is refused when it is read
        return None
    if len(tables) < 2:
        return None
    unpacked = []
    bases = Counter(member.base for member in tables)
    for member in tables:
        # Each in a folder of its own: two tables of a zip may have one name in other folders.
        place = Path(mkdtemp(dir=scratch)) / member.base
        place.write_bytes(member.content)
        unpacked.append((member.base if bases[member.base] == 1 else member.name, place))
    return unpacked


def _keep(path: Path, reading: recognition.Reading) -> Entry:
    with path.open("rb") as stream:
        checksum = hashlib.file_digest(stream, "sha256").hexdigest()
    name = folder_lock.kept_name(checksum, path.name)
    target = folder() / "files" / name
    if not target.exists():
        folder_lock.write_whole(target, lambda partial: shutil.copyfile(path, partial))
    _write_table(reading.frame, folder() / "tables" / f"{checksum[:12]}.parquet")
    return Entry(
        layout=reading.layout.name,
        table=reading.layout.table,
        source=reading.layout.source,
        version=reading.version,
        file=name,
        sha256=checksum,
        rows=reading.rows,
        first_year=reading.first_year,
        last_year=reading.last_year,
    )


def _write_table(frame: pl.DataFrame, place: Path) -> None:
    folder_lock.write_whole(place, frame.write_parquet)


def _write_index(kept: list[Entry]) -> None:
    text = json.dumps([asdict(entry) for entry in kept], indent=1) + "\n"
    folder_lock.write_whole(
        folder() / INDEX, lambda partial: partial.write_text(text, encoding="utf-8")
    )


def find(table: str, *, source: str = "", version: str = "") -> Entry | None:
    """Return the entry that serves a table, or None: the preferred one unless one is asked for.

    Where no file holds the table it is the entry of one that it can be made from.
    """
    if table not in registry.tables():
        raise UnknownName("table", table, registry.tables())
    derivation = derived.TABLES.get(table)
    for name in (table, *(derivation.parents if derivation else ())):
        for entry in entries():
            if (
                entry.table == name
                and source in ("", entry.source)
                and version in ("", entry.version)
            ):
                return entry
    return None


def table(name: str, *, source: str = "", version: str = "") -> pl.DataFrame:
    """Return a table of the data folder.

    Parameters
    ----------
    name : str
        Name of the table, as in ``detente data list``.
    source, version : str
        Take the file of this source or release, if there are several.

    Raises
    ------
    MissingData
        If no file that serves the table was added; says who publishes it, and where.
    """
    refuse_after_fork()
    entry = find(name, source=source, version=version)
    if entry is None:
        serving = [
            layout
            for layout in registry.layouts().values()
            if layout.table == name and source in ("", layout.source)
        ]
        makers = registry.sources()
        homes = sorted({f"{makers[x.source].title}: {makers[x.source].home}" for x in serving})
        beside = sorted({e.table for e in entries() if e.source in {x.source for x in serving}})
        raise MissingData(
            f"the data folder {folder()} has no table '{name}'"
            + (f" of version {version}" if version else "")
            + f" ({registry.tables()[name].meaning})"
            + ". It comes from "
            + "; ".join(homes)
            + (
                f". What is there of the same makers ({', '.join(beside)}) does not hold it"
                if beside
                else ""
            )
            + ". Add the file with: detente data add FILE"
        )
    if entry.table != name:

        def parent(which: str) -> pl.DataFrame | None:
            held = entry if which == entry.table else find(which)
            return None if held is None else _read(held)

        return derived.TABLES[name].make(parent)
    return _read(entry)


def _read(entry: Entry) -> pl.DataFrame:
    """Return the declared columns of a kept table; those of the user's own are not for models."""
    place = folder() / "tables" / f"{entry.sha256[:12]}.parquet"
    declared = list(registry.tables()[entry.table].columns)
    try:
        if not {*declared} <= {*pl.read_parquet_schema(place)}:
            # It was kept before some column was declared: it is made anew from the kept file.
            _write_table(recognition.read(folder() / "files" / entry.file).frame, place)
        return pl.read_parquet(place, columns=declared)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(
            f"{place}, the table of {entry.file}, is damaged ({reason}); it is made anew by: "
            f"detente data add {shlex.quote(str(folder() / 'files' / entry.file))}"
        ) from None


def wanted() -> list[registry.Source]:
    """Return the sources that panel and history need and that the folder lacks."""
    held = {entry.source for entry in entries()}
    return [item for item in registry.sources().values() if item.wanted and item.name not in held]


def cite() -> str:
    """Return the BibTeX entries of everything in the data folder."""
    references = registry.references()
    keys: dict[str, None] = {}
    for entry in entries():
        for key in registry.sources()[entry.source].cite:
            keys.setdefault(key)
    return "\n".join(references[key] for key in sorted(keys)) + ("\n" if keys else "")
