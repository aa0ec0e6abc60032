"""Opening a saved result: it is whole, or it is refused with what is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.errors import DetenteError, ResultError, UsageError
from detente.results.content import CONTENT, damage
from detente.results.result import Result
from detente.results.rooms import form_of
from detente.results.saving import STORED, STORED_AS
from detente.results.zarr_store import MARK
from detente.words import listed

if TYPE_CHECKING:
    import xarray as xr

FIRST_RELEASE = {"detente-audit/1": "audit", "detente-simulation/1": "simulate"}
"""Formats of 0.1 that name no question. 0.1 sealed nothing: damage to its files may not show."""
ESSENTIAL = {
    "audit": (
        "security",
        "tolerance",
        "wanted",
        "witness",
        "pays",
        "index",
        "state_name",
        "change",
    ),
    "simulate": ("reached", "on_rung", "any_war", "between", "at_war", "dyad", "rung"),
}
"""Variables without which a result of 0.1 is none."""


def open(path: str | os.PathLike[str]) -> Result:
    """Open any result that was saved as ``.nc`` or ``.zarr``.

    Parameters
    ----------
    path : str or path
        Where it is.

    Returns
    -------
    Result
        As it was saved, checked against the digest of its content.

    Raises
    ------
    ResultError
        If it is not there, is no saved result, or is not whole; says what is lost.

    Examples
    --------
    >>> import tempfile, detente as dt
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = dt.audit("two-blocs", draws=0).save(f"{folder}/audit.nc")
    ...     dt.open(path).question
    'audit'
    """
    if not isinstance(path, str | os.PathLike):
        raise UsageError(f"a saved result has a path, not {path!r}")
    source = Path(path)
    with _refusing(source):
        if not source.exists():
            raise ResultError(f"{source}: there is no such file")
        if source.suffix.lower() in {".json", ".csv"}:
            raise ResultError(f"{source}: {source.suffix} cannot be opened again; save as .nc")
        data = restored(_read_store(source) if source.is_dir() else _read_netcdf(source))
        return _checked(source, data)


@contextmanager
def _refusing(source: Path) -> Iterator[None]:
    """Let nothing foreign pass: readers fail in their own ways on what is damaged."""
    import logging
    import warnings

    # Tasks that zarr leaves behind when one of them fails report to this logger.
    quiet = logging.getLogger("asyncio")
    disabled, quiet.disabled = quiet.disabled, True
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    except DetenteError:
        raise
    except Exception as error:
        reason = str(error).split("\n")[0][:200] or type(error).__name__
        raise ResultError(f"{source}: damaged, or no saved result ({reason})") from error
    finally:
        quiet.disabled = disabled


def _read_netcdf(source: Path) -> xr.Dataset:
    import xarray as xr

    with xr.open_dataset(
        source, engine="scipy", decode_times=False, decode_timedelta=False, mask_and_scale=False
    ) as stored:
        return stored.load()


def _read_store(source: Path) -> xr.Dataset:
    import xarray as xr

    if not (source / MARK).is_file():
        inside = source / "result.zarr"
        hint = f" Did you mean {inside}?" if inside.is_dir() else ""
        raise ResultError(f"{source}: a folder that is no zarr store.{hint}")
    try:
        with xr.open_zarr(
            source, consolidated=False, chunks=None, decode_times=False, decode_timedelta=False,
            mask_and_scale=False,
        ) as stored:  # fmt: skip
            data: xr.Dataset = stored.load()
    except Exception as error:
        lost = _unreadable(source)
        if not lost:
            raise
        raise ResultError(
            f"{source}: damaged: {listed(lost)} cannot be read. Take another copy, or make it again"
        ) from error
    return data


def _unreadable(source: Path) -> list[str]:
    """Return the arrays of a store that cannot be read by themselves."""
    import zarr

    lost = []
    for member in sorted(path for path in source.iterdir() if path.is_dir()):
        try:
            _ = zarr.open_array(member, mode="r", zarr_format=3)[...]
        except Exception:
            lost.append(member.name)
    return lost


def restored(data: xr.Dataset) -> xr.Dataset:
    """Return a dataset with the types that it had before it was saved."""
    variables: dict[Any, Any] = {}
    coordinates: dict[Any, Any] = {}
    for name, variable in data.variables.items():
        attrs = {k: v for k, v in variable.attrs.items() if k not in ("_FillValue", "coordinates")}
        kind = attrs.pop("kind", "")
        values: Any = variable.values
        if kind == "yes or no":
            values = _yes_or_no(str(name), values)
        elif kind == "whole, 64 bits":
            values = values.astype(np.int64)
        elif values.dtype.kind not in "fiub":
            values = np.array(values.tolist(), dtype=str).reshape(values.shape)
        elif values.dtype.byteorder == ">":
            values = values.astype(values.dtype.newbyteorder("="))
        to = coordinates if name in data.coords else variables
        to[name] = (variable.dims, values, attrs)
    attrs = {name: _item(value) for name, value in data.attrs.items()}
    if isinstance(attrs.get("seed"), str):
        attrs["seed"] = int(attrs["seed"])
    import xarray as xr

    return xr.Dataset(variables, coords=coordinates, attrs=attrs)


def _item(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic | np.ndarray) and value.size == 1 else value


def _yes_or_no(name: str, values: Any) -> Any:
    if not np.isin(values, (0, 1)).all():
        raise ResultError(f"damaged: {name} should be yes or no throughout")
    return values.astype(bool)


def _checked(source: Path, data: xr.Dataset) -> Result:
    """Return a result whose content is what was saved."""
    attrs = data.attrs
    if not {CONTENT, STORED, "code"} & attrs.keys():
        return _of_first_release(source, data)
    if CONTENT not in attrs:
        raise ResultError(f"{source}: damaged: the list of what it holds is missing")
    lost = damage(data.drop_attrs(deep=False).assign_attrs(
        {k: v for k, v in attrs.items() if k != CONTENT}), str(attrs[CONTENT]))  # fmt: skip
    if lost:
        raise ResultError(
            f"{source}: damaged: {lost}. Take another copy, or make it again"
            + (f" with: {attrs['command']}" if attrs.get("command") else "")
        )
    if attrs[STORED] != STORED_AS:
        raise ResultError(
            f"{source}: kept as {attrs[STORED]}, which this version does not know; "
            f"open it with detente {attrs.get('detente', '')} or later"
        )
    question, form = str(attrs["question"]), str(attrs["format"])
    if form != form_of(question):
        raise ResultError(
            f"{source}: of format {form}, and this version reads {form_of(question)}; "
            f"open it with detente {attrs.get('detente', '')}"
        )
    for name in (CONTENT, STORED):
        del data.attrs[name]
    return Result(data)


def _of_first_release(source: Path, data: xr.Dataset) -> Result:
    """Return a result that 0.1 saved; it cannot be known to be whole."""
    attrs = data.attrs
    question = str(attrs.get("question", FIRST_RELEASE.get(str(attrs.get("format")), "")))
    if not question or "settings" not in attrs or not str(attrs.get("detente", "")):
        raise ResultError(
            f"{source}: not a saved result of detente. What 0.1 or later saved as .nc or .zarr "
            "can be opened"
        )
    lost = [name for name in ESSENTIAL.get(question, ()) if name not in data.variables]
    if lost:
        raise ResultError(
            f"{source}: damaged: {', '.join(lost)} missing. It was saved by detente "
            f"{attrs['detente']}; make it again"
        )
    attrs.setdefault("question", question)
    attrs.setdefault("format", form_of(question))
    result = Result(data, whole=False)
    _ = result.settings, result.names  # plain data that must be readable
    return result
