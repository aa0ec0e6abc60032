"""Committor, interventions, points of no return and rare events."""

from __future__ import annotations

import numpy as np
import pytest
from small import ALONE, PAIR, generator
from theory import exact

import detente as dt
from detente.crisis.kernel.replay import state_after
from detente.crisis.model.acts import (
    ceasefire,
    guarantee,
    hotline,
    parse_intervention,
    restrain,
    retaliate,
    stop_supply,
)
from detente.crisis.model.escalation import build
from detente.crisis.questions.committor import committor
from detente.crisis.questions.intervene import intervene
from detente.crisis.questions.no_return import no_return
from detente.crisis.questions.rare import estimate, rare
from detente.crisis.run.ensemble import Ensemble, endings
from detente.errors import UsageError
from detente.testing import build as architecture


def test_the_committor_of_one_dyad_is_that_of_the_linear_system():
    """From every rung of a single dyad, war before calm is as often as the chain says."""
    up = {"rise.4": 0.3, "rise.3": 0.6, **ALONE}
    found = committor(
        PAIR, dyads=["AAA-BBB"], start={"AAA-BBB": 3}, parameters=up, replicas=100_000,
        map_replicas=20_000, days=30_000,
    ).data  # fmt: skip
    q = exact.committor(generator(build(PAIR, up)), [0, 1], [5])

    assert pytest.approx(q[3], abs=4 * float(found["committor_error"])) == float(found["committor"])
    error = np.sqrt(q[:5] * (1 - q[:5]) / 20_000)
    assert (np.abs(found["map"].values - q[:5]) <= 4.5 * error).all()
    assert 0.0 == float(found["undecided"])


def test_a_crisis_must_be_named_where_none_stands_out():
    """At peace everywhere there is no crisis to ask about."""
    with pytest.raises(UsageError, match="between peace and war"):
        committor(PAIR)


def test_an_act_that_does_nothing_changes_no_replica():
    """By common random numbers an act without effect has a difference of exactly nothing."""
    found = intervene(PAIR, ["AAA stops supplying BBB"], start={"AAA-BBB": 3}, replicas=2000).data

    assert (0.0, 0.0, 0.0) == (
        float(found["difference"][0]),
        float(found["difference_error"][0]),
        float(found["changed"][0]),
    )


def test_common_chance_makes_differences_sharper():
    """The error of a difference is smaller than that of two independent runs."""
    found = intervene(
        PAIR, ["hotline AAA-BBB"], start={"AAA-BBB": 4}, replicas=20_000, days=1000
    ).data
    apart = (float(found["war_error"][0]) ** 2 + float(found["nothing_error"]) ** 2) ** 0.5

    assert float(found["difference_error"][0]) < 0.8 * apart
    assert float(found["difference"][0]) < 0


def test_the_difference_of_a_ceasefire_is_the_exact_one():
    """For one dyad the effect of a ceasefire is that of two Markov chains."""
    before = build(PAIR, ALONE, start={"AAA-BBB": 4})
    after = ceasefire("AAA", "BBB").act(before)
    p, q = (
        exact.passage_probability(generator(x), [5], 365.0)[k] for x, k in ((before, 4), (after, 3))
    )
    found = intervene(
        PAIR, [ceasefire("AAA", "BBB")], start={"AAA-BBB": 4}, parameters=ALONE, replicas=200_000
    ).data

    assert pytest.approx(q - p, abs=4 * float(found["difference_error"][0])) == float(
        found["difference"][0]
    )


def test_acts_are_ranked_the_most_helpful_first():
    """Restraint comes before nothing much, and retaliation last."""
    found = intervene(
        PAIR,
        [retaliate("AAA", "BBB"), hotline("AAA", "BBB"), restrain("AAA")],
        start={"AAA-BBB": 3},
        replicas=20_000,
        days=1000,
    ).data

    assert "AAA retaliates against BBB" == str(found["act"].values[-1])
    assert "AAA shows restraint" == str(found["act"].values[0])
    assert (np.diff(found["difference"].values) >= 0).all()


@pytest.mark.parametrize(
    "act",
    [
        hotline("RUS", "USA"),
        ceasefire("RUS", "UKR"),
        ceasefire("RUS", "UKR", separation=True),
        stop_supply("USA", "UKR"),
        retaliate("RUS", "USA"),
        restrain("RUS"),
    ],
)
def test_an_act_is_read_back_from_its_sentence(act):
    """Every act is written in a sentence that is read back as the same act."""
    assert act == parse_intervention(str(act))


def test_a_guarantee_and_any_change_are_acts():
    """A guarantee is a change of the architecture, and so is joining."""
    assert guarantee("USA", "UKR") == parse_intervention("USA guarantees UKR")
    assert "UKR joins NATO" == str(parse_intervention("UKR joins NATO"))


def test_a_sentence_that_is_no_act_is_refused():
    """The refusal says how acts are written."""
    with pytest.raises(UsageError, match="hotline AAA-BBB"):
        parse_intervention("make peace somehow")


def test_a_supplier_that_stops_is_no_longer_held_to_be_a_party():
    """Incidents between RUS and UKR heat RUS-USA less once the USA has stopped."""
    g = dt.load("eurasia-2024")
    with_it, without = build(g), build(g, stopped=[("USA", "UKR")])

    def heat(model):
        d, e = model.position("RUS-UKR"), model.position("RUS-USA")
        return model.offspring.get((d, e), 0.0)

    assert heat(with_it) > 0
    assert 0.0 == heat(without)


