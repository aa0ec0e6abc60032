"""``dt.without``: the settlement with a party at the table and without it, and who gains by that.

Everything here is this project's own, on the bargaining solutions and the graph model. Parties
that are absent from the table of parties count for nothing in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.system import Floats
from detente.errors import MissingData, UsageError
from detente.runs import Arrays, Workforce, input_digest
from detente.settlement.arguments import share
from detente.settlement.bargains.party_utility import Utility
from detente.settlement.questions.acceptance.gains_plain import BLOCK, Bounds, figures_of, uniforms
from detente.settlement.questions.fighting import worth
from detente.settlement.questions.negotiation import BOUNDS, Negotiation, negotiation
from detente.settlement.questions.reservation import Reservation, bounds_of, reservation
from detente.settlement.questions.tables_of_parties import (
    CONCEPTS,
    FORMATS,
    TableWorths,
    blocs,
    days_of,
    members,
    tables_with,
    upset,
    upsetters,
    worths_of,
)
from detente.words import listed

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.results import Result

FORMAT = 2
VIEWS_MODULE = "detente.settlement.questions.absence_text"

PATIENCE = 0.999
"""Assumed discount factor a day."""

DRAWN = (0.05, 0.95)
"""Quantiles of the draws that bound a range."""


def without(
    result: Result,
    actor: str | None = None,
    *,
    patience: float = PATIENCE,
    draws: int = 0,
    g: Architecture | None = None,
    work: Workforce | None = None,
) -> Result:
    """Compare the settlement with a party at the table to the one without it.

    The settlement of a table is the Nash point of those at it over fighting on; where they have
    no common gain, the point at which the worst-off of them is least badly off. What each format
    is worth is shown for all parties, present or not.

    Parameters
    ----------
    result : Result
        Of `settle`: its conflict, what fighting is worth and what mood asks for are kept.
    actor : str, optional
        A party, or a bloc such as ``"supporters of UKR"``. Left out: every party whose consent is
        not required, and every bloc, one after the other.
    patience : float
        Discount factor of a day, above 0 and below 1; assumed.
    draws : int
        How often to draw ideals, saliences, the status quo and what fighting is worth from their
        ranges; up to a second each. 0: the middle alone, where few of the signs are sure.
    g : Architecture, optional
        Of which the result is, where it was opened from a file.
    work : Workforce, optional
        Who does the draws, and where they are kept; no number depends on it.

    Returns
    -------
    Result
        Variables and their meaning: ``settlement/questions/variables.csv``.

    Raises
    ------
    UsageError
        If the result is of another question, or nothing can be settled without the actor.
    UnknownName
        If the actor is no party to the conflict.
    """
    if getattr(result, "question", "") != "settle":
        raise UsageError("without takes a result of dt.settle")
    patience = share("patience", patience)
    if patience in (0, 1):
        raise UsageError("patience must be above 0 and below 1")
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 0:
        raise UsageError("draws must be a whole number, at least 0")
    g, fighting, mood = origin(result, g)
    n = negotiation(g, result.settings["conflict"])
    reserve = reservation(g, n, fighting, mood)
    settings = {**result.settings, "actor": actor or "each", "patience": patience, "draws": draws}
    if actor is None:
        return _each(result, g, n, reserve, settings)
    away = members(n, actor)
    tables = tables_with(n, away)
    worths = worths_of(worth(n), reserve.least(n), tables)
    upsets, stable = upset(n, tables["all_without"], away, worths)
    present = np.zeros((len(FORMATS), len(n.parties)), np.bool_)
    for row, who in enumerate(tables.values()):
        present[row, who] = True
    effect = worths.utility[2] - worths.utility[3]
    who_upsets = [upsetters(n, who, worths.gain[row]) for row, who in enumerate(tables.values())]
    values = {
        "utility_at": worths.utility,
        "gain_at": worths.gain,
        "position_at": worths.position,
        "present": present,
        "consents": worths.agreed,
        "upsetters": np.array([";".join(names) for names in who_upsets], dtype=np.str_),
        "effect": effect,
        "upsets": np.array(upsets),
        "stable": stable,
        "waits": days_of(worths.gain[2], worths.gain[3], patience),
        "price": (1 - patience) * np.maximum(worths.gain[2], 0.0),
    }
    if draws:
        values |= _drawn(n, reserve, tables, away, effect, draws, _seed(result),
                         work or Workforce())  # fmt: skip
    return _built(
        result, g, n, settings, values, _reading(n, actor, away, effect, worths, upsets, values),
        {"format": np.array(FORMATS), "concept": np.array(CONCEPTS), "bound": np.array(BOUNDS)},
        dict(zip(FORMATS, worths.how, strict=True)),
    )  # fmt: skip


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


def _each(
    result: Result, g: Architecture, n: Negotiation, reserve: Reservation, settings: dict[str, Any]
) -> Result:
    """Leave out every party and every bloc, one after the other."""
    if settings["draws"]:
        raise UsageError("draws are for one actor: name it, or leave the draws out")
    u, least = worth(n), reserve.least(n)
    actors = [p for k, p in enumerate(n.parties) if k not in n.required] + blocs(n)
    rows = []
    for actor in actors:
        away = members(n, actor)
        tables = tables_with(n, away)
        two = tables | {"required_with": tables["required"]}  # not asked for, and quick
        worths = worths_of(u, least, two, coarse=True)
        upsets, stable = upset(n, tables["all_without"], away, worths)
        rows.append((away, worths, upsets, bool(stable.all())))
    effect = np.array([w.utility[2] - w.utility[3] for _, w, _, _ in rows])
    waits = [days_of(w.gain[2], w.gain[3], settings["patience"]) for _, w, _, _ in rows]
    values = {
        "effect_of": effect,
        "own_effect_of": np.array([effect[k, rows[k][0]].mean() for k in range(len(rows))]),
        "consents_without": np.array([bool(w.agreed[3]) for _, w, _, _ in rows]),
        "upsets_of": np.array([upsets for _, _, upsets, _ in rows]),
        "waits_for": np.array(waits),
        "price_of": (1 - settings["patience"])
        * np.maximum(np.array([w.gain[2] for _, w, _, _ in rows]), 0.0),
    }
    return _built(
        result, g, n, settings, values, _reading_of_each(n, actors, rows, values),
        {"absent": np.array(actors)}, {},
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class DrawnTables:
    """What each format of a table is worth under a stretch of the draws."""

    bounds: Bounds
    tables: dict[str, list[int]]
    away: list[int]
    n: Negotiation
    words: list[int]

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return gains, effects and whether anybody upsets, in the draws of an address."""
        gains, effects, upsets = [], [], []
        first, last = address
        start = first - first % BLOCK
        for chance in uniforms(self.bounds, last - start, self.words, start)[first - start :]:
            drawn = figures_of(self.bounds, chance)
            u = Utility(drawn.ideal, drawn.salience / drawn.salience.sum(axis=1, keepdims=True), 1)
            fighting = np.where(np.isnan(drawn.fighting), u(drawn.status_quo), drawn.fighting)
            least = fighting + (1 - fighting) * drawn.mood
            worths = worths_of(u, least, self.tables, coarse=True)
            gains.append(worths.gain)
            effects.append(worths.utility[2] - worths.utility[3])
            upsets.append(upset(self.n, self.tables["all_without"], self.away, worths)[0])
        return {"gain": np.array(gains), "effect": np.array(effects), "upsets": np.array(upsets)}


