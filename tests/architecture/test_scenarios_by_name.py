"""Every public question takes a scenario by its name."""

from __future__ import annotations

import pytest

import detente as dt
from detente.errors import UnknownName, UsageError

BY_NAME = {
    "claims": lambda g: dt.claims(g).statements(),
    "diff": lambda g: dt.diff(g, "common-house"),
    "feasible": dt.feasible,
    "propose": lambda g: dt.propose(g, "gsi"),
}


@pytest.mark.parametrize("question", ["claims", "diff", "feasible", "propose"])
def test_a_name_stands_for_its_architecture(question):
    """A question asked of a name has the answer that it has of the architecture loaded."""
    name = "eurasia-2024"

    assert BY_NAME[question](dt.load(name)) == BY_NAME[question](name)


def test_a_network_is_written_of_a_name(tmp_path):
    """The network of a name is that of its architecture, byte for byte."""
    by_name = dt.export("two-blocs", tmp_path / "name.graphml").read_bytes()

    assert dt.export(dt.load("two-blocs"), tmp_path / "value.graphml").read_bytes() == by_name


@pytest.mark.parametrize("question", ["claims", "diff", "feasible", "propose"])
def test_what_is_no_scenario_is_refused(question):
    """A number is no scenario, and a name that nothing has is told with the names there are."""
    with pytest.raises(UsageError, match="a scenario is"):
        BY_NAME[question](7)
    with pytest.raises(UnknownName, match="two-blocs"):
        BY_NAME[question]("nowhere-2024")
