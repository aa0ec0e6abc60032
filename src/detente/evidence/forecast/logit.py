"""Logistic regression with clustered standard errors: the fit is scikit-learn's, the errors ours.

A test holds coefficients and standard errors equal to those of statsmodels.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.errors import UsageError

CHUNK = 100_000
STEPS, TOLERANCE = 100, 1e-10
WILD = 30.0
"""Change of the log odds by one deviation of a covariate that no finite estimate has."""
LEAST_RIDGE = 1e-9
"""Penalty where none is asked for: it moves nothing that is known, and settles what is not."""


@dataclass(frozen=True, eq=False)
class Logit:
    """A fitted logistic regression.

    Attributes
    ----------
    names : tuple of str
        Covariates.
    center, scale : array (k,)
        What the covariates were centred on and divided by.
    coefficients : array (k + 1,)
        Intercept first, then one a centred and scaled covariate.
    covariance : array (k + 1, k + 1)
        Of the coefficients, robust to dependence within clusters.
    rows, events, clusters : int
        What it was fitted on.
    """

    names: tuple[str, ...]
    center: Floats
    scale: Floats
    coefficients: Floats
    covariance: Floats
    rows: int
    events: int
    clusters: int

    def linear(self, values: NDArray[np.floating]) -> Floats:
        """Return the linear predictor of rows, array (rows,)."""
        slope = self.coefficients[1:] / self.scale
        start = self.coefficients[0] - self.center @ slope
        predictor = np.empty(len(values))
        for k in range(0, len(values), CHUNK):
            predictor[k : k + CHUNK] = values[k : k + CHUNK].astype(float) @ slope + start
        return predictor

    def probability(self, values: NDArray[np.floating]) -> Floats:
        """Return the probability of the event in each row, array (rows,)."""
        return expit(self.linear(values))

    def raw(self) -> tuple[Floats, Floats]:
        """Return coefficients and covariance for covariates as they are, intercept first."""
        change = np.eye(len(self.coefficients))
        change[0, 1:] = -self.center / self.scale
        change[range(1, len(change)), range(1, len(change))] = 1 / self.scale
        return change @ self.coefficients, change @ self.covariance @ change.T


def expit(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(x))
    sigmoid: Floats = np.where(x >= 0, 1, small) / (1 + small)
    return sigmoid


def fit(
    values: NDArray[np.floating],
    event: Floats,
    names: tuple[str, ...],
    *,
    clusters: Ints | None = None,
    weight: Floats | None = None,
    ridge: float = 0.0,
    standardise: bool = True,
) -> Logit:
    """Fit a logistic regression.

    Maximises ``sum_r w_r log p(y_r) - ridge / 2 * sum_k b_k^2`` over intercept and slopes of the
    standardised covariates; the intercept is not penalised. The covariance is the sandwich
    ``H^-1 (sum_c u_c u_c') H^-1`` over clusters with scores u, times C / (C - 1) and
    (n - 1) / (n - k - 1) for C clusters, n rows and k covariates (Liang and Zeger 1986,
    Biometrika 73(1), with the customary corrections for small samples).

    Parameters
    ----------
    values : array (rows, k)
        Covariates, none missing.
    event : array (rows,)
        1 where the event happened, else 0.
    names : tuple of str
        One a covariate.
    clusters : int array (rows,), optional
        Rows with the same number depend on one another; without it every row stands alone.
    weight : array (rows,), optional
        Weight of each row in the likelihood.
    ridge : float
        Penalty on the squared slopes.
    standardise : bool
        Centre and scale the covariates by the weighted mean and deviation first.

    Raises
    ------
    UsageError
        If there are no events, or only events, or the fit does not converge.
    """
    from sklearn.linear_model import LogisticRegression

    rows, k = values.shape
    w = np.ones(rows) if weight is None else weight
    events = int(event.sum())
    if not 0 < events < rows:
        raise UsageError(f"cannot fit: {events} events in {rows} rows")
    center, scale = _moments(values, w) if standardise else (np.zeros(k), np.ones(k))
    x = (values - center) / scale
    # A covariate that never varies has no coefficient, and would leave the steps without an end.
    varies = np.ptp(x, axis=0) > 0
    model = LogisticRegression(
        C=1 / max(ridge, LEAST_RIDGE), solver="newton-cholesky", tol=TOLERANCE, max_iter=STEPS
    )
    beta = np.zeros(k + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            model.fit(x[:, varies], event, sample_weight=w)
            beta[0], beta[1:][varies] = model.intercept_[0], model.coef_[0]
            wild = bool((np.abs(beta[1:]) * x.std(axis=0) > WILD).any())
        except (Warning, FloatingPointError):
            wild = True
    if wild:
        raise UsageError(
            "the logistic regression does not converge: is the event separated by a covariate?"
        )
    groups = np.arange(rows) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    covariance = _sandwich(x, event, w, beta, groups, ridge)
    return Logit(
        names=names,
        center=center,
        scale=scale,
        coefficients=beta,
        covariance=covariance,
        rows=rows,
        events=events,
        clusters=int(groups.max()) + 1,
    )


def _sandwich(
    x: NDArray[np.floating], event: Floats, weight: Floats, beta: Floats, groups: Ints, ridge: float
) -> Floats:
    """Return the covariance of the coefficients, robust to dependence within groups."""
    rows, k = x.shape
    number = int(groups.max()) + 1
    scores, hessian = np.zeros((number, k + 1)), np.diag(np.r_[0.0, np.full(k, ridge)])
    for start in range(0, rows, CHUNK):
        part = slice(start, start + CHUNK)
        design_rows = np.column_stack([np.ones(len(x[part])), x[part]])
        p = expit(design_rows @ beta)
        np.add.at(scores, groups[part], design_rows * (weight[part] * (event[part] - p))[:, None])
        hessian += (design_rows * (weight[part] * p * (1 - p))[:, None]).T @ design_rows
    bread = np.linalg.pinv(hessian)
    meat = scores.T @ scores * number / max(number - 1, 1) * (rows - 1) / max(rows - k - 1, 1)
    covariance: Floats = bread @ meat @ bread
    return covariance


def _moments(values: NDArray[np.floating], weight: Floats) -> tuple[Floats, Floats]:
    """Return weighted means and deviations of the columns; a deviation of 0 becomes 1."""
    total, first, second = weight.sum(), np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for start in range(0, len(values), CHUNK):
        part = slice(start, start + CHUNK)
        first += weight[part] @ values[part].astype(float)
    center = first / total
    for start in range(0, len(values), CHUNK):
        part = slice(start, start + CHUNK)
        second += weight[part] @ (values[part] - center) ** 2
    deviation = np.sqrt(second / total)
    return center, np.where(deviation > 1e-9, deviation, 1.0)
