"""What sets of items do to each fact, as tables of the few items on which that fact hangs.

A menu's edits and a state's sources of ties come in sets by the million; the promise of one state
to another hangs on two or three of them. Which ones is found out by looking what each item moves
in several contexts, tabled from the ledger, and held against the ledger on sets at random.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from detente.architecture.fact_tables import FactTables, Key
from detente.architecture.kinds import FACTS_EDITED
from detente.architecture.system import Floats, System
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.tie_sources import TieSets

MOST_READINGS = 3000
"""Sets that are read from the ledger before a menu counts as too entangled."""
MOST_ITEMS_OF_A_FACT = 12
"""Items of which a fact may hang on, for its table to be made."""
ROUNDS, CHECKS = 6, 12
"""How often items are sought anew, and the random sets that are held against the ledger."""


def tables_of_menu(composites: Composites) -> FactTables | None:
    """Return the facts as tables of the edits of a menu; None where edits are too entangled.

    None as well where an edit changes a capability, which no table of facts holds.
    """
    if composites.arms:
        return None
    rng = np.random.default_rng(0)
    tables: dict[Key, tuple[list[int], Floats]] = {}
    for cluster in composites.clusters:
        own = _Cluster(composites, cluster)
        hanging = own.hanging(rng)
        if hanging is None:
            return None
        for key, items in hanging.items():
            tables[key] = (items, own.table(key, items))
    return FactTables.build(len(composites), tables)


def tables_of_sources(sets: TieSets, among: Sequence[int] | None = None) -> FactTables | None:
    """Return the facts as tables of the sources that stand behind them; None as above.

    The items are the players in `among`, in that order, and the others are in throughout; or all.
    """
    chosen = range(sets.players) if among is None else among
    item = {player: k for k, player in enumerate(chosen)}
    groups = sets.players_of_facts()
    tables: dict[Key, tuple[list[int], Floats]] = {}
    for everybody, places in groups.items():
        players = sorted((player for player in everybody if player in item), key=item.__getitem__)
        if len(players) > MOST_ITEMS_OF_A_FACT:
            return None
        on = np.ones((1 << len(players), sets.players), dtype=np.bool_)
        for bit, player in enumerate(players):
            on[:, player] = np.arange(len(on)) >> bit & 1
        values = sets.values(on)
        for place in places:
            what, i, j = sets.keys[place].tolist()
            own = [item[player] for player in players]
            tables[what, i, j] = (own, np.ascontiguousarray(values[:, place]))
    return FactTables.build(len(chosen), tables)


class _Cluster:
    """Items that share facts: what each set of them does, read from the ledger when it comes up."""

    def __init__(self, composites: Composites, items: Iterable[int]) -> None:
        self.composites, self.items = composites, sorted(items)
        self.readings = 0
        self._known: dict[int, dict[Key, float]] = {}

    def facts(self, done: int) -> dict[Key, float]:
        """Return the facts that a set of the items edits, with their new values."""
        if done not in self._known:
            self.readings += 1
            self._known[done] = self.composites.facts_of(done)
        return self._known[done]

    def hanging(self, rng: np.random.Generator) -> dict[Key, list[int]] | None:
        """Return for every fact the items on which it hangs; None where there are too many."""
        whole = sum(1 << item for item in self.items)
        contexts = [0, whole] if len(self.items) > 1 else [0]
        found: dict[Key, set[int]] = {}
        for _ in range(ROUNDS):
            for context in contexts:
                here = self.facts(context)
                for item in self.items:
                    there = self.facts(context ^ 1 << item)
                    for key in here | there:
                        if here.get(key) != there.get(key):
                            found.setdefault(key, set()).add(item)
            if any(len(own) > MOST_ITEMS_OF_A_FACT for own in found.values()):
                return None
            needed = {self._within(on, own) for own in found.values() for on in _subsets(own)}
            if self.readings + len(needed - self._known.keys()) > MOST_READINGS:
                return None
            contexts = self._wrong(found, rng) if len(self.items) > 1 else []
            if not contexts:
                return {key: sorted(own) for key, own in found.items()}
        return None

    def table(self, key: Key, items: list[int]) -> Floats:
        """Return the value of a fact for every set of the items on which it hangs."""
        standing = _standing(self.composites.system, key)
        return np.array([self.facts(on).get(key, standing) for on in _subsets(items)])

    def _wrong(self, found: dict[Key, set[int]], rng: np.random.Generator) -> list[int]:
        """Return sets at random of which the tables so far would say something else."""
        wrong = []
        for _ in range(CHECKS):
            on = sum(1 << item for item in self.items if rng.random() < 0.5)
            true = self.facts(on)
            tabled = {}
            for key, own in found.items():
                value = self.facts(self._within(on, own)).get(key)
                if value is not None:
                    tabled[key] = value
            if tabled != true:
                wrong.append(on)
        return wrong

    @staticmethod
    def _within(on: int, items: Iterable[int]) -> int:
        return on & sum(1 << item for item in items)


def _subsets(items: Iterable[int]) -> list[int]:
    """Return every set of the items, the first of them the lowest bit."""
    sets = [0]
    for item in sorted(items):
        sets += [on | 1 << item for on in sets]
    return sets


def _standing(system: System, key: Key) -> float:
    what, i, j = key
    name = FACTS_EDITED[what]
    if name == "neutral":
        return float(system.neutral[i])
    table = system.promises[name] if name in system.promises else getattr(system, name)
    return float(table[i, j])
