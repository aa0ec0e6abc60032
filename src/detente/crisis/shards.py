"""A run in a folder: shards written as they finish, so that a killed run loses nothing.

::

    FOLDER/
    ├── run.json            what is run; the same command goes on from what is there
    ├── shards/000000.npz   sums over replicas 0 to 16,383, and so on
    └── result.nc           the result, once all shards are there

A shard gets its name only when it is whole and on the disk. One that cannot be read is run
again. Since the sums are of whole numbers, the result is the same to the last bit however often
a run was interrupted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from detente.crisis import tally as sums
from detente.crisis.ensemble import Ensemble
from detente.crisis.tally import Tally
from detente.errors import ResultError

SHARD = 16_384
"""Replicas a shard."""
FORMAT = "detente-run/1"
Progress = Callable[[int, int], None]


def run(
    ensemble: Ensemble,
    replicas: int,
    folder: str | os.PathLike[str],
    settings: dict[str, Any],
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Tally:
    """Run replicas shard by shard, keeping each, and return the sums.

    Parameters
    ----------
    ensemble : Ensemble
        The model and where it begins.
    replicas : int
        How many in all.
    folder : path
        Made if it is not there; may hold the same run, unfinished or not.
    settings : dict
        What makes it this run, as plain data.
    threads, progress
        As in `simulate`.

    Raises
    ------
    ResultError
        If the folder holds another run or cannot be written; what was written stays.
    """
    place = Path(folder)
    _claim(place, {"format": FORMAT, "shard": SHARD, **settings})
    total = ensemble.empty()
    for number, first in enumerate(range(0, replicas, SHARD)):
        last = min(first + SHARD, replicas)
        path = place / "shards" / f"{number:06d}.npz"
        tally = _read(path, ensemble, last - first)
        if tally is None:
            # A default argument, since the loop's variable has moved on when it is called.
            def step(done: int, _: int, before: int = first) -> None:
                if progress is not None:
                    progress(before + done, replicas)

            tally = ensemble.run(first, last, threads=threads, progress=step)
            _write(path, tally)
        sums.add(total, tally)
        if progress is not None:
            progress(last, replicas)
    return total


def _claim(place: Path, settings: dict[str, Any]) -> None:
    """Make the folder, or see that it holds the same run."""
    record = place / "run.json"
    # Through JSON and back, so that what is compared is what is written.
    mine = json.loads(json.dumps(settings))
    try:
        (place / "shards").mkdir(parents=True, exist_ok=True)
        if record.exists():
            try:
                theirs = json.loads(record.read_text(encoding="utf-8"))
            except ValueError:
                raise ResultError(f"{record}: cannot be read; is it a folder of a run?") from None
            if theirs != mine:
                different = [k for k in mine if theirs.get(k) != mine[k]] or ["format"]
                raise ResultError(
                    f"{place} holds another run: {', '.join(different)} differ. Name another "
                    "folder, or run the command that made it."
                )
            return
        text = json.dumps(mine, indent=1, ensure_ascii=False) + "\n"
        _put(record, text.encode())
    except OSError as error:
        raise _unwritable(place, error) from error


def _read(path: Path, ensemble: Ensemble, replicas: int) -> Tally | None:
    """Return the sums of a shard, or None if it is not there or not whole."""
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as stored:
            tally = Tally(**{name: stored[name] for name in Tally._fields})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.error):
        return None
    model = ensemble.empty()
    shapes = [[(a.shape, a.dtype) for a in map(np.asarray, one)] for one in (tally, model)]
    fits = shapes[0] == shapes[1]
    return tally if fits and int(tally.replicas[0]) == replicas else None


def _write(path: Path, tally: Tally) -> None:
    import io

    packed = io.BytesIO()
    np.savez_compressed(packed, **tally._asdict())
    try:
        _put(path, packed.getvalue())
    except OSError as error:
        raise _unwritable(path.parent.parent, error) from error


def _put(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, also after a power cut."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(place: Path, error: OSError) -> ResultError:
    return ResultError(
        f"{place}: cannot be written ({error.strerror or error}). What was finished is kept: make "
        "room and run the same command again."
    )
