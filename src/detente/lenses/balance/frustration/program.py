"""The linear programme over unbalanced cycles, and the bound that can be checked by hand.

Give each edge a number f_e between 0 and 1, 1 if it is frustrated. Every unbalanced cycle has
a frustrated edge, so that the sum of f over the cycle is at least 1, and the least weight of
such f is a lower bound of the frustration index (the relaxation of the cut polytope by odd
cycles, Barahona and Mahjoub 1986). There are too many cycles to list: `search.py` adds those
that a solution violates, and stronger inequalities of the same form.

HiGHS solves the programme: through `highspy` if it is installed, whose interior point
without crossover is several times faster on large blocks, and whose first-order method is
faster still on the largest, else through SciPy. Its objective
is not believed: whatever dual values it returns, weak duality turns them into a valid bound
here. Only its word that a branch has no solution at all is taken.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints

LARGE = 2_000  # entries of the rows from which an interior point beats the simplex
LARGEST = 40_000  # and from which a first-order method beats that, if some row is no cycle


@dataclass(frozen=True, eq=False)
class ConstraintRows:
    """Inequalities sum of value * f >= bound, packed one after the other.

    Attributes
    ----------
    heads : int array (r + 1,)
        Where each row starts in `edge` and `value`.
    edge : int array
        Edges of the rows.
    value : float array
        Integer coefficients, negative for an edge that a branch has turned round.
    bound : float array (r,)
        Right sides.
    """

    heads: Ints
    edge: Ints
    value: Floats
    bound: Floats

    @classmethod
    def none(cls) -> ConstraintRows:
        """Return no rows."""
        return cls(np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))

    def __len__(self) -> int:
        return len(self.bound)

    def take(self, which: NDArray[np.bool_]) -> ConstraintRows:
        """Return the rows at which `which` is true."""
        lengths = np.diff(self.heads)
        inside = np.repeat(which, lengths)
        heads = np.concatenate([[0], np.cumsum(lengths[which])]).astype(np.int64)
        return ConstraintRows(heads, self.edge[inside], self.value[inside], self.bound[which])

    def __add__(self, other: ConstraintRows) -> ConstraintRows:
        return ConstraintRows(
            np.concatenate([self.heads, self.heads[-1] + other.heads[1:]]),
            np.concatenate([self.edge, other.edge]),
            np.concatenate([self.value, other.value]),
            np.concatenate([self.bound, other.bound]),
        )

    def left_side(self, f: Floats, negative: Floats | None = None) -> Floats:
        """Return the sum of value * f of each row; `negative` stands for f where value < 0."""
        chosen = f if negative is None else negative
        terms = self.value * np.where(self.value > 0, f[self.edge], chosen[self.edge])
        total = np.concatenate([[0.0], np.cumsum(terms)])
        left: Floats = total[self.heads[1:]] - total[self.heads[:-1]]
        return left


@dataclass(frozen=True, eq=False)
class Ceiling:
    """One more inequality: the weight of all frustrated edges is at most `limit`."""

    weight: Floats
    limit: float


@dataclass(frozen=True, eq=False)
class Relaxed:
    """What a linear programme says.

    Attributes
    ----------
    f : array (m,)
        A solution, as good as the solver's tolerance.
    bound : float
        A lower bound of the objective that holds whatever the solver did.
    reduced : array (m,)
        Reduced costs that belong to the bound.
    """

    f: Floats
    bound: float
    reduced: Floats


Solved = tuple[Floats, Floats, float]  # f, duals of the rows, dual of the ceiling


class Programme:
    """The linear programme of one block, with the rows found so far.

    Attributes
    ----------
    rows : ConstraintRows
        The rows; every one holds for all frustrated sets, so that objectives may change.
    """

    def __init__(self) -> None:
        self.rows = ConstraintRows.none()
        self._simplex: _Simplex | None = None

    def add(self, rows: ConstraintRows) -> None:
        """Add rows."""
        self.rows = self.rows + rows
        if self._simplex is not None:
            self._simplex.add(rows)

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Drop the rows at which `which` is false."""
        self.rows = self.rows.take(which)
        if self._simplex is not None:
            self._simplex.keep(which)

    def relax(
        self,
        cost: Floats,
        low: Floats,
        high: Floats,
        seconds: float,
        ceiling: Ceiling | None = None,
    ) -> Relaxed | None:
        """Minimise cost * f over low <= f <= high, the rows and the ceiling.

        None if the solver gave no answer, as when time is out; an infinite bound if there is no
        such f, which only happens where `low`, `high` and a ceiling contradict the rows.
        """
        rows = self.rows
        nothing = Relaxed(low, np.inf, np.zeros(len(cost)))
        if (rows.left_side(high, low) < rows.bound - 1e-9).any():
            return nothing
        solved = self._solve(cost, low, high, max(seconds, 1e-3), ceiling)
        if solved is None:
            return None
        f, dual, ceiling_dual = solved
        if not len(f):
            return nothing
        dual = np.maximum(dual, 0.0)
        reduced_costs = np.repeat(dual, np.diff(rows.heads)) * rows.value
        reduced = cost - np.bincount(rows.edge, reduced_costs, len(cost))
        bound = float(dual @ rows.bound)
        if ceiling is not None:
            ceiling_dual = min(ceiling_dual, 0.0)
            reduced = reduced - ceiling_dual * ceiling.weight
            bound += ceiling_dual * ceiling.limit
        bound += float(np.minimum(reduced * low, reduced * high).sum())
        return Relaxed(np.clip(f, low, high), bound, reduced)

    def _solve(
        self,
        cost: Floats,
        low: Floats,
        high: Floats,
        seconds: float,
        ceiling: Ceiling | None,
    ) -> Solved | None:
        if not has_highspy():
            return _with_scipy(cost, self.rows, low, high, seconds, ceiling)
        if ceiling is None and len(self.rows.edge) > LARGE:
            self._simplex = None
            started = time.monotonic()
            solved = None
            if len(self.rows.edge) > LARGEST and (np.abs(self.rows.value) > 1).any():
                solved = _by_first_order(cost, self.rows, low, high, seconds)
            if solved is None:
                left = seconds - (time.monotonic() - started)
                solved = _by_interior_point(cost, self.rows, low, high, left)
            seconds -= time.monotonic() - started
            if solved is not None or seconds <= 0:
                return solved
        if self._simplex is None or self._simplex.ceiling is not ceiling:
            self._simplex = _Simplex(cost, self.rows, ceiling)
        return self._simplex.solve(cost, low, high, seconds)


