"""``dt.without``: the settlement with a party at the table and without it, and who gains by that.

Everything here is this project's own, on the bargaining solutions and the graph model. Parties
that are absent from the table of parties count for nothing in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.system import Floats
from detente.errors import MissingData, Undefined, UnknownName, UsageError
from detente.settlement.arguments import share
from detente.settlement.bargains.party_utility import Utility
from detente.settlement.consent.graph_model import stability
from detente.settlement.questions.fighting import worth
from detente.settlement.questions.negotiation import Negotiation, negotiation
from detente.settlement.questions.reservation import reservation
from detente.settlement.questions.settling import BOUNDS

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.results import Result

FORMAT = 1
VIEWS_MODULE = "detente.settlement.questions.absence_text"
FORMATS = ("two_capitals", "two_capitals_with", "all", "all_without")
"""Who is at the table: the required parties, these and the actor, all who count, all but it."""

UPSETTING = ("belligerent", "supporter")
"""Roles that can keep the fighting going."""

PATIENCE = 0.999
"""Assumed discount factor a day."""


def without(
    result: Result, actor: str, *, patience: float = PATIENCE, g: Architecture | None = None
) -> Result:
    """Compare the settlement with a party at the table to the one without it.

    The settlement of a table is the Nash point of those at it over fighting on; where they have
    no common gain, the point at which the worst-off of them is least badly off. What each format
    is worth is shown for all parties, present or not.

    Parameters
    ----------
    result : Result
        Of `settle`: its conflict, what fighting is worth, and how war enters are kept.
    actor : str
        A party, or a bloc such as ``"supporters of UKR"``.
    patience : float
        Discount factor of a day, above 0 and below 1; assumed.
    g : Architecture, optional
        Of which the result is, where it was opened from a file.

    Returns
    -------
    Result
        Variables and their meaning: ``settlement/questions/variables.csv``.

    Raises
    ------
    UsageError
        If the result is of another question, or nothing would be left at the table.
    UnknownName
        If the actor is no party to the conflict.
    """
    from detente.results import build
    from detente.results.building import labelled

    if getattr(result, "question", "") != "settle":
        raise UsageError("without takes a result of dt.settle")
    patience = share("patience", patience)
    if patience in (0, 1):
        raise UsageError("patience must be above 0 and below 1")
    g, fighting, mood = origin(result, g)
    n = negotiation(g, result.settings["conflict"])
    away = members(n, actor)
    u, least = worth(n), reservation(g, n, fighting, mood).least(n)
    counted = set(n.counted) - _covered(n, away)
    tables = {
        "two_capitals": [k for k in n.required if k not in away],
        "two_capitals_with": sorted({*n.required, *away}),
        "all": sorted({*counted, *away}),
        "all_without": sorted(counted - {*away}),
    }
    if not all(tables.values()):
        raise UsageError(f"without {actor} nobody is left at the table")
    points = {name: settlement_of(u, least, who) for name, who in tables.items()}
    worths = np.array([u(x) for x, _ in points.values()])
    gains = worths - least
    present = np.zeros((len(FORMATS), len(n.parties)), np.bool_)
    for row, who in enumerate(tables.values()):
        present[row, who] = True
    agreed = np.array([(gains[row, who] >= -1e-9).all() for row, who in enumerate(tables.values())])
    effect = worths[2] - worths[3]
    upsets, stable = _upset(tables["all_without"], n, away, gains, bool(agreed[3]))
    values = {
        "utility_at": worths,
        "gain_at": gains,
        "position_at": np.array([x for x, _ in points.values()]),
        "present": present,
        "consents": agreed,
        "effect": effect,
        "upsets": np.array(upsets),
        "stable": stable,
        "waits": _days(gains[2], gains[3], patience),
        "price": (1 - patience) * np.maximum(gains[2], 0.0),
    }
    return build(
        "without",
        variables=labelled("detente.settlement.questions", values),
        coordinates={
            "format": np.array(FORMATS),
            "party": np.array(n.parties),
            "role": ("party", np.array(n.role)),
            "issue": np.array(n.issues),
            "concept": np.array(["R", "SEQ", "GMR", "SMR"]),
            "bound": np.array(BOUNDS),
        },
        reading=_reading(n, actor, away, gains, effect, agreed, upsets),
        architecture=g,
        settings={**result.settings, "actor": actor, "patience": patience},
        seed=result.provenance.get("seed"),
        live={"g": g},
        solutions={name: how for name, (_, how) in points.items()},
    )


def members(n: Negotiation, actor: str) -> list[int]:
    """Return the parties that a name stands for: one, or the supporters of a belligerent."""
    if actor in n.parties:
        return [n.at(actor)]
    head, _, side = actor.partition("supporters of ")
    if not head and side in n.parties:
        found = [k for k, supported in enumerate(n.supports) if supported == side]
        if found:
            return found
    blocs = [f"supporters of {side}" for side in dict.fromkeys(n.supports) if side]
    raise UnknownName(f"party to {n.conflict}", actor, (*n.parties, *blocs))


def settlement_of(u: Utility, least: Floats, who: list[int]) -> tuple[Floats, str]:
    """Return the positions on which those at a table settle, and by which solution."""
    from detente.settlement.bargains.concave import furthest
    from detente.settlement.bargains.solutions import nash

    table = Utility(u.ideal[who], u.salience[who], u.power)
    if len(who) > 1:
        try:
            return nash(table, least[who]).x, "Nash"
        except Undefined:
            pass  # nothing is better for all of them: see what hurts the worst-off least
    x = furthest(table, least[who], np.ones(len(who)))
    return x, "least loss of the worst-off"


def origin(result: Result, g: Architecture | None) -> tuple[Architecture, Any, Any]:
    """Return the architecture of a result, and what fighting and mood were taken for."""
    live = getattr(result, "live", None)
    if g is None and isinstance(live, dict) and live.get("g") is not None:
        return live["g"], live.get("fighting"), live.get("mood")
    fighting, mood = result.settings.get("fighting"), result.settings.get("mood")
    if fighting == "simulation":
        raise UsageError("the simulation behind fighting is not in the file: ask dt.settle again")
    if g is None:
        from detente.architecture.package.finding import bundled
        from detente.evidence.resolve import load

        name = result.provenance.get("scenario", "")
        if name not in bundled():
            raise UsageError("the result was opened from a file: give the architecture, g=...")
        g = load(name)
    if g.digest != result.provenance.get("digest"):
        raise MissingData("the result is of another version of the scenario: ask dt.settle again")
    return g, None if fighting == "status_quo" else fighting, None if mood == "none" else mood


def _covered(n: Negotiation, away: list[int]) -> set[int]:
    """Return the listed members of organisations that are meant, so that none counts twice."""
    inside = {party for k in away for party in n.counts_with.get(n.parties[k], ())}
    return {k for k, party in enumerate(n.parties) if party in inside and k not in away}


def _upset(
    table: list[int], n: Negotiation, away: list[int], gains: Floats, agreed: bool
) -> tuple[bool, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Say whether the outsider can and would upset the settlement without it.

    Three states: fighting on, settled without it, settled with it. Those at the table make and
    end a settlement; the outsider can end the one without it where its role lets it keep the
    fighting going.
    """
    able = any(n.role[k] in UPSETTING for k in away)
    inside = gains[:, table].min(axis=1)
    outsider = gains[:, away].mean(axis=1)
    moves = [{(0, 1), (1, 0), (2, 0), (0, 2), (1, 2), (2, 1)}, {(1, 0)} if able else set()]
    order = []
    for own in (inside, outsider):
        worths = {0: 0.0, 1: float(own[3]), 2: float(own[2])}
        levels = sorted({round(v, 9) for v in worths.values()}, reverse=True)
        order.append([[s for s, v in worths.items() if round(v, 9) == level] for level in levels])
    calm = stability(moves, order)
    held = np.array([bool(calm[c][:, 1].all()) for c in ("R", "SEQ", "GMR", "SMR")])
    return bool(able and agreed and outsider[3] < -1e-9), held


