"""The arms-race lens on systems small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from detente.architecture.system import Moves, System
from detente.errors import Undefined, UsageError
from detente.lenses import arms_race, find
from detente.lenses.arms_race import ArmsRace

RUNAWAY = [[-0.2, 0.9], [0.9, -0.2]]


def _system(capability: list[float], rivals: list[tuple[int, int]]) -> System:
    n = len(capability)
    rival = np.zeros((n, n))
    for i, j in rivals:
        rival[i, j] = rival[j, i] = 1.0
    codes = tuple("ABCDEFGH"[:n])
    return System(codes, np.zeros((n, n)), rival, np.array(capability), np.full((n, n), np.nan))


def test_lens_is_found_by_its_key():
    """Its published numbers are remembered, so the lens calls itself checked."""
    lens = find("arms_race")

    assert isinstance(lens, ArmsRace)
    assert lens.status == "checked"


def test_two_equal_rivals_feel_a_third_of_the_reaction():
    """X = 1 + (k/a) x/2, so with k = 0.1, a = 0.2 x = 4/3 and the threat is 0.05 x = 1/15."""
    lens = ArmsRace()

    actual = lens.security(_system([1, 1], [(0, 1)]), lens.values())

    assert actual.tolist() == pytest.approx([-1 / 15, -1 / 15])


def test_state_without_rivals_feels_no_threat():
    """A bystander has security zero, whatever it has."""
    lens = ArmsRace()

    actual = lens.security(_system([1, 1, 8], [(0, 1)]), lens.values())

    assert actual[2] == 0.0
    assert actual[0] < 0.0


def test_security_is_minus_the_weighted_armaments_of_rivals():
    """The threat at equilibrium is what the coefficients make of the rivals' armaments."""
    lens = ArmsRace()
    system = _system([4, 3, 2, 1], [(0, 1), (1, 2), (0, 3)])
    values = lens.values({"reaction": 0.15})
    armament = lens.equilibrium(system, values).armament

    expected = -0.15 * system.rivals @ (system.capability / 10 * armament)

    assert lens.security(system, values).tolist() == pytest.approx(expected.tolist())


def test_richardsons_estimates_leave_a_pair_of_great_rivals_undefined():
    """With reaction 0.9 against fatigue 0.2 the race runs away, and the message says around whom.

    Two rivals with equal halves of the capability: 0.9 times one half is above 0.2.
    """
    lens = ArmsRace()
    system = _system([0, 1, 1], [(1, 2), (0, 1)])
    values = lens.values({"reaction": 0.9})

    with pytest.raises(Undefined, match=r"runs away.*0\.9 times 0\.5") as caught:
        lens.security(system, values)

    assert caught.value.state in ("B", "C")
    found = lens.equilibrium(system, values)
    assert not found.stable
    assert found.abscissa == pytest.approx(0.25)


def test_no_capability_at_all_is_refused():
    """Armaments weigh by shares of all capability, which must not be zero."""
    lens = ArmsRace()

    with pytest.raises(Undefined, match="capability"):
        lens.security(_system([0, 0], [(0, 1)]), lens.values())


def test_deltas_leave_out_changes_that_make_the_race_run_away():
    """A rivalry that tips the race has no delta; reconciliation and alliances have theirs."""
    lens = ArmsRace()
    system = _system([1, 1, 1], [(0, 1)])
    values = lens.values({"reaction": 0.5})  # one rivalry: 1/6 < 0.2; two: 0.236 > 0.2
    moves = Moves.build(
        [[(1, 2, 0.0, 1.0)], [(0, 1, 0.0, 0.0)], [(0, 2, 1.0, 0.0)]], [[1, 2], [0, 1], [0, 2]]
    )

    actual = lens.deltas(system, moves, values)

    assert np.isnan(actual[0]).all()
    assert actual[1] == pytest.approx(-lens.security(system, values), rel=1e-12)
    assert actual[2].tolist() == [0.0, 0.0, 0.0]


def test_deltas_of_arms_go_the_plain_way():
    """A changed capability changes the shares, and with them the threat."""
    lens = ArmsRace()
    system = _system([1, 1], [(0, 1)])
    moves = Moves.build([[]], [[0]], [((0, 3.0),)])
    armed = _system([3, 1], [(0, 1)])

    expected = lens.security(armed, lens.values()) - lens.security(system, lens.values())

    assert lens.deltas(system, moves, lens.values())[0].tolist() == expected.tolist()
    assert expected[1] < 0.0 < expected[0]


def test_balanced_coefficients_have_no_equilibrium():
    """Where a b = k l the coefficients are singular, and the error says so."""
    with pytest.raises(Undefined, match="a b = k l"):
        arms_race.two_sides(0.2, 0.2, 0.2, 0.2, 1, 1)


