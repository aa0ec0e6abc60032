"""Logistic regression: penalised maximum likelihood by Newton steps, clustered standard errors.

A few hundred thousand rows and fifty columns need no more than matrix products; a test holds
coefficients and standard errors equal to those of statsmodels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.errors import UsageError

CHUNK = 100_000
STEPS = 60


@dataclass(frozen=True, eq=False)
class Logit:
    """A fitted logistic regression.

    Attributes
    ----------
    names : tuple of str
        Covariates.
    center, scale : array (k,)
        What the covariates were centered on and divided by.
    coefficients : array (k + 1,)
        Intercept first, then one a centered and scaled covariate.
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
        out = np.empty(len(values))
        for k in range(0, len(values), CHUNK):
            out[k : k + CHUNK] = values[k : k + CHUNK].astype(float) @ slope + start
        return out

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
    out: Floats = np.where(x >= 0, 1, small) / (1 + small)
    return out


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
        Center and scale the covariates by the weighted mean and deviation first.

    Raises
    ------
    UsageError
        If there are no events, or only events, or the fit does not converge.
    """
    rows, k = values.shape
    w = np.ones(rows) if weight is None else weight
    events = int(event.sum())
    if not 0 < events < rows:
        raise UsageError(f"cannot fit: {events} events in {rows} rows")
    center, scale = np.zeros(k), np.ones(k)
    if standardise:
        center, scale = _moments(values, w)
    penalty = np.diag(np.r_[0.0, np.full(k, ridge)])
    beta = np.zeros(k + 1)
    share = float(np.clip(w @ event / w.sum(), 1e-9, 1 - 1e-9))
    beta[0] = np.log(share / (1 - share))
    parts = (values, event, w, center, scale)
    value, gradient, hessian = _derivatives(*parts, beta, penalty)
    for _ in range(STEPS):
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        if np.abs(step).max() < 1e-9:
            break
        while True:  # halve the step until the likelihood rises
            new = _derivatives(*parts, beta + step, penalty)
            if new[0] >= value - 1e-12 * abs(value) or not np.abs(step).max() > 1e-12:
                break
            step = step / 2
        beta = beta + step
        value, gradient, hessian = new
    else:
        raise UsageError(
            "the logistic regression does not converge: is the event separated by a covariate?"
        )
    groups = np.arange(rows) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    number = int(groups.max()) + 1
    scores = np.zeros((number, k + 1))
    for start in range(0, rows, CHUNK):
        part = slice(start, start + CHUNK)
        x = _with_one(values[part], center, scale)
        residual = w[part] * (event[part] - expit(x @ beta))
        np.add.at(scores, groups[part], x * residual[:, None])
    bread = np.linalg.pinv(hessian)
    meat = scores.T @ scores * number / max(number - 1, 1) * (rows - 1) / max(rows - k - 1, 1)
    return Logit(
        names=names,
        center=center,
        scale=scale,
        coefficients=beta,
        covariance=bread @ meat @ bread,
        rows=rows,
        events=events,
        clusters=number,
    )


def _with_one(values: NDArray[np.floating], center: Floats, scale: Floats) -> Floats:
    out = np.empty((len(values), len(center) + 1))
    out[:, 0] = 1
    out[:, 1:] = (values - center) / scale
    return out


def _derivatives(
    values: NDArray[np.floating],
    event: Floats,
    weight: Floats,
    center: Floats,
    scale: Floats,
    beta: Floats,
    penalty: Floats,
) -> tuple[float, Floats, Floats]:
    """Return the penalised log likelihood, its gradient and its negative second derivative."""
    value, gradient = 0.0, np.zeros(len(beta))
    hessian = np.zeros((len(beta), len(beta)))
    for start in range(0, len(values), CHUNK):
        part = slice(start, start + CHUNK)
        x = _with_one(values[part], center, scale)
        eta = x @ beta
        p = expit(eta)
        value += float(weight[part] @ (event[part] * eta - np.logaddexp(0, eta)))
        gradient += x.T @ (weight[part] * (event[part] - p))
        hessian += (x * (weight[part] * p * (1 - p))[:, None]).T @ x
    value -= 0.5 * float(beta @ penalty @ beta)
    return value, gradient - penalty @ beta, hessian + penalty


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
