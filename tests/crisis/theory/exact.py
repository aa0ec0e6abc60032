"""Exact answers where there are any: Markov chains, and the self-exciting process.

The simulation is held to these. Committor and first passage: Norris, J. R. (1997), Markov
Chains, Cambridge, theorems 1.3.2 and 1.3.5. Self-exciting incidents: Hawkes, A. G. (1971),
Biometrika 58(1), 83-90; the recursion of the likelihood: Ozaki, T. (1979), Annals of the
Institute of Statistical Mathematics 31, 145-155; thinning: Ogata, Y. (1981), IEEE Transactions
on Information Theory 27(1), 23-31.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from detente.architecture.system import Floats, Ints
from detente.errors import Undefined, UsageError

STOCHASTIC = 1e-9
"""How far the sum of a row may be from one, or from zero for a generator."""


def birth_death_matrix(up: Sequence[float], down: Sequence[float]) -> Floats:
    """Return the transition matrix of a chain on rungs 0 to N that steps to its neighbours.

    Parameters
    ----------
    up, down : sequences (N + 1,)
        Probability a step of going up and down from each rung; ``down[0]`` and ``up[N]`` are
        not read.

    Returns
    -------
    array (N + 1, N + 1)
        What is left of a row's probability stays.
    """
    n = len(up)
    if len(down) != n or n < 2:
        raise UsageError("up and down need one number for each of at least two rungs")
    matrix = np.zeros((n, n))
    for k in range(n):
        if k + 1 < n:
            matrix[k, k + 1] = up[k]
        if k:
            matrix[k, k - 1] = down[k]
        matrix[k, k] = 1.0 - matrix[k].sum()
    if (matrix < -STOCHASTIC).any():
        raise UsageError("up and down of a rung exceed one together")
    return matrix


def birth_death_generator(up: Sequence[float], down: Sequence[float]) -> Floats:
    """Return the generator of a chain on rungs 0 to N, from rates per unit of time."""
    n = len(up)
    generator = np.zeros((n, n))
    for k in range(n):
        if k + 1 < n:
            generator[k, k + 1] = up[k]
        if k:
            generator[k, k - 1] = down[k]
        generator[k, k] = -generator[k].sum()
    return generator


def birth_death_committor(up: Sequence[float], down: Sequence[float]) -> Floats:
    """Return the probability of reaching rung N before rung 0, from every rung, in closed form.

    q_k = sum_{j<k} rho_j / sum_{j<N} rho_j with rho_0 = 1 and rho_j = prod_{i<=j} d_i / u_i
    (Norris 1997, example 1.3.4).
    """
    n = len(up) - 1
    rho = np.ones(n)
    for j in range(1, n):
        if up[j] <= 0:
            raise Undefined(f"rung {j} is never left upwards: rung {n} cannot be reached", str(j))
        rho[j] = rho[j - 1] * down[j] / up[j]
    chance: Floats = np.concatenate([[0.0], np.cumsum(rho)]) / rho.sum()
    return chance


def committor(matrix: Floats, calm: Sequence[int], war: Sequence[int]) -> Floats:
    """Return the probability, from each state, of reaching `war` before `calm`.

    Parameters
    ----------
    matrix : array (n, n)
        Transition matrix (rows sum to one) or generator (rows sum to zero).
    calm, war : sequences of int
        The two sets; they must not overlap.

    Returns
    -------
    array (n,)
        0 on `calm`, 1 on `war`.

    Raises
    ------
    Undefined
        If some states reach neither set; names them.
    """
    q = _generator(matrix)
    if set(calm) & set(war):
        raise UsageError("calm and war share a state")
    ends = np.array(sorted({*calm, *war}), dtype=np.int64)
    rest = _rest(q, ends)
    chance = np.zeros(len(q))
    chance[list(war)] = 1.0
    if len(rest):
        right = -q[np.ix_(rest, np.array(list(war), dtype=np.int64))].sum(axis=1)
        chance[rest] = np.linalg.solve(q[np.ix_(rest, rest)], right)
    return chance


def passage_time(matrix: Floats, ends: Sequence[int]) -> Floats:
    """Return the mean time from each state to the set `ends`: steps, or the generator's unit."""
    q = _generator(matrix)
    rest = _rest(q, np.array(sorted(ends), dtype=np.int64))
    days = np.zeros(len(q))
    if len(rest):
        days[rest] = np.linalg.solve(q[np.ix_(rest, rest)], -np.ones(len(rest)))
    return days


def distribution(generator: Floats, start: Floats, time: float) -> Floats:
    """Return the distribution over states after a time, start exp(G t), by matrix exponential."""
    from scipy.linalg import expm

    law: Floats = np.asarray(start, dtype=np.float64) @ expm(generator * time)
    return law


def passage_probability(generator: Floats, ends: Sequence[int], time: float) -> Floats:
    """Return the probability, from each state, of having reached `ends` within a time."""
    from scipy.linalg import expm

    stopped = generator.copy()
    stopped[list(ends)] = 0.0
    chance: Floats = expm(stopped * time)[:, list(ends)].sum(axis=1)
    return chance


