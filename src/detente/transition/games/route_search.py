"""From one architecture to another by steps: which order, which packages, and who forbids it.

A menu of d items, each done once; a step does a package of one or more of them at once; after
it every state has a security S_i of what is done so far. Rules::

    start    S_i >= S_i(nothing done) - tol after every step
    step     S_i never falls by more than tol in one step
    bounded  the falls below the start, summed over states, stay within a budget

Under ``start`` whoever is worse off at a fixed target is the proof that no order and no packaging
helps, and if nobody is, everything at once is a way. So what is searched for is the smallest
largest package (the bargain size), then the fewest steps, then the first in the menu's order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.errors import UnknownName, UsageError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Security = Callable[[frozenset[int]], ArrayLike]
Goal = str | Collection[int] | Callable[[frozenset[int]], Any]

RULES = ("start", "step", "bounded")
CONSENTS = ("none", "willing", "weak", "strong")
"""Who must agree to a step: nobody; no initiator loses more than the tolerance; nor that, and one
gains more than it; every initiator gains more than it."""
STATUSES = ("reached", "harmful_target", "needs_package", "not_found_within_bounds")

ROUNDING = 1e-12
"""Share of the largest security below which a fall is rounding and nobody's loss."""
MOST_EVALUATIONS = 1 << 16
MOST_STEPS_TRIED = 20_000_000


class Route(NamedTuple):
    """What was found on the way to a goal.

    Attributes
    ----------
    status : str
        ``reached``; ``harmful_target``: at the goal somebody is worse off than the rule allows,
        so no order and no packaging helps; ``needs_package``: only with larger packages than
        were allowed, and `steps` shows how; ``not_found_within_bounds``: none with packages as
        small as were allowed, which is no proof.
    steps : tuple of tuples of int
        Positions in the menu, a tuple a step; empty if no way is known.
    bargain_size : int or None
        The smallest largest package of any way to the goal; None if none is known.
    losers : tuple of int
        Positions of the states that are worse off at the goal than the rule allows.
    losses : tuple of float
        How much each of them loses against the start, in the unit of security.
    evaluations : int
        How many sets were looked at.
    smallest : bool
        Whether no way has a smaller `bargain_size`. If not it is an upper bound: the search was
        cut short, and `steps` does everything at once.
    """

    status: str
    steps: tuple[tuple[int, ...], ...]
    bargain_size: int | None
    losers: tuple[int, ...]
    losses: tuple[float, ...]
    evaluations: int
    smallest: bool = True


def search(
    menu: Sequence[Any],
    security: Security,
    *,
    rule: str = "start",
    goal: Goal = "all",
    package: int | None = None,
    tol: float = 0.0,
    consent: str = "none",
    initiators: Sequence[Collection[int]] | None = None,
    budget: float = math.inf,
    evaluations: int = MOST_EVALUATIONS,
) -> Route:
    """Search a way through a menu that keeps a rule: smallest bargain, then fewest steps.

    Parameters
    ----------
    menu : sequence
        The items; only their number and order count.
    security : callable
        Takes what is done, a frozenset of positions in the menu, and returns each state's
        security, array (n,), higher is safer.
    rule : str
        ``"start"``, ``"step"`` or ``"bounded"``.
    goal : str, collection of int or callable
        ``"all"``: the whole menu; the items that must be done; or a predicate on a frozenset.
    package : int, optional
        Most items in one step; any number if left out.
    tol : float
        Fall that counts as none, in the unit of security.
    consent : str
        One of `CONSENTS`, asked of the `initiators` of all items of a step.
    initiators : sequence of collections of int
        The states that decide on each item; needed unless `consent` is ``"none"``.
    budget : float
        Rule ``bounded``: most that all states together may lie below the start.
    evaluations : int
        Most sets whose security is asked for.

    Returns
    -------
    Route
        ``.status``, ``.steps``, ``.bargain_size``, ``.losers`` and more.

    Raises
    ------
    UsageError
        If the menu is empty, an argument makes no sense, or no part of the menu meets the goal.
    """
    question = _Question(
        len(menu), security, rule, goal, package, tol, consent, initiators, budget, evaluations
    )
    if question.fixed:
        losers, losses = question.losers(question.target)
        provable = rule == "start" or (rule == "step" and tol == 0)
        beyond = rule == "bounded" and not question.admits(question.target)
        if (provable and losers) or beyond:
            return question.answer("harmful_target", losers=losers, losses=losses)
        single_file = _one_by_one(question)
        if single_file is not None:
            return question.answer("reached", [[item] for item in single_file])
    if consent == "none" and rule != "step" and 1 << question.items <= evaluations:
        return _over_the_lattice(question)
    return _by_levels(question)


