"""Who enters whose war, and with what chance: the measured shares of the lens `coalition`.

A war begins on a dyad when one of its two sides attacks the other; each is the attacker in half
of the wars. Third states then enter once, or stay out for good:

on the attacker's side against the target
    max( offense, D * (follow_quarrel if it has a quarrel with the target, else follow),
         parallel if it has such a quarrel )
on the target's side against the attacker
    D * (defend_quarrel if it has a quarrel with the attacker, else defend)

with D = max(defense, assurance * guarantee) what the third state has promised to whom it helps,
the five shares multiplied by `turnout`, and every promise of a state less as far as it is
neutral. A state that has promised to defend both sides stays out. So third states come as the
lens counts them; there all come in part, here each comes or does not. `turnout` is 1 here: the
shares are counted over wars whether or not the case of a pact arose, which is the frequency that
a simulated war wants; the lens, which weighs strengths, sets it higher.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from detente.architecture.promises import Pair, pair

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

SHARES = ("defend", "defend_quarrel", "follow", "follow_quarrel", "parallel")
OF_THE_LENS = (*SHARES, "assurance", "quarrel")
"""Parameters of entry whose defaults, ranges and sources are those of the lens."""
Weights = dict[str, dict[str, float]]
"""What is promised, by who is promised and who promises."""


class EntryChance(NamedTuple):
    """The chance of an entry, by which side of the dyad at war began the war."""

    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Pledges:
    """What third states have promised that bears on their entry.

    Attributes
    ----------
    defends : dict
        D by the state that is helped and the one that has promised, above zero.
    offense : dict
        Promises to join an attack, likewise.
    neutral : dict
        Neutrality promised to everybody, 0..1, by state.
    """

    defends: Weights = field(default_factory=dict)
    offense: Weights = field(default_factory=dict)
    neutral: dict[str, float] = field(default_factory=dict)

    def helpers(self, side: str) -> set[str]:
        """Return who has promised to fight on a side."""
        return set(self.defends.get(side, ())) | set(self.offense.get(side, ()))

    def bound(self, state: str, side: str) -> bool:
        """Say whether a state has promised to defend a side."""
        return state in self.defends.get(side, ())


def read_pledges(g: Architecture, v: Mapping[str, float]) -> Pledges:
    """Return what the states of an architecture have promised, on its date."""
    ledger = g.ledger
    pairs = {p for p, held in ledger.treaties.items() if held}
    for article in ledger.articles.values():
        members = sorted(article.members)
        pairs.update((a, b) for i, a in enumerate(members) for b in members[i + 1 :])
    neutral = {state: max(held.values()) for state, held in ledger.neutral.items() if held}
    pledges = Pledges(neutral=neutral)
    for a, b in sorted(pairs):
        facts = ledger.facts(a, b)
        for k, i in ((a, b), (b, a)):
            free = 1.0 - neutral.get(k, 0.0)
            guaranteed = v["assurance"] * facts.get(("guarantee", k, i), 0.0)
            for table, promised in (
                (pledges.defends, max(facts.get(("defense", k, i), 0.0), guaranteed)),
                (pledges.offense, facts.get(("offense", k, i), 0.0)),
            ):
                if promised * free > 0:
                    table.setdefault(i, {})[k] = promised * free
    return pledges


def entering(
    war: Pair, pledges: Pledges, hostile: Mapping[Pair, int], v: Mapping[str, float]
) -> Iterator[tuple[str, str, EntryChance]]:
    """Return who may enter a war against which of its two sides, with the chance."""
    share = {name: min(1.0, v["turnout"] * v[name]) for name in SHARES}
    a, b = war
    for side, foe in ((a, b), (b, a)):
        with_quarrel = {
            k
            for d, intensity in hostile.items()
            if foe in d and intensity >= v["quarrel"]
            for k in d
            if k != foe
        }
        for k in sorted(pledges.helpers(side) | with_quarrel):
            if k in war or pledges.bound(k, foe):
                continue
            defends = pledges.defends.get(side, {}).get(k, 0.0)
            offense = pledges.offense.get(side, {}).get(k, 0.0)
            free = 1.0 - pledges.neutral.get(k, 0.0)
            own = k in with_quarrel
            follows = max(
                offense,
                defends * share["follow_quarrel" if own else "follow"],
                share["parallel"] * free * own,
            )
            helps = defends * share["defend_quarrel" if own else "defend"]
            if max(follows, helps) > 0:
                chance = (follows, helps) if side == a else (helps, follows)
                yield k, foe, EntryChance(*chance)


def opened(
    order: Mapping[Pair, int],
    pledges: Pledges,
    hostile: Mapping[Pair, int],
    v: Mapping[str, float],
) -> tuple[dict[tuple[int, int], EntryChance], dict[tuple[int, int], str]]:
    """Return which dyads a war on each may open, with the chance, and who enters.

    Parameters
    ----------
    order : mapping of pair to int
        The dyads at risk, with their positions.
    pledges, hostile, v : Pledges, mapping, mapping
        Promises, intensities of the rivalries, parameters.
    """
    chance: dict[tuple[int, int], EntryChance] = {}
    joiner: dict[tuple[int, int], str] = {}
    for war, d in order.items():
        for k, foe, of_entry in entering(war, pledges, hostile, v):
            e = order.get(pair(k, foe), -1)
            if e >= 0:
                chance[d, e], joiner[d, e] = of_entry, k
    return chance, joiner