def _drawn(
    n: Negotiation,
    reserve: Reservation,
    tables: dict[str, list[int]],
    away: list[int],
    effect: Floats,
    draws: int,
    words: list[int],
    work: Workforce,
) -> dict[str, Any]:
    """Return the ranges of what each format is worth, over draws of all figures."""
    bounds = bounds_of(n, reserve)
    compute = DrawnTables(bounds, tables, away, n, words)
    settings = {"what": "tables", "input": input_digest(bounds, tables, away, n, words)}
    parts = [
        arrays for _, arrays in work.over_draws(compute, draws, 1, name="without",
                                                settings=settings)
    ]  # fmt: skip
    gains, effects, upsets = (
        np.concatenate([part[name] for part in parts]) for name in ("gain", "effect", "upsets")
    )
    same = np.sign(np.round(effects, 5)) == np.sign(np.round(effect, 5))
    low, high = np.quantile(gains, DRAWN, axis=0)
    effect_low, effect_high = np.quantile(effects, DRAWN, axis=0)
    return {
        "gain_at_low": low,
        "gain_at_high": high,
        "effect_low": effect_low,
        "effect_high": effect_high,
        "effect_share": same.mean(axis=0),
        "upsets_share": np.array(np.mean(upsets)),
    }


def _seed(result: Result) -> list[int]:
    digest = str(result.provenance.get("digest", "0" * 32))
    words = [int(digest[k : k + 8], 16) for k in range(0, 32, 8)]
    return [int(result.provenance.get("seed") or 0), *words]


