"""The planner against the worked cases, and against every ordered partition of small menus."""

from __future__ import annotations

import itertools

import lattice_plain
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_games import CASES, best_partition, keeps_rule, ordered_partitions, planning_case

from detente.errors import UnknownName, UsageError
from detente.transition import search
from detente.transition.games import lattice_kernel


@st.composite
def landscapes(draw, items=4, states=2):
    """Return a security of small whole numbers for every set of items."""
    size = states << items
    values = draw(st.lists(st.integers(-2, 3), min_size=size, max_size=size))
    table = np.array(values, dtype=float).reshape(1 << items, states)
    return lambda done: table[sum(1 << i for i in done)]


# --- the worked cases ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_security_at_the_start_and_at_the_target_is_as_computed_by_hand(name):
    """Margin times strength, before anything is done and after the whole menu."""
    menu, security = planning_case(name)

    assert pytest.approx(CASES[name][4]) == security(frozenset())
    assert pytest.approx(CASES[name][5]) == security(frozenset(range(len(menu))))


@pytest.mark.parametrize(
    ("name", "status", "size", "steps", "losers"),
    [
        ("N", "harmful_target", None, (), (3,)),
        ("H", "reached", 1, ((2,), (0,), (3,), (4,), (1,)), ()),
        ("B", "reached", 2, ((0, 1), (2, 3)), ()),
        ("C", "reached", 3, ((0, 1, 3), (2,)), ()),
    ],
)
def test_the_smallest_bargain_and_the_fewest_steps(name, status, size, steps, losers):
    """One case for each answer: harmful target, step by step, packages of two and of three."""
    route = search(*planning_case(name))

    assert (status, size, steps, losers) == (
        route.status,
        route.bargain_size,
        route.steps,
        route.losers,
    )


@pytest.mark.parametrize(("name", "count"), [("N", 0), ("H", 13), ("B", 0), ("C", 0)])
def test_how_many_orders_of_single_steps_there_are(name, count):
    """Of 120 orders of the case H 13 harm nobody on the way; of the other cases none does."""
    menu, security = planning_case(name)
    keeps = keeps_rule(security, "start", 1e-9)
    orders = itertools.permutations(range(len(menu)))

    assert count == sum(keeps([(item,) for item in order]) for order in orders)


@pytest.mark.parametrize(("name", "size"), [("B", 2), ("C", 3)])
def test_the_bargain_is_the_only_one_of_its_size(name, size):
    """Of the shortest ordered partitions with packages no larger, one alone keeps the rule."""
    menu, security = planning_case(name)
    keeps = keeps_rule(security, "start", 1e-9)

    ways = [
        way
        for way in ordered_partitions(tuple(range(len(menu))))
        if max(map(len, way)) <= size and keeps(way)
    ]

    fewest = min(map(len, ways))
    assert [search(menu, security).steps] == [way for way in ways if len(way) == fewest]


def test_where_only_larger_packages_help_the_answer_says_how_large():
    """With packages of one the case B needs one of two, which is shown."""
    route = search(*planning_case("B"), package=1)

    assert ("needs_package", 2, ((0, 1), (2, 3))) == (
        route.status,
        route.bargain_size,
        route.steps,
    )
    assert "reached" == search(*planning_case("B"), package=2).status


def test_step_by_step_is_the_harder_rule():
    """Nobody may fall in a single step: the case H has no order then, and needs packages."""
    assert "needs_package" == search(*planning_case("H"), rule="step", package=1).status


# --- against every ordered partition -------------------------------------------------------------


@given(security=landscapes(), rule=st.sampled_from(["start", "step"]))
@settings(max_examples=60)
def test_the_way_is_the_best_of_all_ordered_partitions(security, rule):
    """Smallest largest package, then fewest steps, then the first in order: as by trying all."""
    best = best_partition(4, keeps_rule(security, rule))

    route = search("abcd", security, rule=rule)

    if best is None:
        start, target = security(frozenset()), security(frozenset(range(4)))
        assert "harmful_target" == route.status
        assert tuple(np.flatnonzero(target < start)) == route.losers
        assert () == route.steps
    else:
        assert "reached" == route.status
        assert best == route.steps
        assert max(map(len, best)) == route.bargain_size


@given(security=landscapes(), tol=st.sampled_from([1.0, 2.0]))
@settings(max_examples=30)
def test_small_falls_in_every_step_can_add_up(security, tol):
    """Rule `step` with a tolerance: a way exists exactly if one of all partitions keeps it."""
    best = best_partition(4, keeps_rule(security, "step", tol))

    route = search("abcd", security, rule="step", tol=tol)

    assert (() if best is None else best) == route.steps
    assert ("not_found_within_bounds" if best is None else "reached") == route.status


