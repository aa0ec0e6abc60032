"""The record: what is on file about incidents, who is said to have done what, and who still talks.

Nothing here decides between claimants. A party to an incident is a party according to somebody:
every link of a chain carries its claimant and whether the claimant asserts or denies it, has
nothing to say, or voices regret.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.architecture.promises import Pair, pair
from detente.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

CHAIN = (
    "fired",
    "ordered",
    "programmed_or_targeted",
    "provided_data",
    "supplied",
    "trained",
    "hosted",
    "shares_responsibility",
)
"""Roles that make their actor a party to the incident in the eyes of whoever asserts them."""

NOBODY = ("UNK",)
"""Codes that stand for nobody in particular."""
NO_SIDE = (*NOBODY, "ALL")
"""Codes that are no side of a channel: one cannot call everybody on one line."""
VOICE = re.compile(r"(?P<who>[^:;]+) only: ")
"""How the detail of a claim says that one voice spoke, and not the claimant as such."""
FEW = 8
"""So many claimants are all listed where one is not found, and none of them is guessed."""

Act = tuple[str, str, str]
"""Initiator, target, and an actor who may be a party to what the one does to the other."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one claimant says about one incident.

    Attributes
    ----------
    claimant : str
        Who speaks.
    parties : dict of str to tuple of str
        Actors whom the claimant holds to be parties, with the roles that it asserts.
    denied, silent : dict of str to tuple of str
        Actors with the roles that the claimant denies, or on which it does not comment.
    regrets : tuple of str
        Actors who regret, according to the claimant.
    other : dict of str to tuple of str
        Acts it asserts that are no link of the chain, such as an interception.
    details : tuple of str
        The claimant's terms, in our summary.
    heats : tuple of pairs
        Dyads of the target with everybody whom the claimant holds to be a party.
    alone : tuple of (str, str, str)
        Actor, role and voice of charges that one voice on the claimant's side made, which the
        claimant did not make its own: they make nobody a party.
    """

    claimant: str
    parties: dict[str, tuple[str, ...]]
    denied: dict[str, tuple[str, ...]]
    silent: dict[str, tuple[str, ...]]
    regrets: tuple[str, ...]
    other: dict[str, tuple[str, ...]]
    details: tuple[str, ...]
    heats: tuple[Pair, ...]
    alone: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A link of a chain on which claimants differ.

    Attributes
    ----------
    incident, actor, role : str
        The link.
    asserted, denied, silent : tuple of str
        Claimants by what they do with it.
    """

    incident: str
    actor: str
    role: str
    asserted: tuple[str, ...]
    denied: tuple[str, ...]
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A line between two sides and the silence on it.

    Attributes
    ----------
    pair : (str, str)
        The two sides.
    channel : str
        Its name, as the record has it: of talks the channel of the signal, of a standing line
        what stands before the colon in its note.
    kind : str
        ``"talk"`` for talks, ``"line"`` for a standing line.
    last_use : datetime.date or None
        Last use on record not later than the scenario's date; None: no use on record.
    silence : int or None
        Days since then: of the record, and not of the world unless `ended`.
    standing : str
        What the record says of a standing line, such as in_place or cut; ``"used"`` for talks.
    note : str
        What a reader should know.
    """

    pair: Pair
    channel: str
    kind: str
    last_use: dt.date | None
    silence: int | None
    standing: str
    note: str = field(default="")

    @property
    def ended(self) -> bool:
        """Whether its end is coded, so that its silence is a fact and not a gap of the record."""
        return self.standing in ENDED

    @property
    def routine(self) -> bool:
        """Whether it is in routine use: it has no silence."""
        return self.standing == ROUTINE


ENDED = ("lapsed", "cut", "stopped")
"""Standings of a line whose end is coded, on the day of ``end`` or else of ``start``."""
ROUTINE = "routine"
"""Standing of a line that is used as a matter of course."""


def read_dyad(g: Architecture, text: str) -> Pair:
    """Return the two codes of a dyad written ``RUS-USA``, in alphabetical order.

    Raises
    ------
    UsageError, UnknownName
        If it is not two codes of states or actors of the scenario.
    """
    dyads = _known(g)
    first, dash, second = text.upper().partition("-")
    if not dash or not second:
        raise UsageError(
            f"a dyad is written as two codes with a dash, such as RUS-USA, not '{text}'"
        )
    for code in (first, second):
        if code not in dyads:
            raise UnknownName("state or actor", code, dyads, f"List them: detente states {g.name}")
    if first == second:
        raise UsageError(f"a dyad needs two sides: {first} was named twice")
    return pair(first, second)


def claimants(g: Architecture) -> set[str]:
    """Return everybody of whom a claim is on record up to the date."""
    return set(_said(g, None)["claimant"])


def read_claimant(g: Architecture, code: str) -> str:
    """Return the claimant's code, if anybody of that name makes a claim on record."""
    known_claimants = claimants(g)
    if code.upper() not in known_claimants:
        hint = f"No claims are on record in {g.name} up to {g.date}."
        if known_claimants:
            hint = f"Claimants on record: {', '.join(sorted(known_claimants))}."
        raise UnknownName(
            "claimant", code, known_claimants if len(known_claimants) > FEW else (), hint
        )
    return code.upper()


