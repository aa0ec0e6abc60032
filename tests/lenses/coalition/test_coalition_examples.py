"""The lens coalition as a plain function: worked examples to ten digits, tables, refusals."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from detente.errors import MissingData, Undefined, UnknownName, UsageError
from detente.lenses.coalition import attacks, security
from detente.reproduce.coalition import EXAMPLES

EXPECTED = {
    "K1": (-0.0750000000, -0.0250000000),
    "K2": (-0.0493069014, -0.0204926801, -0.0000632539),
    "K3": (-0.0545336769, -0.0164356338, -0.0000632539),
    "K4": (-0.0919294801, -0.0139251972, -0.0099256846),
    "K5": (-0.0243997951, -0.0081332650),
    "K6": (-0.0292797541, -0.0097599180),
    "K7": (-0.0536656315, -0.0178885438, 0),
    "K8": (-0.0414424805, -0.0145281999, -0.0000535433),
    "K9": (-0.0329641471, -0.0239571629, -0.0002372021),
    "K10": (-0.0369966537, -0.0181529539, -0.0057360864, -0.0128759882),
    "K11": (-0.0532496188, -0.0183045565, 0, 0),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_worked_examples_to_ten_digits(name):
    """Each example gives the figures that two independent programs gave."""
    np.testing.assert_allclose(EXPECTED[name], security(**EXAMPLES[name]), rtol=0, atol=5.1e-11)


def test_between_states_at_war_no_promise_holds_back():
    """At intensity 5 a pact or a pledge between the two changes nothing."""
    both = [[0, 1], [1, 0]]
    war = security([1, 3], rivalry=[[0, 5], [5, 0]])

    for kind in ("defense", "nonaggression", "guarantee"):
        np.testing.assert_array_equal(
            war, security([1, 3], rivalry=[[0, 5], [5, 0]], **{kind: both})
        )


def test_the_pact_that_makes_one_safer_makes_its_rival_less_safe():
    """K2 against K7, in which the ally stands aside: what 0 gains, 1 pays for."""
    with_pact, without = security(**EXAMPLES["K2"]), security(**EXAMPLES["K7"])

    assert with_pact[0] > without[0]
    assert with_pact[1] < without[1]


def test_the_tables_say_who_takes_part_by_hand():
    """Of K4: two attacks on 0, and 2 comes with the share of an ally that has its own quarrel."""
    tables = attacks(**EXAMPLES["K4"])

    led = tables.pairs.select("attacker", "target").sort("attacker", "target")
    assert [(0, 1), (0, 2), (1, 0), (2, 0)] == led.rows()
    chosen = tables.participants.filter(attacker=1, target=0)
    share = 1.7 * 0.23
    expected = pl.DataFrame(
        {
            "state": [1, 0, 2],
            "side": ["attack", "defence", "attack"],
            "share": [1.0, 1.0, share],
            "strength": [3 / 6, 1 / 6, share * 2 / 6],
        }
    )
    assert_frame_equal(expected, chosen.drop("attacker", "target"))


@pytest.mark.parametrize("name", EXPECTED)
def test_the_tables_add_up_to_the_security(name):
    """Participants sum to each side, and the attacks to the exposure, burden aside."""
    case = {**EXAMPLES[name], "burden": 0.0}
    tables = attacks(**case)
    sums = tables.participants.group_by("attacker", "target", "side").agg(pl.col("strength").sum())
    wide = tables.pairs.join(
        sums.pivot("side", index=["attacker", "target"], values="strength"),
        on=["attacker", "target"],
        suffix="_summed",
    )
    exposure = np.zeros(len(case["strength"]))
    for target, rate, beaten in tables.pairs.select("target", "rate", "beaten").rows():
        exposure[target] += rate * beaten

    np.testing.assert_allclose(wide["attack"], wide["attack_summed"], rtol=1e-12)
    np.testing.assert_allclose(wide["defence"], wide["defence_summed"], rtol=1e-12)
    np.testing.assert_allclose(-exposure, security(**case), atol=1e-15)


def test_nobody_with_a_quarrel_is_exposed_to_nothing():
    """Without any rivalry everybody's security is 0, and there is no attack to list."""
    nobody = np.zeros((2, 2))

    np.testing.assert_array_equal((0.0, 0.0), security([1, 3], rivalry=nobody))
    tables = attacks([1, 3], rivalry=nobody)
    assert (0, 0) == (tables.pairs.height, tables.participants.height)