def test_path_ends_in_the_stable_equilibrium():
    """After a long time the race stands where the equilibrium says."""
    a, g = [[-0.5, 0.2], [0.3, -0.4]], [10, 12]

    actual = arms_race.path(a, g, [0, 0], [0, 400])

    assert actual[0].tolist() == [0, 0]
    assert actual[1].tolist() == pytest.approx(arms_race.equilibrium(a, g).armament.tolist())


def test_path_exists_where_the_equilibrium_does_not():
    """With singular coefficients and equal starts the sum grows by the grievances."""
    actual = arms_race.path([[-0.2, 0.2], [0.2, -0.2]], [1, 1], [3, 3], [0, 2, 5])

    assert np.array([[3, 3], [5, 5], [8, 8]]) == pytest.approx(actual)


def test_floor_keeps_disarmament_at_zero():
    """With goodwill on both sides both disarm; the linear model would go below zero."""
    times = [0, 1, 2, 9]

    free = arms_race.path(RUNAWAY, [-5, -5], [1, 5], times)
    held = arms_race.path(RUNAWAY, [-5, -5], [1, 5], times, floor=True)

    assert free[-1].max() < 0.0
    assert held.min() == 0.0
    assert held[1:].tolist() == [[0, 0], [0, 0], [0, 0]]


def test_state_at_the_floor_arms_again_when_it_is_threatened():
    """X waits at zero until 0.5 y exceeds its goodwill of 1, y = 5 (1 - exp(-t)): at ln(5/3)."""
    a, g = [[-1.0, 0.5], [0.0, -1.0]], [-1, 5]
    wait = np.log(5 / 3)
    later = wait + np.array([0.5, 1.0, 2.0])

    actual = arms_race.path(a, g, [0, 0], [0.0, 0.4, wait, *later], floor=True)

    assert actual[:3, 0].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    expected = arms_race.path(a, g, [0, 2], later - wait)
    assert expected == pytest.approx(actual[3:], rel=1e-7)


@pytest.mark.parametrize(
    ("start", "times", "floor", "complaint"),
    [
        ([1], [0], False, "do not fit"),
        ([1, 1], [2, 1], False, "ascending"),
        ([1, 1], [-1, 1], False, "none negative"),
        ([1, -1], [0, 1], True, "below zero"),
    ],
)
def test_paths_that_cannot_be_followed_are_refused(start, times, floor, complaint):
    """A start for every state, and times that ascend from zero."""
    with pytest.raises(UsageError, match=complaint):
        arms_race.path(RUNAWAY, [1, 1], start, times, floor=floor)


@pytest.mark.parametrize(
    ("coefficients", "grievance", "complaint"),
    [
        ([[-1.0]], [1, 1], "do not fit"),
        (np.zeros((0, 0)), [], "do not fit"),
        ([[np.inf]], [1], "finite"),
    ],
)
def test_arrays_that_make_no_race_are_refused(coefficients, grievance, complaint):
    """Coefficients and grievances must fit and be finite."""
    with pytest.raises(UsageError, match=complaint):
        arms_race.equilibrium(coefficients, grievance)


@pytest.mark.parametrize("totals", [[1, 2], [1, 2, np.nan], [[1, 2, 3]]])
def test_fit_needs_three_totals(totals):
    """Two totals give one increase, through which no line can be drawn."""
    with pytest.raises(UsageError, match="three"):
        arms_race.richardson_fit(totals)


@pytest.mark.parametrize(
    ("totals", "complaint"),
    [
        ([5, 5, 5], "same amount"),
        ([1, 2, 3, 4], "same amount"),
        ([0, 1, 3, 4], "do not depend"),
    ],
)
def test_fit_without_a_slope_is_undefined(totals, complaint):
    """Equal increases, or increases that do not follow the total, meet no zero."""
    with pytest.raises(Undefined, match=complaint):
        arms_race.richardson_fit(totals)


def test_path_that_never_settles_is_given_up(monkeypatch):
    """A path with more returns to zero than allowed is refused instead of running on."""
    monkeypatch.setattr(arms_race.race, "MOST_EVENTS", 1)

    with pytest.raises(Undefined, match="without end"):
        arms_race.path(RUNAWAY, [-5, -5], [1, 5], [0, 9], floor=True)


def test_floor_allows_asking_for_the_start_only():
    """At time zero the armaments are those of the start."""
    assert arms_race.path(RUNAWAY, [1, 1], [2, 0], [0.0], floor=True).tolist() == [[2.0, 0.0]]