@cache
def has_highspy() -> bool:
    """Return whether `highspy` is installed."""
    return importlib.util.find_spec("highspy") is not None


class _Simplex:
    """HiGHS's dual simplex, which goes on from its last basis; a ceiling is its first row."""

    def __init__(self, cost: Floats, rows: ConstraintRows, ceiling: Ceiling | None) -> None:
        self.ceiling = ceiling
        self._highs = _highs()
        nothing = np.empty(0)
        count = len(cost)
        self._columns = np.arange(count, dtype=np.int32)
        empty = self._columns[:0]
        self._highs.addCols(
            count, cost, np.zeros(count), np.ones(count), 0, 0 * self._columns, empty, nothing
        )
        if ceiling is not None:
            self._highs.addRow(-np.inf, ceiling.limit, count, self._columns, ceiling.weight)
        self.add(rows)

    def add(self, rows: ConstraintRows) -> None:
        upper = np.full(len(rows), np.inf)
        heads, edge = rows.heads[:-1].astype(np.int32), rows.edge.astype(np.int32)
        self._highs.addRows(len(rows), rows.bound, upper, len(edge), heads, edge, rows.value)

    def keep(self, which: NDArray[np.bool_]) -> None:
        gone = np.flatnonzero(~which).astype(np.int32) + (self.ceiling is not None)
        self._highs.deleteRows(len(gone), gone.astype(np.int32))

    def solve(self, cost: Floats, low: Floats, high: Floats, seconds: float) -> Solved | None:
        highs, columns = self._highs, self._columns
        highs.changeColsCost(len(columns), columns, cost)
        highs.changeColsBounds(len(columns), columns, low, high)
        # The clock of HiGHS goes on from one solution to the next.
        highs.setOptionValue("time_limit", highs.getRunTime() + seconds)
        return _run(highs, self.ceiling is not None)


