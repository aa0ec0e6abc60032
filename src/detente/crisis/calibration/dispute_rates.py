"""``detente calibrate crisis``: rates of climbing and falling from militarised disputes.

The chain of `dispute_chain` is fitted to disputes up to a year, recent ones
weighing more, and held to later ones. How fast the weight of the past fades is chosen among a
few half-lives by how well each would have foretold earlier decades from those before them. How
far decades go astray beyond chance is measured on the same forecasts, and is part of the
intervals: nothing of the later disputes goes into either.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from detente.architecture.system import Floats
from detente.crisis.calibration.dispute_chain import FIRST, Chain, count, fit, likelihood
from detente.crisis.model.escalation import YEAR
from detente.crisis.model.model_arrays import FORCE, TOP
from detente.crisis.model.settings import parameters as known
from detente.crisis.model.settings import settle
from detente.errors import UsageError
from detente.runs import Arrays, Job, Workforce, blocks, content_digest, pieces_of

HALF_LIVES = (math.inf, 80.0, 40.0, 20.0, 10.0)
"""Years after which a dispute weighs half as much, among which is chosen."""
RESAMPLES = 100
"""Bootstrap samples behind the intervals of the rates."""
BLOCK = 10
"""Bootstrap samples of one piece of work."""
DRAWS = 400
"""Samples drawn from the model behind the spread of its quantiles."""
LEAST, FEW, ORIGINS = 100, 20, 3
"""Disputes to fit for an earlier forecast, disputes to hold it to, and forecasts needed."""
GRID: Floats = np.concatenate([np.arange(0, 400), np.geomspace(400, 40_000, 200)])


@dataclass(frozen=True)
class Calibration:
    """Rates fitted to disputes, and how they do on later ones.

    Attributes
    ----------
    chain : Chain
        What was fitted.
    up : mapping of int to float
        Rate of climbing from rungs 2, 3, 4, a day, at the typical pace.
    down : mapping of int to float
        Rate of falling from rungs 2 to 5, a day.
    interval : mapping of str to (float, float)
        For each rate, such as ``up.2``, the 5 % and 95 % quantiles over resampled disputes.
    half_life : float
        Years after which a dispute weighs half as much.
    used, held_out : int
        Numbers of disputes.
    forecasts : int
        Earlier spans of years that were foretold from those before them.
    table : polars.DataFrame
        One row a quantity: its name, the value of the fitted disputes (by weight) and of the
        held-out ones, that of the model; ``chance_low`` and ``chance_high``, between which 90 %
        of samples as large as the held-out one would lie if the model were true; ``low`` and
        ``high``, the same with what earlier forecasts went astray beyond chance; ``within`` says
        whether the held-out value lies between these.
    """

    chain: Chain
    up: Mapping[int, float]
    down: Mapping[int, float]
    interval: Mapping[str, tuple[float, float]]
    half_life: float
    used: int
    held_out: int
    forecasts: int
    table: pl.DataFrame

    def parameters(self, base: Mapping[str, float] | None = None) -> dict[str, float]:
        """Return parameters of the model that have these rates.

        ``stay`` follows from the rates of falling. A rate of climbing is the product of the
        incidents on a rung and the chance that one raises it; the disputes say nothing on which
        is which, so that chance is kept and ``heat`` adapted, less what an incident causes by
        itself (``excitation.own``). Where the model does not admit a value the nearest that it
        admits is taken.
        """
        return {name: _admitted(name, value) for name, value in self._wanted(base).items()}

    def clipped(self, base: Mapping[str, float] | None = None) -> dict[str, float]:
        """Return the values that the model does not admit, as the rates would have them."""
        wanted = self._wanted(base)
        return {name: value for name, value in wanted.items() if _admitted(name, value) != value}

    @property
    def caution(self) -> str:
        """What to keep in mind with these parameters, in words."""
        words = [f"{name} ({value:.3g} by the rates)" for name, value in self.clipped().items()]
        limits = (
            f"Beyond what the model admits, so that the nearest admitted value stands: "
            f"{', '.join(words)}. "
            if words
            else ""
        )
        return (
            f"{limits}These are the rates of a typical short dispute, whose steps take hours: do "
            "not expect them to hold a crisis that has lasted for months."
        )

    def _wanted(self, base: Mapping[str, float] | None) -> dict[str, float]:
        v = settle(base)
        wanted = {f"stay.{k}": 1.0 / rate for k, rate in self.down.items()}
        background = v["rate.rivalry"] / YEAR
        for k, rate in self.up.items():
            incidents = rate / v[f"rise.{k}"] * (1.0 - v["excitation.own"])
            wanted[f"heat.{k}"] = incidents / background
        return wanted

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "up": {str(k): rate for k, rate in self.up.items()},
            "down": {str(k): rate for k, rate in self.down.items()},
            "interval": {name: list(ends) for name, ends in self.interval.items()},
            "pace_spread": self.chain.spread,
            "clipped": self.clipped(),
            "caution": self.caution,
            "half_life_years": None if math.isinf(self.half_life) else self.half_life,
            "used": self.used,
            "held_out": self.held_out,
            "forecasts": self.forecasts,
            "check": self.table.to_dicts(),
        }

    def __repr__(self) -> str:
        up, down = (
            ", ".join(
                f"{k}: {rate:.3g} ({self.interval[f'{way}.{k}'][0]:.2g} to "
                f"{self.interval[f'{way}.{k}'][1]:.2g})"
                for k, rate in rates.items()
            )
            for way, rates in (("up", self.up), ("down", self.down))
        )
        fading = (
            "all weigh the same"
            if math.isinf(self.half_life)
            else f"one of {self.half_life:g} years before the last weighs half"
        )
        lines = [
            f"Fitted to {self.used:,} disputes ({fading}); held to {self.held_out:,} later ones.",
            f"Climbing, a day, from rung {up}.",
            f"Falling, a day, from rung {down}. In brackets 90 % of resamples.",
            "These are rates at a typical pace: among disputes its logarithm has a standard "
            f"deviation of {self.chain.spread:.2g}.",
            "",
            f"{'':<40}{'fitted':>8}{'later':>8}{'model':>8}   {'by chance':<16}with decades",
        ]
        for row in self.table.iter_rows(named=True):
            verdict = "within" if row["within"] else "outside"
            chance = f"{row['chance_low']:.3g} to {row['chance_high']:.3g}"
            lines.append(
                f"{row['quantity']:<40}{row['fitted']:>8.3g}{row['later']:>8.3g}"
                f"{row['model']:>8.3g}   {chance:<16}{row['low']:.3g} to {row['high']:.3g}: "
                f"{verdict}"
            )
        lines.append(
            "By chance: 90 % of samples as large as the later one. With decades: the same, and "
            f"what {self.forecasts} earlier forecasts went astray beyond chance."
            if self.forecasts
            else "There were too few earlier disputes to measure how far decades go astray."
        )
        return "\n".join(lines)


def _admitted(name: str, value: float) -> float:
    """Return the value, or the nearest that the model admits for that parameter."""
    limits = next(p for p in known() if p.name == name)
    return min(max(value, limits.minimum), limits.maximum)


def calibrate(
    disputes: pl.DataFrame,
    *,
    until: int = 1979,
    later: tuple[int, int] = (1980, 1989),
    resamples: int = RESAMPLES,
    work: Workforce | None = None,
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
    resamples : int
        Bootstrap samples behind the intervals of the rates.
    work : Workforce, optional
        Who fits them; no number depends on it.
    """
    if later[0] <= until or later[1] < later[0]:
        raise UsageError(
            f"the disputes held out, {later[0]} to {later[1]}, should begin after the last year "
            f"that is fitted, {until}"
        )
    held = disputes.filter(pl.col("year").is_between(*later))
    used = disputes.filter(pl.col("year") <= until)
    if used.height < 50 or held.height < FEW:
        raise UsageError(
            f"{used.height} disputes to fit and {held.height} held out are too few for this"
        )
    span = later[1] - later[0] + 1
    origins = _origins(disputes, until, span)
    half_life = _best_half_life(disputes, origins, span)
    chain = _fit(used, until, half_life)
    astray = _astray(disputes, origins, span, half_life)
    up, down = chain.typical()
    names = [*(f"up.{k}" for k in up), *(f"down.{k}" for k in down)]
    settings = {
        "what": "bootstrap of rates",
        "until": until,
        "half_life": half_life,
        "input": content_digest([used[name].to_numpy() for name in used.columns]),
    }
    job = Job(settings, pieces_of(blocks(resamples, BLOCK)), Refit(used, until, half_life, chain))
    again = np.empty((resamples, len(names)))
    for piece, arrays in (work or Workforce()).carry_out(job, "rates"):
        again[slice(*piece.address)] = arrays["rates"]
    low, high = np.quantile(again, [0.05, 0.95], axis=0)
    return Calibration(
        chain=chain,
        up=up,
        down=down,
        interval={name: (float(low[i]), float(high[i])) for i, name in enumerate(names)},
        half_life=half_life,
        used=used.height,
        held_out=held.height,
        forecasts=len(origins),
        table=_compare(chain, used, _weights(used, until, half_life), held, astray, len(origins)),
    )


