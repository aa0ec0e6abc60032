"""Group decisions: elections, challenges, rounds, and when they have no answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detente.errors import Undefined, UnknownName, UsageError
from detente.settlement import condorcet, group_decision, spatial
from detente.settlement.groups import spatial_kernel as kernel
from detente.settlement.groups import spatial_plain as plain
from detente.settlement.groups.condorcet_model import OUTCOMES, VOTES
from detente.settlement.groups.group_model import weighted_median
from detente.settlement.groups.spatial_model import ADJUSTMENTS, COMMITMENTS, RISKS

EMISSION = (
    (4, 7, 4, 4, 10, 10, 10, 7, 4, 7),
    (0.8, 0.4, 0.2, 0.8, 0.6, 0.6, 0.9, 0.1, 1.0, 0.7),
    (0.08, 0.08, 0.03, 0.16, 0.16, 0.16, 0.16, 0.05, 0.05, 0.08),
)


def actors(seed: int, n: int = 6, depth: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return random positions, saliences and influence."""
    rng = np.random.default_rng(seed)
    salience = rng.random((n, depth)) + 0.05
    salience /= salience.sum(axis=1, keepdims=True) * rng.uniform(1, 2, (n, 1))
    return rng.random((n, depth)).round(2), salience, rng.random(n) + 0.1


@given(st.integers(0, 10_000), st.sampled_from(VOTES), st.sampled_from(OUTCOMES))
@example(437, "proportional", "conditional")
@settings(max_examples=40, deadline=None)
def test_probabilities_of_an_election_sum_to_one_and_permute(seed, vote, outcome):
    """The order in which options come changes nothing but the order of the answer."""
    position, salience, influence = actors(seed)
    order = np.random.default_rng(seed + 1).permutation(len(position))

    straight = condorcet(position, salience, influence, vote=vote, outcome=outcome)
    shuffled = condorcet(
        position[order], salience[order], influence[order], vote=vote, outcome=outcome
    )

    assert straight.probability.sum() == pytest.approx(1)
    # Two actors may stand at one position, which is one option: options are told by position.
    by_option, expected = (
        dict(zip((str(x) for x in election.options), election.probability.tolist(), strict=True))
        for election in (straight, shuffled)
    )
    assert expected == pytest.approx(by_option, abs=1e-9)


def test_two_options_win_with_their_pairwise_probability():
    """Between two options the conditional outcome is the victory itself."""
    election = condorcet((0.2, 0.7, 0.7), (1, 1, 1), (2, 1, 4))

    assert election.options.tolist() == [0.2, 0.7]
    assert election.probability == pytest.approx(
        [election.victory[0, 1], election.victory[1, 0]], abs=1e-12
    )


def test_a_steep_election_picks_the_condorcet_winner():
    """As victories become certain, the option that beats all others gets everything."""
    election = condorcet((0.2, 0.5, 0.9), (1, 1, 1), (8, 3, 7.2), power=64)

    assert election.probability[1] == pytest.approx(1, abs=1e-6)


def test_years_are_read_as_shares_of_the_greatest_distance():
    """The unit of positions does not matter, with risk either."""
    years = condorcet((4, 7, 10), (1, 1, 1), (3, 2, 4), risk=(0.5, -0.2, 0.1))
    shares = condorcet((0, 0.5, 1), (1, 1, 1), (3, 2, 4), risk=(0.5, -0.2, 0.1))

    assert years.probability == pytest.approx(shares.probability, abs=1e-12)
    alike = condorcet((0, 0.5, 1), (1, 1, 1), (3, 2, 4), risk=0.3)
    assert alike.probability == pytest.approx(
        condorcet((0, 0.5, 1), (1, 1, 1), (3, 2, 4), risk=(0.3, 0.3, 0.3)).probability
    )


