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
from detente.settlement.bargains.party_utility import Utility, utility
from detente.settlement.questions.negotiation import Negotiation

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

COST = (0.0, 0.2)
"""Assumed range of what a war fought to its end costs a belligerent, in utility."""

CHANCE_SPAN = 0.1
"""Assumed half-width of the chance that a belligerent prevails."""


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


def _typed(n: Negotiation, given: Mapping[str, Any]) -> Fighting:
    low, high = np.full(len(n.parties), np.nan), np.full(len(n.parties), np.nan)
    faults = []
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
        raise UsageError("fighting: " + "; ".join(faults))
    named = ", ".join(f"{party} {low[n.at(party)]:g} to {high[n.at(party)]:g}" for party in given)
    return Fighting(
        low,
        (low + high) / 2,
        high,
        tuple("typed" if party in given else "status quo" for party in n.parties),
        f"Fighting on is typed for {named}: no fact, a range that the asker chose; for the others "
        "it is worth the status quo.",
    )


def _by_lens(g: Architecture, n: Negotiation, name: str) -> Fighting:
    """Make the chances of the two belligerents into what a war fought to its end is worth."""
    sides = [n.parties[k] for k in n.required]
    if len(sides) != 2:
        raise UsageError(
            f"a lens gives the chances of two belligerents; {n.conflict} has {len(sides)} parties "
            "whose consent is required: type ranges instead"
        )
    p, how = chances(g, name, sides)
    points = worth(n)
    a, b = (points(n.ideal[1][k]) for k in n.required)
    low, middle, high = (
        (p + shift) * a + (1 - p - shift) * b for shift in (-CHANCE_SPAN, 0, CHANCE_SPAN)
    )
    low, high = np.minimum(low, high), np.maximum(low, high)
    cost = np.zeros(len(n.parties))
    cost[list(n.required)] = COST[1]
    return Fighting(
        np.clip(low - cost, 0, 1),
        np.clip(middle - cost / 2, 0, 1),
        np.clip(high, 0, 1),
        (name,) * len(n.parties),
        f"Fighting on is a war to the end: {sides[0]} prevails with {p:.2f} ({how}), give or take "
        f"{CHANCE_SPAN:g}, and settles every issue its way; it costs a belligerent {COST[0]:g} to "
        f"{COST[1]:g} of utility (assumed).",
    )


def chances(g: Architecture, name: str, sides: list[str]) -> tuple[float, str]:
    """Return the chance that the first side prevails over the second, and what it rests on."""
    from detente.lenses import find

    lens = find(name)
    system = g.system
    missing = [side for side in sides if side not in system.codes]
    if missing:
        raise UsageError(f"lens {name} knows no state {', '.join(missing)}")
    at = [system.codes.index(side) for side in sides]
    if lens.key == "contest":
        shares = lens.security(system, lens.values())[at]
        what = "shares of the prize in the contest"
    else:
        capability = np.nan_to_num(system.capability)
        shares = (capability + system.allies @ capability)[at]
        what = f"own and pledged capability, as {name} reads the ties"
    if not (shares > 0).all():
        losing = ", ".join(side for side, s in zip(sides, shares, strict=True) if s <= 0)
        raise Undefined(
            f"lens {name} gives {losing} nothing to fight with: no chance can be made of it; type "
            "a range instead",
            state=losing.split(",")[0],
        )
    return float(shares[0] / shares.sum()), what


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
