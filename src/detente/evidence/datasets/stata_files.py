"""Stata's files into raw tables: values, not their labels, and its 27 missing values as missing."""

from __future__ import annotations

import io

import polars as pl

OLD = range(105, 116)  # numbers of the formats up to Stata 12, the first byte of a file
NEW = b"<stata_dta>"


class DamagedStata(Exception):
    """A Stata file that cannot be read."""


def is_stata(data: bytes) -> bool:
    """Tell a Stata file, of any format since 1999, by its first bytes."""
    return data.startswith(NEW) or (
        len(data) > 109 and data[0] in OLD and data[1] in (1, 2) and data[2:4] == b"\x01\x00"
    )


def read(data: bytes) -> pl.DataFrame:
    """Return the table of a Stata file, numbers as numbers and dates as dates.

    Raises
    ------
    DamagedStata
        If it is not whole.
    """
    import pandas as pd

    try:
        table = pd.read_stata(
            io.BytesIO(data),
            convert_categoricals=False,
            preserve_dtypes=False,
            order_categoricals=False,
        )
    # A file that is cut off raises struct.error, ValueError, KeyError and others.
    except Exception as error:
        raise DamagedStata(str(error) or type(error).__name__) from None
    columns = {}
    for name in table.columns:
        values = table[name]
        if values.dtype.kind == "M":
            column = pl.Series(
                values.dt.strftime("%Y-%m-%d").tolist(), dtype=pl.String, strict=False
            )
        elif values.dtype.kind in "iuf":
            # Stata's floats have seven digits: 4.01 is 4.0100002 as a number of twice the length.
            number = (
                values.astype("float32").astype(str).astype(float)
                if values.dtype == "float32"
                else values
            )
            column = pl.Series(number.to_numpy())
        else:
            texts = [None if pd.isna(value) else str(value) for value in values]
            column = pl.Series(texts, dtype=pl.String)
        columns[str(name)] = column
    return pl.DataFrame(columns)
