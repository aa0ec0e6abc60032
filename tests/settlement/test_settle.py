"""Offers against fighting on: readings of silence, marks, the mirror, and refusals."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
import shares_plain
from hypothesis import given, settings
from hypothesis import strategies as st

import detente as dt
from detente.errors import MissingData, Undefined, UnknownName, UsageError
from detente.lenses import find
from detente.lenses.coalition.plain_functions import attack_tables
from detente.lenses.coalition.system_facts import facts_of
from detente.lenses.naming import in_words
from detente.reporting.settlement.settle import page
from detente.settlement.questions.acceptance import gains_kernel as kernel
from detente.settlement.questions.acceptance import gains_plain as plain
from detente.settlement.questions.common_ground import nearest
from detente.settlement.questions.fighting import worth
from detente.settlement.questions.negotiation import negotiation
from detente.settlement.questions.reservation import bounds_of, reservation
from detente.settlement.questions.settling_text import rows, verdict_words

SIDES = {"UKR": "RUS", "RUS": "UKR"}


@pytest.fixture(scope="module")
def g():
    """Return the scenario with a conflict."""
    return dt.load("eurasia-2024")


@pytest.fixture(scope="module")
def result(g):
    """Return the question with its defaults, in fewer draws."""
    return dt.settle(g, "russia-ukraine", draws=2000)


def changed(g, table, **columns):
    """Return the scenario with columns of a table replaced."""
    return g.with_tables("changed", **{table: g.tables[table].with_columns(**columns)})


def mirrored(g):
    """Return the scenario with the belligerents and the ends of every scale swapped."""
    swap = {column: pl.col(column).replace(SIDES) for column in ("party", "supports")}

    def flip(*names):
        middle, low, high = names
        return {middle: 1 - pl.col(middle), low: 1 - pl.col(high), high: 1 - pl.col(low)}

    g = changed(g, "conflicts", **swap)
    g = changed(g, "parties", party=swap["party"], **flip("ideal", "ideal_low", "ideal_high"))
    g = changed(g, "offers", **flip("normalised_position", "low", "high"))
    g = changed(g, "status_quo", **flip("position", "low", "high"))
    g = changed(g, "issue_anchors", position=1 - pl.col("position"))
    return changed(g, "issues", zero_means=pl.col("one_means"), one_means=pl.col("zero_means"))


@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_kernel_and_plain_give_the_same(seed):
    """Gains, shares and quantiles, with silent issues and typed fighting among them."""
    rng = np.random.default_rng(seed)
    offers, parties, issues = 3, 4, 5
    low = rng.random((offers, issues)) / 2
    low[rng.random((offers, issues)) < 0.4] = np.nan
    typed = np.where(rng.random(parties) < 0.5, np.nan, rng.random(parties) / 2)
    ideal, cares = rng.random((parties, issues)) / 2, rng.random((parties, issues)) / 2 + 0.01
    quo = rng.random(issues) / 2
    mood = rng.random(parties) * (rng.random(parties) < 0.5)
    bounds = plain.Bounds(
        low, low + 0.5, ideal, ideal + 0.5, cares, cares + 0.3, quo, quo + 0.5, typed, typed + 0.2,
        0 * mood, mood,
    )  # fmt: skip
    chance = plain.uniforms(bounds, 50, [seed])
    required = np.array([0, 2] if seed % 2 else [0, 1, 3])

    fast, slow = kernel.gains(bounds, chance, required), plain.gains(bounds, chance, required)

    assert slow.gain == pytest.approx(fast.gain, abs=1e-6)
    assert slow.worst.tolist() == fast.worst.tolist()
    assert slow.fits.tolist() == fast.fits.tolist()
    for reading in range(3):
        expected = shares_plain.sums(fast, required, reading)
        for name, values in kernel.sums(fast, required, reading)._asdict().items():
            assert getattr(expected, name) == pytest.approx(values, abs=1e-12), name


def test_the_first_draws_of_a_longer_run_are_those_of_a_shorter_one(g):
    """Chance is a function of its address."""
    n = negotiation(g)
    bounds = bounds_of(n, reservation(g, n))

    short, long = plain.uniforms(bounds, 1000, [7]), plain.uniforms(bounds, 1500, [7])

    assert short.tolist() == long[:1000].tolist()


def test_an_open_silence_contains_the_status_quo(result):
    """Low, status quo, high: whatever is filled in is between the ends."""
    gain = result.data["gain"].values
    names = list(result.data["silence"].values)
    low, kept, high = (gain[:, :, names.index(k)] for k in ("open_low", "status_quo", "open_high"))

    assert (low <= kept + 1e-6).all()
    assert (kept <= high + 1e-6).all()


def test_the_reported_halt_is_worth_what_silence_is_taken_for(g):
    """The offer whose reading decides most: its utilities by each reading."""
    n = negotiation(g)
    worthless = reservation(g, n, dict.fromkeys(n.parties, (0, 0)))
    fixed = bounds_of(n, worthless, middle=True)
    chance = np.zeros((1, plain.uniforms(fixed, 1, [1]).shape[1]))
    gain = kernel.gains(fixed, chance, np.array(n.required)).gain[:, 0]
    offers = [offer.key for offer in n.offers]

    def utilities(offer, party):
        stated, _, low, high = gain[:, offers.index(offer), n.at(party)]
        return stated, low, high

    assert utilities("rus_freeze_feeler", "RUS") == pytest.approx((0.63, 0.18, 0.92), abs=0.005)
    assert utilities("rus_freeze_feeler", "UKR") == pytest.approx((0.39, 0.09, 0.87), abs=0.005)
    assert utilities("rus_dec2021", "UKR")[0] == pytest.approx(0.05, abs=0.005)


def test_swapping_the_belligerents_swaps_the_answer(g):
    """With sides and scales mirrored, every figure and every word is the mirror's."""
    result, other = (dt.settle(side, "russia-ukraine", draws=20_000) for side in (g, mirrored(g)))
    names = [str(p) for p in result.data["party"].values]
    swapped = [names.index(SIDES.get(p, p)) for p in names]
    assert [SIDES.get(p, p) for p in names] == [str(p) for p in other.data["party"].values]
    assert swapped[:2] == [1, 0]

    for name in ("gain", "fighting"):
        assert result.data[name].values == pytest.approx(other.data[name].values, abs=1e-6), name
    for name in (
        "gain_low",
        "gain_high",
        "accepts",
        "refuses",
        "survives",
        "all_accept",
        "all_could",
    ):
        assert result.data[name].values == pytest.approx(other.data[name].values, abs=0.03), name
    assert result.data["verdict"].values.tolist() == other.data["verdict"].values.tolist()
    blocks = [d.data["blocks"].values[:, :2].tolist() for d in (result, other)]
    assert blocks[0] == blocks[1]  # other parties may have two that cost them alike
    assert result.data["region"].values == pytest.approx(
        1 - other.data["region"].values[:, ::-1], abs=1e-6
    )
    mean = result.data["solution_position"].sel(solution="mean_all").values
    assert mean == pytest.approx(
        1 - other.data["solution_position"].sel(solution="mean_all").values, abs=1e-9
    )
    gains = result.data["solution_gain"].sel(solution="nash").values
    assert gains[:2] == pytest.approx(
        other.data["solution_gain"].sel(solution="nash").values[:2], abs=1e-6
    )
    ours = [verdict_words(row) for row in rows(result, ["UKR"])]
    assert ours == [verdict_words(row) for row in rows(other, ["RUS"])]