def test_input_that_the_formula_does_not_admit_is_refused():
    """All faulty arrays are named at once; an asymmetric rivalry is one of them."""
    war = [[0, 5], [5, 0]]
    with pytest.raises(UsageError, match="rivalry is not symmetric"):
        security([1, 3], rivalry=[[0, 5], [4, 0]])
    with pytest.raises(UsageError, match=r"rivalry has a diagonal"):
        security([1, 3], rivalry=[[1, 5], [5, 0]])
    with pytest.raises(UsageError, match="strength"):
        security([1, -3], rivalry=war)
    with pytest.raises(UsageError) as caught:
        security(
            [1, 3],
            rivalry=[[0, 6], [6, 0]],
            defense=[[0, 2], [0, 0]],
            offense=[[0, np.nan], [0, 0]],
            neutral=[2, 0],
            nuclear=[1],
            stations=np.zeros((3, 3)),
            distance=[[0, 1], [2, 0]],
            land=[[0, 1], [0, 0]],
        )
    for words in (
        "rivalry holds values from 0 to 5",
        "defense holds values from 0 to 1",
        "offense holds a value that is not a finite number",
        "neutral holds values",
        "nuclear has the shape",
        "stations has the shape",
        "distance is not symmetric",
        "land is not symmetric",
    ):
        assert words in str(caught.value)
    with pytest.raises(UsageError, match="non-negative kilometres"):
        security([1, 3], rivalry=war, distance=[[0, -1], [-1, 0]])
    with pytest.raises(UnknownName, match="defend_quarrel"):
        security([1, 3], rivalry=war, defend_quarrels=0.1)
    with pytest.raises(UsageError, match=r"coalition\.pledge = 2"):
        security([1, 3], rivalry=war, pledge=2)
    with pytest.raises(Undefined):
        security([0, 0], rivalry=war)


def test_a_distance_that_is_not_known_matters_only_where_it_is_needed():
    """A tie of the state needs it; a land border, an infinite reach or no tie does without."""
    nan = np.nan
    km = np.array([[0, 500, nan], [500, 0, nan], [nan, nan, 0]])
    quarrel = np.array([[0, 4, 0], [4, 0, 0], [0, 0, 0]])
    ally = np.zeros((3, 3))
    ally[2, 0] = 1.0
    border = np.zeros((3, 3))
    border[2] = border[:, 2] = 1.0

    assert np.isfinite(security([1, 3, 2], rivalry=quarrel, distance=km)).all()
    with pytest.raises(MissingData, match="state '2'"):
        security([1, 3, 2], rivalry=quarrel, distance=km, defense=ally)
    for given in ({"land": border}, {"reach": np.inf}):
        assert np.isfinite(
            security([1, 3, 2], rivalry=quarrel, distance=km, defense=ally, **given)
        ).all()


def test_a_latent_rate_is_that_of_pairs_without_a_rivalry():
    """Without a quarrel each leads at a share of the highest rate; with one nothing changes."""
    at_peace = security([1, 3], rivalry=np.zeros((2, 2)), latent=0.01)
    at_war = security([1, 3], rivalry=[[0, 5], [5, 0]], latent=0.01)

    np.testing.assert_allclose([-0.00075, -0.00025], at_peace, rtol=1e-12)
    np.testing.assert_array_equal(security([1, 3], rivalry=[[0, 5], [5, 0]]), at_war)
    assert 2 == attacks([1, 3], rivalry=np.zeros((2, 2)), latent=0.01).pairs.height


def test_a_latent_rate_is_a_share():
    """Whoever asks for more than the highest rate is told what would be right."""
    with pytest.raises(UsageError, match="share from 0 to 1"):
        security([1, 3], rivalry=np.zeros((2, 2)), latent=2)
