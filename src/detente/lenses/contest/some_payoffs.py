"""The payoffs after some changes of ties, each solved anew by itself: nothing is compiled.

The plain twin is the equilibrium of the system after each change, to the last bit or two.
"""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.errors import NoEquilibrium
from detente.lenses.contest.game import contestants, solved, vulnerabilities
from detente.lenses.contest.judging import costs
from detente.lenses.protocol import Values
from detente.lenses.some_changes import Kept, after_each

_after = Kept(after_each)


def some_deltas(system: System, moves: Moves, values: Values) -> Floats:
    """Return what each of some changes gives to each state, (m, n); NaN without equilibrium.

    Raises
    ------
    NoEquilibrium
        If there is none before any change.
    """
    after = _after.of(system, moves)
    cost = costs(system, values["cost_exponent"])
    matrices = values["beta"] * after.allies
    matrices -= values["gamma"] * after.rivals
    matrices[:, np.arange(system.size), np.arange(system.size)] += 1.0
    weights = matrices.sum(axis=2)
    payoff = np.full(weights.shape, np.nan)
    for d, (matrix, weight) in enumerate(zip(matrices, weights, strict=True)):
        try:
            payoff[d] = _payoff(matrix, weight, cost, system.codes)
        except NoEquilibrium:
            if d == len(matrices) - 1:
                raise
    return after.spread(payoff)


def _payoff(matrix: Floats, weight: Floats, cost: Floats, codes: tuple[str, ...]) -> Floats:
    vulnerability = vulnerabilities(weight, codes)
    gammas = np.where(contestants(vulnerability, cost), vulnerability, 0.0)
    total = (gammas.sum() - 1.0) / (cost @ gammas)
    performance = gammas * total * (1.0 - cost * total)
    payoff: Floats = performance / total - cost * solved(matrix, performance, weight, codes)
    return payoff
