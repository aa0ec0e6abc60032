"""Who says so, who denies it, since when, and what rests on a single source."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from detente.errors import UnknownName
from detente.evidence.resolve import architecture_of
from detente.evidence.testimony.claim import LINK
from detente.words import plural

if TYPE_CHECKING:
    import polars as pl

    from detente.architecture.value import Architecture
    from detente.results.result import Result

VIEWS = ("statements", "matters", "single_source", "parted")
FORMAT = 1

MEANINGS = {
    "table": "the table in which it stands",
    "who": "who answers for it, the innermost speaker",
    "code": "code of the actor for whom the speaker stands",
    "chain": "who says that who says it, outermost first",
    "stance": "what the speaker does with it",
    "polarity": "affirmed or negated",
    "about": "codes of those whom it concerns",
    "event": "incident, signal or contested matter that it is about",
    "match": "how closely such an event is on record; never whether the content is true",
    "says": "the content in our words",
    "hedge": "words that weaken or strengthen it",
    "since": "day from which it is on record, if known",
    "source": "identifier of the source",
    "confidence": "how far to trust the row",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One row of a scenario that says who says what, of whichever table."""

    row: str
    table: str
    who: str
    code: str
    chain: str
    stance: str
    polarity: str
    about: str
    event: str
    match: str
    says: str
    hedge: str
    since: str
    source: str
    confidence: str

    @property
    def denied(self) -> bool:
        """Whether it denies, or says the contrary of, what it is about."""
        return self.stance == "denies"


def claims(
    g: Architecture | str | os.PathLike[str],
    *,
    who: str = "",
    about: str = "",
    event: str = "",
    denied: bool = False,
) -> Result:
    """List who asserts and who denies what, according to a scenario.

    The rows come from the tables ``claims``, ``attributions`` and ``contested``. Their number is
    a choice of what was recorded and no weight of truth.

    Parameters
    ----------
    g : Architecture, str or path
        The scenario; a string is the name of a bundled one or a path.
    who : str
        Only what this speaker answers for: a code, or a part of a name in the chain.
    about : str
        Only what concerns this actor: a code, or a state's name.
    event : str
        Only what is about this incident, signal or contested matter.
    denied : bool
        Only what somebody denies: the denials, and the assertions that they contradict.

    Returns
    -------
    Result
        One statement an entry; ``result.matters()`` says of every event who asserts, denies or
        keeps silent, and since when; ``result.single_source()`` which events rest on one source;
        ``result.parted()`` where a row of a table and its claims part.

    Raises
    ------
    UnknownName
        If no row has such a speaker, actor or event.

    Examples
    --------
    >>> import detente as dt
    >>> g = dt.load("eurasia-2024")
    >>> {row.stance for row in dt.claims(g, denied=True).statements()} >= {"denies"}
    True
    """
    import numpy as np

    from detente.results.building import build

    g = architecture_of(g)
    rows = list(statements_of(g))
    rows = _chosen(g, rows, who, about, event)
    if denied:
        contested = {(r.event, r.about) for r in rows if r.denied and r.event}
        rows = [r for r in rows if r.denied or (r.event, r.about) in contested]
    cells = [asdict(row) for row in rows]
    denials = sum(row.denied for row in rows)
    return build(
        "claims",
        variables={
            name: (("entry",), np.array([c[name] for c in cells], dtype=str), "", meaning)
            for name, meaning in MEANINGS.items()
        },
        coordinates={"entry": np.array([c["row"] for c in cells], dtype=str)},
        reading=(
            f"{plural(len(rows), 'statement')} of {plural(len({r.who for r in rows}), 'speaker')}, "
            f"{denials} of them {'a denial' if denials == 1 else 'denials'}. "
            "Their number is what was recorded, no weight of truth."
        ),
        architecture=g,
        settings={"who": who, "about": about, "event": event, "denied": denied},
        live=g,
    )


