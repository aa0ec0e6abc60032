"""A result as plain data: its document, and its main table where its room has none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    import xarray as xr

    from detente.results.result import Result


def document_of(result: Result) -> dict[str, Any]:
    """Return everything as plain data."""
    data = result.data
    return {
        "question": result.question,
        "reading": result.reading,
        "settings": result.settings,
        "provenance": result.provenance,
        "coordinates": {str(k): plain(v.values) for k, v in data.coords.items()},
        "results": {
            str(k): {"dimensions": [str(x) for x in v.dims], "values": plain(v.values)}
            for k, v in data.data_vars.items()
        },
    }


def table_of(data: xr.Dataset) -> pl.DataFrame:
    """Return the variables along the dimension that most of them have, a row a label."""
    import polars as pl

    along = [v.dims[0] for v in data.data_vars.values() if len(v.dims) == 1]
    if not along:
        scalars = {str(k): [v.item()] for k, v in data.data_vars.items() if not v.dims}
        return pl.DataFrame(scalars)
    dimension = max(dict.fromkeys(along), key=along.count)
    columns = {
        str(name): plain(v.values)
        for name, v in {**data.coords, **data.data_vars}.items()
        if v.dims == (dimension,)
    }
    labels = columns.pop(str(dimension), list(range(data.sizes[dimension])))
    return pl.DataFrame({str(dimension): labels, **columns})


def plain(values: Any) -> Any:
    """Return an array as lists of plain values; what is not finite becomes None."""
    array = np.asarray(values)
    if array.dtype.kind == "f":
        loose = array.astype(object)
        loose[~np.isfinite(array)] = None
        return loose.tolist()
    return array.tolist()


def finite(value: Any) -> Any:
    """Return plain data without the numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, np.generic):
        return finite(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
