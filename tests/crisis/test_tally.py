"""Adding up replicas: the kernel against its plain twin, and what the sums say."""

from __future__ import annotations

import numpy as np
import pytest
import sums_plain
from hypothesis import given, settings
from hypothesis import strategies as st
from small import cases, rules, start, watch
from test_kernel import run

from detente.crisis.kernel import events_kernel, sums, sums_kernel
from detente.crisis.model.model_arrays import Log
from detente.crisis.model.model_records import Course, pack, pack_start


def both(m, begin, days, key, replicas):
    """Return the tallies of the kernel and of the plain twin."""
    n = len(m.background)
    sides = np.array([[d, d + 1] for d in range(n)], dtype=np.int32)
    joiner = np.array([e % (n + 1) for e in m.entry], dtype=np.int32)
    never = watch(n)
    room = events_kernel.make_room(n, 64, 20_000)
    log = Log(np.empty(20_000), np.empty(20_000, np.int32), np.empty(20_000, np.int8))
    fast = sums.empty(n, n + 1, len(m.entry), days)
    scratch = sums_kernel.make_scratch(n, sides, joiner, n + 1, sums.bins(days))
    sums_kernel.block(
        np.uint64(key),
        0,
        replicas,
        Course(days, pack(m), pack_start(begin, m), never),
        room,
        log,
        scratch,
        fast,
    )
    slow = sums.empty(n, n + 1, len(m.entry), days)
    for number in range(replicas):
        one, _, _ = run(m, begin, never, days, key, number)
        sums_plain.count(one, days, m, begin, sides, joiner, slow)
    return fast, slow


@given(cases(), st.integers(0, 2**64 - 1))
@settings(max_examples=60)
def test_the_sums_equal_those_of_the_plain_twin(case, key):
    """Every sum over a few replicas is the same whole number."""
    m, begin, _, days = case
    fast, slow = both(m, begin, days, key, 5)

    for expected, actual in zip(slow, fast, strict=True):
        np.testing.assert_array_equal(expected, actual)


def test_small_sums_are_emptied_in_time():
    """Over more replicas than a byte can count the sums are those of the plain twin."""
    m = rules([4.0, 2.0], heat=(1.0, 2.0, 2.0, 2.0, 2.0, 2.0), fall=(0.0, 2.0, 2.0, 2.0, 2.0, 2.0))
    fast, slow = both(m, start([0, 3]), 40.0, 5, 2 * sums_kernel.FLUSH + 3)

    assert int(np.abs(fast.change).max()) > sums_kernel.FLUSH
    for expected, actual in zip(slow, fast, strict=True):
        np.testing.assert_array_equal(expected, actual)


@given(cases(), st.integers(0, 2**64 - 1))
@settings(max_examples=40)
def test_every_replica_is_on_one_rung_at_every_step(case, key):
    """The fan over the rungs adds up to the number of replicas at every step."""
    m, begin, _, days = case
    fast, _ = both(m, begin, days, key, 5)
    fan = sums.fan(fast, begin.rung)

    np.testing.assert_array_equal(np.full(fan.shape[:2], 5), fan.sum(axis=2))
    assert (fan >= 0).all()


@given(cases(), st.integers(0, 2**64 - 1))
@settings(max_examples=40)
def test_the_time_on_all_rungs_is_the_horizon(case, key):
    """The ticks on the rungs of a dyad add up to the horizon times the replicas."""
    m, begin, _, days = case
    fast, _ = both(m, begin, days, key, 5)
    ticks = sums.occupied(fast, begin.rung, days)

    np.testing.assert_array_equal(np.full(len(ticks), 5 * days * 1024), ticks.sum(axis=1))


def test_a_quiet_dyad_stays_where_it_is():
    """Without background and at the bottom nothing happens."""
    fast, _ = both(rules([0.0]), start([0]), 30.0, 7, 4)

    assert [4, 0, 0, 0, 0, 0] == sums.reached(fast, np.array([0], dtype=np.int8))[0].tolist()
    assert 0 == fast.incidents[0]


def test_adding_tallies_is_running_on():
    """Two halves add up to the whole."""
    m = rules([0.05, 0.02], offspring=[[0.3, 0.1], [0.0, 0.3]])
    whole, _ = both(m, start([1, 0]), 100.0, 11, 8)
    half, _ = both(m, start([1, 0]), 100.0, 11, 4)

    assert half.incidents[0] < whole.incidents[0]
    sums.add(half, sums.empty(2, 3, 0, 100.0))
    assert pytest.approx(4) == half.replicas[0]