@dataclass(frozen=True, eq=False)
class Refit:
    """Typical rates fitted to samples of the disputes, each numbered by its seed."""

    disputes: pl.DataFrame
    until: int
    half_life: float
    near: Chain

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return the draws from the first of the address to before its last."""
        rates = []
        for seed in range(*address):
            sample = self.disputes.sample(self.disputes.height, with_replacement=True, seed=seed)
            typical = _fit(sample, self.until, self.half_life, near=self.near).typical()
            rates.append([rate for way in typical for rate in way.values()])
        return {"rates": np.array(rates)}


def _weights(disputes: pl.DataFrame, until: int, half_life: float) -> Floats:
    age = until - disputes["year"].to_numpy()
    weights: Floats = 0.5 ** (age / half_life)
    return weights


def _counts(disputes: pl.DataFrame, weights: Floats) -> Floats:
    return count(disputes["highest"].to_numpy(), disputes["most"].to_numpy(), weights)


def _fit(disputes: pl.DataFrame, until: int, half_life: float, near: Chain | None = None) -> Chain:
    return fit(_counts(disputes, _weights(disputes, until, half_life)), near)


def _parts(disputes: pl.DataFrame, origin: int, span: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the disputes up to a year, and those of the span after it."""
    year = pl.col("year")
    return (
        disputes.filter(year <= origin),
        disputes.filter(year.is_between(origin + 1, origin + span)),
    )