@given(security=landscapes(items=5), goal=st.sets(st.integers(0, 4), min_size=1, max_size=3))
@settings(max_examples=30)
def test_a_part_of_the_menu_is_reached_by_any_way_through_the_rest(security, goal):
    """The items that must be done may be reached with others done on the way."""
    keeps = keeps_rule(security, "start")
    ways = [
        way
        for size in range(len(goal), 6)
        for items in itertools.combinations(range(5), size)
        if goal <= set(items)
        for way in ordered_partitions(items)
        if keeps(way)
    ]

    route = search(range(5), security, goal=goal)

    if ways:
        assert min((max(map(len, way)), len(way)) for way in ways) == (
            route.bargain_size,
            len(route.steps),
        )
        assert keeps(route.steps)
    else:
        assert "harmful_target" == route.status
    if len(goal) < 5:
        predicate = search(range(5), security, goal=lambda done: goal <= done)
        assert route == predicate


@given(
    flags=st.lists(st.booleans(), min_size=64, max_size=64),
    goals=st.lists(st.booleans(), min_size=64, max_size=64),
    package=st.integers(1, 6),
)
def test_the_compiled_walk_counts_the_steps_of_the_plain_one(flags, goals, package):
    """Packages that are not listed give the same fewest steps as all packages listed."""
    arguments = np.array(flags), np.array(goals), 6, package

    assert (
        lattice_plain.steps_to_go(*arguments).tolist()
        == lattice_kernel.steps_to_go(*arguments).tolist()
    )


# --- budgets and consent -------------------------------------------------------------------------


def test_a_budget_admits_losses_up_to_it():
    """Rule `bounded`: the case N loses 17 at the target, and more on some ways."""
    menu, security = planning_case("N")

    assert "harmful_target" == search(menu, security, rule="bounded", budget=16.9).status
    assert "reached" == search(menu, security, rule="bounded", budget=17.1).status


@pytest.mark.parametrize(
    ("consent", "steps"),
    [
        ("none", ((0,), (1,))),
        ("willing", ((0,), (1,))),
        ("weak", ((0, 1),)),
        ("strong", ()),
    ],
)
def test_who_decides_must_agree_to_a_step(consent, steps):
    """Item 0 gives its only initiator nothing by itself, item 1 helps one of its two."""
    gains = {(): (0, 0), (0,): (0, 0), (1,): (1, 0), (0, 1): (1, 0)}

    route = search(
        "ab",
        lambda done: np.array(gains[tuple(sorted(done))], dtype=float),
        consent=consent,
        initiators=[[1], [0, 1]],
    )

    assert steps == route.steps
    assert ("reached" if steps else "not_found_within_bounds") == route.status


def test_a_search_that_is_cut_short_says_so():
    """A way followed to its end bounds the bargain; of smaller packages nothing is known."""

    def security(done):
        return [-float(len(done) in (1, 2))]

    way = ((0, 1, 2), (3,), (4,), (5,))
    short = search(range(6), security, evaluations=5)
    fewer = search(range(6), security, evaluations=5, package=2)

    assert ("reached", way, 3, False) == (
        short.status,
        short.steps,
        short.bargain_size,
        short.smallest,
    )
    assert ("not_found_within_bounds", way, 3, False) == (
        fewer.status,
        fewer.steps,
        fewer.bargain_size,
        fewer.smallest,
    )
    full = search(range(6), security)
    assert ("reached", 3, True) == (full.status, full.bargain_size, full.smallest)


def test_many_items_are_walked_to_a_single_file_that_a_first_try_misses():
    """Of twenty items whoever takes the first ones first is stuck; the last one opens the way."""

    def security(done):
        early = sum(item < 10 for item in done)
        return [-float(early > 3 and 19 not in done), -float(early * 0.01)]

    told = []
    route = search(range(20), security, tol=0.5, evaluations=2000, prepare=told.append)

    assert ("reached", 1, True) == (route.status, route.bargain_size, route.smallest)
    assert list(range(20)) == sorted(item for step in route.steps for item in step)
    assert all(security({route.steps[k][0] for k in range(n)})[0] == 0 for n in range(21))
    assert all(isinstance(done, frozenset) for sets in told for done in sets)


