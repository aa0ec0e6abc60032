"""The files of a scenario package: from a folder, or from the same folder zipped.

A zip may come from anywhere, so nothing of it is unpacked before its list of contents has
been looked at: names that reach outside, links, encryption, sizes. Nothing is ever written
to disk here.
"""

from __future__ import annotations

import math
import stat
import zipfile
from pathlib import Path

from detente import unpacking
from detente.architecture.package.fault_list import Findings, show
from detente.errors import UnknownName, UsageError
from detente.unpacking import MAX_ENTRIES, RATIO_FROM, is_part

MEGABYTE = 1_000_000
MAX_FILE = 200 * MEGABYTE
"""Largest file of a package, unpacked, in bytes."""
MAX_TOTAL = 400 * MEGABYTE
"""Largest package, unpacked, in bytes."""
MAX_DOCUMENT = 10 * MEGABYTE
"""Largest file beside the tables that belongs to the package, in bytes."""
DESCRIPTOR = "datapackage.json"


def is_table(name: str) -> bool:
    """Tell whether a file of this name is, or tries to be, a table."""
    return name.casefold().endswith(".csv")


def read(path: Path, findings: Findings) -> dict[str, bytes] | None:
    """Return the files at the top of the package under their names, tables in order of name.

    Subfolders, hidden files and files over `MAX_DOCUMENT` beside the tables are left alone.

    Returns
    -------
    dict or None
        None if the package as a whole cannot be read; `findings` then says why.

    Raises
    ------
    UnknownName
        If there is nothing at `path`.
    UsageError
        If `path` is neither a folder nor a zip.
    """
    try:
        kind = "folder" if path.is_dir() else "file" if path.is_file() else ""
    except (OSError, ValueError) as error:  # a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"'{_shortened(str(path))}' cannot be looked at: {reason}.") from None
    if kind == "folder":
        return _folder(path, findings)
    if kind == "file":
        if path.suffix.casefold() == ".zip" or zipfile.is_zipfile(path):
            return _zip(path, findings)
        raise UsageError(
            f"'{path}' is neither a folder nor a zip file. "
            f"Give the folder in which {DESCRIPTOR} lies."
        )
    raise UnknownName("scenario package", _shortened(str(path)), _neighbours(path))


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text):,} characters)"


def _neighbours(path: Path) -> list[str]:
    try:
        return [
            str(path.parent / entry.name)
            for entry in path.parent.iterdir()
            if is_part(entry.name) and (entry.is_dir() or entry.suffix == ".zip")
        ]
    except OSError:
        return []


def _too_large(name: str, size: int, findings: Findings) -> bool:
    if size <= MAX_FILE:
        return False
    findings.add(
        name,
        None,
        "",
        f"the file has {math.ceil(size / MEGABYTE):,} MB, more than the {MAX_FILE // MEGABYTE} MB "
        "that a table may have.",
        "Split the scenario, or look for a cell that has swallowed a whole file.",
    )
    return True


def _wanted(name: str, size: int) -> bool:
    return is_table(name) or name == DESCRIPTOR or size <= MAX_DOCUMENT


