"""What each lens says of every state in every year: for tests against what happened.

The system of a year is taken from the dense arrays, by nearly the same rules as `dt.history`:
defense obligations in either direction make allies, rivals who are allies count as neither. Only
the alliances are those of the whole year here, and those of the day there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats, System
from detente.errors import Undefined
from detente.evidence import arrays, inputs
from detente.evidence.arrays import Arrays
from detente.lenses import find

GROUPS = ("capabilities", "alliances", "rivalry", "distance")


def system_of(made: Arrays, year: int) -> tuple[System, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Return the system of a year, and the places of its states in the dense arrays."""
    t = year - made.first
    cinc = made.states["cinc"][t]
    here = np.flatnonzero((made.member[t] > 0) & ~np.isnan(cinc))
    pairs = np.ix_(here, here)
    pledge = made.dyads["alliances"][t][pairs] & 1
    allies = ((pledge | pledge.T) > 0).astype(float)
    rivals = (made.dyads["rivalry"][t][pairs] & 1).astype(float)
    both = (allies > 0) & (rivals > 0)
    allies[both] = rivals[both] = 0.0
    total = cinc[here].sum()
    system = System(
        codes=tuple(str(code) for code in made.codes[here]),
        allies=allies,
        rivals=rivals,
        capability=cinc[here] / total if total > 0 else cinc[here],
        distance=made.distance(year)[pairs],
    )
    return system, here


def security(
    lenses: Sequence[str],
    last: int,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Floats]:
    """Return each lens's security of every state and year at its default parameters.

    Parameters
    ----------
    lenses : sequence of str
        Keys of lenses.
    last : int
        The last calendar year; the first is 1816.
    progress : callable, optional
        Called with (years done, years in all).

    Returns
    -------
    dict
        Lens to array (years, states of the interstate system), NaN for states that are no members
        and for years in which the lens has no answer.
    """
    made = arrays.dense(inputs.FIRST_YEAR, last, GROUPS)
    out = {key: np.full(made.member.shape, np.nan) for key in lenses}
    models = {key: find(key) for key in lenses}
    with threadpool_limits(1, user_api="blas"):
        for t, year in enumerate(made.years):
            system, here = system_of(made, int(year))
            for key, model in models.items():
                try:
                    out[key][t, here] = model.security(system, model.values())
                except Undefined:
                    continue
            if progress:
                progress(t + 1, len(made.member))
    return out
