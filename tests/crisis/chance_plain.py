"""Chance in readable Python: what is drawn from a 64-bit word.

Half a word is a uniform number, to 2^-32. An exponential number is the logarithm of one, from a
table and three terms of a series, to 1e-10: a library's logarithm is exact to the last bit but
takes a tenth of the time of a replica. The twins in compiled code are in
`detente.crisis.kernel.chance_kernel`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis.kernel.chance_kernel import INVERSE, LN2, LOGARITHM

MASK = (1 << 64) - 1
UNIT = 2.0**-32


def mix(x: int) -> int:
    """Hash a 64-bit word: the finalizer of SplitMix64."""
    z = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def address(*parts: int) -> int:
    """Return the hash of a sum of words."""
    return mix(sum(parts) & MASK)


def high(word: int) -> float:
    """Return a uniform number from the upper half of a word."""
    return (word >> 32) * UNIT


def low(word: int) -> float:
    """Return a uniform number from the lower half of a word."""
    return (word & 0xFFFFFFFF) * UNIT


def wait(word: int) -> float:
    """Return an exponential number of mean one from the upper half of a word.

    It is -log(u) with u = ((word >> 32) + 1/2) / 2^32, which is neither 0 nor 1.
    """
    half, exponent = math.frexp((word >> 32) + 0.5)
    unit = 2.0 * half  # from 1 to 2
    place = int((unit - 1.0) * 128)
    z = unit * float(INVERSE[place]) - 1.0
    series = z * (1.0 - z * (0.5 - z * (1.0 / 3.0)))
    return ((33 - exponent) * LN2 - float(LOGARITHM[place])) - series


def pick(chance: Floats, other: NDArray[np.int32], half: int) -> int:
    """Return the place in an alias table that half a word draws."""
    x = half * len(chance)
    place = x >> 32
    return place if (x & 0xFFFFFFFF) * UNIT < chance[place] else int(other[place])


def poisson(u: float, mean: float, none: float, most: int) -> int:
    """Return the Poisson number at the quantile u, `most` at most; `none` is exp(-mean)."""
    count, p, c = 0, none, none
    while u >= c and count < most:
        count += 1
        p *= mean / count
        c += p
    return count
