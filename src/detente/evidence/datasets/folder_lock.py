"""One writer of the data folder at a time, and no leftovers of one that was interrupted."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from detente.errors import UsageError

WAIT = 120.0
"""Seconds to wait for another writer."""
PAUSE = 0.05
LONGEST_NAME = 200
"""Bytes of a file's name that are kept; file systems allow 255."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for writing; the lock ends with the process, whatever ends that.

    Raises
    ------
    UsageError
        If the folder cannot be written to, or another process holds it for two minutes.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / ".lock").open("a+b")
    except OSError as error:
        raise cannot_write(folder, error) from error
    with stream:
        end = time.monotonic() + WAIT
        while not _try_lock(stream):
            if time.monotonic() > end:
                raise UsageError(
                    f"{folder}: another process has been writing to the data folder for "
                    f"{WAIT:.0f} seconds; try again when it has ended"
                )
            time.sleep(PAUSE)
        try:
            yield
        finally:
            _unlock(stream)


def _try_lock(stream: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # Any other error is that of a file system without locks: nothing better is to be had.
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


def _unlock(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        with contextlib.suppress(OSError):
            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.flock(stream.fileno(), fcntl.LOCK_UN)


def write_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file beside the target, which then takes its place; all of it or nothing.

    Raises
    ------
    UsageError
        If the folder cannot be written to, such as for want of space; nothing is left then.
    """
    partial = target.with_name(f".{os.getpid()}.{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        partial.replace(target)
    except OSError as error:
        raise cannot_write(target.parent, error) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def cannot_write(folder: Path, error: OSError) -> UsageError:
    """Return the error that says that the data folder, and not the file, is at fault."""
    reason = error.strerror or str(error)
    remedy = (
        "make room, or set DETENTE_DATA to a folder on another disk"
        if error.errno in (errno.ENOSPC, errno.EDQUOT)
        else "set DETENTE_DATA to a folder that can be written to"
    )
    return UsageError(f"{folder}: the data folder cannot be written to ({reason}); {remedy}")


def sweep(folder: Path) -> None:
    """Remove what interrupted writers left in a folder."""
    for leftover in (*folder.glob("*.part"), *folder.glob(".*.part")):
        number = re.match(r"\.(\d+)\.", leftover.name)
        if number is None or not _alive(int(number[1])):
            with contextlib.suppress(OSError):
                leftover.unlink()


def _alive(process: int) -> bool:
    if process == os.getpid():
        return True
    if sys.platform == "win32":  # there os.kill ends a process: age alone tells
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def kept_name(checksum: str, name: str) -> str:
    """Return the name under which a file is kept: its checksum's beginning, and its own name."""
    own = name.removeprefix(checksum[:12] + "-")
    own = "".join(letter if letter.isprintable() else "_" for letter in own)
    while len(own.encode()) > LONGEST_NAME:
        own = own[1:]
    return f"{checksum[:12]}-{own}"