def statements_of(g: Architecture) -> Iterator[Statement]:
    """Yield every row of a scenario that says who says what."""
    from detente.evidence.testimony.grammar.gazetteer import gazetteer

    names = gazetteer(g)
    signals = {
        code: str(date) for code, date in g.tables["signals"].select("signal", "date").iter_rows()
    }
    for row in g.tables["claims"].iter_rows(named=True):
        chain = str(row["speaker_chain"])
        who = chain.split(LINK)[-1]
        codes = names.codes_in(who)
        yield Statement(
            row=row["claim"],
            table="claims",
            who=who,
            code=codes[0] if codes else "",
            chain=chain,
            stance=row["stance"],
            polarity=row["polarity"],
            about=row["actors"] or "",
            event=row["matched"] or "",
            match=row["match"] or "none",
            says=row["proposition"],
            hedge=row["hedge"] or "",
            since=_since(row, signals),
            source=row["source"],
            confidence=row["confidence"],
        )
    for row in g.tables["attributions"].iter_rows(named=True):
        yield Statement(
            row=row["attribution"],
            table="attributions",
            who=row["claimant"],
            code=row["claimant"],
            chain=row["claimant"],
            stance=row["stance"],
            polarity="negated" if row["stance"] == "denies" else "affirmed",
            about=row["actor"],
            event=row["incident"],
            match="exact",
            says=f"{row['actor']} {row['role'].replace('_', ' ')}: {row['detail'] or ''}".rstrip(
                ": "
            ),
            hedge="",
            since=str(row["date"] or ""),
            source=row["source"],
            confidence=row["confidence"],
        )
    for row in g.tables["contested"].iter_rows(named=True):
        yield Statement(
            row=f"{row['issue']}/{row['claimant']}",
            table="contested",
            who=row["claimant"],
            code=row["claimant"],
            chain=row["claimant"],
            stance="asserts",
            polarity="affirmed",
            about=row["claimant"],
            event=row["issue"],
            match="exact",
            says=f"{row['name']}: {row['position']}",
            hedge="",
            since="",
            source=row["source"],
            confidence=row["confidence"],
        )


def _since(row: Mapping[str, Any], signals: Mapping[str, str]) -> str:
    """Return the day from which a claim is on record: its own, or that of the matched signal."""
    if row["date"]:
        return str(row["date"])
    if LINK not in str(row["speaker_chain"]):
        return ""  # the author's own: on record from the day of the text, which is not told
    days = (signals[e] for e in str(row["matched"] or "").split(";") if e in signals)
    return min(days, default="")


def _chosen(
    g: Architecture, rows: list[Statement], who: str, about: str, event: str
) -> list[Statement]:
    if who:
        wanted = who.casefold()
        code = _code(g, who)
        kept = [
            row
            for row in rows
            if row.code == code or (row.table == "claims" and wanted in row.chain.casefold())
        ]
        if not kept:
            hint = "Without --who all speakers are listed."
            if not rows:
                hint = "No statement of anybody is on record in this scenario."
            heard = {name for row in rows for name in (row.who, row.code)}
            raise UnknownName("speaker", who, heard, hint)
        rows = kept
    if about:
        code = _code(g, about)
        kept = [row for row in rows if code in row.about.split(";")]
        if not kept and code not in _codes(g):
            raise UnknownName("actor", about, _codes(g), "List them with: detente states")
        rows = kept
    if event:
        events = {
            *g.tables["incidents"]["incident"],
            *g.tables["signals"]["signal"],
            *g.tables["contested"]["issue"],
        }
        if event not in events:
            hint = "It is the first column of incidents.csv, signals.csv or contested.csv."
            raise UnknownName("event", event, events, hint, near=3)
        rows = [row for row in rows if event in row.event.split(";")]
    return rows


def _codes(g: Architecture) -> set[str]:
    return {*g.codes, *g.tables["actors"]["actor"], *g.tables["organisations"]["organisation"]}


def _code(g: Architecture, name: str) -> str:
    if name.upper() in _codes(g):
        return name.upper()
    for code, full in g.names.items():
        if full.casefold() == name.casefold():
            return code
    return name


# What the result can do -----------------------------------------------------------------


def statements(result: Result) -> tuple[Statement, ...]:
    """Return the statements of a result."""
    data = result.data
    names = [field.name for field in fields(Statement)]
    cells = {name: data["entry" if name == "row" else name].values.tolist() for name in names}
    return tuple(
        Statement(**{name: str(cells[name][k]) for name in names}) for k in range(len(cells["row"]))
    )


def table(result: Result) -> pl.DataFrame:
    """Return the statements as a frame."""
    import polars as pl

    names = [field.name for field in fields(Statement)]
    rows = [asdict(row) for row in statements(result)]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))


