"""A simulation in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from detente.crisis.model.model_arrays import FORCE, TOP

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.crisis.run.result import Simulation

SHOWN = 12
THERE = "stands there"
"""Instead of the chance to reach a rung for a dyad that begins on it or above."""
CAUTION = (
    "These are properties of a model whose parameters are mostly assumed, not forecasts: compare "
    "them with one another, and see how they move when a parameter does."
)


def names_of(g: Architecture, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of states and other actors by their codes; a code without one is its own."""
    known = dict(g.names)
    if "actors" in g.tables:
        known = dict(g.tables["actors"].select("actor", "name").iter_rows()) | known
    return {code: known.get(code) or code for code in sorted(set(codes))}


def pair_name(dyad: str, names: Mapping[str, str]) -> str:
    """Return a dyad such as CHN-USA in words: China – United States."""
    return " – ".join(names.get(code, code) for code in dyad.split("-"))


def summary(run: Simulation) -> str:
    """Return what a reader sees first."""
    d = run.data
    a = d.attrs
    n = int(a["replicas"])
    lines = [
        f"{a['title']}: {a['days']:g} days, {a['replicas']:,} replicas, seed {a['seed']}",
        *([f"Simulated {run.way}."] if run.settings.get("method") == "days" else []),
        f"Some dyad newly reaches war in {of_replicas(d['any_war'], n)} of replicas; "
        f"{float(d['incidents']):.1f} incidents a replica.",
        "",
        "Dyads, those most likely to reach war first (start, reaches force, reaches war, "
        "share of time between peace and war); in brackets 95 % intervals:",
    ]
    rows = run.dyads()
    for row in rows.filter(rows["start"] < TOP).head(SHOWN).iter_rows(named=True):
        force = THERE if row["start"] >= FORCE else of_replicas(row["force"], n)
        lines.append(
            f"  {row['dyad']:<12} {row['start']}   {force:>24}"
            f"   {of_replicas(row['war'], n):>24}"
            f"   {percent(row['between'], row['between_error']):>16}"
        )
    standing = rows.filter(rows["start"] == TOP)["dyad"].to_list()
    if standing:
        lines.append(f"At war from the start: {', '.join(standing)}.")
    drawn = run.states()
    drawn = drawn.filter(drawn["drawn_in"] > 0).sort("drawn_in", descending=True)
    if drawn.height:
        who = ", ".join(
            f"{s} {of_replicas(p, n)}"
            for s, p in drawn.select("state", "drawn_in").head(6).iter_rows()
        )
        lines.append(f"Drawn into a war of an ally: {who}.")
    return "\n".join([*lines, "", CAUTION])


def percent(share: object, error: object) -> str:
    """Return a share with its Monte Carlo error, in per cent; none and all have no error."""
    p, e = 100 * float(share), 100 * float(error)  # type: ignore[arg-type]  # numbers or 0-d arrays
    if e == 0:
        return f"{p:.0f} %" if p in (0.0, 100.0) else f"{p:.3g} %"
    digits = 1 if e >= 0.05 else 2 if e >= 0.005 else 3
    return f"{p:.{digits}f} ± {e:.{digits}f} %"


SURE = 1.959963984540054
"""Standard errors to either side of an interval of 95 %."""


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return the 95 % interval of a chance that came out as a share of n trials.

    Wilson's (1927, Journal of the American Statistical Association 22, 209-212): it has a width
    also where none or all of the trials came out one way.
    """
    if n <= 0:
        return 0.0, 1.0
    square = SURE**2 / n
    middle = (share + square / 2) / (1 + square)
    half = SURE / (1 + square) * (share * (1 - share) / n + square / (4 * n)) ** 0.5
    low = 0.0 if share <= 0 else max(0.0, middle - half)
    high = 1.0 if share >= 1 else min(1.0, middle + half)
    return low, high


def of_replicas(share: object, n: float) -> str:
    """Return a share of n replicas in per cent, with its 95 % interval in brackets."""
    p = float(share)  # type: ignore[arg-type]  # a number or a 0-d array
    low, high = wilson(p, n)
    digits = 1 if high - low >= 0.002 else 2 if high - low >= 0.0002 else 3
    shown = "0" if p == 0 else "100" if p == 1 else f"{100 * p:.{digits}f}"
    first = "0" if low == 0 else f"{100 * low:.{digits}f}"
    last = "100" if high == 1 else f"{100 * high:.{digits}f}"
    return f"{shown} % ({first} to {last})"