def test_a_path_taken_up_again_goes_on_as_before():
    """From a state in the middle of a path the rest of the horizon is as likely as it was."""
    g = architecture(
        {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0}, rivals=[("AAA", "BBB", 3)], allies=[("BBB", "CCC")]
    )
    values = {"excitation.own": 0.6, "rate.rivalry": 6.0, "rise.4": 0.2}
    e = Ensemble.of(build(g, values, start={"AAA-BBB": 3}), 400.0, 1)
    log, _, _ = e.trace(0)
    state, now = state_after(log, len(log.time), e.rules, e.start)

    assert pytest.approx(log.time[-1]) == now
    rung = e.start.rung.copy()
    for d, code in zip(log.dyad, log.code, strict=True):
        x = e.rules.entry[d] if code >> 3 == 3 else d
        rung[x] = code & 7
    np.testing.assert_array_equal(rung, state.rung)
    plain = 0.0
    for t, code in zip(log.time, log.code, strict=True):
        if code >> 3 <= 1:
            plain += 0.6 * np.exp(-(now - t) / 30.0)
    assert pytest.approx(plain, rel=1e-9) == state.excitation[0]


def test_splitting_meets_an_exact_tail():
    """A war of probability about 1e-8 is found within its error."""
    values = {**ALONE, "rate.rivalry": 0.15, "rise.4": 0.005, "rise.2": 0.1, "rise.3": 0.05}
    model = build(PAIR, values, start={"AAA-BBB": 1})
    true = float(exact.passage_probability(generator(model), [5], 365.0)[1])
    found = rare(PAIR, ["AAA-BBB"], parameters=values, paths=800, repetitions=20).data
    mean, error = float(found["probability"]), float(found["probability_error"])

    assert 1e-9 < true < 1e-7
    assert pytest.approx(true, abs=4 * error) == mean
    assert error < 0.5 * true


def test_splitting_agrees_with_plain_simulation_where_both_work():
    """With excitation, mood and allies the two ways give the same probability."""
    g = architecture(
        {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0}, rivals=[("AAA", "BBB", 3)], allies=[("BBB", "CCC")]
    )
    values = {"rate.rivalry": 2.0, "mood.gain": 0.2}
    e = Ensemble.of(build(g, values), 365.0, 3)
    from detente.crisis.model.model_arrays import WAR_CAME
    from detente.crisis.questions.committor import watching

    watch = watching(e.model, [e.model.position("AAA-BBB")])
    how, _ = endings(e, watch, 100_000)
    p = (how == WAR_CAME).mean()
    found = estimate(e, watch, 300, 30)
    error = (found.var(ddof=1) / 30 + p * (1 - p) / 100_000) ** 0.5

    assert pytest.approx(p, abs=4 * error) == found.mean()


def test_there_is_no_return_where_no_act_helps():
    """With an act that does nothing and war all but certain, the start is the point."""
    values = {**ALONE, "rise.4": 1.0, "rise.3": 1.0, "rise.2": 1.0, "rate.rivalry": 20.0}
    found = no_return(
        PAIR, ["AAA stops supplying BBB"], start={"AAA-BBB": 3}, parameters=values, paths=3,
        replicas=200,
    ).data  # fmt: skip

    assert [0.0] * 3 == found["day"].values.tolist()
    assert [3] * 3 == found["rung"].values.tolist()


def test_there_is_a_return_where_an_act_helps():
    """Where restraint takes away every rise, no path has a point of no return."""
    values = {**ALONE, "rise.4": 0.5, "restraint": 0.0, "rate.rivalry": 5.0}
    found = no_return(
        PAIR, [restrain("AAA")], start={"AAA-BBB": 3}, parameters=values, paths=3, replicas=200
    ).data

    assert np.isnan(found["day"].values).all()
    assert [-1] * 3 == found["rung"].values.tolist()


def test_answers_do_not_depend_on_threads():
    """One thread or three: the same ends."""
    e = Ensemble.of(build(PAIR, start={"AAA-BBB": 4}), 500.0, 1)
    from detente.crisis.questions.committor import watching

    watch = watching(e.model, [0], calm=1)
    one, three = (endings(e, watch, 3000, threads=k) for k in (1, 3))

    np.testing.assert_array_equal(one[0], three[0])
    np.testing.assert_array_equal(one[1], three[1])


@pytest.mark.parametrize(
    ("chance", "pairs", "words"),
    [
        (0.034, 1, "far from one half: in the model calm comes first"),
        (0.52, 1, "a small act can decide"),
        (0.97, 1, "far from one half: in the model war comes first"),
        (0.5, 14, "of whichever of 14 pairs"),
        (float("nan"), 1, "not known"),
    ],
)
def test_a_small_act_decides_only_near_one_half(chance, pairs, words):
    """A turning point is one pair's, at one half or near it; nothing else is called so."""
    from detente.crisis.questions.committor import turning

    assert words in turning(chance, pairs)
    assert ("can decide" in turning(chance, pairs)) == (pairs == 1 and abs(chance - 0.5) <= 0.1)
