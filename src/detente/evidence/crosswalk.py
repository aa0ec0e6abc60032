"""Codes of states across systems and over time: COW, Gleditsch-Ward, ISO and our own.

``registry/crosswalk.csv`` has one row for each COW state and span of years in which its codes
stay the same. Our own code of a state (column ``state``) is its ISO 3166-1 alpha-3 code, for
states that are gone its ISO 3166-3 code where there is one, else the COW abbreviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import polars as pl

from detente.errors import UnknownName

SYSTEMS = ("cow", "abbreviation", "gw", "iso3", "state")


@cache
def table() -> pl.DataFrame:
    """Return the crosswalk: codes, name, first and last year, one row a span of years."""
    text = files("detente.evidence.registry").joinpath("crosswalk.csv").read_bytes()
    return pl.read_csv(text, schema_overrides={"cow": pl.Int64, "gw": pl.Int64})


@cache
def of_year(year: int) -> pl.DataFrame:
    """Return the rows of the states that were members of the COW system in a year."""
    return table().filter((pl.col("first_year") <= year) & (pl.col("last_year") >= year))


def convert(
    codes: Sequence[int | str], origin: str, destination: str, year: int
) -> list[int | str | None]:
    """Translate codes of states from one system to another, as of a year.

    Parameters
    ----------
    codes : sequence
        Codes in the system `origin`.
    origin, destination : str
        ``cow``, ``abbreviation`` (COW's letters), ``gw`` (Gleditsch-Ward), ``iso3`` or ``state``
        (our own).
    year : int
        Calendar year: the same number may stand for other states at other times.

    Returns
    -------
    list
        None for a code that no state has in that year, and where the other system has none.

    Examples
    --------
    >>> convert([255, 300], "cow", "state", 1914)
    ['DEU', 'AUH']
    >>> convert([340], "gw", "cow", 2010)
    [345]
    """
    for name in (origin, destination):
        if name not in SYSTEMS:
            raise UnknownName("system of codes", name, SYSTEMS)
    rows = of_year(year).select(pl.col(origin).alias("from"), pl.col(destination).alias("to"))
    known = dict(rows.drop_nulls("from").iter_rows())
    return [known.get(code) for code in codes]