def test_a_search_cut_short_without_a_way_at_once_has_no_steps():
    """Where those who decide refuse the whole in one step, nothing is known."""
    route = search(
        range(6),
        lambda done: [-float(len(done) in (1, 2))],
        consent="strong",
        initiators=[[0]] * 6,
        evaluations=5,
    )

    assert ("not_found_within_bounds", (), None) == (
        route.status,
        route.steps,
        route.bargain_size,
    )


@given(
    security=landscapes(),
    rule=st.sampled_from(["start", "step"]),
    package=st.none() | st.integers(1, 4),
    evaluations=st.integers(1, 20),
)
@settings(max_examples=150)
def test_a_harmless_target_has_a_way_however_short_the_search(security, rule, package, evaluations):
    """Against all ordered partitions: a way, its size a bound, and a status that is no more."""
    keeps = keeps_rule(security, rule)
    best = best_partition(4, keeps)

    route = search("abcd", security, rule=rule, package=package, evaluations=evaluations)

    if best is None:
        assert ("harmful_target", ()) == (route.status, route.steps)
        return
    least, size = max(map(len, best)), max(map(len, route.steps))
    assert keeps(route.steps)
    assert list(range(4)) == sorted(item for step in route.steps for item in step)
    assert size == route.bargain_size
    assert least == size if route.smallest else least <= size
    allowed = package or 4
    if size <= allowed:
        assert "reached" == route.status
    elif route.status == "needs_package":
        assert least > allowed
    else:
        assert ("not_found_within_bounds", False) == (route.status, route.smallest)


# --- over draws ----------------------------------------------------------------------------------


@given(
    draws=st.lists(landscapes(items=3), min_size=4, max_size=4),
    share=st.sampled_from([0.5, 0.75, 1.0]),
    consent=st.sampled_from(["none", "willing", "weak", "strong"]),
    rule=st.sampled_from(["start", "step"]),
)
@settings(max_examples=60)
def test_a_way_over_draws_keeps_rule_and_consent_in_a_share_of_them(draws, share, consent, rule):
    """The best of all ordered partitions in which every step holds in enough draws, or none."""
    initiators = [[0], [1], [0, 1]]

    def security(done):
        return np.array([draw(done) for draw in draws])

    def agree(gains):
        if consent == "strong":
            return all(gain > 0 for gain in gains)
        fine = consent == "none" or all(gain >= 0 for gain in gains)
        return fine and (consent != "weak" or any(gain > 0 for gain in gains))

    def keeps(way):
        done, start = frozenset(), security(frozenset())
        for step in way:
            before, done = security(done), done | set(step)
            after = security(done)
            least = start if rule == "start" else before
            kept = [(row >= base).all() for row, base in zip(after, least, strict=True)]
            deciders = sorted({s for item in step for s in initiators[item]})
            consents = [agree(row) for row in (after - before)[:, deciders]]
            if min(np.mean(kept), np.mean(consents)) < share:
                return False
        return True

    best = best_partition(3, keeps)
    route = search("abc", security, rule=rule, consent=consent, initiators=initiators, share=share)

    assert (() if best is None else best) == route.steps
    if best is None and rule == "start":
        harmed = (security(frozenset(range(3))) < security(frozenset())).any(axis=1)
        forbidden = 1 - harmed.mean() < share
        assert ("harmful_target" if forbidden else "not_found_within_bounds") == route.status
        assert forbidden == bool(route.losers)


def test_whoever_loses_most_often_is_named_where_nobody_does_in_too_many_draws():
    """Two states lose in a quarter of the draws each, together in too many of them."""
    fall = np.array([[-1.0, 0, 0], [0, -2.0, 0], [0, 0, 0], [0, 0, 0]])

    route = search("a", lambda done: fall * len(done), share=0.75)

    assert ("harmful_target", (0, 1), (1.0, 2.0)) == (route.status, route.losers, route.losses)


# --- stricter is never easier ---------------------------------------------------------------------

EASE = ("reached", "needs_package", "not_found_within_bounds", "harmful_target")
"""Statuses, the easiest first; a proof of harm is of the target, whoever is asked."""


def ease(route):
    """Return how easy a search says it is: its status, then how large its packages are."""
    size = np.inf if route.bargain_size is None else route.bargain_size
    return EASE.index(route.status), size


