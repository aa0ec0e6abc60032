"""What a settlement would change in the architecture, by the table ``settlement_terms``.

Which positions stand for which changes is data, analyst judgement as everything about positions
is, and so is what changes nothing that a lens could read, each with its reason.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detente.errors import MissingData, Undefined, UnknownName
from detente.settlement.arguments import choice

if TYPE_CHECKING:
    from detente.architecture.changes import Change
    from detente.architecture.value import Architecture
    from detente.results import Result

READINGS = ("text", "wide")
"""What the words of a position say, and what they may amount to, which holds both."""

ROUNDING = 1e-9


class SettlementTerms(NamedTuple):
    """What the positions of a settlement stand for.

    Attributes
    ----------
    changes : tuple of str
        Sentences, or proposals of the scenario with their reading.
    unseen : tuple of (str, str)
        Issues on which it speaks and changes nothing that a lens reads, each with the reason.
    unmapped : tuple of str
        Issues on which it speaks and of which the table says nothing.
    """

    changes: tuple[str, ...]
    unseen: tuple[tuple[str, str], ...]
    unmapped: tuple[str, ...]


def rows_of(g: Architecture) -> list[dict[str, Any]]:
    """Return the rows of the table; none where the scenario has none."""
    return list(g.tables["settlement_terms"].to_dicts()) if "settlement_terms" in g.tables else []


def terms_of(
    rows: Sequence[Mapping[str, Any]], positions: Mapping[str, float], reading: str = "text"
) -> SettlementTerms:
    """Return what positions stand for by the rows of the table, in one reading."""
    changes: list[str] = []
    unseen: dict[str, list[str]] = {}
    mapped = set()
    for row in rows:
        position = positions.get(row["issue"])
        kind = row.get("reading") or "text"
        if position is None or not (
            row["low"] - ROUNDING <= position <= row["high"] + ROUNDING
            and kind in READINGS[: READINGS.index(reading) + 1]
        ):
            continue
        mapped.add(row["issue"])
        parts = [part.strip() for part in (row["change"] or "").split(";") if part.strip()]
        changes += parts
        if not parts:
            unseen.setdefault(row["issue"], []).append(row["rationale"] or "no reason is stated")
    return SettlementTerms(
        tuple(dict.fromkeys(changes)),
        tuple((issue, "; ".join(reasons)) for issue, reasons in unseen.items()),
        tuple(issue for issue in positions if issue not in mapped),
    )


def commitments(
    result: Result, at: str, *, reading: str = "text", g: Architecture | None = None
) -> list[str]:
    """Return the changes of the architecture that an offer or a solution stands for.

    Parameters
    ----------
    result : Result
        Of `detente.settle`.
    at : str
        An offer, such as ``"istanbul_communique"``, or a solution, such as ``"nash"``.
    reading : str
        ``"text"``: what the words say; ``"wide"``: what they may amount to as well.
    g : Architecture, optional
        Of which the result is, where it was opened from a file.

    Returns
    -------
    list of str
        Sentences; empty where its positions stand for none.

    Raises
    ------
    UnknownName
        If there is no such offer, solution or reading.
    MissingData
        If the scenario maps no positions to changes.
    """
    from detente.settlement.questions.absence import origin

    choice("reading", reading, READINGS)
    g, _, _ = origin(result, g)
    rows = rows_of(g)
    if not rows:
        raise MissingData(
            f"{g.name} does not say which positions stand for which changes: fill the table "
            "settlement_terms"
        )
    return list(terms_of(rows, positions_of(result, at), reading).changes)


def audited(
    result: Result,
    at: str,
    *,
    reading: str = "text",
    lens: Any = "all",
    g: Architecture | None = None,
    **options: Any,
) -> Result:
    """Audit what an offer or a solution would change: is a third state less secure for it?

    Parameters
    ----------
    result : Result
        Of `detente.settle`.
    at : str
        An offer or a solution.
    reading : str
        As for `commitments`.
    lens : str, Lens or several
        As for `detente.audit`.
    g : Architecture, optional
        Of which the result is, where it was opened from a file.
    **options
        As for `detente.audit`, such as ``draws``.

    Returns
    -------
    Result
        Of `detente.audit`, of all the changes together.

    Raises
    ------
    Undefined
        If its positions stand for no change.
    """
    from detente.auditing.run import audit
    from detente.settlement.questions.absence import origin

    sentences = commitments(result, at, reading=reading, g=g)
    if not sentences:
        raise Undefined(f"no position of {at} stands for a change of the architecture")
    g, _, _ = origin(result, g)
    return audit(g, together(g, sentences), lens=lens, **options)


def positions_of(result: Result, at: str) -> dict[str, float]:
    """Return the positions of an offer or a solution, by issue; silent issues are not in it."""
    data = result.data
    offers = [str(o) for o in data["offer"].values]
    solutions = [str(s) for s in data["solution"].values]
    if at in offers:
        values = data["position"].values[offers.index(at), :, 1]
    elif at in solutions:
        values = data["solution_position"].values[solutions.index(at)]
    else:
        raise UnknownName("offer or solution", at, (*offers, *solutions))
    return spoken([str(issue) for issue in data["issue"].values], values)


def spoken(issues: Sequence[str], values: Any) -> dict[str, float]:
    """Return positions by issue, without those that are no numbers."""
    return {
        issue: float(value)
        for issue, value in zip(issues, values, strict=True)
        if not np.isnan(value)
    }


def together(g: Architecture, sentences: Sequence[str]) -> Change:
    """Return one change of several sentences and proposals of an architecture."""
    from detente.architecture.sentences import understand

    change: Change = reduce(operator.add, (understand(g, sentence) for sentence in sentences))
    return change