def _generator(matrix: Floats) -> Floats:
    matrix = np.asarray(matrix, dtype=np.float64)
    sums = matrix.sum(axis=1)
    if np.allclose(sums, 1.0, rtol=0.0, atol=STOCHASTIC):
        generator: Floats = matrix - np.eye(len(matrix))
        return generator
    if np.allclose(sums, 0.0, rtol=0.0, atol=STOCHASTIC * max(1.0, float(np.abs(matrix).max()))):
        return matrix
    raise UsageError("the rows of a transition matrix sum to one, those of a generator to zero")


def _rest(q: Floats, ends: Ints) -> Ints:
    """Return the states outside `ends`, all of which must be able to get there."""
    reached = {int(k) for k in ends}
    grew = True
    while grew:
        before = len(reached)
        into = (q[:, sorted(reached)] > 0).any(axis=1)
        reached |= {int(k) for k in np.flatnonzero(into)}
        grew = len(reached) > before
    stuck = sorted(set(range(len(q))) - reached)
    if stuck:
        names = ", ".join(map(str, stuck))
        raise Undefined(f"from states {names} neither end is ever reached: a closed class", names)
    ended = {int(k) for k in ends}
    return np.array([k for k in range(len(q)) if k not in ended], dtype=np.int64)


# Self-exciting incidents ----------------------------------------------------------------


def branching_ratio(alpha: float, omega: float) -> float:
    """Return how many incidents one incident causes directly, on average: n = alpha / omega."""
    return alpha / omega


def stationary_rate(mu: float, alpha: float, omega: float) -> float:
    """Return the long-run rate of incidents, mu / (1 - n).

    Raises
    ------
    Undefined
        If the branching ratio is one or more: the process explodes.
    """
    n = branching_ratio(alpha, omega)
    if n >= 1:
        raise Undefined(f"a branching ratio of {n:g} has no stationary rate: each incident causes "
                        "one more on average, and there is no end")  # fmt: skip
    return mu / (1 - n)


def count_variance(mu: float, alpha: float, omega: float) -> float:
    """Return the variance of the count per unit of time over long times, mu / (1 - n)^3."""
    n = branching_ratio(alpha, omega)
    return stationary_rate(mu, alpha, omega) / (1 - n) ** 2


def log_likelihood(
    times: Sequence[float] | Floats, horizon: float, mu: float, alpha: float, omega: float
) -> float:
    """Return the log-likelihood of incident times in [0, horizon] under a Hawkes process.

    lambda(t) = mu + sum_{t_i < t} alpha exp(-omega (t - t_i)), by Ozaki's recursion.
    """
    total, excitation, last = -mu * horizon, 0.0, 0.0
    for k, t in enumerate(times):
        if k:
            excitation = math.exp(-omega * (t - last)) * (1.0 + excitation)
        total += math.log(mu + alpha * excitation)
        total -= alpha / omega * -math.expm1(-omega * (horizon - t))
        last = t
    return total


def fit(
    times: Sequence[float] | Floats, horizon: float
) -> tuple[float, float, float, float, float]:
    """Return the maximum-likelihood (mu, alpha, omega), its log-likelihood, and that without
    excitation (a Poisson process), for incident times in [0, horizon].

    The branching ratio is held below one.
    """  # fmt: skip
    from scipy.optimize import minimize

    t = np.sort(np.asarray(times, dtype=np.float64))
    if len(t) < 2 or t[0] < 0 or t[-1] > horizon:
        raise UsageError("a fit needs at least two incident times within the horizon")
    rate = len(t) / horizon

    def minus(x: Floats) -> float:
        mu, omega = math.exp(x[0]), math.exp(x[2])
        return -log_likelihood(t, horizon, mu, omega / (1 + math.exp(-x[1])), omega)

    best = min(
        (
            minimize(minus, [math.log(rate / 2), 0.0, math.log(w)], method="Nelder-Mead",
                     options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 4000})
            for w in (rate / 3, rate * 3)
        ),
        key=lambda found: float(found.fun),
    )  # fmt: skip
    if not best.success:
        raise Undefined(f"the likelihood has no peak: {best.message}")
    mu, omega = math.exp(best.x[0]), math.exp(best.x[2])
    alpha = omega / (1 + math.exp(-best.x[1]))
    return mu, alpha, omega, -float(best.fun), len(t) * math.log(rate) - len(t)


def thin(
    mu: float, alpha: float, omega: float, horizon: float, random: np.random.Generator
) -> Floats:
    """Return incident times in [0, horizon] drawn by Ogata's thinning: slow and plain."""
    times: list[float] = []
    t, excess = 0.0, 0.0
    while True:
        bound = mu + excess
        wait = random.exponential(1.0 / bound)
        t += wait
        if t > horizon:
            return np.array(times)
        excess *= math.exp(-omega * wait)
        if random.random() * bound <= mu + excess:
            times.append(t)
            excess += alpha
