"""Values of the lens `landscape`: Unix standards 1988, Europe 1936, Highland tribes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.architecture.system import Floats
from detente.lenses import landscape as lens
from detente.reproduce.tables import column, rows, signed_network
from detente.reproduce.values import Range, Value, Values


def unix() -> Values:
    """Nine firms and two standards: all data are printed."""
    firms = rows("landscape_unix_1988")
    kind = np.array([firm["type"] for firm in firms])
    propensity = -(kind[:, None] == kind[None, :]).astype(float)
    lowest = lens.minima(column("landscape_unix_1988", "size"), propensity)
    names = [firm["firm"] for firm in firms]
    # The two are equally low; the one with AT&T beside Sun is the first in the paper.
    with_att = [m for m in lowest if m.side[names.index("Sun")] == m.side[names.index("AT&T")]]
    others = [m for m in lowest if m.side[names.index("Sun")] != m.side[names.index("AT&T")]]
    return {
        "minima": len(lowest),
        **_total(lowest),
        "first": _camps(names, with_att[0]) if with_att else "",
        "second": _camps(names, others[0]) if others else "",
        "energy_gap": abs(lowest[0].energy - lowest[-1].energy),
        "basin_gap": abs((lowest[0].basin or 0) - (lowest[-1].basin or 0)),
        "energy": tuple(m.energy for m in lowest),
        "basins": tuple(float(m.basin or 0) for m in lowest),
    }


def europe() -> Values:
    """Europe 1936 on the reconstructed propensities."""
    states = rows("landscape_europe_1936_states")
    names = [state["name"] for state in states]
    minima = lens.minima(_sizes(), _reconstructed([state["code"] for state in states]))
    lowest = minima[0]
    britain = lowest.side[names.index("Britain")]
    predicted = np.where(lowest.side == britain, "1", "2")
    wrong = [
        n for n, state, p in zip(names, states, predicted, strict=True) if state["actual_side"] != p
    ]
    return {
        "minima": len(minima),
        **_total(minima),
        "first": _camps(names, lowest),
        "second": _camps(names, minima[1]),
        "wrong": ", ".join(wrong),
        "basins": tuple(float(m.basin or 0) for m in minima),
        "energy": tuple(m.energy for m in minima),
    }


def europe_chance() -> Values:
    """How many configurations lie at most two states from the true one, and their share."""
    n = len(_sizes())
    codes = np.arange(2 ** (n - 1))
    off = ((codes[:, None] >> np.arange(n - 1)) & 1).sum(axis=1)
    # A configuration and its mirror image are one, so the sides that differ are counted both ways.
    near = int((np.minimum(off, n - off) <= 2).sum())
    return {"near": near, "chance": 2 * near / len(codes)}


def realist() -> Values:
    """Local minima of the 17 states when everybody is against everybody."""
    lowest = lens.minima(_sizes(), -np.ones((17, 17)))
    strict = sum(minimum.strict for minimum in lowest)
    return {
        "minima": Range(strict, len(lowest)),
        "strict": strict,
        "with_ties": len(lowest),
    }


def highland() -> Values:
    """Sixteen tribes of size one: the least energy and its sides."""
    names, signed = signed_network("highland_tribes")
    minima = lens.minima(np.ones(len(names)), signed)
    lowest = [m for m in minima if m.energy == minima[0].energy]
    return {"energy": minima[0].energy, "optima": len(lowest), "sides": _camps(names, lowest[0])}


def _sizes() -> Floats:
    return column("landscape_europe_1936_states", "size_1936_percent_world")


def _reconstructed(codes: Sequence[str]) -> Floats:
    propensity = np.zeros((len(codes), len(codes)))
    for pair in rows("landscape_europe_1936_pairs_reconstructed"):
        i, j = codes.index(pair["a"]), codes.index(pair["b"])
        propensity[i, j] = propensity[j, i] = float(pair["propensity"])
    return propensity


def _total(found: Sequence[lens.Minimum]) -> dict[str, Value]:
    """Every configuration lies in one basin, so that the basins count the configurations."""
    return {"configurations": float(sum(m.basin or 0 for m in found))}


def _camps(names: Sequence[str], minimum: lens.Minimum) -> str:
    sides = [
        [n for n, s in zip(names, minimum.side, strict=True) if s == which] for which in (0, 1)
    ]
    return " against ".join(", ".join(side) for side in sorted(sides, key=len))


GROUPS = {
    "unix": unix,
    "europe": europe,
    "europe_chance": europe_chance,
    "realist": realist,
    "highland": highland,
}
"""What computes the cases ``landscape.GROUP.NAME``."""