@given(seed=st.integers(0, 200), step=st.floats(0, 1))
@settings(max_examples=20, deadline=None)
def test_moving_an_offer_towards_a_party_never_turns_its_yes_into_a_no(seed, step):
    """Acceptance is monotone in the distance on any one issue."""
    n = negotiation(dt.load("eurasia-2024"))
    rng = np.random.default_rng(seed)
    party, issue = rng.integers(len(n.parties)), rng.integers(len(n.issues))
    x = rng.random(len(n.issues))
    nearer = x.copy()
    nearer[issue] += step * (n.ideal[1][party, issue] - x[issue])

    assert worth(n)(nearer)[party] >= worth(n)(x)[party] - 1e-12


def test_what_silence_decides_is_marked_wherever_it_is_shown(result):
    """The mark stands on the terminal and in the document where readings differ."""
    decided = result.data["decided_by_silence"].values
    verdict = result.data["verdict"].values

    assert (decided == (verdict != verdict[:, :, :1]).any(axis=2)).all()
    assert decided.any()
    assert "open*" in repr(result)
    assert "decides" in result.reading
    assert "decided_by_silence" in str(result.to_dict())
    assert "no reservation values" in repr(result)


def test_status_quo_and_stated_agree_where_fighting_is_the_status_quo(result):
    """Weights change with what is stated, signs do not, so that shares are the same."""
    for name in ("accepts", "refuses"):
        kept, stated = (result.data[name].sel(reading=r).values for r in ("status_quo", "stated"))
        assert kept == pytest.approx(stated, abs=1e-3)


