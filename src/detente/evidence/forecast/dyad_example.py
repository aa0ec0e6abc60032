"""The dyad-year example of Miller (2022), fitted again on the disputes at hand.

Miller, S. V. (2022), Conflict Management and Peace Science 39(6), 755-779, package article
"Dyad-Year Example": a plain logit of dispute onset in politically relevant pairs, all of the same
year. Unlike everything in the backtest nothing is lagged: this is a check against a published
table, not a forecast.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from detente.evidence.forecast import logit
from detente.evidence.forecast.logit import Logit
from detente.evidence.panel.rows import panel

GROUPS = ("contiguity", "majors", "capabilities", "alliances", "regime", "wealth")
NAMES = (
    "land_border",
    "cinc_ratio",
    "major_power",
    "defense_pact",
    "democracy_low",
    "wealth_low",
    "army_low",
)
KNOWN = ("cinc", "euds", "gdp_per_head", "milper", "tpop")


def rows(first: int, last: int, *, disputes: bool = True) -> pl.DataFrame:
    """Return the politically relevant pairs for which all covariates of both states are known.

    Parameters
    ----------
    first, last : int
        Calendar years, both included.
    disputes : bool
        With onset and peace years; without, the frame may reach beyond the disputes at hand.

    Returns
    -------
    polars.DataFrame
        One row a pair and year, with the columns `NAMES`. Years of a dispute under way count.
    """
    more = ("disputes", "peace_years") if disputes else ()
    table = panel(first, last, unit="dyad-year", add=[*GROUPS, *more], relevant_only=True)
    army = [pl.col(f"milper{k}") / pl.col(f"tpop{k}") for k in (1, 2)]
    return table.drop_nulls([name + side for name in KNOWN for side in "12"]).with_columns(
        land_border=(pl.col("contiguity") == 1).cast(pl.Int8),
        cinc_ratio=pl.min_horizontal("cinc1", "cinc2") / pl.max_horizontal("cinc1", "cinc2"),
        major_power=pl.max_horizontal("major1", "major2"),
        defense_pact=pl.max_horizontal("defense1", "defense2"),
        democracy_low=pl.min_horizontal("euds1", "euds2"),
        wealth_low=pl.min_horizontal("gdp_per_head1", "gdp_per_head2"),
        army_low=pl.min_horizontal(army),
    )


def fit(first: int, last: int) -> Logit:
    """Fit the example: `NAMES` and years since the last onset with their square and cube."""
    table = rows(first, last)
    peace = table["peace_years"].to_numpy().astype(float)
    values = np.column_stack([table.select(NAMES).to_numpy(), peace, peace**2, peace**3])
    names = (*NAMES, "peace", "peace^2", "peace^3")
    return logit.fit(values, table["onset"].to_numpy().astype(float), names)
