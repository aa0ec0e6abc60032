"""The hazards after some changes of ties, over the pairs that they touch: nothing is compiled.

What ties bring to the log odds of a pair does not hang on the draw, and is worked out once for a
system and its changes. The plain twin is `security` of the lens.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.architecture.system import Floats, Ints, Moves, System
from detente.evidence.forecast import hazard
from detente.lenses.hazard.drawn_fit import coefficients, fixed_odds
from detente.lenses.protocol import Values
from detente.lenses.some_changes import AfterEach, Kept, after_each
from detente.lenses.sparse_screen import added


class TouchedHazards(NamedTuple):
    """Directed pairs that changes touch: `names` are the covariates,
    `pair` (p,) the places among all n times n, and
    `ties` (covariates, p) what ties bring after the change; `entry` (p,) is the place of the
    target among those of all different changes. `before` (covariates, n * n) is before any.
    """

    after: AfterEach
    names: tuple[str, ...]
    before: Floats
    pair: Ints
    ties: Floats
    entry: Ints


def _touched(system: System, moves: Moves) -> TouchedHazards:
    after, n = after_each(system, moves), system.size
    before = hazard.tie_covariates(system.allies, system.rivals, system.capability)
    pairs, ties, entries = [], [], []
    for d in range(len(after.which)):
        a, r = after.allies[d], after.rivals[d]
        moved = ((a != system.allies) | (r != system.rivals)).any(axis=0)
        i, j = np.nonzero((moved[:, None] | moved[None, :]) & ~np.eye(n, dtype=np.bool_))
        new = hazard.tie_covariates(a, r, system.capability)
        pairs.append(i * n + j)
        ties.append(np.stack([covariate[i, j] for covariate in new.values()]))
        entries.append(d * n + j)
    return TouchedHazards(
        after=after,
        names=tuple(before),
        before=np.stack([covariate.ravel() for covariate in before.values()]),
        pair=np.concatenate([np.zeros(0, np.int64), *pairs]),
        ties=np.concatenate([np.zeros((len(before), 0)), *ties], axis=1),
        entry=np.concatenate([np.zeros(0, np.int64), *entries]),
    )


_pairs = Kept(_touched)


def some_deltas(system: System, moves: Moves, values: Values) -> Floats:
    """Return what each of some changes gives to each state, array (m, n)."""
    t, n = _pairs.of(system, moves), system.size
    beta = coefficients(system.facts, values)
    of = dict(zip(hazard.names(system.facts), beta[1:], strict=True))
    ties = np.array([of[name] for name in t.names])
    decisive, balance = float(values["decisiveness"]), t.names.index("coalition_balance")
    fixed = fixed_odds(system, beta).ravel()
    starts = np.repeat(system.capability > 0, n)

    def losses(x: Floats, odds: Floats) -> Floats:
        with np.errstate(over="ignore"):
            weaker = 1 + np.exp(-decisive * x[balance])
            loss: Floats = 1 / (1 + np.exp(-(odds + ties @ x))) / weaker
        return loss

    before = np.where(starts, losses(t.before, fixed), 0.0)
    after = np.where(starts[t.pair], losses(t.ties, fixed[t.pair]), 0.0)
    gains = added(t.entry, before[t.pair] - after, (len(t.after.which) + 1) * n)
    return gains.reshape(-1, n)[t.after.number]
