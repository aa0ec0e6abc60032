"""The fit of a draw: its coefficients, moved along the directions of their uncertainty."""

from __future__ import annotations

from functools import cache

import numpy as np

from detente.architecture.system import Floats, System
from detente.evidence.forecast import hazard
from detente.lenses.protocol import Values

DIRECTIONS = 1 + len(hazard.names(tuple(hazard.COVARIATES_OF_FACTS)))
"""Coefficients of the largest fit."""


@cache
def _directions(facts: tuple[str, ...]) -> Floats:
    """Return the principal directions of a fit's covariance, scaled, one a column."""
    size, direction = np.linalg.eigh(hazard.stored(facts).covariance)
    # The sign of an eigenvector means nothing: the largest entry is made positive.
    largest = np.abs(direction).argmax(axis=0)
    turned = direction * np.sign(direction[largest, range(len(size))])
    signed_root: Floats = (turned * np.sqrt(np.maximum(size, 0.0)))[:, ::-1]
    return signed_root


def coefficients(facts: tuple[str, ...], values: Values) -> Floats:
    """Return the coefficients of a draw, intercept first."""
    from scipy.special import ndtri

    size = 1 + len(hazard.names(facts))
    place = ndtri(np.array([values[f"fit_{k + 1:02d}"] for k in range(size)]))
    fitted: Floats = hazard.stored(facts).coefficients + _directions(facts) @ place
    return fitted


def of_ties(beta: Floats) -> Floats:
    """Return the coefficients of what ties move, in the order in which the kernel wants them."""
    from detente.lenses.hazard.hazard_kernel import MOVED

    place = {name: k + 1 for k, name in enumerate(hazard.TIES)}
    return beta[[place[name] for name in MOVED]]


def fixed_odds(system: System, beta: Floats) -> Floats:
    """Return what no change of ties moves in the log odds of every directed pair, array (n, n)."""
    fixed = np.full((system.size, system.size), beta[0])
    of = dict(zip(hazard.names(system.facts), beta[1:], strict=True))
    for name, covariate in hazard.static_covariates(system, system.facts).items():
        fixed += of[name] * covariate
    return fixed
