"""What each lens said of each state, year by year: before wars, and beside the other lenses.

Securities of different lenses have different units, so they are compared by rank: the share of
the states of the year that a lens sees as less secure, 0 for the least secure state and 1 for the
most secure one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.auditing.long_view.measures import Bools, difference

CAPABILITY = "capability"


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of all states by every lens in every year.

    Attributes
    ----------
    years : int array (years,)
        Calendar years.
    rank : dict
        Lens, or ``capability`` for comparison, to array (years, states) from 0 (least secure, or
        least capable) to 1; NaN for who is no member, or where the lens has no answer.
    entering : bool array (years, states) or None
        Whether the state enters an inter-state war in the year; None without a list of wars.
    covers : (int, int)
        First and last year of which the list of wars speaks.
    """

    years: NDArray[np.int64]
    rank: dict[str, Floats]
    entering: Bools | None
    covers: tuple[int, int]


def ranks(first: int, last: int, lenses: Sequence[str] | None = None) -> Ranks:
    """Rank the states of every year by every lens, at the lenses' default parameters.

    Parameters
    ----------
    first, last : int
        Calendar years, both included.
    lenses : sequence of str, optional
        Keys of lenses; all of them if left out.
    """
    from detente.auditing.long_view import lens_measures
    from detente.evidence.datasets import store
    from detente.evidence.panel import arrays, table_arrays
    from detente.lenses import names

    keys = list(names() if lenses is None else lenses)
    begin = first - table_arrays.FIRST_YEAR
    securities = lens_measures.security(keys, last)
    rank = {key: ranked(securities[key][begin:]) for key in keys}
    wars = store.find("war_dyads") is not None
    built = arrays.dense(first, last, ["capabilities", *(["wars"] if wars else [])])
    cinc = np.where(built.member > 0, built.states["cinc"], np.nan)
    rank[CAPABILITY] = ranked(cinc)
    entering = ((built.dyads["wars"] & np.uint8(1)).max(axis=2) > 0) if wars else None
    covers = built.covers["wars"] if wars else (0, 0)
    return Ranks(built.years, rank, entering, covers)


def ranked(values: Floats) -> Floats:
    """Return the rank of each value in its row, 0 to 1, equal values alike; NaN stays."""
    ranks_of_year = np.full(values.shape, np.nan)
    for row, target in zip(values, ranks_of_year, strict=True):
        present = np.isfinite(row)
        if present.sum() > 1:
            target[present] = _mean_ranks(row[present]) / (present.sum() - 1)
    return ranks_of_year


def _mean_ranks(values: Floats) -> Floats:
    # Rounding would part values that are equal but for the order of a sum.
    scale = np.abs(values).max() or 1.0
    _, place, count = np.unique(
        np.round(values / scale, 9), return_inverse=True, return_counts=True
    )
    below = np.concatenate([[0], np.cumsum(count)[:-1]])
    mean: Floats = (below + (count - 1) / 2)[place]
    return mean


def before_wars(found: Ranks, *, ahead: int = 3, draws: int = 2000, seed: int = 1) -> pl.DataFrame:
    """Compare where a lens ranked states that were about to enter a war with all others.

    A state and year counts as one before a war if the state enters an inter-state war in the
    `ahead` years after it. The interval is by blocks of ten years.

    Returns
    -------
    polars.DataFrame
        ``lens``, mean rank ``before`` and ``other``, ``difference`` with ``low`` and ``high``
        (95 %), and the numbers of state-years.
    """
    if found.entering is None:
        return pl.DataFrame()
    count = len(found.years)
    soon = np.zeros(found.entering.shape, bool)
    for k in range(1, min(ahead, count - 1) + 1):
        soon[: count - k] |= found.entering[k:]
    ranked_years = np.zeros(count, bool)
    ranked_years[: max(count - ahead, 0)] = True
    ranked_years &= (found.years >= found.covers[0]) & (found.years + ahead <= found.covers[1])
    decade = np.broadcast_to((found.years // 10)[:, None], soon.shape)
    rows: list[dict[str, Any]] = []
    for lens, rank in found.rank.items():
        use = ranked_years[:, None] & np.isfinite(rank)
        compared = difference(rank[use], soon[use], decade[use], draws=draws, seed=seed)
        if compared is not None:
            rows.append({"lens": lens, **compared})
    return pl.DataFrame(rows)


def agreement(found: Ranks) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Say how alike the lenses rank the states: the rank correlation of every two lenses.

    Returns
    -------
    tuple of polars.DataFrame
        By year: ``year``, ``mean``, ``lowest`` and ``highest`` over the pairs of lenses. By pair:
        ``one``, ``other``, ``correlation`` as the mean over the years, and ``years``. A year in
        which a lens sees all states alike has no correlation with it.
    """
    lenses = [lens for lens in found.rank if lens != CAPABILITY]
    series = {
        (one, other): np.array(
            [_correlation(a, b) for a, b in zip(found.rank[one], found.rank[other], strict=True)]
        )
        for one, other in combinations(lenses, 2)
    }
    whole = np.array(list(series.values())) if series else np.empty((0, len(found.years)))
    years = [
        {
            "year": int(year),
            "mean": float(column.mean()) if column.size else None,
            "lowest": float(column.min()) if column.size else None,
            "highest": float(column.max()) if column.size else None,
        }
        for year, values in zip(found.years, whole.T, strict=True)
        for column in [values[np.isfinite(values)]]
    ]
    pairs = [
        {
            "one": one,
            "other": other,
            "correlation": float(values[np.isfinite(values)].mean()),
            "years": int(np.isfinite(values).sum()),
        }
        for (one, other), values in series.items()
        if np.isfinite(values).any()
    ]
    return pl.DataFrame(years), pl.DataFrame(pairs)


def _correlation(a: Floats, b: Floats) -> float:
    both = np.isfinite(a) & np.isfinite(b)
    x, y = a[both], b[both]
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])
