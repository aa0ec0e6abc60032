"""Bargaining among any number of parties, as a concave programme solved to the last digits.

With squares, the best positions for weights on the parties are weighted means, so that everything
is a smooth convex problem in the few weights. With distances they are weighted medians: every
point of the frontier mixes positions at which each issue stands at somebody's ideal, and the
mixture is a small concave programme to which such positions are added until none helps.
"""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Floats
from detente.errors import Undefined
from detente.settlement.bargains.distance_rows import distance_columns, with_distances
from detente.settlement.bargains.party_utility import Utility

STEPS = 200
"""Most Newton steps, and most positions added; a handful is usual."""


def furthest(u: Utility, base: Floats, direction: Floats) -> Floats:
    """Return positions at which the least of (u_i - base_i) / direction_i is greatest.

    A party with direction 0 must get its base.
    """
    return _furthest_linear(u, base, direction) if u.power == 1 else _furthest(u, base, direction)


def best_product(
    u: Utility, point: Floats, share: Floats, start: Floats, *, coarse: bool = False
) -> Floats:
    """Return positions with the greatest product of gains over a point, from a feasible start.

    A coarse answer is right to about 1e-5, in half the time: enough for a draw among many.
    """
    if u.power == 1:
        return _product_linear(u, point, share, start, coarse=coarse)
    return _product(u, point, share)


# --- distances ---------------------------------------------------------------------------------


def _furthest_linear(u: Utility, base: Floats, direction: Floats) -> Floats:
    """Solve the linear programme in positions x, distances z and the gain t."""
    from scipy.optimize import linprog

    n, issues = u.ideal.shape
    far = distance_columns(n, issues)
    width = issues + n * issues + 1
    parties = np.zeros((n, width))
    np.put_along_axis(parties, far, u.salience, axis=1)
    parties[:, -1] = direction
    rows, limits = with_distances(u.ideal, parties, 1 - base)
    cost = np.zeros(width)
    cost[-1] = -1.0
    bounds = [(0, 1)] * issues + [(0, None)] * (n * issues) + [(None, None)]
    solved = linprog(cost, A_ub=rows, b_ub=limits, bounds=bounds)
    if solved.status != 0:
        raise Undefined(f"no positions give every party its disagreement point: {solved.message}")
    positions: Floats = np.clip(solved.x[:issues], 0, 1)
    return positions


def _product_linear(
    u: Utility, point: Floats, share: Floats, start: Floats, *, coarse: bool = False
) -> Floats:
    columns = [start]
    for party in range(len(u.ideal)):
        columns.append(_medians(u, np.eye(len(u.ideal))[party] + 1e-6))
    mixture = np.zeros(len(columns))
    for _ in range(STEPS):
        gains = np.array([u(x) - point for x in columns]).T
        mixture = _mix(gains, share, coarse=coarse)
        weight = share / (gains @ mixture)
        corner = _medians(u, weight)
        if weight @ (u(corner) - point) <= 1 + (1e-8 if coarse else 1e-13):
            break
        if any(np.array_equal(corner, x) for x in columns):
            break  # what is left is rounding
        columns.append(corner)
    positions: Floats = mixture @ np.array(columns) / mixture.sum()
    return np.clip(positions, 0, 1)


def _medians(u: Utility, weight: Floats) -> Floats:
    """Return for each issue the ideal that is best for the weighted sum of utilities."""
    x = np.empty(u.ideal.shape[1])
    for k in range(len(x)):
        pull = weight * u.salience[:, k]
        cost = np.abs(u.ideal[:, k][:, None] - u.ideal[:, k][None, :]) @ pull
        x[k] = u.ideal[int(np.argmin(cost)), k] if pull.any() else u.ideal[:, k].mean()
    return x


def _mix(gains: Floats, share: Floats, *, coarse: bool = False) -> Floats:
    """Return the mixture of columns with the greatest sum of share times log gain.

    The sum of the mixture is 1 at the optimum without being asked for: the objective
    share log(G m) - sum m is homogeneous. An interior-point path, then Newton on what is used.
    """
    m = gains.shape[1]
    mixture = np.full(m, 1e-3)
    mixture[0] = 1.0  # the start is feasible; the others are added little by little
    while (gains @ mixture <= 0).any():
        mixture[1:] /= 4
    barrier = 1e-2
    while barrier > (1e-8 if coarse else 1e-15):
        for _ in range(STEPS):
            worth = gains @ mixture
            slope = gains.T @ (share / worth) - 1 + barrier / mixture
            bend = (gains.T * (share / worth**2)) @ gains + np.diag(barrier / mixture**2)
            step = np.linalg.lstsq(bend, slope, rcond=None)[0]
            decrement = float(slope @ step)
            length = 1.0
            value = _value(gains, share, mixture, barrier)
            while length > 1e-12:
                trial = mixture + length * step
                if (
                    (trial > 0).all()
                    and (gains @ trial > 0).all()
                    and _value(gains, share, trial, barrier) >= value
                ):
                    mixture = trial
                    break
                length /= 2
            if decrement < 1e-3 * barrier or length <= 1e-12:
                break
        barrier /= 30 if coarse else 10
    return mixture if coarse else _polished(gains, share, mixture)


