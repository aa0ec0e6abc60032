"""``calibrate``: rates of climbing and falling from a table of militarized disputes.

A dispute is read as one excursion on the ladder: it begins on rung 2 (threat), climbs or falls
one rung at a time, and ends when it falls below rung 2. Its record says the highest rung and the
duration. Five numbers are fitted to five moments: the three rates of climbing to the shares that
reach a display of force, the use of force and war; the pace, the rate of leaving each of rungs 2
to 4 either way, to the median duration of disputes without war; the end of a war to the median
duration of those with one. Excitation is folded into the rates. Fitting seven free rates to the
likelihood of rungs and durations together fails: durations are more dispersed than falls of one
rung at a time allow, and the rates of single rungs grow without end.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from detente.architecture.system import Floats
from detente.crisis.model import YEAR
from detente.crisis.rules import TOP
from detente.crisis.settings import settle
from detente.errors import DataError, Fault, UsageError

FIRST = 2
"""Rung on which a dispute begins."""
LEVELS = tuple(range(FIRST, TOP + 1))
NAMES = {
    "year": ("styear", "start_year", "year"),
    "least": ("mindur", "duration_min"),
    "most": ("maxdur", "duration_max"),
    "highest": ("hostlev", "hostility"),
}
"""Names under which the columns are looked for."""
QUANTILES = (0.25, 0.5, 0.75)
RESAMPLES = 200
"""Bootstrap samples behind the intervals of the rates."""


@dataclass(frozen=True)
class Calibration:
    """Rates fitted to disputes, and how they do on later ones.

    Attributes
    ----------
    up : mapping of int to float
        Rate of climbing from rungs 2, 3, 4, a day.
    down : mapping of int to float
        Rate of falling from rungs 2 to 5, a day.
    interval : mapping of str to (float, float)
        For each rate, such as ``up.2``, the 5 % and 95 % quantiles over resampled disputes.
    used, held_out : int
        Numbers of disputes.
    table : polars.DataFrame
        One row a quantity: its name, the value of the fitted disputes and of the held-out ones,
        that of the model, and the interval in which 90 % of samples as large as the held-out
        one would lie if the model were true; ``within`` says whether the held-out value does.
    """

    up: Mapping[int, float]
    down: Mapping[int, float]
    interval: Mapping[str, tuple[float, float]]
    used: int
    held_out: int
    table: pl.DataFrame

    def parameters(self, base: Mapping[str, float] | None = None) -> dict[str, float]:
        """Return parameters of the model that have these rates.

        ``quiet`` follows from the rates of falling. A rate of climbing is the product of the
        incidents on a rung and the chance that one raises it; the disputes say nothing on which
        is which, so that chance is kept and ``heat`` adapted, less what an incident causes by
        itself (``excitation.own``).
        """
        v = settle(base)
        out = {f"quiet.{k}": 1.0 / rate for k, rate in self.down.items()}
        background = v["rate.rivalry"] / YEAR
        for k, rate in self.up.items():
            incidents = rate / v[f"rise.{k}"] * (1.0 - v["excitation.own"])
            out[f"heat.{k}"] = max(1.0, incidents / background)
        return out

    def __repr__(self) -> str:
        up, down = (
            ", ".join(
                f"{k}: {rate:.4g} ({self.interval[f'{way}.{k}'][0]:.3g} to "
                f"{self.interval[f'{way}.{k}'][1]:.3g})"
                for k, rate in rates.items()
            )
            for way, rates in (("up", self.up), ("down", self.down))
        )
        lines = [
            f"Fitted to {self.used:,} disputes; compared with {self.held_out:,} later ones.",
            f"Climbing, a day, from rung {up}.",
            f"Falling, a day, from rung {down}. In brackets 90 % of resamples.",
            "",
            f"{'':<44}{'fitted':>9}{'later':>9}{'model':>9}   90 % of such samples",
        ]
        for row in self.table.iter_rows(named=True):
            verdict = "within" if row["within"] else "outside"
            lines.append(
                f"{row['quantity']:<44}{row['fitted']:>9.3g}{row['later']:>9.3g}"
                f"{row['model']:>9.3g}   {row['low']:.3g} to {row['high']:.3g}: {verdict}"
            )
        return "\n".join(lines)


def read_disputes(path: str | os.PathLike[str]) -> pl.DataFrame:
    """Read a table of disputes: year, least and most days, highest rung.

    Known are the names of the Militarized Interstate Disputes (``styear``, ``mindur``,
    ``maxdur``, ``hostlev``). Rows without a highest level or a duration are left out: they are
    disputes that were not over.

    Raises
    ------
    DataError
        If a column is missing.
    """
    source = Path(path)
    try:
        rows = pl.read_csv(source, null_values=["-9", ""])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError([Fault(source.name, None, "", f"cannot be read ({error})")]) from error
    columns, faults = {}, []
    for name, known in NAMES.items():
        found = [c for c in rows.columns if c.lower() in known]
        if found:
            columns[name] = pl.col(found[0]).cast(pl.Int64)
        else:
            faults.append(
                Fault(source.name, 1, "", f"no column for {name}.", f"Known: {', '.join(known)}.")
            )
    if faults:
        raise DataError(faults)
    return (
        rows.select(**columns)
        .drop_nulls()
        .filter(pl.col("highest").is_between(FIRST, TOP) & (pl.col("least") >= 1))
        .with_columns(most=pl.max_horizontal("least", "most"))
    )


def calibrate(
    disputes: pl.DataFrame, *, until: int = 1979, later: tuple[int, int] = (1980, 1989)
) -> Calibration:
    """Fit the rates of climbing and falling to disputes, and hold them to later ones.

    Parameters
    ----------
    disputes : polars.DataFrame
        As `read_disputes` returns it.
    until : int
        Last year of the disputes that are fitted.
    later : (int, int)
        First and last year of those that are held out.
    """
    fitted = disputes.filter(pl.col("year") <= until)
    held = disputes.filter(pl.col("year").is_between(*later))
    if fitted.height < 50 or held.height < 20:
        raise UsageError(
            f"{fitted.height} disputes to fit and {held.height} held out are too few for this"
        )
    rates = fit(fitted)
    names = [*(f"up.{k}" for k in LEVELS[:-1]), *(f"down.{k}" for k in LEVELS)]
    again = np.array(
        [
            fit(fitted.sample(fitted.height, with_replacement=True, seed=seed))
            for seed in range(RESAMPLES)
        ]
    )
    low, high = np.quantile(again, [0.05, 0.95], axis=0)
    return Calibration(
        up={k: float(rates[i]) for i, k in enumerate(LEVELS[:-1])},
        down={k: float(rates[3 + i]) for i, k in enumerate(LEVELS)},
        interval={name: (float(low[i]), float(high[i])) for i, name in enumerate(names)},
        used=fitted.height,
        held_out=held.height,
        table=_compare(rates, fitted, held),
    )


def fit(disputes: pl.DataFrame) -> Floats:
    """Return the rates, a day: up from rungs 2, 3, 4 and down from 2, 3, 4, 5.

    Raises
    ------
    UsageError
        If a rung is reached by none or by all: a rate would be zero or without bound.
    """
    from scipy.optimize import brentq

    highest = disputes["highest"].to_numpy()
    reach = [1.0, *(float((highest >= k).mean()) for k in LEVELS[1:])]
    if any(not 0 < after < before for before, after in itertools.pairwise(reach)):
        raise UsageError("disputes of every highest rung from 2 to 5 are needed to fit the rates")
    # Chance of going on from rung k to k + 1 before the end is q; the next step then goes up with
    # chance a, where q = a / (1 - (1 - a) r) and r the chance of coming back from the rung below.
    rises, back = [], 0.0
    for before, after in itertools.pairwise(reach):
        q = after / before
        a = q * (1 - back) / (1 - q * back)
        rises.append(a)
        back = q
    durations = disputes["most"].to_numpy()
    peace = float(np.median(durations[highest < TOP]))
    war = float(np.median(durations[highest == TOP]))

    def rates(pace: float, end: float) -> Floats:
        return np.array([*(pace * a for a in rises), *(pace * (1 - a) for a in rises), end])

    def before_median(pace: float) -> float:
        each = _curve(rates(pace, 1.0), peace)[:-1]
        return float(each.sum() / (1 - reach[-1]) - 0.5)

    pace = float(brentq(before_median, 1e-6, 1e3, xtol=1e-12))

    def before_war_median(end: float) -> float:
        return float(_curve(rates(pace, end), war)[-1] / reach[-1] - 0.5)

    # A war that lasts for ever, or no time: where the median lies outside, the end that is nearer.
    low, high = 1e-7, 1e3
    if before_war_median(high) < 0:
        return rates(pace, high)
    return rates(pace, float(brentq(before_war_median, low, high, xtol=1e-12)))


def _curve(rates: Floats, day: float) -> Floats:
    """Return the probability of having ended by a day, with each highest rung."""
    one: Floats = between(rates, np.zeros(1), np.array([day]))[0]
    return one


def generator(rates: Floats) -> tuple[Floats, Floats]:
    """Return the chain over (rung, highest so far) and the rate of ending from each state.

    The states are those of `pairs`; the last state of the full chain, the end, is left out.
    """
    states = pairs()
    index = {pair: i for i, pair in enumerate(states)}
    out, ends = np.zeros((len(states),) * 2), np.zeros(len(states))
    for (k, top), i in index.items():
        if k < TOP:
            up = rates[k - FIRST]
            out[i, index[k + 1, max(top, k + 1)]] += up
            out[i, i] -= up
        down = rates[3 + k - FIRST]
        out[i, i] -= down
        if k > FIRST:
            out[i, index[k - 1, top]] += down
        else:
            ends[i] = down
    return out, ends


def pairs() -> list[tuple[int, int]]:
    """Return the states of the chain: (rung, highest so far)."""
    return [(k, top) for top in LEVELS for k in range(FIRST, top + 1)]


def between(rates: Floats, early: Floats, late: Floats) -> Floats:
    """Return the probability of ending between two times with each highest rung.

    Through the eigenvectors of the chain, for many times at once.

    Parameters
    ----------
    rates : array (7,)
        Up from rungs 2, 3, 4 and down from 2, 3, 4, 5, a day.
    early, late : arrays (times,)
        Days.

    Returns
    -------
    array (times, 4)
        For the highest rungs 2 to 5.
    """
    chain, ends = generator(rates)
    values, vectors = np.linalg.eig(chain)
    exits = np.zeros((len(ends), len(LEVELS)))
    for i, (_, top) in enumerate(pairs()):
        exits[i, top - FIRST] = ends[i]
    weight = vectors[0][:, None] * np.linalg.solve(vectors, exits) / -values[:, None]
    gone = np.exp(np.outer(early, values)) - np.exp(np.outer(late, values))
    out: Floats = np.clip((gone @ weight).real, 0.0, 1.0)
    return out


def _compare(rates: Floats, fitted: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return the shares and durations of both samples beside those of the model."""
    n = held.height
    days = np.concatenate([np.arange(0, 400), np.geomspace(400, 40_000, 200)])
    curve = between(rates, np.zeros(len(days)), days)
    total = curve[-1].sum()
    share = curve[-1] / total
    rows = []
    for k, name in ((4, "share that reaches the use of force"), (5, "share that reaches war")):
        p = float(share[k - FIRST :].sum())
        wide = 1.645 * (p * (1 - p) / n) ** 0.5
        values = [(x["highest"] >= k).sum() / x.height for x in (fitted, held)]
        rows.append((name, *values, p, max(0.0, p - wide), min(1.0, p + wide)))
    random = np.random.default_rng(0)
    for level, name in ((None, "all"), (4, "with force, no war")):
        column = curve.sum(axis=1) if level is None else curve[:, level - FIRST]
        column = column / column[-1]
        samples = [
            x if level is None else x.filter(pl.col("highest") == level) for x in (fitted, held)
        ]
        size = samples[1].height
        drawn = np.interp(random.random((400, size)), column, days)
        for q in QUANTILES:
            # A day of the record is begun, not complete: compare with rounded-up durations.
            model = float(np.ceil(np.interp(q, column, days)))
            low, high = np.quantile(np.quantile(np.ceil(drawn), q, axis=1), [0.05, 0.95])
            seen = [float(x["most"].quantile(q, "linear") or 0.0) for x in samples]
            label = {0.25: "lower quartile", 0.5: "median", 0.75: "upper quartile"}[q]
            rows.append((f"days, {label} ({name})", *seen, model, float(low), float(high)))
    frame = pl.DataFrame(
        rows, schema=["quantity", "fitted", "later", "model", "low", "high"], orient="row"
    )
    return frame.with_columns(within=pl.col("later").is_between("low", "high"))
