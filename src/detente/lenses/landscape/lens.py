"""Landscape theory: which states would rather stand on the same side, and what keeps them apart.

Axelrod & Bennett (1993). State i has a size s_i and a propensity p_ij = p_ji to be on the same
side as j. A configuration puts each state on one of two sides, d_ij = 1 across and 0 within:

- frustration  F_i = sum_j s_j p_ij d_ij
- energy       E = sum_i s_i F_i, so that switching k changes E by 2 s_k times the change of F_k
- a local minimum is a configuration in which no single state lowers its frustration by
  switching; its basin is what steepest descent (switch whoever lowers E most) leads to it.

With y_i = +1, -1 for the sides and W_ij = s_i s_j p_ij: E = (sum W - y'Wy) / 2.

Departs from the paper: the propensities come from the ties of an architecture (p = alliance
weight minus a weight times rivalry), not from a coding of affinities; and the configuration in
which security is read is the one that the greatest rivalry suggests, see `alignments`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import ClassVar
from weakref import WeakKeyDictionary

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.errors import Undefined
from detente.lenses.landscape.camps import camps_portrait
from detente.lenses.landscape.configurations import (
    alignments,
    lowest_pass,
    pair_weights,
)
from detente.lenses.landscape.some_burdens import SomeBurdens
from detente.lenses.protocol import Lens, Parameter, Portrait, Values
from detente.lenses.some_changes import Kept, are_some

PATIENCE = 200
"""Questions about few changes, one draw each, after which the compiled loop is worth its wait.

It gives the same bits; so it does not matter when that is.
"""
NOTHING = Moves.build([[]], [[]])

_after = Kept(SomeBurdens)
_before: WeakKeyDictionary[System, SomeBurdens] = WeakKeyDictionary()
_asked = count()


def _often_asked() -> bool:
    return next(_asked) >= PATIENCE


def _before_of(system: System) -> SomeBurdens:
    held = _before.get(system)
    if held is None:
        held = _before[system] = SomeBurdens(system, NOTHING)
    return held


class Landscape(Lens):
    """Size times frustration at the present sides, with the sign turned.

    security_i = -s_i F_i, s the share of all capability, p_ij = ally_ij - rivalry * rival_ij.
    """

    key: ClassVar[str] = "landscape"
    title: ClassVar[str] = "Who stands on the wrong side: frustration between two camps"
    called: ClassVar[str] = "two camps"
    citation: ClassVar[str] = (
        "Axelrod, R. & Bennett, D. S. (1993). A Landscape Theory of Aggregation. "
        "British Journal of Political Science 23(2), 211-233."
    )
    status: ClassVar[str] = "verified"
    unit: ClassVar[str] = "squared share of capability"
    meaning: ClassVar[str] = (
        "Minus size times frustration: allies on the other side make a state less secure, "
        "rivals on the other side make it more secure."
    )
    limits: ClassVar[tuple[str, ...]] = (
        "There are exactly two sides.",
        "A rival on the other side lowers frustration, so a new rivalry across the line counts "
        "as a gain for both: what is measured is clarity, not peace.",
        "An alliance within a side changes nothing, and a state without ties feels nothing.",
        "The present sides are derived from the greatest rivalry by a rule of ours; a small "
        "change of ties can regroup everybody.",
        "The model of 1993 derives propensities from affinities; here they are the ties.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "counts",
        "distance": "ignored",
        "an ally": "stands on the same side",
        "a rival": "stands on the other side",
        "reach of a change": "the whole system",
    }
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            name="rivalry",
            default=1.0,
            low=0.5,
            high=2.0,
            unit="ratio",
            meaning="Weight of a rivalry relative to a full alliance.",
            source="assumed; the paper weighs its five factors equally, which gives 1",
            scale="log",
            minimum=0.0,
        ),
    )

    def security(self, system: System, values: Values) -> Floats:
        """Return minus size times frustration at the present sides, array (n,)."""
        before = _before_of(system)
        if values["rivalry"] not in before.known and _often_asked():
            alone: Floats = self._compiled(system, NOTHING, values)[0]
            return alone
        burdens: Floats = before.under(system, self._share(system), values["rivalry"])[-1]
        return 0.0 - burdens

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n): all in one loop."""
        if any(moves.armed):
            return super().deltas(system, moves, values)
        if are_some(system, moves):
            after = _after.of(system, moves)
            if values["rivalry"] in after.known or not _often_asked():
                security = 0.0 - after.under(system, self._share(system), values["rivalry"])
                deltas: Floats = security[after.edits.number] - security[-1]
                return deltas
        return self._compiled(system, moves, values) - self.security(system, values)

    def foresee(self, system: System, moves: Moves, draws: Sequence[Values]) -> None:
        """Have the securities of several draws at hand: before, and after each of few changes."""
        share, weights = self._share(system), [values["rivalry"] for values in draws]
        before = _before_of(system)
        if not are_some(system, moves) or any(moves.armed):
            before.evaluate(system, share, weights)
            return
        after = _after.of(system, moves)
        after.evaluate(system, share, weights)
        before.keep({w: after.under(system, share, w)[-1:] for w in weights})

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe the camps: who stands with whom against whom, and who stands wrong."""
        blocs = alignments(self._share(system), self._propensity(system, values))
        return camps_portrait(system, blocs, self.security(system, values), self.unit)

    def height(self, system: System, values: Values) -> float:
        """Return the lowest pass out of the present configuration, a property of the system.

        The least over the connected components of the ties and over the alignments of each;
        infinite if nothing can be left.

        Raises
        ------
        Undefined
            If some state has no side.
        UsageError
            If a component has more than 20 states.
        """
        share = self._share(system)
        propensity = self._propensity(system, values)
        heights = [np.inf]
        for bloc in alignments(share, propensity):
            who = bloc.members
            if not bloc.side.all():
                state = system.codes[int(who[np.argmin(np.abs(bloc.side))])]
                raise Undefined(f"nothing decides the side of {state}", state=state)
            side = (bloc.side < 0).astype(np.int64)
            heights.append(lowest_pass(share[who], propensity[np.ix_(who, who)], side))
        return float(min(heights))

    def _compiled(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return security after each change, array (m, n), by the compiled loop."""
        from detente.lenses.landscape.landscape_kernel import burdens

        share = self._share(system)
        weights = pair_weights(share, self._propensity(system, values))
        propensity = moves.ally - values["rivalry"] * moves.rival
        weight = share[moves.first] * share[moves.second] * propensity
        securities = np.empty((len(moves), system.size))
        burdens(weights, moves.ptr, moves.first, moves.second, weight, securities)
        return 0.0 - securities

    def _share(self, system: System) -> Floats:
        total = system.capability.sum()
        if not total > 0.0:
            raise Undefined("no state has any capability, so no state has a size")
        share: Floats = system.capability / total
        return share

    def _propensity(self, system: System, values: Values) -> Floats:
        propensity: Floats = system.allies - values["rivalry"] * system.rivals
        return propensity
