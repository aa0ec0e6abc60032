"""Arms races: what each state keeps under arms when everybody answers everybody.

Richardson (1939, 1960). Armaments x (money per year), t in years:

    dx/dt = A x + g,   A_ij = k_ij off the diagonal (defense coefficients, per year),
                       A_ii = -a_i (fatigue, per year),  g_i grievance (money per year squared)

- the equilibrium is x* = -A^-1 g; there is none where A is singular
- it is stable where the spectral abscissa, the largest real part of the eigenvalues of A, is
  negative. With k_ij >= 0, A is then minus an M-matrix and x* >= 0 for every g >= 0.

Status: checked. Richardson's figures for 1909-1913 are remembered, not re-read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.errors import Undefined
from detente.lenses.arms_race.armament import armament_portrait
from detente.lenses.arms_race.race import ArmsEquilibrium, equilibrium
from detente.lenses.arms_race.updates import many_deltas
from detente.lenses.protocol import Lens, Parameter, Portrait, Values


class ArmsRace(Lens):
    """Minus the threat that a state feels when the race stands still.

    security_i = -sum_j k_ij x*_j with k_ij = reaction * rival_ij * s_j, a_i = fatigue, g_i =
    fatigue. So x is a state's effort relative to its capability, 1 for a state without rivals,
    and a rival's effort weighs by its share s_j of all capability. Stable whenever reaction <=
    fatigue, because the largest eigenvalue of rival_ij s_j lies below 1.
    """

    key: ClassVar[str] = "arms_race"
    title: ClassVar[str] = "The threat felt when everybody has answered everybody's arms"
    called: ClassVar[str] = "arms race"
    citation: ClassVar[str] = (
        "Richardson, L. F. (1939). Generalized Foreign Politics. British Journal of Psychology "
        "Monograph Supplement 23; (1960). Arms and Insecurity. Boxwood."
    )
    status: ClassVar[str] = "checked"
    unit: ClassVar[str] = "per year, in efforts of a state without rivals"
    meaning: ClassVar[str] = (
        "Minus the rivals' armaments at equilibrium, each times the reaction to it; 0 for a "
        "state without rivals."
    )
    limits: ClassVar[tuple[str, ...]] = (
        "Only rivalries count: an alliance changes nothing unless it ends a rivalry.",
        "Weighing a rival's effort by its share of all capability is our choice.",
        "Reaction and fatigue are the same for all; the model has no budgets, no technology and "
        "no war.",
        "Richardson's own estimates (reaction 0.9, fatigue 0.2 per year) describe a runaway in "
        "most networks, and then there is no equilibrium to read security from.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "counts",
        "distance": "ignored",
        "an ally": "does not matter",
        "a rival": "is armed against",
        "reach of a change": "the whole system",
    }
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            name="reaction",
            default=0.1,
            low=0.05,
            high=0.2,
            unit="per year",
            meaning="Defense coefficient against a rival that holds all capability.",
            source=(
                "assumed: at most the fatigue, so that an equilibrium exists in every network; "
                "Richardson's estimate for 1909-1913 was about 0.9"
            ),
            scale="log",
            minimum=0.0,
        ),
        Parameter(
            name="fatigue",
            default=0.2,
            low=0.2,
            high=0.2,
            unit="per year",
            meaning="Rate at which armaments fall when nobody threatens.",
            source="Richardson (1939), about 0.2; not drawn: reaction over fatigue is what counts",
            minimum=1e-9,
        ),
    )

    def security(self, system: System, values: Values) -> Floats:
        """Return minus the threat felt at equilibrium, array (n,)."""
        root = self._root_share(system)
        inverse = self._inverse(system, values)
        effort = inverse @ (values["fatigue"] * root)
        negative_cost: Floats = 0.0 - values["reaction"] * (system.rivals @ (root * effort))
        return negative_cost

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n).

        Changes are updates of low rank: one inverse for all, then a small system for each, of
        the size of the number of states whose rivalries the change edits.
        """
        if any(moves.armed):
            return super().deltas(system, moves, values)
        root = self._root_share(system)
        inverse = self._inverse(system, values)
        return many_deltas(system.rivals, moves, values, root, inverse)

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe who arms against whom: the strongest reactions at equilibrium."""
        return armament_portrait(system, self.equilibrium(system, values), values["reaction"])

    def equilibrium(self, system: System, values: Values) -> ArmsEquilibrium:
        """Return the equilibrium of the race, stable or not; armaments as efforts."""
        share = self._root_share(system) ** 2
        a = values["reaction"] * system.rivals * share - values["fatigue"] * np.eye(system.size)
        return equilibrium(a, np.full(system.size, values["fatigue"]))

    def _root_share(self, system: System) -> Floats:
        total = system.capability.sum()
        if not total > 0.0:
            raise Undefined("no state has any capability, so nobody's armaments weigh anything")
        share: Floats = np.sqrt(system.capability / total)
        return share

    def _inverse(self, system: System, values: Values) -> Floats:
        """Return the inverse of fatigue - k S, S = sqrt(s_i s_j) rival_ij: positive definite.

        S has the eigenvalues of rival_ij s_j and is symmetric, so a Cholesky factor exists
        exactly where the race is stable.
        """
        root = self._root_share(system)
        s = system.rivals * root[:, None] * root[None, :]
        matrix = values["fatigue"] * np.eye(system.size) - values["reaction"] * s
        try:
            np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            largest, vectors = np.linalg.eigh(s)
            state = system.codes[int(np.argmax(np.abs(vectors[:, -1])))]
            raise Undefined(
                f"the race runs away, most of all around {state}: reaction "
                f"{values['reaction']:g} times {largest[-1]:.4g}, the closeness of the net of "
                f"rivalries, is not below fatigue {values['fatigue']:g}",
                state=state,
            ) from None
        inverse = np.linalg.inv(matrix)
        symmetric: Floats = ((inverse + inverse.T) / 2.0).astype(np.float64)
        return symmetric
