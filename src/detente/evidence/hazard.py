"""Who starts a dispute against whom, seen from the architecture alone, and its calibration.

The covariates are functions of what every lens sees: allies, rivals, capability, distance.
They are fitted on two centuries of the field's data, each year's disputes on the architecture
of the year before, and the fit is stored in ``registry/hazard.json`` with the command that
made it. An association is not an effect: the fit says where disputes began, not what a change
of the architecture would do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats, Ints
from detente.errors import MissingData
from detente.evidence import arrays, inputs, logit, store

NAMES = {
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
SMALL = 1e-6
NEAREST = 0.05  # thousand km
UNKNOWN = 1.6  # log of about 5,000 km, for a distance that is not known; assumed
GROUPS = ("capabilities", "alliances", "rivalry", "distance", "disputes")


def pair_covariates(allies: Floats, rivals: Floats, capability: Floats, distance: Floats) -> Floats:
    """Return the covariates of every directed pair, array (covariates, n, n).

    Row i, column j: i may start a dispute against j. The diagonal means nothing.

    Parameters
    ----------
    allies, rivals : array (n, n)
        As in `detente.architecture.system.System`.
    capability : array (n,)
        Non-negative, in any unit.
    distance : array (n, n)
        Kilometres; where it is not known 5,000 km stands in.
    """
    n = len(capability)
    share = capability / max(capability.sum(), 1e-300)
    power = np.log(np.maximum(share, SMALL))
    # Allies of i that are not, or less, allied with j: sum over k of a_ik (1 - a_jk) c_k.
    whole = allies @ share
    both = (allies * share) @ allies.T
    # j itself is in i's sum with weight a_ij, which is not a third state's.
    third = whole[:, None] - allies * share[None, :] - both
    side = np.log(np.maximum(share[:, None] + np.maximum(third, 0.0), SMALL))
    mixed = allies @ rivals
    rival_count = rivals.sum(axis=1)
    common = np.log1p(allies @ allies)
    found = {
        "ln_distance": known_logs(distance),
        "ln_power": np.broadcast_to(power[:, None], (n, n)),
        "ln_target_power": np.broadcast_to(power[None, :], (n, n)),
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
    return np.stack([found[name] for name in NAMES])


def known_logs(distance: Floats) -> Floats:
    """Return the log of distances in thousand km, array (n, n); `UNKNOWN` where one is missing."""
    far: Floats = np.log(np.maximum(distance / 1000, NEAREST))
    return np.where(np.isnan(far), UNKNOWN, far)


@dataclass(frozen=True, eq=False)
class Rows:
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


def training_rows(first: int, last: int) -> Rows:
    """Build the rows from the data folder; a pair with a dispute under way is left out."""
    made = arrays.dense(inputs.FIRST_YEAR, last, GROUPS)
    values, initiated, years, dyads = [], [], [], []
    with threadpool_limits(1, user_api="blas"):
        for year in range(max(first, inputs.FIRST_YEAR + 1), last + 1):
            t = year - made.first
            # Who was a member in both years, with a capability in the year before.
            here = np.flatnonzero(
                (made.member[t] & made.member[t - 1]) & ~np.isnan(made.states["cinc"][t - 1])
            )
            pairs = np.ix_(here, here)
            pledge = made.dyads["alliances"][t - 1][pairs] & 1
            allies = ((pledge | pledge.T) > 0).astype(float)
            rivals = (made.dyads["rivalry"][t - 1][pairs] & 1).astype(float)
            both = (allies > 0) & (rivals > 0)  # as in an architecture: neither
            allies[both] = rivals[both] = 0.0
            covariates = pair_covariates(
                allies, rivals, made.states["cinc"][t - 1][here], made.distance(year - 1)[pairs]
            )
            dispute = made.dyads["disputes"][t][pairs]
            keep = ((dispute & 3) != 2) & ~np.eye(len(here), dtype=bool)
            i, j = np.nonzero(keep)
            values.append(covariates[:, i, j].T.astype(np.float32))
            initiated.append((dispute[i, j] >> 2 & 1).astype(float))
            years.append(np.full(len(i), year))
            codes = made.codes[here]
            dyads.append(np.minimum(codes[i], codes[j]) * 1000 + np.maximum(codes[i], codes[j]))
    return Rows(
        np.concatenate(values),
        np.concatenate(initiated),
        np.concatenate(years),
        np.concatenate(dyads),
    )


@dataclass(frozen=True, eq=False)
class Fit:
    """The stored fit: intercept first, then one coefficient for each of `NAMES`."""

    coefficients: Floats
    covariance: Floats
    about: dict[str, Any]


def calibrate(first: int, last: int) -> dict[str, Any]:
    """Fit the hazard on the years `first` to `last`, and return it as plain data.

    An unpenalised logit of initiation on the covariates of the year before; standard errors
    are clustered by undirected pair.

    Raises
    ------
    MissingData
        If the disputes in the data folder end before `last`.
    """
    kept = store.find("disputes_directed", source="gml")
    if kept is not None and (kept.last_year or 0) < last:
        raise MissingData(f"the disputes in the data folder end in {kept.last_year}, not {last}")
    rows = training_rows(first, last)
    with threadpool_limits(1, user_api="blas"):
        fitted = logit.fit(rows.values, rows.initiated, tuple(NAMES), clusters=rows.dyad)
    coefficients, errors = fitted.raw()
    change = np.eye(len(coefficients))
    change[0, 1:] = -fitted.center / fitted.scale
    change[range(1, len(change)), range(1, len(change))] = 1 / fitted.scale
    covariance = change @ fitted.covariance @ change.T
    used = {
        table: entry.version
        for table in ("states", "capabilities", "obligations", "rivalries_tss", "capitals")
        if (entry := store.find(table)) is not None
    }
    return {
        "command": f"detente calibrate --years {first}-{last}",
        "years": [int(rows.year.min()), int(rows.year.max())],
        "rows": fitted.rows,
        "initiations": fitted.events,
        "pairs": fitted.clusters,
        "disputes": kept.version if kept is not None else "",
        "sources": used,
        "names": ["intercept", *NAMES],
        "coefficients": [float(f"{value:.10g}") for value in coefficients],
        "standard_errors": [float(f"{value:.6g}") for value in errors],
        "covariance": [[float(f"{value:.10g}") for value in row] for row in covariance],
    }


@cache
def stored() -> Fit:
    """Return the fit that comes with the package."""
    text = files("detente.evidence.registry").joinpath("hazard.json").read_text("utf-8")
    raw = json.loads(text)
    return Fit(np.array(raw["coefficients"]), np.array(raw["covariance"]), raw)


def probabilities(allies: Floats, rivals: Floats, capability: Floats, distance: Floats) -> Floats:
    """Return the fitted yearly probability that the row's state starts a dispute, array (n, n).

    Arguments are those of `pair_covariates`; the diagonal is 0, and so are the rows of states
    without capability.
    """
    coefficients = stored().coefficients
    found = pair_covariates(allies, rivals, capability, distance)
    out = logit.expit(coefficients[0] + np.tensordot(coefficients[1:], found, axes=1))
    out[capability <= 0] = 0.0
    np.fill_diagonal(out, 0.0)
    return out
