"""What the headline would be if a choice that went into it were made otherwise.

Some choices are neither facts nor parameters of a lens: how much a paper alliance weighs,
whether a treaty counts that is signed but not in force, how intense a rivalry must be, which
figure stands for capability. Each is switched by itself, and the audit says what it changes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from detente.architecture.changes import Change, moves_of
from detente.architecture.mapping import THRESHOLD
from detente.architecture.value import Architecture
from detente.auditing.feasible_changes import feasible
from detente.auditing.screening import Problem
from detente.auditing.verdicts import Threshold, judge
from detente.errors import DetenteError

if TYPE_CHECKING:
    from detente.auditing.screening import Finding
    from detente.lenses.protocol import Lens

FEW = 12
"""Up to so many changes that the user names are answered one by one, side by side."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """The verdict of one lens when one choice is made otherwise.

    Attributes
    ----------
    name : str
        Which choice, in words.
    lens : str
        Through which lens.
    index : float
        Indivisibility index; NaN if the lens has no answer, or too few changes are wanted.
    changes, wanted, witnesses : int
        How many changes were tried, wanted, and wanted at someone's expense.
    reason : str
        Why there is no answer; empty if there is one.
    gainers, losers : tuple of int
        For each change that was named by the user, how many states gain and lose more than the
        tolerance; empty where all feasible changes were tried, which differ from choice to choice.
    """

    name: str
    lens: str
    index: float
    changes: int
    wanted: int
    witnesses: int
    reason: str = ""
    gainers: tuple[int, ...] = ()
    losers: tuple[int, ...] = ()


_switches: WeakKeyDictionary[Architecture, list[tuple[str, Architecture]]] = WeakKeyDictionary()


def switches(g: Architecture) -> list[tuple[str, Architecture]]:
    """Return the other choices that this architecture offers, each with what it makes of it.

    They are the same objects as long as it is in use, so that what follows from each is worked
    out once.
    """
    if g not in _switches:
        _switches[g] = _made_otherwise(g)
    return _switches[g]


def _made_otherwise(g: Architecture) -> list[tuple[str, Architecture]]:
    others: list[tuple[str, Architecture]] = []
    partial = g.ledger.partial()
    if partial:
        mapping = g.mapping.weigh(dict.fromkeys(partial, 1.0))
        others.append(("paper alliances at full weight", g.under(mapping)))
    for strength in ("signed_not_in_force", "disputed"):
        if g.mapping.values[f"weight.strength.{strength}"] == 0 and _matters(g, strength):
            words = strength.replace("_", " ")
            others.append((f"{words} commitments counted", g.under(g.mapping.include(strength))))
    # A threshold above every rivalry would leave no rivals, and is no reading of them.
    highest = max(g.in_force("rivalries")["intensity"].to_list(), default=0)
    for level in (g.mapping.threshold - 1, g.mapping.threshold + 1):
        if 1 <= level <= 5 and (level < g.mapping.threshold or highest >= level):
            mapping = g.mapping.update({THRESHOLD: level})
            others.append((f"rivals from intensity {level:g}", g.under(mapping)))
    measures = g.tables["measures"].filter(pl.col("default").is_in(["yes", "alternative"]))
    for measure, name in measures.select("measure", "name").iter_rows():
        if measure != g.measure:
            others.append((f"capability measured by {_lower(name)}", g.measured_by(measure)))
    return others


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _matters(g: Architecture, strength: str) -> bool:
    """Whether a commitment of this strength is of a kind that counts as an alliance."""
    kinds = g.in_force("commitments").filter(pl.col("strength") == strength)["kind"]
    return any(g.mapping.values[f"weight.kind.{kind}"] > 0 for kind in kinds)


def alternatives_of(
    g: Architecture,
    findings: Sequence[Finding],
    threshold: Threshold,
    changes: Sequence[Change] | None,
    kinds: Collection[str],
) -> list[Alternative]:
    """Return the verdicts under every switch and lens.

    Where `changes` is None the feasible ones of the `kinds` are found anew for every switch.
    """
    verdicts = []
    for name, other in switches(g):
        try:
            listed = (
                feasible(other, kinds)
                if changes is None
                else [change.bound(other) for change in changes]
            )
            problem = Problem.of(other.system, moves_of(other, listed))
        except DetenteError as error:
            verdicts += [
                Alternative(name, f.lens.name, float("nan"), 0, 0, 0, str(error)) for f in findings
            ]
            continue
        named = changes is not None
        verdicts += [_verdict(name, finding, problem, threshold, named) for finding in findings]
    return verdicts


def _verdict(
    name: str, finding: Finding, problem: Problem, threshold: Threshold, named: bool
) -> Alternative:
    lens = finding.lens
    try:
        security = lens.security(problem.system, finding.values)
    except DetenteError as error:
        return Alternative(name, lens.name, float("nan"), len(problem.moves), 0, 0, str(error))
    tol = threshold.point(lens, security)
    says = judge(problem.screen(lens, finding.values, tol), tol, problem.twins(lens))
    return Alternative(
        name,
        lens.name,
        says.index,
        len(problem.moves),
        says.wanted_count,
        says.witness_count,
        "",
        *_moved(lens, finding, problem, tol, named),
    )


def _moved(
    lens: Lens, finding: Finding, problem: Problem, tol: float, named: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return how many states each named change makes more, and less, secure."""
    if not named or len(problem.moves) > FEW:
        return (), ()
    deltas = problem.deltas(lens, finding.values)
    gone = np.isnan(deltas).any(axis=1)
    gainers, losers = (
        np.where(gone, -1, (sign * deltas > tol).sum(axis=1)).tolist() for sign in (1, -1)
    )
    return tuple(gainers), tuple(losers)
