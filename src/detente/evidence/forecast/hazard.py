"""Who starts a dispute against whom, seen from the architecture alone, and its calibration.

The covariates are functions of what a lens sees. Allies, rivals, capability and distance are
always there; contiguity, regimes and past disputes are not known of every architecture, and no
figure stands in for them: there is a fit for every combination of what is known. The fits are
made on two centuries of the field's data, each year's disputes on the architecture of the year
before, and stored in ``registry/hazard.json`` with the command that made them. An association
is not an effect: a fit says where disputes began, not what a change of the architecture would do.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats, Ints, System
from detente.errors import MissingData
from detente.evidence.datasets import store
from detente.evidence.forecast import logit
from detente.evidence.forecast.scores import Scores, score
from detente.evidence.panel import arrays, table_arrays
from detente.evidence.panel.systems import GROUPS, systems

TIES = {
    "ln_distance": "log of the distance of the capitals, thousand km, at least 50 km",
    "ln_power": "log of the initiator's share of all capability, at least one millionth",
    "ln_target_power": "log of the target's share of all capability, at least one millionth",
    "coalition_balance": "log of the capability of the initiator and its allies over that of the "
    "target and its allies, states allied with both left out, each at least one millionth",
    "allied": "weight of the alliance of the two",
    "rivals": "1 if the two are rivals",
    "common_allies_within": "log of 1 + number of states allied with both, times the weight of the "
    "alliance of the two",
    "common_allies_without": "the same log times 1 less that weight",
    "ally_of_rival": "log of 1 + number of allies of one that are rivals of the other",
    "common_rivals": "log of 1 + number of rivals of both",
    "other_rivals": "log of 1 + number of the initiator's other rivals",
    "target_other_rivals": "log of 1 + number of the target's other rivals",
}
"""Covariates of what every lens sees."""
COVARIATES_OF_FACTS = {
    "contiguity": {
        "land_border": "1 if the two share a land or river border",
        "water_near": "1 if up to 150 miles of water lie between them",
        "water_far": "1 if 150 to 400 miles of water lie between them",
    },
    "regime": {
        "democracy_low": "V-Dem's electoral democracy index, the lower of the two; where one is "
        "not known, the mean of those known",
    },
    "disputes": {
        "past_disputes": "log of 1 + past disputes of the two, halved every five years",
        "active": "log of 1 + past disputes of the initiator with others, halved likewise",
        "target_active": "log of 1 + past disputes of the target with others, halved likewise",
    },
}
"""Covariates of what is not known of every architecture, by field of `System`."""
COMBINATIONS = tuple(
    some
    for count in range(len(COVARIATES_OF_FACTS) + 1)
    for some in itertools.combinations(COVARIATES_OF_FACTS, count)
)
ORIGINS, SPAN = (1949, 1959, 1969, 1979), 10
"""Last training years of the rolling origins, and the years after each that are predicted."""
SMALL = 1e-6
NEAREST = 0.05  # thousand km
UNKNOWN = 1.6  # log of about 5,000 km, for a distance that is not known; assumed


def names(facts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the covariates of a fit that uses some facts, those of the ties first."""
    return (*TIES, *(name for fact in facts for name in COVARIATES_OF_FACTS[fact]))


def pair_covariates(system: System, facts: tuple[str, ...] = ()) -> Floats:
    """Return the covariates of every directed pair, array (covariates, n, n).

    Row i, column j: i may start a dispute against j. The diagonal means nothing.

    Parameters
    ----------
    system : System
        Capability in any unit; where a distance is not known 5,000 km stands in.
    facts : tuple of str
        Which of `COVARIATES_OF_FACTS` to use; the system must have them.
    """
    n = system.size
    covariates = static_covariates(system, facts) | tie_covariates(
        system.allies, system.rivals, system.capability
    )
    return np.stack([np.broadcast_to(covariates[name], (n, n)) for name in names(facts)])


