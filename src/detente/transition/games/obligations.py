"""Clearing payments among debtors: a published cascade to hold our own against.

Each of n debtors owes others fixed sums and has means from outside. Who cannot pay all pays all
it has, in proportion; the payments that clear everything are the greatest solution of::

    p = min(owed in all, outside + received)

found by rounds in which those that default are taken to pay what they have, until nobody new
defaults. A cascade of exits under a cost (`membership`) has the same form: the greatest set in
which everybody can stay.

Reference: Eisenberg, L. & Noe, T. H. (2001), Systemic risk in financial systems, Management
Science 47(2), 236-249.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.errors import UsageError

Floats = NDArray[np.float64]

EQUAL = 1e-12
"""Relative difference below which a debt counts as paid."""


class Clearing(NamedTuple):
    """Who pays what, and who defaults when.

    Attributes
    ----------
    payments : array (n,)
        What each pays in all, in the unit of the debts.
    rounds : tuple of tuples of int
        Who defaults in each round, for the first time.
    """

    payments: Floats
    rounds: tuple[tuple[int, ...], ...]


def clearing(owed: ArrayLike, outside: ArrayLike) -> Clearing:
    """Return the greatest clearing payments (Eisenberg & Noe 2001, fictitious default).

    Parameters
    ----------
    owed : array (n, n)
        ``owed[i, j]``: what i owes j, non-negative.
    outside : array (n,)
        What each has from outside, non-negative.
    """
    debts, means = np.asarray(owed, dtype=np.float64), np.asarray(outside, dtype=np.float64)
    n = len(means)
    if debts.shape != (n, n) or (debts < 0).any() or (means < 0).any():
        raise UsageError(f"debts are a square of {n} by {n} and means a row, none of them negative")
    due = debts.sum(axis=1)
    shares = np.divide(debts, due[:, None], out=np.zeros_like(debts), where=due[:, None] > 0)
    payments = due.copy()
    defaults = np.zeros(n, dtype=np.bool_)
    rounds: list[tuple[int, ...]] = []
    while True:
        has = means + shares.T @ payments
        new = ~defaults & (has < due * (1 - EQUAL))
        if not new.any():
            return Clearing(payments, tuple(rounds))
        rounds.append(tuple(np.flatnonzero(new).tolist()))
        defaults |= new
        who = np.flatnonzero(defaults)
        # Those in default pay what they have, which depends on what the others in default pay.
        fixed = means[who] + shares[np.ix_(~defaults, who)].T @ due[~defaults]
        matrix = np.eye(len(who)) - shares[np.ix_(who, who)].T
        payments = due.copy()
        payments[who] = np.linalg.solve(matrix, fixed)
