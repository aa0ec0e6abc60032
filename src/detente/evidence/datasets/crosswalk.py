"""Codes of states across systems and over time: COW, Gleditsch-Ward, ISO and our own.

``registry/crosswalk.csv`` has one row for each COW state and span of years in which its codes
stay the same. Its ISO code (column ``iso3``) is that of ISO 3166-1, for states that are gone that
of ISO 3166-3, whether or not there was an ISO in its time; a state that was only renamed has its
present code. Our own code (column ``state``) is the same where no other state has it in a year,
else the COW abbreviation (GFR, YAR, RVN); Russia and the Soviet Union, one state in COW's list,
are RUS, and Yugoslavia is YUG until 2005.
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
    text = files("detente.evidence.datasets.registry").joinpath("crosswalk.csv").read_bytes()
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
        None for a code that no state has in that year, and where the other system has none. Where
        one state follows another of the same code within the year, the code stands for the later.

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
    rows = (
        of_year(year)
        .sort("last_year")
        .select(pl.col(origin).alias("from"), pl.col(destination).alias("to"))
    )
    known = dict(rows.drop_nulls("from").iter_rows())
    return [known.get(code) for code in codes]
