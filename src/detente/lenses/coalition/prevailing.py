"""Who would prevail in a war of sides, by the formula's own chances of attacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.architecture.system import System
from detente.errors import Undefined
from detente.lenses.coalition import formula
from detente.lenses.coalition.facts import Values
from detente.lenses.coalition.system_facts import facts_of
from detente.lenses.winning import Winning, by_pairs


def war_of(system: System, values: Values, sides: Sequence[int]) -> Winning:
    """Return the chance to prevail: between one's own attack and the other's, beaten back.

    `beaten` of each pair, with everybody who takes part on either side.

    Raises
    ------
    Undefined
        If two of the sides have no rivalry: the formula knows no attack then.
    """
    facts = facts_of(system, values)
    possible = formula.possible_attacks(facts, formula.ties(facts, values), values)
    beaten = np.full((system.size, system.size), np.nan)
    beaten[possible.leader, possible.target] = possible.beaten
    pairs = ((beaten + 1 - beaten.T) / 2)[np.ix_(list(sides), list(sides))]
    np.fill_diagonal(pairs, 0.0)
    if np.isnan(pairs).any():
        a, b = (system.codes[sides[k]] for k in np.argwhere(np.isnan(pairs))[0])
        raise Undefined(
            f"lens coalition knows no war between {a} and {b}: they have no rivalry", state=a
        )
    return Winning(
        by_pairs(pairs), "between its own attack and the other's, with all who would take part"
    )
