"""Structural balance: how far the signed ties of a system are from two camps.

Cartwright & Harary (1956): a graph with friendly (+) and hostile (-) edges is balanced if every
cycle has an even number of hostile ones, which is so exactly if there are two camps, friendly
within and hostile between. With the signed matrix A and m edges:

- frustration index  L = least number of edges whose removal leaves the graph balanced
  (Harary 1959); `frustration_index`, exact, in `frustration/`
- triangle index     T = balanced triangles / triangles = (tr |A|^3 + tr A^3) / (2 tr |A|^3)
- walk balance       K = tr e^A / tr e^|A|  (Estrada 2019)
- algebraic conflict: the least eigenvalue of D - A, with D the degrees

As a lens, the security of state i is minus the number of unbalanced triangles that it is in,
u_i = ((|A|^3)_ii - (A^3)_ii) / 4. The frustrated edges at a state would be closer to L, but
they differ from one optimal partition to the next, all of them equally good (`state_range`
says how much); its triangles do not, cost one pass, and move with the state under relabelling.

Departs from the papers: the signs come from the ties of an architecture; the papers measure
graphs, and reading a triangle of unlike signs as a strain on its three states is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.lenses.balance.changes import many_deltas
from detente.lenses.balance.measures import closed_triangles
from detente.lenses.balance.tension import signed_ties, tension_portrait
from detente.lenses.protocol import Lens, Parameter, Portrait, Values


class Balance(Lens):
    """Minus the unbalanced triangles that a state is in.

    u_i = ((|A|^3)_ii - (A^3)_ii) / 4, with A the signed graph of alliances and rivalries.

    References: Cartwright & Harary (1956); Aref & Wilson (2018). Departs: see the module.
    """

    key: ClassVar[str] = "balance"
    title: ClassVar[str] = "Whose friends are enemies: triangles that strain the states in them"
    called: ClassVar[str] = "balance of ties"
    citation: ClassVar[str] = (
        "Cartwright, D. & Harary, F. (1956). Structural Balance: A Generalization of Heider's "
        "Theory. Psychological Review 63(5), 277-293, doi 10.1037/h0046049."
    )
    status: ClassVar[str] = "checked"
    unit: ClassVar[str] = "unbalanced triangles"
    meaning: ClassVar[str] = (
        "Minus the number of unbalanced triangles that the state is in: an ally's rival who is an "
        "ally, or three rivals of one another, make it less secure."
    )
    limits: ClassVar[tuple[str, ...]] = (
        "It sees signs only: neither power nor distance nor what an alliance promises.",
        "A war of two hostile camps is perfectly balanced; balance is not peace.",
        "Longer cycles do not count, so a system without triangles looks secure however "
        "frustrated it is; frustration_index counts all cycles.",
        "Whether states move towards balance is disputed; the lens assumes that strain costs.",
    )
    assumptions: ClassVar[Mapping[str, str]] = {
        "strength": "ignored",
        "distance": "ignored",
        "an ally": "stands on the same side",
        "a rival": "stands on the other side",
        "reach of a change": "states tied to it",
    }
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            name="threshold",
            default=0.5,
            low=0.5,
            high=0.5,
            unit="share",
            meaning="Weight from which an alliance counts as a friendly tie.",
            source="assumed: the papers know ties that are there or not",
            minimum=1e-9,
            maximum=1.0,
        ),
    )
    ignores_isolates: ClassVar[bool] = True

    def security(self, system: System, values: Values) -> Floats:
        """Return minus the unbalanced triangles at each state, array (n,)."""
        count = closed_triangles(signed_ties(system, values["threshold"])).astype(np.float64)
        strain: Floats = 0.0 - count  # not -count, which makes a negative zero of every zero
        return strain

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe the tension: how far the ties are from two camps, and who bears it."""
        signed = signed_ties(system, values["threshold"])
        return tension_portrait(system, signed, self.security(system, values), self.unit)

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state: only triangles over edited ties differ."""
        threshold = values["threshold"]
        return many_deltas(signed_ties(system, threshold), moves, threshold)
