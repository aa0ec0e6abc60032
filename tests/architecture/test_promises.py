"""What was promised, kind by kind and directed, and what signed lenses see of it."""

from __future__ import annotations

import datetime as dt
import pickle

import numpy as np
import pytest

import detente as de
from detente.architecture.kinds import FACTS_EDITED, KINDS
from detente.architecture.system import SIGNED_INTENSITY, Moves, System
from detente.errors import UsageError
from detente.testing import SOURCE, architecture_of, build


def world(commitments=(), rivalries=(), organisations=(), memberships=(), measures=(), extra=()):
    """Three states of strength 1, 2 and 3 with whatever ties are wanted."""
    states = ("AAA", "BBB", "CCC")
    return architecture_of(
        {
            "states": [
                {"state": s, "name": s, "lat": 0.0, "lon": k, "role": "regional", **SOURCE}
                for k, s in enumerate(states)
            ],
            "measures": [
                {"measure": m, "name": m, "unit": "points", "default": "yes" if not k else "no",
                 "meaning": "A figure.", "source": "assumed"}
                for k, m in enumerate(("strength", *measures))
            ],
            "capabilities": [
                {"state": s, "measure": "strength", "year": 2024, "value": k + 1.0, **SOURCE}
                for k, s in enumerate(states)
            ]
            + list(extra),
            "commitments": [
                {"commitment": f"c{k}", "direction": "one_way", "strength": "binding",
                 **SOURCE, **row}
                for k, row in enumerate(commitments)
            ],
            "rivalries": [
                {"rivalry": f"r{k}", "state_a": a, "state_b": b, "issue": "other",
                 "intensity": v, **SOURCE}
                for k, (a, b, v) in enumerate(rivalries)
            ],
            "organisations": [
                {"name": row["organisation"], "kind": "alliance", "strength": "binding",
                 "weight": 1.0, **SOURCE, **row}
                for row in organisations
            ],
            "memberships": [
                {"organisation": o, "state": s, "role": "member", **SOURCE}
                for o, s in memberships
            ],
            "sources": [{"source": "assumed", "citation": "assumed for a test", "seen": "no"}],
        }
    )  # fmt: skip


def one(kind, **rest):
    """A commitment of AAA to BBB."""
    return {"kind": kind, "promiser": "AAA", "beneficiary": "BBB", **rest}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "cooperation"])
def test_a_promise_stands_from_the_one_who_made_it_to_the_other(kind):
    """One way is one way, of every kind; mutual is both."""
    one_way = world([one(kind)]).system.promises[kind]
    mutual = world([one(kind, direction="mutual")]).system.promises[kind]

    assert [[0, 1]] == np.argwhere(one_way).tolist()
    assert [[0, 1], [1, 0]] == np.argwhere(mutual).tolist()


def test_the_value_of_a_promise_is_the_strength_of_its_text():
    """Binding counts in full, political half, signed or disputed not at all."""
    values = {
        strength: world([one("guarantee", strength=strength)]).system.promises["guarantee"][0, 1]
        for strength in ("binding", "political", "signed_not_in_force", "disputed")
    }

    assert {"binding": 1, "political": 0.5, "signed_not_in_force": 0, "disputed": 0} == values


def test_both_articles_of_an_organisation_count():
    """What members promise second stands beside what they promise first."""
    g = world(
        organisations=[
            {"organisation": "PACT", "commitment": "defense", "second_commitment": "consultation"}
        ],
        memberships=[("PACT", "AAA"), ("PACT", "CCC")],
    )

    for kind in ("defense", "consultation"):
        assert [[0, 2], [2, 0]] == np.argwhere(g.system.promises[kind]).tolist()


def test_neutrality_is_promised_to_one_or_to_everybody():
    """A promise to ALL is a fact of the state; one to a state is a promise to it."""
    g = world([one("neutrality", beneficiary="ALL", strength="political"), one("neutrality")])

    assert [0.5, 0, 0] == g.system.neutral.tolist()
    assert 1 == g.system.promises["neutrality"][0, 1]
    assert not any(name == "c0" for _, name, _ in g.ledger.left_out)


def test_a_rivalry_stands_beside_a_pact():
    """The intensity is kept between allies; what the signs make of it says the mapping."""
    g = world([one("defense", direction="mutual")], [("AAA", "BBB", 4)])
    seen = {}
    for rule in ("neither", "rivals", "allies"):
        system = g.under(g.mapping.update({"allied_rivals": rule})).system
        seen[rule] = system.allies[0, 1], system.rivals[0, 1]
        assert (4, 1) == (system.rivalry[0, 1], system.promises["defense"][0, 1])

    assert {"neither": (0, 0), "rivals": (0, 1), "allies": (1, 0)} == seen
    assert [("AAA", "BBB")] == g.ledger.cancelled_rivalries()
    assert [] == g.under(g.mapping.set(allied_rivals="rivals")).ledger.cancelled_rivalries()


