"""Saving a result in the form that the suffix of the file asks for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from detente.errors import ResultError
from detente.files import json_text, write_as
from detente.results.content import CONTENT, sealed
from detente.results.zarr_store import SUFFIX, write_store
from detente.words import listed

if TYPE_CHECKING:
    import xarray as xr

    from detente.results.result import Result

FORMS = (".nc", SUFFIX, ".json", ".csv")
STORED = "stored"
STORED_AS = "detente-result/1"
"""What every saved result says of itself beside its own format."""
LARGEST = 2**31 - 1
"""The largest whole number that NetCDF 3 knows."""


def save(result: Result, path: str | os.PathLike[str]) -> Path:
    """Save a result; `Result.save` says how.

    Raises
    ------
    ResultError
        If there is no such form, or it cannot be written.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in FORMS:
        raise ResultError(f"{target.name}: save as {listed(FORMS, last='or')}")
    if suffix == SUFFIX:
        return write_store(target, with_seal(result.data))
    return write_as(
        target,
        {
            ".nc": lambda temporary: for_netcdf(with_seal(result.data)).to_netcdf(
                temporary, engine="scipy", format="NETCDF3_64BIT"
            ),
            ".json": json_text(result.to_dict),
            ".csv": lambda temporary: result.table().write_csv(temporary),
        },
    )


def with_seal(data: xr.Dataset) -> xr.Dataset:
    """Return a copy that says what it holds, so that damage shows."""
    copy = data.copy()
    copy.attrs[STORED] = STORED_AS
    copy.attrs[CONTENT] = sealed(copy)
    return copy


def for_netcdf(data: xr.Dataset) -> xr.Dataset:
    """Return a copy in the types that NetCDF 3 knows; ``kind`` says what a variable was."""
    copy = data.copy()
    for name, variable in data.variables.items():
        if variable.dtype == bool:
            copy[name] = variable.astype(np.int8)
            copy[name].attrs = {**variable.attrs, "kind": "yes or no"}
        elif variable.dtype.kind in "iu" and variable.dtype.itemsize > 4:
            if variable.size and np.abs(variable.values).max() > LARGEST:
                raise ResultError(f"{name} has numbers too large for .nc; save as {SUFFIX}")
            copy[name] = variable.astype(np.int32)
            copy[name].attrs = {**variable.attrs, "kind": "whole, 64 bits"}
    for name, value in data.attrs.items():
        if isinstance(value, int | np.integer) and abs(int(value)) > LARGEST:
            copy.attrs[name] = str(value)
    return copy
