"""Who is tied to whom by what: the ties of an architecture, pair by pair, with their sources.

The ledger is what the tables say once the mapping has read them. It keeps every kind of promise
apart and directed, knows every source of a tie, and so can tell what remains when one of them
goes: two states that leave a common organisation stay allies if a treaty of their own binds them.
The two signs that some lenses want, allies and rivals, are views that the mapping takes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from detente.architecture.mapping import TieMapping

Pair = tuple[str, str]
Facts = dict[tuple[str, str, str], float]
"""What holds from one state to another, by its name and the two; a rivalry stands once."""

SERIOUS = 4.0
"""Intensity from which a rivalry that the mapping cancels is worth a warning: use of force."""


def pair(a: str, b: str) -> Pair:
    """Return the two codes in alphabetical order: the name of an undirected pair."""
    return (a, b) if a < b else (b, a)


@dataclass(frozen=True, slots=True)
class Article:
    """What an organisation's treaty makes its members promise one another.

    Attributes
    ----------
    organisation : str
        Its code.
    promises : mapping of str to float
        Kinds of promise, with the strength of the text, 0..1.
    whole : float
        Weight of a member without one of its own.
    members : mapping of str to float
        Weight of every member.
    """

    organisation: str
    promises: Mapping[str, float]
    whole: float
    members: Mapping[str, float]

    def both(self, a: str, b: str) -> float:
        """Return how much a promise between two members counts, before the strength of the text."""
        return min(self.members[a], self.members[b])


class Treaty(NamedTuple):
    """A promise in force: its kind, the strength of its text, and the states that owe it."""

    kind: str
    value: float
    owing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """What a signed lens sees of one pair: the weight of the alliance, and whether rivals."""

    ally: float
    rival: float


@dataclass(slots=True)
class Ledger:
    """All ties of an architecture on its date, and what was left out.

    Attributes
    ----------
    mapping : TieMapping
        The rule that made it.
    articles : dict
        Organisations whose treaty promises something, by code.
    treaties : dict
        Promises of one state to another, by pair and identifier.
    neutral : dict
        Neutrality promised to everybody, by state and identifier.
    hostile : dict
        Intensity of the rivalries of each pair, by identifier.
    stations : dict
        Share of the first state's strength on the second's ground, by both and identifier.
    supplies : dict
        Share of the first state's strength that reaches the second, by both and identifier.
    left_out : list of (table, identifier, reason)
        Rows that make no tie, for the reader.
    """

    mapping: TieMapping
    articles: dict[str, Article] = field(default_factory=dict)
    treaties: dict[Pair, dict[str, Treaty]] = field(default_factory=dict)
    neutral: dict[str, dict[str, float]] = field(default_factory=dict)
    hostile: dict[Pair, dict[str, float]] = field(default_factory=dict)
    stations: dict[Pair, dict[str, float]] = field(default_factory=dict)
    supplies: dict[Pair, dict[str, float]] = field(default_factory=dict)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)

    # What was promised and what stands, kind by kind ------------------------------------

    def articles_of(self, a: str, b: str) -> list[Article]:
        """Return the articles of organisations to which two states belong."""
        return [x for x in self.articles.values() if a in x.members and b in x.members]

    def facts(self, a: str, b: str, shared: Sequence[Article] | None = None) -> Facts:
        """Return what holds between two states, each way; of one state alone its neutrality.

        Forces abroad are left out: a sender's shares hang together, see `posted`. `shared` are
        the articles of both, if they are known.
        """
        if a == b:
            held = max(self.neutral.get(a, {}).values(), default=0.0)
            return {("neutral", a, a): held} if held else {}
        a, b = pair(a, b)
        facts: Facts = {}
        # Thousands of changes are looked up one by one, so this is written for speed.
        treaties = self.treaties.get((a, b))
        for kind, value, owing in treaties.values() if treaties else ():
            for k in owing:
                key = (kind, k, b if k == a else a)
                if value > facts.get(key, 0.0):
                    facts[key] = value
        for article in self.articles_of(a, b) if shared is None else shared:
            share = article.both(a, b)
            for kind, value in article.promises.items():
                promised = value * share
                for key in ((kind, a, b), (kind, b, a)):
                    if promised > facts.get(key, 0.0):
                        facts[key] = promised
        if (a, b) in self.hostile and (intensity := self.intensity(a, b)) > 0.0:
            facts["rivalry", a, b] = intensity
        for way in ((a, b), (b, a)):
            if way in self.supplies:
                amount = max(self.supplies[way].values(), default=0.0)
                if amount > 0.0:
                    facts["supplies", *way] = amount
        return facts

    def posted(self, state: str) -> dict[str, float]:
        """Return the shares of a state's strength abroad, by ground, scaled to what may be."""
        shares = {
            on: sum(entries.values())
            for (by, on), entries in sorted(self.stations.items())
            if by == state and entries
        }
        whole = sum(shares.values())
        most = self.mapping.values["presence.most"]
        return (
            {on: share * most / whole for on, share in shares.items()} if whole > most else shares
        )

    def promise(
        self,
        name: str,
        kind: str,
        value: float,
        parties: Pair,
        *,
        mutual: bool,
        share: float | None = None,
    ) -> None:
        """Add a promise of the first party to the second, mutual or not, under its name.

        A promise of arms is a delivery, and one of basing a presence: of `share` of the
        promiser's strength, by default of what the mapping assumes.
        """
        a, b = parties
        owing = (a, b) if mutual else (a,)
        key = pair(a, b)
        self.treaties[key] = {**self.treaties.get(key, {}), name: Treaty(kind, value, owing)}
        for kind_of, entries, assumed in (
            ("arms_supply", self.supplies, "supply.light"),
            ("basing", self.stations, "presence.share"),
        ):
            if kind == kind_of:
                amount = self.mapping.values[assumed] if share is None else share
                for k in owing:
                    way = (k, b if k == a else a)
                    entries[way] = {**entries.get(way, {}), name: amount}

    def take_back(self, kind: str, state: str, other: str, row: str = "") -> None:
        """Remove the promises of a kind that a state owes another, mutual ones for both.

        With the identifier of a row that promise alone.
        """
        key = pair(state, other)
        held = self.treaties.get(key, {})
        gone = {
            name
            for name, t in held.items()
            if t.kind == kind and state in t.owing and row in ("", name)
        }
        self.treaties[key] = {name: t for name, t in held.items() if name not in gone}
        for entries in (self.supplies, self.stations):
            for way in ((state, other), (other, state)):
                if way in entries and gone & entries[way].keys():
                    entries[way] = {n: x for n, x in entries[way].items() if n not in gone}

    def intensity(self, a: str, b: str) -> float:
        """Return the intensity of the rivalry of two states, 0 if there is none."""
        held = self.hostile.get(pair(a, b))
        return max(held.values(), default=0.0) if held else 0.0

    # The signed view ----------------------------------------------------------------------

    def treaty_weight(self, treaty: Treaty) -> float:
        """Return how much a promise counts as an alliance, 0..1."""
        return self.mapping.kind_weight(treaty.kind) * treaty.value

    def article_weight(self, article: Article) -> float:
        """Return how much an article counts as an alliance before members' weights, 0..1."""
        return max(
            (self.mapping.kind_weight(kind) * value for kind, value in article.promises.items()),
            default=0.0,
        )

    @property
    def alliances(self) -> dict[str, Article]:
        """Organisations whose article counts as an alliance."""
        return {code: a for code, a in self.articles.items() if self.article_weight(a) > 0}

    @property
    def pacts(self) -> dict[Pair, dict[str, Treaty]]:
        """Promises that count as an alliance."""
        counted = {
            key: {name: t for name, t in entries.items() if self.treaty_weight(t) > 0}
            for key, entries in self.treaties.items()
        }
        return {key: entries for key, entries in counted.items() if entries}

    def ally_weight(self, a: str, b: str, shared: Sequence[Article] | None = None) -> float:
        """Return the weight of the alliance of two states, whether or not they are rivals."""
        held, weigh, best = self.treaties.get(pair(a, b)), self.mapping.kind_weight, 0.0
        for treaty in held.values() if held else ():
            best = max(best, self.treaty_weight(treaty))
        for article in self.articles_of(a, b) if shared is None else shared:
            share = article.both(a, b)
            for kind, value in article.promises.items():
                if (weight := weigh(kind) * (value * share)) > best:
                    best = weight
        return best

    def tie(self, a: str, b: str, shared: Sequence[Article] | None = None) -> Tie:
        """Return what a signed lens sees of the pair, by the mapping's rule for allied rivals."""
        ally, rival = self.ally_weight(a, b, shared), self.are_rivals(a, b)
        if rival and ally > 0:
            rule = self.mapping.allied_rivals
            return Tie(ally if rule == "allies" else 0.0, float(rule == "rivals"))
        return Tie(0.0, 1.0) if rival else Tie(ally, 0.0)

    def are_rivals(self, a: str, b: str) -> bool:
        """Say whether a rivalry at or above the threshold stands between them."""
        return self.intensity(a, b) >= self.mapping.threshold

    def allied_rivals(self) -> list[Pair]:
        """Return the pairs that are allies and rivals at once, which no signed model admits."""
        return sorted(p for p in self.hostile if self.allied_rival_pair(*p))

    def allied_rival_pair(self, a: str, b: str) -> bool:
        """Say whether two states are allies and rivals at once."""
        return self.are_rivals(a, b) and self.ally_weight(a, b) > 0

    def cancelled_rivalries(self) -> list[Pair]:
        """Return the allied rivals whose use of force or war a signed lens does not see."""
        if self.mapping.allied_rivals == "rivals":
            return []
        return [p for p in self.allied_rivals() if self.intensity(*p) >= SERIOUS]

    # All of it ------------------------------------------------------------------------------

    def pairs(self) -> set[Pair]:
        """Return every pair with a tie of some source that a signed lens may see."""
        pairs = set(self.pacts) | set(self.hostile)
        for article in self.alliances.values():
            members = sorted(article.members)
            pairs.update((a, b) for i, a in enumerate(members) for b in members[i + 1 :])
        return pairs

    def sources(self, a: str, b: str) -> list[str]:
        """Return what ties two states: organisations, commitments and rivalries."""
        names = [o for o, article in self.articles.items() if {a, b} <= article.members.keys()]
        names += list(self.treaties.get(pair(a, b), {}))
        return names + list(self.hostile.get(pair(a, b), {}))

    def partial(self) -> list[str]:
        """Return the alliances and members that count less than in full, as mapping keys.

        A member is listed as ``ORGANISATION/STATE``.
        """
        keys: list[str] = []
        for code, article in sorted(self.alliances.items()):
            if article.whole < 1:
                keys.append(code)
            keys += [
                f"{code}/{state}"
                for state, weight in sorted(article.members.items())
                if weight < 1 and weight != article.whole
            ]
        return keys

    def with_members(self, organisation: str, members: Mapping[str, float]) -> Article:
        """Return the article of an organisation with other members."""
        old = self.articles[organisation]
        return Article(organisation, old.promises, old.whole, members)

    def overlay(self) -> Ledger:
        """Return a ledger whose entries can be replaced without touching this one."""
        return Ledger(
            self.mapping,
            dict(self.articles),
            dict(self.treaties),
            dict(self.neutral),
            dict(self.hostile),
            dict(self.stations),
            dict(self.supplies),
            self.left_out,
        )


