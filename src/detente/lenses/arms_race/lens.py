"""Arms races: what each state keeps under arms when everybody answers everybody.

Richardson (1939, 1960). Armaments x (money per year), t in years:

    dx/dt = A x + g,   A_ij = k_ij off the diagonal (defense coefficients, per year),
                       A_ii = -a_i (fatigue, per year),  g_i grievance (money per year squared)

- the equilibrium is x* = -A^-1 g; there is none where A is singular
- it is stable where the spectral abscissa, the largest real part of the eigenvalues of A, is
  negative. With k_ij >= 0, A is then minus an M-matrix and x* >= 0 for every g >= 0.

Status: checked. Richardson's figures for 1909-1913 are remembered, not re-read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Floats, Ints, Moves, System
from detente.errors import Undefined, UsageError
from detente.lenses.protocol import Lens, Parameter, Portrait, Values, listed

MOST_EVENTS = 10_000  # of a path with a floor, before it is given up


@dataclass(frozen=True, eq=False)
class ArmsEquilibrium:
    """Where a race stands still.

    Attributes
    ----------
    armament : array (n,)
        x*, in the unit of grievance times years; may be negative where the race is unstable.
    stable : bool
        Whether the race comes back to it.
    abscissa : float
        Largest real part of the eigenvalues, per year; negative where it is stable.
    eigenvalues : array (n,)
        Of the coefficients, per year, the largest real part first; real where they all are.
    """

    armament: Floats
    stable: bool
    abscissa: float
    eigenvalues: NDArray[Any]


@dataclass(frozen=True, eq=False)
class RaceFit:
    """Richardson's straight line through the yearly increases of a total.

    Attributes
    ----------
    slope : float
        Increase per unit of the total, per year: k - a.
    zero : float
        Total at which the line gives no increase, in the unit of the totals.
    r_squared : float
        Share of the variance of the increases that the line accounts for.
    total, increase : array (m - 1,)
        Mean of two successive totals, and the increase between them.
    """

    slope: float
    zero: float
    r_squared: float
    total: Floats
    increase: Floats


def equilibrium(coefficients: ArrayLike, grievance: ArrayLike) -> ArmsEquilibrium:
    """Return the equilibrium of a race between n states.

    Parameters
    ----------
    coefficients : array (n, n)
        A: defense coefficients off the diagonal, minus fatigue on it; per year.
    grievance : array (n,)
        g, money per year squared.

    Raises
    ------
    Undefined
        If the coefficients are singular: then either no armaments stand still or a whole line
        of them does.
    UsageError
        If the arrays do not fit.

    References
    ----------
    Richardson, L. F. (1960), Arms and Insecurity, Boxwood.
    """
    a, g = _checked(coefficients, grievance)
    values = np.linalg.eigvals(a)
    values = values[np.argsort(-values.real, kind="stable")]
    singular = np.linalg.svd(a, compute_uv=False)
    if singular[-1] <= len(a) * np.finfo(float).eps * singular[0]:
        raise Undefined(
            "the coefficients are singular: what the states answer to each other balances "
            "their fatigue exactly (for two sides: a b = k l), so no single equilibrium exists"
        )
    abscissa = float(values[0].real)
    armament: Floats = np.linalg.solve(a, -g).astype(np.float64)
    return ArmsEquilibrium(armament, abscissa < 0.0, abscissa, values)


def two_sides(k: float, l: float, a: float, b: float, g: float, h: float) -> ArmsEquilibrium:  # noqa: E741  (Richardson's letter)
    """Return the equilibrium of dx/dt = k y - a x + g, dy/dt = l x - b y + h.

    Parameters
    ----------
    k, l : float
        Defense coefficients, per year.
    a, b : float
        Fatigue, per year.
    g, h : float
        Grievances, money per year squared.

    Raises
    ------
    Undefined
        If a b = k l.

    References
    ----------
    Richardson (1939), British Journal of Psychology Monograph Supplement 23.
    """
    return equilibrium([[-a, k], [l, -b]], [g, h])


def path(
    coefficients: ArrayLike,
    grievance: ArrayLike,
    start: ArrayLike,
    times: ArrayLike,
    *,
    floor: bool = False,
) -> Floats:
    """Return the armaments at the given times, array (len(times), n).

    Exact by the matrix exponential, also where there is no equilibrium.

    Parameters
    ----------
    coefficients, grievance : array (n, n), array (n,)
        As for `equilibrium`.
    start : array (n,)
        Armaments at time 0.
    times : array
        Years after the start, ascending, none negative.
    floor : bool
        Whether armaments cannot fall below zero: a state without armaments waits until its
        neighbours make it arm again. Then integrated from event to event with a relative
        tolerance of 1e-10.
    """
    a, g = _checked(coefficients, grievance)
    x, t = np.asarray(start, dtype=np.float64), np.asarray(times, dtype=np.float64)
    if x.shape != g.shape:
        raise UsageError(f"{x.shape} armaments at the start do not fit {len(g)} states")
    if t.ndim != 1 or (t < 0.0).any() or (np.diff(t) < 0.0).any():
        raise UsageError("times must be ascending and none negative")
    if floor:
        if (x < 0.0).any():
            raise UsageError("armaments cannot start below zero")
        return _floored(a, g, x, t)
    from scipy.linalg import expm

    n = len(g)
    widened = np.zeros((n + 1, n + 1))  # d(x, 1)/dt = [[A, g], [0, 0]] (x, 1)
    widened[:n, :n], widened[:n, n] = a, g
    state = np.append(x, 1.0)
    trajectory: Floats = np.array([expm(widened * year) @ state for year in t]).reshape(-1, n + 1)
    return trajectory[:, :n]


def richardson_fit(totals: ArrayLike) -> RaceFit:
    """RaceFit a line to the yearly increases of a total, against the mean of the two years.

    With k = l and a = b the total of two sides obeys d(x + y)/dt = (k - a)(x + y) + (g + h).

    Parameters
    ----------
    totals : array (m,)
        Total of both sides in successive years, at least three.

    Raises
    ------
    Undefined
        If the totals or their increases do not vary enough to draw a line.

    References
    ----------
    Richardson (1939); figures also in Newman, J. R., ed. (1956), The World of Mathematics 2.
    """
    series = np.asarray(totals, dtype=np.float64)
    if series.ndim != 1 or len(series) < 3 or not np.isfinite(series).all():
        raise UsageError("a fit needs at least three finite yearly totals")
    increase, total = np.diff(series), (series[1:] + series[:-1]) / 2.0
    spread, rise = total - total.mean(), increase - increase.mean()
    if not (spread @ spread > 0.0 and rise @ rise > 0.0):
        raise Undefined("the totals grow by the same amount every year: no line can be drawn")
    slope = float(spread @ rise / (spread @ spread))
    if slope == 0.0:
        raise Undefined("the increases do not depend on the total: the line never meets zero")
    miss = rise - slope * spread
    return RaceFit(
        slope=slope,
        zero=float(total.mean() - increase.mean() / slope),
        r_squared=float(1.0 - (miss @ miss) / (rise @ rise)),
        total=total,
        increase=increase,
    )


class ArmsRace(Lens):
    """Minus the threat that a state feels when the race stands still.

    security_i = -sum_j k_ij x*_j with k_ij = reaction * rival_ij * s_j, a_i = fatigue, g_i =
    fatigue. So x is a state's effort relative to its capability, 1 for a state without rivals,
    and a rival's effort weighs by its share s_j of all capability. Stable whenever reaction <=
    fatigue, because the largest eigenvalue of rival_ij s_j lies below 1.
    """

    key: ClassVar[str] = "arms_race"
    title: ClassVar[str] = "The threat felt when everybody has answered everybody's arms"
    citation: ClassVar[str] = (
        "Richardson, L. F. (1939). Generalized Foreign Politics. British Journal of Psychology "
        "Monograph Supplement 23; (1960). Arms and Insecurity. Boxwood."
    )
    status: ClassVar[str] = "checked"
    unit: ClassVar[str] = "per year, in efforts of a state without rivals"
    meaning: ClassVar[str] = (
        "Minus the rivals' armaments at equilibrium, each times the reaction to it; 0 for a "
        "state without rivals."
    )
    limits: ClassVar[tuple[str, ...]] = (
        "Only rivalries count: an alliance changes nothing unless it ends a rivalry.",
        "Weighing a rival's effort by its share of all capability is our choice.",
        "Reaction and fatigue are the same for all; the model has no budgets, no technology and "
        "no war.",
        "Richardson's own estimates (reaction 0.9, fatigue 0.2 per year) describe a runaway in "
        "most networks, and then there is no equilibrium to read security from.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "counts",
        "distance": "ignored",
        "an ally": "does not matter",
        "a rival": "is armed against",
        "reach of a change": "the whole system",
    }
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            name="reaction",
            default=0.1,
            low=0.05,
            high=0.2,
            unit="per year",
            meaning="Defense coefficient against a rival that holds all capability.",
            source=(
                "assumed: at most the fatigue, so that an equilibrium exists in every network; "
                "Richardson's estimate for 1909-1913 was about 0.9"
            ),
            scale="log",
            minimum=0.0,
        ),
        Parameter(
            name="fatigue",
            default=0.2,
            low=0.2,
            high=0.2,
            unit="per year",
            meaning="Rate at which armaments fall when nobody threatens.",
            source="Richardson (1939), about 0.2; not drawn: reaction over fatigue is what counts",
            minimum=1e-9,
        ),
    )

    def security(self, system: System, values: Values) -> Floats:
        """Return minus the threat felt at equilibrium, array (n,)."""
        root = self._root_share(system)
        inverse = self._inverse(system, values)
        effort = inverse @ (values["fatigue"] * root)
        negative_cost: Floats = 0.0 - values["reaction"] * (system.rivals @ (root * effort))
        return negative_cost

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n).

        Changes are updates of low rank: one inverse for all, then a small system for each, of
        the size of the number of states whose rivalries the change edits.
        """
        if any(moves.armed):
            return super().deltas(system, moves, values)
        k, root = values["reaction"], self._root_share(system)
        inverse = self._inverse(system, values)
        effort = inverse @ (values["fatigue"] * root)
        differences = np.zeros((len(moves), system.size))
        for which, states, edit in _grouped(system.rivals, moves):
            # rows: changes; u: positions of the edited states; c: k times the edit of S
            u, c = states, k * edit * root[states][:, :, None] * root[states][:, None, :]
            core = inverse[u[:, :, None], u[:, None, :]]
            stable = _below_one(core, c)
            eye = np.eye(u.shape[1])
            safe = np.where(stable[:, None, None], c, 0.0)
            push = np.linalg.solve(eye - safe @ core, safe @ effort[u][:, :, None])
            shift = np.einsum("mqn,mq->mn", inverse[u], push[:, :, 0])
            threat = (root * shift) @ system.rivals
            after = (root * (effort + shift))[np.arange(len(u))[:, None], u]
            rows = np.arange(len(u))[:, None]
            threat[rows, u] += (edit @ after[:, :, None])[:, :, 0]
            threat[~stable] = np.nan
            differences[which] = 0.0 - k * threat
        return differences

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe who arms against whom: the strongest reactions at equilibrium."""
        equilibrium = self.equilibrium(system, values)
        arms = equilibrium.armament
        threat = values["reaction"] * system.rivals * (system.capability / system.capability.sum())
        felt = threat * arms
        pairs = np.argsort(-felt, axis=None, kind="stable")[:12]
        links = [(*np.unravel_index(p, felt.shape), felt.flat[p]) for p in pairs]
        order = np.argsort(-arms, kind="stable")[:3]
        return Portrait(
            subject="who arms against whom",
            finding=f"{listed(system.codes, order)} arm the most beyond what they would without "
            f"rivals; the race {'dies down' if equilibrium.stable else 'runs away'}",
            value=arms,
            value_meaning="armament at equilibrium",
            value_unit="efforts of a state without rivals",
            links=tuple((system.codes[i], system.codes[j], float(x)) for i, j, x in links if x > 0),
            link_meaning="arms against",
            figures={"spectral abscissa, per year": equilibrium.abscissa},
        )

    def equilibrium(self, system: System, values: Values) -> ArmsEquilibrium:
        """Return the equilibrium of the race, stable or not; armaments as efforts."""
        share = self._root_share(system) ** 2
        a = values["reaction"] * system.rivals * share - values["fatigue"] * np.eye(system.size)
        return equilibrium(a, np.full(system.size, values["fatigue"]))

    def _root_share(self, system: System) -> Floats:
        total = system.capability.sum()
        if not total > 0.0:
            raise Undefined("no state has any capability, so nobody's armaments weigh anything")
        share: Floats = np.sqrt(system.capability / total)
        return share

    def _inverse(self, system: System, values: Values) -> Floats:
        """Return the inverse of fatigue - k S, S = sqrt(s_i s_j) rival_ij: positive definite.

        S has the eigenvalues of rival_ij s_j and is symmetric, so a Cholesky factor exists
        exactly where the race is stable.
        """
        root = self._root_share(system)
        s = system.rivals * root[:, None] * root[None, :]
        matrix = values["fatigue"] * np.eye(system.size) - values["reaction"] * s
        try:
            np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            largest, vectors = np.linalg.eigh(s)
            state = system.codes[int(np.argmax(np.abs(vectors[:, -1])))]
            raise Undefined(
                f"the race runs away, most of all around {state}: reaction "
                f"{values['reaction']:g} times {largest[-1]:.4g}, the closeness of the net of "
                f"rivalries, is not below fatigue {values['fatigue']:g}",
                state=state,
            ) from None
        inverse = np.linalg.inv(matrix)
        symmetric: Floats = ((inverse + inverse.T) / 2.0).astype(np.float64)
        return symmetric


def _checked(coefficients: ArrayLike, grievance: ArrayLike) -> tuple[Floats, Floats]:
    a = np.asarray(coefficients, dtype=np.float64)
    g = np.asarray(grievance, dtype=np.float64)
    if g.ndim != 1 or not len(g) or a.shape != (len(g), len(g)):
        raise UsageError(f"{a.shape} coefficients do not fit {g.shape} grievances")
    if not (np.isfinite(a).all() and np.isfinite(g).all()):
        raise UsageError("coefficients and grievances must be finite")
    return a, g


def _floored(a: Floats, g: Floats, x: Floats, times: Floats) -> Floats:
    """Integrate with the floor at zero: free states move, held ones wait for a positive push."""
    from scipy.integrate import solve_ivp

    arms = np.empty((len(times), len(g)))
    now, done = 0.0, 0
    free = (x > 0.0) | (a @ x + g > 0.0)
    events_left = MOST_EVENTS
    while done < len(times):
        events_left -= 1
        if not events_left:
            raise Undefined("some armament comes to zero and leaves it again without end")
        moving = free.copy()

        def slope(_: float, y: Floats, moving: NDArray[np.bool_] = moving) -> Floats:
            arms: Floats = np.where(moving, a @ y + g, 0.0)
            return arms

        events = [_event(a, g, i, bool(moving[i])) for i in range(len(g))]
        end = float(times[-1])
        part = solve_ivp(
            slope, (now, end), x, "DOP853", dense_output=True, events=events, rtol=1e-10, atol=1e-12
        )
        now = float(part.t[-1])
        while done < len(times) and times[done] <= now:
            arms[done] = np.maximum(part.sol(times[done]), 0.0)
            done += 1
        x = np.maximum(part.y[:, -1], 0.0).astype(np.float64)
        for i in range(len(g)):
            if part.t_events[i].size:
                free[i] = not moving[i]
                x[i] = 0.0
    return arms


def _event(a: Floats, g: Floats, i: int, moving: bool) -> Any:
    def crossing(_: float, y: Floats) -> float:
        return float(y[i]) if moving else float(a[i] @ y + g[i])

    crossing.terminal = True  # type: ignore[attr-defined]  # solve_ivp reads it from the function
    crossing.direction = -1.0 if moving else 1.0  # type: ignore[attr-defined]  # likewise
    return crossing


def _grouped(rivals: Floats, moves: Moves) -> list[tuple[Ints, Ints, Floats]]:
    """Sort the changes that edit rivalries by how many states they touch.

    Each group: the changes (m,), the states they touch (m, q), and by how much the rivalries
    among those change (m, q, q).
    """
    groups: dict[int, list[tuple[int, list[int], Floats]]] = defaultdict(list)
    for k in range(len(moves)):
        after = {(min(i, j), max(i, j)): rival for i, j, _, rival in moves.edits(k)}
        edits = {pair: r - rivals[pair] for pair, r in after.items() if r != rivals[pair]}
        if not edits:
            continue
        states = sorted({i for pair in edits for i in pair})
        place = {state: q for q, state in enumerate(states)}
        edit = np.zeros((len(states), len(states)))
        for (i, j), difference in edits.items():
            edit[place[i], place[j]] = edit[place[j], place[i]] = difference
        groups[len(states)].append((k, states, edit))
    return [
        (
            np.array([g[0] for g in group]),
            np.array([g[1] for g in group]),
            np.array([g[2] for g in group]),
        )
        for group in groups.values()
    ]


def _below_one(core: Floats, c: Floats) -> NDArray[np.bool_]:
    """Whether all eigenvalues of ``c @ core`` lie below 1: whether the race stays stable.

    `core` is positive definite, so they are those of L'cL with its Cholesky factor L.
    """
    factor = np.linalg.cholesky(core)
    largest = np.linalg.eigvalsh(np.swapaxes(factor, 1, 2) @ c @ factor)[:, -1]
    contracts: NDArray[np.bool_] = largest < 1.0
    return contracts
