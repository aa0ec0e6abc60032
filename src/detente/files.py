"""Files that are whole or not there: how every result, page and dataset is written."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from detente.errors import ResultError
from detente.words import listed

Writer = Callable[[Path], object]


def write_whole(path: str | os.PathLike[str], write: Writer) -> Path:
    """Let `write` fill a file beside the target that then takes its place.

    Raises
    ------
    ResultError
        If it cannot be written; then nothing is left of it, and what was there stays.
    """
    target = Path(path)
    # The name beside it is no longer than a file system takes, however long the target's is.
    stem = target.name.encode()[:200].decode(errors="ignore")
    temporary = target.with_name(f".{stem}.{os.getpid()}.tmp")
    try:
        write(temporary)
        temporary.replace(target)
    except OSError as error:
        raise ResultError(f"{target}: cannot be written ({error.strerror or error})") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return target


def write_as(path: str | os.PathLike[str], writers: Mapping[str, Writer]) -> Path:
    """Write a file with the writer that its suffix asks for.

    Raises
    ------
    ResultError
        If there is no writer for the suffix, or the file cannot be written.
    """
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in writers:
        raise ResultError(f"{target.name}: save as {listed(list(writers), last='or')}")
    return write_whole(target, writers[kind])


def json_text(document: Callable[[], dict[str, Any]]) -> Writer:
    """Return a writer of plain data as JSON, without the numbers that JSON does not know."""

    def write(path: Path) -> None:
        text = json.dumps(document(), indent=1, ensure_ascii=False, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")

    return write
