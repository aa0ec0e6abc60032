"""The lens `contest`: its interface, its refusals, costs from capability, and its fast path."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from detente.architecture.system import Moves, System
from detente.errors import NoEquilibrium, Undefined, UsageError
from detente.lenses import contest, find
from detente.lenses.contest import Contest, equilibrium, new_alliances
from detente.lenses.protocol import Lens, reduce_deltas

VALUES = {"beta": 0.2, "gamma": 0.1, "cost_exponent": 0.0}
NONE = np.zeros((3, 3))


def pairs(n, *ties):
    """Return a symmetric 0/1 array with ones at the pairs."""
    out = np.zeros((n, n))
    for i, j in ties:
        out[i, j] = out[j, i] = 1.0
    return out


def triad(capability=(1.0, 1.0, 1.0)):
    """Return three states: A and B allied, B and C rivals."""
    return System(
        ("A", "B", "C"),
        pairs(3, (0, 1)),
        pairs(3, (1, 2)),
        np.array(capability),
        np.full((3, 3), np.nan),
    )


def encircled(n):
    """Return n states of which the first has all others as rivals."""
    return System(
        tuple(f"S{i}" for i in range(n)),
        np.zeros((n, n)),
        pairs(n, *[(0, j) for j in range(1, n)]),
        np.ones(n),
        np.full((n, n), np.nan),
    )


# --- the plain function ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"allies": np.zeros((2, 3))}, "allies must be a square array"),
        ({"allies": np.zeros((0, 0))}, "at least one state"),
        ({"allies": np.zeros((4, 4))}, "they must agree"),
        ({"allies": np.full((3, 3), np.nan)}, "allies must lie between 0 and 1"),
        ({"enemies": 2 * pairs(3, (0, 1))}, "enemies must lie between 0 and 1"),
        ({"enemies": np.eye(3)}, "zero diagonal"),
        ({"allies": np.triu(np.ones((3, 3)), 1)}, "symmetric"),
        ({"allies": pairs(3, (0, 2)), "enemies": pairs(3, (0, 2))}, "states 0 and 2 are both"),
        ({"beta": -0.1}, "beta must be finite and not negative"),
        ({"gamma": np.nan}, "gamma must be finite"),
        ({"prize": 0.0}, "prize must be positive"),
        ({"cost": [1.0, 0.0, 1.0]}, "every cost must be positive"),
        ({"cost": [1.0, 1.0]}, "cost must be 3 finite numbers"),
        ({"endowment": [0.0, np.inf, 0.0]}, "endowment must be 3 finite numbers"),
        ({"interior": "maybe"}, "interior must be one of require, assume, corners"),
        ({"codes": ["A"]}, "1 codes for 3 states"),
    ],
)
def test_senseless_arguments_are_refused(change, complaint):
    """Every argument is checked, and the message says which."""
    arguments = {"allies": NONE, "enemies": NONE, "beta": 0.1, "gamma": 0.1, **change}

    with pytest.raises(UsageError, match=complaint):
        equilibrium(arguments.pop("allies"), arguments.pop("enemies"), **arguments)


def test_a_vulnerability_that_is_not_positive_is_refused():
    """Condition (a): the state with too many enemies is named, by position or by code."""
    enemies = pairs(5, *[(0, j) for j in range(1, 5)])
    given = {"beta": 0.1, "gamma": 0.3}

    with pytest.raises(NoEquilibrium, match=r"is -0\.2 for state 0,") as refusal:
        equilibrium(np.zeros((5, 5)), enemies, **given)
    assert refusal.value.state == "0"
    with pytest.raises(NoEquilibrium, match="for state ROU") as refusal:
        equilibrium(np.zeros((5, 5)), enemies, codes=["ROU", "BGR", "SRB", "GRC", "TUR"], **given)
    assert refusal.value.state == "ROU"


def test_vulnerabilities_that_sum_to_one_or_less_are_refused():
    """Condition (b): if allies' efforts count more than one's own, nobody need fight."""
    with pytest.raises(NoEquilibrium, match=r"sum to 0\.75, not more than 1.*4, for state 0"):
        equilibrium(pairs(3, (0, 1), (0, 2), (1, 2)), NONE, beta=1.5, gamma=0)


def test_a_lone_state_has_nobody_to_contest_the_prize_with():
    """Condition (b) again: one state alone has Gamma = 1."""
    with pytest.raises(NoEquilibrium, match="sum to 1, not more than 1"):
        equilibrium([[0.0]], [[0.0]], beta=0.1, gamma=0.1)


def test_a_singular_system_is_refused():
    """Condition (c): two allies with beta = 1 whose efforts cannot be told apart."""
    with pytest.raises(NoEquilibrium, match=r"singular.*of state [01], whose .* is 2"):
        equilibrium(pairs(3, (0, 1)), NONE, beta=1.0, gamma=0.1)


def test_corners_are_refused_unless_asked_for():
    """With effort at five times the others' cost a state would not contest the prize."""
    cost = [1.0, 1.0, 5.0]

    with pytest.raises(NoEquilibrium, match="state 2 would not contest the prize"):
        equilibrium(NONE, NONE, beta=0.1, gamma=0.1, cost=cost)
    corner = equilibrium(NONE, NONE, beta=0.1, gamma=0.1, cost=cost, interior="corners")
    assumed = equilibrium(NONE, NONE, beta=0.1, gamma=0.1, cost=cost, interior="assume")

    # The two that remain play the game of two: S = 1/2, a quarter each.
    assert corner.active.tolist() == [True, True, False]
    np.testing.assert_allclose(corner.effort, [0.25, 0.25, 0.0], atol=1e-15)
    np.testing.assert_allclose(corner.payoff, [0.25, 0.25, 0.0], atol=1e-15)
    # The formula for three: S = 2/7, and the dear state's performance would be negative.
    np.testing.assert_allclose(assumed.performance, [10 / 49, 10 / 49, -6 / 49])


