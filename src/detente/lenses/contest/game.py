"""The game behind the lens `contest`: efforts for one prize on a signed network.

Every state fights for a share of a fixed prize. Allies' efforts add to its performance,
enemies' efforts take from it::

    phi = x + beta A x - gamma E x + z        performance
    pi_i = V phi_i / sum(phi) - c_i x_i       payoff

König, Rohner, Thoenig & Zilibotti (2017), Econometrica 85(4), 1093-1132. Plain arrays only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Floats
from detente.errors import NoEquilibrium, UsageError

INTERIOR = ("require", "assume", "corners")
SINGULAR = 1e-13  # reciprocal condition number below which a system counts as singular

LEAST_WEIGHT = 1e-9
"""Least 1 + beta d+ - gamma d-: what is meant to be zero is not, to rounding, and its inverse
would pass for a vulnerability."""


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """The equilibrium of a contest of n states.

    Attributes
    ----------
    effort : array (n,)
        x, what each state spends, in units of effort; may be negative.
    performance : array (n,)
        phi, own effort with what allies add and enemies take.
    payoff : array (n,)
        pi, share of the prize less the cost of the effort, in units of the prize.
    share : array (n,)
        phi / sum(phi), the part of the prize that each state wins.
    vulnerability : array (n,)
        Gamma = 1 / (1 + beta d+ - gamma d-), the hostility vulnerability.
    active : bool array (n,)
        Whether the state contests the prize; all True unless there are corners.
    total : float
        S = sum(phi).
    prize : float
        V.
    """

    effort: Floats
    performance: Floats
    payoff: Floats
    share: Floats
    vulnerability: Floats
    active: NDArray[np.bool_]
    total: float
    prize: float

    @property
    def dissipation(self) -> float:
        """Rent dissipation, the sum of all efforts."""
        return float(self.effort.sum())

    @property
    def efficiency(self) -> float:
        """S / V, which is Lambda = 1 - 1/sum(Gamma) where every cost is 1."""
        return self.total / self.prize

    @property
    def welfare(self) -> float:
        """Sum of all payoffs."""
        return float(self.payoff.sum())


def equilibrium(
    allies: ArrayLike,
    enemies: ArrayLike,
    *,
    beta: float,
    gamma: float,
    cost: ArrayLike | None = None,
    endowment: ArrayLike | None = None,
    prize: float = 1.0,
    interior: str = "require",
    codes: Sequence[str] | None = None,
) -> Equilibrium:
    """Solve the contest on a signed network.

    Parameters
    ----------
    allies, enemies : array (n, n)
        Weights of alliance and of enmity, 0..1, symmetric, zero diagonal, never both positive.
    beta, gamma : float
        Spill-over of an ally's and of an enemy's effort, non-negative.
    cost : array (n,), optional
        Cost of a unit of effort, positive; 1 by default.
    endowment : array (n,), optional
        Strength that costs nothing; 0 by default. It changes efforts, not shares.
    prize : float
        V, positive.
    interior : {"require", "assume", "corners"}
        What to do if a state's effort costs so much that it would not contest the prize
        (c S >= V): refuse; use the interior formula all the same, as the authors do for the
        embargo; or let such states stop at performance zero.
    codes : sequence of str, optional
        Names of the states for messages; their positions by default.

    Returns
    -------
    Equilibrium

    Raises
    ------
    UsageError
        If an argument makes no sense.
    NoEquilibrium
        If some 1 + beta d+ - gamma d- is not positive, if the vulnerabilities sum to 1 or
        less, if the system is singular, or if `interior` is "require" and a state is at a
        corner. Names the state.

    Notes
    -----
    König, Rohner, Thoenig & Zilibotti (2017), Proposition 1 and its form with unequal costs;
    the three conditions are necessary and sufficient (docs/lenses/contest.md gives the proof),
    the authors' own is only sufficient. The corners are this project's extension.

    Examples
    --------
    >>> import numpy as np
    >>> none = np.zeros((4, 4))
    >>> equilibrium(none, none, beta=0.1, gamma=0.1).effort
    array([0.1875, 0.1875, 0.1875, 0.1875])
    """
    system = _system(allies, enemies, beta, gamma)
    n = len(system)
    c = _vector("cost", cost, n, 1.0)
    z = _vector("endowment", endowment, n, 0.0)
    if (c <= 0).any():
        raise UsageError("every cost must be positive")
    if not (np.isfinite(prize) and prize > 0):
        raise UsageError(f"the prize must be positive and finite, not {prize}")
    if interior not in INTERIOR:
        raise UsageError(f"interior must be one of {', '.join(INTERIOR)}, not '{interior}'")
    names = [str(i) for i in range(n)] if codes is None else [str(code) for code in codes]
    if len(names) != n:
        raise UsageError(f"{len(names)} codes for {n} states")

    weight = system.sum(axis=1)
    vulnerability = vulnerabilities(weight, names)
    active = np.ones(n, dtype=bool)
    if interior == "corners":
        active = contestants(vulnerability, c)
    gammas = np.where(active, vulnerability, 0.0)
    total = prize * (gammas.sum() - 1.0) / (c @ gammas)
    if interior == "require" and (c * total >= prize).any():
        worst = int(np.argmax(c))
        raise NoEquilibrium(
            f"state {names[worst]} would not contest the prize: a unit of effort costs it "
            f"{c[worst]:g}, which is {c[worst] * total / prize:.4g} times what it can win; "
            f"1 + beta d+ - gamma d- is {weight[worst]:.6g} there. "
            "Let it stop at zero with interior='corners'.",
            names[worst],
        )
    performance = gammas * total * (1.0 - c * total / prize)
    effort = solved(system, performance - z, weight, names)
    share = performance / total
    return Equilibrium(
        effort=effort,
        performance=performance,
        payoff=prize * share - c * effort,
        share=share,
        vulnerability=vulnerability,
        active=active,
        total=float(total),
        prize=float(prize),
    )


def _system(allies: ArrayLike, enemies: ArrayLike, beta: float, gamma: float) -> Floats:
    """Check the network and return S = I + beta A - gamma E."""
    for name, value in (("beta", beta), ("gamma", gamma)):
        if not (np.isfinite(value) and value >= 0):
            raise UsageError(f"{name} must be finite and not negative, not {value}")
    a, e = _network("allies", allies), _network("enemies", enemies)
    if a.shape != e.shape:
        raise UsageError(f"allies are {a.shape} and enemies {e.shape}; they must agree")
    both = np.argwhere((a > 0) & (e > 0))
    if len(both):
        raise UsageError(f"states {both[0][0]} and {both[0][1]} are both allies and enemies")
    matrix: Floats = beta * a - gamma * e
    matrix.flat[:: len(a) + 1] += 1.0
    return matrix


def _network(name: str, given: ArrayLike) -> Floats:
    array = np.asarray(given, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise UsageError(f"{name} must be a square array of at least one state, not {array.shape}")
    if not ((array >= 0) & (array <= 1)).all():  # also refuses NaN
        raise UsageError(f"{name} must lie between 0 and 1")
    if (array.diagonal() != 0).any():
        raise UsageError(f"{name} must have a zero diagonal")
    if (array != array.T).any():
        raise UsageError(f"{name} must be symmetric")
    return array


def _vector(name: str, given: ArrayLike | None, n: int, default: float) -> Floats:
    if given is None:
        return np.full(n, default)
    array = np.asarray(given, dtype=np.float64)
    if array.shape != (n,) or not np.isfinite(array).all():
        raise UsageError(f"{name} must be {n} finite numbers")
    return array


def vulnerabilities(weight: Floats, names: Sequence[str]) -> Floats:
    """Return Gamma, or refuse when conditions (a) or (b) of an equilibrium fail."""
    if (weight <= LEAST_WEIGHT).any():
        worst = int(np.argmin(weight))
        raise NoEquilibrium(
            f"no equilibrium: 1 + beta d+ - gamma d- is {weight[worst]:.6g} for state "
            f"{names[worst]}, and it must be positive",
            names[worst],
        )
    vulnerability: Floats = 1.0 / weight
    if vulnerability.sum() <= 1:
        worst = int(np.argmax(weight))
        raise NoEquilibrium(
            f"no equilibrium: the vulnerabilities sum to {vulnerability.sum():.6g}, "
            "not more than 1; "
            f"1 + beta d+ - gamma d- is greatest, {weight[worst]:.6g}, for state {names[worst]}",
            names[worst],
        )
    return vulnerability


def contestants(vulnerability: Floats, cost: Floats) -> NDArray[np.bool_]:
    """Return who contests the prize when the dear states stop at zero.

    S solves sum_i Gamma_i max(0, 1 - c_i S/V) = 1. The left side falls in S, so a state is
    active exactly when it exceeds 1 at the S at which that state would stop, V/c_i.
    """
    order = np.argsort(cost, kind="stable")
    gammas, costs = vulnerability[order], cost[order]
    before = np.concatenate([[0.0], np.cumsum(gammas)[:-1]])
    spent = np.concatenate([[0.0], np.cumsum(gammas * costs)[:-1]])
    contesting = np.empty(len(cost), dtype=bool)
    contesting[order] = before - spent / costs < 1.0
    return contesting


def solved(system: Floats, right: Floats, weight: Floats, names: Sequence[str]) -> Floats:
    """Solve the symmetric system by its Bunch-Kaufman factors, or refuse if it is singular."""
    from scipy.linalg import lapack

    factors, pivots, info = lapack.dsytrf(system, lower=1)
    condition = 0.0
    if info == 0:
        norm = np.abs(system).sum(axis=0).max()
        condition, _ = lapack.dsycon(factors, pivots, norm, lower=1)
    if condition < SINGULAR:
        worst = int(np.argmax(np.abs(_null_direction(system))))
        raise NoEquilibrium(
            "no equilibrium: I + beta A - gamma E is singular, most of all in the effort of "
            f"state {names[worst]}, whose 1 + beta d+ - gamma d- is {weight[worst]:.6g}",
            names[worst],
        )
    solution, _ = lapack.dsytrs(factors, pivots, right, lower=1)
    return np.asarray(solution, dtype=np.float64).reshape(-1)


def _null_direction(system: Floats) -> Floats:
    values, vectors = np.linalg.eigh(system)
    direction: Floats = vectors[:, np.argmin(np.abs(values))]
    return direction
