"""From one architecture to another by steps: which order, which packages, and who forbids it.

A menu of d items, each done once; a step does a package of one or more of them at once; after
it every state has a security S_i of what is done so far. Rules::

    start    S_i >= S_i(nothing done) - tol after every step
    step     S_i never falls by more than tol in one step
    bounded  the falls below the start, summed over states, stay within a budget

Under ``start`` whoever is worse off at a fixed target is the proof that no order and no packaging
helps, and if nobody is, everything at once is a way. So what is searched for is the smallest
largest package (the bargain size), then the fewest steps, then the first in the menu's order.

Where security is uncertain it comes in draws, and a rule or a consent need only hold in a share of
them. Menus whose sets cannot all be looked at are walked item by item, many walks side by side;
what is between two sets that the rule admits is a package.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.arguments import real, whole
from detente.errors import UnknownName, UsageError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Security = Callable[[frozenset[int]], ArrayLike]
Prepare = Callable[[Sequence[frozenset[int]]], Any]
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
WIDEST = 12
"""Most walks that are followed side by side where not all sets can be looked at."""


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
        cut short, and finer ways than `steps` may exist.
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
    share: float | None = None,
    prepare: Prepare | None = None,
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
        Rule ``bounded``: most that all states together may lie below the start, small losses
        included.
    evaluations : int
        About how many sets may be looked at.
    share : float, optional
        If given, `security` returns an array (draws, n), and rule and consent must each hold in
        at least this share of the draws.
    prepare : callable, optional
        Is told, as a list of frozensets, whose security will be asked for next, for a security
        that is quicker with many at once.

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
        _length(menu), security, rule, goal, package, tol, consent, initiators, budget, evaluations,
        share, prepare,
    )  # fmt: skip
    few = 1 << question.items <= evaluations
    if question.fixed:
        provable = rule != "step" or (tol == 0 and share is None)
        losers, losses = question.losers(question.target)
        if provable and (losers if rule == "step" else not question.admits(question.target)):
            return question.answer("harmful_target", losers=losers, losses=losses)
        single_file = _one_by_one(question, evaluations if few else evaluations // 2)
        if single_file is not None:
            return question.answer("reached", [[item] for item in single_file])
    if few:
        if consent == "none" and rule != "step":
            return _over_the_lattice(question)
        return _by_levels(question, None)
    walked = _side_by_side(question) if question.target else None
    if walked is not None and max(map(len, walked)) == 1:
        return question.answer("reached", walked)
    return _by_levels(question, walked)


def _length(menu: Sequence[Any]) -> int:
    """Return the number of items of a menu."""
    try:
        return len(menu)
    except TypeError:
        raise UsageError(f"a menu is a sequence of items, not {menu!r}") from None


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
        share: float | None,
        prepare: Prepare | None,
    ) -> None:
        if not items:
            raise UsageError("the menu is empty: there is nothing to be done")
        for kind, name, known in (("rule", rule, RULES), ("consent", consent, CONSENTS)):
            if name not in known:
                raise UnknownName(kind, str(name), known)
        if package is not None:
            package = whole("the number of items in a package", package)
        if share is not None and not 0 < real("a share of draws", share) <= 1:
            raise UsageError(f"a share of draws lies above 0 and up to 1, not {share}")
        tol, budget = real("a tolerance", tol), real("a budget", budget)
        if not tol >= 0 or not budget >= 0:
            raise UsageError("a tolerance and a budget are zero or positive")
        if not callable(security):
            raise UsageError(f"a security is a function of what is done, not {security!r}")
        if consent != "none" and (initiators is None or len(initiators) != items):
            raise UsageError(f"consent '{consent}' needs the initiators of all {items} items")
        self.items, self.rule, self.consent, self.tol = items, rule, consent, tol
        self.budget, self.evaluations = budget, evaluations
        self.package = min(int(package or items), items)
        self.share, self._prepare = share, prepare
        self._security, self._kept = security, dict[int, Floats]()
        self.start = self.of(0)
        self.deciders = np.zeros((items, self.start.shape[1]), dtype=np.bool_)
        states = self.start.shape[1]
        for item, own in enumerate(() if initiators is None else initiators):
            listed = np.atleast_1d(np.asarray(list(own) if isinstance(own, Collection) else own))
            if listed.size and not (
                listed.dtype.kind in "iu" and ((listed >= 0) & (listed < states)).all()
            ):
                raise UsageError(
                    f"the initiators of item {item} are states from 0 to {states - 1}, not {own!r}"
                )
            self.deciders[item, listed.astype(np.int64)] = True
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
        listed = np.asarray(list(goal) if isinstance(goal, Collection) else goal)
        if listed.ndim != 1 or (listed.size and listed.dtype.kind not in "iu"):
            raise UsageError(f"a goal is 'all', a predicate or positions in the menu, not {goal!r}")
        needed = {int(i) for i in listed}
        if not needed or not needed <= set(range(self.items)):
            raise UsageError(f"a goal names items from 0 to {self.items - 1}, not {sorted(needed)}")
        return sum(1 << i for i in needed), len(needed) == self.items

    def of(self, done: int) -> Floats:
        """Return the security of all states with these items done, array (draws, n)."""
        if done not in self._kept:
            given = self._security(frozenset(members(done)))
            what = f"with {members(done)} done" if done else "with nothing done"
            try:
                value = np.asarray(given, dtype=np.float64)
            except (TypeError, ValueError):
                value = np.array(np.nan)
            rows = value[None] if self.share is None else value
            if rows.ndim != 2 or not np.isfinite(rows).all():
                form = (
                    "a row of finite numbers, one a state" if self.share is None
                    else "a table of finite numbers, a row a draw"
                )  # fmt: skip
                raise UsageError(f"the security {what} is {form}, not {given!r}")
            if 0 in self._kept and rows.shape != self.start.shape:
                raise UsageError(
                    f"the security {what} has {rows.shape[1]} states in {len(rows)} rows, at the "
                    f"start {self.start.shape[1]} in {len(self.start)}"
                )
            self._kept[done] = rows
        return self._kept[done]

    def ready(self, sets: Collection[int]) -> None:
        """Say which sets will be looked at next."""
        if self._prepare is not None:
            new = [frozenset(members(done)) for done in sets if done not in self._kept]
            if new:
                self._prepare(new)

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
        largest = np.maximum(
            np.abs(before).max(axis=1, initial=0.0), np.abs(after).max(axis=1, initial=0.0)
        )
        lost = before - after
        falls: Floats = np.where(np.abs(lost) <= ROUNDING * largest[:, None], 0.0, lost)
        return falls

    def holds(self, kept: Bools) -> bool:
        """Whether something holds in enough draws, bool array (draws,)."""
        return bool(kept.all() if self.share is None else kept.mean() >= self.share - ROUNDING)

    def losers(self, done: int) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Return who lies below the start with these items done, and by how much.

        Over draws: who does in more of them than may be, or else most often, and by how much
        on average where it does.
        """
        fall = self.fall(self.start, self.of(done))
        # Under a budget every loss counts, however small.
        below = fall > (0.0 if self.rule == "bounded" else self.tol)
        often = below.mean(axis=0)
        lies = often > 1 - (1.0 if self.share is None else self.share) + ROUNDING
        if not lies.any() and not self.admits(done):
            lies = (often == often.max()) & (often > 0)
        who = np.flatnonzero(lies)
        lost = np.where(below, fall, 0.0).sum(axis=0)[who] / np.maximum(below.sum(axis=0)[who], 1)
        return tuple(who.tolist()), tuple(lost.tolist())

    def admits(self, done: int) -> bool:
        """Whether the rule admits the set itself, wherever one came from."""
        if self.rule == "step":
            return True
        fall = self.fall(self.start, self.of(done))
        below = fall > self.tol
        if self.rule == "start":
            return self.holds(np.logical_not(below.any(axis=1)))
        return self.holds(np.maximum(fall, 0.0).sum(axis=1) <= self.budget)

    def permits(self, before: int, after: int) -> bool:
        """Whether the rule and those who decide permit the step between two sets."""
        if not self.admits(after):
            return False
        if self.rule != "step" and self.consent == "none":
            return True
        fall = self.fall(self.of(before), self.of(after))
        if self.rule == "step" and not self.holds(np.logical_not((fall > self.tol).any(axis=1))):
            return False
        if self.consent == "none":
            return True
        deciders = self.deciders[members(after & ~before)].any(axis=0)
        return self.holds(agreed(fall[:, deciders], self.consent, self.tol))

    def shortage(self, before: int, after: int) -> tuple[float, float]:
        """Return what a step takes away beyond what counts as none, and in all, over draws."""
        origin = self.of(before) if self.rule == "step" else self.start
        fall = np.maximum(self.fall(origin, self.of(after)), 0.0)
        return float(np.where(fall > self.tol, fall, 0.0).sum()), float(fall.sum())

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

    def bounded_by(self, ways: Sequence[Sequence[int]] | None, ruled_out: int) -> Route | None:
        """Return the best way that is known where a search was cut short, None if none is.

        That is one that was found otherwise, or doing the whole goal at once, if that is a way.
        `ruled_out` is the size of packages with which, and with smaller ones, none leads there.
        """
        steps = None if ways is None else tuple(tuple(step) for step in ways)
        if steps is None:
            if not self.target or not self.permits(0, self.target):
                return None
            steps = (tuple(members(self.target)),)
        size = max(map(len, steps))
        if size <= self.package:
            status = "reached"
        else:
            status = "needs_package" if ruled_out >= self.package else "not_found_within_bounds"
        return Route(status, steps, size, (), (), self.spent, smallest=size == ruled_out + 1)


