"""What the draws of the assumed parameters say, in words; text and page take it from here.

Relative statements come first: how likely one thing is against another moves less with the
parameters than how likely it is.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from detente.crisis.model.settings import parameters
from detente.crisis.run.parameter_draws import quantiles
from detente.results.uncertainty import percent
from detente.words import number, plural

if TYPE_CHECKING:
    from detente.architecture.system import Floats
    from detente.results.result import Result

SAME, HALF, TWICE = 0.05, 0.04, 0.15
"""How near to 1, 1/2 and 2 a ratio is called as much, half and twice."""
MOSTLY = 0.25
"""Share of draws without any war above which nothing is said of what moves its chance."""
CHANCE = 0.05
"""Chance that a parameter is said to move a figure although none does."""


def times_as(ratio: float, what: str = "likely") -> str:
    """Say how many times as likely something is, to stand before the other thing."""
    if not np.isfinite(ratio):
        return f"not comparably {what} to"
    if abs(ratio - 1) <= SAME:
        return f"about as {what} as"
    if abs(ratio - 0.5) <= HALF:
        return f"half as {what} as"
    if abs(ratio - 2) <= TWICE:
        return f"twice as {what} as"
    return f"{number(ratio, 2)} times as {what} as"


def drawn(result: Result) -> int:
    """Return how many draws an answer has; 0 where none was asked for or it is an old one."""
    return int(result.data.sizes.get("draw", 0))


def defined(result: Result, name: str) -> Floats:
    """Return a quantity at the draws at which there is an answer."""
    over: Floats = result.data[f"{name}_draws"].values.astype(float)
    return over[~np.isnan(over)]


def chance(share: float) -> str:
    """Return a chance in per cent, without an error, which is named apart."""
    return f"{_per_cent(share, share)} %" if np.isfinite(share) else "no answer"


def chances(low: float, high: float) -> str:
    """Return an interval of chances in per cent."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return "no answer"
    return f"{_per_cent(low, high)} to {_per_cent(high, high)} %"


def _per_cent(share: float, size: float) -> str:
    """Return a share in per cent with digits for numbers of a size; none and all have none."""
    if share in (0.0, 1.0):
        return f"{100 * share:.0f}"
    digits = 1 if size >= 0.01 else 2 if size >= 0.001 else 3 if size >= 0.0001 else -1
    return f"{100 * share:.2g}" if digits < 0 else f"{100 * share:.{digits}f}"


def with_interval(result: Result, name: str, share: float, error: float, of: str = "") -> str:
    """Return a chance and what it is over the draws; without draws its Monte Carlo error.

    `of` stands behind the chance, such as " of replicas".
    """
    if not drawn(result):
        return f"{percent(share, error)}{of}"
    return f"{chance(share)}{of} ({interval_in_words(result, name)} over drawn parameters)"


def monte_carlo_in_words(result: Result, name: str, error: float) -> str:
    """Name the Monte Carlo error of a chance, at the defaults and at a draw, apart from the rest.

    Where it is as wide as the interval itself, says so.
    """
    text = f"Monte Carlo error: {_points(error)} points at the defaults"
    replicas = result.settings.get("draw_replicas")
    if not drawn(result) or not replicas:
        return f"{text}."
    over = defined(result, name)
    one = float(np.median(np.sqrt(over * (1 - over) / replicas))) if len(over) else np.nan
    low, high = quantiles(over) if len(over) else (np.nan, np.nan)
    wide = (
        " The draws differ by little more than that, so that the interval is mostly chance: more "
        "replicas tell."
        if np.isfinite(one) and high - low < 4 * one
        else ""
    )
    return f"{text}, {_points(one)} in a draw.{wide}"


def _points(error: float) -> str:
    return number(100 * error, 1) if np.isfinite(error) and error else "0"


def interval_in_words(result: Result, name: str) -> str:
    """Return the interval of a single chance over the draws; empty without draws."""
    if not drawn(result):
        return ""
    low, high = (float(result.data[f"{name}_drawn_{end}"]) for end in ("low", "high"))
    return chances(low, high)


def ratio_of(result: Result, name: str, base: str) -> Floats:
    """Return how many times one quantity another is at each draw, NaN where that is 0."""
    over, beside = (result.data[f"{x}_draws"].values.astype(float) for x in (name, base))
    ratio: Floats = np.divide(over, beside, out=np.full(over.shape, np.nan), where=beside > 0)
    return ratio


