"""What comes out of a compressed file, within bounds: for packages, data sets and results alike.

A zip or a gzip file may come from anywhere. Before anything of it is unpacked its list of
contents is looked at: names that reach outside, links, encryption, unknown methods, sizes. While
it is unpacked it is counted, since a list of contents may lie. Nothing is written to disk here.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

GIGABYTE = 1_000_000_000
LIMIT = 2 * GIGABYTE
"""Bytes that may come out of one file, unless the variable `VARIABLE` says otherwise."""
VARIABLE = "DETENTE_UNPACKED_GB"
"""Environment variable: gigabytes that may come out of one file."""
MAX_RATIO = 200
"""Highest ratio of unpacked to packed size; tables of text stay far below it."""
RATIO_FROM = 10_000_000
"""Unpacked size from which the ratio matters, in bytes."""
MAX_ENTRIES = 10_000
"""Highest number of entries of a zip."""
MAX_DEPTH = 3
"""Zip files within one another that are opened."""
PIECE = 1 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
BOMB = "It looks like a bomb of zeros; do not trust where it came from."


class Refused(Exception):
    """A compressed file that is not unpacked: what is wrong, and what would be right."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


@dataclass
class Budget:
    """Bytes that may still come out of a file, over all that is packed within it.

    Attributes
    ----------
    limit : int
        Bytes at the beginning.
    spent : int
        Bytes that came out.
    """

    limit: int = field(default_factory=lambda: limit())
    spent: int = 0

    def spend(self, count: int) -> None:
        """Count bytes that came out.

        Raises
        ------
        Refused
            If it is more than may come out.
        """
        self.spent += count
        if self.spent > self.limit:
            raise Refused(
                f"unpacks to more than {self.limit / GIGABYTE:.3g} GB",
                f"Unpack it and take the part that is wanted, or set {VARIABLE} to more.",
            )


def limit() -> int:
    """Return the bytes that may come out of one file."""
    text = os.environ.get(VARIABLE, "")
    try:
        gigabytes = float(text) if text else LIMIT / GIGABYTE
        return int(gigabytes * GIGABYTE) if gigabytes > 0 else LIMIT
    except (ValueError, OverflowError):
        return LIMIT


def gunzip(path: Path, budget: Budget) -> bytes:
    """Return what is in a gzip file.

    Raises
    ------
    Refused
        If it is damaged, cut off, or more comes out than may.
    """
    packed = path.stat().st_size
    pieces: list[bytes] = []
    total = 0
    try:
        with path.open("rb") as stream:
            for piece in _inflated(stream):
                budget.spend(len(piece))
                total += len(piece)
                _check_ratio(total, packed)
                pieces.append(piece)
    except (EOFError, zlib.error) as error:
        raise _damaged(error) from None
    return b"".join(pieces)