def test_the_way_into_the_region_is_the_shortest(g, result):
    """What an offer would have to move leads to where both accept, and nothing shorter does."""
    n = negotiation(g)
    u, least = worth(n), reservation(g, n).least(n)
    sides = list(n.required)
    x = result.data["nearest_position"].values
    moved = result.data["nearest_move"].values

    gain = (u(x) - least)[:, sides]
    assert (gain >= -1e-7).all()
    assert moved.min() >= 0
    o = [str(k) for k in result.data["offer"].values].index("rus_june2024")
    said = n.position[1][o]
    start = np.where(np.isnan(said), n.status_quo[1], said)
    assert np.abs(x[o] - start).sum() == pytest.approx(moved[o])
    # On the straight way, one hundredth less is not enough.
    short = start + 0.99 * (x[o] - start)
    assert ((u(short) - least)[sides] < 0).any()


def test_nothing_in_common_is_said(g):
    """Where fighting is worth more to both than any settlement, there is no region and no split."""
    result = dt.settle(g, fighting={"UKR": (0.95, 1.0), "RUS": (0.95, 1.0)}, draws=50)

    assert np.isnan(result.data["region"].values).all()
    assert np.isnan(result.data["solution_position"].sel(solution="nash").values).all()
    assert np.isnan(result.data["nearest_move"].values).all()
    assert "no positions are worth as much to both UKR and RUS as fighting on" in result.reading
    assert "typed for UKR 0.95 to 1" in result.reading


def test_an_outside_option_pulls_just_up_to_it(g):
    """As a move, fighting binds only the side that would get less."""
    typed = {"UKR": (0.75, 0.75), "RUS": (0.1, 0.1)}
    split = dt.settle(g, fighting=typed, war="disagreement", draws=50).data
    pulled = dt.settle(g, fighting=typed, war="outside", draws=50).data

    ukr = [float(d["solution_gain"].sel(solution="nash", party="UKR")) for d in (split, pulled)]
    assert ukr[1] == pytest.approx(0, abs=1e-9)
    assert ukr[0] > 0.01


@pytest.mark.parametrize("lens", ["contest", "coalition", "hazard"])
def test_a_lens_gives_what_fighting_is_worth(g, lens):
    """The chance to prevail, its range and the assumed cost stand in the words."""
    result = dt.settle(g, fighting=lens, draws=50)
    words = result.data.attrs["fighting_words"]
    chance = dict(re.findall(r"(UKR|RUS) (0\.\d\d)", words))

    assert result.settings["fighting"] == lens
    assert float(chance["UKR"]) + float(chance["RUS"]) == pytest.approx(1, abs=0.011)
    assert words in result.reading
    assert f"the lens {in_words(lens)} gives" in words
    assert f"lens {in_words(lens)}" in str(page(result))
    assert "(assumed)" in words
    bounds = result.data["fighting"].values
    assert (bounds[:, 0] <= bounds[:, 1] + 1e-12).all()
    assert (bounds[:, 1] <= bounds[:, 2] + 1e-12).all()
    assert "UKR§" in repr(result)
    assert "UKR§" in str(page(result))


def test_each_lens_speaks_of_winning_in_its_own_terms(g):
    """Shares of the prize, attacks beaten with their participants, the stronger side."""
    sides = [g.system.codes.index(code) for code in ("UKR", "RUS")]
    contest, coalition, hazard = (find(name) for name in ("contest", "coalition", "hazard"))

    def chance(lens):
        return lens.winning(g.system, lens.values(), sides).chance

    share = contest.equilibrium(g.system, contest.values()).share[sides]
    assert chance(contest) == pytest.approx(share / share.sum())
    pairs = attack_tables(facts_of(g.system, coalition.values()), coalition.values()).pairs
    beaten = {(j, i): b for j, i, b in pairs.select("attacker", "target", "beaten").iter_rows()}
    ours, theirs = beaten[sides[0], sides[1]], beaten[sides[1], sides[0]]
    assert chance(coalition) == pytest.approx([(ours + 1 - theirs) / 2, (theirs + 1 - ours) / 2])
    assert chance(hazard).sum() == pytest.approx(1)


