"""The page of the record: incidents, who is a party according to whom, who still talks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from detente.crisis.record import record, story
from detente.crisis.record.attribution_counts import charges
from detente.crisis.record.casualty_figures import figures
from detente.crisis.record.ladder import STANDARD
from detente.reporting.crisis import record_charts as charts
from detente.reporting.crisis.chart_parts import full, named
from detente.reporting.crisis.page_parts import LADDER, crisis_page, folded, terms_of
from detente.reporting.grounded import Grounded
from detente.reporting.page.model import Chart, Page, Points, Section
from detente.results.building import names_of
from detente.words import listed, plural

if TYPE_CHECKING:
    import polars as pl

    from detente.architecture.promises import Pair
    from detente.architecture.value import Architecture

RECORD_LIMITS = (
    "Nothing here decides between claimants, and no claim is the default.",
    "Events were chosen for their escalations. Their number is no conduct, no rate and no share "
    "of responsibility.",
    "Silence is counted from the last use on record: what is not public is not on record.",
    "Who is not named by a claimant has not been cleared by it: only a denial is a denial.",
    "A range of killed spans what is claimed. It is no estimate, and the truth may lie outside.",
    "A signal is what its sender made public, or what was reported of it. Whether it was meant "
    "is not on record.",
)
RECORD_WORDS = (
    LADDER,
    (
        "Party",
        "Somebody who is held to have fired, ordered, programmed, given data, supplied, trained "
        "or hosted: always according to somebody.",
    ),
    (
        "Initiator",
        "Who acted: admitted or claimed by itself, attributed by others, contested (then only "
        "the party most accused), or unknown.",
    ),
    (
        "One voice only",
        "A charge that somebody on a claimant’s side made and the claimant did not make its own. "
        "It makes nobody a party here, and the voice is named.",
    ),
    ("Channel", "A line or a talk between two sides. Silence is the time since its last use."),
    ("Signal", "A warning, an offer, a refusal, a call, a meeting: words between sides, no act."),
)
CHAIN_HEADS = [story.verb(role) for role in record.CHAIN]


def chart(g: Architecture, *, dyad: Pair | None = None, claimant: str | None = None) -> Any:
    """Return every incident on the ladder over time."""
    return charts.timeline(g, dyad, claimant)


def page(
    g: Architecture, *, dyad: Pair | None = None, claimant: str | None = None,
    incident: str | None = None, command: str = "",
) -> Page:  # fmt: skip
    """Return the page of the record: incidents, parties, channels, signals, one story.

    Parameters
    ----------
    g, dyad, claimant
        Of what, and what of it, as in `record.incidents`.
    incident : str, optional
        The incident that is told version by version, before all else; by default the one on which
        claimants differ most, last.
    command : str
        The command line, for the section "Again".
    """
    rows = record.incidents(g, dyad, claimant)
    names = _named(g, rows, dyad)
    grounded = Grounded(g)
    sections = [
        _incidents(g, rows, names, dyad, claimant, grounded),
        _parties(g, names, dyad, claimant),
        _losses(g, rows, names),
        _channels(g, names, dyad),
        _signals(g, names, dyad, grounded),
    ]
    shown = incident or story.most_contested(g, dyad, claimant)
    if shown is not None:
        place = 0 if incident else len(sections)
        sections[place:place] = [_story(g, shown, names, claimant), _model(g, shown, names)]
    scope = "" if dyad is None else f" between {full(dyad[0], names)} and {full(dyad[1], names)}"
    lead = (
        f"{plural(rows.height, 'incident')}{scope} up to {g.date:%d %B %Y}, with who is held to be "
        "a party and by whom; who still talks, and what was signalled."
    )
    return crisis_page(
        title=g.title,
        kicker="The record of a crisis",
        lead=lead if incident is None else named(story.headline(g, incident), names),
        holds="A claim stays a claim; a denial and a silence are recorded like an assertion.",
        sections=sections,
        names=names,
        command=command,
        terms=terms_of(g.name, g.digest),
        limits=RECORD_LIMITS,
        words=RECORD_WORDS,
        explained=grounded.listed(),
    )


def _incidents(
    g: Architecture, rows: pl.DataFrame, names: Mapping[str, str], dyad: Pair | None,
    claimant: str | None, grounded: Grounded,
) -> Section:  # fmt: skip
    return Section(
        "incidents",
        "What is on record",
        (
            "Each dot is an incident, the higher the more hostile. The list below the picture has "
            "them all, the oldest first, with who is held to be a party by whom.",
            Chart.drawn("timeline", partial(charts.timeline, g, dyad, claimant)),
            folded(
                f"All {plural(rows.height, 'incident')}",
                ("Date", "Incident", "Initiator", "Target", "Rung", "Killed, over all claims",
                 "Parties (by)"),
                [
                    [
                        r["date"].isoformat(),
                        (r["description"], *grounded.mark("incidents", r["incident"])),
                        f"{full(r['initiator'], names)}, {r['initiator_status']}",
                        full(r["target"], names),
                        f"{r['hostility']} {STANDARD.rungs[r['hostility']]}",
                        story.losses(r["fatalities_low"], r["fatalities_high"]),
                        named(r["held_parties"], names),
                    ]
                    for r in rows.iter_rows(named=True)
                ],
            ),
        ),
    )  # fmt: skip


def _parties(
    g: Architecture, names: Mapping[str, str], dyad: Pair | None, claimant: str | None
) -> Section:
    counts = charges(g, dyad, claimant)
    return Section(
        "parties",
        "Who is a party, according to whom",
        (
            "A row is who speaks; a column is of whom. The darker, the more incidents in which the "
            "speaker asserts that it had a part.",
            Chart.drawn("attributions", partial(charts.attribution_matrix, g, dyad, claimant)),
            folded(
                f"All {plural(len(counts), 'pair')} of speaker and actor, role by role",
                ("According to", "Who", "In all", *CHAIN_HEADS),
                [
                    [full(c.claimant, names), full(c.actor, names), c.signs(),
                     *(c.signs(role) for role in record.CHAIN)]
                    for c in counts
                ],
            ),
        ),
    )  # fmt: skip


def _losses(g: Architecture, rows: pl.DataFrame, names: Mapping[str, str]) -> Section | None:
    claimants = record.claimants(g)
    claims = [
        [r["date"].isoformat(), r["description"],
         "not said" if claim.claimant is None else named(claim.claimant, names),
         named(claim.figure, names)]
        for r in rows.iter_rows(named=True)
        for claim in figures(r["fatalities_by_claimant"], claimants)
    ]  # fmt: skip
    if not claims:
        return None
    return Section(
        "killed",
        "Who gives which number of killed",
        (
            "A figure belongs to who gives it. Where the record names nobody for a figure, its "
            "words stand as they are.",
            folded(
                f"All {plural(len(claims), 'figure')}",
                ("Date", "Incident", "According to", "Killed"),
                claims,
                opened=True,
            ),
        ),
    )


def _channels(g: Architecture, names: Mapping[str, str], dyad: Pair | None) -> Section:
    channels = record.channels(g, dyad)
    return Section(
        "channels",
        "Who still talks",
        (
            "A short bar is a channel whose last use on record is recent. A long one is silent "
            "only where its end is coded: a use that nobody published is not on record. "
            "A call that used a standing line is on record under both.",
            Chart.drawn("silence", partial(charts.silence, g, dyad)),
            folded(
                f"All {plural(len(channels), 'channel')} on record, by days since",
                ("Between", "Channel", "Kind", "Last use on record", "Days since", "Standing",
                 "What"),
                [
                    [named("-".join(c.pair), names), c.channel, KINDS[c.kind],
                     c.last_use or "none", "" if c.silence is None else c.silence,
                     c.standing.replace("_", " "), c.note]
                    for c in channels
                ],
            ),
        ),
    )  # fmt: skip


KINDS = {"talk": "talk", "line": "standing line"}


def _signals(
    g: Architecture, names: Mapping[str, str], dyad: Pair | None, grounded: Grounded
) -> Section | None:
    signals = record.signals(g, dyad)
    if not signals.height:
        return None
    return Section(
        "signals",
        "What was signalled",
        (
            "Demarches, warnings, calls, summits, offers and refusals, as their senders made them "
            "public or as they were reported; the newest first.",
            folded(
                f"All {plural(signals.height, 'signal')} on record",
                ("Date", "From", "To", "Channel", "Kind", "What"),
                [
                    [r["date"].isoformat(), _sides(r["sender"], names),
                     _sides(r["receiver"], names), r["channel"] or "", r["kind"],
                     (story.signal_in_words(r), *grounded.mark("signals", r["signal"]))]
                    for r in signals.reverse().iter_rows(named=True)
                ],
                opened=True,
            ),
        ),
    )  # fmt: skip


def _sides(codes: str, names: Mapping[str, str]) -> str:
    return listed([full(code, names) for code in codes.split(";")])


def _story(g: Architecture, told: str, names: Mapping[str, str], claimant: str | None) -> Section:
    stands = story.standing(g)
    versions = [
        [full(v.claimant, names), named(" ".join(story.said(v)), names),
         named("; ".join(v.details), names), named(story.consequence(v, stands), names)]
        for v in record.versions(g, told)
        if claimant in (None, v.claimant)
    ]  # fmt: skip
    differ = [
        named(story.sentence(d), names) for d in record.differences(g, told) if claimant is None
    ]
    numbers = story.numbers(g, told)
    texts = [
        story.headline(g, told),
        *([f"Who gives which number: {'; '.join(numbers)}."] if numbers else []),
        *([story.unsaid(claimant)] if not versions else []),
        *(["Where the claimants differ:"] if differ else []),
    ]
    teller = "each side" if claimant is None else full(claimant, names)
    return Section(
        "story",
        f"One incident as {teller} tells it",
        (
            *(named(text, names) for text in texts),
            Points(tuple(differ)) if differ else None,
            folded(
                "Versions, and what follows under each",
                ("According to", "What was done", "In its terms", "Then"),
                versions,
                opened=True,
            ),
        ),
    )


def _model(g: Architecture, told: str, names: Mapping[str, str]) -> Section | None:
    links = story.in_model(g, told)
    if not links:
        return None
    return Section(
        "in-the-model",
        "What that does in the model",
        (
            "In the model an incident causes others: between the two sides, and between the target "
            "and those who are held to be parties.",
            Points(tuple(named(story.explained(g, text), names) for text in links)),
        ),
    )


def _named(g: Architecture, rows: pl.DataFrame, dyad: Pair | None) -> dict[str, str]:
    """Return the names of everybody whose code is on the page of the record."""
    codes = {*rows["initiator"], *rows["target"]}
    for channel in record.channels(g, dyad):
        codes |= set(channel.pair)
    for row in record.signals(g, dyad).iter_rows(named=True):
        codes |= {*row["sender"].split(";"), *row["receiver"].split(";")}
    claims = g.tables["attributions"]
    claims = claims.filter(claims["incident"].is_in(rows["incident"].to_list()))
    return names_of(g, codes | {*claims["claimant"], *claims["actor"], *(dyad or ())})
