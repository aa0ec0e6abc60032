"""Files that are whole or not there: how every result, page and dataset is written and opened."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import ResultError

if TYPE_CHECKING:
    import xarray as xr

Writer = Callable[[Path], object]


def write_whole(path: str | os.PathLike[str], write: Writer) -> Path:
    """Let `write` fill a file beside the target that then takes its place.

    Raises
    ------
    ResultError
        If it cannot be written; then nothing is left of it, and what was there stays.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        temporary.replace(target)
    except OSError as error:
        raise ResultError(f"{target}: cannot be written ({error.strerror or error})") from error
    finally:
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
        *others, last = writers
        known = f"{', '.join(others)} or {last}" if others else last
        raise ResultError(f"{target.name}: save as {known}")
    return write_whole(target, writers[kind])


def netcdf(data: xr.Dataset) -> Writer:
    """Return a writer of a dataset as NetCDF 3, which SciPy writes and reads without more."""
    return lambda path: data.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")


def json_text(made: Callable[[], dict[str, Any]]) -> Writer:
    """Return a writer of plain data as JSON, without the numbers that JSON does not know."""

    def write(path: Path) -> None:
        text = json.dumps(made(), indent=1, ensure_ascii=False, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")

    return write


def open_netcdf(path: str | os.PathLike[str], what: str, form: str) -> xr.Dataset:
    """Open a dataset that was saved as NetCDF.

    Parameters
    ----------
    path : str or path
        The file.
    what, form : str
        What it should be, for the message, and the ``format`` it should name.

    Raises
    ------
    ResultError
        If the file is not there or is not such a result.
    """
    import xarray as xr

    source = Path(path)
    if not source.exists():
        raise ResultError(f"{source}: there is no such file")
    if source.suffix.lower() in {".json", ".csv"}:
        raise ResultError(f"{source}: {source.suffix} cannot be opened again; save as .nc")
    try:
        with xr.open_dataset(source, engine="scipy") as stored:
            data = stored.load()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ResultError(f"{source}: not a saved {what} ({error})") from error
    if data.attrs.get("format") != form:
        raise ResultError(f"{source}: not a saved {what} of format {form}")
    return data
