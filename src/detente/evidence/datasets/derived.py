"""Tables that another one of the data folder can stand in for: how they are made from it.

Makers publish the same data in several files. Where the one that a table is read from is not in
the data folder, and another holds what is needed, the table is made from that at every use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

Read = Callable[[str], pl.DataFrame | None]


@dataclass(frozen=True, slots=True)
class Derived:
    """How a table is made from others.

    Attributes
    ----------
    parents : tuple of str
        Tables, any of which is enough; the first that is there gives source and release.
    make : callable
        From a function that returns a parent, or None if it is not there, to the table.
    """

    parents: tuple[str, ...]
    make: Callable[[Read], pl.DataFrame]


def disputes_directed(read: Read) -> pl.DataFrame:
    """Return disputes by directed dyad-year from those by dispute, dyad and year.

    Of several disputes of a pair in a year the one that began in it stands, then the most
    hostile, then the one with the lowest number; onset and being under way are those of any.
    """
    every = read("disputes_dyadic")
    assert every is not None
    pair = ["ccode1", "ccode2", "year"]
    hostility = pl.max_horizontal("hostility1", "hostility2").fill_null(0)
    any_of_them = [pl.col(name).max().over(pair) for name in ("onset", "ongoing")]
    return (
        every.sort(
            [*pair, "onset", hostility, "dispnum"],
            descending=[False, False, False, True, True, False],
        )
        .with_columns(any_of_them)
        .unique(pair, keep="first", maintain_order=True)
    )


def war_dyads(read: Read) -> pl.DataFrame:
    """Return wars by directed dyad-year from their participants: who were on opposing sides.

    Participants have years and no days, so that a pair of which one left before the other came
    counts as well if it was in one year.
    """
    every = read("war_participants")
    assert every is not None
    one, two = every.filter(pl.col("side") == 1), every.filter(pl.col("side") == 2)
    met = (
        one.join(two, on="warnum", suffix="_2")
        .with_columns(
            begin=pl.max_horizontal("start_year", "start_year_2"),
            end=pl.min_horizontal("end_year", "end_year_2"),
        )
        .filter(pl.col("begin") <= pl.col("end"), pl.col("ccode") != pl.col("ccode_2"))
        .with_columns(year=pl.int_ranges("begin", pl.col("end") + 1))
        .explode("year")
        .select(
            "warnum",
            ccode1="ccode",
            ccode2="ccode_2",
            year="year",
            onset=(pl.col("year") == pl.col("begin")).cast(pl.Int64),
            ongoing=pl.lit(1, pl.Int64),
        )
    )
    swapped = met.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).select(met.columns)
    return pl.concat([met, swapped]).unique().sort("warnum", "ccode1", "ccode2", "year")


def regime(read: Read) -> pl.DataFrame:
    """Return what Polity and V-Dem say of each state and year; the unified score is not known."""
    parts = [
        frame.select("ccode", "year", name).drop_nulls(["ccode", "year"])
        for table, name in (("polity", "polity2"), ("vdem", "polyarchy"))
        if (frame := read(table)) is not None
    ]
    first, *others = parts
    for other in others:
        first = first.join(other, on=["ccode", "year"], how="full", coalesce=True)
    wanted = ("ccode", "year", "euds", "polity2", "polyarchy")
    absent = [pl.lit(None, pl.Float64).alias(c) for c in wanted if c not in first.columns]
    return first.with_columns(absent).select(wanted).sort("ccode", "year")


TABLES: Mapping[str, Derived] = {
    "disputes_directed": Derived(("disputes_dyadic",), disputes_directed),
    "war_dyads": Derived(("war_participants",), war_dyads),
    "regime": Derived(("vdem", "polity"), regime),
}
"""The tables that can be made from others."""
