"""Who is tied to whom by what: the ties of an architecture, pair by pair, with their sources.

The ledger is what the tables say once the mapping has read them. It knows every source of a
tie, so that it can tell what remains when one of them goes: two states that leave a common
organisation stay allies if a treaty of their own binds them, and rivals who were allies become
rivals again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from detente.architecture.mapping import TieMapping

Pair = tuple[str, str]


def pair(a: str, b: str) -> Pair:
    """Return the two codes in alphabetical order: the name of an undirected pair."""
    return (a, b) if a < b else (b, a)


@dataclass(frozen=True, slots=True)
class Article:
    """What an organisation's treaty makes of its members: its weight and who they are.

    Attributes
    ----------
    organisation : str
        Its code.
    weight : float
        What the article counts as an alliance before members' weights, 0..1.
    whole : float
        Weight of a member without one of its own.
    members : mapping of str to float
        Weight of every member.
    """

    organisation: str
    weight: float
    whole: float
    members: Mapping[str, float]

    def tie(self, a: str, b: str) -> float:
        """Return what membership of both makes of their alliance."""
        return self.weight * min(self.members[a], self.members[b])


class Treaty(NamedTuple):
    """A commitment that counts: its weight, its kind, and the states that owe it."""

    weight: float
    kind: str
    owing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """What a lens sees of one pair: the weight of the alliance, and whether they are rivals."""

    ally: float
    rival: float


NOTHING = Tie(0.0, 0.0)


@dataclass(slots=True)
class Ledger:
    """All ties of an architecture on its date, and what was left out.

    Attributes
    ----------
    mapping : TieMapping
        The rule that made it.
    articles : dict
        Organisations whose article counts, by code.
    treaties : dict
        Commitments that count, by pair and identifier.
    hostile : dict
        Intensity of the rivalries of each pair, by identifier.
    left_out : list of (table, identifier, reason)
        Rows that make no tie, for the reader.
    """

    mapping: TieMapping
    articles: dict[str, Article] = field(default_factory=dict)
    treaties: dict[Pair, dict[str, Treaty]] = field(default_factory=dict)
    hostile: dict[Pair, dict[str, float]] = field(default_factory=dict)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)

    def ally_weight(self, a: str, b: str) -> float:
        """Return the weight of the alliance of two states, whether or not they are rivals."""
        held = self.treaties.get(pair(a, b))
        best = max(t.weight for t in held.values()) if held else 0.0
        for article in self.articles.values():
            if a in article.members and b in article.members:
                best = max(best, article.tie(a, b))
        return best

    def intensity(self, a: str, b: str) -> float:
        """Return the intensity of the rivalry of two states, 0 if there is none."""
        held = self.hostile.get(pair(a, b))
        return max(held.values()) if held else 0.0

    def tie(self, a: str, b: str) -> Tie:
        """Return what a lens sees of the pair: rivals who are allies count as neither."""
        ally = self.ally_weight(a, b)
        rival = self.intensity(a, b) >= self.mapping.threshold
        if rival:
            return NOTHING if ally > 0 else Tie(0.0, 1.0)
        return Tie(ally, 0.0)

    def are_rivals(self, a: str, b: str) -> bool:
        """Say whether a rivalry at or above the threshold stands between them."""
        return self.intensity(a, b) >= self.mapping.threshold

    def pairs(self) -> set[Pair]:
        """Return every pair with a tie of some source."""
        out = set(self.treaties) | set(self.hostile)
        for article in self.articles.values():
            members = sorted(article.members)
            out.update((a, b) for i, a in enumerate(members) for b in members[i + 1 :])
        return out

    def allied_rivals(self) -> list[Pair]:
        """Return the pairs that are allies and rivals at once, and so count as neither."""
        return sorted(p for p in self.pairs() if self.are_rivals(*p) and self.ally_weight(*p) > 0)

    def sources(self, a: str, b: str) -> list[str]:
        """Return what ties two states: organisations, commitments and rivalries."""
        out = [o for o, article in self.articles.items() if {a, b} <= article.members.keys()]
        out += list(self.treaties.get(pair(a, b), {}))
        return out + list(self.hostile.get(pair(a, b), {}))

    def partial(self) -> list[str]:
        """Return the organisations and members that count less than in full, as mapping keys.

        A member is listed as ``ORGANISATION/STATE``.
        """
        out: list[str] = []
        for code, article in sorted(self.articles.items()):
            if article.whole < 1:
                out.append(code)
            out += [
                f"{code}/{state}"
                for state, weight in sorted(article.members.items())
                if weight < 1 and weight != article.whole
            ]
        return out

    def with_members(self, organisation: str, members: Mapping[str, float]) -> Article:
        """Return the article of an organisation with other members."""
        old = self.articles[organisation]
        return Article(organisation, old.weight, old.whole, members)

    def overlay(self) -> Ledger:
        """Return a ledger whose entries can be replaced without touching this one."""
        return Ledger(
            self.mapping,
            dict(self.articles),
            dict(self.treaties),
            dict(self.hostile),
            self.left_out,
        )


def touched(ledger: Ledger, pairs: Iterable[Pair], before: Ledger) -> dict[Pair, Tie]:
    """Return the new tie of every pair whose tie differs from the one in `before`."""
    out = {}
    for a, b in pairs:
        now = ledger.tie(a, b)
        if now != before.tie(a, b):
            out[a, b] = now
    return out
