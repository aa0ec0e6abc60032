"""Who is held to be a party to how much, in which role, and who disagrees: counts of the record.

The record is a choice of events: a count is no rate and no share of responsibility.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detente.crisis.record import record

if TYPE_CHECKING:
    from detente.architecture.promises import Pair
    from detente.architecture.value import Architecture

MARKS = {"asserts": "", "denies": "\N{MINUS SIGN}", "no_comment": "?", "regrets": "~", "alone": "°"}
"""Sign before a count, by what is done with a link; an assertion has none."""
DIFFERS = "≠"
SIGNS = (
    "a bare number: incidents in which it is asserted; "
    f"{MARKS['denies']} denied; {MARKS['no_comment']} left open (a silence); "
    f"{MARKS['regrets']} regretted; {MARKS['alone']} said by one voice only, no charge of the "
    f"claimant; {DIFFERS} another claimant differs on one of them"
)


@dataclass(slots=True)
class Charge:
    """What one claimant says of one actor.

    Attributes
    ----------
    claimant, actor : str
        Who speaks, of whom.
    roles : dict of str to dict of str to set of str
        By role and stance, the incidents.
    differs : dict of str to set of str
        By role, the incidents in which another claimant differs.
    """

    claimant: str
    actor: str
    roles: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    differs: dict[str, set[str]] = field(default_factory=dict)

    def incidents(self, stance: str, role: str | None = None) -> set[str]:
        """Return the incidents with a stance, in one role or in any."""
        chosen = self.roles.values() if role is None else [self.roles.get(role, {})]
        return {incident for stances in chosen for incident in stances.get(stance, ())}

    def signs(self, role: str | None = None) -> str:
        """Return the counts behind their signs, for one role or for all; an incident counts once.

        Such as ``22 −18 ?3 ≠``.
        """
        parts = [f"{mark}{n}" for stance, mark in MARKS.items() if (n := self.count(stance, role))]
        apart = self.differs if role is None else self.differs.get(role)
        return " ".join([*parts, *([DIFFERS] if apart else [])])

    def count(self, stance: str, role: str | None = None) -> int:
        """Return the number of incidents with a stance."""
        return len(self.incidents(stance, role))

    @property
    def weight(self) -> int:
        """Incidents on which it says anything, stance by stance: what the order goes by."""
        return sum(self.count(stance) for stance in MARKS)


def charges(g: Architecture, dyad: Pair | None = None, claimant: str | None = None) -> list[Charge]:
    """Return what every claimant says of every actor, those with the most first.

    Parameters
    ----------
    g : Architecture
        The scenario.
    dyad, claimant
        Only the incidents of `record.incidents` with these.
    """
    rows = set(record.incidents(g, dyad, claimant)["incident"])
    by_pair: dict[tuple[str, str], Charge] = {}
    for row in record.claims(g, claimant=claimant).iter_rows(named=True):
        who, actor, role = row["claimant"], row["actor"], row["role"]
        if row["incident"] in rows and actor not in record.NOBODY and role in record.CHAIN:
            charge = by_pair.setdefault((who, actor), Charge(who, actor))
            stance = "alone" if record.voice(row["detail"]) else row["stance"]
            charge.roles.setdefault(role, {}).setdefault(stance, set()).add(row["incident"])
    for d in record.differences(g):
        for who in (*d.asserted, *d.denied, *d.silent):
            if d.incident in rows and (who, d.actor) in by_pair and d.role in record.CHAIN:
                by_pair[who, d.actor].differs.setdefault(d.role, set()).add(d.incident)
    return sorted(by_pair.values(), key=lambda c: (-c.weight, c.claimant, c.actor))


def most(codes: Iterable[tuple[str, int]], limit: int) -> list[str]:
    """Return the codes with the greatest sums, at most so many."""
    sums: dict[str, int] = {}
    for code, weight in codes:
        sums[code] = sums.get(code, 0) + weight
    return sorted(sums, key=lambda code: (-sums[code], code))[:limit]