def incidents(
    g: Architecture, dyad: Pair | None = None, claimant: str | None = None
) -> pl.DataFrame:
    """Return the incidents on record up to the date, the oldest first.

    Parameters
    ----------
    g : Architecture
        The scenario.
    dyad : pair of str, optional
        Only incidents between these two: as initiator and target, or with one as the target
        and the other held to be a party, according to somebody.
    claimant : str, optional
        Only incidents on which this claimant has said something, and for `dyad` only its word
        counts.

    Returns
    -------
    polars.DataFrame
        Columns of the record, and ``held_parties``: actors held to be parties, each with those
        who say so, such as ``USA (RUS)``, and with the voice where one voice alone says it.
    """
    rows = g.tables["incidents"].filter(pl.col("date") <= g.date).sort("date", "incident")
    said_rows = _said(g, claimant)
    initiator = dict(rows.select("incident", "initiator").iter_rows())
    held: dict[str, dict[str, list[str]]] = {}
    for row in said_rows.filter(pl.col("stance") == "asserts").iter_rows(named=True):
        if row["actor"] not in NOBODY and makes_party(row, initiator.get(row["incident"], "")):
            names = held.setdefault(row["incident"], {}).setdefault(row["actor"], [])
            alone = voice(row["detail"])
            by = row["claimant"] if alone is None else f"{row['claimant']}: {alone} only"
            if by not in names:
                names.append(by)
    if claimant is not None:
        rows = rows.filter(pl.col("incident").is_in(said_rows["incident"].unique().to_list()))
    if dyad is not None:
        keep = [
            row["incident"]
            for row in rows.iter_rows(named=True)
            if _between(row, held.get(row["incident"], {}), dyad)
        ]
        rows = rows.filter(pl.col("incident").is_in(keep))
    words = [
        "; ".join(f"{a} ({', '.join(by)})" for a, by in held.get(i, {}).items())
        for i in rows["incident"]
    ]
    return rows.with_columns(pl.Series("held_parties", words, dtype=pl.String))


def _between(row: dict[str, str], held: dict[str, list[str]], dyad: Pair) -> bool:
    sides = set(dyad)
    if {row["initiator"], row["target"]} == sides:
        return True
    return any({row["target"], actor} == sides for actor in held)