def _value(gains: Floats, share: Floats, mixture: Floats, barrier: float) -> float:
    return float(share @ np.log(gains @ mixture) - mixture.sum() + barrier * np.log(mixture).sum())


def _polished(gains: Floats, share: Floats, mixture: Floats) -> Floats:
    """Take the last digits by Newton on the columns in use; keep the path's answer if it fails."""
    used = mixture > 1e-7
    exact = mixture[used]
    for _ in range(20):
        worth = gains[:, used] @ exact
        if (worth <= 0).any():
            return mixture
        slope = gains[:, used].T @ (share / worth) - 1
        bend = (gains[:, used].T * (share / worth**2)) @ gains[:, used]
        exact = exact + np.linalg.lstsq(bend, slope, rcond=1e-13)[0]
    if (exact < -1e-12).any() or not np.isfinite(exact).all():
        return mixture
    polished = np.zeros_like(mixture)
    polished[used] = np.maximum(exact, 0)
    worth = gains @ polished
    if (worth <= 0).any() or (gains.T @ (share / worth) > 1 + 1e-9).any():
        return mixture
    return polished


# --- squares -----------------------------------------------------------------------------------


def _means(u: Utility, weight: Floats) -> Floats:
    """Return for each issue the weighted mean of the ideals."""
    pull = weight[:, None] * u.salience
    whole = pull.sum(axis=0)
    x: Floats = np.divide(
        (pull * u.ideal).sum(axis=0), whole, out=u.ideal.mean(axis=0), where=whole > 0
    )
    return x


def _bend(u: Utility, weight: Floats) -> Floats:
    """Return how the utilities answer to the weights: du_i / dweight_j."""
    pull = (weight[:, None] * u.salience).sum(axis=0)
    apart = u.salience * (_means(u, weight) - u.ideal)
    scaled = np.divide(apart, pull, out=np.zeros_like(apart), where=pull > 0)
    answer: Floats = 2 * apart @ scaled.T
    return answer


def _product(u: Utility, point: Floats, share: Floats) -> Floats:
    """Minimise the dual sum w (u(x(w)) - d) - share log w over the weights w > 0."""
    weight = np.ones(len(point)) / len(point)

    def value(w: Floats) -> float:
        return float(w @ (u(_means(u, w)) - point) - share @ np.log(w))

    for _ in range(STEPS):
        slope = u(_means(u, weight)) - point - share / weight
        if np.abs(slope * weight).max() < 1e-15:
            break
        bend = _bend(u, weight) + np.diag(share / weight**2)
        step = -np.linalg.solve(bend, slope)
        length, before = 1.0, value(weight)
        while length > 1e-12 and not (
            (weight + length * step > 0).all()
            and value(weight + length * step) <= before + 1e-16 * abs(before)
        ):
            length /= 2
        if length <= 1e-12:
            break
        weight = weight + length * step
    return _means(u, weight)


def _furthest(u: Utility, base: Floats, direction: Floats) -> Floats:
    """Minimise the dual sum w (u(x(w)) - base) over weights w >= 0 with direction w = 1."""
    n = len(base)
    weight = np.ones(n) / direction.sum()

    def value(w: Floats, barrier: float) -> float:
        return float(w @ (u(_means(u, w)) - base) - barrier * np.log(w).sum())

    barrier = 1e-2
    while barrier > 1e-14:
        for _ in range(STEPS):
            slope = u(_means(u, weight)) - base - barrier / weight
            bend = _bend(u, weight) + np.diag(barrier / weight**2)
            system = np.block([[bend, direction[:, None]], [direction[None, :], np.zeros((1, 1))]])
            step = np.linalg.lstsq(system, np.append(-slope, 0.0), rcond=None)[0][:n]
            length, before = 1.0, value(weight, barrier)
            while length > 1e-12 and not (
                (weight + length * step > 0).all()
                and value(weight + length * step, barrier) <= before
            ):
                length /= 2
            if length <= 1e-12:
                break
            weight = weight + length * step
            if abs(slope @ step) < 1e-3 * barrier:
                break
        barrier /= 10
    return _means(u, _settled(u, base, direction, weight))


def _settled(u: Utility, base: Floats, direction: Floats, weight: Floats) -> Floats:
    """Take the last digits by Newton on the parties that bind."""
    binds = weight > 1e-7 * weight.max()
    exact = np.where(binds, weight, 0.0)
    gain = float(exact @ (u(_means(u, exact)) - base))
    for _ in range(20):
        short = (u(_means(u, exact)) - base - gain * direction)[binds]
        bend = _bend(u, exact)[np.ix_(binds, binds)]
        along = direction[binds]
        system = np.block([[bend, -along[:, None]], [along[None, :], np.zeros((1, 1))]])
        target = np.append(-short, 1 - along @ exact[binds])
        step = np.linalg.lstsq(system, target, rcond=1e-13)[0]
        exact[binds] += step[:-1]
        gain += float(step[-1])
    good = (
        np.isfinite(exact).all()
        and (exact >= -1e-12).all()
        and (u(_means(u, exact)) - base - gain * direction >= -1e-9).all()
    )
    return exact if good else weight