def tie_covariates(allies: Floats, rivals: Floats, capability: Floats) -> dict[str, Floats]:
    """Return the covariates of every directed pair that ties move, each (n, n), by name.

    Parameters
    ----------
    allies, rivals : array (n, n)
        Weights of the ties.
    capability : array (n,)
        In any unit.
    """
    share = capability / max(capability.sum(), 1e-300)
    # Allies of i that are not, or less, allied with j: sum over k of a_ik (1 - a_jk) c_k.
    whole = allies @ share
    both = (allies * share) @ allies.T
    # j itself is in i's sum with weight a_ij, which is not a third state's.
    third = whole[:, None] - allies * share[None, :] - both
    side = np.log(np.maximum(share[:, None] + np.maximum(third, 0.0), SMALL))
    mixed = allies @ rivals
    rival_count = rivals.sum(axis=1)
    common = np.log1p(allies @ allies)
    return {
        "coalition_balance": side - side.T,
        "allied": allies,
        "rivals": rivals,
        "common_allies_within": common * allies,
        "common_allies_without": common * (1 - allies),
        "ally_of_rival": np.log1p(mixed + mixed.T),
        "common_rivals": np.log1p(rivals @ rivals),
        "other_rivals": np.log1p(rival_count[:, None] - rivals),
        "target_other_rivals": np.log1p(rival_count[None, :] - rivals),
    }


def static_covariates(system: System, facts: tuple[str, ...]) -> dict[str, Floats]:
    """Return those covariates that no change of ties moves, arrays that broadcast to (n, n)."""
    share = system.capability / max(system.capability.sum(), 1e-300)
    power = np.log(np.maximum(share, SMALL))
    far = np.log(np.maximum(system.distance / 1000, NEAREST))
    columns: dict[str, Floats] = {
        "ln_distance": np.where(np.isnan(far), UNKNOWN, far),
        "ln_power": power[:, None],
        "ln_target_power": power[None, :],
    }
    if "contiguity" in facts and (kind := system.contiguity) is not None:
        columns["land_border"] = (kind == 1).astype(float)
        columns["water_near"] = ((kind > 1) & (kind < 5)).astype(float)
        columns["water_far"] = (kind == 5).astype(float)
    if "regime" in facts and (regime := system.regime) is not None:
        score = np.where(np.isnan(regime), np.nanmean(regime), regime)
        columns["democracy_low"] = np.minimum(score[:, None], score[None, :])
    if "disputes" in facts and (past := system.disputes) is not None:
        others = np.log1p(np.maximum(past.sum(axis=1)[:, None] - past, 0.0))
        columns |= {"past_disputes": np.log1p(past), "active": others, "target_active": others.T}
    return columns


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """Directed pairs by year: covariates of the year before, and who began a dispute.

    Attributes
    ----------
    values : float32 array (rows, covariates)
    initiated : array (rows,)
        1 if the first state began a dispute against the second: side A, from the first day.
    year, dyad : int arrays (rows,)
        Calendar year; one number for each undirected pair.
    """

    values: NDArray[np.float32]
    initiated: Floats
    year: Ints
    dyad: Ints

    def columns(self, wanted: tuple[str, ...]) -> NDArray[np.float32]:
        """Return some of the covariates, array (rows, wanted)."""
        every = names(tuple(COVARIATES_OF_FACTS))
        return self.values[:, [every.index(name) for name in wanted]]

    def where(self, keep: NDArray[np.bool_]) -> TrainingRows:
        """Return the rows where `keep` is true."""
        return TrainingRows(
            self.values[keep], self.initiated[keep], self.year[keep], self.dyad[keep]
        )


def training_rows(first: int, last: int) -> TrainingRows:
    """Build the rows from the data folder; a pair with a dispute under way is left out."""
    built = arrays.dense(table_arrays.FIRST_YEAR, last, GROUPS)
    facts, states = tuple(COVARIATES_OF_FACTS), len(built.codes)
    values, initiated, years, dyads = [], [], [], []
    with threadpool_limits(1, user_api="blas"):
        for before, system, places in systems(built):
            year = before + 1
            if not first <= year <= last:
                continue
            # Who was a member in both years, with a capability in the year before.
            stays = np.flatnonzero(built.member[year - built.first][places])
            kept = places[stays]
            covariates = pair_covariates(system.take(stays), facts)
            dispute = built.dyads["disputes"][year - built.first][np.ix_(kept, kept)]
            keep = ((dispute & 3) != 2) & ~np.eye(len(kept), dtype=bool)
            i, j = np.nonzero(keep)
            values.append(covariates[:, i, j].T.astype(np.float32))
            initiated.append((dispute[i, j] >> 2 & 1).astype(float))
            years.append(np.full(len(i), year))
            dyads.append(np.minimum(kept[i], kept[j]) * states + np.maximum(kept[i], kept[j]))
    return TrainingRows(
        np.concatenate(values),
        np.concatenate(initiated),
        np.concatenate(years),
        np.concatenate(dyads),
    )


