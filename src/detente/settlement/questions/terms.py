"""What a settlement would change in the architecture, and whether a third state pays for it.

Which positions stand for which changes is data (the table ``settlement_terms``), analyst
judgement as everything about positions is. What no row maps, such as sanctions or caps on forces,
changes nothing here.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.errors import MissingData, Undefined, UnknownName

if TYPE_CHECKING:
    from detente.architecture.changes import Change
    from detente.architecture.value import Architecture
    from detente.results import Result


def commitments(result: Result, at: str, *, g: Architecture | None = None) -> list[str]:
    """Return the changes of the architecture that an offer or a solution stands for.

    Parameters
    ----------
    result : Result
        Of `detente.settle`.
    at : str
        An offer, such as ``"istanbul_communique"``, or a solution, such as ``"nash"``.
    g : Architecture, optional
        Of which the result is, where it was opened from a file.

    Returns
    -------
    list of str
        Sentences; empty where its positions stand for none.

    Raises
    ------
    UnknownName
        If there is no such offer or solution.
    MissingData
        If the scenario maps no positions to changes.
    """
    from detente.settlement.questions.absence import origin

    g, _ = origin(result, g)
    rows = g.tables["settlement_terms"].to_dicts() if "settlement_terms" in g.tables else []
    if not rows:
        raise MissingData(
            f"{g.name} does not say which positions stand for which changes: fill the table "
            "settlement_terms"
        )
    positions = positions_of(result, at)
    sentences: list[str] = []
    for row in rows:
        position = positions.get(row["issue"])
        if position is not None and row["low"] - 1e-9 <= position <= row["high"] + 1e-9:
            sentences += [part.strip() for part in row["change"].split(";") if part.strip()]
    return list(dict.fromkeys(sentences))


def audited(
    result: Result, at: str, *, lens: Any = "all", g: Architecture | None = None, **options: Any
) -> Result:
    """Audit what an offer or a solution would change: is a third state less secure for it?

    Parameters
    ----------
    result : Result
        Of `detente.settle`.
    at : str
        An offer or a solution.
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

    sentences = commitments(result, at, g=g)
    if not sentences:
        raise Undefined(f"no position of {at} stands for a change of the architecture")
    g, _ = origin(result, g)
    return audit(g, together(sentences), lens=lens, **options)


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
    return {
        str(issue): float(value)
        for issue, value in zip(data["issue"].values, values, strict=True)
        if not np.isnan(value)
    }


def together(sentences: list[str]) -> Change:
    """Return one change of several sentences."""
    from detente.architecture.sentences import parse

    change: Change = reduce(operator.add, (parse(sentence) for sentence in sentences))
    return change