def _folder(root: Path, findings: Findings) -> dict[str, bytes] | None:
    contents: dict[str, bytes] = {}
    total = 0
    try:
        entries = sorted(root.iterdir())
    except OSError as error:
        findings.add(root.resolve().name, None, "", f"the folder cannot be read: {error.strerror}.")
        return None
    if len(entries) > MAX_ENTRIES:
        problem = f"the folder has {len(entries):,} entries, more than {MAX_ENTRIES:,}."
        findings.add(
            root.resolve().name, None, "", problem, "Give the package a folder of its own."
        )
        return None
    for entry in entries:
        if not is_part(entry.name) or entry.is_dir():
            if is_table(entry.name) and is_part(entry.name):
                findings.add(entry.name, None, "", "is a folder, not a CSV file.", "Rename it.")
            continue
        try:
            if not entry.resolve().is_relative_to(root.resolve()):
                findings.add(
                    entry.name,
                    None,
                    "",
                    "is a link to a file outside of the package.",
                    "Put a copy of the file in its place.",
                )
                continue
            # A pipe or device would block or never end; only a plain file is opened.
            about = entry.stat()
            if not stat.S_ISREG(about.st_mode):
                findings.add(entry.name, None, "", "is not a plain file.", "Remove it.")
                continue
            if not _wanted(entry.name, about.st_size):
                continue
            total += about.st_size
            if _too_large(entry.name, about.st_size, findings):
                continue
            if total > MAX_TOTAL:
                findings.add(entry.name, None, "", _total_words(total), "Split the scenario.")
                return None
            with entry.open("rb") as stream:
                contents[entry.name] = stream.read(MAX_FILE)
        except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
            words = getattr(error, "strerror", None) or str(error)
            findings.add(entry.name, None, "", f"the file cannot be read: {words}.")
    if DESCRIPTOR not in contents:
        inner = [e for e in entries if is_part(e.name) and (e / DESCRIPTOR).is_file()]
        if len(inner) == 1 and not any(map(is_table, contents)):
            findings.add(
                DESCRIPTOR,
                None,
                "",
                "is missing here.",
                f"The folder '{inner[0].name}' inside has one: give that folder.",
            )
            return None
    return contents


def _total_words(total: int) -> str:
    return (
        f"the package has {math.ceil(total / MEGABYTE):,} MB unpacked, more than the "
        f"{MAX_TOTAL // MEGABYTE} MB that it may have."
    )


def _zip(path: Path, findings: Findings) -> dict[str, bytes] | None:
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        findings.add(path.name, None, "", f"the file cannot be read: {error.strerror or error}.")
    # Besides BadZipFile, a damaged list of contents raises ValueError, struct.error and others.
    except Exception as error:
        findings.add(
            path.name,
            None,
            "",
            f"the zip file is damaged or not a zip file ({error}).",
            "Fetch or make it again.",
        )
    else:
        with archive:
            return _entries(path.name, archive, findings)
    return None


def _entries(
    archive_name: str, archive: zipfile.ZipFile, findings: Findings
) -> dict[str, bytes] | None:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        findings.add(
            archive_name,
            None,
            "",
            f"the zip has {len(infos):,} entries, more than {MAX_ENTRIES:,}.",
            "Zip only the folder of the package.",
        )
        return None
    sound = True
    for info in infos:
        wrong = unpacking.unsafe(info, ratio_from=RATIO_FROM)
        if wrong is not None:
            findings.add(f"{archive_name}: {show(info.orig_filename)[1:-1]}", None, "", *wrong)
            sound = False
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL:
        findings.add(archive_name, None, "", _total_words(total), "Split the scenario.")
        sound = False
    named: dict[str, zipfile.ZipInfo] = {}
    files = [
        ("/".join(parts), info)
        for info in infos
        if not info.is_dir() and (parts := unpacking.entry_parts(info.filename))
        if all(map(is_part, parts))
    ]
    top = _top_folder([path for path, _ in files])
    for path, info in files:
        name = path[len(top) :]
        if "/" in name:
            continue
        if name in named:
            findings.add(name, None, "", "is in the zip twice.", "Keep one of the two.")
            sound = False
        sound = not _too_large(name, info.file_size, findings) and sound
        named[name] = info
    if not sound:
        return None
    contents: dict[str, bytes] = {}
    for name, info in sorted(named.items()):
        if _wanted(name, info.file_size):
            data = _unpack(name, archive, info, findings)
            if data is not None:
                contents[name] = data
    return contents


def _unpack(
    name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, findings: Findings
) -> bytes | None:
    try:
        return unpacking.read_entry(
            archive, info, unpacking.Budget(max(MAX_TOTAL, info.file_size)), checked=True
        )
    except unpacking.Refused as error:
        findings.add(name, None, "", f"cannot be unpacked: {error.problem}.", error.remedy)
        return None


def _top_folder(names: list[str]) -> str:
    """Return the one folder in which everything lies, with its slash; empty if there is none."""
    if not names:
        return ""
    first = names[0].partition("/")[0] + "/"
    return first if all(name.startswith(first) for name in names) else ""
