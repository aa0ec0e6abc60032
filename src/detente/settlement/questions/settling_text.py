"""A result of ``dt.settle`` in words and rows: the terminal, and what a page tells as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.errors import UnknownName
from detente.lenses.naming import in_words
from detente.settlement.questions.terms import audited, commitments
from detente.words import listed, share

if TYPE_CHECKING:
    import polars as pl

    from detente.architecture.value import Architecture
    from detente.results import Result
    from detente.runs import Workforce

__all__ = ["audited", "commitments", "offers", "text", "without"]

SILENCE_MARK = "*"
"""Beside a verdict that what silence is taken for decides."""

MOOD_MARK, TYPED_MARK, ASSUMED_MARK = "†", "‡", "§"
"""Beside a party of which mood asks for more; whose fighting on is typed; or assumed of a model."""

NOTES = (
    "Ideals, saliences, influence and the status quo are analyst judgement, drawn from ranges; "
    "most ranges follow from a rule of confidence. Stated positions are no reservation values.",
    f"{SILENCE_MARK} The verdict is another where the offer's silence is taken for something else.",
)
"""What stands below every table of offers."""


def offers(result: Result, party: str | None = None) -> pl.DataFrame:
    """Return the offers against the parties as a table, one row an offer and party.

    Parameters
    ----------
    result : Result
        Of `detente.settle`.
    party : str, optional
        One party only.

    Raises
    ------
    UnknownName
        If it is no party to the conflict.
    """
    import polars as pl

    parties = [str(p) for p in result.data["party"].values]
    if party is not None and party not in parties:
        raise UnknownName("party", party, parties)
    return pl.DataFrame(rows(result, [party] if party else parties))


def rows(result: Result, parties: list[str]) -> list[dict[str, Any]]:
    """Return one row an offer and party, in the reading of silence that was chosen."""
    data, silence = result.data, result.settings["silence"]
    table = []
    for o, offer in enumerate(data["offer"].values):
        for party in parties:
            p = [str(name) for name in data["party"].values].index(party)
            r = [str(name) for name in data["reading"].values].index(silence)
            table.append(
                {
                    "offer": str(offer),
                    "date": str(data["date"].values[o]),
                    "proponent": str(data["proponent"].values[o]),
                    "status": str(data["status"].values[o]),
                    "party": party,
                    "verdict": str(data["verdict"].values[o, p, r]),
                    "decided_by_silence": bool(data["decided_by_silence"].values[o, p]),
                    "gain_low": float(data["gain_low"].values[o, p]),
                    "gain_high": float(data["gain_high"].values[o, p]),
                    "accepts": float(data["accepts"].values[o, p, r]),
                    "refuses": float(data["refuses"].values[o, p, r]),
                    "blocks": str(data["blocks"].values[o, p]),
                    "survives": float(data["survives"].values[o, p]),
                    "fighting_basis": str(data["fighting_basis"].values[p]),
                    "mood": str(data["mood_basis"].values[p]),
                    "together": str(data["together"].values[o, r]),
                    "all_accept": float(data["all_accept"].values[o, r]),
                    "all_could": float(data["all_could"].values[o, r]),
                }
            )
    return table


def without(
    result: Result,
    actor: str | None = None,
    *,
    patience: float = 0.999,
    draws: int = 0,
    g: Architecture | None = None,
    work: Workforce | None = None,
) -> Result:
    """Compare the settlement with a party at the table to the one without it; see the function."""
    from detente.settlement.questions.absence import without as compare

    return compare(result, actor, patience=patience, draws=draws, g=g, work=work)


def required(result: Result) -> list[str]:
    """Return the parties whose consent is required."""
    data = result.data
    return [
        str(party)
        for party, consent in zip(data["party"].values, data["consent"].values, strict=True)
        if consent == "required"
    ]


def verdict_words(row: dict[str, Any]) -> str:
    """Return a verdict with its mark, and the issue that stands against it."""
    words = row["verdict"] + (SILENCE_MARK if row["decided_by_silence"] else "")
    blocked = row["blocks"] if row["verdict"] in ("refuses", "open") else ""
    return f"{words} ({blocked})" if blocked else words


def marked(result: Result, party: str) -> str:
    """Return a party with the marks of what its reservation value rests on."""
    data = result.data
    p = [str(name) for name in data["party"].values].index(party)
    basis = str(data["fighting_basis"].values[p])
    marks = MOOD_MARK if data["mood_basis"].values[p] else ""
    if basis == "typed":
        marks += TYPED_MARK
    elif basis != "status quo":
        marks += ASSUMED_MARK
    return party + marks


def notes(result: Result) -> list[str]:
    """Return what stands below every table of offers, with the marks that are in use."""
    attrs = result.data.attrs
    lines = list(NOTES)
    basis = {str(b) for b in result.data["fighting_basis"].values}
    if attrs.get("mood_words"):
        lines.append(f"{MOOD_MARK} {attrs['mood_words']}")
    if "typed" in basis:
        lines.append(
            f"{TYPED_MARK} What fighting on is worth is a typed range, no fact: the party's gains "
            "and verdicts are as good as it."
        )
    if basis - {"typed", "status quo"}:
        lines.append(
            f"{ASSUMED_MARK} What fighting on is worth is made of a model by assumed rules: "
            f"{attrs.get('fighting_words', '')}"
        )
    return lines


def joint_words(row: dict[str, Any]) -> str:
    """Return the share of draws in which all required parties accept; an interval where open."""
    low, high = share(row["all_accept"]), share(row["all_could"])
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def third_rows(result: Result, *, solutions: bool = True) -> list[dict[str, Any]]:
    """Return one row a settlement: what it changes, and who is less secure under which lens."""
    data = result.data
    lenses = [str(lens) for lens in data["lens"].values]
    offers = len(data["offer"])
    table = []
    for s, name in enumerate(data["settlement"].values):
        if s >= offers and not solutions:
            break
        answers = [str(a) for a in data["third_answer"].values[:, s]]
        row: dict[str, Any] = {
            "settlement": str(name),
            "changes": str(data["commitments"].values[s]),
            "wide": str(data["commitments_wide"].values[s]),
            "not_seen": str(data["unseen_terms"].values[s]).replace(";", ","),
            "seen_by": [le for le, a in zip(lenses, answers, strict=True) if a == "seen"],
            "undefined": [le for le, a in zip(lenses, answers, strict=True) if a == "undefined"],
        }
        for what in ("third_less", "third_more", "bound_less"):
            row[what] = {
                lens: str(states).replace(";", ", ")
                for lens, states in zip(lenses, data[what].values[:, s], strict=True)
                if states
            }
        table.append(row)
    return table


def third_sentence(result: Result) -> str:
    """Return in a sentence whether the offers are at a third state's expense."""
    attrs = result.data.attrs
    if attrs.get("third_note"):
        return f"Whether third states pay is not answered: {attrs['third_note']}."
    table = third_rows(result, solutions=False)
    changing = [row for row in table if row["changes"]]
    paid = [row for row in changing if row["third_less"]]
    if not changing:
        return "No offer changes anything that a lens reads, so none has a third state to pay."
    words = (
        f"Of {len(table)} offers {len(changing)} would change what a lens reads; "
        f"{len(paid)} of these leave a third state less secure under some lens"
    )
    words += f": {listed([row['settlement'] for row in paid])}." if paid else "."
    return words


