"""The system of every year out of the dense arrays: what a lens sees, without tables.

By nearly the same rules as `dt.history`: every obligation stands from the one who owes it to the
other; defense obligations in either direction make allies, and rivals who are allies count as
neither for a lens that sees signs alone. A rivalry has the intensity 3, and 4 within ten years of
a use of force. Only the alliances are those of the whole year here, and
those of the day there; and disputes of the year itself are known here, as at its end.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import DISPUTE_HALF_LIFE, Floats, Ints, System
from detente.evidence.panel.arrays import Arrays
from detente.evidence.panel.table_arrays import OBLIGATIONS

FORCE, RECENT = 8, 10
"""Bit of a dispute in which force was used; years in which that raises an intensity."""
GROUPS = ("capabilities", "alliances", "rivalry", "distance", "contiguity", "regime", "disputes")
"""Groups of the dense arrays that are wanted."""


def systems(made: Arrays) -> Iterator[tuple[int, System, Ints]]:
    """Yield every year with its system at the year's end, and its states' places in the arrays.

    States without a figure of capability are left out. Contiguity, regimes and past disputes are
    known in the years that their sources cover.
    """
    score = np.full(len(made.codes), np.nan)
    past = np.zeros((len(made.codes), len(made.codes)))
    force = np.full(past.shape, -np.inf)  # the last year in which force was used
    for t, year in enumerate(made.years.tolist()):
        now = made.states["polyarchy"][t]
        np.copyto(score, now, where=~np.isnan(now))
        past *= 0.5 ** (1 / DISPUTE_HALF_LIFE)
        past += made.dyads["disputes"][t] & 1
        force[made.dyads["disputes"][t] & FORCE > 0] = year
        cinc = made.states["cinc"][t]
        present = np.flatnonzero((made.member[t] > 0) & ~np.isnan(cinc))
        yield year, _system(made, year, present, score, past, year - force <= RECENT), present


def _system(
    made: Arrays,
    year: int,
    here: NDArray[np.intp],
    score: Floats,
    past: Floats,
    recent: NDArray[np.bool_],
) -> System:
    t, pairs = year - made.first, np.ix_(here, here)
    bits = made.dyads["alliances"][t][pairs]
    pledge = bits & 1
    allies = ((pledge | pledge.T) > 0).astype(float)
    rivals = (made.dyads["rivalry"][t][pairs] & 1).astype(float)
    intensity = rivals * np.where(recent[pairs], 4.0, 3.0)
    both = (allies > 0) & (rivals > 0)
    allies[both] = rivals[both] = 0.0
    cinc = made.states["cinc"][t][here]
    total = cinc.sum()

    def covered(name: str) -> bool:
        return made.covers[name][0] <= year <= made.covers[name][1]

    return System(
        codes=tuple(str(code) for code in made.codes[here]),
        allies=allies,
        rivals=rivals,
        capability=cinc / total if total > 0 else cinc,
        distance=made.distance(year)[pairs],
        contiguity=made.dyads["contiguity"][t][pairs] if covered("contiguity") else None,
        regime=score[here] if covered("polyarchy") and not np.isnan(score[here]).all() else None,
        disputes=past[pairs] if covered("disputes") else None,
        promises={
            kind: (bits >> place & 1).astype(float) for place, kind in enumerate(OBLIGATIONS)
        },
        rivalry=intensity,
    )