def _origins(disputes: pl.DataFrame, until: int, span: int) -> list[int]:
    """Return the last years of earlier forecasts, whose disputes all lie before `until`."""
    origins: list[int] = []
    origin = until - span
    while True:
        before, after = _parts(disputes, origin, span)
        levels = before["highest"].n_unique()
        if before.height < LEAST or after.height < FEW or levels < TOP - FIRST + 1:
            break
        origins.append(origin)
        origin -= span
    return origins[::-1] if len(origins) >= ORIGINS else []


def _best_half_life(disputes: pl.DataFrame, origins: Sequence[int], span: int) -> float:
    """Return the half-life under which earlier forecasts did best, by mean log-likelihood."""
    if not origins:
        return math.inf

    def score(half_life: float) -> float:
        values = []
        for origin in origins:
            before, after = _parts(disputes, origin, span)
            score_value = likelihood(
                _fit(before, origin, half_life), _counts(after, np.ones(after.height))
            )
            values.append(score_value / after.height)
        return float(np.mean(values))

    return max(HALF_LIVES, key=score)


def _share(disputes: pl.DataFrame, rung: int) -> float:
    """Return the share of disputes that reach a rung."""
    return float((disputes["highest"].to_numpy() >= rung).mean())


def _logit(share: float, n: int) -> float:
    # Half a dispute more on either side, so that none and all are finite.
    return math.log((share * n + 0.5) / ((1 - share) * n + 0.5))


