"""From an architecture to the arrays that a lens sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from detente.architecture.kinds import KINDS
from detente.architecture.mapping import TieMapping
from detente.architecture.promises import pair
from detente.architecture.system import (
    DISPUTE_HALF_LIFE,
    Floats,
    System,
    great_circle,
)
from detente.errors import MissingData

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

WARHEADS = "warheads"
"""Measure of capability that says who has nuclear weapons."""


def system_of(g: Architecture) -> System:
    """Return the arrays over the states with a capability, by code.

    Raises
    ------
    MissingData
        If no state has a capability under the measure.
    """
    codes = tuple(code for code in g.codes if code in g.capability)
    if not codes:
        raise MissingData(g.no_figures())
    index = {code: i for i, code in enumerate(codes)}
    promises = _promises(g, index)
    rivalry = _rivalry(g, index)
    allies, rivals = signed_view(promises, rivalry, g.mapping)
    capability = np.array([g.capability[code] for code in codes], dtype=np.float64)
    total = capability.sum()
    nuclear = None
    if g.warheads is not None:
        nuclear = np.array([g.warheads.get(code, 0.0) > 0 for code in codes], dtype=np.float64)
    return System(
        codes=codes,
        allies=allies,
        rivals=rivals,
        capability=capability / total if total > 0 else capability,
        distance=_distances(g, codes),
        contiguity=_contiguity(g, index),
        regime=_regime(g, codes),
        disputes=_disputes(g, index),
        promises=promises,
        neutral=np.array(
            [max(g.ledger.neutral.get(code, {}).values(), default=0.0) for code in codes]
        ),
        rivalry=rivalry,
        stations=_stations(g, index),
        supplies=_supplies(g, index),
        nuclear=nuclear,
    )


def signed_view(
    promises: Mapping[str, Floats], rivalry: Floats, mapping: TieMapping
) -> tuple[Floats, Floats]:
    """Return what lenses see that see signs alone: allies and rivals, symmetric.

    The weight of an alliance is the larger of the two directions of the promises that count as
    one; rivals are those whose rivalry reaches the threshold. What allied rivals become is the
    mapping's parameter ``allied_rivals``.
    """
    allies = np.zeros_like(rivalry)
    for kind, promised in promises.items():
        weight = mapping.kind_weight(kind)
        if weight > 0:
            np.maximum(allies, weight * np.maximum(promised, promised.T), out=allies)
    rivals = ((rivalry > 0) & (rivalry >= mapping.threshold)).astype(np.float64)
    both = (allies > 0) & (rivals > 0)
    if mapping.allied_rivals != "allies":
        allies[both] = 0.0
    if mapping.allied_rivals != "rivals":
        rivals[both] = 0.0
    return allies, rivals


def _promises(g: Architecture, index: Mapping[str, int]) -> dict[str, Floats]:
    n = len(index)
    promises = {kind: np.zeros((n, n)) for kind in KINDS}
    for article in g.ledger.articles.values():
        members = [code for code in article.members if code in index]
        place = np.array([index[code] for code in members], dtype=np.int64)
        weight = np.array([article.members[code] for code in members])
        shared = np.minimum(weight[:, None], weight[None, :])
        np.fill_diagonal(shared, 0.0)
        square = np.ix_(place, place)
        for kind, value in article.promises.items():
            promises[kind][square] = np.maximum(promises[kind][square], value * shared)
    for (a, b), treaties in g.ledger.treaties.items():
        if a in index and b in index:
            for treaty in treaties.values():
                for owing in treaty.owing:
                    k, i = index[owing], index[b if owing == a else a]
                    promises[treaty.kind][k, i] = max(promises[treaty.kind][k, i], treaty.value)
    return promises


def _rivalry(g: Architecture, index: Mapping[str, int]) -> Floats:
    rivalry = np.zeros((len(index), len(index)))
    for a, b in g.ledger.hostile:
        if a in index and b in index:
            i, j = index[a], index[b]
            rivalry[i, j] = rivalry[j, i] = g.ledger.intensity(a, b)
    return rivalry


def _stations(g: Architecture, index: Mapping[str, int]) -> Floats:
    stations = np.zeros((len(index), len(index)))
    for by in {by for by, _ in g.ledger.stations}:
        for on, share in g.ledger.posted(by).items():
            if by in index and on in index:
                stations[index[by], index[on]] = share
    return stations


def _supplies(g: Architecture, index: Mapping[str, int]) -> Floats:
    supplies = np.zeros((len(index), len(index)))
    for (by, to), shares in g.ledger.supplies.items():
        if by in index and to in index:
            supplies[index[by], index[to]] = max(shares.values(), default=0.0)
    return supplies


def _contiguity(g: Architecture, index: Mapping[str, int]) -> Floats | None:
    if g.tables["contiguity"].is_empty():
        return None
    nearest = np.zeros((len(index), len(index)))
    for a, b, kind in g.in_force("contiguity").select("state_a", "state_b", "type").iter_rows():
        if a in index and b in index:
            i, j = index[a], index[b]
            nearest[i, j] = nearest[j, i] = min(kind, nearest[i, j] or kind)
    return nearest


def _regime(g: Architecture, codes: tuple[str, ...]) -> Floats | None:
    rows = g.tables["regimes"].filter(pl.col("year") <= g.date.year).sort("year")
    latest = dict(rows.select("state", "polyarchy").iter_rows())
    score = np.array([latest.get(code, np.nan) for code in codes])
    return None if np.isnan(score).all() else score


def _disputes(g: Architecture, index: Mapping[str, int]) -> Floats | None:
    if g.tables["disputes"].is_empty():
        return None
    disputes = np.zeros((len(index), len(index)))
    past = g.tables["disputes"].filter(pl.col("year") < g.date.year)
    pairs = {(*pair(a, b), y) for a, b, y in past.select("state_a", "state_b", "year").iter_rows()}
    for a, b, year in sorted(pairs):
        if a in index and b in index:
            i, j = index[a], index[b]
            disputes[i, j] += 0.5 ** ((g.date.year - 1 - year) / DISPUTE_HALF_LIFE)
            disputes[j, i] = disputes[i, j]
    return disputes


def _distances(g: Architecture, codes: tuple[str, ...]) -> Floats:
    rows = {row[0]: row[1:] for row in g.tables["states"].select("state", "lat", "lon").iter_rows()}
    nan = float("nan")
    place = np.array(
        [[nan if x is None else x for x in rows[code]] for code in codes], dtype=np.float64
    )
    return great_circle(place[:, 0], place[:, 1])