def rewritten(ledger: Ledger, before: Ledger) -> tuple[set[Pair], set[str], bool]:
    """Return whose entries of a ledger were written to since `before`.

    Pairs whose own promises, quarrels or deliveries were; states whose neutrality or posts abroad
    were; and whether the article of an organisation was, which ties all of its members.
    """

    def keys(name: str) -> set[Any]:
        new, old = getattr(ledger, name), getattr(before, name)
        return {key for key in new.keys() | old.keys() if new.get(key) is not old.get(key)}

    pairs = {pair(*way) for name in ("treaties", "hostile", "supplies") for way in keys(name)}
    return pairs, keys("neutral") | {by for by, _ in keys("stations")}, bool(keys("articles"))


Standing = dict[Pair, tuple[Facts, Tie, list[Article]]]
"""What holds between pairs of a ledger that is not edited any more, as it was looked up: facts,
tie, and the articles of both."""


def edited(
    ledger: Ledger, pairs: Iterable[Pair], before: Ledger, standing: Standing
) -> tuple[dict[Pair, Tie], Facts]:
    """Return the new tie and the new facts of some pairs, where they differ from `before`.

    `standing` keeps what `before` says of a pair for the next time.
    """
    ties, facts, senders = dict[Pair, Tie](), Facts(), set[str]()
    old, new = before.articles, ledger.articles
    edited_ones, gone = list[Article](), set[str]()
    if old != new:
        edited_ones = [x for code, x in new.items() if old.get(code) is not x]
        gone = {code for code, x in old.items() if new.get(code) is not x}
    for a, b in pairs:
        known = standing.get((a, b))
        if known is None:
            shared = before.articles_of(a, b)
            known = (before.facts(a, b, shared), before.tie(a, b, shared), shared)
            standing[a, b] = known
        shared = known[2]
        if edited_ones or gone:
            shared = [x for x in shared if x.organisation not in gone]
            shared += [x for x in edited_ones if a in x.members and b in x.members]
        now, then = ledger.facts(a, b, shared), known[0]
        if now != then:
            changed = (key for key in now | then if now.get(key) != then.get(key))
            facts |= {key: now.get(key, 0.0) for key in changed}
        if a != b and (tie := ledger.tie(a, b, shared)) != known[1]:
            ties[a, b] = tie
        for k, i in ((a, b), (b, a)):
            if ledger.stations.get((k, i)) != before.stations.get((k, i)):
                senders.add(k)
    for k in senders:
        now_on, then_on = ledger.posted(k), before.posted(k)
        facts |= {
            ("stations", k, on): now_on.get(on, 0.0)
            for on in now_on | then_on
            if now_on.get(on) != then_on.get(on)
        }
    return ties, facts
