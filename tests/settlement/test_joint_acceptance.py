"""One filling of an offer's silence for all who must agree, any number of them, and mood."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detente as dt
from detente.errors import UnknownName, UsageError
from detente.lenses.naming import in_words
from detente.reporting.settlement.settle import page
from detente.settlement import nash, utility
from detente.settlement.bargains.floors import furthest_above, product_above
from detente.settlement.questions.acceptance import joint_kernel, joint_plain
from detente.settlement.questions.third_states import SEEN


@pytest.fixture(scope="module")
def g():
    """Return the scenario with a conflict."""
    return dt.load("eurasia-2024")


@pytest.fixture(scope="module")
def three(g):
    """Return the scenario with a third party whose consent is required."""
    consent = pl.when(pl.col("party") == "BLR").then(pl.lit("required"))
    rows = g.tables["conflicts"].with_columns(consent=consent.otherwise(pl.col("consent")))
    return g.with_tables("three must agree", conflicts=rows)


def in_kernel(spare, weight, ideal):
    """Return the kernel's answer where every issue is silent."""
    return joint_kernel.suits_all(spare, weight, ideal, np.arange(ideal.shape[1]))


@given(seed=st.integers(0, 10_000), parties=st.integers(2, 4), issues=st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_sorting_and_simplex_agree_with_a_solver(seed, parties, issues):
    """The kernel says what a linear programme says, ties and cares of zero among the cases."""
    rng = np.random.default_rng(seed)
    ideal = rng.random((parties, issues)).round(rng.integers(0, 3))
    weight = rng.random((parties, issues)) * (rng.random((parties, issues)) < 0.8)
    spare = rng.random(parties) * 0.6 - 0.02

    exact = joint_plain.greatest_least(spare, weight, ideal)
    if abs(exact) > 1e-8:
        expected = bool((spare >= 0).all() and exact >= 0)
        assert expected == in_kernel(spare, weight, ideal)


@given(seed=st.integers(0, 10_000), parties=st.integers(2, 3))
@settings(max_examples=25, deadline=None)
def test_no_position_of_a_grid_suits_all_where_none_is_said_to(seed, parties):
    """Brute force over the positions on two silent issues: what suits all is never missed."""
    rng = np.random.default_rng(seed)
    ideal, weight = rng.random((parties, 2)), rng.random((parties, 2))
    spare = rng.random(parties) * 0.5
    grid = np.linspace(0, 1, 41)

    suits = any(
        (np.abs(np.array(x) - ideal) * weight).sum(axis=1).max(initial=0) <= 0
        or ((np.abs(np.array(x) - ideal) * weight).sum(axis=1) <= spare).all()
        for x in itertools.product(grid, grid)
    )
    assert in_kernel(spare, weight, ideal) >= suits
    generous = spare + 2 * weight.sum(axis=1) / 40  # a cell of the grid costs no more
    near = any(
        ((np.abs(np.array(x) - ideal) * weight).sum(axis=1) <= generous).all()
        for x in itertools.product(grid, grid)
    )
    assert near >= in_kernel(spare, weight, ideal)


def test_possible_together_is_more_than_possible_for_each():
    """Each could be suited by itself, and no one position suits both."""
    weight, ideal = np.array([[1.0], [1.0]]), np.array([[0.0], [1.0]])

    assert in_kernel(np.array([0.6, 0.4]), weight, ideal)
    assert not in_kernel(np.array([0.5, 0.4]), weight, ideal)


def test_certain_is_never_more_than_possible(g):
    """The share of draws is an interval under an open silence, and a number elsewhere."""
    data = dt.settle(g, draws=1000).data
    certain, possible = data["all_accept"].values, data["all_could"].values

    assert (certain <= possible).all()
    assert (certain[:, 0] <= certain[:, 1]).all()
    assert (certain[:, 1] <= possible[:, 0]).all()
    assert certain[:, 1:].tolist() == possible[:, 1:].tolist()
    refuses = data["refuses"].sel(reading="open").values[:, :2]
    assert (possible[:, 0] <= 1 - refuses.max(axis=1) + 1e-12).all()
    together = data["together"].values[:, 0]
    assert set(together) <= {"accept", "open", "refuse"}


@pytest.mark.parametrize("war", ["disagreement", "outside"])
def test_three_who_must_agree_have_solutions_in_both_readings_of_war(three, war):
    """No solution gives any of them less than fighting on."""
    low = {"UKR": (0.3, 0.3), "RUS": (0.75, 0.75), "BLR": (0.3, 0.3)}
    result = dt.settle(three, fighting=low, war=war, draws=200)
    sides = ["UKR", "RUS", "BLR"]

    for name in ("nash", "kalai_smorodinsky", "egalitarian"):
        gain = result.data["solution_gain"].sel(solution=name, party=sides).values
        assert (gain >= -1e-7).all(), name
    assert "UKR, RUS and BLR" in result.reading
    assert "UKR, RUS and BLR" in str(page(result))


def test_an_outside_option_that_binds_nobody_changes_nothing_for_three(three):
    """Bit for bit the split of the free bargain."""
    low = {"UKR": (0.01, 0.01), "RUS": (0.01, 0.01), "BLR": (0.01, 0.01)}
    lower = dict.fromkeys(low, (0.0, 0.0))
    one, other = (
        dt.settle(three, fighting=f, war="outside", draws=10).data["solution_position"].values
        for f in (low, lower)
    )

    assert one[:3].tolist() == other[:3].tolist()


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_a_floor_that_binds_nobody_leaves_the_nash_point(seed):
    """And one that binds is met exactly, at the cost of the others."""
    rng = np.random.default_rng(seed)
    u = utility(rng.random((3, 4)), rng.random((3, 4)) + 0.05)
    free = nash(u, np.zeros(3))

    assert u(product_above(u, np.zeros(3))) == pytest.approx(free.u, abs=1e-5)
    most = u(furthest_above(u, np.zeros(3), np.array([1.0, 0, 0]), np.zeros(3)))[0]
    floor = np.array([(free.u[0] + most) / 2, 0, 0])
    pulled = u(product_above(u, floor))
    assert pulled[0] == pytest.approx(floor[0], abs=1e-6)
    assert np.log(pulled).sum() <= np.log(free.u).sum() + 1e-9


def test_mood_is_off_by_default_and_then_changes_no_bit(g):
    """What is not asked for does not act, and a mood of nothing is none."""
    plainly, none = dt.settle(g, draws=500), dt.settle(g, draws=500, mood={"UKR": (0, 0)})

    assert plainly.settings["mood"] == "none"
    assert plainly.data["gain_low"].values.tolist() == none.data["gain_low"].values.tolist()
    assert "mood" not in plainly.reading.lower()


def test_mood_asks_for_more_than_fighting_on(g):
    """Only of the sides at the use of force, as a range from nothing, and marked where it acts."""
    plainly, moody = dt.settle(g, draws=500), dt.settle(g, draws=500, mood="crisis")
    data = moody.data

    assert data["mood"].sel(party="UKR").values.tolist() == pytest.approx([0, 1 / 6, 1 / 3])
    assert data["mood"].sel(party="KAZ").values.tolist() == [0, 0, 0]
    fighting, asked = data["fighting"].values, data["reservation"].values
    assert asked == pytest.approx(fighting + (1 - fighting) * data["mood"].values)
    assert (data["accepts"].values <= plainly.data["accepts"].values).all()
    assert (data["all_could"].values <= plainly.data["all_could"].values).all()
    for shown in (repr(moody), str(page(moody))):
        assert "RUS†" in shown
        assert "Public mood makes retreat dearer" in shown
    assert moody.to_dict()["settings"]["mood"] == "crisis"


def test_what_mood_may_be_is_said_where_it_is_not(g):
    """A name, a range or a party that is none is refused by name."""
    with pytest.raises(UnknownName, match="mood 'bad'"):
        dt.settle(g, mood="bad")
    with pytest.raises(UsageError, match="mood: UKR: low and high"):
        dt.settle(g, mood={"UKR": (0.5, 0.1)})
    with pytest.raises(UnknownName, match="USB"):
        dt.settle(g, mood={"USB": (0, 0.1)})
    with pytest.raises(UsageError, match='mood must be "crisis"'):
        dt.settle(g, mood=0.3)


def test_third_states_are_those_of_the_audit(g):
    """Who is less secure for an offer is what an audit of the same change says."""
    result = dt.settle(g, draws=50)
    data = result.data
    for offer in ("ukr_formula", "istanbul_communique", "rus_freeze_feeler"):
        audit = result.audited(offer, draws=0, alternatives=False).data
        decided = set(audit["initiators"].values[0].split()) | {"UKR", "RUS"}
        for lens in audit["lens"].values:
            of_lens = audit.sel(lens=lens)
            where = data["settlement"].values == offer
            place = data["lens"].values == lens
            answer = str(data["third_answer"].values[place][0][where][0])
            assert (answer == SEEN) == bool(of_lens["seen"].values[0])
            if answer != SEEN:
                continue
            change = of_lens["delta"].values[0]
            less = change < -float(of_lens["tolerance"].values)
            harmed = {str(c) for c in audit["state"].values[less]}
            told = {
                name: set(filter(None, str(data[name].values[place][0][where][0]).split(";")))
                for name in ("third_less", "bound_less")
            }
            assert told["third_less"] == harmed - decided, (offer, lens)
            assert told["bound_less"] == harmed & decided, (offer, lens)


def test_every_position_of_every_issue_is_mapped_or_said_to_be_unseen(g):
    """The table has no holes, and whatever changes nothing says why."""
    rows = g.tables["settlement_terms"].to_dicts()
    for issue in g.tables["issues"]["issue"]:
        spans = sorted((r["low"], r["high"]) for r in rows if r["issue"] == issue)
        reach = 0.0
        for low, high in spans:
            assert low <= reach, issue
            reach = max(reach, high)
        assert reach == 1.0, issue
    assert all(row["rationale"] for row in rows)
    result = dt.settle(g, draws=10)
    for shown in (repr(result), str(page(result))):
        assert "less secure under some lens" in shown
        assert "AZE, EST, FIN" in shown
        assert in_words("coalition") in shown


def test_a_scenario_without_terms_says_so(g):
    """No table, no answer, and no failure."""
    bare = g.with_tables("no terms", settlement_terms=g.tables["settlement_terms"].clear())
    result = dt.settle(bare, draws=10)

    assert "does not say which positions stand for which changes" in repr(result)
    assert "does not say which positions stand for which changes" in str(page(result))


def test_a_lens_judges_the_belligerents_whoever_must_agree(three):
    """A supporter whose consent is required is no side of the war that the lens decides."""
    words = dt.settle(three, fighting="coalition", draws=10).data.attrs["fighting_words"]

    assert "gives UKR 0." in words
    assert "BLR" not in words
