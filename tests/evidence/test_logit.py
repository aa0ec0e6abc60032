"""The logistic regression, held against statsmodels and against its own definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.errors import UsageError
from detente.evidence.forecast import logit

# statsmodels 0.15.0: Logit(y, add_constant(x)).fit(cov_type="cluster") on the case below
COEFFICIENTS = [-0.716668305971, 0.804804217312, -0.527837878989, 0.701018586376]
ERRORS = [0.240282155992, 0.338917979564, 0.211725438701, 0.388146124867]


def case():
    """240 rows in 24 clusters, without chance: the golden ratio stands in for draws."""
    k = np.arange(240.0)
    x = np.column_stack([np.sin(k), (k % 7) / 3, (k % 5 == 0) * 1.0])
    share = logit.expit(-0.8 + x @ np.array([0.9, -0.5, 0.7]))
    return x, ((k * 0.6180339887498949) % 1 < share).astype(float), (k % 24).astype(np.int64)


def test_coefficients_and_clustered_errors_are_those_of_statsmodels():
    """Without penalty both equal the figures that statsmodels gives."""
    x, y, clusters = case()
    coefficients, covariance = logit.fit(x, y, ("a", "b", "c"), clusters=clusters).raw()
    errors = np.sqrt(np.diag(covariance))

    assert coefficients.tolist() == pytest.approx(COEFFICIENTS, rel=1e-8)
    assert errors.tolist() == pytest.approx(ERRORS, rel=1e-8)


def test_statsmodels_agrees_where_it_is_installed():
    """The same comparison against whatever release of statsmodels is there."""
    sm = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    x, y, clusters = case()
    fitted = sm.Logit(y, sm.add_constant(x)).fit(
        disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": clusters}
    )
    coefficients, covariance = logit.fit(x, y, ("a", "b", "c"), clusters=clusters).raw()
    errors = np.sqrt(np.diag(covariance))

    assert coefficients == pytest.approx(fitted.params, rel=1e-6)
    assert errors == pytest.approx(fitted.bse, rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), ridge=st.floats(0.01, 100), half=st.booleans())
def test_the_penalised_score_is_zero_at_the_fit(seed, ridge, half):
    """At the maximum the weighted residuals balance the penalty, and nothing else does."""
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(60, 3)), rng.uniform(0.2, 1, 60) if half else np.ones(60)
    y = (rng.uniform(size=60) < 0.4).astype(float)
    y[:2] = 0, 1
    fitted = logit.fit(x, y, ("a", "b", "c"), weight=weight, ridge=ridge)
    scaled = (x - fitted.center) / fitted.scale
    residual = weight * (y - fitted.probability(x))

    assert residual.sum() == pytest.approx(0, abs=1e-5)
    assert scaled.T @ residual == pytest.approx(ridge * fitted.coefficients[1:], abs=1e-5)


def test_a_weight_of_two_is_a_row_twice():
    """Weights count rows."""
    x, y, _ = case()
    twice = logit.fit(np.vstack([x, x[:50]]), np.r_[y, y[:50]], ("a", "b", "c"))
    weight = np.where(np.arange(240) < 50, 2.0, 1.0)

    assert logit.fit(x, y, ("a", "b", "c"), weight=weight).raw()[0] == pytest.approx(
        twice.raw()[0], rel=1e-7
    )


def test_a_constant_covariate_does_no_harm():
    """A column without variation gets a coefficient of zero under a penalty."""
    x, y, _ = case()
    fitted = logit.fit(np.column_stack([x, np.ones(240)]), y, ("a", "b", "c", "d"), ridge=1.0)

    assert fitted.coefficients[4] == pytest.approx(0, abs=1e-9)


def test_without_events_there_is_nothing_to_fit():
    """All zeros, or all ones, are refused."""
    x, y, _ = case()
    with pytest.raises(UsageError, match="0 events in 240 rows"):
        logit.fit(x, 0 * y, ("a", "b", "c"))


def test_separation_is_refused():
    """An event that a covariate tells without error has no finite estimate."""
    x = np.arange(20.0)[:, None]
    with pytest.raises(UsageError, match="converge"):
        logit.fit(x, (x[:, 0] > 9).astype(float), ("a",))