@dataclass(frozen=True, eq=False)
class Fit:
    """A stored fit: intercept first, then one coefficient for each of `names` of its facts."""

    coefficients: Floats
    covariance: Floats


def fit(rows: TrainingRows, facts: tuple[str, ...]) -> logit.Logit:
    """Fit the hazard that uses some of `COVARIATES_OF_FACTS` to rows with all of them.

    An unpenalised logit of initiation on the covariates of the year before; standard errors are
    clustered by undirected pair.
    """
    chosen = names(facts)
    with threadpool_limits(1, user_api="blas"):
        return logit.fit(rows.columns(chosen), rows.initiated, chosen, clusters=rows.dyad)


def calibrate(first: int, last: int) -> dict[str, Any]:
    """Fit the hazard on the years `first` to `last` for every combination of known facts.

    Returns
    -------
    dict
        Plain data: command, years, sources, and ``fits``, by facts joined by ``+``.

    Raises
    ------
    MissingData
        If the disputes in the data folder end before `last`.
    """
    kept = store.find("disputes_directed", source="gml")
    if kept is not None and (kept.last_year or 0) < last:
        raise MissingData(f"the disputes in the data folder end in {kept.last_year}, not {last}")
    rows = training_rows(first, last)
    fits = {facts: fit(rows, facts) for facts in COMBINATIONS}
    used = {
        table: entry.version
        for table in (
            "states", "capabilities", "obligations", "rivalries_tss", "capitals", "contiguity",
            "regime",
        )
        if (entry := store.find(table)) is not None
    }  # fmt: skip
    plain_fit = fits[()]
    return {
        "command": f"detente calibrate --years {first}-{last}",
        "years": [int(rows.year.min()), int(rows.year.max())],
        "rows": plain_fit.rows,
        "initiations": plain_fit.events,
        "pairs": plain_fit.clusters,
        "disputes": kept.version if kept is not None else "",
        "sources": used,
        "fits": {"+".join(facts): _plain(fit_of) for facts, fit_of in fits.items()},
    }


def out_of_sample(
    first: int, origins: Iterable[int] = ORIGINS, span: int = SPAN
) -> Iterator[tuple[tuple[str, ...], int, Scores]]:
    """Fit to each last training year, score the years that follow, for every combination of facts.

    Yields facts, last training year and scores, without bootstrap intervals.
    """
    ends = list(origins)
    rows = training_rows(first, max(ends) + span)
    for facts in COMBINATIONS:
        for last in ends:
            past, later = (
                rows.where(rows.year <= last),
                rows.where((rows.year > last) & (rows.year <= last + span)),
            )
            guess = fit(past, facts).probability(later.columns(names(facts)))
            yield facts, last, score(guess, later.initiated, later.dyad, draws=0)


def _plain(found: logit.Logit) -> dict[str, Any]:
    coefficients, covariance = found.raw()
    return {
        "names": ["intercept", *found.names],
        "coefficients": [float(f"{value:.10g}") for value in coefficients],
        "standard_errors": [float(f"{value:.6g}") for value in np.sqrt(np.diag(covariance))],
        "covariance": [[float(f"{value:.10g}") for value in row] for row in covariance],
    }


@cache
def about() -> dict[str, Any]:
    """Return what stands in ``registry/hazard.json``."""
    text = files("detente.evidence.datasets.registry").joinpath("hazard.json").read_text("utf-8")
    about_fit: dict[str, Any] = json.loads(text)
    return about_fit


@cache
def stored(facts: tuple[str, ...] = ()) -> Fit:
    """Return the fit that comes with the package for what is known of an architecture."""
    raw = about()["fits"]["+".join(facts)]
    return Fit(np.array(raw["coefficients"]), np.array(raw["covariance"]))


def probabilities(system: System, facts: tuple[str, ...] | None = None) -> Floats:
    """Return the fitted yearly probability that the row's state starts a dispute, array (n, n).

    The diagonal is 0, and so are the rows of states without capability.

    Parameters
    ----------
    system : System
        The states.
    facts : tuple of str, optional
        Which of `COVARIATES_OF_FACTS` to use; by default all that the system has.
    """
    chosen = system.facts if facts is None else facts
    coefficients = stored(chosen).coefficients
    covariates = pair_covariates(system, chosen)
    chances = logit.expit(coefficients[0] + np.tensordot(coefficients[1:], covariates, axes=1))
    chances[system.capability <= 0] = 0.0
    np.fill_diagonal(chances, 0.0)
    return chances