def matters(result: Result) -> pl.DataFrame:
    """Say of every event who asserts, denies and keeps silent, since when, from how many sources.

    Returns
    -------
    polars.DataFrame
        Columns ``event``, ``about``, ``asserted_by``, ``denied_by``, ``silent``, ``since`` and
        ``sources``; one row an event and actor.
    """
    import polars as pl

    other = {"denies", "no_comment"}
    groups: dict[tuple[str, str], list[Statement]] = {}
    for row in statements(result):
        if row.event:
            groups.setdefault((row.event, row.about), []).append(row)
    return pl.DataFrame(
        [
            {
                "event": event,
                "about": about,
                "asserted_by": _speakers(r for r in rows if r.stance not in other),
                "denied_by": _speakers(r for r in rows if r.denied),
                "silent": _speakers(r for r in rows if r.stance == "no_comment"),
                "since": min((r.since for r in rows if r.since), default=""),
                "sources": len({r.source for r in rows}),
            }
            for (event, about), rows in sorted(groups.items())
        ],
        schema={**dict.fromkeys(("event", "about", "asserted_by", "denied_by", "silent", "since"),
                                pl.String), "sources": pl.Int64},
    )  # fmt: skip


def _speakers(rows: Iterator[Statement]) -> str:
    return ", ".join(dict.fromkeys(row.code or row.who for row in rows))


def sources_of(g: Architecture) -> dict[str, set[str]]:
    """Return the sources of every incident and signal: its row's and its claims'."""
    sources: dict[str, set[str]] = {}
    for name, key in (("incidents", "incident"), ("signals", "signal")):
        for code, source in g.tables[name].select(key, "source").iter_rows():
            sources.setdefault(code, set()).add(source)
    for row in statements_of(g):
        for event in row.event.split(";"):
            if event in sources:
                sources[event].add(row.source)
    return sources


def single_source(result: Result) -> pl.DataFrame:
    """Return the incidents and signals that rest on one source alone.

    With a filter, those that the statements of the result are about; without one, all.
    """
    import polars as pl

    g = _scenario(result)
    about = {event for row in statements(result) for event in row.event.split(";")}
    narrowed = any(result.settings.get(name) for name in ("who", "about", "event", "denied"))
    rows = [
        {"event": event, "source": next(iter(sources))}
        for event, sources in sorted(sources_of(g).items())
        if len(sources) == 1 and (event in about or not narrowed)
    ]
    return pl.DataFrame(rows, schema={"event": pl.String, "source": pl.String})


def parted(result: Result) -> pl.DataFrame:
    """Return where a row of a table and what is said of it part.

    An incident's row names an initiator of whom somebody denies it, or what is on record
    contradicts a claim.
    """
    import polars as pl

    g = _scenario(result)
    initiators = dict(g.tables["incidents"].select("incident", "initiator").iter_rows())
    rows = []
    for row in statements(result):
        if row.table == "attributions" and row.denied and initiators.get(row.event) == row.about:
            reason = f"the row names {row.about}, {row.who} denies it"
        elif row.match == "contradicted":
            reason = "what is on record contradicts the claim"
        else:
            continue
        rows.append({"event": row.event, "row": row.row, "reason": reason})
    return pl.DataFrame(rows, schema=dict.fromkeys(("event", "row", "reason"), pl.String))


def _scenario(result: Result) -> Architecture:
    g: Architecture | None = result.architecture or result.live
    if g is None:
        from detente.evidence.resolve import load

        g = load(str(result.provenance["scenario"]))
    return g


def text(result: Result) -> str:
    """Return the statements for a terminal, by the event that they are about."""
    lines: list[str] = []
    groups: dict[str, list[Statement]] = {}
    for row in statements(result):
        groups.setdefault(row.event, []).append(row)
    for event, rows in sorted(groups.items(), key=lambda item: (not item[0], item[0])):
        lines.append(event or "about no event on record")
        lines += [
            f"  {row.row:<8} {row.chain}: {row.stance}"
            f"{' (negated)' if row.polarity == 'negated' and not row.denied else ''} "
            f"{row.says}{f' ({row.since})' if row.since else ''}"
            for row in rows
        ]
    return "\n".join([*lines, result.reading])


def to_dict(result: Result) -> Mapping[str, Any]:
    """Return the statements, and what follows from them, as plain data."""
    views: Sequence[tuple[str, pl.DataFrame]] = (
        ("matters", matters(result)),
        ("single_source", single_source(result)),
        ("parted", parted(result)),
    )
    return {
        "question": "claims",
        "reading": result.reading,
        "settings": result.settings,
        "statements": [asdict(row) for row in statements(result)],
        **{name: frame.to_dicts() for name, frame in views},
    }
