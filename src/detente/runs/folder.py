"""The folder of a run: pieces that are whole or not there, and a record of which run it is.

::

    FOLDER/
    ├── run.json            what is run; the same command goes on from what is there
    └── pieces/000000.npz   arrays of a piece

A piece gets its name only when it is whole and on the disk, and carries its address, the digest
of run.json and one of its arrays. One that cannot be read, is damaged, or is of another address
or run, is computed again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import ResultError
from detente.runs.processes import interrupts_held_back

FORMAT = "detente-run/3"
PIECES = "pieces"
MARK = "piece of run"
"""The array in which a piece carries its address, the digest of its run and that of its arrays."""


class RunFolder:
    """A folder that one process holds for one run."""

    def __init__(self, place: Path, digest: str) -> None:
        self.place, self.digest = place, digest

    @classmethod
    @contextlib.contextmanager
    def opened(
        cls, folder: str | os.PathLike[str], settings: Mapping[str, Any]
    ) -> Iterator[RunFolder]:
        """Claim a folder for a run and keep other processes out of it until the block ends.

        Raises
        ------
        ResultError
            If it holds another run or pieces of an unknown one, is in use, or cannot be written.
        """
        place = Path(folder)
        digest = _claim(place, {"format": FORMAT, **settings})
        with _alone(place):
            _sweep(place)
            yield cls(place, digest)

    def path(self, number: int) -> Path:
        """Return where the piece of a number is kept."""
        return self.place / PIECES / f"{number:06d}.npz"

    def read(self, number: int, address: str) -> dict[str, NDArray[Any]] | None:
        """Return the arrays of a piece, or None if it is not there, not whole or not this one."""
        try:
            # Opened here, since NumPy leaves a file open that it finds to be damaged.
            with (
                self.path(number).open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                arrays = {name: stored[name] for name in stored.files}
        except Exception:
            # A damaged file fails in zip, in zlib, in NumPy or in the types, or asks for more
            # memory than there is: the piece is not whole, and to compute it again is right.
            return None
        mark = arrays.pop(MARK, None)
        if mark is None or mark.tolist() != [address, self.digest, _content(arrays)]:
            return None
        return arrays

    def write(self, number: int, address: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep the arrays of a piece.

        Raises
        ------
        ResultError
            If they cannot be written; what was written before stays.
        """
        packed = io.BytesIO()
        content: dict[str, Any] = {
            **arrays,
            MARK: np.array([address, self.digest, _content(arrays)]),
        }
        # An interrupt in the midst of a zip leaves one open that complains when it is collected.
        with interrupts_held_back():
            np.savez_compressed(packed, **content)
            try:
                _put(self.path(number), packed.getvalue())
            except OSError as error:
                raise _unwritable(self.place, error) from error


def _content(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return a digest over names, types, shapes and values."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _claim(place: Path, settings: Mapping[str, Any]) -> str:
    """Make the folder, or see that it holds the same run; return the run's digest."""
    record = place / "run.json"
    # Through JSON and back, so that what is compared is what is written.
    wanted = json.loads(json.dumps(settings))
    plain = json.dumps(wanted, sort_keys=True)
    digest = hashlib.blake2b(plain.encode(), digest_size=16).hexdigest()
    try:
        (place / PIECES).mkdir(parents=True, exist_ok=True)
        if record.exists():
            try:
                present = json.loads(record.read_text(encoding="utf-8"))
            except ValueError:
                raise ResultError(f"{record}: cannot be read; is it a folder of a run?") from None
            if present != wanted:
                raise ResultError(
                    f"{place} holds another run: {_difference(present, wanted)}. Name another "
                    "folder, or run the command that made it."
                )
            return digest
        if any((place / PIECES).glob("*.npz")):
            raise ResultError(
                f"{place} has pieces and no run.json, so that nobody knows which run they are of. "
                "Name another folder, or remove its pieces."
            )
        text = json.dumps(wanted, indent=1, ensure_ascii=False) + "\n"
        _put(record, text.encode())
    except OSError as error:
        raise _unwritable(place, error) from error
    return digest


def _difference(present: Any, wanted: dict[str, Any]) -> str:
    """Say in which settings two runs differ, with both values where they are short."""
    if not isinstance(present, dict):
        return "run.json is no record of a run"
    flat = [_flat(x) for x in (present, wanted)]
    words = []
    for key in dict.fromkeys([*flat[0], *flat[1]]):
        kept, asked = (x.get(key, "nothing") for x in flat)
        if kept != asked:
            both = f"{key} is {kept} there and {asked} here"
            words.append(both if len(both) < 90 else key)
    more = f" and {len(words) - 4} more differences" if len(words) > 4 else ""
    return "; ".join(words[:4]) + more


def _flat(settings: Any, name: str = "") -> dict[str, Any]:
    if not isinstance(settings, dict):
        return {name: settings}
    entries: dict[str, Any] = {}
    for key, value in settings.items():
        # parameters: NAME: value reads better as NAME, rung of AAA-BBB as start AAA-BBB.
        word = {"parameters": "", "scenario": "scenario"}.get(key, key)
        word = "" if key == "value" and name else word
        entries |= _flat(value, " ".join(part for part in (name, word) if part))
    return entries


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Keep a second process out of the folder; the system lets go of the lock after a kill."""
    try:
        import fcntl
    except ImportError:  # not on Windows: there two runs do the same work twice, to the same bits
        yield
        return
    record = place / "run.json"
    with contextlib.ExitStack() as stack:
        try:
            lock = stack.enter_context(record.open("r+b"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Two that began at once may each have written the record; one of them is not there.
            alone = os.fstat(lock.fileno()).st_ino == record.stat().st_ino
        except BlockingIOError:
            alone = False
        except OSError as error:
            raise _unwritable(place, error) from error
        if not alone:
            raise ResultError(
                f"{place}: another process is at work on this run. Wait for it, or end it."
            )
        yield


def _sweep(place: Path) -> None:
    """Remove what a killed run left half-written."""
    for folder in (place, place / PIECES):
        for left in (*folder.glob(".*.tmp"), *folder.glob(".*.old")):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    left.unlink()


def _put(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, also after a power cut."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
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
