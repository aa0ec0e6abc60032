"""Exact answers: worked cases of the chain and of the self-exciting process."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from theory import exact

from detente.errors import Undefined, UsageError

UP = (0.0, 0.30, 0.35, 0.40, 0.25, 0.0)
DOWN = (0.0, 0.45, 0.35, 0.30, 0.30, 0.0)


def test_committor_of_the_worked_ladder_in_closed_form():
    """Rungs 0 to 5 with the worked probabilities: q as worked by hand."""
    q = exact.birth_death_committor(UP, DOWN)

    assert pytest.approx([0, 0.15444015, 0.38610039, 0.61776062, 0.79150579, 1], abs=5e-9) == q


def test_committor_of_the_worked_ladder_by_the_linear_system():
    """The linear system gives the closed form."""
    q = exact.committor(exact.birth_death_matrix(UP, DOWN), [0], [5])

    assert pytest.approx(exact.birth_death_committor(UP, DOWN), abs=1e-12) == q


def test_mean_steps_of_the_worked_ladder():
    """Mean number of steps to calm or war, as worked."""
    t = exact.passage_time(exact.birth_death_matrix(UP, DOWN), [0, 5])

    assert pytest.approx([4.51553594, 7.95550653, 8.53833425, 6.47545505], abs=5e-9) == t[1:5]


def test_a_generator_and_its_jump_chain_have_the_same_committor():
    """How fast a chain runs does not change where it ends."""
    q = exact.committor(exact.birth_death_generator(UP, DOWN), [0], [5])

    assert pytest.approx(exact.birth_death_committor(UP, DOWN), abs=1e-12) == q


@given(st.lists(st.tuples(st.floats(0.01, 5), st.floats(0.01, 5)), min_size=1, max_size=6))
def test_the_closed_form_agrees_with_the_linear_system(rates):
    """For any rates up and down the two ways to the committor agree."""
    up = [1.0, *(u for u, _ in rates), 0.0]
    down = [0.0, *(d for _, d in rates), 1.0]
    q = exact.committor(exact.birth_death_generator(up, down), [0], [len(up) - 1])

    assert pytest.approx(exact.birth_death_committor(up, down), rel=1e-8, abs=1e-12) == q


def test_a_closed_class_is_named():
    """A state from which neither end is reached has no committor."""
    chain = np.array([[1.0, 0, 0, 0], [0.5, 0, 0.5, 0], [0, 0, 1.0, 0], [0, 0, 0, 1.0]])

    with pytest.raises(Undefined, match="states 2 neither"):
        exact.committor(chain, [0], [3])


def test_rows_that_are_no_probabilities_are_refused():
    """A matrix is a transition matrix or a generator."""
    with pytest.raises(UsageError, match="rows"):
        exact.committor(np.array([[0.5, 0.2], [0.0, 1.0]]), [0], [1])


def test_the_distribution_after_a_long_time_is_the_committor():
    """After a long time a chain that stops at both ends has reached war with probability q."""
    g = exact.birth_death_generator(UP, DOWN)
    late = exact.distribution(g, np.eye(6)[2], 1000.0)

    assert pytest.approx(0.38610039, abs=5e-9) == late[5]
    assert pytest.approx(late[5], abs=1e-12) == exact.passage_probability(g, [5], 1000.0)[2]


def test_log_likelihood_of_the_worked_events():
    """Five events under mu, alpha, omega = 0.2, 0.6, 1.5 up to time 10."""
    value = exact.log_likelihood([1, 1.5, 4, 4.2, 9], 10.0, 0.2, 0.6, 1.5)

    assert pytest.approx(-9.7787273706, abs=1e-9) == value


def test_branching_ratio_and_rate_of_the_worked_process():
    """The branching ratio is 0.4 and the long-run rate one third."""
    assert 0.4 == pytest.approx(exact.branching_ratio(0.6, 1.5))
    assert 0.3333333333 == pytest.approx(exact.stationary_rate(0.2, 0.6, 1.5), abs=1e-9)


def test_a_branching_ratio_of_one_has_no_stationary_rate():
    """Each incident causing one more never ends."""
    with pytest.raises(Undefined, match="branching ratio"):
        exact.stationary_rate(0.2, 1.5, 1.5)


def test_the_recursion_equals_the_double_sum():
    """Ozaki's recursion gives the likelihood written out as a double sum."""
    times = np.sort(np.random.default_rng(3).uniform(0, 20, 30))
    mu, alpha, omega = 0.4, 0.9, 1.3
    rate = [mu + alpha * np.exp(-omega * (t - times[times < t])).sum() for t in times]
    plain = np.log(rate).sum() - mu * 20 - alpha / omega * (1 - np.exp(-omega * (20 - times))).sum()

    assert pytest.approx(plain, rel=1e-12) == exact.log_likelihood(times, 20.0, mu, alpha, omega)


def test_thinning_has_the_mean_and_the_variance_of_theory():
    """Counts over a long time have mean mu T/(1-n) and variance mu T/(1-n)^3, within 4 errors."""
    random = np.random.default_rng(20)
    mu, alpha, omega, horizon = 0.2, 0.6, 1.5, 400.0
    counts = np.array([len(exact.thin(mu, alpha, omega, horizon, random)) for _ in range(400)])
    mean = exact.stationary_rate(mu, alpha, omega) * horizon
    variance = exact.count_variance(mu, alpha, omega) * horizon

    assert pytest.approx(mean, abs=4 * (variance / 400) ** 0.5 + 1) == counts.mean()
    assert pytest.approx(variance, rel=4 * (2 / 400) ** 0.5) == counts.var()


def test_a_fit_finds_the_parameters_behind_a_long_record():
    """Fitted to 2,000 events of a known process, the branching ratio is near the true one."""
    times = exact.thin(0.2, 0.6, 1.5, 6000.0, np.random.default_rng(8))
    _, alpha, omega, likelihood, without = exact.fit(times, 6000.0)

    assert pytest.approx(0.4, abs=0.08) == alpha / omega
    assert likelihood > without + 10