@given(
    st.integers(0, 10_000),
    st.sampled_from(RISKS),
    st.sampled_from(tuple(ADJUSTMENTS)),
    st.sampled_from(COMMITMENTS),
)
@settings(max_examples=25, deadline=None)
def test_the_compiled_turn_is_the_plain_one(seed, risk_range, adjust, commitment):
    """Kernel and twin take the same bargains in every turn."""
    position, salience, influence = actors(seed, n=5 + seed % 4, depth=1 + seed % 3)
    own, other = ADJUSTMENTS[adjust]
    risk = np.random.default_rng(seed).uniform(-0.5, 1, len(position))
    given = (position, salience, 100 * influence, risk, own, other, COMMITMENTS.index(commitment))

    fast, slow = kernel.play_turn(*given), plain.play_turn(*given)

    assert slow[0] == pytest.approx(fast[0], abs=1e-9)
    assert slow[1] == pytest.approx(fast[1], abs=1e-9)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_scaling_influence_changes_nothing_and_nobody_leaves_the_box(seed):
    """Influence has no unit, and no bargain leads beyond where somebody stands."""
    position, salience, influence = actors(seed)

    run = spatial(position, salience, influence, turns=10)
    scaled = spatial(position, salience, 37 * influence, turns=10)

    assert run.position == pytest.approx(scaled.position, abs=1e-12)
    assert (run.position >= position.min(axis=0) - 5e-5).all()
    assert (run.position <= position.max(axis=0) + 5e-5).all()


def test_all_at_one_point_is_refused():
    """Where nothing is in dispute the risks are 0/0, in both models."""
    with pytest.raises(Undefined, match="0/0"):
        spatial((0.5, 0.5, 0.5), (1, 1, 1), (1, 2, 3))
    with pytest.raises(Undefined, match="one point"):
        group_decision((5, 5, 5), (1, 1, 1), (1, 2, 3))


def test_an_actor_who_cares_about_nothing_is_named():
    """A refusal says which actor it is."""
    with pytest.raises(Undefined, match="actor 1") as caught:
        spatial((0.1, 0.5, 0.9), (1, 0, 1), (1, 2, 3))
    assert caught.value.state == "1"
    with pytest.raises(Undefined, match="salience of actor 2"):
        group_decision((1, 5, 9), (1, 0.5, 0), (1, 2, 3))


def test_arguments_that_make_no_sense_are_refused():
    """Words that are not there and numbers beyond their bounds are named."""
    with pytest.raises(UnknownName, match=r"variant 'shcolz'.*scholz"):
        group_decision(*EMISSION, variant="shcolz")
    with pytest.raises(UsageError, match=r"position.*0 to 1"):
        spatial((1, 5), (1, 1), (1, 1))
    with pytest.raises(UsageError, match="actor 0 sum to more than 1"):
        spatial(((0.1, 0.2), (0.5, 0.4)), ((0.9, 0.4), (0.5, 0.5)), (1, 1))
    with pytest.raises(UsageError, match="influence must have 3"):
        condorcet((0.1, 0.2, 0.3), (1, 1, 1), (1, 1))


def test_zero_salience_does_not_drop_out_of_an_election():
    """Removing an actor without influence changes the outcome: its position stays an option."""
    with_it = condorcet((0.2, 0.5, 0.9), (1, 1, 1), (8, 0, 7.2))
    without = condorcet((0.2, 0.9), (1, 1), (8, 7.2))

    assert len(with_it.options) == 3
    assert with_it.probability[1] > 0.1
    assert without.probability.sum() == pytest.approx(1)


def test_the_weighted_median_takes_the_lower_of_equals():
    """Half the weight on either side: every point between is a median, and the lower counts."""
    assert weighted_median(np.array([3.0, 1.0]), np.array([1.0, 1.0])) == 1.0


def test_rounds_count_from_the_start():
    """Index 0 is the start, and every round has a row."""
    run = group_decision(*EMISSION, rounds=3)

    assert run.position.shape == (4, 10)
    assert run.position[0].tolist() == list(EMISSION[0])
    assert run.median.shape == run.mean.shape == (4,)
    assert spatial((0, 0.4, 1), (1, 1, 1), (3, 2, 1), turns=0).position.shape == (1, 3)
