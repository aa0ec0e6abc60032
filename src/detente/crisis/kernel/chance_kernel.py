"""Chance in compiled code: what is drawn from a 64-bit word.

An exponential number is the logarithm of a uniform one, from a table and three terms of a series,
to 1e-10: a library's logarithm is exact to the last bit but takes a tenth of the time of a
replica. The tests hold the plain twins of these functions, `chance_plain`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from detente.architecture.system import Floats
from detente.kernels import njit

U64 = np.uint64
M1, M2 = U64(0xBF58476D1CE4E5B9), U64(0x94D049BB133111EB)
S27, S30, S31, S32 = U64(27), U64(30), U64(31), U64(32)
LOW = U64(0xFFFFFFFF)
UNIT = 2.0**-32
FRACTION, EXPONENT, LEADING = U64(2**52 - 1), U64(1023 << 52), U64(52 - 7)
SLICES = U64(127)
BIAS = 1023 + 32
THIRD = 1.0 / 3.0
_MIDDLE = 1.0 + (np.arange(128) + 0.5) / 128
# Rounded, so that every machine's library gives the same tables.
INVERSE: Floats = np.round(2.0**50 / _MIDDLE) / 2.0**50
"""One over the middle of each of 128 slices of the numbers from 1 to 2."""
LOGARITHM: Floats = np.round(-np.log(INVERSE) * 2.0**48) / 2.0**48
"""Minus the logarithm of that."""
LN2 = round(math.log(2.0) * 2.0**48) / 2.0**48

BARE = np.bool_(False)
"""Leave out of the log what changes nothing; typed, lest numba compile a replica twice."""
COMPILED: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
"""How kernels are compiled. They make no arrays and keep none, so Numba need not count references
to them (``_nrt``), which would be half of their time."""


@njit(forceinline=True, **COMPILED)
def mix(x):  # type: ignore[no-untyped-def]  # numba infers unsigned words
    """Hash a 64-bit word: the finalizer of SplitMix64."""
    z = (x ^ (x >> S30)) * M1
    z = (z ^ (z >> S27)) * M2
    return z ^ (z >> S31)


@njit(forceinline=True, **COMPILED)
def high(word):  # type: ignore[no-untyped-def]
    """Return a uniform number from the upper half of a word."""
    # By way of a signed number, since processors turn those into floats faster.
    return np.float64(np.int64(word >> S32)) * UNIT


@njit(forceinline=True, **COMPILED)
def low(word):  # type: ignore[no-untyped-def]
    """Return a uniform number from the lower half of a word."""
    return np.float64(np.int64(word & LOW)) * UNIT


@njit(forceinline=True, **COMPILED)
def wait(word):  # type: ignore[no-untyped-def]
    """Return an exponential number of mean one from the upper half of a word."""
    x = np.float64(np.float64(np.int64(word >> S32)) + 0.5).view(np.uint64)
    place = (x >> LEADING) & SLICES
    halvings = np.float64(BIAS - np.int64(x >> U64(52)))
    unit = np.uint64((x & FRACTION) | EXPONENT).view(np.float64)
    z = unit * INVERSE[place] - 1.0
    return (halvings * LN2 - LOGARITHM[place]) - z * (1.0 - z * (0.5 - z * THIRD))


@njit(forceinline=True, **COMPILED)
def pick(cells, first, count, half):  # type: ignore[no-untyped-def]
    """Return the dyad that half a word draws from some cells of an alias table."""
    x = half * count
    cell = cells[first + (x >> S32)]
    own = np.float64(np.int64(x & LOW)) * UNIT < cell.chance
    return U64(cell.own) if own else U64(cell.other)
