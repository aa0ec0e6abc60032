"""Values of the lens `coalition`: the worked examples of its formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from detente.architecture.system import Floats
from detente.lenses import coalition as lens
from detente.reproduce.values import Values

Pairs = Mapping[tuple[int, int], float]


def directed(n: int, values: Pairs) -> Floats:
    """Return an array (n, n) of zeros with the values of some ordered pairs."""
    array = np.zeros((n, n))
    for place, value in values.items():
        array[place] = value
    return array


def mutual(n: int, values: Pairs) -> Floats:
    """Return an array (n, n) of zeros with the values of some pairs, both ways."""
    array = directed(n, values)
    return np.maximum(array, array.T)


THREE, TEN = [1, 3, 2], [1, 3, 10]

EXAMPLES: dict[str, dict[str, Any]] = {
    "K1": {"strength": [1, 3], "rivalry": mutual(2, {(0, 1): 5})},
    "K2": {
        "strength": THREE,
        "rivalry": mutual(3, {(0, 1): 4}),
        "defense": mutual(3, {(0, 2): 1}),
    },
    "K3": {
        "strength": THREE,
        "rivalry": mutual(3, {(0, 1): 4}),
        "defense": mutual(3, {(1, 2): 1}),
    },
    "K4": {
        "strength": THREE,
        "rivalry": mutual(3, {(0, 1): 4, (0, 2): 3}),
        "defense": mutual(3, {(1, 2): 1}),
    },
    "K5": {
        "strength": [1, 3],
        "rivalry": mutual(2, {(0, 1): 3}),
        "defense": mutual(2, {(0, 1): 1}),
    },
    "K6": {
        "strength": [1, 3],
        "rivalry": mutual(2, {(0, 1): 3}),
        "nonaggression": mutual(2, {(0, 1): 1}),
    },
    "K7": {
        "strength": THREE,
        "rivalry": mutual(3, {(0, 1): 4}),
        "defense": mutual(3, {(0, 2): 1}),
        "neutral": [0, 0, 1],
    },
    "K8": {
        "strength": TEN,
        "rivalry": mutual(3, {(0, 1): 4}),
        "defense": mutual(3, {(0, 2): 1}),
        "distance": mutual(3, {(0, 1): 500, (0, 2): 9000, (1, 2): 8500}),
        "stations": directed(3, {(2, 0): 0.05}),
    },
    "K9": {
        "strength": TEN,
        "rivalry": mutual(3, {(0, 1): 4}),
        "guarantee": directed(3, {(2, 0): 1}),
        "nuclear": [0, 0, 1],
        "burden": 0.05,
    },
    "K10": {
        "strength": [2, 3, 2, 1],
        "rivalry": mutual(4, {(0, 1): 4, (0, 2): 3, (1, 3): 2}),
        "supplies": directed(4, {(3, 0): 0.5}),
        "land": mutual(4, {(0, 1): 1}),
        "distance": mutual(
            4, {(0, 1): 900, (0, 2): 1500, (1, 2): 800, (0, 3): 2000, (1, 3): 900, (2, 3): 400}
        ),
        "decisiveness": 2.0,
        "advantage": 1.5,
    },
    "K11": {
        "strength": [1, 3, 10, 10],
        "rivalry": mutual(4, {(0, 1): 4}),
        "supplies": directed(4, {(2, 1): 0.02, (3, 0): 0.01}),
    },
}
"""The arguments of `detente.lenses.coalition.security` for each worked example."""


def examples() -> Values:
    """Compute the security of every state of every worked example."""
    return {
        name.lower(): tuple(float(s) for s in lens.security(**case))
        for name, case in EXAMPLES.items()
    }


GROUPS = {"examples": examples}
"""What computes the cases ``coalition.GROUP.NAME``."""
