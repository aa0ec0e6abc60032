"""Boosted trees: the kernel against its plain twin, and what a tree can and cannot learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.errors import UsageError
from detente.evidence import boosting, boosting_kernel, boosting_plain
from detente.evidence.boosting import Growth


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999), levels=st.integers(1, 4), least=st.floats(0.01, 3))
def test_the_kernel_grows_the_plain_tree(seed, levels, least):
    """Questions, leaves and where rows end up are those of the plain twin."""
    rng = np.random.default_rng(seed)
    bins = rng.integers(0, 5, (40, 4)).astype(np.uint8)
    columns = np.array([0, 2, 3])
    slope, curvature = rng.normal(size=40), rng.uniform(0.1, 0.5, 40)
    column, cut, leaf = np.full(levels, -1), np.zeros(levels, np.int64), np.zeros(2**levels)
    boosting_kernel.grow(bins, columns, slope, curvature, 2.0, least, column, cut, leaf)
    plain = boosting_plain.grow(bins, columns, slope, curvature, 2.0, least, levels)
    out = np.zeros(40)
    boosting_kernel.drop(bins, column, cut, leaf, 1.0, out)

    assert [plain[0].tolist(), plain[1].tolist()] == [column.tolist(), cut.tolist()]
    assert plain[2].tolist() == pytest.approx(leaf.tolist())
    assert boosting_plain.drop(bins, *plain).tolist() == pytest.approx(out.tolist())


def test_one_stump_by_hand():
    """A whole step of one question moves each half by its slope over its curvature."""
    values = np.repeat([0.0, 1.0], 50)[:, None]
    event = np.zeros(100)
    event[:10] = event[50:90] = 1  # 10 of 50 on the left, 40 of 50 on the right: half in all
    growth = Growth(trees=1, levels=1, rate=1.0, share=1.0, shrinkage=0.0, least=0.0)
    fitted = boosting.fit(values, event, growth)

    # slope 10 - 25 = -15 and 40 - 25 = 15, curvature 50 / 4
    assert [-1.2, 1.2] == pytest.approx(fitted.linear(np.array([[0.0], [1.0]])).tolist())


def test_trees_find_what_no_sum_can_tell():
    """An event that follows two covariates only together is learnt."""
    rng = np.random.default_rng(4)
    values = rng.uniform(-1, 1, (2000, 3)).astype(np.float32)
    event = ((values[:, 0] > 0) != (values[:, 1] > 0)).astype(float)
    growth = Growth(trees=80, levels=3, rate=0.2, share=0.7, shrinkage=1.0, least=0.1)
    fitted = boosting.fit(values, event, growth)
    fresh = rng.uniform(-1, 1, (500, 3)).astype(np.float32)
    right = (fitted.linear(fresh) > 0) == ((fresh[:, 0] > 0) != (fresh[:, 1] > 0))

    assert right.mean() > 0.9


def test_the_same_seed_gives_the_same_trees():
    """The covariates of a tree follow from the seed: equal seeds agree, others do not."""
    rng = np.random.default_rng(6)
    values, event = rng.normal(size=(300, 6)), (rng.uniform(size=300) < 0.3).astype(float)
    growth = Growth(trees=5, levels=2, rate=0.3, share=0.4, shrinkage=1.0, least=0.1)
    one, two, other = (boosting.fit(values, event, growth, seed=s).leaf for s in (1, 1, 2))

    assert one.tolist() == two.tolist()
    assert one.tolist() != other.tolist()


def test_a_row_of_weight_two_counts_as_two_rows():
    """Weights and repeated rows give the same trees."""
    rng = np.random.default_rng(8)
    values, event = rng.integers(0, 4, (60, 2)) * 1.0, np.arange(60) % 3 == 0
    growth = Growth(trees=4, levels=2, rate=0.5, share=1.0, shrinkage=1.0, least=0.1)
    twice = boosting.fit(np.tile(values, (2, 1)), np.tile(event, 2) * 1.0, growth)
    heavy = boosting.fit(values, event * 1.0, growth, weight=np.full(60, 2.0))

    assert twice.leaf.ravel().tolist() == pytest.approx(heavy.leaf.ravel().tolist())


def test_what_never_happens_cannot_be_fitted():
    """Without an event there is nothing to learn, and the message says so."""
    growth = Growth(trees=1, levels=1, rate=1.0, share=1.0, shrinkage=0.0, least=0.0)
    with pytest.raises(UsageError, match="0 events in 9 rows"):
        boosting.fit(np.zeros((9, 1)), np.zeros(9), growth)
