"""Compiled walks over all 2**d sets of d items: steps that are left from each set to a goal.

A set is an integer, item i its bit i. The tests hold its plain twin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.kernels import njit

FAR = 255
"""Steps to go where no goal can be reached."""


@njit(cache=True, nogil=True)
def steps_to_go(
    allowed: NDArray[np.bool_], goal: NDArray[np.bool_], items: int, package: int
) -> NDArray[np.uint8]:
    """Return the fewest steps from each allowed set to a goal, `FAR` where there is no way.

    A step adds 1 to `package` items and must end in an allowed set; a set that is not allowed
    has no steps. ``near[s, q]`` is the fewest steps from the allowed sets that have all of s and
    q items more, so that packages need not be listed.
    """
    sets = 1 << items
    near = np.full((sets, package + 1), FAR, dtype=np.uint8)
    steps = np.full(sets, FAR, dtype=np.uint8)
    for s in range(sets - 1, -1, -1):
        best = FAR
        for q in range(1, package + 1):
            least = FAR
            for i in range(items):
                if not (s >> i) & 1:
                    further = near[s | (1 << i), q - 1]
                    least = min(least, further)
            near[s, q] = least
            best = min(best, least)
        if allowed[s]:
            steps[s] = 0 if goal[s] else min(best + 1, FAR)
            near[s, 0] = steps[s]
    return steps
