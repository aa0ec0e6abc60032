"""The sources of ties, and a system with only some of them in force.

Two states can be tied by several sources, and one source (an organisation, a treaty, a rivalry,
forces abroad, a delivery) can tie many. Who explains a number, or depends on somebody, asks what
would be if some of them were gone and everything else as it is. A promise counts by the largest
of its sources in force, forces abroad add up; so a set of sources becomes a change of the system
by looking at what each source gives to each tie, without reading a ledger again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.kinds import FACTS_EDITED, PLACE
from detente.architecture.mapping import TieMapping
from detente.architecture.promises import Ledger, pair
from detente.architecture.system import FactEdits, Floats, Ints, Moves, System
from detente.lenses.protocol import Lens

Bools = NDArray[np.bool_]

KINDS_OF_SOURCE = {
    "organisation": "organisations",
    "commitment": "treaties and declarations",
    "neutrality": "neutrality",
    "rivalry": "rivalries",
    "presence": "forces abroad",
    "delivery": "deliveries",
}
"""Kinds of source, in words."""

ALLY = len(FACTS_EDITED)
"""The place of a signed alliance among what a source gives, behind the facts."""
CELLS = 4_000_000
"""Most cells of one table of what sources give, over the sets looked at together."""
SAME = 1e-12


class Gift(NamedTuple):
    """What one source gives to one tie.

    Attributes
    ----------
    what : int
        Place in `FACTS_EDITED`, or `ALLY`.
    row, column : str
        From whom to whom; of a rivalry or an alliance in alphabetical order.
    value : float
        As it enters the tie.
    source : str
        Name of the source.
    giver : str
        Whose decision it is that it stands; empty for an organisation's, where both must stay.
    """

    what: int
    row: str
    column: str
    value: float
    source: str
    giver: str


@dataclass(frozen=True)
class TieSource:
    """A source of ties.

    Attributes
    ----------
    name : str
        Identifier of the row, or code of the organisation.
    kind : str
        One of `KINDS_OF_SOURCE`.
    title : str
        What it is, in words.
    states : tuple of str
        Whom it ties.
    """

    name: str
    kind: str
    title: str
    states: tuple[str, ...]


def every_source(ledger: Ledger) -> list[TieSource]:
    """Return every source of ties of a ledger, organisations first, then by kind and name."""
    listed: dict[str, TieSource] = {}

    def add(name: str, kind: str, title: str, states: Iterable[str]) -> None:
        known = listed.get(name)
        if known is None:
            listed[name] = TieSource(name, kind, title, tuple(sorted(states)))
        else:
            listed[name] = replace(known, states=tuple(sorted({*known.states, *states})))

    for code, article in sorted(ledger.articles.items()):
        add(code, "organisation", code, article.members)
    for (by, on), shares in sorted(ledger.stations.items()):
        for name in shares:
            add(name, "presence", f"forces of {by} on the ground of {on}", (by, on))
    for (by, to), shares in sorted(ledger.supplies.items()):
        for name in shares:
            add(name, "delivery", f"arms and means from {by} to {to}", (by, to))
    for (a, b), treaties in sorted(ledger.treaties.items()):
        for name, treaty in treaties.items():
            words = treaty.kind.replace("_", " ")
            other = b if treaty.owing[0] == a else a
            parties = f"{a} and {b}" if len(treaty.owing) > 1 else f"{treaty.owing[0]} to {other}"
            add(name, "commitment", f"{words}, {parties}", (a, b))
    for state, pledges in sorted(ledger.neutral.items()):
        for name in pledges:
            add(name, "neutrality", f"neutrality of {state}", (state,))
    for (a, b), quarrels in sorted(ledger.hostile.items()):
        for name, level in quarrels.items():
            add(name, "rivalry", f"rivalry of {a} and {b}, intensity {level:g}", (a, b))
    return list(listed.values())


def gifts(ledger: Ledger) -> list[Gift]:
    """Return what every source of a ledger gives to every tie."""
    return [*_of_articles(ledger), *_of_treaties(ledger), *_of_tables(ledger)]


def _of_articles(ledger: Ledger) -> Iterable[Gift]:
    for code, article in ledger.articles.items():
        for a, b in combinations(sorted(article.members), 2):
            share = article.both(a, b)
            ally = 0.0
            for kind, value in article.promises.items():
                yield Gift(PLACE[kind], a, b, value * share, code, "")
                yield Gift(PLACE[kind], b, a, value * share, code, "")
                ally = max(ally, ledger.mapping.kind_weight(kind) * (value * share))
            if ally > 0:
                yield Gift(ALLY, a, b, ally, code, "")


def _of_treaties(ledger: Ledger) -> Iterable[Gift]:
    for (a, b), treaties in ledger.treaties.items():
        for name, treaty in treaties.items():
            for owing in treaty.owing:
                other = b if owing == a else a
                yield Gift(PLACE[treaty.kind], owing, other, treaty.value, name, owing)
                ally = ledger.treaty_weight(treaty)
                if ally > 0:
                    yield Gift(ALLY, *pair(a, b), ally, name, owing)


def _of_tables(ledger: Ledger) -> Iterable[Gift]:
    for (a, b), quarrels in ledger.hostile.items():
        for name, level in quarrels.items():
            yield Gift(PLACE["rivalry"], *pair(a, b), level, name, "")
    for what, entries in (("stations", ledger.stations), ("supplies", ledger.supplies)):
        for (by, to), shares in entries.items():
            for name, share in shares.items():
                yield Gift(PLACE[what], by, to, share, name, by)
    for state, pledges in ledger.neutral.items():
        for name, value in pledges.items():
            yield Gift(PLACE["neutral"], state, state, value, name, state)


class TieSets:
    """A system with only some of its sources in force, for many sets of sources at once.

    Parameters
    ----------
    system : System
        The system to which the sets are changes.
    mapping : TieMapping
        How signed ties are read.
    given : sequence of Gift
        What all sources give.
    player : callable
        Which player a gift belongs to, or which two must both be in; None: it stands in any case.
    players : int
        How many there are.
    """

    def __init__(
        self,
        system: System,
        mapping: TieMapping,
        given: Sequence[Gift],
        player: Callable[[Gift], int | tuple[int, int] | None],
        players: int,
    ) -> None:
        self.system, self.mapping, self.players = system, mapping, players
        index = {code: i for i, code in enumerate(system.codes)}
        inside = [g for g in given if g.row in index and g.column in index]
        self._whats = {gift.what for gift in given}
        owner = [player(gift) for gift in inside]
        keys = [(g.what, index[g.row], index[g.column]) for g in inside]
        # A signed tie hangs on alliance and rivalry together, a sender's forces on one another.
        varying = {key for key, p in zip(keys, owner, strict=True) if p is not None}
        varying |= {
            key
            for key, gift, old in zip(keys, inside, self._standing(keys), strict=True)
            if abs(old - gift.value) > SAME
        }
        signed = {key[1:] for key in varying if key[0] in (ALLY, PLACE["rivalry"])}
        senders = {key[1] for key in varying if key[0] == PLACE["stations"]}
        varying |= {
            key
            for key in keys
            if (key[0] in (ALLY, PLACE["rivalry"]) and key[1:] in signed)
            or (key[0] == PLACE["stations"] and key[1] in senders)
        }
        varying |= self._gone(keys)
        self.keys = np.array(sorted(varying), dtype=np.int64).reshape(-1, 3)
        place = {tuple(key): k for k, key in enumerate(self.keys.tolist())}
        entries = sorted(
            (place[key], *_two(p), gift.value)
            for key, p, gift in zip(keys, owner, inside, strict=True)
            if key in place
        )
        self._key = np.array([e[0] for e in entries], dtype=np.int64)
        self._player = np.array([e[1] for e in entries], dtype=np.int64)
        self._second = np.array([e[2] for e in entries], dtype=np.int64)
        self._value = np.array([e[3] for e in entries], dtype=np.float64)
        self._old = np.array(self._standing([tuple(k) for k in self.keys.tolist()]))
        self._pairs = sorted({(int(i), int(j)) for w, i, j in self.keys.tolist()
                              if w in (ALLY, PLACE["rivalry"])})  # fmt: skip
        self._ally_key, self._rival_key = (
            np.array([place.get((what, i, j), -1) for i, j in self._pairs], dtype=np.int64)
            for what in (ALLY, PLACE["rivalry"])
        )

    def _standing(self, keys: Sequence[tuple[int, ...]]) -> list[float]:
        """Return what the system has at each key."""
        values = []
        for what, i, j in keys:
            if what == ALLY:
                values.append(float(self.system.allies[i, j]))
            elif FACTS_EDITED[what] == "neutral":
                values.append(float(self.system.neutral[i]))
            else:
                name = FACTS_EDITED[what]
                table = self.system.promises.get(name)
                table = getattr(self.system, name) if table is None else table
                values.append(float(table[i, j]))
        return values

    def _gone(self, keys: Sequence[tuple[int, ...]]) -> set[tuple[int, int, int]]:
        """Return what the system has and no source gives any more."""
        present = set(keys)
        gone = set()
        for what, name in enumerate(FACTS_EDITED):
            if name == "strength" or what not in self._whats:
                continue
            if name == "neutral":
                cells = [(int(i), int(i)) for i in np.flatnonzero(self.system.neutral)]
            else:
                table = self.system.promises.get(name)
                table = getattr(self.system, name) if table is None else table
                table = np.triu(table) if name == "rivalry" else table
                cells = [(int(i), int(j)) for i, j in np.argwhere(table)]
            gone |= {(what, i, j) for i, j in cells if (what, i, j) not in present}
        gone |= {
            (ALLY, int(i), int(j))
            for i, j in np.argwhere(np.triu(self.system.allies))
            if (ALLY, int(i), int(j)) not in present
        }
        return gone

    def players_of_facts(self) -> dict[tuple[int, ...], list[int]]:
        """Return, by the players on which they hang, the places of facts in `keys`.

        Signed alliances are no facts; a sender's forces abroad hang on one another where all
        together may be more than can stand abroad.
        """
        owners: list[set[int]] = [set() for _ in self.keys]
        for key, *two in zip(self._key, self._player, self._second, strict=True):
            owners[key].update(int(player) for player in two if player >= 0)
        posted = self.keys[:, 0] == PLACE["stations"]
        whole = np.bincount(self._key, self._value, minlength=len(self.keys))
        for sender in np.unique(self.keys[posted, 1]):
            mine = np.flatnonzero(posted & (self.keys[:, 1] == sender)).tolist()
            if whole[mine].sum() <= self.mapping.values["presence.most"]:
                continue
            together = set[int]().union(*(owners[k] for k in mine))
            for k in mine:
                owners[k] = together
        groups: dict[tuple[int, ...], list[int]] = {}
        for k, players in enumerate(owners):
            if self.keys[k, 0] != ALLY:
                groups.setdefault(tuple(sorted(players)), []).append(k)
        return groups

    def moves(self, on: Bools) -> Moves:
        """Return sets of players as changes of the system: rows of a bool array (m, players)."""
        on = np.atleast_2d(on)
        rows = max(1, CELLS // max(1, len(self._value)))
        blocks = [self.values(on[at : at + rows]) for at in range(0, len(on), rows)]
        values = np.concatenate(blocks) if blocks else np.zeros((0, len(self.keys)))
        return self._as_moves(values)

    def values(self, on: Bools) -> Floats:
        """Return the value of every key for every set, (m, keys)."""
        values = np.zeros((len(on), len(self.keys)))
        if not len(self._key):
            return values
        with_fixed = np.concatenate([on, np.ones((len(on), 1), dtype=np.bool_)], axis=1)
        there = with_fixed[:, self._player] & with_fixed[:, self._second]
        given = np.where(there, self._value, 0.0)
        starts = np.flatnonzero(np.concatenate([[True], np.diff(self._key) > 0]))
        held = self._key[starts]
        values[:, held] = np.maximum.reduceat(given, starts, axis=1)
        posted = np.flatnonzero(self.keys[:, 0] == PLACE["stations"])
        if len(posted):
            sums = np.zeros((len(on), len(self.keys)))
            sums[:, held] = np.add.reduceat(given, starts, axis=1)
            values[:, posted] = sums[:, posted]
            self._scaled(values, posted)
        return values

    def _scaled(self, values: Floats, posted: Ints) -> None:
        """Scale the forces of a sender down to what may stand abroad in all."""
        most = self.mapping.values["presence.most"]
        senders = self.keys[posted, 1]
        for sender in np.unique(senders):
            mine = posted[senders == sender]
            whole = values[:, mine].sum(axis=1, keepdims=True)
            scale = np.divide(most, whole, out=np.ones_like(whole), where=whole > most)
            values[:, mine] *= scale

    def _as_moves(self, values: Floats) -> Moves:
        fact = self.keys[:, 0] != ALLY
        differs = (np.abs(values - self._old) > SAME) & fact
        row, key = np.nonzero(differs)
        fact_ptr = _starts(differs.sum(axis=1))
        changed, ties = self._signed(values)
        set_, place = np.nonzero(changed)
        pairs = np.array(self._pairs, dtype=np.int64).reshape(-1, 2)
        return Moves(
            ptr=_starts(changed.sum(axis=1)),
            first=np.ascontiguousarray(pairs[place, 0]),
            second=np.ascontiguousarray(pairs[place, 1]),
            ally=np.ascontiguousarray(ties[0][set_, place]),
            rival=np.ascontiguousarray(ties[1][set_, place]),
            actor_ptr=np.zeros(len(values) + 1, dtype=np.int64),
            actor=np.zeros(0, dtype=np.int64),
            armed=((),) * len(values),
            edited=FactEdits(
                fact_ptr,
                np.ascontiguousarray(self.keys[key, 0]),
                np.ascontiguousarray(self.keys[key, 1]),
                np.ascontiguousarray(self.keys[key, 2]),
                np.ascontiguousarray(values[row, key]),
            ),
        )

    def _signed(self, values: Floats) -> tuple[Bools, tuple[Floats, Floats]]:
        """Return which signed ties differ from the system's, and what they are, by the mapping."""
        # One more column of zeros stands for what no source gives.
        padded = np.concatenate([values, np.zeros((len(values), 1))], axis=1)
        ally, level = padded[:, self._ally_key], padded[:, self._rival_key]
        rival = level >= self.mapping.threshold
        both, rule = rival & (ally > 0), self.mapping.allied_rivals
        tied = np.where(rival & ~(both & (rule == "allies")), 0.0, ally)
        hostile = np.where(both, float(rule == "rivals"), rival.astype(np.float64))
        pairs = np.array(self._pairs, dtype=np.int64).reshape(-1, 2)
        was = self.system.allies[pairs[:, 0], pairs[:, 1]]
        foes = self.system.rivals[pairs[:, 0], pairs[:, 1]]
        return (np.abs(tied - was) > SAME) | (hostile != foes), (tied, hostile)


def seen_places(lens: Lens) -> set[int]:
    """Return what a lens reads of all that a source may give, signed alliances included.

    An alliance is read by all; a lens that does not say what it sees is taken to see everything.
    """
    names = getattr(lens, "sees", FACTS_EDITED)
    return {PLACE[name] for name in names} | {ALLY, PLACE["rivalry"], PLACE["defense"]}


def _two(player: int | tuple[int, int] | None) -> tuple[int, int]:
    """Return the two players that a gift needs; -1 is nobody, who is always in."""
    if player is None:
        return (-1, -1)
    return (player, -1) if isinstance(player, int) else player


def _starts(counts: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
