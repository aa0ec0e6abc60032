"""What each lens says of every state in every year: for tests against what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats
from detente.errors import Undefined
from detente.evidence.panel import arrays, table_arrays
from detente.evidence.panel.systems import GROUPS, systems
from detente.lenses import find


def security(
    lenses: Sequence[str],
    last: int,
    *,
    disputes: table_arrays.Dyads | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Floats]:
    """Return each lens's security of every state and year at its default parameters.

    Parameters
    ----------
    lenses : sequence of str
        Keys of lenses.
    last : int
        The last calendar year; the first is 1816.
    disputes : table_arrays.Dyads, optional
        Past disputes are taken from here instead of the data folder.
    progress : callable, optional
        Called with (years done, years in all).

    Returns
    -------
    dict
        Lens to array (years, states of the interstate system), NaN for states that are no members
        and for years in which the lens has no answer.
    """
    dense = arrays.dense(table_arrays.FIRST_YEAR, last, GROUPS, disputes=disputes)
    securities = {key: np.full(dense.member.shape, np.nan) for key in lenses}
    models = {key: find(key) for key in lenses}
    with threadpool_limits(1, user_api="blas"):
        for t, (_, system, members) in enumerate(systems(dense)):
            for key, model in models.items():
                try:
                    securities[key][t, members] = model.security(system, model.values())
                except Undefined:
                    continue
            if progress:
                progress(t + 1, len(dense.member))
    return securities
