"""The kernel and its plain twin."""

from __future__ import annotations

import events_plain
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small import cases

from detente.crisis.kernel import events_kernel
from detente.crisis.model.model_arrays import INCIDENT, RISE, Log
from detente.crisis.model.model_records import Course, pack, pack_start


def run(m, start, watch, days, key, number, buckets=200, paper=20_000):
    """Run the kernel on one replica and return what the twin returns."""
    room = events_kernel.make_room(len(m.background), buckets, paper)
    log = Log(np.empty(paper), np.empty(paper, np.int32), np.empty(paper, np.int8))
    written, _, how, when, _ = events_kernel.replica(
        np.uint64(key), number, Course(days, pack(m), pack_start(start, m), watch), room, log, True
    )
    return Log(*(column[:written] for column in log)), how, when


@given(cases(), st.integers(0, 2**64 - 1), st.integers(0, 2**40))
@settings(max_examples=150)
def test_the_kernel_equals_its_plain_twin_draw_by_draw(case, key, number):
    """Same address, same log to the last bit, same end."""
    m, start, watch, days = case
    plain, plain_how, plain_when = events_plain.replica(key, number, days, m, start, watch)
    log, how, when = run(m, start, watch, days, key, number)

    assert (plain_how, plain_when) == (how, when)
    for expected, actual in zip(plain, log, strict=True):
        np.testing.assert_array_equal(expected, actual)


@given(cases(), st.integers(0, 2**64 - 1))
@settings(max_examples=40)
def test_the_number_of_buckets_changes_nothing(case, key):
    """The calendar is a way of sorting: its width has no effect on the log."""
    m, start, watch, days = case
    few, many = (run(m, start, watch, days, key, 3, buckets=b) for b in (1, 997))

    for expected, actual in zip(few[0], many[0], strict=True):
        np.testing.assert_array_equal(expected, actual)


def test_too_little_room_is_reported_and_not_overrun():
    """Without room for its log a replica says so, and what it had needed."""
    from small import rules, start, watch

    m = rules([1.0], offspring=[[0.5]])
    room = events_kernel.make_room(1, 8, 4)
    log = Log(np.empty(4), np.empty(4, np.int32), np.empty(4, np.int8))
    written, used, how, _, _ = events_kernel.replica(
        np.uint64(1),
        0,
        Course(365.0, pack(m), pack_start(start([0]), m), watch(1)),
        room,
        log,
        True,
    )

    assert -1 == how
    assert max(written, used) > 4


def test_what_changes_nothing_may_be_left_out_of_the_log():
    """Without incidents that raise nothing the log is the rest of it, and they are counted."""
    from small import rules, start, watch

    m = rules([0.05, 0.02], offspring=[[0.3, 0.1], [0.0, 0.3]])
    full, _, _ = run(m, start([1, 0]), watch(2), 365.0, 4, 9)
    room = events_kernel.make_room(2, 64, 5000)
    log = Log(np.empty(5000), np.empty(5000, np.int32), np.empty(5000, np.int8))
    written, _, _, _, incidents = events_kernel.replica(
        np.uint64(4),
        9,
        Course(365.0, pack(m), pack_start(start([1, 0]), m), watch(2)),
        room,
        log,
        False,
    )
    kind = full.code >> 3

    assert full.time[kind != INCIDENT].tolist() == log.time[:written].tolist()
    assert (kind <= RISE).sum() == incidents