def _days(present: Floats, absent: Floats, patience: float) -> Floats:
    """Return how long each party would wait: until the gain with it is down to the one without."""
    days = np.zeros(len(present))
    better = present > absent + 1e-12
    for k in np.flatnonzero(better):
        lasting = present[k] > 0 and absent[k] > 0
        days[k] = np.log(absent[k] / present[k]) / np.log(patience) if lasting else np.nan
    return days


def _reading(
    n: Negotiation,
    actor: str,
    away: list[int],
    gains: Floats,
    effect: Floats,
    agreed: Any,
    upsets: bool,
) -> str:
    others = [k for k in range(len(n.parties)) if k not in away]
    by_absence = [n.parties[k] for k in others if effect[k] < -1e-9]
    by_presence = [n.parties[k] for k in others if effect[k] > 1e-9]
    words = f"Of the {len(others)} other parties, {len(by_absence)} gain if {actor} is absent"
    words += f" ({', '.join(by_absence)})" if by_absence else ""
    words += f" and {len(by_presence)} if it is present"
    words += f" ({', '.join(by_presence)})." if by_presence else "."
    own = "loses" if effect[away].mean() < -1e-9 else "gains"
    words += f" {actor} itself {own} {abs(effect[away].mean()):.3f} of utility by being present."
    for row, name in enumerate(
        ("the two capitals alone", f"they with {actor}", "all", f"all but {actor}")
    ):
        if not agreed[row]:
            words += f" At the table of {name}, nothing is better than fighting on for everybody."
    if upsets:
        words += f" {actor} would lose by the settlement without it and could upset it."
    return words + " Whoever is no listed party counts for nothing in this."