def agreed(fall: Floats, consent: str, tol: float) -> Bools:
    """Say whether those who decide agree to what a step takes from each, array (..., deciders).

    Where nobody decides, nobody refuses. The array that comes back has one dimension less.
    """
    if not fall.shape[-1] or consent == "none":
        return np.ones(fall.shape[:-1], dtype=np.bool_)
    if consent == "strong":
        return np.asarray((fall < -tol).all(axis=-1))
    willing = ~(fall > tol).any(axis=-1)
    if consent == "willing":
        return np.asarray(willing)
    return np.asarray(willing & (fall < -tol).any(axis=-1))


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


def _one_by_one(question: _Question, evaluations: int) -> list[int] | None:
    """Return the first order of the whole menu, an item a step, or None if none was found.

    Depth first, so that a way which is easily found costs few evaluations.
    """
    order: list[int] = []
    dead: set[int] = set()

    def onward(done: int) -> bool:
        if len(order) == question.items:
            return True
        for item in range(question.items):
            after = done | 1 << item
            if after == done or after in dead or question.spent > evaluations:
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


class _Walk(NamedTuple):
    """Items done one after the other: whole steps, and a package that is not closed yet."""

    done: int
    closed: int  # what was done when the last step ended
    largest: int  # the largest package, the one that is open with one item more
    steps: tuple[tuple[int, ...], ...]