def _built(
    result: Result,
    g: Architecture,
    n: Negotiation,
    settings: dict[str, Any],
    values: dict[str, Any],
    reading: str,
    coordinates: dict[str, Any],
    how: dict[str, str],
) -> Result:
    from detente.results import build
    from detente.results.building import labelled

    own = {} if "absent" in coordinates else {"issue": np.array(n.issues)}
    return build(
        "without",
        variables=labelled("detente.settlement.questions", values),
        coordinates={
            **coordinates,
            "party": np.array(n.parties),
            "role": ("party", np.array(n.role)),
            **own,
        },
        reading=reading,
        architecture=g,
        settings=settings,
        seed=result.provenance.get("seed"),
        live={"g": g},
        solutions=how,
        required_parties=";".join(n.parties[k] for k in n.required),
        fighting_words=result.data.attrs.get("fighting_words", ""),
        mood_words=result.data.attrs.get("mood_words", ""),
    )


def _reading(
    n: Negotiation,
    actor: str,
    away: list[int],
    effect: Floats,
    worths: TableWorths,
    upsets: bool,
    values: dict[str, Any],
) -> str:
    others = [k for k in range(len(n.parties)) if k not in away]
    by_absence = [n.parties[k] for k in others if effect[k] < -1e-5]
    by_presence = [n.parties[k] for k in others if effect[k] > 1e-5]
    bloc = actor not in n.parties  # such as the supporters of one side
    named, are, it = (f"the {actor}", "are", "they") if bloc else (actor, "is", "it")
    words = (
        f"At the middle of all ranges, of the {len(others)} other parties {len(by_absence)} gain "
        f"if {named} {are} absent"
    )
    words += f" ({', '.join(by_absence)})" if by_absence else ""
    words += f" and {len(by_presence)} if {it} {are} present"
    words += f" ({', '.join(by_presence)})." if by_presence else "."
    lost, own = effect[away].mean() < -1e-9, f"{abs(effect[away].mean()):.3f} of utility"
    words += (
        f" On average the {actor} {'lose' if lost else 'gain'} {own} by being present."
        if bloc
        else f" {actor} itself {'loses' if lost else 'gains'} {own} by being present."
    )
    if "effect_share" in values:
        sure = [k for k in others if values["effect_share"][k] >= 0.9 and abs(effect[k]) > 1e-5]
        words += f" In nine draws of ten or more {len(sure)} of these {len(others)} signs hold"
        words += f" ({', '.join(n.parties[k] for k in sure)})." if sure else "."
    sides = listed([n.parties[k] for k in n.required])
    for row, name in enumerate(
        (f"{sides} alone", f"{sides} with {named}", "all", f"all but {named}")
    ):
        if not worths.agreed[row]:
            words += f" At the table of {name}, nothing is better than fighting on for everybody."
    alone = [name for name in str(values["upsetters"][0]).split(";") if name]
    if worths.agreed[0] and alone:
        words += (
            f" What {sides} would settle alone, {listed(alone)} would lose by and could upset, as "
            "supporters."
        )
    if upsets:
        words += (
            f" {'The ' * bloc}{actor} would lose by the settlement without "
            f"{'them' if bloc else 'it'} and could upset it."
        )
    return words + " Whoever is no listed party counts for nothing in this."


def _reading_of_each(
    n: Negotiation, actors: list[str], rows: list[Any], values: dict[str, Any]
) -> str:
    upset_by = [a for a, (_, _, upsets, _) in zip(actors, rows, strict=True) if upsets]
    failing = [a for a, ok in zip(actors, values["consents_without"], strict=True) if not ok]
    own = values["own_effect_of"]
    most = int(np.argmax(own))
    words = (
        f"Left out one after the other, at the middle of all ranges, {len(actors)} parties and "
        f"blocs: most by its own presence gains {actors[most]} ({own[most]:+.3f} of utility)."
    )
    words += (
        f" {listed(upset_by)} would lose by the settlement without them and could upset it."
        if upset_by
        else " None of them would lose by the settlement without it and could upset it."
    )
    if failing:
        words += (
            f" Without {listed(failing)} nothing is better than fighting on for everybody left."
        )
    return words + " Whoever is no listed party counts for nothing in this."