def by_lens(states: dict[str, str]) -> str:
    """Return who, lens by lens: ``“contest for a prize” (contest): GEO, FIN``."""
    return "; ".join(f"{in_words(lens)}: {who}" for lens, who in states.items())


def text(result: Result) -> str:
    """Return the result for a terminal."""
    sides = required(result)
    by_offer: dict[str, list[dict[str, Any]]] = {}
    for row in rows(result, sides):
        by_offer.setdefault(row["offer"], []).append(row)
    named = [marked(result, p) for p in sides]
    head = ["offer", "date", "by", *(f"{p}: gain, 5 to 95 %" for p in named), *named, "all accept"]
    lines = [head]
    for offer, answers in by_offer.items():
        first = answers[0]
        status = "" if first["status"] == "live" else f" ({first['status']})"
        lines.append(
            [
                offer + status,
                first["date"],
                first["proponent"],
                *(f"{a['gain_low']:+.2f} to {a['gain_high']:+.2f}" for a in answers),
                *(verdict_words(a) for a in answers),
                joint_words(first),
            ]
        )
    return "\n".join(
        [result.reading, "", *_table(lines), "", *notes(result), JOINT, "", *_third(result)]
    )


JOINT = (
    "All accept: share of draws; an interval is from whatever fills the silence to the one and "
    "the same filling that suits all of them."
)


LESS = {"third_less": "third states less secure", "bound_less": "bound by it and less secure"}
"""Who is less secure for a settlement, with the head of its column."""


def _third(result: Result) -> list[str]:
    """Return the section on third states."""
    lines = ["Indivisible? " + third_sentence(result)]
    table = [["settlement", "under the lens", *LESS.values()]]
    groups: dict[tuple[str, ...], list[str]] = {}
    for row in third_rows(result):
        for lens in row["seen_by"]:
            less = [row[what].get(lens, "") for what in LESS]
            if any(less):
                key = row["changes"], lens, *less
                groups.setdefault(key, []).append(row["settlement"])
    for (_, lens, *less), names in groups.items():
        table.append([", ".join(names), in_words(lens), *(states or "none" for states in less)])
    if groups:
        lines += ["", *_table(table)]
    lines += [
        "",
        "Under the lenses that read the changes, at their point estimates; result.audited(OFFER) "
        "draws their parameters. What no lens reads, such as sanctions or caps on forces, has no "
        "result, which is not the result that nobody pays.",
    ]
    return lines


def _table(lines: list[list[str]]) -> list[str]:
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
