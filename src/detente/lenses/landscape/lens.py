"""Landscape theory: which states would rather stand on the same side, and what keeps them apart.

Axelrod & Bennett (1993). State i has a size s_i and a propensity p_ij = p_ji to be on the same
side as j. A configuration puts each state on one of two sides, d_ij = 1 across and 0 within:

- frustration  F_i = sum_j s_j p_ij d_ij
- energy       E = sum_i s_i F_i, so that switching k changes E by 2 s_k times the change of F_k
- a local minimum is a configuration in which no single state lowers its frustration by
  switching; its basin is what steepest descent (switch whoever lowers E most) leads to it.

With y_i = +1, -1 for the sides and W_ij = s_i s_j p_ij: E = (sum W - y'Wy) / 2.

Departs from the paper: the propensities come from the ties of an architecture (p = alliance
weight minus a weight times rivalry), not from a coding of affinities; and the configuration in
which security is read is the one that the greatest rivalry suggests, see `alignments`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Floats, Ints, Moves, System
from detente.errors import Undefined, UsageError
from detente.lenses.protocol import Lens, Parameter, Portrait, Values, listed

Bytes = NDArray[np.int8]

EXACT_STATES = 26  # beyond, the 2^(n-1) configurations no longer fit in memory and patience
PASS_STATES = 20
MOST_MINIMA = 100_000
TOLERANCE = 1e-12  # share of the sum of |W| below which a change of energy is no improvement
SLACK = 1e-12  # share of a state's ties below which a difference of pulls is rounding


@dataclass(frozen=True, eq=False)
class Minimum:
    """A local minimum of the energy.

    Attributes
    ----------
    energy : float
        E, in squared units of size times propensity.
    basin : int or None
        Number of configurations whose steepest descent ends here, itself included; None where
        the search was not exhaustive.
    side : int array (n,)
        Side of each state, 0 or 1; the first state is on side 0.
    strict : bool
        Whether every single switch raises the energy, instead of some leaving it as it is.
    """

    energy: float
    basin: int | None
    side: Ints
    strict: bool


@dataclass(frozen=True, eq=False)
class Alignment:
    """The present sides of states that are tied to one another, seen from one rivalry.

    Attributes
    ----------
    members : int array (m,)
        Positions of the states: one connected component of the ties.
    anchors : tuple of two int
        The rivals that were set on opposite sides first.
    side : array (m,)
        +1 with the first anchor, -1 with the second, 0 where nothing decides.
    """

    members: Ints
    anchors: tuple[int, int]
    side: Floats


def frustration(size: ArrayLike, propensity: ArrayLike, side: ArrayLike) -> Floats:
    """Return each state's frustration, array (n,), in units of size times propensity.

    Parameters
    ----------
    size : array (n,)
        Sizes, not negative.
    propensity : array (n, n)
        Symmetric propensities to be on the same side; the diagonal does not count.
    side : array (n,)
        0 or 1 for each state.

    References
    ----------
    Axelrod & Bennett (1993), British Journal of Political Science 23(2), 211-233.
    """
    s, p = _checked(size, propensity)
    x = np.asarray(side)
    if x.shape != s.shape or not np.isin(x, (0, 1)).all():
        raise UsageError(f"sides must be {len(s)} numbers, each 0 or 1")
    frustrated: Floats = (p * (x[:, None] != x[None, :])) @ s
    return frustrated


def energy(size: ArrayLike, propensity: ArrayLike, side: ArrayLike) -> float:
    """Return the energy of a configuration: the sum of size times frustration."""
    return float(np.asarray(size, dtype=float) @ frustration(size, propensity, side))


def minima(
    size: ArrayLike, propensity: ArrayLike, *, starts: int = 1000, seed: int = 0
) -> tuple[Minimum, ...]:
    """Return the local minima of the energy, the lowest first.

    Up to 26 states every configuration is looked at, so the list is complete and the basins are
    exact. A change of energy of at most 1e-12 times the sum of the absolute W is no
    improvement, and the first of equally steep switches is taken.

    Parameters
    ----------
    size : array (n,)
        Sizes, not negative.
    propensity : array (n, n)
        Symmetric propensities to be on the same side; the diagonal does not count.
    starts, seed : int
        For more than 26 states: the number of random starting points, and what draws them;
        start k depends on the seed and on k only.

    Raises
    ------
    UsageError
        If the arrays do not fit, or if there are more than 100 000 minima.

    Warns
    -----
    UserWarning
        For more than 26 states: the list may be incomplete and proves nothing.

    References
    ----------
    Axelrod & Bennett (1993), British Journal of Political Science 23(2), 211-233.
    """
    s, p = _checked(size, propensity)
    weights = _weights(s, p)
    if len(s) > EXACT_STATES:
        return _search(weights, starts, seed)
    flip, _, valley = _first_steps(weights, with_energy=False)
    if valley > MOST_MINIMA:
        raise UsageError(
            f"{valley} local minima: the landscape is flat. Leave out states without ties, "
            "each of which doubles the number."
        )
    from detente.lenses.landscape.landscape_kernel import gather

    places, basin = np.empty(valley, np.int64), np.zeros(valley, np.int64)
    gather(flip, np.empty(len(flip), np.int32), places, basin)
    bits = (places[:, None] >> np.arange(len(s) - 1)) & 1
    sides = np.concatenate([np.zeros((valley, 1), np.int64), bits], axis=1)
    return _sorted(weights, sides, basin.tolist())


def descend(weights: Floats, side: Ints) -> Ints:
    """Return the local minimum in which steepest descent from `side` ends, 0 or 1 a state.

    The plain twin of the compiled descent; the first state of the result is on side 0.
    """
    y = 1.0 - 2.0 * side
    tolerance = TOLERANCE * np.abs(weights).sum()
    while True:
        change = 2.0 * y * (weights @ y)
        if change.min() >= -tolerance:
            return np.where(y != y[0], 1, 0)
        y[int(np.argmax(change <= change.min() + tolerance))] *= -1.0


def lowest_pass(size: ArrayLike, propensity: ArrayLike, side: ArrayLike) -> float:
    """Return how far the energy must rise before a local minimum can be left for another.

    Over all ways of switching one state at a time from the minimum to a configuration of
    another basin, the least of their highest energies, minus the energy of the minimum.
    Infinite if there is no other basin. The measure is ours; landscape and basins are those of
    Axelrod & Bennett (1993).

    Parameters
    ----------
    size, propensity : array (n,), array (n, n)
        As for `minima`; at most 20 states.
    side : array (n,)
        The local minimum, 0 or 1 for each state.

    Raises
    ------
    UsageError
        If there are more than 20 states or `side` is not a local minimum.
    """
    s, p = _checked(size, propensity)
    if len(s) > PASS_STATES:
        raise UsageError(f"the lowest pass is computed up to {PASS_STATES} states, not {len(s)}")
    frustration(s, p, side)  # complains about sides that are none
    weights, x = _weights(s, p), np.asarray(side, dtype=np.int64)
    x = (x != x[0]).astype(np.int64)
    flip, height, valley = _first_steps(weights, with_energy=True)
    start = int((x[1:] << np.arange(len(x) - 1)).sum())
    if flip[start] >= 0:
        raise UsageError("the sides given are not a local minimum")
    from detente.lenses.landscape.landscape_kernel import flood, gather

    label = np.empty(len(flip), np.int32)
    gather(flip, label, np.empty(valley, np.int64), np.zeros(valley, np.int64))
    reached = flood(np.argsort(height, kind="stable"), label, start, len(s))
    return float(height[reached] - height[start]) if reached >= 0 else np.inf


def alignments(size: ArrayLike, propensity: ArrayLike) -> tuple[Alignment, ...]:
    """Return the present sides: the split that the greatest rivalry suggests.

    In each connected component of the ties, the pair with the most negative W_ij is set on
    opposite sides and everybody else on none. Then, again and again, the state that lowers the
    energy most moves: from none to a side, or to the other side. What is left without a side is
    pulled equally by both, and counts as half on each.

    No outcome depends on the order or the names of the states. Where several rivalries are the
    greatest, each gives an alignment of its own. States that would move with equal right move
    together; where that would undo what each of them wants, they stay without a side.
    A component without rivalry is on one side and gives none. The rule is ours.

    This is the plain twin of the compiled loop behind the lens.
    """
    weights = _weights(*_checked(size, propensity))
    blocs = []
    for members in _components(weights):
        w = weights[np.ix_(members, members)]
        if w.min() < 0.0:
            first, second = np.nonzero(np.triu(w <= w.min() * (1.0 - SLACK), 1))
            for a, b in zip(first.tolist(), second.tolist(), strict=True):
                anchors = (int(members[a]), int(members[b]))
                blocs.append(Alignment(members, anchors, _align(w, a, b)))
    return tuple(blocs)


class Landscape(Lens):
    """Size times frustration at the present sides, with the sign turned.

    security_i = -s_i F_i, s the share of all capability, p_ij = ally_ij - rivalry * rival_ij.
    """

    key: ClassVar[str] = "landscape"
    title: ClassVar[str] = "Who stands on the wrong side: frustration between two camps"
    citation: ClassVar[str] = (
        "Axelrod, R. & Bennett, D. S. (1993). A Landscape Theory of Aggregation. "
        "British Journal of Political Science 23(2), 211-233."
    )
    status: ClassVar[str] = "verified"
    unit: ClassVar[str] = "squared share of capability"
    meaning: ClassVar[str] = (
        "Minus size times frustration: allies on the other side make a state less secure, "
        "rivals on the other side make it more secure."
    )
    limits: ClassVar[tuple[str, ...]] = (
        "There are exactly two sides.",
        "A rival on the other side lowers frustration, so a new rivalry across the line counts "
        "as a gain for both: what is measured is clarity, not peace.",
        "An alliance within a side changes nothing, and a state without ties feels nothing.",
        "The present sides are derived from the greatest rivalry by a rule of ours; a small "
        "change of ties can regroup everybody.",
        "The model of 1993 derives propensities from affinities; here they are the ties.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "counts",
        "distance": "ignored",
        "an ally": "stands on the same side",
        "a rival": "stands on the other side",
        "reach of a change": "the whole system",
    }
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            name="rivalry",
            default=1.0,
            low=0.5,
            high=2.0,
            unit="ratio",
            meaning="Weight of a rivalry relative to a full alliance.",
            source="assumed; the paper weighs its five factors equally, which gives 1",
            scale="log",
            minimum=0.0,
        ),
    )

    def security(self, system: System, values: Values) -> Floats:
        """Return minus size times frustration at the present sides, array (n,)."""
        values_of_states: Floats = self._securities(system, Moves.build([[]], [[]]), values)[0]
        return values_of_states

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n): all in one compiled loop."""
        if any(moves.armed):
            return super().deltas(system, moves, values)
        return self._securities(system, moves, values) - self.security(system, values)

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe the camps: who stands with whom against whom, and who stands wrong."""
        share, propensity = self._share(system), self._propensity(system, values)
        blocs = sorted(alignments(share, propensity), key=lambda a: -float(share[a.members].sum()))
        camps = []
        for bloc in blocs:
            for sign in (1, -1):
                members = bloc.members[np.sign(bloc.side) == sign]
                camps.append(tuple(system.codes[k] for k in sorted(members)))
        security = self.security(system, values)
        wrong = [k for k in np.argsort(security, kind="stable")[:3] if security[k] < 0]
        strain = f"; {listed(system.codes, wrong)} bear the most strain" if wrong else ""
        undecided = sum(int((bloc.side == 0).sum()) for bloc in blocs)
        outside = system.size - sum(len(bloc.members) for bloc in blocs)
        return Portrait(
            subject="camps",
            finding=(
                f"the greatest camps count {len(camps[0])} and {len(camps[1])} states, "
                f"{outside + undecided} stand apart{strain}"
                if camps
                else "no state has a tie, so there is no camp"
            ),
            value=security,
            value_meaning="minus size times frustration",
            value_unit=self.unit,
            groups=tuple(camp for camp in camps if camp),
        )

    def height(self, system: System, values: Values) -> float:
        """Return the lowest pass out of the present configuration, a property of the system.

        The least over the connected components of the ties and over the alignments of each;
        infinite if nothing can be left.

        Raises
        ------
        Undefined
            If some state has no side.
        UsageError
            If a component has more than 20 states.
        """
        share = self._share(system)
        propensity = self._propensity(system, values)
        heights = [np.inf]
        for bloc in alignments(share, propensity):
            who = bloc.members
            if not bloc.side.all():
                state = system.codes[int(who[np.argmin(np.abs(bloc.side))])]
                raise Undefined(f"nothing decides the side of {state}", state=state)
            side = (bloc.side < 0).astype(np.int64)
            heights.append(lowest_pass(share[who], propensity[np.ix_(who, who)], side))
        return float(min(heights))

    def _securities(self, system: System, moves: Moves, values: Values) -> Floats:
        from detente.lenses.landscape.landscape_kernel import burdens

        share = self._share(system)
        weights = _weights(share, self._propensity(system, values))
        propensity = moves.ally - values["rivalry"] * moves.rival
        weight = share[moves.first] * share[moves.second] * propensity
        securities = np.empty((len(moves), system.size))
        burdens(weights, moves.ptr, moves.first, moves.second, weight, securities)
        return 0.0 - securities

    def _share(self, system: System) -> Floats:
        total = system.capability.sum()
        if not total > 0.0:
            raise Undefined("no state has any capability, so no state has a size")
        share: Floats = system.capability / total
        return share

    def _propensity(self, system: System, values: Values) -> Floats:
        propensity: Floats = system.allies - values["rivalry"] * system.rivals
        return propensity


def _checked(size: ArrayLike, propensity: ArrayLike) -> tuple[Floats, Floats]:
    s, p = np.asarray(size, dtype=np.float64), np.asarray(propensity, dtype=np.float64)
    if s.ndim != 1 or not len(s) or p.shape != (len(s), len(s)):
        raise UsageError(f"{s.shape} sizes do not fit {p.shape} propensities")
    if not (np.isfinite(s).all() and np.isfinite(p).all() and (s >= 0.0).all()):
        raise UsageError("sizes must be finite and not negative, propensities finite")
    if not np.array_equal(p, p.T):
        raise UsageError("propensities must be symmetric")
    if p.diagonal().any():
        p = p - np.diag(p.diagonal())
    return s, p


def _weights(s: Floats, p: Floats) -> Floats:
    weights: Floats = s[:, None] * s[None, :] * p
    np.fill_diagonal(weights, 0.0)
    return weights


def _first_steps(weights: Floats, *, with_energy: bool) -> tuple[Bytes, Floats, int]:
    """Return the first step of descent and the energy of each configuration, and the minima."""
    from detente.lenses.landscape.landscape_kernel import steepest

    count = 1 << (len(weights) - 1)
    flip, height = np.empty(count, np.int8), np.empty(count if with_energy else 0)
    lowest, _ = steepest(weights, TOLERANCE * np.abs(weights).sum(), flip, height)
    return flip, height, lowest


def _search(weights: Floats, starts: int, seed: int) -> tuple[Minimum, ...]:
    n = len(weights)
    warnings.warn(
        f"{n} states are too many to look at every configuration: these minima come from "
        f"{starts} random starts. Others may exist, lower ones too; this proves nothing.",
        UserWarning,
        stacklevel=3,
    )
    minima = {}
    for k in range(starts):
        side = descend(weights, np.random.default_rng([seed, k]).integers(0, 2, n))
        minima[side.tobytes()] = side
    sides = np.array(list(minima.values()), dtype=np.int64).reshape(-1, n)
    return _sorted(weights, sides, [None] * len(sides))


def _sorted(weights: Floats, sides: Ints, basin: Sequence[int | None]) -> tuple[Minimum, ...]:
    y = 1.0 - 2.0 * sides
    terms = y * (y @ weights)
    energies = (weights.sum() - terms.sum(axis=1)) / 2.0
    strict = 2.0 * terms.min(axis=1, initial=np.inf) > TOLERANCE * np.abs(weights).sum()
    ordered = [
        Minimum(energy=float(e), basin=b, side=side, strict=bool(t))
        for e, b, side, t in zip(energies, basin, sides, strict, strict=True)
    ]
    return tuple(sorted(ordered, key=lambda m: (m.energy, m.side.tolist())))


def _components(weights: Floats) -> list[Ints]:
    """Return the positions of the states of each connected component with a tie."""
    tied = weights != 0.0
    left, components = set(np.flatnonzero(tied.any(axis=1)).tolist()), []
    while left:
        reached = np.zeros(len(weights), dtype=bool)
        reached[min(left)] = True
        while (wider := reached | tied[reached].any(axis=0)).sum() > reached.sum():
            reached = wider
        components.append(np.flatnonzero(reached))
        left -= set(components[-1].tolist())
    return components


def _align(w: Floats, a: int, b: int) -> Floats:
    side = np.zeros(len(w))
    side[a], side[b] = 1.0, -1.0
    frozen = np.zeros(len(w), dtype=bool)
    slack = SLACK * np.abs(w).sum(axis=1)
    while True:
        pull = w @ side
        may = ~frozen & (np.abs(pull) > slack)
        step = np.where(may, np.sign(pull) - side, 0.0)
        gain = step * pull
        top = int(np.argmax(gain))
        if not gain[top] > 0.0:
            return side
        step[gain < gain[top] - 4.0 * np.maximum(slack, slack[top])] = 0.0
        clash = ((step[:, None] * step[None, :] * w) < 0.0).any(axis=1)
        frozen |= clash
        side = np.where(clash, 0.0, side + step)