def test_what_allied_rivals_count_as_is_one_of_three_words():
    """Another word or number is refused with the three."""
    mapping = world().mapping
    for wrong in ("friends", 1.5, 7):
        with pytest.raises(UsageError, match="neither, rivals, allies"):
            mapping.update({"allied_rivals": wrong})
    with pytest.raises(UsageError, match="is a number"):
        mapping.update({"presence.share": "much"})


def test_deliveries_and_presence_are_shares_of_the_senders_strength():
    """By the volume of the delivery; a presence of unknown size by the assumed share."""
    shares = {
        strength: world([one("arms_supply", strength=strength)]).system.supplies[0, 1]
        for strength in ("practice_heavy", "practice_medium", "practice_light", "practice",
                         "practice_dual_use", "disputed")
    }  # fmt: skip

    assert [0.02, 0.01, 0.005, 0.005, 0, 0] == list(shares.values())
    assert 0.01 == world([one("basing")]).system.stations[0, 1]


def test_no_more_than_so_much_stands_abroad():
    """The shares of one sender are scaled down to the most that the mapping allows."""
    g = world([one("basing"), one("basing", beneficiary="CCC")])
    little = g.under(g.mapping.update({"presence.most": 0.015}))

    assert [0, 0.01, 0.01] == g.system.stations[0].tolist()
    np.testing.assert_allclose([0, 0.0075, 0.0075], little.system.stations[0])


def test_warheads_are_known_where_the_scenario_has_the_measure():
    """Without it nobody knows; with it who has none has none."""
    figure = {"state": "BBB", "measure": "warheads", "year": 2024, "value": 5.0, **SOURCE}

    assert world().system.nuclear is None
    assert [0, 1, 0] == world(measures=["warheads"], extra=[figure]).system.nuclear.tolist()


def test_a_system_of_signs_says_what_its_signs_mean():
    """Allies have promised to defend each other; rivals have used force, by assumption."""
    system = build({"AAA": 1, "BBB": 2, "CCC": 3}).system
    allies, rivals = np.zeros((3, 3)), np.zeros((3, 3))
    allies[0, 1] = allies[1, 0] = 0.7
    rivals[1, 2] = rivals[2, 1] = 1.0

    signed = System(system.codes, allies, rivals, system.capability, system.distance)

    np.testing.assert_array_equal(allies, signed.promises["defense"])
    np.testing.assert_array_equal(SIGNED_INTENSITY * rivals, signed.rivalry)
    moved = signed.moved(Moves.build([[(0, 1, 0.0, 1.0), (1, 2, 0.4, 0.0)]], [[0]]), 0)
    assert (0, 0.4) == (moved.promises["defense"][0, 1], moved.promises["defense"][2, 1])
    assert (SIGNED_INTENSITY, 0) == (moved.rivalry[1, 0], moved.rivalry[1, 2])


def test_a_system_travels_whole():
    """Pickled and taken apart it keeps its promises, which cannot be written to."""
    system = world([one("offense")], [("BBB", "CCC", 2)]).system

    copied = pickle.loads(pickle.dumps(system))
    turned = system.take([1, 0, 2])

    np.testing.assert_array_equal(system.promises["offense"], copied.promises["offense"])
    assert 1 == turned.promises["offense"][1, 0]
    assert 2 == turned.rivalry[0, 2]
    with pytest.raises(ValueError, match="read-only"):
        system.promises["offense"][0, 1] = 0


def test_every_edit_says_what_it_touches():
    """Names of facts; of an organisation, the kinds of its articles."""
    g = build({"AAA": 1, "BBB": 2}, rivals=[("AAA", "BBB", 4)], organisations={"PACT": ["AAA"]})
    sentences = {
        "BBB joins PACT": ("defense",),
        "AAA leaves PACT": ("defense",),
        "AAA and BBB commit to mutual consultation": ("consultation",),
        "AAA commits to arms supply of BBB": ("arms_supply", "supplies"),
        "AAA and BBB reconcile": ("rivalry",),
        "AAA and BBB become rivals at intensity 2": ("rivalry",),
        "AAA arms by 20 %": ("strength",),
    }

    touched = {text: de.parse(text).edits[0].touches(g) for text in sentences}

    assert sentences == touched
    assert {name for names in touched.values() for name in names} <= set(FACTS_EDITED)


@pytest.mark.parametrize("kind", ["basing", "arms_supply"])
def test_a_withdrawn_promise_takes_its_amount_along(kind):
    """Without the delivery, or the presence, nothing of it is left in the arrays."""
    g = world([one(kind), one("defense")])

    after = g.apply(de.withdraw("AAA", "BBB", kind))

    assert 0 == after.system.supplies.sum() + after.system.stations.sum()
    assert 1 == after.system.promises["defense"][0, 1]


def test_a_row_that_is_over_makes_no_tie():
    """What ended before the date is history."""
    over = one("defense", end=dt.date(2020, 1, 1))

    assert 0 == world([over]).system.promises["defense"].sum()