@settings(max_examples=40, deadline=None)
@given(
    security=landscapes(),
    rule=st.sampled_from(["start", "step"]),
    consents=st.permutations(["none", "willing", "weak", "strong"]),
    tols=st.tuples(st.integers(0, 2), st.integers(0, 2)).map(sorted),
    packages=st.tuples(st.integers(1, 4), st.integers(1, 4)).map(sorted),
)
def test_a_stricter_question_never_has_an_easier_answer(security, rule, consents, tols, packages):
    """Consent of more, a smaller tolerance, smaller packages: nothing is gained by any."""
    deciders = [[0], [1], [0, 1], [1]]

    def asked(consent="none", tol=1.0, package=4, rule=rule):
        return search(
            range(4), security, rule=rule, consent=consent, initiators=deciders, tol=tol,
            package=package,
        )  # fmt: skip

    order = ("none", "willing", "weak", "strong")
    first, second = sorted(consents[:2], key=order.index)
    assert ease(asked(first)) <= ease(asked(second))
    assert ease(asked(tol=tols[1])) <= ease(asked(tol=tols[0]))
    assert ease(asked(second, package=packages[1])) <= ease(asked(second, package=packages[0]))
    # Nobody loses in any step: then nobody is below the start after any.
    if asked(tol=0.0, rule="step").status == "reached":
        assert "reached" == asked(tol=0.0, rule="start").status


@settings(max_examples=40, deadline=None)
@given(
    security=landscapes(),
    consent=st.sampled_from(["none", "willing", "weak", "strong"]),
    budgets=st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted),
)
def test_a_budget_of_nothing_is_the_rule_start_and_a_larger_one_is_easier(
    security, consent, budgets
):
    """With no tolerance: losses that add up to nothing are nobody's loss."""

    def asked(**how):
        return search(
            range(4), security, consent=consent, initiators=[[0], [1], [0, 1], [1]], **how
        )  # fmt: skip

    small, large = (asked(rule="bounded", budget=budget) for budget in budgets)

    assert asked(rule="start")[:5] == asked(rule="bounded", budget=0)[:5]
    assert ease(large) <= ease(small)


@settings(max_examples=30, deadline=None)
@given(
    drawn=st.lists(landscapes(items=3), min_size=4, max_size=4),
    rule=st.sampled_from(["start", "step"]),
    consent=st.sampled_from(["none", "weak"]),
    shares=st.tuples(st.integers(1, 4), st.integers(1, 4)).map(sorted),
)
def test_a_larger_share_of_draws_is_never_easier(drawn, rule, consent, shares):
    """What holds in three draws of four holds in two; all of one draw is the point estimate."""

    def asked(share, draws):
        return search(
            range(3), lambda done: [security(done) for security in draws], rule=rule,
            consent=consent, initiators=[[0], [1], [0, 1]], share=share, tol=1.0,
        )  # fmt: skip

    few, many = (asked(share / 4, drawn) for share in shares)
    alone = search(
        range(3), drawn[0], rule=rule, consent=consent, initiators=[[0], [1], [0, 1]], tol=1.0
    )

    assert ease(few) <= ease(many)
    assert alone[:3] == asked(1.0, drawn[:1])[:3]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"menu": []}, UsageError, "the menu is empty"),
        ({"rule": "starts"}, UnknownName, "Did you mean 'start'"),
        ({"consent": "strongly"}, UnknownName, "Did you mean 'strong'"),
        ({"consent": "weak"}, UsageError, "needs the initiators of all 2 items"),
        ({"package": 0}, UsageError, "items in a package is 1 or more"),
        ({"package": 1.5}, UsageError, "a whole number"),
        ({"menu": 3}, UsageError, "a menu is a sequence"),
        ({"goal": 1}, UsageError, "positions in the menu"),
        ({"goal": np.array([True, False])}, UsageError, "positions in the menu"),
        ({"share": 0.0}, UsageError, "above 0 and up to 1"),
        ({"tol": -1}, UsageError, "zero or positive"),
        ({"tol": "small"}, UsageError, "a tolerance is a number"),
        ({"budget": -1}, UsageError, "zero or positive"),
        ({"security": "table"}, UsageError, "a function of what is done"),
        ({"security": lambda _: ["low"]}, UsageError, "with nothing done is a row of finite"),
        ({"consent": "weak", "initiators": [[0], [3]]}, UsageError, "of item 1 are states from 0"),
        ({"goal": "everything"}, UnknownName, "goal"),
        ({"goal": [5]}, UsageError, "items from 0 to 1"),
        ({"goal": lambda _: False}, UsageError, "no part of the menu meets the goal"),
        ({"security": lambda _: [float("nan")]}, UsageError, "a row of finite numbers"),
        ({"security": lambda done: np.zeros(1 + len(done))}, UsageError, "has 3 states"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, error, message):
    """One clear sentence each."""
    asked = {"menu": "ab", "security": lambda _: [0.0]} | arguments

    with pytest.raises(error, match=message):
        search(asked.pop("menu"), asked.pop("security"), **asked)
