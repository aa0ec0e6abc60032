"""Security with every set of some items: of edits on a menu, or of sources of ties.

Exact, and quick where the items are many and each fact hangs on a few of them: see
`subset_kernel`. States are worked at on several threads; each is worked at by one alone, so the
numbers are the same for any number of threads.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from detente.architecture.fact_tables import FactTables
from detente.architecture.system import System
from detente.errors import UsageError
from detente.lenses.coalition import formula
from detente.lenses.coalition import subset_kernel as kernel
from detente.lenses.coalition.attack_sums_kernel import RIVALRY, STATIONS, Numbers
from detente.lenses.coalition.changes import NUMBER, PAIRS, numbers_of
from detente.lenses.coalition.facts import Facts, Floats, Ints, Values, known_distance, tied
from detente.lenses.coalition.subset_arrays import LeastGains, Rates, VaryingFacts
from detente.lenses.coalition.system_facts import facts_of

Answer = TypeVar("Answer")

MOST_ITEMS = 24
"""Most items whose sets are all looked at."""
MOST_IN_A_TERM = 16
"""Most items on which one term of a sum may hang."""
_checked: WeakKeyDictionary[FactTables, System] = WeakKeyDictionary()
"""Tables of which no term hangs on too many items, with the system that they are of."""


@dataclass(frozen=True, eq=False)
class EverySet:
    """The security of every state with every set of items, evaluated when it is asked for.

    Attributes
    ----------
    system : System
        What holds where no table says otherwise.
    tables : FactTables
        The facts that hang on the items.
    values : mapping
        The parameters of the lens.
    """

    system: System
    tables: FactTables
    values: Values
    _facts: VaryingFacts = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse at once what cannot be tabled."""
        object.__setattr__(self, "_facts", varying(self.system, self.tables, self.values))

    def of(self, states: Sequence[int] | None = None, *, threads: int | None = None) -> Floats:
        """Return the security with every set, array (2**items, states), item i bit i of the row.

        Parameters
        ----------
        states : sequence of int, optional
            Positions of the states; all if not given.
        threads : int, optional
            How many threads work at it; the numbers are the same for any.
        """
        chosen = list(range(self.system.size)) if states is None else list(states)
        place = {state: k for k, state in enumerate(chosen)}
        out = np.zeros((len(chosen), 1 << self.tables.items))
        nowhere, states_ = np.zeros(0), self._longest_first(place)

        def one(state: int) -> None:
            support, table = self._table(state, nowhere)
            kernel.combine(out[place[state]], self.tables.items, support, table, kernel.ADD)

        for _ in _each(one, states_, self._threads(threads)):
            pass
        return out.T

    def least(
        self, before: Floats, scale: Floats | float = 1.0, *, threads: int | None = None
    ) -> Floats:
        """Return the least of all states' gains with every set, array (2**items,).

        Parameters
        ----------
        before : array (n,)
            The security from which gains are counted.
        scale : float or array (n,)
            By what each state's gain is divided before they are compared.
        threads : int, optional
            How many threads work at it; the numbers are the same for any.
        """
        scales = np.broadcast_to(np.asarray(scale, dtype=np.float64), before.shape)
        together: dict[int, Floats] = {}
        bowls = [np.full(1 << self.tables.items, np.inf) for _ in range(self._threads(threads))]
        free = list(bowls)

        def one(state: int) -> tuple[int, Floats]:
            bowl = free.pop()
            found = self._table(state, bowl, float(before[state]), float(scales[state]))
            free.append(bowl)
            return found

        states = self._longest_first(range(self.system.size))
        for state, (support, table) in zip(states, _each(one, states, len(bowls)), strict=True):
            if support < 0:
                continue
            gains = (table - before[state]) / scales[state]
            if support in together:
                np.minimum(together[support], gains, out=together[support])
            else:
                together[support] = gains
        least = bowls[0]
        for other in bowls[1:]:
            np.minimum(least, other, out=least)
        for support, gains in sorted(together.items()):
            kernel.combine(least, self.tables.items, support, gains, kernel.LEAST)
        return least

    def _table(
        self, state: int, least: Floats, before: float = 0.0, scale: float = 1.0
    ) -> tuple[int, Floats]:
        every = (1 << self.tables.items) - 1
        gains = LeastGains(least, every, before, scale)
        items, table = kernel.security_table(*self._ready, state, gains)
        return int(items), table

    def _longest_first(self, states: Iterable[int]) -> list[int]:
        attacked = np.bincount(self._ready[2].target, minlength=self.system.size)
        return sorted(states, key=lambda state: -attacked[state])

    def _threads(self, threads: int | None) -> int:
        return max(1, min(threads or os.cpu_count() or 1, self.system.size))

    @cached_property
    def _ready(self) -> tuple[VaryingFacts, Numbers, Rates]:
        numbers = numbers_of(self.values)
        return self._facts, numbers, kernel.rates(self._facts, numbers)


def _each(work: Callable[[int], Answer], states: Sequence[int], threads: int) -> Iterator[Answer]:
    """Yield what is done for each state, in order; a few are under way at once."""
    if threads == 1:
        yield from map(work, states)
        return
    with ThreadPoolExecutor(threads) as workers:
        waiting = deque(workers.submit(work, state) for state in states[: 2 * threads])
        for state in [*states[2 * threads :], *[-1] * len(waiting)]:
            if not waiting:
                return
            done = waiting.popleft().result()
            if state >= 0:
                waiting.append(workers.submit(work, state))
            yield done


