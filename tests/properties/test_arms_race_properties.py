"""What holds of every arms race: signs, symmetry, and two ways to the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detente.architecture.system import Moves, System
from detente.errors import Undefined
from detente.lenses import arms_race
from detente.lenses.arms_race import ArmsRace
from detente.lenses.protocol import Lens

KINDS = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
REACTIONS = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.5, 0.9])


def _rates(low, high):
    return st.floats(low, high, allow_subnormal=False).map(lambda v: round(v, 6))


@st.composite
def _stable_races(draw):
    n = draw(st.integers(1, 5))
    a = draw(arrays(float, (n, n), elements=_rates(0, 1)))
    np.fill_diagonal(a, 0.0)
    slack = draw(arrays(float, n, elements=_rates(0.05, 1)))
    np.fill_diagonal(a, -(a.sum(axis=1) + slack))  # a_i above the sum of k_ij is enough
    return a, draw(arrays(float, n, elements=_rates(0, 10)))


@st.composite
def _systems(draw):
    n = draw(st.integers(2, 8))
    rival = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            rival[i, j] = rival[j, i] = draw(st.sampled_from([0.0, 1.0]))
    weights = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    weights[0] = max(weights[0], 1)
    codes = tuple(f"S{i}" for i in range(n))
    shape = np.zeros((n, n))
    return System(codes, shape, rival, np.array(weights, float), np.full((n, n), np.nan))


@given(race=_stable_races())
@settings(deadline=None)
def test_enough_fatigue_gives_a_stable_race_without_negative_arms(race):
    """If every fatigue exceeds the sum of a state's reactions, x* is stable and not negative."""
    a, g = race

    found = arms_race.equilibrium(a, g)

    assert found.stable
    assert found.abscissa < 0.0
    assert found.armament.min() >= -1e-9
    assert a @ found.armament == pytest.approx(-g, abs=1e-8)


@given(race=_stable_races(), data=st.data())
@settings(deadline=None)
def test_path_goes_on_from_where_it_is(race, data):
    """Three years and then four lead where seven lead, and an equilibrium stays."""
    a, g = race
    start = np.array(data.draw(st.lists(_rates(0, 10), min_size=len(g), max_size=len(g))))

    (middle,) = arms_race.path(a, g, start, [3.0])

    assert arms_race.path(a, g, middle, [4.0]) == pytest.approx(
        arms_race.path(a, g, start, [7.0]), rel=1e-8, abs=1e-8
    )
    rest = arms_race.equilibrium(a, g).armament
    assert arms_race.path(a, g, rest, [7.0])[0] == pytest.approx(rest, rel=1e-8, abs=1e-8)


@given(race=_stable_races())
@settings(max_examples=20, deadline=None)
def test_floor_changes_nothing_where_arms_stay_positive(race):
    """Without negative grievance nobody falls to zero, and both ways of integrating agree."""
    a, g = race
    start, times = np.ones(len(g)), [0.5, 2.0]

    expected = arms_race.path(a, g, start, times)

    assert expected == pytest.approx(
        arms_race.path(a, g, start, times, floor=True), rel=1e-7, abs=1e-7
    )


@given(k=_rates(0.01, 1), l=_rates(0.01, 1), a=_rates(0.01, 1), b=_rates(0.01, 1), g=_rates(-5, 5))
@settings(deadline=None)
def test_two_sides_follow_the_printed_formulas(k, l, a, b, g):  # noqa: E741  (Richardson's letter)
    """Equilibrium, eigenvalues and stability of two sides in closed form."""
    gap = a * b - k * l
    assume(abs(gap) >= 1e-4)
    root = np.sqrt((a - b) ** 2 + 4 * k * l)

    found = arms_race.two_sides(k, l, a, b, g, 2.0)

    expected = [(b * g + k * 2.0) / gap, (l * g + a * 2.0) / gap]
    assert expected == pytest.approx(found.armament.tolist(), rel=1e-8, abs=1e-8)
    assert [(root - a - b) / 2, (-root - a - b) / 2] == pytest.approx(
        found.eigenvalues.tolist(), rel=1e-8, abs=1e-10
    )
    assert found.stable == (gap > 0)