@pytest.mark.parametrize("lens", ["balance", "war_stability", "landscape", "arms_race"])
def test_a_lens_without_winning_is_refused_and_names_those_that_have(g, lens):
    """No chance is made up where the model has none."""
    with pytest.raises(UsageError, match=rf"{lens} has no notion.*coalition, contest, hazard"):
        dt.settle(g, fighting=lens, draws=10)


def test_a_simulation_gives_what_fighting_is_worth(g):
    """A wider war takes from the status quo, by the chance that it comes."""
    run = dt.simulate(g, days=20, replicas=100, seed=1)
    result = dt.settle(g, fighting=run, draws=50)
    plainly = dt.settle(g, draws=50)

    assert (
        result.data["fighting"].values[:, 1] <= plainly.data["fighting"].values[:, 1] + 1e-12
    ).all()
    assert set(result.data["fighting_basis"].values) >= {"simulation"}


def test_a_result_comes_back_from_a_file(g, result, tmp_path):
    """Saved and opened, it is the same, and can be asked further."""
    path = tmp_path / "settle.nc"
    result.save(path)
    again = dt.open(path)

    assert again.reading == result.reading
    assert again.offers("UKR").equals(result.offers("UKR"))
    assert dt.without(again, "USA").reading == dt.without(result, "USA").reading


def test_one_seed_one_answer(g):
    """The same call gives the same bytes."""
    first, again = (dt.settle(g, draws=300, seed=5).data for _ in range(2))

    assert first["gain_low"].values.tolist() == again["gain_low"].values.tolist()
    assert first["all_accept"].values.tolist() == again["all_accept"].values.tolist()


def test_the_absent_gain_or_lose_as_computed(result):
    """What presence adds is the difference of two tables, shown for all parties."""
    absent = dt.without(result, "USA")
    data = absent.data

    assert data["effect"].values == pytest.approx(
        data["utility_at"].values[2] - data["utility_at"].values[3], abs=1e-12
    )
    assert not bool(data["present"].sel(format="all_without", party="USA"))
    assert bool(data["present"].sel(format="all", party="USA"))
    assert "counts for nothing" in absent.reading
    bloc = dt.without(result, "supporters of UKR")
    assert not bloc.data["present"].sel(format="all_without", party="POL").item()
    assert "if the supporters of UKR are absent" in bloc.reading
    waits = data["waits"].values
    assert (waits[data["effect"].values < -1e-9] == 0).all()


def test_an_organisation_does_not_stand_beside_its_members(g, result):
    """The European Union counts where its listed members do not, and the other way round."""
    n = negotiation(g)
    union = dt.without(result, "EU").data["present"]

    assert "EU" not in [n.parties[k] for k in n.counted]
    assert bool(union.sel(format="all", party="EU"))
    assert not bool(union.sel(format="all", party="DEU"))


def test_refusals_name_the_party_or_the_issue(g, result):
    """What is missing is said, in words, with where it would stand."""
    with pytest.raises(UnknownName, match="russia-ukraine"):
        dt.settle(g, "russia-ukrain")
    with pytest.raises(UnknownName, match="silence"):
        dt.settle(g, silence="quiet")
    with pytest.raises(UnknownName, match="party to russia-ukraine 'USB'"):
        dt.settle(g, fighting={"USB": (0, 1)})
    with pytest.raises(UsageError, match=r"RUS: low and high"):
        dt.settle(g, fighting={"RUS": (0.9, 0.1)})
    with pytest.raises(UnknownName, match="supporters of RUS"):
        dt.without(result, "supporters of USA")
    with pytest.raises(UsageError, match=r"result of dt\.settle"):
        dt.without(dt.without(result, "USA"), "USA")
    with pytest.raises(MissingData, match="describes no conflict"):
        dt.settle(dt.load("two-blocs"))
    standing = g.tables["status_quo"].filter(pl.col("issue") != "nuclear")
    bare = g.with_tables("without a status quo", status_quo=standing)
    with pytest.raises(MissingData, match=r"issue nuclear has no status quo.*status_quo\.csv"):
        dt.settle(bare)
    careless = changed(
        g,
        "parties",
        salience=pl.when(pl.col("party") == "KAZ").then(0.0).otherwise(pl.col("salience")),
        salience_low=pl.when(pl.col("party") == "KAZ").then(0.0).otherwise(pl.col("salience_low")),
    )
    with pytest.raises(Undefined, match="saliences of KAZ are zero"):
        dt.settle(careless)


