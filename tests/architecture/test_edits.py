"""Changes as people say them: who decides, what they edit, and which are refused."""

from __future__ import annotations

import pytest

import detente as dt
from detente.errors import UsageError
from detente.testing import build


@pytest.fixture
def g():
    """Return three states: AAA and BBB quarrel, CCC stands on BBB's ground and supplies it."""
    return build(
        {"AAA": 4, "BBB": 2, "CCC": 8},
        rivals=[("AAA", "BBB", 4)],
        organisations={"PACT": ["BBB", "CCC"]},
        stations=[("CCC", "BBB", 0.1)],
        supplies=[("CCC", "BBB", 0.02)],
    )


DECIDES = {
    "CCC guarantees AAA": ("CCC",),
    "AAA and BBB pledge nonaggression": ("AAA", "BBB"),
    "BBB becomes neutral": ("BBB",),
    "AAA stations 2 % of its strength on CCC": ("AAA", "CCC"),
    "CCC withdraws its forces from BBB": ("CCC",),
    "AAA supplies CCC with 1 % of its strength": ("AAA", "CCC"),
    "CCC stops supplying BBB": ("CCC",),
    "AAA and BBB ease to intensity 2": ("AAA", "BBB"),
    "AAA sharpens its rivalry with BBB to intensity 5": ("AAA",),
    "AAA and CCC found UNION for consultation": ("AAA", "CCC"),
    "PACT is dissolved": ("BBB", "CCC"),
}


@pytest.mark.parametrize("sentence", DECIDES)
def test_who_decides_a_change(g, sentence):
    """What a state can do alone it decides alone; an agreement is the decision of both."""
    change = dt.parse(sentence).bound(g)

    assert DECIDES[sentence] == change.initiators(g)
    assert sentence == str(change)


@pytest.mark.parametrize("sentence", DECIDES)
def test_every_change_says_what_it_edits(g, sentence):
    """A lens can tell from a change whether it sees any of it."""
    from detente.architecture.kinds import FACTS_EDITED

    touched = {fact for edit in dt.parse(sentence).bound(g).edits for fact in edit.touches(g)}

    assert touched
    assert touched <= set(FACTS_EDITED)


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("AAA withdraws its forces from CCC", "no forces on the ground of CCC"),
        ("AAA stops supplying BBB", "with no arms on record"),
        ("AAA and CCC ease to intensity 1", "no rivalry stands"),
        ("AAA and BBB ease to intensity 4", "ease to 1 to 3, not to 4"),
        ("AAA sharpens its rivalry with BBB to intensity 3", "sharpened to 5 to 5"),
        ("AAA sharpens its rivalry with CCC to intensity 3", "AAA and CCC become rivals"),
        ("AAA stations 120 % of its strength on CCC", "between 0 and 1"),
        ("AAA stations 2 % of its strength on AAA", "its own ground"),
        ("AAA and BBB pledge defense", "is a commitment"),
        ("AAA and CCC found PACT for defense", "is there already"),
        ("AAA and AAA found UNION for defense", "needs two states"),
        ("AAA and CCC found UNION for fun", "founded for one of"),
        ("LEAGUE is dissolved", "unknown organisation"),
    ],
)
def test_a_change_that_cannot_be_says_why(g, sentence, message):
    """What makes no sense here is refused in words that help."""
    with pytest.raises(UsageError, match=message):
        dt.parse(sentence).bound(g)


def test_a_pledge_between_rivals_leaves_their_quarrel_as_it_is(g):
    """A promise does not erase a rivalry: both stand."""
    after = g.apply(dt.pledge("AAA", "BBB", "nonaggression")).system

    assert 4 == after.rivalry[0, 1]
    assert 1 == after.promises["nonaggression"][0, 1] == after.promises["nonaggression"][1, 0]


def test_forces_that_leave_take_their_share_home():
    """A sender whose shares were scaled down has more of each ground left when one goes."""
    g = build({"AAA": 4, "BBB": 2, "CCC": 8}, stations=[("CCC", "BBB", 0.3), ("CCC", "AAA", 0.3)])

    before = g.system.stations[2]
    after = g.apply(dt.withdraw_forces("CCC", "BBB")).system.stations[2]

    assert [0.15, 0.15, 0.0] == before.tolist()
    assert [0.3, 0.0, 0.0] == after.tolist()


def test_forces_on_the_ground_of_an_entity_stand_on_its_state():
    """Leaving a state's ground includes entities on it; leaving one entity leaves the others."""
    g = dt.load("eurasia-2024")

    one = g.apply(dt.withdraw_forces("RUS", "X_ABK")).ledger.stations["RUS", "GEO"]
    both = g.apply(dt.withdraw_forces("RUS", "GEO")).ledger.stations.get(("RUS", "GEO"), {})

    assert {"rus-sos"} == one.keys()
    assert {} == both


def test_political_promises_are_weaker_and_read_back():
    """How binding a promise is stands in its sentence where it does not bind."""
    change = dt.parse("CCC guarantees AAA (political)")

    assert "CCC guarantees AAA (political)" == str(change)
    assert change.edits == dt.parse(str(change)).edits
