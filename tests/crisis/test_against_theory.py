"""The kernel against exact solutions, theory and a day-stepped reference.

Seeds are fixed; bounds are in standard errors, wide enough for the number of comparisons.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from small import FALL, RISE, rules, start, watch
from theory import daystep, exact

from detente.crisis.kernel import events_kernel, sums, sums_kernel
from detente.crisis.model.model_arrays import Log
from detente.crisis.model.model_records import Course, pack, pack_start


def ensemble(m, begin, days, replicas, key=1, first=0):
    """Return the tally of many replicas."""
    n = len(m.background)
    sides = np.array([[2 * d, 2 * d + 1] for d in range(n)], dtype=np.int32)
    joiner = np.array([2 * e for e in m.entry], dtype=np.int32)
    room = events_kernel.make_room(n, 256, 100_000)
    log = Log(np.empty(100_000), np.empty(100_000, np.int32), np.empty(100_000, np.int8))
    out = sums.empty(n, 2 * n, len(m.entry), days)
    scratch = sums_kernel.make_scratch(n, sides, joiner, 2 * n, sums.bins(days))
    last = first + replicas
    done, _ = sums_kernel.block(
        np.uint64(key),
        first,
        last,
        Course(days, pack(m), pack_start(begin, m), watch(n)),
        room,
        log,
        scratch,
        out,
    )
    assert last == done
    return out


def generator(m, d=0):
    """Return the generator of a single dyad without excitation."""
    up = m.background[d] * m.heat * m.rise * m.misread[d]
    return exact.birth_death_generator(up, m.fall)


@pytest.mark.parametrize("rung", [0, 3])
def test_one_dyad_is_where_the_matrix_exponential_says(rung):
    """The share of a million replicas on each rung after 1/4, 1/2 and all of the time is exact."""
    m, days, n = rules([0.01]), 364.0, 1_000_000
    begin = start([rung])
    fan = sums.fan(ensemble(m, begin, days, n), begin.rung)[0] / n
    for step in (13, 26, 52):
        p = exact.distribution(generator(m), np.eye(6)[rung], days * step / 52)

        assert (np.abs(fan[step] - p) <= 4.5 * np.sqrt(p * (1 - p) / n) + 1e-12).all()


def test_one_dyad_reaches_war_as_often_as_the_stopped_chain():
    """The share of a million replicas that reach each rung is the exact one."""
    m, days, n = rules([0.01], misread=[0.8]), 365.0, 1_000_000
    begin = start([1])
    found = sums.reached(ensemble(m, begin, days, n), begin.rung)[0] / n
    for rung in range(2, 6):
        ends = list(range(rung, 6))
        p = exact.passage_probability(generator(m), ends, days)[1]

        assert pytest.approx(p, abs=4.5 * (p * (1 - p) / n) ** 0.5) == found[rung]


def test_the_number_of_incidents_has_the_mean_and_variance_of_a_hawkes_process():
    """With rungs that never change, counts are those of theory for branching ratio 0.4."""
    mu, n, memory, days, replicas = 0.2, 0.4, 2.0, 2000.0, 40_000
    m = rules([mu], rise=[0.0] * 6, offspring=[[n]], memory=memory)
    out = ensemble(m, start([0]), days, replicas)
    count = out.incidents[0] / replicas
    variance = out.incidents_square[0] / replicas - count**2
    omega = 1 / memory
    mean = exact.stationary_rate(mu, n * omega, omega) * days - mu * n / (omega * (1 - n) ** 2)
    long_run = exact.count_variance(mu, n * omega, omega) * days

    assert pytest.approx(mean, abs=4 * (variance / replicas) ** 0.5) == count
    # Starting empty takes about memory / (1 - n) days off the horizon: 0.2 %.
    assert pytest.approx(long_run, rel=4 * (2 / replicas) ** 0.5 + 0.005) == variance


def test_two_dyads_excite_each_other_as_theory_says():
    """Mean counts of two dyads are (1 - N)^-1 mu T up to the start."""
    offspring = np.array([[0.3, 0.2], [0.1, 0.4]])
    mu = np.array([0.05, 0.1])
    m = rules(mu, rise=[0.0] * 6, offspring=offspring, memory=0.5)
    out = ensemble(m, start([0, 0]), 2000.0, 4000)
    mean = np.linalg.solve((np.eye(2) - offspring).T, mu).sum() * 2000
    error = ((out.incidents_square[0] / 4000 - (out.incidents[0] / 4000) ** 2) / 4000) ** 0.5

    assert pytest.approx(mean, abs=4 * error + 1) == out.incidents[0] / 4000


def test_excitation_left_from_the_past_comes_in_full():
    """What earlier incidents still cause has the mean that the start says."""
    m = rules([0.0], rise=[0.0] * 6, memory=5.0)
    out = ensemble(m, start([0], excitation=[1.7]), 1000.0, 100_000)

    assert pytest.approx(1.7, abs=4 * (1.7 / 100_000) ** 0.5) == out.incidents[0] / 100_000


def test_keeping_a_share_of_candidates_is_a_lower_background():
    """Candidates of twice the rate, half of them kept, are the background itself."""
    days, n = 365.0, 200_000
    plain = ensemble(rules([0.01]), start([0]), days, n)
    kept = ensemble(rules([0.01], keep=[0.5]), start([0]), days, n, key=2)
    a, b = (x.incidents[0] / n for x in (plain, kept))

    assert pytest.approx(a, abs=4.5 * (2 * plain.incidents_square[0] / n / n) ** 0.5) == b


def test_mood_holds_a_dyad_up():
    """Where losses harden the mood, force falls back later."""
    begin = start([4], mood=[2.0])
    soft = ensemble(rules([0.01]), start([4]), 365.0, 20_000)
    hard = ensemble(rules([0.01], gain=0.5), begin, 365.0, 20_000)
    low, high = (
        sums.occupied(x, np.array([4], dtype=np.int8), 365.0)[0, 4:].sum() for x in (soft, hard)
    )

    assert high > 1.1 * low


def test_steps_of_a_day_come_to_the_same_distribution_as_they_shrink():
    """The error of the day-stepped reference falls with the step, down to the noise."""
    m = rules(
        [0.006, 0.004, 0.0],
        offspring=[[0.3, 0.2, 0.0], [0.1, 0.3, 0.1], [0.0, 0.0, 0.4]],
        entries=[(0, 2, 0.5), (1, 2, 0.5)],
        memory=10.0,
        fall=(0.0, 0.05, 0.05, 0.05, 0.05, 0.02),
    )
    begin, days, n = start([3, 1, 0]), 200.0, 20_000
    out = ensemble(m, begin, days, 400_000)
    true = sums.reached(out, begin.rung) / 400_000
    gaps = []
    for step in (8.0, 2.0, 0.5):
        highest, _, _ = daystep.run(
            m, begin, days=days, step=step, replicas=n, random=np.random.default_rng(5)
        )
        gaps.append(np.abs(daystep.shares_reached(highest) - true).max())
    noise = 4.5 * (0.25 / n) ** 0.5

    assert gaps[0] > 2 * gaps[2]
    assert gaps[2] < noise + 0.004


def test_seeds_give_counts_as_scattered_as_independent_draws():
    """Over 96 seeds the counts scatter as binomial ones do: neither too much nor too little."""
    m, begin, days, n = rules([0.02]), start([0]), 200.0, 1500
    p = exact.passage_probability(generator(m), [3, 4, 5], days)[0]
    counts = np.array(
        [
            sums.reached(ensemble(m, begin, days, n, key=seed), begin.rung)[0, 3]
            for seed in range(96)
        ]
    )
    chi = ((counts - n * p) ** 2 / (n * p * (1 - p))).sum()

    assert 1e-4 < stats.chi2.cdf(chi, 96) < 1 - 1e-4
    # The battery sees a correlated stream: the same counts twice over would fail it.
    assert stats.chi2.cdf(2 * chi, 96) > 1 - 1e-4


def test_neighbouring_replicas_and_seeds_are_independent():
    """Whether a replica reaches force says nothing on the next one, or on the next seed."""
    m, begin, days, n = rules([0.02]), start([0]), 200.0, 4000
    course = Course(days, pack(m), pack_start(begin, m), watch(1))
    room = events_kernel.make_room(1, 64, 4096)
    log = Log(np.empty(4096), np.empty(4096, np.int32), np.empty(4096, np.int8))

    def outcomes(key):
        found = np.zeros(n, dtype=bool)
        for number in range(n):
            written, _, _, _, _ = events_kernel.replica(
                np.uint64(key), number, course, room, log, False
            )
            found[number] = (log.code[:written] & 7).max(initial=0) >= 3
        return found

    a, b = outcomes(1), outcomes(2)
    for x, y in ((a[:-1], a[1:]), (a, b), (a[1:], b[:-1])):
        table = np.histogram2d(x, y, bins=2)[0]

        assert stats.chi2_contingency(table, correction=False).pvalue > 1e-4


def test_the_ladder_of_the_tests_is_the_one_they_say():
    """The parameters of the small models stand as documented."""
    assert (6, 6, 0.0) == (len(RISE), len(FALL), RISE[5])
