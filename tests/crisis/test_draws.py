"""What is drawn from a word: compiled and plain, and against what it should be."""

from __future__ import annotations

import math

import chance_plain
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from detente.crisis.kernel import chance_kernel
from detente.crisis.model.model_arrays import alias_table
from detente.crisis.model.model_records import CELL

WORDS = st.integers(0, 2**64 - 1)


@njit
def compiled(word):
    """Return everything that the kernel draws from a word alone."""
    return (
        chance_kernel.mix(word),
        chance_kernel.high(word),
        chance_kernel.low(word),
        chance_kernel.wait(word),
    )


@njit
def compiled_pick(cells, half):
    """Return what the kernel picks."""
    return chance_kernel.pick(cells, np.uint64(0), np.uint64(cells.size), half)


@given(WORDS)
def test_compiled_draws_equal_the_plain_ones(word):
    """The same word gives the same numbers to the last bit."""
    expected = (
        chance_plain.mix(word),
        chance_plain.high(word),
        chance_plain.low(word),
        chance_plain.wait(word),
    )

    assert expected == compiled(np.uint64(word))


@given(st.lists(st.floats(0.01, 10.0), min_size=1, max_size=9), st.integers(0, 2**32 - 1))
def test_compiled_and_plain_pick_the_same_cell(weights, half):
    """The same half of a word picks the same cell of an alias table."""
    chance, alias = alias_table(np.array(weights))
    cells = np.zeros(len(weights), CELL)
    cells["chance"], cells["own"], cells["other"] = chance, np.arange(len(weights)), alias

    assert chance_plain.pick(chance, alias, half) == compiled_pick(cells, np.uint64(half))


@pytest.mark.parametrize("half", [0, 1, 2, 77, 2**31 - 1, 2**31, 2**32 - 300, 2**32 - 1])
def test_a_waiting_time_is_the_logarithm_it_stands_for(half):
    """The table and its series come to the logarithm within 1e-10, and never to zero."""
    wait = chance_plain.wait(half << 32)

    assert pytest.approx(-math.log((half + 0.5) / 2**32), abs=1e-10) == wait
    assert wait > 0


def test_waiting_times_are_exponential():
    """100,000 waiting times pass a Kolmogorov-Smirnov test against the exponential law."""
    waits = [chance_plain.wait(chance_plain.mix(k)) for k in range(100_000)]

    assert stats.kstest(waits, "expon").pvalue > 1e-3
