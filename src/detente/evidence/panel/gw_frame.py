"""The frame of Gleditsch and Ward: their states by year, with the columns of the panel beside.

Gleditsch and Ward (1999) list other states and other spells than the Correlates of War Project.
The columns of a panel come from sources in COW numbers: a state of theirs that COW does not list
in a year has nulls there, but keeps its row.

References: Gleditsch, K. S. & Ward, M. D. (1999), A Revised List of Independent States since the
Congress of Vienna, International Interactions 25(4), 393-413.
"""

from __future__ import annotations

import polars as pl

from detente.errors import UsageError
from detente.evidence.datasets import store

FRAMES = ("cow", "gw")
"""Whose list of states makes the rows of a panel."""


def in_gw(columns: pl.DataFrame, first: int, last: int, unit: str) -> pl.DataFrame:
    """Return the rows of Gleditsch and Ward's states with the columns of a panel of COW's.

    Parameters
    ----------
    columns : polars.DataFrame
        The panel in COW's frame.
    first, last : int
        Calendar years.
    unit : str
        What a row is, as of the panel.

    Returns
    -------
    polars.DataFrame
        ``year``, ``gwcode`` (or ``gwcode1``, ``gwcode2``), ``ccode`` likewise, null where COW has
        no such state in the year, and the columns.

    Raises
    ------
    UsageError
        If the years lie outside the list.
    MissingData
        If the table of codes by year is not in the data folder.
    """
    table = store.table("crosswalk_years").drop_nulls("gwcode")
    years = table["year"]
    low, high = years.min(), years.max()
    begin, end = (year if isinstance(year, int) else 0 for year in (low, high))
    if not begin <= first <= last <= end:
        raise UsageError(
            f"years {first} to {last} lie outside the list of Gleditsch and Ward, {begin} to {end}"
        )
    states = (
        table.filter(pl.col("year").is_between(first, last))
        .sort("year", "gwcode", pl.col("ccode").is_null())
        .unique(["year", "gwcode"], keep="first", maintain_order=True)
        .select(
            pl.col("year").cast(pl.Int16),
            pl.col("gwcode").cast(pl.Int16),
            pl.col("ccode").cast(pl.Int16),
        )
    )
    if unit == "state-year":
        return states.join(columns, on=["year", "ccode"], how="left", maintain_order="left")
    first_side = states.rename({"gwcode": "gwcode1", "ccode": "ccode1"})
    second_side = states.rename({"gwcode": "gwcode2", "ccode": "ccode2"})
    pairs = first_side.join(second_side, on="year").filter(
        pl.col("gwcode1") < pl.col("gwcode2")
        if unit == "dyad-year"
        else pl.col("gwcode1") != pl.col("gwcode2")
    )
    keys = ["year", "ccode1", "ccode2"]
    if unit == "dyad-year":
        # A pair may stand in the other order by COW's numbers: its columns are those of that row.
        columns = _both_orders(columns)
    ordered = pairs.select("year", "gwcode1", "gwcode2", "ccode1", "ccode2")
    return ordered.join(columns, on=keys, how="left", maintain_order="left").sort(
        "year", "gwcode1", "gwcode2"
    )


def _both_orders(columns: pl.DataFrame) -> pl.DataFrame:
    """Return a panel of pairs in both orders, the columns of either state with their state."""
    names = set(columns.columns)
    swap = {}
    for name in columns.columns:
        other = name[:-1] + {"1": "2", "2": "1"}.get(name[-1], "")
        swap[name] = other if name[-1] in "12" and other in names else name
    return pl.concat([columns, columns.rename(swap).select(columns.columns)])
