"""The record in words: an incident as each claimant tells it, and what follows from it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from detente.architecture.promises import Pair, pair
from detente.crisis.model.escalation import Model, build
from detente.crisis.record import record
from detente.crisis.record.casualty_figures import figures
from detente.crisis.record.ladder import STANDARD
from detente.crisis.record.record import Version

if TYPE_CHECKING:
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
    "meant": "was what it was meant for, hosted by the target",
}
SHORT = 80
"""Characters of the description of an incident where it only stands behind its id."""


def verb(role: str) -> str:
    """Return a role as a verb."""
    return VERBS.get(role, role.replace("_", " "))


def headline(g: Architecture, incident: str) -> str:
    """Return date, place, rung and losses of an incident in one sentence."""
    row = record.incident_of(g, incident)
    where = f", {row['location']}" if row["location"] else ""
    rung = STANDARD.rungs[row["hostility"]]
    return (
        f"{row['date']:%d %B %Y}{where}: {row['description']}. Rung {row['hostility']} ({rung}). "
        f"Initiator {row['initiator']} ({row['initiator_status']}), target {row['target']}. "
        f"Killed, over all claims: {losses(row['fatalities_low'], row['fatalities_high'])}."
    )


def numbers(g: Architecture, incident: str) -> list[str]:
    """Return who gives which number of killed, a line each; what names nobody stands as it is."""
    row = record.incident_of(g, incident)
    return [str(figure) for figure in figures(row["fatalities_by_claimant"])]


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
    figures = numbers(g, incident)
    if figures:
        lines += ["Who gives which number:", *(f"  {line}" for line in figures), ""]
    tellings = [v for v in record.versions(g, incident) if claimant in (None, v.claimant)]
    if not tellings:
        lines += [unsaid(claimant), ""]
    stands = standing(g)
    for version in tellings:
        lines += [f"According to {version.claimant}:", *(f"  {x}" for x in said(version))]
        lines += [f"  In its terms: {detail}." for detail in version.details]
        lines += [f"  Then: {consequence(version, stands)}", ""]
    differing = record.differences(g, incident) if claimant is None else []
    if differing:
        lines += ["Where the claimants differ:", *(f"  {sentence(d)}" for d in differing), ""]
    modelled = in_model(g, incident)
    if modelled:
        lines += ["In the model:", *(f"  {explained(g, x)}" for x in modelled)]
    return "\n".join(lines).rstrip() + "\n"


def unsaid(claimant: str | None) -> str:
    """Say that nothing is claimed of an incident: by a claimant, or by anybody."""
    if claimant is None:
        return "Nobody's claim about it is on record."
    return f"{claimant} says nothing of it on record."


def explained(g: Architecture, text: str) -> str:
    """Return a sentence with date and description behind each id of an incident."""
    rows = {row["incident"]: row for row in g.tables["incidents"].iter_rows(named=True)}

    def spoken(found: re.Match[str]) -> str:
        row = rows.get(found[1])
        if row is None:
            return found[0]
        what = textwrap.shorten(row["description"], SHORT, placeholder=" …")
        return f"{found[0]} ({row['date']:%d %B %Y}: {what})"

    return re.sub(r"\bincident (\w+)", spoken, text)


def said(version: Version) -> list[str]:
    """Return what a claimant says, one sentence an actor and stance."""
    sentences = [f"{who} {_all(roles)}." for who, roles in version.parties.items()]
    sentences += [f"{who} {_all(roles)}." for who, roles in version.other.items()]
    sentences += [f"it denies that {who} {_all(roles)}." for who, roles in version.denied.items()]
    sentences += [
        f"no comment on whether {who} {_all(roles)}." for who, roles in version.silent.items()
    ]
    sentences += [
        f"{voice} only, on the side of {version.claimant}: that {who} {verb(role)}; no charge of "
        f"{version.claimant} as such."
        for who, role, voice in version.alone
    ]
    sentences += [
        "it voices regret." if who == version.claimant else f"{who} voiced regret."
        for who in version.regrets
    ]
    return sentences


def standing(g: Architecture) -> dict[Pair, tuple[int, str]]:
    """Return where each dyad at risk stands in the model, and why; at the default parameters."""
    model = build(g)
    return dict(zip(model.dyads, zip(model.rung, model.reason, strict=True), strict=True))


def consequence(version: Version, stands: Mapping[Pair, tuple[int, str]]) -> str:
    """Return which dyads an incident heats if this version is taken for true, and their rungs."""
    if not version.heats:
        return "nobody named is held to be a party, and no dyad is heated."
    dyads = ", ".join(f"{'-'.join(p)} ({_rung(p, stands)})" for p in version.heats)
    who = ", ".join(who for who in version.parties if who not in record.NOBODY)
    return f"held to be parties: {who}; the incident heats {dyads}."


def _rung(dyad: Pair, stands: Mapping[Pair, tuple[int, str]]) -> str:
    if dyad not in stands:
        return "no dyad at risk in the model"
    rung = stands[dyad][0]
    return f"now on rung {rung}, {STANDARD.rungs[rung]}"


def in_model(g: Architecture, incident: str) -> list[str]:
    """Return what the model makes of an incident's parties, at the default parameters.

    One sentence on where each dyad stands that some version heats, and one on each party beside
    the initiator: how many incidents one between initiator and target causes between the target
    and it, as it stands and with each claimant's account taken for true. The model does not
    choose between versions: a charge carries with its credibility.
    """
    row = record.incident_of(g, incident)
    act, versions = pair(row["initiator"], row["target"]), record.versions(g, incident)
    heated = list(dict.fromkeys(p for v in versions for p in v.heats))
    # Without what allies cause, what is left between two dyads is caused by attribution alone.
    model = build(g, {"excitation.allies": 0.0})
    stands = dict(zip(model.dyads, zip(model.rung, model.reason, strict=True), strict=True))
    lines = [
        f"{'-'.join(p)} stands on rung {stands[p][0]} ({STANDARD.rungs[stands[p][0]]}): "
        f"{stands[p][1]}."
        if p in stands
        else f"{'-'.join(p)} is no dyad at risk in the model."
        for p in heated
    ]
    if row["initiator"] in record.NOBODY and heated:
        by = {
            v.claimant: [who for who, roles in v.parties.items() if "fired" in roles]
            for v in versions
        }
        fired = [f"{claimant} (by {', '.join(who)})" for claimant, who in by.items() if who]
        lines.append(
            "Who struck is not known, so that the incident is of no dyad. A charge counts in the "
            "model as one about the acts of whom its claimant says fired: "
            f"{'; '.join(fired) or 'nobody says'}."
        )
    others = [p for p in heated if p != act and p in stands and act in stands]
    strength, credibility = (
        model.values[name] for name in ("excitation.attribution", "attribution.credibility")
    )
    believed = {
        v.claimant: build(g, {"excitation.allies": 0.0}, believed=v.claimant)
        for v in versions
        if others
    }
    for dyad in others:
        mean = _caused(model, act, dyad)
        under = {who: _caused(model_of, act, dyad) for who, model_of in believed.items()}
        if not mean and not any(under.values()):
            lines.append(f"An incident on {'-'.join(act)} causes none on {'-'.join(dyad)}.")
            continue
        share = 2 * mean / (strength * credibility)
        lines.append(
            f"An incident on {'-'.join(act)} causes {mean:.3g} others on {'-'.join(dyad)} on the "
            f"average: attribution {strength:g} x share of the party {share:.3g} x credibility of "
            f"the charge {credibility:g}, halved because either side may be the target. "
            f"{_by_version(mean, under)}"
            if mean
            else f"An incident on {'-'.join(act)} causes none on {'-'.join(dyad)} as it stands. "
            f"{_by_version(mean, under)}"
        )
    if others:
        lines.append(
            "The model does not choose between the versions: a charge carries with its "
            "credibility, whoever is right. All parameters are assumed. What each account, taken "
            "for true by everybody, does to the chance and the number of wars, ask with: "
            f"detente crisis intervene {g.name} --act 'AAA is believed' for each claimant."
        )
    return lines


def _caused(model: Model, act: Pair, dyad: Pair) -> float:
    """Return how many incidents one between two sides causes on another dyad."""
    return model.offspring.get((model.position(act), model.position(dyad)), 0.0)


def _by_version(mean: float, under: Mapping[str, float]) -> str:
    """Say what would be caused if each claimant's account, of all incidents, were believed."""
    apart = {who: value for who, value in under.items() if value != mean}
    same = [who for who in under if who not in apart]
    words = [
        f"if {who} is believed, {f'{value:.3g}' if value else 'none'}"
        for who, value in apart.items()
    ]
    if same:
        words.append(f"{', '.join(same)} settle{'s' if len(same) == 1 else ''} nothing in this")
    text = "; ".join(words)
    return f"{text[0].upper()}{text[1:]}."


def sentence(d: record.Disagreement) -> str:
    """Return a difference as a sentence."""
    parts = [f"asserted by {', '.join(d.asserted)}"]
    if d.denied:
        parts.append(f"denied by {', '.join(d.denied)}")
    if d.silent:
        parts.append(f"left open by {', '.join(d.silent)}")
    return f"that {d.actor} {verb(d.role)}: " + "; ".join(parts) + "."


def signal_in_words(row: Mapping[str, Any]) -> str:
    """Return what a signal said: its short name, with the summary in brackets if there is one."""
    return f"{row['title']} ({row['summary']})" if row["summary"] else str(row["title"])


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