def varying(
    system: System,
    tables: FactTables,
    values: Values,
    *,
    most: int = MOST_ITEMS,
) -> VaryingFacts:
    """Return the facts as functions of sets of items, as the kernel wants them.

    Raises
    ------
    UsageError
        If there are more than `most` items, or one term hangs on too many of them.
    """
    if tables.items > most:
        raise UsageError(f"sets of at most {most} items, not of {tables.items}")
    facts = facts_of(system, values, None)
    n = facts.size
    if np.isnan(system.distance).any():
        wanted = tied(facts)
        for k in np.flatnonzero(_ever_positive(tables)):
            wanted[tables.first[k]] = wanted[tables.second[k]] = True
        distance = known_distance(facts._replace(distance=system.distance), values["reach"],
                                  wanted, system.codes)  # fmt: skip
        facts = facts._replace(distance=distance)
    apart = {name: system.promises[name] for name in ("nonaggression", "neutrality")}
    pair = np.stack([apart[name] if name in apart else getattr(facts, name) for name in PAIRS])
    neutral = np.array(facts.neutral)
    key, neutral_key = np.full((len(PAIRS), n, n), -1), np.full(n, -1)
    for t, what in enumerate(NUMBER[tables.what].tolist() if len(tables.what) else []):
        i, j, hangs = tables.first[t], tables.second[t], tables.support[t] != 0
        fixed = tables.value[tables.start[t]]
        if what == len(PAIRS):
            neutral_key[i], neutral[i] = (t, neutral[i]) if hangs else (-1, fixed)
        elif what >= 0:
            for a, b in ((i, j), (j, i))[: 1 + (what == RIVALRY)]:
                key[what, a, b], pair[what, a, b] = (t, pair[what, a, b]) if hangs else (-1, fixed)
    facts = facts._replace(neutral=neutral, stations=pair[STATIONS])
    support = np.concatenate([tables.support, [0]])  # the last stands for no table
    of = support[key]
    of_neutral = support[neutral_key]
    (defense, offense, nonaggression, neutrality, guarantee, rivalry, stations, supplies) = of
    defends = defense | guarantee | of_neutral[:, None]
    bond = defends | nonaggression | neutrality | rivalry
    found = VaryingFacts(
        pair=pair,
        neutral=neutral,
        key=key,
        neutral_key=neutral_key,
        support=support,
        start=np.concatenate([tables.start, [0]]),
        value=np.array(tables.value),
        of_defends=defends,
        of_bond=bond,
        of_going=defends | offense,
        of_quarrel=rivalry,
        of_supplies=supplies,
        **_arrivals(facts, values, tables, key[STATIONS], stations),
        strength=np.array(facts.strength),
        nuclear=np.flatnonzero(facts.nuclear),
        armed=np.array(facts.nuclear),
    )
    if _checked.get(tables) is not system:  # the same for all values
        _check_terms(found)
        _checked[tables] = system
    return found


def _arrivals(
    facts: Facts, values: Values, tables: FactTables, key: Ints, support: Ints
) -> dict[str, Any]:
    """Return what arrives of each state in parts: what no item moves, and every post that one does.

    The parts add up as long as no set of items brings more abroad than there is; where one may,
    the posts of that state are one part.
    """
    n, near = facts.size, formula.nearness(facts, values)
    largest = np.where(key >= 0, 0.0, facts.stations)
    for t in np.unique(key[key >= 0]).tolist():
        own = slice(tables.start[t], tables.start[t] + (1 << int(tables.support[t]).bit_count()))
        largest[key == t] = tables.value[own].max()
    scaled = (values["station"] * largest.sum(axis=1) > 1.0) & (support != 0).any(axis=1)
    still = facts._replace(stations=np.where(key >= 0, 0.0, facts.stations))
    posts, states, supports, ptr = list[list[int]](), list[int](), list[int](), [0]
    for k in range(n):
        varying = np.flatnonzero(key[k] >= 0).tolist()
        posts.append(np.flatnonzero(largest[k] > 0).tolist() if scaled[k] else [])
        states += [-2] if scaled[k] else [-1, *varying]
        whole = int(np.bitwise_or.reduce(support[k]))
        supports += [whole] if scaled[k] else [0, *support[k, varying].tolist()]
        ptr.append(len(states))
    return {
        "part_ptr": np.array(ptr),
        "part_post": np.array(states),
        "part_support": np.array(supports),
        "post_ptr": np.cumsum([0, *map(len, posts)]),
        "posts": np.array([h for own in posts for h in own], dtype=np.int64),
        "fixed": np.array(formula.ties(still, values).arrives),
        "near": near,
    }


def _ever_positive(tables: FactTables) -> Ints:
    return np.array(
        [
            bool((tables.value[s : s + (1 << int(u).bit_count())] > 0).any())
            for s, u in zip(tables.start.tolist(), tables.support.tolist(), strict=True)
        ],
        dtype=np.bool_,
    )


def _check_terms(f: VaryingFacts) -> None:
    """Refuse what would need tables without end: a term that hangs on very many items."""
    nuclear = np.bitwise_or.reduce(f.of_defends[f.nuclear], axis=0)
    part = np.maximum.reduceat(np.bitwise_count(f.part_support), f.part_ptr[:-1])
    going = np.bitwise_count(f.of_going[:, :, None] | f.of_bond[:, None, :]).max(axis=(1, 2))
    rate = np.bitwise_count(f.of_bond | nuclear[None, :]).max(axis=1, initial=0)
    most = int(max((going + part).max(), (rate + part).max()))
    if most > MOST_IN_A_TERM:
        raise UsageError(
            f"a term of the sum hangs on {most} items, and sets are tabled for at most "
            f"{MOST_IN_A_TERM}: look at fewer items, or evaluate sets one by one"
        )
