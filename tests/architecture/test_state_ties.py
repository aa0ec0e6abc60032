"""Every tie of one state: no row that names it is lost, in either direction."""

from __future__ import annotations

import pytest

import detente as dt
from detente.architecture.state_ties import ties_of

NAMING = {
    "commitments": ("commitment", ("promiser", "beneficiary")),
    "rivalries": ("rivalry", ("state_a", "state_b")),
    "presence": ("presence", ("by", "on")),
}
"""Tables of ties: the key of a row, and where it names states."""


@pytest.fixture(scope="module")
def eurasia():
    """The bundled scenario with ties of every kind."""
    return dt.load("eurasia-2024")


@pytest.mark.parametrize("state", ["UKR", "KAZ", "GEO", "IND"])
def test_every_row_that_names_a_state_is_a_tie_of_it(eurasia, state):
    """Counted table by table without the code under test, no row is lost and none is added."""
    expected = sorted(
        row[key]
        for table, (key, sides) in NAMING.items()
        for row in eurasia.tables[table].iter_rows(named=True)
        if state in {row[side] for side in sides}
    )
    members = eurasia.tables["memberships"]
    expected += [
        f"{code}/{state}" for code in members.filter(members["state"] == state)["organisation"]
    ]
    control = eurasia.tables["arms_control"]
    expected += [r for r, party in control.select("record", "party").iter_rows()
                 if state in party.split("-")]  # fmt: skip
    actors = dict(eurasia.tables["actors"].select("actor", "territory_of").iter_rows())
    expected += [
        row["presence"]
        for row in eurasia.tables["presence"].iter_rows(named=True)
        if actors.get(row["on"]) == state and row["by"] != state
    ]

    assert sorted(expected) == sorted(row["through"] for row in ties_of(eurasia, state))


def test_a_tie_has_its_two_sides(eurasia):
    """What one state promises another is promised to the other, under the same row."""
    ties = [tie for tie in ties_of(eurasia, "UKR") if tie["with"] in eurasia.names]

    assert len(ties) > 50
    for tie in ties:
        (back,) = (
            other
            for other in ties_of(eurasia, tie["with"])
            if (other["kind"], other["through"]) == (tie["kind"], tie["through"])
        )
        assert "UKR" == back["with"]
        assert tie["counts_as"] == back["counts_as"]


def test_every_tie_says_who_says_so_and_how_sure(eurasia):
    """Source and confidence stand in every row; dates and strength where the row has them."""
    ties = ties_of(eurasia, "UKR")

    assert all(tie["source"] and tie["confidence"] for tie in ties)
    assert {5} == {t["intensity"] for t in ties if (t["kind"], t["with"]) == ("rivalry", "RUS")}
    assert {"rivalry", "membership", "presence", "arms supply", "arms control"} <= {
        tie["kind"] for tie in ties
    }
    assert any(tie["start"] and tie["strength"] for tie in ties)


def test_a_suspended_partnership_is_not_taken_for_a_membership(eurasia):
    """What is suspended is named by the row's note, as a partnership of a state never a member."""
    (tie,) = (t for t in ties_of(eurasia, "BLR") if t["through"] == "NATO/BLR")

    assert tie["what"] == "suspended (PfP)"
    assert not tie["in_force"]
