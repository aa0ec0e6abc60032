"""No value of a solver is read before its status: neither here, nor in tests, nor in benchmarks."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.optimize

from detente.errors import Undefined
from detente.transition.subsets import harmless

ROOT = Path(__file__).resolve().parents[2]
SOLVERS = {"milp", "linprog", "minimize"}
STATUS = {"status", "success"}
FILES = sorted(
    path
    for folder in ("src", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if any(f"{name}(" in path.read_text("utf-8") for name in SOLVERS)
)


def unchecked(source: str) -> list[int]:
    """Return the lines of calls of a solver in functions that never look at a status."""
    lines = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        calls = [
            node.lineno
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in SOLVERS
        ]
        looked = [
            node.lineno
            for node in ast.walk(function)
            if isinstance(node, ast.Attribute) and node.attr in STATUS
        ]
        lines += [line for line in calls if not any(at > line for at in looked)]
    return lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_call_of_a_solver_is_followed_by_a_look_at_its_status(path):
    """A function that calls a solver reads the status of what comes back."""
    assert [] == unchecked(path.read_text("utf-8"))


def test_a_call_without_a_look_is_found():
    """The rule sees a value that is read without its status, and lets one with it pass."""
    bare = "def f():\n    found = milp(c)\n    return found.x\n"
    looked = "def f():\n    found = milp(c)\n    assert found.status == 0\n    return found.x\n"

    assert [2] == unchecked(bare)
    assert [] == unchecked(looked)


@pytest.mark.parametrize("status", [1, 3, 4])
def test_a_solver_that_fails_gives_no_answer(status, monkeypatch):
    """A failed programme is an error, also where numbers are left in it; none fits is no error."""
    failed = SimpleNamespace(status=status, x=np.ones(2), message="stopped", fun=0.0)
    monkeypatch.setattr(scipy.optimize, "milp", lambda *_, **__: failed)

    with pytest.raises(Undefined, match="stopped"):
        harmless._programme(np.ones((2, 1, 1)), np.zeros((1, 1)), [])


def test_a_programme_that_nothing_fulfils_is_no_failure(monkeypatch):
    """That no choice fulfils it is an answer."""
    none = SimpleNamespace(status=2, x=None, message="infeasible")
    monkeypatch.setattr(scipy.optimize, "milp", lambda *_, **__: none)

    assert harmless._programme(np.ones((2, 1, 1)), np.zeros((1, 1)), []) is None
