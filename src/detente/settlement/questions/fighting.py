"""What fighting on is worth to each party: the status quo, or an outside option from elsewhere.

Nobody's reservation value is a fact. It is either where things stand while fighting goes on
(the table ``status_quo``), or typed as a range, or made of a lens or a simulation by the rules
here, which are this project's own; the result says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.system import Floats
from detente.errors import Undefined, UsageError
from detente.lenses.naming import in_words
from detente.settlement.bargains.party_utility import Utility, utility
from detente.settlement.questions.negotiation import Negotiation

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

COST = (0.0, 0.2)
"""Assumed range of what a war fought to its end costs a belligerent, in utility."""

DRAWS = 100
"""Draws of a lens's uncertain parameters behind the range of the chances."""

SPAN = (0.05, 0.95)
"""Quantiles of them that bound the range."""


@dataclass(frozen=True, eq=False)
class Fighting:
    """What fighting on is worth.

    Attributes
    ----------
    low, middle, high : array (parties,)
        In utility, 0 to 1; NaN where it is worth the status quo.
    basis : tuple of str
        Of each party: ``"status quo"``, ``"typed"``, or the lens or simulation.
    words : str
        In a sentence.
    """

    low: Floats
    middle: Floats
    high: Floats
    basis: tuple[str, ...]
    words: str


def worth(n: Negotiation) -> Utility:
    """Return the parties' utilities at the middle of the ranges."""
    return utility(n.ideal[1], n.salience[1])


def fighting_on(g: Architecture, n: Negotiation, given: Any = None) -> Fighting:
    """Return what fighting on is worth to each party.

    Parameters
    ----------
    g : Architecture
        Of which the conflict is.
    n : Negotiation
        The conflict.
    given : None, str, mapping or result of `detente.simulate`
        None: the status quo. A name of a lens: the chance to prevail from it. A mapping: typed
        ranges ``{party: (low, high)}``. A result of a simulation: the status quo times the chance
        that no further war begins in which the party is a side.

    Raises
    ------
    UsageError
        If it is none of these, or a range is no range.
    UnknownName
        If a party or a lens is not there.
    """
    count = len(n.parties)
    if given is None:
        blank = np.full(count, np.nan)
        return Fighting(
            blank,
            blank,
            blank,
            ("status quo",) * count,
            "Fighting on is worth where things stand meanwhile, without any cost of the fighting.",
        )
    if isinstance(given, str):
        return _by_lens(g, n, given)
    if isinstance(given, Mapping):
        return _typed(n, given)
    data = getattr(given, "data", None)
    if data is not None and "at_war" in data:
        return _by_simulation(n, data)
    raise UsageError(
        "fighting must be the name of a lens, a result of dt.simulate, or ranges such as "
        f'{{"{n.parties[0]}": (0.3, 0.5)}}, not {type(given).__name__}'
    )


