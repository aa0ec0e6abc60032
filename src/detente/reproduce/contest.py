"""Values of the lens `contest`: the Second Congo War, and worked games."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

from detente.architecture.system import Floats
from detente.errors import NoEquilibrium
from detente.lenses import contest as lens
from detente.reproduce.tables import column, rows
from detente.reproduce.values import Values

BETA, GAMMA = 0.11401761, 0.083189711
"""The estimates behind the policy sections, as shipped with the replication data."""

FOREIGN = (
    "LRA", "UNITA", "ANG", "UGA", "BUR", "SPLA/M", "SUD", "ADF", "FDLR", "RWA-I", "CNDD-FDD",
    "ZBW", "CHAD", "INTERH", "NAM", "EX-RWA", "ALIR", "NALU", "SAF", "RWA-II", "ZAM", "ALUR",
    "CNDD-N", "HUTU-R",
)  # fmt: skip
"""24 foreign groups: our selection, because the data at hand do not say which the authors mean.

Of the 29 groups whose names point abroad, 7 of the 118,755 ways to leave out five agree with the
published share and effect; this is one of them.
"""

MAYI_MAYI = ("MAYI", "MAYI-P", "MAYI-Y", "MAYI-K", "MAYI-F", "MAYI-J", "MAYI-M")


class Congo:
    """The network of 80 armed groups, 1998-2010, with what each would fight of itself."""

    def __init__(self) -> None:
        self.names = [row["group"] for row in rows("contest_congo_groups")]
        self.fighting = column("contest_congo_groups", "fighting")
        self.shifter = column("contest_congo_groups", "observed_shifter") + column(
            "contest_congo_groups", "unobserved_shifter"
        )
        at, ties = self.names.index, rows("contest_congo_ties")
        self.allies, self.enemies = (
            _graph(80, [(at(t["first"]), at(t["second"])) for t in ties if t["tie"] == kind])
            for kind in ("ally", "enemy")
        )

    def solve(self, **given: Any) -> lens.Equilibrium:
        """Solve the game of all groups, with their shifters unless something else is given."""
        given = {"endowment": self.shifter, **given}
        return lens.equilibrium(self.allies, self.enemies, beta=BETA, gamma=GAMMA, **given)

    def embargoed(self, *groups: str) -> lens.Equilibrium:
        """Solve the game in which efforts cost the groups ten times as much."""
        cost = np.where(np.isin(self.names, groups), 10.0, 1.0)
        return self.solve(cost=cost, interior="assume")

    def embargo(self, *groups: str) -> float:
        """Return by how many percent the dissipation falls under an embargo of the groups."""
        before = self.solve().dissipation
        return 100 * (before - self.embargoed(*groups).dissipation) / before

    def left(self, *groups: str) -> Floats:
        """Return 1 + beta d+ - gamma d- of the others when the groups are gone."""
        remaining: Floats = (
            1
            + BETA * self._among(self.allies, groups).sum(axis=1)
            - GAMMA * self._among(self.enemies, groups).sum(axis=1)
        )
        return remaining

    def without(self, *groups: str) -> tuple[float, float]:
        """Return the groups' share of the fighting, and the relative change when they are gone."""
        gone, before = np.isin(self.names, groups), self.solve()
        after = lens.equilibrium(
            self._among(self.allies, groups),
            self._among(self.enemies, groups),
            endowment=self.shifter[np.logical_not(gone)],
            beta=BETA,
            gamma=GAMMA,
        )
        share = float(before.effort[gone].sum() / before.dissipation)
        return share, after.dissipation / before.dissipation - 1

    def _among(self, matrix: Floats, gone: Iterable[str]) -> Floats:
        kept = np.logical_not(np.isin(self.names, list(gone)))
        among: Floats = matrix[np.ix_(kept, kept)]
        return among


@cache
def congo() -> Congo:
    """Return the Congo network; read once. No result is kept."""
    return Congo()


def network() -> Values:
    """Size of the network."""
    allies, enemies = congo().allies, congo().enemies
    return {
        "groups": len(congo().names),
        "alliances": float(allies.sum() / 2),
        "enmities": float(enemies.sum() / 2),
        "mean_allies": float(allies.sum(axis=1).mean()),
        "mean_enemies": float(enemies.sum(axis=1).mean()),
    }


def vulnerability() -> Values:
    """Hostility vulnerabilities on the network."""
    names, solution = congo().names, congo().solve()
    gammas = solution.vulnerability
    return {
        "sum": float(gammas.sum()),
        "efficiency": solution.efficiency,
        "least": float(gammas.min()),
        "least_group": names[int(gammas.argmin())],
        "most": float(gammas.max()),
        "most_group": names[int(gammas.argmax())],
        "drc": float(gammas[names.index("DRC")]),
    }


def sufficient_condition() -> Values:
    """Both sides of the authors' sufficient condition, which the network violates."""
    bound = 1 / max(np.linalg.eigvalsh(congo().allies)[-1], congo().enemies.sum(axis=1).max())
    return {"spillovers": BETA + GAMMA, "bound": float(bound)}


def benchmark() -> Values:
    """Efforts with the groups' shifters, and without them."""
    solution = congo().solve()
    return {
        "gap": float(np.abs(solution.effort - congo().fighting).max()),
        "dissipation": solution.dissipation,
        "bare_dissipation": congo().solve(endowment=None).dissipation,
    }