@given(
    slope=_rates(0.05, 1.5), zero=_rates(50, 200), start=_rates(210, 300), years=st.integers(3, 8)
)
@settings(deadline=None)
def test_fit_finds_the_line_that_made_the_totals(slope, zero, start, years):
    """Totals that grow exactly by a line give back its slope, its zero and a share of one."""
    totals = [start]
    for _ in range(years):  # increase = slope (mid - zero), mid = total + increase / 2
        totals.append(totals[-1] + slope * (totals[-1] - zero) / (1 - slope / 2))

    fit = arms_race.richardson_fit(totals)

    assert fit.slope == pytest.approx(slope, rel=1e-6)
    assert fit.zero == pytest.approx(zero, rel=1e-6)
    assert fit.r_squared == pytest.approx(1.0, abs=1e-9)


@given(system=_systems(), reaction=REACTIONS)
@settings(deadline=None)
def test_security_exists_exactly_where_the_race_is_stable(system, reaction):
    """The lens refuses the runaways, and elsewhere reads the threat off the equilibrium."""
    lens = ArmsRace()
    values = lens.values({"reaction": reaction})
    share = system.capability / system.capability.sum()
    a = reaction * system.rivals * share - 0.2 * np.eye(system.size)
    abscissa = np.linalg.eigvals(a).real.max()
    assume(abs(abscissa) >= 1e-9)
    if abscissa > 0.0:
        with pytest.raises(Undefined, match="runs away"):
            lens.security(system, values)
        return

    expected = -reaction * system.rivals @ (share * lens.equilibrium(system, values).armament)

    assert expected == pytest.approx(lens.security(system, values), rel=1e-9, abs=1e-12)


@given(system=_systems(), reaction=st.sampled_from([0.05, 0.1, 0.2]))
@settings(deadline=None)
def test_declared_range_of_reaction_always_has_an_answer(system, reaction):
    """Reaction up to fatigue never runs away, whatever the rivalries."""
    lens = ArmsRace()

    actual = lens.security(system, lens.values({"reaction": reaction}))

    assert np.isfinite(actual).all()
    assert (actual <= 0.0).all()


@given(system=_systems(), data=st.data())
@settings(deadline=None)
def test_order_of_the_states_does_not_matter(system, data):
    """Permuting the states permutes their security."""
    order = np.array(data.draw(st.permutations(range(system.size))))
    lens = ArmsRace()
    mixed = System(
        tuple(system.codes[i] for i in order),
        system.allies,
        system.rivals[np.ix_(order, order)],
        system.capability[order],
        system.distance,
    )

    expected = lens.security(system, lens.values())[order]

    assert expected == pytest.approx(lens.security(mixed, lens.values()), abs=1e-12)


@given(system=_systems())
@settings(deadline=None)
def test_isolated_state_changes_nothing(system):
    """A new state without ties or capability leaves everybody as secure as before."""
    lens = ArmsRace()
    wider = System(
        (*system.codes, "X"),
        np.pad(system.allies, (0, 1)),
        np.pad(system.rivals, (0, 1)),
        np.append(system.capability, 0.0),
        np.pad(system.distance, (0, 1), constant_values=np.nan),
    )

    actual = lens.security(wider, lens.values())

    assert [*lens.security(system, lens.values()), 0.0] == pytest.approx(actual, abs=1e-12)


@given(data=st.data(), reaction=st.sampled_from([0.1, 0.2, 0.347, 0.513]))
@settings(deadline=None)
def test_fast_deltas_equal_one_change_at_a_time(data, reaction):
    """Updates of low rank give what solving again gives, and NaN where it has no answer."""
    system = data.draw(_systems())
    n = system.size
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])
    edit = st.builds(lambda p, t: (*p, *t), pairs, st.sampled_from(KINDS))
    edits = data.draw(st.lists(st.lists(edit, max_size=5), max_size=6))
    moves = Moves.build(edits, [[0]] * len(edits))
    lens = ArmsRace()
    values = lens.values({"reaction": reaction})
    try:
        lens.security(system, values)
    except Undefined:
        assume(False)

    expected = Lens.deltas(lens, system, moves, values)

    actual = lens.deltas(system, moves, values)
    assert expected == pytest.approx(actual, rel=1e-7, abs=1e-10, nan_ok=True)


@given(system=_systems(), data=st.data())
@settings(deadline=None)
def test_new_rivalry_makes_nobody_safer(system, data):
    """Armaments answer armaments: one more rivalry lowers security or leaves it."""
    i = data.draw(st.integers(0, system.size - 2))
    j = data.draw(st.integers(i + 1, system.size - 1))
    lens = ArmsRace()

    actual = lens.deltas(system, Moves.build([[(i, j, 0.0, 1.0)]], [[i, j]]), lens.values())

    assert (actual <= 1e-12).all()
