"""A run in pieces: shards kept as they finish, so that a killed run loses nothing.

::

    FOLDER/
    ├── run.json            what is run; the same command goes on from what is there
    ├── shards/000000.npz   sums over replicas 0 to 16,383, and so on
    └── result.zarr         the result, once all shards are there

A shard gets its name only when it is whole and on the disk, and carries its first replica and
the digest of run.json. One that cannot be read, or is of another place or run, is run again.
Since the sums are of whole numbers, the result is the same to the last bit however often
a run was interrupted, in whatever order the shards were finished, and wherever.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from detente.crisis.kernel import sums
from detente.crisis.kernel.sums import Tally
from detente.crisis.run.ensemble import Ensemble
from detente.errors import ResultError

SHARD = 16_384
"""Replicas a shard."""
FORMAT = "detente-run/2"
MARK = "first_replica", "run"
"""What a shard carries besides its sums, so that no other one passes for it."""
Progress = Callable[[int, int], None]


class Piece(NamedTuple):
    """Replicas first to last - 1, the shard of that number."""

    number: int
    first: int
    last: int


def run(
    ensemble: Ensemble,
    replicas: int,
    folder: str | os.PathLike[str] | None,
    settings: dict[str, Any],
    *,
    threads: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Tally:
    """Run replicas shard by shard and return the sums.

    Parameters
    ----------
    ensemble : Ensemble
        The model and where it begins.
    replicas : int
        How many in all.
    folder : path or None
        Where each shard is kept. Made if it is not there; may hold the same run, unfinished or
        not.
    settings : dict
        What makes it this run, as plain data.
    threads, cluster, progress
        As in `simulate`.

    Raises
    ------
    ResultError
        If the folder holds another run or shards of an unknown one, is in use, or cannot be
        written; what was written stays.
    """
    pieces = [
        Piece(number, first, min(first + SHARD, replicas))
        for number, first in enumerate(range(0, replicas, SHARD))
    ]
    with contextlib.ExitStack() as held:
        place = None if folder is None else Path(folder)
        mine, digest = {"format": FORMAT, "shard": SHARD, **settings}, ""
        if place is not None:
            digest = _claim(place, mine)
            held.enter_context(_alone(place))
            _sweep(place)
        total, done, missing = ensemble.empty(), 0, []
        for piece in pieces:
            tally = None if place is None else _read(_path(place, piece), ensemble, piece, digest)
            if tally is None:
                missing.append(piece)
            else:
                sums.add(total, tally)
                done += piece.last - piece.first
        if progress is not None and done:
            progress(done, replicas)
        for piece, tally in _work(ensemble, missing, threads, cluster, replicas, done, progress):
            if place is not None:
                _write(_path(place, piece), tally, piece, digest)
            sums.add(total, tally)
            done += piece.last - piece.first
            if progress is not None:
                progress(done, replicas)
    return total


def _work(
    ensemble: Ensemble, pieces: Sequence[Piece], threads: int | None, cluster: str | None,
    replicas: int, before: int, progress: Progress | None,
) -> Iterator[tuple[Piece, Tally]]:  # fmt: skip
    """Run pieces, here or on a cluster, and yield each as it is done."""
    if cluster is not None:
        from detente.crisis.run.cluster import work

        yield from work(ensemble, pieces, cluster)
        return
    for piece in pieces:
        # A default argument, since the variable has moved on when it is called.
        def step(done: int, _: int, before: int = before) -> None:
            if progress is not None:
                progress(before + done, replicas)

        yield piece, ensemble.run(piece.first, piece.last, threads=threads, progress=step)
        before += piece.last - piece.first


def _path(place: Path, piece: Piece) -> Path:
    return place / "shards" / f"{piece.number:06d}.npz"


def _claim(place: Path, settings: dict[str, Any]) -> str:
    """Make the folder, or see that it holds the same run; return the run's digest."""
    record = place / "run.json"
    # Through JSON and back, so that what is compared is what is written.
    mine = json.loads(json.dumps(settings))
    plain = json.dumps(mine, sort_keys=True)
    digest = hashlib.blake2b(plain.encode(), digest_size=16).hexdigest()
    try:
        (place / "shards").mkdir(parents=True, exist_ok=True)
        if record.exists():
            try:
                theirs = json.loads(record.read_text(encoding="utf-8"))
            except ValueError:
                raise ResultError(f"{record}: cannot be read; is it a folder of a run?") from None
            if theirs != mine:
                raise ResultError(
                    f"{place} holds another run: {_difference(theirs, mine)}. Name another "
                    "folder, or run the command that made it."
                )
            return digest
        if any((place / "shards").glob("*.npz")):
            raise ResultError(
                f"{place} has shards and no run.json, so that nobody knows which run they are of. "
                "Name another folder, or remove its shards."
            )
        text = json.dumps(mine, indent=1, ensure_ascii=False) + "\n"
        _put(record, text.encode())
    except OSError as error:
        raise _unwritable(place, error) from error
    return digest