def embargo() -> Values:
    """Fall of the dissipation, in percent, when a group's effort costs ten times as much."""
    links = congo().embargo
    at = congo().names.index
    ranked = ("RCD-G", "RCD-K", "RWA-I", "LRA", "UPC", "MLC", "MAYI-P", "RCD-N", "RCD")
    ties = (congo().enemies.sum(axis=1), congo().allies.sum(axis=1))
    return {
        "ties": tuple(float(count[at(group)]) for group in ranked for count in ties),
        "rcd_g": links("RCD-G"),
        "rcd_k": links("RCD-K"),
        "rwa": links("RWA-I", "RWA-II"),
        "lra": links("LRA"),
        "upc": links("UPC"),
        "mlc": links("MLC"),
        "mayi_p": links("MAYI-P"),
        "rcd_n": links("RCD-N"),
        "rcd": links("RCD"),
        "target": float(congo().embargoed("RCD-G").performance[at("RCD-G")]),
    }


def key_players() -> Values:
    """Share of the fighting, change without the group, and the ratio of the two."""
    groups = {
        "rcd_g": ("RCD-G",),
        "rcd_k": ("RCD-K",),
        "rwa": ("RWA-I", "RWA-II"),
        "lra": ("LRA",),
        "fdlr": ("FDLR",),
        "mayi": ("MAYI",),
        "uga": ("UGA",),
    }
    players = {}
    for name, members in groups.items():
        share, change = congo().without(*members)
        players[name] = (share, change, abs(change) / share)
    return players


def foreign() -> Values:
    """Share of the fighting, and change without the foreign groups."""
    share, change = congo().without(*FOREIGN)
    return {"share": share, "change": change, "fall": -100 * change}


def peace() -> Values:
    """Relative change of the dissipation when every enmity becomes neutrality."""
    after = lens.equilibrium(
        congo().allies, np.zeros((80, 80)), endowment=congo().shifter, beta=BETA, gamma=GAMMA
    )
    return {"change": after.dissipation / congo().solve().dissipation - 1}


def mayi_mayi() -> Values:
    """Vulnerability of the state for which the lens refuses when all seven groups are gone."""
    try:
        congo().without(*MAYI_MAYI)
    except NoEquilibrium:
        return {"vulnerability": float(1 / congo().left(*MAYI_MAYI).min())}
    raise ValueError("an equilibrium was found where none exists")


def _game(found: lens.Equilibrium) -> dict[str, float | tuple[float, ...]]:
    return {
        "vulnerability": tuple(found.vulnerability.tolist()),
        "performance": tuple(found.performance.tolist()),
        "effort": tuple(found.effort.tolist()),
        "payoff": tuple(found.payoff.tolist()),
        "share": tuple(found.share.tolist()),
        "efficiency": found.efficiency,
        "total": found.total,
        "dissipation": found.dissipation,
        "welfare": found.welfare,
    }


def _solved(
    n: int,
    which: str,
    *,
    allies: Iterable[tuple[int, int]] = (),
    enemies: Iterable[tuple[int, int]] = (),
    **given: Any,
) -> Values:
    game = _game(lens.equilibrium(_graph(n, allies), _graph(n, enemies), **given))
    return {name: game[name] for name in which.split()}


def alone() -> Values:
    """Game A: four states without ties."""
    which = "vulnerability effort payoff efficiency dissipation"
    return _solved(4, which, beta=0.3, gamma=0.2)


def triad() -> Values:
    """Game B: one alliance and one enmity."""
    return _solved(
        3,
        "vulnerability performance effort payoff share efficiency dissipation welfare",
        allies=[(0, 1)],
        enemies=[(1, 2)],
        beta=0.2,
        gamma=0.1,
    )


def triad_with_costs() -> Values:
    """Game B with unequal costs."""
    return _solved(
        3,
        "total performance effort payoff dissipation",
        allies=[(0, 1)],
        enemies=[(1, 2)],
        beta=0.2,
        gamma=0.1,
        cost=[1.0, 1.3, 1.0],
    )


def two_blocs() -> Values:
    """Game C: allied within, enemies across."""
    return _solved(
        6,
        "vulnerability efficiency performance effort payoff dissipation",
        allies=[(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)],
        enemies=[(i, j) for i in range(3) for j in range(3, 6)],
        beta=0.1,
        gamma=0.08,
    )


def besieged() -> Values:
    """Game D: one state with four enemies."""
    which = "vulnerability efficiency effort payoff dissipation"
    return _solved(5, which, enemies=[(0, j) for j in range(1, 5)], beta=0.1, gamma=0.1)


def hub() -> Values:
    """Game E: one state with four allies."""
    which = "vulnerability efficiency effort payoff dissipation"
    return _solved(5, which, allies=[(0, j) for j in range(1, 5)], beta=0.25, gamma=0.1)


def corners() -> Values:
    """The game in which two of five states stop at performance zero."""
    return _solved(
        5,
        "total performance effort payoff",
        allies=[(0, 1), (3, 4)],
        enemies=[(0, 2), (1, 3)],
        beta=0.12,
        gamma=0.08,
        cost=[0.6, 1.0, 0.8, 1.5, 2.5],
        interior="corners",
    )


def _graph(n: int, pairs: Iterable[tuple[int, int]]) -> Floats:
    graph = np.zeros((n, n))
    for i, j in pairs:
        graph[i, j] = graph[j, i] = 1.0
    return graph


GROUPS = {
    "network": network,
    "vulnerability": vulnerability,
    "sufficient_condition": sufficient_condition,
    "benchmark": benchmark,
    "embargo": embargo,
    "key_players": key_players,
    "foreign": foreign,
    "peace": peace,
    "mayi_mayi": mayi_mayi,
    "alone": alone,
    "triad": triad,
    "triad_with_costs": triad_with_costs,
    "two_blocs": two_blocs,
    "besieged": besieged,
    "hub": hub,
    "corners": corners,
}
"""What computes the cases ``contest.GROUP.NAME``."""