def _by_interior_point(
    cost: Floats, rows: ConstraintRows, low: Floats, high: Floats, seconds: float
) -> Solved | None:
    fresh = _Simplex(cost, rows, None)
    highs = fresh._highs
    # Presolve would lose the duals of removed columns, for nothing is crossed over. The bound
    # holds for any duals; these are good to a ten-thousandth of it.
    highs.setOptionValue("solver", "ipm")
    highs.setOptionValue("run_crossover", "off")
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("ipm_optimality_tolerance", 1e-4)
    return fresh.solve(cost, low, high, seconds)


def _by_first_order(
    cost: Floats, rows: ConstraintRows, low: Floats, high: Floats, seconds: float
) -> Solved | None:
    fresh = _Simplex(cost, rows, None)
    highs = fresh._highs
    highs.setOptionValue("solver", "pdlp")
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("pdlp_optimality_tolerance", 1e-4)
    solved = fresh.solve(cost, low, high, seconds)
    # That there is no solution is not believed of a method that only comes near one.
    return solved if solved is not None and len(solved[0]) else None


def _highs() -> Any:
    highs = _first_or_next()
    highs.silent()
    highs.setOptionValue("parallel", "off")
    return highs


def _first_or_next() -> Any:
    """Return a solver; the first of a process prints a banner, which no option keeps back."""
    highspy: Any = importlib.import_module("highspy")
    if _greeted or sys.stdout is None:  # closed by who called: there is nobody to read it
        return highspy.Highs()
    sys.stdout.flush()
    real, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        return highspy.Highs()
    finally:
        os.dup2(real, 1)
        os.close(real)
        os.close(nowhere)
        _greeted.append(True)


_greeted: list[bool] = []


def _run(highs: Any, ceiling: bool) -> Solved | None:
    highspy: Any = importlib.import_module("highspy")
    # A run that failed leaves the model of before, with a status that says nothing of this one.
    if highs.run() == highspy.HighsStatus.kError:
        return None
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return np.empty(0), np.empty(0), 0.0
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnknown):
        return None
    solution = highs.getSolution()
    dual = np.array(solution.row_dual)
    if len(dual) != highs.getNumRow() or not np.isfinite(dual).all():
        return None
    if ceiling:
        return np.array(solution.col_value), dual[1:], float(dual[0])
    return np.array(solution.col_value), dual, 0.0


def _with_scipy(
    cost: Floats,
    rows: ConstraintRows,
    low: Floats,
    high: Floats,
    seconds: float,
    ceiling: Ceiling | None,
) -> Solved | None:
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    matrix = csr_array((-rows.value, rows.edge, rows.heads), shape=(len(rows), len(cost)))
    right = -rows.bound
    if ceiling is not None:
        matrix = vstack([matrix, csr_array(ceiling.weight[None, :])])
        right = np.append(right, ceiling.limit)
    solved = linprog(
        cost,
        A_ub=matrix,
        b_ub=right,
        bounds=np.stack([low, high], axis=1),
        method="highs-ds",
        options={"time_limit": max(seconds, 1e-3)},
    )
    if solved.status == 2:
        return np.empty(0), np.empty(0), 0.0
    if solved.status:
        return None
    dual = -np.asarray(solved.ineqlin.marginals)
    return (
        np.asarray(solved.x),
        dual[: len(rows)],
        -float(dual[-1]) if ceiling is not None else 0.0,
    )
