"""Results as zarr stores: a folder that is whole or not there, read by any tool that knows zarr.

The third format of zarr has no fixed-width texts, so that texts are stored with their own length
and turned back when they are read.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import ResultError

if TYPE_CHECKING:
    import xarray as xr

SUFFIX = ".zarr"
MARK = "zarr.json"
"""The file that every store has at its top."""


def write_store(path: Path, data: xr.Dataset) -> Path:
    """Write a dataset as a zarr store that takes the place of the one that was there.

    Raises
    ------
    ResultError
        If it cannot be written, or a folder of another kind is in its place; what was there
        stays.
    """
    if path.exists() and not (path / MARK).is_file():
        raise ResultError(f"{path}: is there and is no zarr store; it is left as it is")
    stem = path.name.encode()[:200].decode(errors="ignore")
    temporary, old = (path.with_name(f".{stem}.{os.getpid()}.{x}") for x in ("tmp", "old"))
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        _write(temporary, data)
        if path.exists():
            # A folder cannot take the place of another in one step: the old one steps aside.
            path.replace(old)
        temporary.replace(path)
    except OSError as error:
        if old.exists() and not path.exists():
            old.replace(path)
        raise ResultError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return path


def _write(folder: Path, data: xr.Dataset) -> None:
    import numpy as np

    texts = [name for name, v in data.variables.items() if v.dtype.kind == "U"]
    loose = data.drop_indexes([name for name in texts if name in data.indexes])
    free = {
        name: (v.dims, v.values.astype(np.dtypes.StringDType()), v.attrs)
        for name, v in data.variables.items()
        if name in texts
    }
    whole = loose.assign({name: value for name, value in free.items() if name in data.data_vars})
    whole = whole.assign_coords({name: v for name, v in free.items() if name in data.coords})
    # One chunk a variable: the arrays are small, and few files are quick to copy.
    chunks: dict[Any, dict[str, Any]] = {
        name: {"chunks": v.shape} for name, v in whole.variables.items() if v.size
    }
    whole.to_zarr(folder, mode="w-", zarr_format=3, consolidated=False, encoding=chunks)
