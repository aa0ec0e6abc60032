"""The linear programme over unbalanced cycles, and the bound that can be checked by hand.

Give each edge a number f_e between 0 and 1, 1 if it is frustrated. Every unbalanced cycle has
a frustrated edge, so that the sum of f over the cycle is at least 1, and the least weight of
such f is a lower bound of the frustration index (the relaxation of the cut polytope by odd
cycles, Barahona and Mahjoub 1986). There are too many cycles to list: `search.py` adds those
that a solution violates.

HiGHS solves the programme: through `highspy` if it is installed, whose interior point
without crossover is several times faster on large blocks, else through SciPy. Neither is
believed: whatever dual values it returns, weak duality turns them into a valid bound here.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints

LARGE = 1_000  # entries of the rows from which an interior point is faster than the simplex


@dataclass(frozen=True, eq=False)
class Rows:
    """Inequalities sum of value * f >= bound, packed one after the other.

    Attributes
    ----------
    heads : int array (r + 1,)
        Where each row starts in `edge` and `value`.
    edge : int array
        Edges of the rows.
    value : float array
        Coefficients: 1, or -1 for an edge that a branch has turned round.
    bound : float array (r,)
        Right sides.
    """

    heads: Ints
    edge: Ints
    value: Floats
    bound: Floats

    @classmethod
    def none(cls) -> Rows:
        """Return no rows."""
        return cls(np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))

    def __len__(self) -> int:
        return len(self.bound)

    def take(self, which: NDArray[np.bool_]) -> Rows:
        """Return the rows at which `which` is true."""
        lengths = np.diff(self.heads)
        inside = np.repeat(which, lengths)
        heads = np.concatenate([[0], np.cumsum(lengths[which])]).astype(np.int64)
        return Rows(heads, self.edge[inside], self.value[inside], self.bound[which])

    def __add__(self, other: Rows) -> Rows:
        return Rows(
            np.concatenate([self.heads, self.heads[-1] + other.heads[1:]]),
            np.concatenate([self.edge, other.edge]),
            np.concatenate([self.value, other.value]),
            np.concatenate([self.bound, other.bound]),
        )

    def left_side(self, f: Floats, negative: Floats | None = None) -> Floats:
        """Return the sum of value * f of each row; `negative` stands for f where value is -1."""
        chosen = f if negative is None else negative
        terms = np.where(self.value > 0, f[self.edge], -chosen[self.edge])
        total = np.concatenate([[0.0], np.cumsum(terms)])
        out: Floats = total[self.heads[1:]] - total[self.heads[:-1]]
        return out


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


def relax(
    cost: Floats,
    rows: Rows,
    low: Floats,
    high: Floats,
    seconds: float,
    ceiling: Ceiling | None = None,
) -> Relaxed | None:
    """Minimise cost * f over low <= f <= high, the rows and the ceiling.

    None if the solver gave no answer, as when time is out; an infinite bound if there is no such
    f, which only happens where `low`, `high` and a ceiling contradict the rows.
    """
    nothing = Relaxed(low, np.inf, np.zeros(len(cost)))
    if (rows.left_side(high, low) < rows.bound - 1e-9).any():
        return nothing
    solver = _with_highspy if has_highspy() else _with_scipy
    solved = solver(cost, rows, low, high, seconds, ceiling)
    if solved is None:
        return None
    f, dual, ceiling_dual = solved
    if not len(f):
        return nothing
    dual = np.maximum(dual, 0.0)
    reduced = cost - np.bincount(
        rows.edge, np.repeat(dual, np.diff(rows.heads)) * rows.value, len(cost)
    )
    bound = float(dual @ rows.bound)
    if ceiling is not None:
        ceiling_dual = min(ceiling_dual, 0.0)
        reduced = reduced - ceiling_dual * ceiling.weight
        bound += ceiling_dual * ceiling.limit
    bound += float(np.minimum(reduced * low, reduced * high).sum())
    return Relaxed(np.clip(f, low, high), bound, reduced)


@cache
def has_highspy() -> bool:
    """Return whether `highspy` is installed."""
    return importlib.util.find_spec("highspy") is not None


def _with_highspy(
    cost: Floats, rows: Rows, low: Floats, high: Floats, seconds: float, ceiling: Ceiling | None
) -> tuple[Floats, Floats, float] | None:
    highspy: Any = importlib.import_module("highspy")
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(rows) + (ceiling is not None)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, low, high
    lower, upper = rows.bound, np.full(len(rows), highspy.kHighsInf)
    heads, edge, value = rows.heads, rows.edge, rows.value
    if ceiling is not None:
        lower, upper = np.append(lower, -highspy.kHighsInf), np.append(upper, ceiling.limit)
        heads = np.append(heads, heads[-1] + len(cost))
        edge = np.concatenate([edge, np.arange(len(cost))])
        value = np.concatenate([value, ceiling.weight])
    lp.row_lower_, lp.row_upper_ = lower, upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = heads.astype(np.int32), edge.astype(np.int32)
    lp.a_matrix_.value_ = value
    highs = highspy.Highs()
    highs.silent()
    highs.setOptionValue("time_limit", max(seconds, 1e-3))
    highs.setOptionValue("parallel", "off")
    inner = ceiling is None and len(rows.edge) > LARGE
    if inner:
        # Presolve would lose the duals of removed columns, for nothing is crossed over.
        highs.setOptionValue("solver", "ipm")
        highs.setOptionValue("run_crossover", "off")
        highs.setOptionValue("presolve", "off")
        # The bound below holds for any duals; these are good to a ten-thousandth of it.
        highs.setOptionValue("ipm_optimality_tolerance", 1e-4)
    highs.passModel(lp)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return np.empty(0), np.empty(0), 0.0
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnknown):
        return None
    solution = highs.getSolution()
    dual = np.array(solution.row_dual)
    return (
        np.array(solution.col_value),
        dual[: len(rows)],
        float(dual[-1]) if ceiling is not None else 0.0,
    )


def _with_scipy(
    cost: Floats, rows: Rows, low: Floats, high: Floats, seconds: float, ceiling: Ceiling | None
) -> tuple[Floats, Floats, float] | None:
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