def _difference(theirs: Any, mine: dict[str, Any]) -> str:
    """Say in which settings two runs differ, with both values where they are short."""
    if not isinstance(theirs, dict):
        return "run.json is no record of a run"
    flat = [_flat(x) for x in (theirs, mine)]
    words = []
    for key in dict.fromkeys([*flat[0], *flat[1]]):
        there, here = (x.get(key, "nothing") for x in flat)
        if there != here:
            both = f"{key} is {there} there and {here} here"
            words.append(both if len(both) < 90 else key)
    more = f" and {len(words) - 4} more differences" if len(words) > 4 else ""
    return "; ".join(words[:4]) + more


def _flat(settings: Any, name: str = "") -> dict[str, Any]:
    if not isinstance(settings, dict):
        return {name: settings}
    out: dict[str, Any] = {}
    for key, value in settings.items():
        # parameters: NAME: value reads better as NAME, rung of AAA-BBB as start AAA-BBB.
        word = {"parameters": "", "scenario": "scenario"}.get(key, key)
        word = "" if key == "value" and name else word
        out |= _flat(value, " ".join(part for part in (name, word) if part))
    return out


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Keep a second process out of the folder; the system lets go of the lock after a kill."""
    try:
        import fcntl
    except ImportError:  # not on Windows: there two runs do the same work twice, to the same bits
        yield
        return
    record = place / "run.json"
    with contextlib.ExitStack() as held:
        try:
            lock = held.enter_context(record.open("r+b"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Two that began at once may each have written the record; one of them is not there.
            mine = os.fstat(lock.fileno()).st_ino == record.stat().st_ino
        except BlockingIOError:
            mine = False
        except OSError as error:
            raise _unwritable(place, error) from error
        if not mine:
            raise ResultError(
                f"{place}: another process is at work on this run. Wait for it, or end it."
            )
        yield


def _sweep(place: Path) -> None:
    """Remove what a killed run left half-written."""
    for folder in (place, place / "shards"):
        for left in (*folder.glob(".*.tmp"), *folder.glob(".*.old")):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    left.unlink()


def _read(path: Path, ensemble: Ensemble, piece: Piece, digest: str) -> Tally | None:
    """Return the sums of a shard, or None if it is not there, not whole or not this one."""
    try:
        # Opened here, since NumPy leaves a file open that it finds to be damaged.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            tally = Tally(**{name: stored[name] for name in Tally._fields})
            first, run = (stored[name] for name in MARK)
            if (int(first), str(run)) != (piece.first, digest):
                return None
    except Exception:
        # A damaged file fails in zip, in zlib, in NumPy or in the types, or asks for more memory
        # than there is: the shard is not whole then, and to run it again is always right.
        return None
    return tally if fits(tally, ensemble, piece) else None


def fits(tally: Tally, ensemble: Ensemble, piece: Piece) -> bool:
    """Say whether sums are of that ensemble and as many replicas as the piece has."""
    shapes = [
        [(a.shape, a.dtype) for a in map(np.asarray, one)] for one in (tally, ensemble.empty())
    ]
    return shapes[0] == shapes[1] and int(tally.replicas[0]) == piece.last - piece.first


def _write(path: Path, tally: Tally, piece: Piece, digest: str) -> None:
    import io

    packed = io.BytesIO()
    mark = zip(MARK, (np.int64(piece.first), np.array(digest)), strict=True)
    held: dict[str, Any] = {**tally._asdict(), **dict(mark)}
    np.savez_compressed(packed, **held)
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
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    remedy = "make room" if full else "see to that"
    return ResultError(
        f"{place}: cannot be written ({error.strerror or error}). What was finished is kept: "
        f"{remedy} and run the same command again."
    )
