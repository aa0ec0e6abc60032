"""Who begins a dispute against whom: the lens coalition held against the record.

One row is an ordered pair of states in a year: did the first begin a dispute against the second,
on the first day and on the side that began it? Everything that is known of it is of the year
before: capabilities, promises, borders, distances, and rivalries, whose intensity is the highest
hostility of the two in the ten years before.

Rivals are pairs with any hostility in those ten years, and those of Thompson's list, which is
coded with hindsight and so can be left out. A pair without a rivalry has a
rate of its own, a share `latent` of the highest one: a quarter of disputes begin between such
pairs. It is a parameter of this score; in an audit, where no attack is to be made up, it is 0.

Nothing is fitted to the years that are scored. The hazard's logit is fitted on the years up to
the origin, from the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats, Ints, System
from detente.evidence.datasets import store
from detente.evidence.forecast import hazard
from detente.evidence.forecast.scores import Scores, score
from detente.evidence.panel import arrays, table_arrays
from detente.evidence.panel.systems import GROUPS, systems
from detente.lenses.coalition import formula
from detente.lenses.coalition.parameter_table import defaults
from detente.lenses.coalition.system_facts import facts_of
from detente.runs import Workforce

LATENT = 0.01
"""Rate of a pair without a rivalry, as a share of that of a pair at war next door."""
INITIATIVE = 0.5
"""Power of the beginner's share of all strength in a proposal beside the lens: of 0 to 0.7 in
steps of a tenth that which ranks rivals best on the years 1900 to 1959; no later year was used."""
REMEMBERED = 10
REACH = 3000.0
PREDICTORS = {
    "coalition": "rate times chance to prevail, with `latent`",
    "coalition, no latent rate": "the same without",
    "coalition, rate alone": "rate, with `latent`, whoever would join",
    "coalition, rate by power": "the same times the square root of the beginner's strength",
    "intensity": "intensity of the rivalry alone",
    "rival margin": "by how much a rival with its allies is stronger; no rival, no attack",
}
"""What is scored beside the hazard, and what each is."""
CLUSTERS = ("dispute", "state")
"""What the bootstrap draws whole: disputes (pairs where there is none), and beginners."""


@dataclass(frozen=True, eq=False)
class Beginnings:
    """Ordered pairs by year, with what is said of each beforehand.

    Attributes
    ----------
    year, ccode1, ccode2 : int arrays (rows,)
        Calendar year, and COW numbers of the state that may begin and of the other.
    begun : array (rows,)
        1 where it began a dispute against the other.
    relevant, rivals : bool arrays (rows,)
        Contiguous or with a major power; with a rivalry.
    dispute, state : int arrays (rows,)
        Clusters: a number for each dispute and each pair without one, and for each beginner.
    predicted : dict of str to array (rows,)
        What each predictor says.
    covariates : float32 array (rows, covariates)
        Those of the hazard.
    """

    year: Ints
    ccode1: Ints
    ccode2: Ints
    begun: Floats
    relevant: NDArray[np.bool_]
    rivals: NDArray[np.bool_]
    dispute: Ints
    state: Ints
    predicted: Mapping[str, Floats]
    covariates: NDArray[np.float32]

    def where(self, keep: NDArray[np.bool_]) -> Beginnings:
        """Return the rows where `keep` is true."""
        some = {
            name: getattr(self, name)[keep]
            for name in self.__dataclass_fields__
            if name != "predicted"
        }
        return Beginnings(**some, predicted={name: x[keep] for name, x in self.predicted.items()})


def beginnings(first: int, last: int, *, latent: float = LATENT, listed: bool = True) -> Beginnings:
    """Build the rows of the years `first` to `last` from the data folder.

    Parameters
    ----------
    first, last : int
        Years that are predicted, from 1817.
    latent : float
        Rate of pairs without a rivalry, a share of the highest rate.
    listed : bool
        Whether the pairs of Thompson's list are rivals too, at intensity 1 without hostility.
    """
    built = arrays.dense(table_arrays.FIRST_YEAR, last, (*GROUPS, "majors"))
    facts = tuple(hazard.COVARIATES_OF_FACTS)
    remembered, numbers = _hostility(built.codes), _numbers()
    parts: dict[str, list[NDArray[np.generic]]] = defaultdict(list)
    n = len(built.codes)
    with threadpool_limits(1, user_api="blas"):
        for before, system, places in systems(built):
            year, t = before + 1, before + 1 - built.first
            if not first <= year <= last:
                continue
            stays = np.flatnonzero(built.member[t][places])
            if len(stays) < 2:
                continue
            kept = places[stays]
            square = np.ix_(kept, kept)
            intensity = remembered(before)[square]
            rivals = intensity > 1
            if listed:
                rivals |= built.dyads["rivalry"][t - 1][square] & 1 > 0
            seen = replace(system.take(stays), rivalry=np.where(rivals, intensity, 0.0))
            dispute = built.dyads["disputes"][t][square]
            i, j = np.nonzero(((dispute & 3) != 2) & ~np.eye(len(kept), dtype=bool))
            near = built.dyads["contiguity"][t - 1][square] > 0
            major = built.states["major"][t - 1][kept] > 0
            begun = (dispute[i, j] >> 2 & 1) > 0
            codes = built.codes[kept]
            pair = np.minimum(kept[i], kept[j]) * n + np.maximum(kept[i], kept[j])
            number = [
                numbers.get((int(codes[a]), int(codes[b]), year), 0)
                for a, b in zip(i[begun], j[begun], strict=True)
            ]
            pair[begun] = np.where(np.array(number) > 0, -np.array(number), pair[begun])
            columns = {
                "year": np.full(len(i), year),
                "ccode1": codes[i],
                "ccode2": codes[j],
                "begun": begun.astype(float),
                "relevant": (near | major[:, None] | major[None, :])[i, j],
                "rivals": seen.rivalry[i, j] > 0,
                "dispute": pair,
                "state": codes[i],
                "covariates": hazard.pair_covariates(system.take(stays), facts)[:, i, j]
                .T.astype(np.float32),
            }  # fmt: skip
            for name, forecast in _predicted(seen, latent).items():
                columns[f"predicted {name}"] = forecast[i, j]
            for name, column in columns.items():
                parts[name].append(column)
    whole = {name: np.concatenate(arrays_of) for name, arrays_of in parts.items()}
    predicted_of = {name: whole.pop(f"predicted {name}") for name in PREDICTORS}
    return Beginnings(**whole, predicted=predicted_of)


def scored(
    rows: Beginnings,
    *,
    relevant: bool = True,
    within: bool = False,
    draws: int = 0,
    seed: int = 1,
    work: Workforce | None = None,
) -> dict[str, dict[str, Scores]]:
    """Score every predictor, with intervals by each of `CLUSTERS`.

    Parameters
    ----------
    rows : Beginnings
        The years that are scored.
    relevant, within : bool
        Politically relevant pairs only; pairs with a rivalry only.
    draws, seed : int
        Bootstrap draws for the intervals.
    work : Workforce, optional
        Who does them; no number depends on it.
    """
    keep = np.ones(len(rows.year), dtype=np.bool_)
    if relevant:
        keep &= rows.relevant
    if within:
        keep &= rows.rivals
    some = rows.where(keep)
    return {
        name: {
            cluster: score(
                np.clip(forecast, 0.0, 1.0),
                some.begun,
                getattr(some, cluster),
                draws=draws,
                seed=seed,
                work=work,
                name=f"{name.replace(' ', '-').replace(',', '')}-by-{cluster}",
            )
            for cluster in CLUSTERS
        }
        for name, forecast in some.predicted.items()
    }


def rolling(
    first: int = 1817,
    *,
    origins: Sequence[int] = hazard.ORIGINS,
    span: int = hazard.SPAN,
    latent: float = LATENT,
    listed: bool = True,
) -> Iterator[tuple[int, Beginnings]]:
    """Yield each origin with the rows of the years after it, the hazard fitted up to it."""
    rows = beginnings(first, max(origins) + span, latent=latent, listed=listed)
    facts = tuple(hazard.COVARIATES_OF_FACTS)
    names = hazard.names(facts)
    for origin in origins:
        past = rows.where(rows.year <= origin)
        later = rows.where((rows.year > origin) & (rows.year <= origin + span))
        past_rows = hazard.TrainingRows(past.covariates, past.begun, past.year, past.dispute)
        guess = hazard.fit(past_rows, facts).probability(later.covariates[:, : len(names)])
        yield origin, replace(later, predicted={**later.predicted, "hazard, fitted before": guess})


def frame(rows: Beginnings) -> pl.DataFrame:
    """Return the rows with what each predictor says, as ``predictions.csv`` holds them."""
    return pl.DataFrame(
        {
            "year": rows.year,
            "ccode1": rows.ccode1,
            "ccode2": rows.ccode2,
            "begun": rows.begun.astype(np.int8),
            "relevant": rows.relevant.astype(np.int8),
            "rivals": rows.rivals.astype(np.int8),
            **rows.predicted,
        }
    ).sort("year", "ccode1", "ccode2")


def _predicted(system: System, latent: float) -> dict[str, Floats]:
    """Return what every predictor says of every ordered pair, arrays (n, n)."""
    values = defaults()
    facts = facts_of(_placed(system), values)
    n = facts.size
    ties = formula.ties(facts, values)
    possible = formula.possible_attacks(facts, ties, {**values, "latent": latent})
    rate, weighted = np.zeros((n, n)), np.zeros((n, n))
    rate[possible.leader, possible.target] = possible.rate
    weighted[possible.leader, possible.target] = possible.rate * possible.beaten
    return {
        "coalition": weighted,
        "coalition, no latent rate": np.where(facts.rivalry > 0, weighted, 0.0),
        "coalition, rate alone": rate,
        "coalition, rate by power": rate * facts.strength[:, None] ** INITIATIVE,
        "intensity": facts.rivalry / 10.0,
        "rival margin": _margin(system, facts.strength),
    }


def _margin(system: System, strength: Floats) -> Floats:
    """Return by how much each pair's first state, with its allies, exceeds the other's side."""
    far = np.where(np.isnan(system.distance), np.inf, system.distance)
    reaching = strength[None, :] * np.exp(-far / REACH)  # of k at the place of i
    np.fill_diagonal(reaching, 0.0)
    allies = system.allies
    pledged = allies * reaching
    defence = (strength + pledged.sum(axis=1))[:, None] - pledged
    attack = reaching + ((1 - allies) * reaching) @ allies.T
    gap = (attack - defence).T  # row: who attacks
    return np.where(system.rivalry > 0, 0.5 + 0.25 * gap, 0.0)


def _placed(system: System) -> System:
    """Return the system with states whose capital is not on record far from all others."""
    distance = np.where(np.isnan(system.distance), 20_000.0, system.distance)
    np.fill_diagonal(distance, 0.0)
    return replace(system, distance=distance)


def _directed() -> pl.DataFrame:
    return store.table("disputes_directed")


def _numbers() -> dict[tuple[int, int, int], int]:
    """Return the number of the dispute that the first state began against the second in a year."""
    frame_ = _directed().filter((pl.col("onset") == 1) & (pl.col("side_a1") == 1))
    rows = frame_.select("ccode1", "ccode2", "year", "dispnum").drop_nulls().iter_rows()
    return {(a, b, year): number for a, b, year, number in rows}


def _hostility(codes: Ints) -> Callable[[int], Floats]:
    """Return a function of a year: highest hostility of every pair in the ten years to it."""
    place = {int(code): k for k, code in enumerate(codes)}
    by_year: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    level = pl.max_horizontal("hostility1", "hostility2").alias("level")
    for a, b, year, highest in _directed().select("ccode1", "ccode2", "year", level).iter_rows():
        if a in place and b in place and highest is not None and highest > 0:
            by_year[year].append((place[a], place[b], highest))

    def remembered(last: int) -> Floats:
        highest = np.ones((len(codes), len(codes)))
        for year in range(last - REMEMBERED + 1, last + 1):
            for i, j, reached in by_year.get(year, ()):
                highest[i, j] = max(highest[i, j], reached)
                highest[j, i] = max(highest[j, i], reached)
        return highest

    return remembered
