"""Which uncertain parameter of a lens drives the verdict.

Sobol's indices part the variance of the indivisibility index among the parameters (Sobol 2001;
Saltelli et al. 2010, as in SALib). Where the lens has no answer for part of the parameter space
a variance cannot be parted, and Morris's elementary effects (Morris 1991; Campolongo et al.
2007) are taken over the trajectories that stay where there is one; how many did not is told.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from detente.architecture.system import Floats
from detente.auditing.screening import Problem
from detente.auditing.verdicts import Threshold, judge
from detente.errors import Undefined, UsageError
from detente.lenses.protocol import Lens

LEVELS = 8  # levels of Morris's grid
ROUNDING = 1e-9  # a spread of the index below this is rounding


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """How much each uncertain parameter of a lens matters for the indivisibility index.

    Attributes
    ----------
    lens : str
        The lens.
    method : str
        ``"sobol"`` or ``"morris"``; ``"none"`` if the lens has no uncertain parameter.
    parameters : tuple of str
        The uncertain parameters.
    effect : array (p,)
        Total share of the variance (Sobol), or mean absolute elementary effect (Morris, change
        of the index over the whole range of the parameter).
    error : array (p,)
        Half-width of the 95 % bootstrap interval of the effect.
    first : array (p,)
        Sobol's first-order share of the variance; NaN under Morris.
    spread : float
        Standard deviation of the index over the sample.
    evaluations, undefined : int
        Points evaluated, and points at which the lens has no answer.
    """

    lens: str
    method: str
    parameters: tuple[str, ...]
    effect: Floats
    error: Floats
    first: Floats
    spread: float
    evaluations: int
    undefined: int

    def __str__(self) -> str:
        if not self.parameters:
            return f"{self.lens}: no uncertain parameter"
        if self.spread <= ROUNDING:
            return f"{self.lens}: the index is the same everywhere in the ranges of the parameters"
        order = np.argsort(-np.nan_to_num(self.effect), kind="stable")
        what = "of the variance" if self.method == "sobol" else "change of the index over its range"
        effects = ", ".join(
            f"{self.parameters[k]} {self.effect[k]:.2f} ± {self.error[k]:.2f}" for k in order
        )
        lost = (
            f"; no answer at {self.undefined} of {self.evaluations} points"
            if self.undefined
            else ""
        )
        return f"{self.lens} ({self.method}, {what}): {effects}{lost}"


def sensitivity_of(
    lens: Lens,
    problem: Problem,
    *,
    threshold: Threshold,
    given: Mapping[str, float],
    size: int = 128,
    seed: int = 0,
) -> Sensitivity:
    """Return which uncertain parameters of a lens drive the indivisibility index.

    Parameters
    ----------
    lens, problem : Lens, Problem
        The lens, and the system with its changes.
    threshold : Threshold
        As in the audit; where the lens declares a tolerance, its default or the user's.
    given : mapping
        Parameters that are fixed.
    size : int
        Base of the sample, a power of two; Sobol takes ``size * (parameters + 2)`` points.
    seed : int
        Seed of the sample.

    Raises
    ------
    UsageError
        If SALib is not installed.
    """
    free = [p for p in lens.parameters if p.uncertain and p.name not in given]
    nothing = np.array([])
    if not free:
        return Sensitivity(lens.name, "none", (), nothing, nothing, nothing, 0.0, 0, 0)
    try:
        from SALib.analyze import morris as analyze_morris
        from SALib.analyze import sobol as analyze_sobol
        from SALib.sample import morris as sample_morris
        from SALib.sample import sobol as sample_sobol
    except ImportError:
        raise UsageError(
            "the sensitivity needs SALib: pip install 'detente[sensitivity]'"
        ) from None
    names = tuple(p.name for p in free)
    space = {"num_vars": len(free), "names": list(names), "bounds": [[0.0, 1.0]] * len(free)}

    twins = problem.twins(lens)

    def index_at(points: Floats) -> Floats:
        indices = np.full(len(points), np.nan)
        for k, point in enumerate(points):
            drawn = {p.name: float(p.quantile(u)) for p, u in zip(free, point, strict=True)}
            values = lens.values({**given, **drawn})
            try:
                security = lens.security(problem.system, values)
            except Undefined:
                continue
            tol = threshold.point(lens, security)
            indices[k] = judge(problem.screen(lens, values, tol), tol, twins).share
        return indices

    points = sample_sobol.sample(space, size, calc_second_order=False, seed=seed)
    # The last point of a range is as good as its end, which a quantile in [0, 1) does not reach.
    index = index_at(points)
    undefined = int(np.isnan(index).sum())
    if undefined == 0:
        spread = float(index.std())
        if spread <= ROUNDING:
            zero = np.zeros(len(free))
            return Sensitivity(lens.name, "sobol", names, zero, zero, zero, 0.0, len(points), 0)
        with warnings.catch_warnings():
            # A bootstrap sample of a nearly constant index may be constant: its error is small.
            warnings.filterwarnings("ignore", message="Constant values", category=UserWarning)
            analysis = analyze_sobol.analyze(space, index, calc_second_order=False, seed=seed)
        return Sensitivity(
            lens.name,
            "sobol",
            names,
            analysis["ST"],
            analysis["ST_conf"],
            analysis["S1"],
            spread,
            len(points),
            0,
        )
    points = sample_morris.sample(space, size, num_levels=LEVELS, seed=seed)
    index = index_at(points)
    steps = len(free) + 1
    whole = ~np.isnan(index.reshape(-1, steps)).any(axis=1)
    kept = np.repeat(whole, steps)
    undefined = int(np.isnan(index).sum())
    unknown = np.full(len(free), np.nan)
    if whole.sum() < 10:
        spread = float(np.nanstd(index)) if undefined < len(index) else float("nan")
        return Sensitivity(
            lens.name, "morris", names, unknown, unknown, unknown, spread, len(points), undefined
        )
    analysis = analyze_morris.analyze(
        space, points[kept], index[kept], num_levels=LEVELS, seed=seed
    )
    return Sensitivity(
        lens.name,
        "morris",
        names,
        np.asarray(analysis["mu_star"], dtype=np.float64),
        np.asarray(analysis["mu_star_conf"], dtype=np.float64),
        unknown,
        float(index[kept].std()),
        len(points),
        undefined,
    )
