"""Properties that hold of any case: units, labels, winners, silence, guarantees, counter-moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detente.errors import Undefined
from detente.reproduce.settlement import ELMIRA_MOVES, ELMIRA_ORDER, L1
from detente.reproduce.tables import column, rows
from detente.settlement import (
    condorcet,
    egalitarian,
    group_decision,
    kalai_smorodinsky,
    nash,
    power,
    spatial,
    stability,
    utility,
)
from detente.settlement.bargains.frontier import polygon
from detente.settlement.consent.graph_model import reachable
from detente.settlement.questions.acceptance import gains_kernel, gains_plain

SEEDS = st.integers(0, 10_000)
SOLUTIONS = (nash, kalai_smorodinsky, egalitarian)


def bounds(rng, offers, parties, issues):
    """Return offers half of whose issues are silent, ideals, cares, a status quo; no ranges."""
    said = rng.random((offers, issues))
    said[rng.random((offers, issues)) < 0.5] = np.nan
    ideal, cares = rng.random((parties, issues)), rng.random((parties, issues)) + 0.05
    quo, fighting, mood = rng.random(issues), rng.random(parties), np.zeros(parties)
    return gains_plain.Bounds(
        said, said, ideal, ideal, cares, cares, quo, quo, fighting, fighting, mood, mood
    )


def gains(fixed):
    """Return the gains (reading, offer, party) of an offer table without ranges."""
    draw = np.zeros((1, gains_plain.uniforms(fixed, 1, [1]).shape[1]))
    return gains_kernel.gains(fixed, draw, np.array([0, 1])).gain[:, 0]


@given(seed=SEEDS, scale=st.floats(0.2, 5), zero=st.floats(-3, 3))
@settings(max_examples=15, deadline=None)
def test_nash_sees_neither_scale_nor_zero_of_a_utility(seed, scale, zero):
    """Utilities a u + b with a disagreement a d + b are divided at the same point."""
    d = np.random.default_rng(seed).uniform(0, 0.4, 2)

    plain = nash((lambda x: x**0.5, lambda x: x), d)
    other = nash((lambda x: scale * x**0.5 + zero, lambda x: x), (scale * d[0] + zero, d[1]))

    assert plain.x == pytest.approx(other.x, abs=1e-6)


@pytest.mark.parametrize("solve", SOLUTIONS)
@given(seed=SEEDS)
@settings(max_examples=3, deadline=None)
def test_many_parties_and_issues_have_no_order(solve, seed):
    """Three parties and four issues in another order get the same, in that order."""
    rng = np.random.default_rng(seed)
    ideal, salience, d = rng.random((3, 4)), rng.random((3, 4)) + 0.05, rng.uniform(0, 0.2, 3)
    who, what = rng.permutation(3), rng.permutation(4)

    straight = solve(utility(ideal, salience, 2), d).u
    turned = solve(utility(ideal[who][:, what], salience[who][:, what], 2), d[who]).u

    assert straight[who] == pytest.approx(turned, abs=1e-6)


@pytest.mark.parametrize("solve", SOLUTIONS)
@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_parties_that_differ_only_in_name_are_treated_alike(solve, seed):
    """Where each gains by an issue what the other gains by its twin, both get the same."""
    rng = np.random.default_rng(seed)
    half, other = rng.random(3), rng.random(3)
    sides = np.append(half, other), np.append(other, half)

    solution = solve((sides[0] / sides[0].sum(), sides[1] / sides[1].sum()), (0.1, 0.1))

    assert solution.u[0] == pytest.approx(solution.u[1], abs=1e-9)


def test_the_frontier_has_the_corners_of_the_example():
    """Three issues, handed over in falling order of gain over loss."""
    assert polygon(L1[0]).corners == pytest.approx(
        np.array([(0, 1), (0.5, 0.8), (0.8, 0.5), (1, 0)]), abs=1e-12
    )


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_least_status_quo_and_most_stand_in_that_order(seed):
    """What fills a silence lies between the ends of an open one; without silence they meet."""
    fixed = bounds(np.random.default_rng(seed), 3, 4, 5)
    stated, kept, low, high = gains(fixed)

    assert (low <= kept + 1e-6).all()
    assert (kept <= high + 1e-6).all()
    whole = ~np.isnan(fixed.position_low).any(axis=1)
    assert stated[whole] == pytest.approx(low[whole], abs=1e-6)
    assert low[whole] == pytest.approx(high[whole], abs=1e-6)


@given(seed=SEEDS, step=st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_a_step_towards_a_party_never_turns_its_yes_into_a_no(seed, step):
    """On any issue of which the offer speaks, in every reading of its silence."""
    rng = np.random.default_rng(seed)
    fixed = bounds(rng, 1, 3, 4)
    spoken = np.flatnonzero(~np.isnan(fixed.position_low[0]))
    assume(len(spoken))
    party, issue = rng.integers(3), rng.choice(spoken)
    moved = fixed.position_low.copy()
    moved[0, issue] += step * (fixed.ideal_low[party, issue] - moved[0, issue])

    before = gains(fixed)[:, 0, party]
    after = gains(fixed._replace(position_low=moved, position_high=moved))[:, 0, party]

    assert (after >= before - 1e-6).all()


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_only_the_order_of_states_enters_the_graph_model(seed):
    """Utilities and an increasing function of them rank the states alike, ties among them."""
    rng = np.random.default_rng(seed)
    moves = [{(a, b) for a in range(5) for b in range(5) if a != b and rng.random() < 0.3}
             for _ in range(3)]  # fmt: skip
    worth = rng.integers(-2, 3, (3, 5))

    def ranked(values):
        return [
            [np.flatnonzero(row == level).tolist() for level in np.unique(row)[::-1]]
            for row in values
        ]

    plain, stretched = stability(moves, ranked(worth)), stability(moves, ranked(worth**3 + 7))
    opened = [[level[0] if len(level) == 1 else level for level in row] for row in ranked(worth)]
    single = stability(moves, opened)

    for concept, table in plain.items():
        assert table.tolist() == stretched[concept].tolist() == single[concept].tolist()


def test_two_parties_together_leave_a_state_that_neither_leaves_alone():
    """Elmira: ministry and plant can and would go from state 5 to 8; each by itself does not."""
    order = [[s - 1 for s in row] for row in ELMIRA_ORDER]

    assert 7 in reachable(4, [0, 1], ELMIRA_MOVES, order)
    for party in (0, 1):
        assert order[party].index(7) < order[party].index(4)
        assert 7 not in reachable(4, [party], ELMIRA_MOVES, order)


@given(
    weights=st.lists(st.integers(0, 6), min_size=2, max_size=6),
    part=st.floats(0.1, 1.0),
    index=st.sampled_from(("shapley", "banzhaf")),
)
@settings(max_examples=40, deadline=None)
def test_equal_players_have_equal_power_and_veto_players_the_most(weights, part, index):
    """The sum is 1, and whoever no winning coalition can do without has the maximum."""
    total = sum(weights)
    assume(total)
    quota = max(1, round(part * total))

    of_each = power(weights, quota, index=index)

    assert of_each.sum() == pytest.approx(1)
    for weight in set(weights):
        alike = of_each[np.array(weights) == weight]
        assert alike == pytest.approx(np.full(len(alike), alike[0]), abs=1e-12)
    for player, weight in enumerate(weights):
        if total - weight < quota:
            assert of_each[player] == pytest.approx(of_each.max(), abs=1e-12)


@given(seed=SEEDS, outcome=st.sampled_from(("conditional", "markov")))
@settings(max_examples=20, deadline=None)
def test_the_surer_the_victories_the_surer_the_condorcet_winner(seed, outcome):
    """Of two options each wins with its chance; of more, the one that beats all, if it must."""
    rng = np.random.default_rng(seed)
    position, influence = rng.random(5), rng.random(5) + 0.1
    pair = condorcet(position[:2], (1, 1), influence[:2])
    assert pair.probability == pytest.approx([pair.victory[0, 1], pair.victory[1, 0]], abs=1e-9)

    plain = condorcet(position, np.ones(5), influence, outcome=outcome).victory
    beats = plain > 0.6
    np.fill_diagonal(beats, val=True)
    assume(beats.all(axis=1).any())

    steep = condorcet(position, np.ones(5), influence, outcome=outcome, power=64)

    assert steep.probability[beats.all(axis=1)] == pytest.approx(1, abs=1e-3)


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_chances_of_a_challenge_have_no_unit_of_influence(seed):
    """Scaling the influence of all leaves every chance and every choice as it is."""
    rng = np.random.default_rng(seed)
    position, influence = rng.random(5), rng.random(5) + 0.1

    run, scaled = (spatial(position, np.ones(5), k * influence, turns=3) for k in (1, 37))

    assert run.probability == pytest.approx(scaled.probability, abs=1e-9)
    for ours, theirs in zip(run.bargains, scaled.bargains, strict=True):
        assert [b[1:3] for b in ours] == [b[1:3] for b in theirs]
        assert [b.probability for b in ours] == pytest.approx(
            [b.probability for b in theirs], abs=1e-9
        )


def test_positions_that_are_all_equally_probable_are_refused():
    """Two actors alike in all but where they stand: the risks are 0/0."""
    with pytest.raises(Undefined, match="equally probable"):
        spatial((0.2, 0.8), (1, 1), (1, 1))


def test_median_and_mean_stand_beside_every_model_of_groups():
    """The plain answers on the emission case are one and the same, whoever gives them."""
    table = "emission_standards_1994"
    years, salience, weight = (
        column(table, name) for name in ("position_years", "salience", "capability")
    )
    election = condorcet(years, salience, weight)
    rounds = group_decision(years, salience, weight, rounds=1)
    run = spatial((years - 4) / 6, salience, weight, turns=1)

    assert election.median == rounds.median[0] == 4 + 6 * run.median[0] == 7
    assert election.mean == pytest.approx(rounds.mean[0])
    assert election.mean == pytest.approx(4 + 6 * run.mean[0])
    two = condorcet(np.column_stack([years, 2 * years]), np.column_stack([salience] * 2), weight)
    assert two.mean == pytest.approx([election.mean, 2 * election.mean])


def test_the_first_round_moves_whom_the_source_says():
    """Belgium meets France, Luxembourg gives in to Belgium, Ireland to Luxembourg; no more."""
    table = "emission_standards_1994"
    years = column(table, "position_years")
    run = group_decision(years, column(table, "salience"), column(table, "capability"), rounds=1)
    names = [row["actor"] for row in rows(table)]
    moved = {names[k]: run.position[1, k] for k in np.flatnonzero(run.position[1] != years)}

    expected = {"Belgium": 8.415932, "Luxembourg": 7, "Ireland": 4}
    assert expected == pytest.approx(moved, abs=1e-6)


def test_the_reference_run_stops_where_it_did():
    """After turn 10 the movement is 0.0045 of the first turn's, and positions read in percent."""
    table = "ktab_reference_run_1"
    position, salience = (
        np.column_stack([column(table, f"{what}_{k}") for k in (1, 2, 3)]) / 100
        for what in ("position", "salience")
    )
    run = spatial(position, salience, column(table, "influence"))
    moves = np.linalg.norm(np.diff(run.position, axis=0), axis=2).sum(axis=1)

    assert run.stopped == "still"
    assert moves[-1] / (moves[0] + 1e-4) == pytest.approx(0.0045, abs=0.00005)
