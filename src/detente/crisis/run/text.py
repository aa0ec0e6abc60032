"""A simulation in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis.model.model_arrays import FORCE, TOP
from detente.crisis.run.draws_text import (
    assumed_in_words,
    chance,
    chances,
    drawn,
    driver_in_words,
    monte_carlo_in_words,
    ratio_in_words,
    times_as,
    with_interval,
)
from detente.results.uncertainty import percent
from detente.words import listed

if TYPE_CHECKING:
    from detente.architecture.system import Floats
    from detente.results.result import Result

SHOWN = 12
COMPARED = 2
"""Pairs with which the likeliest one is compared."""
THERE = "stands there"
"""Instead of the chance to reach a rung for a dyad that begins on it or above."""
CAUTION = (
    "These are properties of a model whose parameters are mostly assumed, not forecasts: compare "
    "them with one another, and see how they move when a parameter does."
)
OTHER_QUESTION = (
    "committor asks another question of the same dyads: whether war comes before calm, over ten "
    "years unless said otherwise. Here a war counts whatever became calm before it, and only "
    "within the days; “some dyad” is any of all dyads, and so likelier than each of them."
)
WAR_SIZES = (
    "How wide the wars of this run are is not counted here. Wars of the model can have more states "
    "and dyads than those on record: docs/crisis/model.md holds them against the record, and says "
    "how to count them again."
)
"""No figure: they are of one scenario at one set of parameters, and stand in the docs alone."""


def summary(run: Result) -> str:
    """Return what a reader sees first: relative statements, then chances with their intervals."""
    d = run.data
    a = d.attrs
    rows = run.dyads()
    lines = [
        f"{a['title']}: {a['days']:g} days, {a['replicas']:,} replicas, seed {a['seed']}",
        *([f"Simulated {run.way}."] if run.settings.get("method") == "days" else []),
        *relative(run),
        f"Some dyad newly reaches war in {any_war_in_words(run)}; "
        f"{float(d['incidents']):.1f} incidents a replica. "
        + monte_carlo_in_words(run, "any_war", float(d["any_war_error"])),
        assumed_in_words(run),
        "",
        "Dyads, those most likely to reach war first (start, reaches force, reaches war, "
        f"share of time between peace and war); {_of_brackets(run)}:",
    ]
    for row in rows.filter(rows["start"] < TOP).head(SHOWN).iter_rows(named=True):
        cells = [
            THERE if row["start"] >= FORCE else in_brackets(row, "force"),
            in_brackets(row, "war"),
            in_brackets(row, "between"),
        ]
        lines.append(
            f"  {row['dyad']:<12} {row['start']}" + "".join(f"   {cell:>22}" for cell in cells)
        )
    standing = rows.filter(rows["start"] == TOP)["dyad"].to_list()
    if standing:
        lines.append(f"At war from the start: {', '.join(standing)}.")
    drawn_in = run.states()
    drawn_in = drawn_in.filter(drawn_in["drawn_in"] > 0).sort("drawn_in", descending=True)
    if drawn_in.height:
        who = ", ".join(
            f"{row['state']} {in_brackets(row, 'drawn_in')}"
            for row in drawn_in.head(6).iter_rows(named=True)
        )
        lines.append(f"Drawn into a war of an ally: {who}.")
    return "\n".join([*lines, "", CAUTION, WAR_SIZES, OTHER_QUESTION])


def relative(run: Result, names: Callable[[str], str] = str) -> list[str]:
    """Return what is said before any chance: against one another, and what moves them.

    Parameters
    ----------
    run : Result
        Of `simulate`.
    names : callable, optional
        From a dyad to its name in words.
    """
    rows = run.dyads()
    rows = rows.filter((rows["start"] < TOP) & (rows["war"] > 0))
    lines = []
    if rows.height > 1:
        first, *others = rows.head(1 + COMPARED).iter_rows(named=True)
        against = []
        for row in others:
            text = f"{times_as(first['war'] / row['war'])} war on {names(row['dyad'])}"
            if drawn(run):
                over = [_war_draws(run, r["dyad"]) for r in (first, row)]
                ratio = np.divide(over[0], over[1], out=np.full(len(over[0]), np.nan),
                                  where=over[1] > 0)  # fmt: skip
                words = ratio_in_words(ratio)
                text += f" ({words})" if words else ""
            against.append(text)
        led = ""
        if drawn(run):
            table = run.data["war_draws"].values.astype(float)
            table[:, run.data["start_rung"].values >= TOP] = -1.0
            known = table[~np.isnan(table).any(axis=1)]
            place = run.data["dyad"].values.astype(str).tolist().index(first["dyad"])
            often = int((known.argmax(axis=1) == place).sum())
            led = f"; it is the likeliest of all in {often} of {len(known)} draws"
        lines.append(f"War on {names(first['dyad'])} is {listed(against)}{led}.")
    if mover := driver_in_words(run, "any_war", "a new war"):
        lines.append(mover)
    return lines


def any_war_in_words(run: Result) -> str:
    """Return the chance of any new war with its interval over the draws."""
    return with_interval(
        run, "any_war", float(run.data["any_war"]), float(run.data["any_war_error"]), " of replicas"
    )


def in_brackets(row: Mapping[str, Any], name: str) -> str:
    """Return a chance of a row with its interval over the draws in brackets.

    Without draws it has its Monte Carlo error behind it.
    """
    if f"{name}_drawn_low" not in row:
        return percent(row[name], row[f"{name}_error"])
    interval = chances(row[f"{name}_drawn_low"], row[f"{name}_drawn_high"])
    return f"{chance(row[name])} ({interval.removesuffix(' %')})"


def _war_draws(run: Result, dyad: str) -> Floats:
    over: Floats = run.data["war_draws"].sel(dyad=dyad).values.astype(float)
    return over


def _of_brackets(run: Result) -> str:
    """Say what stands in brackets or after ±."""
    if not drawn(run):
        return "after ± the Monte Carlo error"
    rows = run.dyads()
    most = float(np.max(rows.select("force_error", "war_error").to_numpy()))
    return (
        "in brackets the interval over drawn parameters (Monte Carlo error: at most "
        f"{percent(most, 0.0)} of replicas)"
    )
