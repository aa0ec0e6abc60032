"""Other people's solvers as oracles: CVXPY for bargains, lifelines for survival.

They stand in the extra ``oracles`` and are never needed to run detente; where one is not
installed its tests are skipped, visibly. NegMAS, whose frontier the benchmark is measured against,
is not among them: no release of it installs from wheels beside this project's requirements.
"""

from __future__ import annotations

import numpy as np
import pytest

from detente.settlement import egalitarian, kalai_smorodinsky, nash, utility, weibull
from detente.settlement.bargains.floors import product_above
from detente.settlement.questions.acceptance import joint_kernel

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs, not ours


@pytest.fixture(scope="module")
def cp():
    """Return CVXPY."""
    return pytest.importorskip("cvxpy", reason="CVXPY is in the extra 'oracles'")


def problem(seed, parties, power):
    """Return random utilities, and a disagreement point below what all can have."""
    rng = np.random.default_rng(seed)
    u = utility(rng.random((parties, 4)), rng.random((parties, 4)) + 0.05, power)
    return u, u(np.full(4, 0.5)) - rng.random(parties) * 0.2


def worths(cp, u, x):
    """Return the utilities of positions as expressions of CVXPY."""
    away = (lambda a: cp.abs(a)) if u.power == 1 else (lambda a: cp.square(a))
    return [1 - s @ away(x - ideal) for ideal, s in zip(u.ideal, u.salience, strict=True)]


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("parties", [2, 3, 4])
@pytest.mark.parametrize("seed", range(3))
def test_cvxpy_finds_the_same_nash_point(cp, seed, parties, power):
    """The greatest product of gains, as a concave programme of somebody else's."""
    u, d = problem(seed, parties, power)
    x = cp.Variable(4, bounds=[0, 1])
    gains = [w - least for w, least in zip(worths(cp, u, x), d, strict=True)]
    cp.Problem(cp.Maximize(sum(cp.log(gain) for gain in gains))).solve(solver=cp.CLARABEL)

    ours, theirs = nash(u, d).u, u(np.clip(x.value, 0, 1))
    assert ours == pytest.approx(theirs, abs=1e-4)  # a product is flat where it is greatest
    assert np.log(ours - d).sum() >= np.log(theirs - d).sum() - 1e-9


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("parties", [2, 3])
@pytest.mark.parametrize("solve", [egalitarian, kalai_smorodinsky])
def test_cvxpy_finds_the_same_least_gain(cp, solve, parties, power):
    """Where the least of the gains, or of the relative ones, is greatest."""
    u, d = problem(5, parties, power)
    ours = solve(u, d)
    direction = np.ones(parties) if solve is egalitarian else ours.ideal - d
    x, t = cp.Variable(4, bounds=[0, 1]), cp.Variable()
    limits = [
        w - least >= t * step for w, least, step in zip(worths(cp, u, x), d, direction, strict=True)
    ]
    cp.Problem(cp.Maximize(t), limits).solve(solver=cp.CLARABEL)

    assert ((ours.u - d) / direction).min() == pytest.approx(float(t.value), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_cvxpy_finds_the_same_product_above_a_floor(cp, seed):
    """With an outside option that binds the first of three."""
    u, _ = problem(seed, 3, 1)
    floor = np.array([min(0.99, nash(u, np.zeros(3)).u[0] + 0.01), 0, 0])
    x = cp.Variable(4, bounds=[0, 1])
    values = worths(cp, u, x)
    goal = cp.Maximize(sum(cp.log(w) for w in values))
    cp.Problem(goal, [values[0] >= floor[0]]).solve(solver=cp.CLARABEL)

    assert u(product_above(u, floor)) == pytest.approx(u(np.clip(x.value, 0, 1)), abs=1e-4)


@pytest.mark.parametrize("seed", range(10))
def test_cvxpy_agrees_whether_one_filling_suits_all(cp, seed):
    """The joint question of an open silence, for three who must agree."""
    rng = np.random.default_rng(seed)
    ideal, weight, spare = rng.random((3, 5)), rng.random((3, 5)), rng.random(3)
    x, t = cp.Variable(5, bounds=[0, 1]), cp.Variable()
    limits = [weight[i] @ cp.abs(x - ideal[i]) + t <= spare[i] for i in range(3)]
    cp.Problem(cp.Maximize(t), limits).solve(solver=cp.CLARABEL)

    expected = bool(t.value >= 0)
    assert abs(float(t.value)) > 1e-6
    assert expected == joint_kernel.suits_all(spare, weight, ideal, np.arange(5))


def test_lifelines_fits_the_curve_that_ours_draws():
    """Times at the quantiles of our Weibull curve give back its shape and its rate."""
    lifelines = pytest.importorskip("lifelines", reason="lifelines is in the extra 'oracles'")
    shape, rate = 0.8, -1.5
    share = (np.arange(4000) + 0.5) / 4000
    times = (-np.log(1 - share) / np.exp(rate)) ** (1 / shape)
    years = np.array([1.0, 5.0, 10.0])

    fitted = lifelines.WeibullFitter().fit(times)
    kept = lifelines.KaplanMeierFitter().fit(times)

    ours = weibull(shape, rate, years)
    assert fitted.rho_ == pytest.approx(shape, rel=0.01)
    assert fitted.lambda_ == pytest.approx(np.exp(-rate / shape), rel=0.01)
    assert fitted.median_survival_time_ == pytest.approx(ours.median, rel=0.01)
    for survival in (fitted, kept):
        assert ours.survival == pytest.approx(survival.predict(years).values, abs=0.005)
