"""The plain twin of `lattice_kernel`: the same walks by listing every package."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

FAR = 255


def steps_to_go(
    allowed: NDArray[np.bool_], goal: NDArray[np.bool_], items: int, package: int
) -> NDArray[np.uint8]:
    """Return the fewest steps from each allowed set to a goal, `FAR` where there is no way."""
    steps = np.full(1 << items, FAR, dtype=np.uint8)
    for s in range((1 << items) - 1, -1, -1):
        if not allowed[s]:
            continue
        rest = [i for i in range(items) if not s >> i & 1]
        further = [
            int(steps[s | sum(1 << i for i in chosen)])
            for size in range(1, package + 1)
            for chosen in itertools.combinations(rest, size)
        ]
        steps[s] = 0 if goal[s] else min([FAR - 1, *further]) + 1
    return steps