def spans(name: str, n: Negotiation, given: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """Return typed ranges {party: (low, high)} of 0 to 1 as arrays; NaN for the others.

    Raises
    ------
    UsageError
        If a range is no range; the message names all of them.
    UnknownName
        If a party is not there.
    """
    low, high = np.full(len(n.parties), np.nan), np.full(len(n.parties), np.nan)
    faults = [] if given else ["no party is named"]
    for party, span in given.items():
        at = n.at(party)
        try:
            least, most = (float(v) for v in span)
        except (TypeError, ValueError):
            faults.append(f"{party}: {span!r} is no pair (low, high)")
            continue
        if not 0 <= least <= most <= 1:
            faults.append(f"{party}: low and high must be 0 <= low <= high <= 1, not {span}")
        low[at], high[at] = least, most
    if faults:
        raise UsageError(f"{name}: " + "; ".join(faults))
    return low, high


def _typed(n: Negotiation, given: Mapping[str, Any]) -> Fighting:
    low, high = spans("fighting", n, given)
    named = ", ".join(f"{party} {low[n.at(party)]:g} to {high[n.at(party)]:g}" for party in given)
    others = set(n.parties) - set(given)
    return Fighting(
        low,
        (low + high) / 2,
        high,
        tuple("typed" if party in given else "status quo" for party in n.parties),
        f"Fighting on is typed for {named}: no fact, a range that the asker chose"
        + ("; for the others it is worth the status quo." if others else "."),
    )


def _by_lens(g: Architecture, n: Negotiation, name: str) -> Fighting:
    """Make the chances of the belligerents into what a war fought to its end is worth.

    Whoever prevails settles every issue its way. The range is that of the lens's own uncertain
    parameters, and of the assumed cost.
    """
    fighters = [k for k, role in enumerate(n.role) if role == "belligerent"] or list(n.required)
    sides = [n.parties[k] for k in fighters]
    middle, drawn, words = chances(g, name, sides)
    points = worth(n)
    victories = np.array([points(n.ideal[1][k]) for k in fighters])
    low, high = np.quantile(drawn @ victories, SPAN, axis=0)
    estimate = middle @ victories
    low, high = np.minimum(low, estimate), np.maximum(high, estimate)
    cost = np.zeros(len(n.parties))
    cost[fighters] = COST[1]
    spans = np.quantile(drawn, SPAN, axis=0)
    named = ", ".join(
        f"{side} {middle[k]:.2f} ({spans[0, k]:.2f} to {spans[1, k]:.2f})"
        for k, side in enumerate(sides)
    )
    return Fighting(
        np.clip(low - cost, 0, 1),
        np.clip(estimate - cost / 2, 0, 1),
        np.clip(high, 0, 1),
        (f"lens {name}",) * len(n.parties),
        f"Fighting on is a war to the end, in which the lens {in_words(name)} gives {named} to "
        f"prevail ({words}; in brackets its own parameters' 5 to 95 percent); whoever prevails "
        f"settles every issue its way, and it costs a belligerent {COST[0]:g} to {COST[1]:g} of "
        "utility (assumed).",
    )


def chances(g: Architecture, name: str, sides: list[str]) -> tuple[Floats, Floats, str]:
    """Return the sides' chances to prevail under a lens, and over draws of its parameters.

    Raises
    ------
    UsageError
        If the lens has no notion of winning, or knows one of the sides as no state.
    Undefined
        If it gives a side nothing to fight with.
    """
    from detente.lenses import find, names

    lens = find(name)
    if not lens.has_winning:
        able = [key for key in names() if find(key).has_winning]
        raise UsageError(
            f"fighting: lens {name} has no notion of who would win; these have: {', '.join(able)}. "
            'Or type ranges, such as {"' + sides[0] + '": (0.3, 0.5)}'
        )
    system = g.system
    missing = [side for side in sides if side not in system.codes]
    if missing:
        raise UsageError(f"fighting: lens {name} knows no state {', '.join(missing)}")
    if len(sides) < 2:
        raise UsageError(
            f"fighting: a lens tells who of several belligerents prevails; {sides[0]} is the only "
            "one here. Type a range instead"
        )
    at = [system.codes.index(side) for side in sides]
    middle = lens.winning(system, lens.values(), at)
    losing = ", ".join(side for side, c in zip(sides, middle.chance, strict=True) if c <= 0)
    if losing:
        raise Undefined(
            f"lens {name} gives {losing} nothing to fight with: no chance can be made of it; type "
            "a range instead",
            state=losing.split(",")[0],
        )
    size = max(1, len(lens.parameters))
    drawn = [middle.chance]
    for values in lens.draws(np.random.default_rng([size, DRAWS]).random((DRAWS, size))):
        try:
            drawn.append(lens.winning(system, values, at).chance)
        except Undefined:
            continue  # the model has no answer there: the range is of the draws in which it has
    return middle.chance, np.array(drawn), middle.words


def _by_simulation(n: Negotiation, data: Any) -> Fighting:
    codes = [str(code) for code in data["state"].values]
    before = worth(n)(n.status_quo[1])
    risk = np.array(
        [float(data["at_war"].values[codes.index(p)]) if p in codes else 0.0 for p in n.parties]
    )
    error = np.array(
        [
            float(data["at_war_error"].values[codes.index(p)]) if p in codes else 0.0
            for p in n.parties
        ]
    )
    values = [np.clip(before * (1 - risk + s * error), 0, 1) for s in (-2, 0, 2)]
    return Fighting(
        values[0],
        values[1],
        values[2],
        tuple("simulation" if p in codes else "status quo" for p in n.parties),
        "Fighting on is the status quo times the chance that no further war begins in which the "
        "party is a side; a further war is worth nothing (assumed).",
    )