def _inflated(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the content of a gzip stream, of all its members, in pieces."""
    engine = zlib.decompressobj(wbits=31)
    begun = False
    pending = b""
    while True:
        if not pending:
            pending = stream.read(PIECE)
            if not pending:
                break
        if engine.eof:
            pending = pending.lstrip(b"\x00")  # padding between members is allowed
            if not pending:
                continue
            engine = zlib.decompressobj(wbits=31)
        begun = True
        piece = engine.decompress(pending, PIECE)
        pending = engine.unused_data if engine.eof else engine.unconsumed_tail
        if piece:
            yield piece
    if begun and not engine.eof:
        tail = engine.flush()
        if tail:
            yield tail
        if not engine.eof:
            raise EOFError("it ends before its content does")


def _check_ratio(total: int, packed: int) -> None:
    if total > RATIO_FROM and total > MAX_RATIO * max(packed, 1):
        raise Refused(
            f"unpacks from {packed:,} to more than {total:,} bytes, far more than text does", BOMB
        )


def _damaged(error: Exception) -> Refused:
    return Refused(
        f"the compressed file is damaged or cut off ({error or type(error).__name__})",
        "The file is not whole; fetch it again.",
    )


def unsafe(info: zipfile.ZipInfo, *, ratio_from: int = RATIO_FROM) -> tuple[str, str] | None:
    """Say what is wrong with an entry of a zip, before it is unpacked; None if nothing.

    Parameters
    ----------
    info : zipfile.ZipInfo
        The entry, as the list of contents has it.
    ratio_from : int
        Unpacked bytes from which the ratio to the packed ones matters.
    """
    name = info.orig_filename
    parts = re.split(r"[/\\]", name)
    if "\0" in name or ".." in parts:
        return "the name of the entry reaches outside of the package.", "Zip the folder again."
    if parts[0] == "" or re.match(r"[A-Za-z]:", name):
        return (
            "the name of the entry is absolute.",
            "Zip the folder itself, with names relative to it.",
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        return "the entry is a link.", "Put the file itself into the zip."
    if info.flag_bits & 0x1:
        return "the entry is encrypted.", "Zip the folder again without a password."
    if info.compress_type not in METHODS:
        return (
            f"the entry is packed by a method that is not known (number {info.compress_type}).",
            "Zip the folder again in the usual way.",
        )
    if info.file_size > ratio_from and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return (
            f"the entry unpacks from {info.compress_size:,} to {info.file_size:,} bytes, "
            "far more than text does.",
            "It looks like a zip bomb; do not trust where it came from.",
        )
    return None


def is_part(name: str) -> bool:
    """Tell whether a file of this name can belong to what was packed; leftovers cannot."""
    return not name.startswith((".", "~$", "__MACOSX"))


def entry_parts(name: str) -> list[str]:
    """Return the folders and the name of a zip entry, without what stands for the folder itself."""
    return [part for part in re.split(r"[/\\]", name) if part not in ("", ".")]


def read_entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, *, checked: bool = False
) -> bytes:
    """Return one entry of a zip; `checked` says that `unsafe` was asked before.

    Raises
    ------
    Refused
        If it is not safe, damaged, or more comes out than may.
    """
    wrong = None if checked else unsafe(info)
    if wrong:
        raise Refused(f"{_shown(info.orig_filename)}: {wrong[0]}", wrong[1])
    budget.spend(info.file_size)
    try:
        with archive.open(info) as stream:
            content = stream.read(info.file_size + 1)
    # zipfile, zlib, lzma and bz2 each have their own errors for a damaged entry.
    except Exception as error:
        raise _damaged(error) from None
    if len(content) > info.file_size:
        raise _damaged(ValueError("an entry is longer than the list of contents says"))
    return content


def _shown(name: str) -> str:
    return repr(name[:60])[1:-1]


@dataclass(frozen=True, slots=True)
class Member:
    """One file within a zip.

    Attributes
    ----------
    name : str
        Where it lies in the zip, with the zips around it.
    content : bytes
        What is in it.
    """

    name: str
    content: bytes

    @property
    def base(self) -> str:
        """Its name without folders."""
        return self.name.rsplit("/", 1)[-1]


def members(
    source: Path | bytes, endings: tuple[str, ...], budget: Budget, *, depth: int = 1
) -> list[Member]:
    """Return the files in a zip, and in zips within it, whose names have one of some endings.

    Raises
    ------
    Refused
        If the zip is damaged, nested too deeply, has too many entries, an unsafe one, or more
        comes out than may.
    """
    if depth > MAX_DEPTH:
        raise Refused(
            f"has zip files within one another, deeper than {MAX_DEPTH}",
            "Unpack it and give the table that is wanted.",
        )
    unpacked: list[Member] = []
    try:
        archive = zipfile.ZipFile(BytesIO(source) if isinstance(source, bytes) else source)
    # Besides BadZipFile, a damaged list of contents raises ValueError, struct.error and others.
    except Exception as error:
        raise _damaged(error) from None
    with archive:
        infos = archive.infolist()
        if len(infos) > MAX_ENTRIES:
            raise Refused(
                f"the zip has {len(infos):,} entries, more than {MAX_ENTRIES:,}",
                "Unpack it and give the table that is wanted.",
            )
        for info in infos:
            parts = entry_parts(info.filename)
            if info.is_dir() or not parts or not all(map(is_part, parts)):
                continue
            name, ending = "/".join(parts), Path(parts[-1]).suffix.casefold()
            if ending == ".zip":
                inner = members(read_entry(archive, info, budget), endings, budget, depth=depth + 1)
                unpacked += [Member(f"{name}/{item.name}", item.content) for item in inner]
            elif ending in endings:
                unpacked.append(Member(name, read_entry(archive, info, budget)))
    return unpacked
