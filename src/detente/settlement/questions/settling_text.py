"""A result of ``dt.settle`` in words and rows: the terminal, and what a page tells as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.errors import UnknownName
from detente.settlement.questions.terms import audited, commitments

if TYPE_CHECKING:
    import polars as pl

    from detente.architecture.value import Architecture
    from detente.results import Result

__all__ = ["audited", "commitments", "offers", "text", "without"]

SILENCE_MARK = "*"
"""Beside a verdict that what silence is taken for decides."""

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
                    "all_accept": float(data["all_accept"].values[o, r]),
                }
            )
    return table


def without(
    result: Result, actor: str, *, patience: float = 0.999, g: Architecture | None = None
) -> Result:
    """Compare the settlement with a party at the table to the one without it; see the function."""
    from detente.settlement.questions.absence import without as compare

    return compare(result, actor, patience=patience, g=g)


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


def text(result: Result) -> str:
    """Return the result for a terminal."""
    sides = required(result)
    by_offer: dict[str, list[dict[str, Any]]] = {}
    for row in rows(result, sides):
        by_offer.setdefault(row["offer"], []).append(row)
    head = ["offer", "date", "by", *(f"{p}: gain, 5 to 95 %" for p in sides), *sides, "all accept"]
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
                f"{100 * first['all_accept']:.0f} %",
            ]
        )
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([result.reading, "", *table, "", *NOTES])
