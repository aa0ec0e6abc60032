"""The day kernel: its plain twin, its bounds, and its agreement with the kernel of events."""

from __future__ import annotations

import math

import days_plain
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy import stats
from small import ALONE, PAIR, cases, generator, rules, start, watch
from theory import exact

from detente.crisis.kernel import days_kernel, sums
from detente.crisis.model.escalation import build
from detente.crisis.model.model_arrays import TOP, WAR_CAME, Log, Watch
from detente.crisis.model.model_records import Course, pack, pack_start
from detente.crisis.run.ensemble import Ensemble, endings
from detente.crisis.run.simulation import simulate
from detente.errors import UnknownName
from detente.testing import build as architecture

SQUARE = architecture(
    {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0, "DDD": 2.0},
    rivals=[("AAA", "BBB", 4), ("AAA", "DDD", 3), ("CCC", "DDD", 2), ("BBB", "DDD", 3)],
    allies=[("BBB", "CCC"), ("AAA", "CCC")],
)
BUSY = {"rate.rivalry": 8.0, "rise.4": 0.2}


def run(m, begin, look, days, key, number, paper=5000):
    """Run the day kernel on one replica and return what the twin returns."""
    room = days_kernel.make_day_room(len(m.background))
    log = Log(np.empty(paper), np.empty(paper, np.int32), np.empty(paper, np.int8))
    written, _, how, when, _ = days_kernel.replica(
        np.uint64(key), number, Course(days, pack(m), pack_start(begin, m), look), room, log, True
    )
    return Log(*(column[:written] for column in log)), how, when


def ensemble(method, seed=1, days=365.0, **parameters):
    """Return an ensemble of four rival states."""
    return Ensemble.of(build(SQUARE, {**BUSY, **parameters}), days, seed, method)


@given(cases(), st.integers(0, 2**64 - 1), st.integers(0, 2**40))
@settings(max_examples=80)
def test_the_day_kernel_equals_its_plain_twin_draw_by_draw(case, key, number):
    """Same address, same log to the last bit, same end."""
    m, begin, look, days = case
    plain, plain_how, plain_when = days_plain.replica(key, number, days, m, begin, look)
    log, how, when = run(m, begin, look, days, key, number)

    assert (plain_how, plain_when) == (how, when)
    for expected, actual in zip(plain, log, strict=True):
        np.testing.assert_array_equal(expected, actual)


def test_more_dyads_than_a_group_are_met_in_the_order_of_the_twin():
    """With 70 dyads, a group of 64 and a part of one, kernel and twin are equal too."""
    random = np.random.default_rng(3)
    offspring = (random.random((70, 70)) < 0.05) * 0.1
    m = rules(random.uniform(0.01, 0.2, 70), offspring=offspring, memory=0.5)
    begin, look = start(random.integers(0, 6, 70), random.uniform(0, 1, 70)), watch(70)
    plain, _, _ = days_plain.replica(8, 2, 20.5, m, begin, look)
    log, _, _ = run(m, begin, look, 20.5, 8, 2)

    assert len(plain.time) > 200
    for expected, actual in zip(plain, log, strict=True):
        np.testing.assert_array_equal(expected, actual)


@njit
def counted(u, y):
    """Return what the kernel counts."""
    return days_kernel.incidents_of(u, y)


@pytest.mark.parametrize("y", [1e-9, 1e-6, 1e-3, 0.02, 0.3, 2.0, 5.0])
def test_the_number_of_incidents_is_a_poisson_quantile(y):
    """The kernel counts n incidents just below the chance of n or more, and n - 1 just above."""
    for n in (1, 2, 3):
        chance = stats.poisson.sf(n - 1, y)
        # The chance of several is a difference, good to 1e-16; the numbers have 31 bits.
        if chance > (1e-10 if n == 1 else 1e-8):
            below, above = chance * (1 - 1e-7), chance * (1 + 1e-7)

            assert (n, n - 1) == (counted(below, y), counted(above, y))
            assert (n, n - 1) == (
                days_plain.incidents_of(below, y),
                days_plain.incidents_of(above, y),
            )


def test_uniform_numbers_of_days_and_dyads_are_uniform_and_independent():
    """Over dyads, days and neighbours the numbers fill cells evenly."""
    key = [days_plain.address(5, k) for k in range(60)]
    u = np.array(
        [[days_plain.uniform(d, w >> 32, w & 0xFFFFFFFF) for d in range(500)] for w in key]
    )
    for x, y in ((u[:, 1:], u[:, :-1]), (u[1:], u[:-1])):
        table = np.histogram2d(x.ravel(), y.ravel(), bins=8, range=[[0, 1], [0, 1]])[0]

        assert stats.chisquare(table.ravel()).pvalue > 1e-4


def test_days_and_events_agree_in_distribution():
    """Incidents, rungs, wars and first wars of both ways agree within 1 to 2 percent."""
    n = 40_000
    found = {}
    for method in ("events", "days"):
        e = ensemble(method)
        a = e.run(0, n)
        wars = (a.wars * np.arange(len(a.wars))).sum() / n
        first = np.cumsum(a.first_war) / n
        days = np.interp([0.1, 0.3], first, np.arange(1, len(first) + 1) * e.days / len(first))
        rungs = sums.occupied(a, e.start.rung, e.days).sum(axis=0) / a.replicas[0]
        found[method] = a.incidents[0] / n, wars, days, rungs
    (incidents, wars, days, rungs), by_days = found["events"], found["days"]

    assert pytest.approx(incidents, rel=0.01) == by_days[0]
    assert pytest.approx(wars, rel=0.015) == by_days[1]
    np.testing.assert_allclose(by_days[2], days, atol=3.0)
    np.testing.assert_allclose(by_days[3], rungs, rtol=0.02)


