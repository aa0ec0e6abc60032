"""The record in words: an incident as each claimant tells it, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.crisis import record
from detente.crisis.ladder import STANDARD
from detente.crisis.record import Version

if TYPE_CHECKING:
    from detente.architecture.ledger import Pair
    from detente.architecture.value import Architecture

VERBS = {
    "fired": "fired",
    "ordered": "ordered it",
    "programmed_or_targeted": "programmed or targeted it",
    "provided_data": "gave the data",
    "supplied": "supplied the weapon",
    "trained": "trained the crew",
    "hosted": "hosted it",
    "shares_responsibility": "shares the responsibility",
    "intercepted": "intercepted it",
    "failed_to_warn": "did not warn",
    "regretted": "regretted it",
}


def verb(role: str) -> str:
    """Return a role as a verb."""
    return VERBS.get(role, role.replace("_", " "))


def headline(g: Architecture, incident: str) -> str:
    """Return date, place, rung and losses of an incident in one sentence, with whose numbers."""
    row = record.incident_of(g, incident)
    where = f", {row['location']}" if row["location"] else ""
    rung = STANDARD.rungs[row["hostility"]]
    return (
        f"{row['date']:%d %B %Y}{where}: {row['description']}. Rung {row['hostility']} ({rung}). "
        f"Initiator {row['initiator']} ({row['initiator_status']}), target {row['target']}. "
        f"Killed: {losses(row['fatalities_low'], row['fatalities_high'])}"
        + (f" ({row['fatalities_by_claimant']})." if row["fatalities_by_claimant"] else ".")
    )


def losses(low: int | None, high: int | None) -> str:
    """Return a range of fatalities in words; missing is not zero."""
    if low is None and high is None:
        return "not countable as one event"
    if low == high or high is None or low is None:
        return str(low if low is not None else high)
    return f"{low} to {high}"


def tell(g: Architecture, incident: str, claimant: str | None = None) -> str:
    """Return the story of an incident: each version, what follows under it, where they differ.

    With a claimant, its version alone.
    """
    lines = [headline(g, incident), ""]
    told = [v for v in record.versions(g, incident) if claimant in (None, v.claimant)]
    if not told:
        lines.append(f"{claimant or 'Nobody'} says nothing of it on record.")
    for version in told:
        lines += [f"According to {version.claimant}:", *(f"  {x}" for x in said(version))]
        lines += [f"  Then: {consequence(version)}", ""]
    found = record.differences(g, incident) if claimant is None else []
    if found:
        lines.append("Where the claimants differ:")
        lines += [f"  {sentence(d)}" for d in found]
    return "\n".join(lines).rstrip() + "\n"


def said(version: Version) -> list[str]:
    """Return what a claimant says, one sentence an actor and stance."""
    out = [f"{who} {_all(roles)}." for who, roles in version.parties.items()]
    out += [f"{who} {_all(roles)}." for who, roles in version.other.items()]
    out += [f"it denies that {who} {_all(roles)}." for who, roles in version.denied.items()]
    out += [f"no comment on whether {who} {_all(roles)}." for who, roles in version.silent.items()]
    out += [
        "it voices regret." if who == version.claimant else f"{who} voiced regret."
        for who in version.regrets
    ]
    return out


def consequence(version: Version) -> str:
    """Return which dyads an incident heats if this version is taken for true."""
    if not version.heats:
        return "nobody named is held to be a party, and no dyad is heated."
    dyads = ", ".join("-".join(p) for p in version.heats)
    who = ", ".join(who for who in version.parties if who not in record.NOBODY)
    return f"held to be parties: {who}; the incident heats {dyads}."


def sentence(d: record.Difference) -> str:
    """Return a difference as a sentence."""
    parts = [f"asserted by {', '.join(d.asserted)}"]
    if d.denied:
        parts.append(f"denied by {', '.join(d.denied)}")
    if d.silent:
        parts.append(f"left open by {', '.join(d.silent)}")
    return f"that {d.actor} {verb(d.role)}: " + "; ".join(parts) + "."


def most_contested(g: Architecture, dyad: Pair | None, claimant: str | None = None) -> str | None:
    """Return the incident whose story the record tells first.

    The latest one with the most claimants who differ, of the dyad if one is given; None if
    nobody differs on anything. With a claimant, among the incidents of which it says something.
    """
    shown = set(record.incidents(g, dyad, claimant)["incident"])
    counts: dict[str, int] = {}
    for d in record.differences(g):
        if d.incident in shown:
            counts[d.incident] = counts.get(d.incident, 0) + 1
    if not counts:
        return None
    return max(counts, key=lambda i: (counts[i], i))


def _all(roles: tuple[str, ...]) -> str:
    return ", ".join(verb(role) for role in roles)
