"""The scores, held against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.errors import UsageError
from detente.evidence.forecast.scores import MEASURES, score


@st.composite
def predictions(draw):
    """Predictions with ties, outcomes of both kinds, pairs of states."""
    n = draw(st.integers(4, 30))
    p = np.array(draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))) / 10
    y = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), float)
    y[0], y[1] = 0, 1
    return p, y, np.arange(n) // 3


@settings(max_examples=60, deadline=None)
@given(case=predictions())
def test_the_area_is_the_share_of_pairs_in_order(case):
    """AUC is the chance that an event is ranked above a non-event, ties counting half."""
    p, y, cluster = case
    won = [float(a > b) + 0.5 * (a == b) for a in p[y == 1] for b in p[y == 0]]

    assert score(p, y, cluster, draws=0).values["auc"] == pytest.approx(np.mean(won))


@settings(max_examples=60, deadline=None)
@given(case=predictions())
def test_average_precision_sums_precision_over_steps_of_recall(case):
    """Rows with the same prediction are shown together."""
    p, y, cluster = case
    expected, before = 0.0, 0.0
    for threshold in sorted(set(p), reverse=True):
        shown = p >= threshold
        recall = y[shown].sum() / y.sum()
        expected += (recall - before) * y[shown].mean()
        before = recall

    assert score(p, y, cluster, draws=0).values["average_precision"] == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(case=predictions())
def test_the_other_measures_are_means_over_rows(case):
    """Brier, log score and calibration in the large are what they are called."""
    p, y, cluster = case
    found = score(p, y, cluster, draws=0).values

    assert found["brier"] == pytest.approx(np.mean((p - y) ** 2))
    assert found["log_score"] == pytest.approx(-np.mean(np.log(np.where(y == 1, p, 1 - p))))
    assert found["expected_over_observed"] == pytest.approx(p.sum() / y.sum())


def test_a_hand_worked_case():
    """Four rows, ranked event, non-event, event, non-event."""
    found = score(np.array([0.9, 0.8, 0.3, 0.1]), np.array([1.0, 0, 1, 0]), np.arange(4), draws=0)

    assert found.values["auc"] == pytest.approx(3 / 4)
    assert found.values["average_precision"] == pytest.approx((1 + 2 / 3) / 2)


def test_a_constant_knows_nothing():
    """The base rate has an area of one half and the base rate as average precision."""
    y = (np.arange(50) % 5 == 0).astype(float)
    found = score(np.full(50, 0.2), y, np.arange(50), draws=20)

    assert found.values["auc"] == 0.5
    assert found.values["average_precision"] == pytest.approx(0.2)
    assert (found.low["auc"], found.high["auc"]) == (0.5, 0.5)


def test_intervals_depend_on_the_seed_alone():
    """The same seed gives the same interval, and the interval holds the value."""
    rng = np.random.default_rng(3)
    p = rng.uniform(size=400)
    y = (rng.uniform(size=400) < p).astype(float)
    one, again = (score(p, y, np.arange(400) // 4, draws=200, seed=7) for _ in range(2))

    assert (one.low, one.high) == (again.low, again.high)
    for measure in MEASURES:
        assert one.low[measure] <= one.values[measure] <= one.high[measure]


def test_pairs_are_drawn_whole():
    """If all rows are one pair, every draw is the data itself and the interval a point."""
    p, y = np.array([0.2, 0.7, 0.6]), np.array([0.0, 1.0, 0.0])
    found = score(p, y, np.zeros(3, int), draws=10)

    assert found.low == pytest.approx(found.values)
    assert found.high == pytest.approx(found.values)


def test_deciles_add_up():
    """The tenths of the rows share out all rows, expected and observed onsets."""
    rng = np.random.default_rng(1)
    p = rng.uniform(size=103)
    y = (rng.uniform(size=103) < p).astype(float)
    found = score(p, y, np.arange(103), draws=0)

    assert sum(row["rows"] for row in found.deciles) == 103
    assert sum(row["observed"] for row in found.deciles) == found.onsets
    assert sum(row["expected"] for row in found.deciles) == pytest.approx(found.expected)


def test_years_without_onsets_cannot_be_scored():
    """There is no ranking to judge without both outcomes."""
    with pytest.raises(UsageError, match="0 onsets in 3 rows"):
        score(np.ones(3) / 2, np.zeros(3), np.arange(3))