class _Question:
    """A search that is put: checked arguments, and every security asked for once."""

    def __init__(
        self,
        items: int,
        security: Security,
        rule: str,
        goal: Goal,
        package: int | None,
        tol: float,
        consent: str,
        initiators: Sequence[Collection[int]] | None,
        budget: float,
        evaluations: int,
    ) -> None:
        if not items:
            raise UsageError("the menu is empty: there is nothing to be done")
        for kind, name, known in (("rule", rule, RULES), ("consent", consent, CONSENTS)):
            if name not in known:
                raise UnknownName(kind, str(name), known)
        if package is not None and package < 1:
            raise UsageError(f"a package holds one item at least, not {package}")
        if not tol >= 0 or not budget >= 0:
            raise UsageError("a tolerance and a budget are zero or positive")
        if consent != "none" and (initiators is None or len(initiators) != items):
            raise UsageError(f"consent '{consent}' needs the initiators of all {items} items")
        self.items, self.rule, self.consent, self.tol = items, rule, consent, tol
        self.budget, self.evaluations = budget, evaluations
        self.package = min(package or items, items)
        self._security, self._kept = security, dict[int, Floats]()
        self.start = self.of(0)
        self.deciders = np.zeros((items, len(self.start)), dtype=np.bool_)
        for item, states in enumerate(initiators or ()):
            self.deciders[item, list(states)] = True
        self._goal: Callable[[frozenset[int]], Any] | None = None
        self.target, self.fixed = self._target(goal)

    def _target(self, goal: Goal) -> tuple[int, bool]:
        """Return the items that must be done, and whether the goal is these and no others."""
        if isinstance(goal, str):
            if goal != "all":
                raise UnknownName("goal", goal, ["all"])
            return (1 << self.items) - 1, True
        if callable(goal):
            self._goal = goal
            return 0, False
        needed = {int(i) for i in goal}
        if not needed or not needed <= set(range(self.items)):
            raise UsageError(f"a goal names items from 0 to {self.items - 1}, not {sorted(needed)}")
        return sum(1 << i for i in needed), len(needed) == self.items

    def of(self, done: int) -> Floats:
        """Return the security of all states with these items done."""
        if done not in self._kept:
            value = np.asarray(self._security(frozenset(members(done))), dtype=np.float64)
            if value.ndim != 1 or not np.isfinite(value).all():
                raise UsageError(f"the security with {members(done)} done is not a row of numbers")
            if 0 in self._kept and value.shape != self.start.shape:
                raise UsageError(
                    f"the security with {members(done)} done has {value.size} states, at the "
                    f"start {self.start.size}"
                )
            self._kept[done] = value
        return self._kept[done]

    @property
    def spent(self) -> int:
        """How many sets were looked at."""
        return len(self._kept)

    def reached(self, done: int) -> bool:
        """Whether these items meet the goal."""
        if self._goal is not None:
            return bool(self._goal(frozenset(members(done))))
        return done & self.target == self.target

    def fall(self, before: Floats, after: Floats) -> Floats:
        """Return how much each state loses, rounding not counted as a loss."""
        slack = ROUNDING * max(np.abs(before).max(initial=0.0), np.abs(after).max(initial=0.0))
        lost = before - after
        falls: Floats = np.where(np.abs(lost) <= slack, 0.0, lost)
        return falls

    def losers(self, done: int) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Return who lies below the start with these items done, and by how much."""
        fall = self.fall(self.start, self.of(done))
        who = np.flatnonzero(fall > self.tol)
        return tuple(who.tolist()), tuple(fall[who].tolist())

    def admits(self, done: int) -> bool:
        """Whether the rule admits the set itself, wherever one came from."""
        if self.rule == "step":
            return True
        fall = self.fall(self.start, self.of(done))
        if self.rule == "start":
            return not (fall > self.tol).any()
        return bool(fall[fall > self.tol].sum() <= self.budget)

    def permits(self, before: int, after: int) -> bool:
        """Whether the rule and those who decide permit the step between two sets."""
        if not self.admits(after):
            return False
        if self.rule != "step" and self.consent == "none":
            return True
        fall = self.fall(self.of(before), self.of(after))
        if self.rule == "step" and (fall > self.tol).any():
            return False
        if self.consent == "none":
            return True
        deciders = self.deciders[members(after & ~before)].any(axis=0)
        return agreed(fall[deciders], self.consent, self.tol)

    def answer(
        self,
        status: str,
        steps: Sequence[Sequence[int]] = (),
        *,
        losers: tuple[int, ...] = (),
        losses: tuple[float, ...] = (),
    ) -> Route:
        """Return the result; a bargain is as large as the largest of its steps."""
        packages = tuple(tuple(step) for step in steps)
        size = max(map(len, packages), default=0) if packages or status == "reached" else None
        if status == "reached" and size is not None and size > self.package:
            status = "needs_package"
        return Route(status, packages, size, losers, losses, self.spent)

    def at_once(self, ruled_out: int) -> Route | None:
        """Return the way that does the whole goal in one step, None if that is no way.

        It is what a search that was cut short still knows, after it has found that no packages
        of up to `ruled_out` items lead there.
        """
        if not self.target or not self.permits(0, self.target):
            return None
        whole = tuple(members(self.target))
        if len(whole) <= self.package:
            status = "reached"
        else:
            status = "needs_package" if ruled_out >= self.package else "not_found_within_bounds"
        return Route(status, (whole,), len(whole), (), (), self.spent, smallest=False)


def agreed(fall: Floats, consent: str, tol: float) -> bool:
    """Say whether those who decide agree to what a step takes from each of them."""
    if not len(fall) or consent == "none":
        return True
    if consent == "strong":
        return bool((fall < -tol).all())
    if (fall > tol).any():
        return False
    return consent == "willing" or bool((fall < -tol).any())


def members(done: int) -> list[int]:
    """Return the items of a set that is an integer."""
    return [i for i in range(done.bit_length()) if done >> i & 1]


def packages_of(rest: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    """Yield every package of 1 to `most` items, as a dictionary orders words."""
    for place, item in enumerate(rest):
        yield (item,)
        if most > 1:
            for tail in packages_of(rest[place + 1 :], most - 1):
                yield (item, *tail)


def _one_by_one(question: _Question) -> list[int] | None:
    """Return the first order of the whole menu, an item a step, or None if there is none.

    Depth first, so that a way which is easily found costs few evaluations.
    """
    order: list[int] = []
    dead: set[int] = set()

    def onward(done: int) -> bool:
        if len(order) == question.items:
            return True
        for item in range(question.items):
            after = done | 1 << item
            if after == done or after in dead or question.spent > question.evaluations:
                continue
            if question.permits(done, after):
                order.append(item)
                if onward(after):
                    return True
                order.pop()
                dead.add(after)
        return False

    return order if onward(0) else None


def _over_the_lattice(question: _Question) -> Route:
    """Search where a rule looks at sets alone: all of them, with packages not listed."""
    from detente.transition.games.lattice_kernel import FAR

    sets = 1 << question.items
    allowed = np.array([question.admits(done) for done in range(sets)])
    goal = np.array([question.reached(done) for done in range(sets)])
    if not goal.any():
        raise UsageError("no part of the menu meets the goal")
    if not (allowed & goal).any():
        least = min(
            (int(done) for done in np.flatnonzero(goal)),
            key=lambda done: sum(question.losers(done)[1]),
        )
        losers, losses = question.losers(least)
        return question.answer("harmful_target", losers=losers, losses=losses)
    package, steps = bargain(allowed, goal, question.items)
    if steps[0] == FAR:
        return question.answer("not_found_within_bounds")
    return question.answer("reached", through(steps, question.items, package))


def bargain(allowed: Bools, goal: Bools, items: int) -> tuple[int, NDArray[np.uint8]]:
    """Return the smallest largest package of a way from nothing to a goal, and steps to go.

    Parameters
    ----------
    allowed, goal : bool arrays (2**items,)
        Which sets a step may end in, and which meet the goal.
    items : int
        Number of items; a set is an integer, item i its bit i.
    """
    from detente.transition.games.lattice_kernel import FAR, steps_to_go

    package, steps = 0, np.full(1, FAR, dtype=np.uint8)
    while steps[0] == FAR and package < items:
        package += 1
        steps = steps_to_go(allowed, goal, items, package)
    return package, steps


def through(steps: NDArray[np.uint8], items: int, package: int) -> list[tuple[int, ...]]:
    """Return the first way, in the menu's order, of those with the fewest steps."""
    done, way = 0, list[tuple[int, ...]]()
    while steps[done]:
        rest = [i for i in range(items) if not done >> i & 1]
        for chosen in packages_of(rest, package):
            after = done | sum(1 << i for i in chosen)
            if steps[after] == steps[done] - 1:
                way.append(chosen)
                done = after
                break
    return way


