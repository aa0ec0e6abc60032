"""Boosted trees: what they can learn, what chance and weights do, and which rows are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from detente.errors import UsageError
from detente.evidence.forecast import boosting
from detente.evidence.forecast.boosting import Growth
from detente.evidence.forecast.logit import expit

SMALL = {"rate": 0.3, "share": 1.0, "shrinkage": 1.0, "least": 1, "most": 10_000}


def test_trees_find_what_no_sum_can_tell():
    """An event that follows two covariates only together is learnt."""
    rng = np.random.default_rng(4)
    values = rng.uniform(-1, 1, (2000, 3)).astype(np.float32)
    event = ((values[:, 0] > 0) != (values[:, 1] > 0)).astype(float)
    fitted = boosting.fit(values, event, Growth(trees=60, leaves=8, **SMALL))
    fresh = rng.uniform(-1, 1, (500, 3)).astype(np.float32)
    right = (fitted.linear(fresh) > 0) == ((fresh[:, 0] > 0) != (fresh[:, 1] > 0))

    assert right.mean() > 0.9


def test_the_same_seed_gives_the_same_trees_on_any_number_of_threads():
    """Covariates and rows that are drawn follow from the seed, and not from threads."""
    rng = np.random.default_rng(6)
    values, event = rng.normal(size=(600, 6)), (rng.uniform(size=600) < 0.1).astype(float)
    growth = Growth(trees=5, leaves=4, **SMALL | {"share": 0.4, "most": 200})
    found = {}
    for threads, seed in ((1, 1), (2, 1), (1, 2)):
        with threadpool_limits(threads):
            found[threads, seed] = boosting.fit(values, event, growth, seed=seed).linear(values)

    assert found[1, 1].tolist() == found[2, 1].tolist()
    assert found[1, 1].tolist() != found[1, 2].tolist()


def test_a_row_of_weight_two_counts_as_two_rows():
    """Weights and repeated rows give the same trees."""
    rng = np.random.default_rng(8)
    values, event = rng.integers(0, 4, (60, 2)) * 1.0, (np.arange(60) % 3 == 0) * 1.0
    growth = Growth(trees=4, leaves=4, **SMALL)
    twice = boosting.fit(np.tile(values, (2, 1)), np.tile(event, 2), growth)
    heavy = boosting.fit(values, event, growth, weight=np.full(60, 2.0))

    assert twice.linear(values).tolist() == pytest.approx(heavy.linear(values).tolist())


def test_rows_without_an_event_that_are_drawn_stand_for_the_rest():
    """Fitted to a tenth of them, as many events are expected as there are."""
    rng = np.random.default_rng(9)
    values = rng.normal(size=(40_000, 2))
    event = (rng.uniform(size=40_000) < expit(values[:, 0] - 4.0)).astype(float)
    fitted = boosting.fit(
        values,
        event,
        Growth(trees=40, leaves=3, **SMALL | {"rate": 0.1, "least": 50, "most": 4000}),
    )
    expected = expit(fitted.linear(values)).sum()

    assert expected == pytest.approx(event.sum(), rel=0.1)


def test_what_never_happens_cannot_be_fitted():
    """Without an event there is nothing to learn, and the message says so."""
    with pytest.raises(UsageError, match="0 events in 9 rows"):
        boosting.fit(np.zeros((9, 1)), np.zeros(9), Growth(trees=1, leaves=2, **SMALL))
