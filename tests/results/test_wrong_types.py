"""A wrong type of any argument of a public function is a wrong use, and says so."""

from __future__ import annotations

import inspect

import pytest

import detente as dt
from detente.errors import UsageError

PAIR = "HAR-UPL"
HIGH = {"dyads": PAIR, "start": {PAIR: 4}}
CALLS = {
    "audit": {"draws": 1},
    "simulate": {"replicas": 5},
    "committor": {"replicas": 5, "map_replicas": 0, **HIGH},
    "intervene": {"acts": "hotline HAR-UPL", "replicas": 5},
    "rare": {"dyads": PAIR, "paths": 2, "repetitions": 2},
    "no_return": {"acts": "hotline HAR-UPL", "replicas": 5, "paths": 1, **HIGH},
    "trajectories": {"replicas": [0]},
}
ANY_OBJECT = {"alternatives", "on_the_table"}
"""Arguments of which only the truth counts."""


class Odd:
    """An object that no argument is."""


CASES = [
    (question, name)
    for question in CALLS
    for name in inspect.signature(getattr(dt, question)).parameters
    if name not in ANY_OBJECT
]


@pytest.mark.parametrize(("question", "name"), CASES)
@pytest.mark.parametrize("wrong", [Odd(), b"bytes", [Odd()]], ids=["object", "bytes", "list"])
def test_a_wrong_type_is_a_wrong_use(question, name, wrong):
    """No argument takes any object, and none lets a foreign error through."""
    first = next(iter(inspect.signature(getattr(dt, question)).parameters))
    arguments = {first: "two-blocs", **CALLS[question], name: wrong}

    with pytest.raises(UsageError):
        getattr(dt, question)(**arguments)


@pytest.mark.parametrize("question", sorted(set(CALLS) - {"no_return"}))
def test_every_question_takes_the_name_of_a_scenario(question):
    """``dt.simulate("two-blocs")`` is the simulation of the bundled scenario, like an audit."""
    ask = getattr(dt, question)
    named, loaded = (ask(g, **CALLS[question]) for g in ("two-blocs", dt.load("two-blocs")))

    if question == "trajectories":
        assert named.equals(loaded)
    else:
        assert named.data.identical(loaded.data)


@pytest.mark.parametrize("wrong", [Odd(), 3.5, None, b"x", ["two-blocs"]])
def test_what_is_no_scenario_is_said(wrong):
    """Loading anything but a name or a path says what a scenario is called by."""
    with pytest.raises(UsageError, match="a name such as"):
        dt.load(wrong)


@pytest.mark.parametrize("call", [dt.open, dt.plot])
def test_opening_and_drawing_refuse_what_they_do_not_know(call):
    """An object that is no path, or no result, is refused in words."""
    with pytest.raises(UsageError):
        call(Odd())


def test_a_report_is_of_a_result(tmp_path):
    """Anything else than a result has no page."""
    with pytest.raises(UsageError, match="a result"):
        dt.report(Odd(), tmp_path / "x.html")