def versions(g: Architecture, incident: str) -> list[Version]:
    """Return what each claimant says about an incident, in the order of the record.

    Raises
    ------
    UnknownName
        If there is no such incident.
    UsageError
        If it lies after the date.
    """
    one = incident_of(g, incident)
    accounts = []
    said_rows = _said(g, None).filter(pl.col("incident") == incident)
    for claimant in dict.fromkeys(said_rows["claimant"]):
        every = said_rows.filter(pl.col("claimant") == claimant)
        links = every.filter(~_alone(every))
        own_parties = [makes_party(row, one["initiator"]) for row in links.iter_rows(named=True)]
        parties = _links(links.filter(pl.Series(own_parties, dtype=pl.Boolean)), "asserts", CHAIN)
        denied, silent = _links(links, "denies"), _links(links, "no_comment")
        acts = {
            actor: tuple(
                "meant" if role == "hosted" else role
                for role in roles
                if role not in parties.get(actor, ()) and role != "regretted"
            )
            for actor, roles in _links(links, "asserts").items()
        }
        regrets = [
            row["actor"]
            for row in links.iter_rows(named=True)
            if row["stance"] == "regrets"
            or (row["role"] == "regretted" and row["stance"] == "asserts")
        ]
        heats = [
            pair(one["target"], actor)
            for actor in parties
            if actor not in NOBODY and actor != one["target"]
        ]
        accounts.append(
            Version(
                claimant=claimant,
                parties=parties,
                denied=denied,
                silent=silent,
                regrets=tuple(dict.fromkeys(regrets)),
                other={actor: roles for actor, roles in acts.items() if roles},
                details=tuple(every["detail"].drop_nulls()),
                heats=tuple(dict.fromkeys(heats)),
                alone=tuple(
                    (row["actor"], row["role"], voice(row["detail"]) or "")
                    for row in every.filter(_alone(every)).iter_rows(named=True)
                ),
            )
        )
    return accounts


def differences(g: Architecture, incident: str | None = None) -> list[Disagreement]:
    """Return the links on which claimants differ: one asserts what another denies or leaves open.

    Parameters
    ----------
    g : Architecture
        The scenario.
    incident : str, optional
        Only this incident.
    """
    if incident is not None:
        incident_of(g, incident)
    disagreements = []
    links: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for row in _said(g, None).iter_rows(named=True):
        if voice(row["detail"]) is None and incident in (None, row["incident"]):
            key = (row["incident"], row["actor"], row["role"])
            links.setdefault(key, {}).setdefault(row["stance"], []).append(row["claimant"])
    for (which, actor, role), stances in links.items():
        asserted = tuple(dict.fromkeys(stances.get("asserts", [])))
        denied = tuple(dict.fromkeys(stances.get("denies", [])))
        silent = tuple(dict.fromkeys(stances.get("no_comment", [])))
        if asserted and (denied or silent):
            disagreements.append(Disagreement(which, actor, role, asserted, denied, silent))
    return disagreements


def parties(g: Architecture, claimant: str | None = None) -> pl.DataFrame:
    """Return who is a party to how much, according to whom.

    Returns
    -------
    polars.DataFrame
        One row a claimant, actor, target and role: ``asserted``, ``denied`` and ``regretted``
        incidents, ``silent`` ones on which the claimant does not comment, ``alone`` those in
        which one voice on its side says so and the claimant does not. Counts are of the record,
        which is a choice of events: they are no shares of responsibility.
    """
    targets = dict(g.tables["incidents"].select("incident", "target").iter_rows())
    said_rows = _said(g, claimant).filter(pl.col("role").is_in(CHAIN))
    said_rows = said_rows.with_columns(
        target=pl.col("incident").replace_strict(targets, return_dtype=pl.String)
    )
    alone = _alone(said_rows)
    said_rows = said_rows.with_columns(
        stance=pl.when(alone).then(pl.lit("alone")).otherwise(said_rows["stance"])
    )
    return (
        said_rows.group_by("claimant", "actor", "target", "role")
        .agg(
            asserted=(pl.col("stance") == "asserts").sum().cast(pl.Int64),
            denied=(pl.col("stance") == "denies").sum().cast(pl.Int64),
            silent=(pl.col("stance") == "no_comment").sum().cast(pl.Int64),
            regretted=(pl.col("stance") == "regrets").sum().cast(pl.Int64),
            alone=(pl.col("stance") == "alone").sum().cast(pl.Int64),
        )
        .sort("claimant", "target", "actor", "role")
    )