def test_endowments_change_efforts_and_not_shares():
    """What a state has for nothing, it spends less: z does not decide who wins."""
    given = {"beta": 0.2, "gamma": 0.1}
    plain = equilibrium(pairs(3, (0, 1)), pairs(3, (1, 2)), **given)
    endowed = equilibrium(pairs(3, (0, 1)), pairs(3, (1, 2)), endowment=[0.3, 0, 0], **given)

    np.testing.assert_allclose(plain.share, endowed.share)
    assert endowed.effort[0] < plain.effort[0]


def test_half_an_alliance_spills_over_half():
    """A weight of one half is the same as half the spill-over."""
    half = equilibrium(0.5 * pairs(3, (0, 1)), NONE, beta=0.4, gamma=0.1)
    full = equilibrium(pairs(3, (0, 1)), NONE, beta=0.2, gamma=0.1)

    np.testing.assert_allclose(half.payoff, full.payoff)


def test_the_plain_function_needs_no_compiler():
    """Importing and solving loads neither numba nor a table library."""
    code = (
        "import sys, numpy as np; from detente.lenses.contest import equilibrium;"
        "equilibrium(np.zeros((3, 3)), np.zeros((3, 3)), beta=0.1, gamma=0.1);"
        "print([m for m in ('numba', 'polars', 'pandas', 'xarray', 'altair') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


# --- the lens ----------------------------------------------------------------------------------


def test_the_lens_is_found_by_its_key():
    """`find` makes it, and its parameters are the published estimates within two s.e."""
    lens = find("contest")

    assert isinstance(lens, Contest)
    assert lens.values() == {"beta": 0.11401761, "gamma": 0.083189711, "cost_exponent": 0.0}
    assert {p.name: (round(p.low, 6), round(p.high, 6)) for p in lens.parameters} == {
        "beta": (0.048, 0.18),
        "gamma": (0.045, 0.121),
        "cost_exponent": (0.0, 0.5),
    }
    assert not lens.ignores_isolates


def test_security_is_the_payoff():
    """The triad of the published tests, through the lens."""
    np.testing.assert_allclose(
        Contest().security(triad(), VALUES),
        [0.1432452774, 0.1140657266, 0.1160036437],
        atol=1e-10,
    )


def test_one_more_claimant_takes_from_the_others():
    """A state without ties lowers everybody's payoff: it contests the prize as well."""
    bigger = System(
        (*triad().codes, "D"),
        np.pad(triad().allies, (0, 1)),
        np.pad(triad().rivals, (0, 1)),
        np.ones(4),
        np.full((4, 4), np.nan),
    )

    before, after = Contest().security(triad(), VALUES), Contest().security(bigger, VALUES)

    assert (after[:3] < before).all()


def test_costs_follow_capability():
    """Effort costs (mean / own) ** kappa; without the exponent capability does not matter."""
    system = triad(capability=(4.0, 1.0, 1.0))

    np.testing.assert_allclose(contest.costs(system, 0.5), [2**-0.5, 2**0.5, 2**0.5])
    np.testing.assert_array_equal(contest.costs(triad((0.0, 1.0, 1.0)), 0.0), np.ones(3))


@pytest.mark.parametrize("capability", [0.0, np.nan])
def test_a_state_without_capability_has_no_cost(capability):
    """With costs from capability the lens names the state that has none."""
    system = triad(capability=(1.0, capability, 1.0))

    with pytest.raises(Undefined, match="state B") as refusal:
        Contest().security(system, {**VALUES, "cost_exponent": 0.2})
    assert refusal.value.state == "B"


def test_the_lens_names_the_state_without_equilibrium():
    """The encircled state, by its code, in security and in every fast path."""
    system, values = encircled(6), {**VALUES, "gamma": 0.3}
    changes = new_alliances(system)

    for ask in (
        lambda: Contest().security(system, values),
        lambda: Contest().deltas(system, changes, values),
        lambda: Contest().screen(system, changes, values, 1e-9),
    ):
        with pytest.raises(NoEquilibrium) as refusal:
            ask()
        assert refusal.value.state == "S0"


# --- changes -----------------------------------------------------------------------------------


def both(system, changes, values, tolerance=1e-9):
    """Return deltas and screen, after checking both against the plain way."""
    lens = Contest()
    slow = Lens.deltas(lens, system, changes, values)
    deltas, screen = (
        lens.deltas(system, changes, values),
        lens.screen(system, changes, values, tolerance),
    )
    np.testing.assert_allclose(deltas, slow, rtol=0, atol=1e-11)
    plain = reduce_deltas(deltas, changes, tolerance)
    for name in ("least", "desire", "gain", "loss", "harmed", "pays", "sign"):
        np.testing.assert_allclose(
            getattr(screen, name), getattr(plain, name), rtol=0, atol=1e-11, err_msg=name
        )
    return deltas, screen


def test_a_new_rival_too_many_leaves_no_answer():
    """Where a vulnerability would not be positive the row is NaN, unless another tie makes up."""
    n = 8
    system = System(
        tuple(f"S{i}" for i in range(n)),
        np.zeros((n, n)),
        pairs(n, *[(0, j) for j in range(1, n - 1)]),
        np.ones(n),
        np.full((n, n), np.nan),
    )
    changes = Moves.build(
        [
            [(0, 7, 0.0, 1.0)],
            [(0, 7, 0.0, 1.0), (1, 0, 0.0, 0.0)],
            [(0, 7, 0.0, 1.0), (0, 1, 0.0, 1.0)],
            [(7, 1, 1.0, 0.0)],
        ],
        [[7], [7, 0], [7], [1, 7]],
    )

    for kappa in (0.0, 0.5):
        values = {"beta": 0.2, "gamma": 0.15, "cost_exponent": kappa}
        deltas, screen = both(system, changes, values)
        assert np.isnan(deltas).all(axis=1).tolist() == [True, False, True, False]
        assert np.isnan(screen.gain).tolist() == [True, False, True, False]


def test_an_exactly_singular_change_has_no_answer():
    """The alliance that makes two efforts indistinguishable, and only it, is left out."""
    values = {"beta": 1.0, "gamma": 0.0, "cost_exponent": 0.0}
    system = System(
        ("A", "B", "C", "D"),
        np.zeros((4, 4)),
        np.zeros((4, 4)),
        np.ones(4),
        np.full((4, 4), np.nan),
    )

    deltas, screen = both(
        system, Moves.build([[(0, 1, 1.0, 0.0)], [(0, 1, 0.5, 0.0)]], [[0, 1], [0, 1]]), values
    )

    assert np.isnan(deltas).all(axis=1).tolist() == [True, False]
    assert np.isnan(screen.least).tolist() == [True, False]


def test_changes_around_several_states_take_the_plain_way():
    """Two unconnected pairs, and a triangle, have no centre, and are still right."""
    random = np.random.default_rng(4)
    system = System(
        tuple("ABCDE"),
        pairs(5, (0, 1), (2, 3)),
        pairs(5, (1, 4)),
        random.lognormal(size=5),
        np.full((5, 5), np.nan),
    )
    changes = Moves.build(
        [
            [(0, 2, 1.0, 0.0), (3, 4, 0.0, 1.0)],
            [(0, 2, 1.0, 0.0), (2, 4, 1.0, 0.0), (0, 4, 1.0, 0.0)],
            [(0, 1, 0.0, 0.0), (1, 4, 0.0, 0.0)],
        ],
        [[0], [0, 2, 4], [1]],
    )

    for kappa in (0.0, 0.5):
        deltas, _ = both(system, changes, {**VALUES, "cost_exponent": kappa})
        assert np.isfinite(deltas).all()


def test_a_change_can_move_the_border_of_the_active_states():
    """A state that did not contest the prize does so after it loses an ally's protection."""
    system = System(
        tuple("ABCDE"),
        pairs(5, (0, 1), (0, 2)),
        pairs(5, (0, 4)),
        np.array([8.0, 4.0, 2.0, 1.0, 1.0]),
        np.full((5, 5), np.nan),
    )
    values = {**VALUES, "cost_exponent": 0.5}
    changes = Moves.build(
        [[(0, 1, 0.0, 0.0)], [(0, 1, 0.0, 1.0), (0, 2, 0.0, 1.0)], [(0, 3, 1.0, 0.0)]],
        [[0], [0], [0]],
    )

    def active(of):
        cost = contest.costs(of, 0.5)
        game = equilibrium(of.allies, of.rivals, beta=0.2, gamma=0.1, cost=cost, interior="corners")
        return int(game.active.sum())

    numbers = [active(system), *(active(system.moved(changes, k)) for k in range(3))]

    assert len(set(numbers)) > 1
    both(system, changes, values)


def test_arming_matters_only_where_costs_follow_capability():
    """With kappa = 0 a new capability changes nothing; with kappa > 0 it is solved anew."""
    system = triad(capability=(2.0, 1.0, 1.0))
    changes = Moves.build([[], [(0, 2, 1.0, 0.0)]], [[1], [0]], [((1, 3.0),), ()])

    free, _ = both(system, changes, VALUES)
    dear, _ = both(system, changes, {**VALUES, "cost_exponent": 0.5})

    np.testing.assert_array_equal(free[0], np.zeros(3))
    assert dear[0, 1] > 0


def test_a_pair_cannot_become_allies_and_rivals_at_once():
    """Such a change is refused like any other senseless network."""
    changes = Moves.build([[(0, 2, 1.0, 1.0)]], [[0]])

    with pytest.raises(UsageError, match="both allies and enemies"):
        Contest().deltas(triad(), changes, VALUES)


def test_a_delicate_inverse_is_not_updated():
    """Close to singularity every change is solved anew, and the two ways agree."""
    values = {"beta": 1.0 - 1e-10, "gamma": 0.0, "cost_exponent": 0.0}
    changes = Moves.build([[(0, 2, 1.0, 0.0)]], [[0, 2]])
    lens = Contest()

    fast = lens.deltas(triad(), changes, values)

    np.testing.assert_array_equal(Lens.deltas(lens, triad(), changes, values), fast)
    screen = lens.screen(triad(), changes, values, 1e-9)
    assert screen.least[0] == fast[0, [0, 2]].min()


def test_signs_are_left_out_where_they_are_not_wanted():
    """`signs=False` gives the same verdicts and no table."""
    changes = new_alliances(triad())

    with_signs = Contest().screen(triad(), changes, VALUES, 1e-9)
    without = Contest().screen(triad(), changes, VALUES, 1e-9, signs=False)

    assert without.sign is None
    np.testing.assert_array_equal(with_signs.least, without.least)
    np.testing.assert_array_equal(
        np.sign(Contest().deltas(triad(), changes, VALUES)), with_signs.sign
    )


def test_verdicts_alone_come_without_tables():
    """`pays=False` leaves out who pays, whatever way the changes have to be judged."""
    lens, changes = Contest(), new_alliances(triad())
    delicate = {**VALUES, "beta": 1.0 - 1e-10, "gamma": 0.0}

    for values in (VALUES, delicate):
        alone = lens.screen(triad(), changes, values, 1e-9, signs=False, pays=False)
        with_signs = lens.screen(triad(), changes, values, 1e-9, pays=False)
        full = lens.screen(triad(), changes, values, 1e-9)

        assert alone.pays is None
        assert with_signs.pays is None
        assert full.pays is not None
        np.testing.assert_array_equal(full.sign, with_signs.sign)
        np.testing.assert_array_equal(full.harmed, alone.harmed)
        np.testing.assert_allclose(full.least, alone.least, rtol=0, atol=1e-12)


def test_initiators_besides_the_pair_are_asked_as_well():
    """Verdicts alone of a pair's alliance heed every initiator, and nobody where there is none."""
    random = np.random.default_rng(2)
    n = 6
    system = System(
        tuple("ABCDEF"),
        pairs(n, (0, 1)),
        pairs(n, (2, 3)),
        random.lognormal(size=n),
        np.full((n, n), np.nan),
    )
    changes = Moves.build(
        [[(0, 2, 1.0, 0.0)], [(0, 2, 1.0, 0.0)], [(1, 3, 0.0, 1.0)], [(4, 5, 0.5, 0.0)]],
        [[0, 2, 5], [], [4], [4, 4]],
    )
    lens, values = Contest(), {**VALUES, "cost_exponent": 0.1}

    alone = lens.screen(system, changes, values, 1e-9, signs=False, pays=False)

    deltas = Lens.deltas(lens, system, changes, values)
    plain = reduce_deltas(deltas, changes, 1e-9)
    np.testing.assert_allclose(plain.least, alone.least, rtol=0, atol=1e-12)
    np.testing.assert_allclose(plain.desire, alone.desire, rtol=0, atol=1e-12)
    assert alone.least[1] == np.inf


def test_a_change_that_moves_nothing_has_no_gain_and_no_loss():
    """Where efforts do not spill over, new ties leave everybody exactly where he was."""
    values = {"beta": 0.0, "gamma": 0.0, "cost_exponent": 0.0}
    system = encircled(8)

    found = Contest().screen(system, new_alliances(system), values, 0.0, signs=False, pays=False)

    for name in ("least", "desire", "gain", "loss", "harmed"):
        np.testing.assert_array_equal(getattr(found, name), 0, err_msg=name)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # that is what is tested
def test_a_forked_process_has_threads_of_its_own():
    """Threads that wait in the parent do not exist in its child, which must not wait for them."""
    system = encircled(80)
    values = {"beta": 0.1, "gamma": 0.001, "cost_exponent": 0.0}

    def gain(queue=None):
        found = Contest().screen(
            system, new_alliances(system), values, 1e-9, signs=False, pays=False, threads=2
        )
        return found.gain if queue is None else queue.put(found.gain)

    parents = gain()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=gain, args=(queue,))
    child.start()
    childs = queue.get(timeout=60)
    child.join()

    np.testing.assert_array_equal(parents, childs)


def test_several_draws_can_be_screened_at_once():
    """Calls on several threads share nothing: each draw has the verdicts it has alone."""
    random = np.random.default_rng(7)
    n = 12
    draw = np.triu(random.random((n, n)), 1)
    allies, rivals = (draw > 0.8).astype(float), ((draw > 0) & (draw < 0.15)).astype(float)
    system = System(
        tuple(f"S{i}" for i in range(n)),
        allies + allies.T,
        rivals + rivals.T,
        random.lognormal(size=n),
        np.full((n, n), np.nan),
    )
    lens, changes = Contest(), new_alliances(system)
    values = lens.draws(random.random((24, 3)))

    def least(given):
        return lens.screen(system, changes, given, 1e-9).least

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(least, values))

    np.testing.assert_array_equal([least(given) for given in values], together)


def test_a_weight_that_only_rounding_keeps_from_zero_is_refused():
    """Five enemies at gamma 0.2 leave a weight of exactly nothing: no equilibrium, either way."""
    n = 6
    enemies = np.zeros((n, n))
    enemies[0, 1:] = enemies[1:, 0] = 1.0

    with pytest.raises(NoEquilibrium, match="must be positive"):
        equilibrium(np.zeros((n, n)), enemies, beta=0.0, gamma=0.2)