def _quantities() -> list[tuple[str, Callable[[pl.DataFrame], pl.DataFrame], Any]]:
    """Return what is compared: name, the disputes that it is of, and what of them."""
    quantities: list[tuple[str, Callable[[pl.DataFrame], pl.DataFrame], Any]] = [
        ("share that reaches the use of force", lambda x: x, FORCE),
        ("share that reaches war", lambda x: x, TOP),
    ]
    words = {0.25: "lower quartile", 0.5: "median", 0.75: "upper quartile"}
    for level, which in ((None, "all"), (FORCE, "force, no war")):
        for q, word in words.items():

            def of(x: pl.DataFrame, level: int | None = level) -> pl.DataFrame:
                return x if level is None else x.filter(pl.col("highest") == level)

            quantities.append((f"days, {word} ({which})", of, (level, q)))
    return quantities


def _expected(chain: Chain, what: Any, n: int) -> tuple[float, float]:
    """Return a quantity of the model on its scale (logit or logarithm), and its spread by chance.

    The spread is the standard deviation over samples of n disputes.
    """
    if isinstance(what, int):
        p = float(chain.reach()[what - FIRST :].sum())
        return _logit(p, n), (1.0 / (n * p * (1 - p))) ** 0.5
    level, q = what
    upto = chain.upto(level, GRID)
    # A day of the record is begun, not complete: round up.
    drawn = np.ceil(np.interp(np.random.default_rng(0).random((DRAWS, n)), upto, GRID))
    logs = np.log(np.quantile(drawn, q, axis=1))
    middle = float(np.log(np.ceil(np.interp(q, upto, GRID))))
    return middle, float(logs.std())


def _seen(disputes: pl.DataFrame, what: Any) -> float:
    """Return a quantity of a sample on its scale."""
    if isinstance(what, int):
        return _logit(_share(disputes, what), disputes.height)
    return math.log(max(1.0, float(disputes["most"].quantile(what[1], "linear") or 1.0)))


def _astray(
    disputes: pl.DataFrame, origins: Sequence[int], span: int, half_life: float
) -> dict[str, float]:
    """Return by how much forecasts went astray beyond chance, as variances by quantity."""
    errors: dict[str, list[float]] = {}
    for origin in origins:
        before, after = _parts(disputes, origin, span)
        chain = _fit(before, origin, half_life)
        for name, of, what in _quantities():
            sample = of(after)
            if sample.height:
                middle, spread = _expected(chain, what, sample.height)
                errors.setdefault(name, []).append((_seen(sample, what) - middle) ** 2 - spread**2)
    return {name: max(0.0, float(np.mean(values))) for name, values in errors.items()}


def _compare(
    chain: Chain, used: pl.DataFrame, weights: Floats, held: pl.DataFrame,
    astray: Mapping[str, float], forecasts: int,
) -> pl.DataFrame:  # fmt: skip
    """Return the shares and durations of both samples beside those of the model."""
    from scipy.stats import norm, t

    wide = float(norm.ppf(0.95))
    # A variance from few forecasts is itself uncertain: Student's factor.
    wider = float(t.ppf(0.95, forecasts)) if forecasts else wide
    rows = []
    for name, of, what in _quantities():
        later, n = of(held), of(held).height
        middle, spread = _expected(chain, what, n)
        both = (spread**2 + astray.get(name, 0.0)) ** 0.5
        ends = (-wide * spread, wide * spread, -wider * both, wider * both)
        if isinstance(what, int):
            plain = [1 / (1 + math.exp(-(middle + x))) for x in (0.0, *ends)]
            first = float((weights * (used["highest"] >= what).to_numpy()).sum() / weights.sum())
            second = _share(held, what)
        else:
            plain = [math.exp(middle + x) for x in (0.0, *ends)]
            plain[1::2] = [max(1.0, x) for x in plain[1::2]]
            chosen = (
                np.ones(used.height, bool)
                if what[0] is None
                else (used["highest"] == what[0]).to_numpy()
            )
            first = _weighted_quantile(used["most"].to_numpy()[chosen], weights[chosen], what[1])
            second = float(later["most"].quantile(what[1], "linear") or 0.0)
        rows.append((name, first, second, *plain))
    names = ("quantity", "fitted", "later", "model", "chance_low", "chance_high", "low", "high")
    frame = pl.DataFrame(rows, schema=list(names), orient="row")
    return frame.with_columns(within=pl.col("later").is_between("low", "high"))


def _weighted_quantile(values: Any, weights: Floats, q: float) -> float:
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(upto, q)])