def _by_levels(question: _Question) -> Route:
    """Search step by step where it counts from where a step is made, the smallest packages first.

    A level holds the sets reached with the same number of steps, in the order of their first
    ways, so the first way to the goal is the first of the shortest.
    """
    tried = 0
    complete = True
    for package in range(1, question.items + 1):
        origin: dict[int, int] = {0: 0}
        level = [0]
        while level:
            goal = next((done for done in level if question.reached(done)), None)
            if goal is not None:
                return question.answer("reached", _retraced(origin, goal))
            following = []
            for done in level:
                rest = [i for i in range(question.items) if not done >> i & 1]
                for chosen in packages_of(rest, package):
                    after = done | sum(1 << i for i in chosen)
                    if after in origin:
                        continue
                    tried += 1
                    if tried > MOST_STEPS_TRIED or question.spent > question.evaluations:
                        complete = False
                        break
                    if question.permits(done, after):
                        origin[after] = done
                        following.append(after)
                if not complete:
                    break
            level = following if complete else []
        if not complete:
            whole = question.at_once(package - 1)
            if whole is not None:
                return whole
            break
    losers, losses = question.losers(question.target) if question.fixed else ((), ())
    return question.answer("not_found_within_bounds", losers=losers, losses=losses)


def _retraced(origin: dict[int, int], goal: int) -> list[list[int]]:
    way = []
    while goal:
        way.append(members(goal & ~origin[goal]))
        goal = origin[goal]
    return way[::-1]