def channels(g: Architecture, dyad: Pair | None = None) -> list[Channel]:
    """Return the channels on record, those with the longest time since their last use first.

    Talks are signals with several speakers' sides (calls, meetings, agreements, exchanges and
    the like); standing lines are the hotlines of the arms-control table, and talks under the name
    of a line are its uses. Only of channels whose end is coded (`Channel.ended`) is the silence a
    fact about the world; that of others is shorter by every use that is not on record. Those
    without a use on record, and those in routine use, come last.
    """
    last: dict[tuple[Pair, str], tuple[dt.date, str]] = {}
    for row in (
        g.tables["signals"].filter(pl.col("date") <= g.date).sort("date").iter_rows(named=True)
    ):
        if row["kind"] in TALKS:
            for a in row["sender"].split(";"):
                for b in row["receiver"].split(";"):
                    if a != b and not {a, b} & set(NO_SIDE):
                        key = (pair(a, b), row["channel"] or row["kind"])
                        last[key] = (row["date"], row["title"])
    standing = []
    lines = g.tables["arms_control"].filter(pl.col("regime") == "HOTLINE")
    for row in lines.iter_rows(named=True):
        a, dash, b = row["party"].partition("-")
        if dash:
            status = row["status"]
            is_dated = status in ("used", "last_use_reported", *ENDED)
            day = (row["end"] if status in ENDED else None) or row["start"] if is_dated else None
            day = day if day and day <= g.date else None
            name, note = _line(row["note"])
            talk = last.pop((pair(a, b), name), None)
            if talk and status != ROUTINE:
                day = max(day or talk[0], talk[0])
            silence = (g.date - day).days if day else None
            standing.append(Channel(pair(a, b), name, "line", day, silence, status, note))
    standing += [
        Channel(who, name, "talk", day, (g.date - day).days, "used", title)
        for (who, name), (day, title) in last.items()
    ]
    if dyad is not None:
        standing = [channel for channel in standing if channel.pair == dyad]
    return sorted(
        standing, key=lambda c: (-1 if c.silence is None else -c.silence - 2, c.pair, c.channel)
    )


def _line(note: str | None) -> tuple[str, str]:
    """Return the name of a standing line, before the colon of its note, and the rest of it."""
    name, _, rest = (note or "").partition(":")
    return name.strip() or "standing line", rest.strip()


TALKS = ("call", "meeting", "agreement", "exchange", "negotiation", "channel", "demarche", "notice")
"""Kinds of signals that pass between two sides, rather than over a loudspeaker."""


def signals(g: Architecture, dyad: Pair | None = None) -> pl.DataFrame:
    """Return the signals on record up to the date, the oldest first; of one dyad if given."""
    rows = g.tables["signals"].filter(pl.col("date") <= g.date).sort("date", "signal")
    if dyad is None:
        return rows
    keep = []
    for row in rows.iter_rows(named=True):
        senders, receivers = row["sender"].split(";"), row["receiver"].split(";")
        if any(pair(a, b) == dyad for a in senders for b in receivers if a != b):
            keep.append(row["signal"])
    return rows.filter(pl.col("signal").is_in(keep))


def claims(
    g: Architecture, incident: str | None = None, claimant: str | None = None
) -> pl.DataFrame:
    """Return the claims on record up to the date, as they stand there; of one incident if given."""
    rows = _said(g, claimant)
    return rows if incident is None else rows.filter(pl.col("incident") == incident)