def test_a_number_of_incidents_in_days_has_the_mean_of_a_hawkes_process():
    """Where rungs never change, an incident still causes as many as it should: branching 0.4."""
    mu, branching, days, n = 0.2, 0.4, 1000.0, 400
    m = rules([mu], rise=[0.0] * 6, offspring=[[branching]], memory=2.0)
    counts = [len(run(m, start([0]), watch(1), days, 3, k)[0].time) for k in range(n)]
    mean = mu * days / (1 - branching) - mu * branching * 2.0 / (1 - branching) ** 2

    assert pytest.approx(mean, abs=4 * np.std(counts) / math.sqrt(n)) == np.mean(counts)


def test_the_way_is_chosen_by_the_number_of_incidents_and_of_dyads():
    """Days where many dyads have many incidents, and nowhere else; a named method is taken."""
    names = [f"{x}{y}{x}" for x in "AB" for y in "ABCDEFGH"]
    many = architecture(
        dict.fromkeys(names, 1.0), rivals=[(a, b, 3) for a in names[:8] for b in names[8:]]
    )
    ways = {
        rate: [Ensemble.of(build(many, {"rate.rivalry": rate}), 100.0, seed).way for seed in (1, 2)]
        for rate in (0.5, 60.0)
    }

    assert {0.5: ["events"] * 2, 60.0: ["days"] * 2} == ways
    assert "events" == ensemble("auto", **{"rate.rivalry": 60.0}).way
    assert "days" == ensemble("days", **{"rate.rivalry": 0.5}).way
    with pytest.raises(UnknownName, match="method"):
        ensemble("weeks")


def by_days(m):
    """Return the chances of every rung after a day, array (6, 6), of a dyad without excitation."""
    out = np.zeros((6, 6))
    for k in range(6):
        mean, down = m.background[0] * m.heat[k], -math.expm1(-m.fall[k])
        for count, p in enumerate(stats.poisson.pmf(range(40), mean)):
            for first, chance in ((k, 1 - down), (k, down / 2), (k - 1, down / 2)):
                if chance == 0:
                    continue
                late = first == k and chance == down / 2
                rungs = np.zeros(6)
                rungs[first] = 1.0
                for _ in range(count):
                    up = rungs * m.rise * m.misread[0]
                    rungs = rungs - up + np.concatenate([[0.0], up[:-1]])
                if late:
                    # It falls after its incidents only where none has raised it.
                    rungs[k - 1] += rungs[k]
                    rungs[k] = 0.0
                out[k] += p * chance * rungs
    return out


@pytest.mark.parametrize(
    ("rate", "exactly", "by"), [(0.5, 0.0101, 0.0103), (2.0, 0.2790, 0.2833), (5.0, 0.8209, 0.8266)]
)
def test_the_bias_of_days_is_that_of_the_documentation(rate, exactly, by):
    """War within a year on one dyad from rung 2: in continuous time, by days, and by the kernel."""
    pair = build(PAIR, {**ALONE, "rate.rivalry": rate, "rise.4": 0.2}, start={"AAA-BBB": 2})
    e = Ensemble.of(pair, 365.0, 1, "days")
    m = e.rules
    time = exact.passage_probability(generator(pair), [TOP], 365.0)[2]
    chain = by_days(m)
    chain[TOP] = np.eye(6)[TOP]
    days = np.linalg.matrix_power(chain, 365)[2, TOP]
    look = Watch(np.ones(1, dtype=np.int8), TOP, -1)
    found = (endings(e, look, 40_000)[0] == WAR_CAME).mean()

    assert pytest.approx(exactly, abs=6e-5) == time
    assert pytest.approx(by, abs=6e-5) == days
    assert pytest.approx(days, abs=4 * math.sqrt(days * (1 - days) / 40_000)) == found


def test_a_result_by_days_says_so():
    """Whoever reads the first lines learns that times are approximate."""
    said = {way: simulate(SQUARE, days=30, replicas=50, method=way) for way in ("events", "days")}

    assert "by days, approximate in time" in repr(said["days"])
    assert "approximate in time" not in repr(said["events"])
    assert ["event by event", "by days, approximate in time"] == [x.way for x in said.values()]


def test_days_come_to_the_same_sums_for_any_number_of_threads():
    """One or three threads, in one run or two: the same to the last bit."""
    e = ensemble("days")
    one, three = e.run(0, 1500, threads=1), e.run(0, 1500, threads=3)
    halves = e.run(0, 700, threads=2)
    sums.add(halves, e.run(700, 1500, threads=1))

    for expected, actual, again in zip(one, three, halves, strict=True):
        np.testing.assert_array_equal(expected, actual)
        np.testing.assert_array_equal(expected, again)


def test_single_replicas_are_those_of_the_sums():
    """Told one by one, replicas by days have the incidents of their sums."""
    e = ensemble("days", days=100.5)
    told = [e.trace(k)[0] for k in range(30)]
    incidents = sum(int((log.code >> 3 <= 1).sum()) for log in told)

    assert int(e.run(0, 30).incidents[0]) == incidents
    assert all(log.time.max(initial=0) < 100.5 for log in told)


def test_endings_by_days_agree_with_those_by_events():
    """How often war comes first differs between the two ways by no more than chance and a step."""
    look = Watch(np.ones(len(ensemble("days").model.dyads), dtype=np.int8), TOP, -1)
    shares = [
        (endings(ensemble(method, days=60.0), look, 20_000)[0] == WAR_CAME).mean()
        for method in ("events", "days")
    ]

    assert 0.2 < shares[0] < 0.9
    assert pytest.approx(shares[0], abs=0.02) == shares[1]