def _side_by_side(question: _Question) -> list[tuple[int, ...]] | None:
    """Return a way with small packages, from walks followed side by side; None if none arrives.

    Every walk does one item more at a time, and ends a step as soon as it may. The walks with the
    smallest packages go on, of these the ones that take least away. Not all ways are tried.
    """
    items = members(question.target)
    width = max(1, min(WIDEST, 2 * question.evaluations // len(items) ** 2))
    walks = [_Walk(0, 0, 0, ())]
    for _ in items:
        question.ready({w.done | 1 << i for w in walks for i in items if not w.done >> i & 1})
        onward: dict[tuple[int, int], tuple[tuple[float, ...], _Walk]] = {}
        for walk in walks:
            for item in items:
                after = walk.done | 1 << item
                if after == walk.done:
                    continue
                package = tuple(members(after & ~walk.closed))
                ends = question.permits(walk.closed, after)
                largest = max(walk.largest, len(package) + (not ends))
                steps = (*walk.steps, package) if ends else walk.steps
                further = _Walk(after, after if ends else walk.closed, largest, steps)
                # What is lacking within the open package counts before what is lacking in all.
                rank = (largest, *question.shortage(walk.closed, after))
                key = (further.done, further.closed)
                if key not in onward or rank < onward[key][0]:
                    onward[key] = (rank, further)
        best = sorted(onward.values(), key=lambda entry: entry[0])[:width]
        walks = [walk for _, walk in best]
    return next((list(w.steps) for w in walks if w.closed == question.target), None)


def _by_levels(question: _Question, known: Sequence[Sequence[int]] | None) -> Route:
    """Search step by step where it counts from where a step is made, the smallest packages first.

    A level holds the sets reached with the same number of steps, in the order of their first
    ways, so the first way to the goal is the first of the shortest. `known` is a way from
    elsewhere, if there is one: the bound that is left where the search is cut short.
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
            route = question.bounded_by(known, package - 1)
            if route is not None:
                return route
            break
    losers, losses = question.losers(question.target) if question.fixed else ((), ())
    return question.answer("not_found_within_bounds", losers=losers, losses=losses)


def _retraced(origin: dict[int, int], goal: int) -> list[list[int]]:
    way = []
    while goal:
        way.append(members(goal & ~origin[goal]))
        goal = origin[goal]
    return way[::-1]