def ratio_in_words(over: Floats) -> str:
    """Return the interval of a ratio over the draws, as a bracket.

    Where too many draws have no ratio, those that have one are no sample of all: it says so.
    """
    lacking = int((~np.isfinite(over)).sum())
    if lacking > MOSTLY * len(over):
        return f"in {lacking} of {len(over)} draws there is nothing to compare with"
    low, high = quantiles(over[np.isfinite(over)]) if np.isfinite(over).any() else (np.nan, np.nan)
    if not np.isfinite(low):
        return ""
    return f"{number(float(low), 2)} to {number(float(high), 2)} times over drawn parameters"


def assumed_in_words(result: Result) -> str:
    """Say what was assumed, and what the interval is of; it stands beside the number."""
    every = parameters()
    assumed = sum(p.source.startswith("assumed") for p in every)
    text = f"{assumed} of the {len(every)} parameters are assumed"
    draws = drawn(result)
    if not draws:
        return (
            f"{text}, and they were not drawn: what they make of the figure is not in it "
            "(--draws; in Python draws=)."
        )
    chosen = int(result.data.sizes["drawn_parameter"])
    held = len(result.settings.get("held", ()))
    rest = f", and {plural(held, 'value')} set by the user held" if held else ""
    lost = int(result.settings.get("draws_undefined", 0))
    gone = (
        f" At {plural(lost, 'draw')} incidents grow without end or nothing is decided: left out."
        if lost
        else ""
    )
    return (
        f"{text}; {plural(draws, 'draw')} of the {chosen} that have a range{rest}: "
        f"the interval is from the 5 % to the 95 % quantile of the draws.{gone}"
    )


def driver_in_words(result: Result, name: str, subject: str) -> str:
    """Say which drawn parameter moves a chance most, as a relative statement.

    Rank correlation (Spearman 1904) over the draws; said only where it is larger than what one
    of so many parameters would have by chance in one case of twenty.
    """
    if drawn(result) < 8 or not result.data.sizes.get("drawn_parameter", 0):
        return ""
    over = result.data[f"{name}_draws"].values.astype(float)
    known = ~np.isnan(over)
    table, over = result.data["drawn"].values[known], over[known]
    if len(over) < 8 or np.ptp(over) == 0 or (over == 0).mean() > MOSTLY:
        return ""
    correlation = _rank_correlation(table, over)
    best = int(np.argmax(np.abs(correlation)))
    bound = NormalDist().inv_cdf(1 - CHANCE / 2 / table.shape[1]) / np.sqrt(len(over) - 1)
    if abs(correlation[best]) < bound:
        return "No single parameter stands out among those that move it, in so few draws."
    key = str(result.data["drawn_parameter"].values[best])
    meaning = {p.name: p.meaning for p in parameters()}[key].rstrip(".")
    third = max(1, len(over) // 3)
    order = np.argsort(table[:, best], kind="stable")
    low, high = over[order[:third]].mean(), over[order[-third:]].mean()
    against = times_as(float(high / low)) if low > 0 else "likelier than"
    return (
        f"What moves it most is {key} ({meaning[:1].lower()}{meaning[1:]}): in the third of draws "
        f"with the highest values {subject} is {against} in the third with the lowest."
    )


def _rank_correlation(table: Floats, over: Floats) -> Floats:
    """Return Spearman's rank correlation of each column with a quantity, by mean ranks."""
    ranks = np.apply_along_axis(_mean_ranks, 0, np.column_stack([table, over]))
    ranks -= ranks.mean(axis=0)
    size = np.sqrt((ranks**2).sum(axis=0))
    product = ranks[:, :-1].T @ ranks[:, -1]
    correlation: Floats = np.divide(
        product, size[:-1] * size[-1], out=np.zeros(len(product)), where=size[:-1] * size[-1] > 0
    )
    return correlation


def _mean_ranks(values: Floats) -> Floats:
    ordered = np.sort(values)
    first = np.searchsorted(ordered, values, side="left")
    last = np.searchsorted(ordered, values, side="right")
    ranks: Floats = (first + last + 1) / 2
    return ranks
