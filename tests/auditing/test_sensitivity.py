"""Which parameter drives the verdict."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

import detente as dt
from detente.architecture.changes import moves_of
from detente.auditing.screening import Problem
from detente.auditing.sensitivity import sensitivity_of
from detente.auditing.verdicts import Threshold
from detente.errors import ResultError, Undefined, UsageError
from detente.lenses.protocol import Lens, Parameter

pytest.importorskip("SALib")


class Step(Lens):
    """A lens for this test: one parameter decides everything, the other nothing."""

    key = "step"
    title = citation = status = unit = meaning = "test"
    limits: ClassVar[tuple[str, ...]] = ("test",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("drives", 0.5, 0.0, 1.0, "-", "decides", "assumed"),
        Parameter("idle", 0.5, 0.0, 1.0, "-", "does nothing", "assumed"),
    )

    def security(self, system, values):
        """Alliances are wanted, and harm the last state where the parameter exceeds a half."""
        if getattr(self, "breaks", False) and values["idle"] < 0.1:
            raise Undefined("no answer in a corner", state="AAA")
        out = system.allies.sum(axis=1) + np.linspace(0, 1, system.size)
        out[-1] -= (values["drives"] > 0.5) * 9 * system.allies.sum()
        return out


@pytest.fixture(scope="module")
def problem():
    """The feasible changes of the indivisible teaching case."""
    g = dt.load("common-house")
    return Problem.of(g.system, moves_of(g, dt.feasible(g)))


def test_the_parameter_that_decides_has_all_of_the_variance(problem):
    """Sobol's total effect is one for the driving parameter and zero for the idle one."""
    found = sensitivity_of(Step(), problem, threshold=Threshold(0.01), given={}, size=128, seed=1)

    assert ("sobol", 0) == (found.method, found.undefined)
    assert found.effect[0] == pytest.approx(1.0, abs=0.15)
    assert found.effect[1] == pytest.approx(0.0, abs=1e-12)
    assert str(found).index("drives") < str(found).index("idle")


def test_where_there_is_no_answer_elementary_effects_are_taken(problem):
    """With part of the space undefined Morris's effects stand in, and the gaps are counted."""
    lens = Step()
    lens.breaks = True
    found = sensitivity_of(lens, problem, threshold=Threshold(0.01), given={}, size=64, seed=1)

    assert "morris" == found.method
    assert 0 < found.undefined < found.evaluations
    assert found.effect[0] > 0
    assert found.effect[1] == 0
    assert "no answer at" in str(found)


def test_a_fixed_parameter_is_not_asked(problem):
    """Only what is uncertain is varied; with nothing left there is nothing to say."""
    one = sensitivity_of(Step(), problem, threshold=Threshold(0.01), given={"drives": 0.2}, size=8)
    none = sensitivity_of(
        Step(), problem, threshold=Threshold(0.01), given={"drives": 0.2, "idle": 0.1}, size=8
    )

    assert (("idle",), 0.0) == (one.parameters, one.spread)
    assert "the same everywhere" in str(one)
    assert "no uncertain parameter" in str(none)


def test_the_audit_hands_its_own_problem_over(tmp_path):
    """``audit(...).sensitivity()`` answers for each lens; a result from a file cannot."""
    result = dt.audit("two-blocs", lens=["war_stability", "landscape"], draws=0)
    found = result.sensitivity(size=16, seed=2)

    assert ["war_stability", "landscape"] == [one.lens for one in found]
    again = result.sensitivity(size=16, seed=2)
    np.testing.assert_array_equal(found[0].effect, again[0].effect)
    with pytest.raises(ResultError, match="anew"):
        dt.open(result.save(tmp_path / "r.nc")).sensitivity()


def test_without_salib_the_way_to_get_it_is_told(problem, monkeypatch):
    """The extra that is missing is named."""
    import sys

    monkeypatch.setitem(sys.modules, "SALib", None)
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    with pytest.raises(UsageError, match="pip install"):
        sensitivity_of(Step(), problem, threshold=Threshold(0.01), given={}, size=8)