def accounts(g: Architecture) -> dict[str, dict[Act, dict[str, bool]]]:
    """Return whom each claimant charges with which part in whose acts against whom.

    Where the initiator of an incident is not known it is whom the claimant says fired; without
    that the charge is of no act. What one voice alone says is no claim.

    Returns
    -------
    dict of claimant to dict of (initiator, target, actor) to dict of role to bool
        True: it asserts this link of the chain in some incident of the two; False: it denies it
        and asserts it nowhere. A role that it leaves open in some incident is not in it.
    """
    happened = g.tables["incidents"].filter(pl.col("date") <= g.date)
    sides = {row["incident"]: (row["initiator"], row["target"]) for row in happened.to_dicts()}
    claims = [
        row
        for row in _said(g, None).iter_rows(named=True)
        if row["incident"] in sides
        and voice(row["detail"]) is None
        and makes_party(row, sides[row["incident"]][0])
    ]
    fired: dict[tuple[str, str], list[str]] = {}
    for row in claims:
        if row["role"] == "fired" and row["stance"] == "asserts" and row["actor"] not in NOBODY:
            fired.setdefault((row["claimant"], row["incident"]), []).append(row["actor"])
    by_claimant: dict[str, dict[Act, dict[str, set[str]]]] = {}
    for row in claims:
        initiator, target = sides[row["incident"]]
        shots = fired.get((row["claimant"], row["incident"]), [])
        for who in shots if initiator in NOBODY else [initiator]:
            own_roles = by_claimant.setdefault(row["claimant"], {}).setdefault(
                (who, target, row["actor"]), {}
            )
            own_roles.setdefault(row["role"], set()).add(row["stance"])
    return {
        claimant: {
            act: {
                role: "asserts" in stances
                for role, stances in roles.items()
                if "asserts" in stances or stances == {"denies"}
            }
            for act, roles in account.items()
        }
        for claimant, account in by_claimant.items()
    }


def makes_party(claim: Mapping[str, Any], initiator: str) -> bool:
    """Say whether a claim is about a party to the incident.

    Who strikes and says that somebody was hosted at the target names whom the strike was meant
    for, and no party to it.
    """
    aim = claim["role"] == "hosted" and claim["claimant"] == initiator
    return claim["role"] in CHAIN and not aim


def voice(detail: str | None) -> str | None:
    """Return who alone speaks in a claim whose detail begins with "NAME only:", else None.

    Such a claim is on record under the side of the voice, and is no claim of that side.
    """
    match = VOICE.match(detail or "")
    return match["who"] if match else None


def _alone(rows: pl.DataFrame) -> pl.Series:
    return pl.Series([voice(detail) is not None for detail in rows["detail"]], dtype=pl.Boolean)


def _said(g: Architecture, claimant: str | None) -> pl.DataFrame:
    rows = g.tables["attributions"].filter(pl.col("date").is_null() | (pl.col("date") <= g.date))
    # A claim without a date is no older than what it is about.
    ahead = g.tables["incidents"].filter(pl.col("date") > g.date)["incident"]
    rows = rows.filter(~pl.col("incident").is_in(ahead.to_list()))
    return rows if claimant is None else rows.filter(pl.col("claimant") == claimant)


def _links(
    rows: pl.DataFrame, stance: str, roles: Iterable[str] | None = None
) -> dict[str, tuple[str, ...]]:
    actors_of: dict[str, list[str]] = {}
    for row in rows.iter_rows(named=True):
        if row["stance"] == stance and (roles is None or row["role"] in roles):
            actors_of.setdefault(row["actor"], []).append(row["role"])
    return {actor: tuple(dict.fromkeys(actors)) for actor, actors in actors_of.items()}


def incident_of(g: Architecture, incident: str) -> dict[str, Any]:
    """Return the row of an incident.

    Raises
    ------
    UnknownName
        If there is no such incident.
    UsageError
        If it lies after the date.
    """
    every = g.tables["incidents"]
    incident_row = every.filter(pl.col("incident") == incident)
    if not incident_row.height:
        dated = every.filter(pl.col("date") <= g.date)["incident"]
        hint = f"List them: detente crisis show {g.name} --format csv"
        if not len(dated):
            hint = f"No incidents are on record in {g.name} up to {g.date}."
        raise UnknownName("incident", incident, dated, hint)
    row = dict(incident_row.row(0, named=True))
    if row["date"] > g.date:
        raise UsageError(
            f"incident {incident} is not yet on record on {g.date}: its date is {row['date']}"
        )
    return row


def _known(g: Architecture) -> set[str]:
    actors = set(g.tables["actors"]["actor"]) if "actors" in g.tables else set()
    organisations = set(g.tables["organisations"]["organisation"])
    return set(g.codes) | actors | organisations