def test_what_a_conflict_lacks_is_said_with_the_table_to_fill(g):
    """No offers, or nobody who must consent, though somebody must in another conflict."""
    with pytest.raises(MissingData, match=r"no offer speaks .*: fill the table offers"):
        dt.settle(g.with_tables("no offers", offers=g.tables["offers"].clear()))
    sides = g.tables["conflicts"]
    another = sides.with_columns(conflict=pl.lit("another"))
    two = pl.concat([sides.with_columns(consent=pl.lit("counted")), another])
    with pytest.raises(MissingData, match=r"nobody's consent is required in russia-ukraine"):
        dt.settle(g.with_tables("two conflicts", conflicts=two), "russia-ukraine")
    with pytest.raises(UsageError, match="say which conflict: russia-ukraine, another"):
        dt.settle(g.with_tables("two conflicts", conflicts=two))


def test_the_nearest_point_of_an_accepted_offer_is_itself(g):
    """Where both sides accept already nothing has to move."""
    n = negotiation(g)
    u, sides = worth(n), list(n.required)
    pair = type(u)(u.ideal[sides], u.salience[sides], 1)
    start = n.status_quo[1]

    assert nearest(pair, pair(start) - 0.01, start).moved == 0


def test_a_settlement_is_audited_for_who_pays_for_it(g, result):
    """Its positions stand for changes by a table; a third state less secure is found by a lens."""
    assert result.commitments("istanbul_communique") == [
        "UKR becomes neutral",
        *(f"{state} guarantees UKR" for state in ("USA", "GBR", "FRA", "DEU", "TUR")),
        "RUS and UKR ease to intensity 4",
    ]
    assert result.commitments("ukr_formula")[0] == "RUS withdraws its forces from UKR"
    assert result.commitments("nato_vilnius") == []
    assert result.commitments("nato_vilnius", reading="wide") == ["UKR joins NATO"]
    assert result.commitments("rus_dec2021") == ["UKR becomes neutral", "drafts_2021:text"]

    audit = result.audited("istanbul_communique", lens="coalition", draws=0, alternatives=False)

    assert audit.question == "audit"
    assert len(audit.data["change"]) == 1
    with pytest.raises(Undefined, match="no position of us_ukr_bsa"):
        result.audited("us_ukr_bsa")
    with pytest.raises(UnknownName, match=r"offer or solution 'nashe'.*'nash'"):
        result.commitments("nashe")


def test_without_draws_there_is_no_range_and_with_draws_there_is(result):
    """What presence adds has a spread, and the answer says how many of its signs are sure."""
    drawn = dt.without(result, "USA", draws=2).data
    again = dt.without(result, "USA", draws=2).data

    assert "effect_low" not in dt.without(result, "USA").data
    assert (drawn["effect_low"].values <= drawn["effect_high"].values).all()
    assert ((0 <= drawn["effect_share"]) & (drawn["effect_share"] <= 1)).all()
    assert "signs hold" in drawn.attrs["reading"]
    assert drawn["gain_at_low"].values.tolist() == again["gain_at_low"].values.tolist()


def test_each_party_is_left_out_in_turn(result):
    """Every party whose consent is not required, and both blocs; each as it is alone."""
    each = dt.without(result)
    names = [str(a) for a in each.data["absent"].values]
    alone = dt.without(result, "POL").data

    assert set(names) == {
        *(str(p) for p in result.data["party"].values if p not in SIDES),
        "supporters of UKR",
        "supporters of RUS",
    }
    assert each.data["effect_of"].sel(absent="POL").values == pytest.approx(
        alone["effect"].values, abs=1e-3
    )
    assert bool(each.data["upsets_of"].sel(absent="POL")) == bool(alone["upsets"])
    assert "left out" in repr(each)
    with pytest.raises(UsageError, match="consent of UKR is required"):
        dt.without(result, "UKR")
