"""What an offer is worth to a party: one minus its weighted distance from the party's ideal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats
from detente.errors import Undefined, UsageError
from detente.settlement.arguments import matrix, numbers


@dataclass(frozen=True, eq=False)
class Utility:
    """Utilities of n parties over K issues; call it with positions to get them.

    Attributes
    ----------
    ideal : array (n, K)
        What each party wants on each issue, 0 to 1.
    salience : array (n, K)
        How much each party cares, as shares that sum to 1 for each party.
    power : int
        1: utility falls with the distance; 2: with its square.
    """

    ideal: Floats
    salience: Floats
    power: int

    def __call__(self, x: ArrayLike) -> Floats:
        """Return the utilities (..., n) of positions (..., K); 1 is the party's ideal.

        Raises
        ------
        UsageError
            If there is not one position from 0 to 1 for each issue.
        """
        position = numbers("x", x, low=-1e-9, high=1 + 1e-9)
        if not position.ndim or position.shape[-1] != self.ideal.shape[1]:
            raise UsageError(f"x must have {self.ideal.shape[1]} positions, one for each issue")
        apart = np.abs(position[..., None, :] - self.ideal) ** self.power
        values: Floats = 1 - (apart * self.salience).sum(axis=-1)
        return values


def utility(ideal: ArrayLike, salience: ArrayLike, power: int = 1) -> Utility:
    """Return the parties' utilities, one less the weighted distance from what each wants.

    ``u_i(x) = 1 - sum_k s_ik |x_k - ideal_ik|^a / sum_k s_ik``

    Parameters
    ----------
    ideal : array_like (n, K)
        What each party wants on each issue, 0 to 1.
    salience : array_like (n, K)
        How much each party cares about each issue, at least 0, in any unit.
    power : int
        a: 1 (linear) or 2 (quadratic).

    Raises
    ------
    Undefined
        If a party cares about nothing.
    """
    if power not in (1, 2):
        raise UsageError(f"power must be 1 or 2, not {power!r}")
    wants = matrix("ideal", ideal, low=0, high=1)
    cares = matrix("salience", salience, low=0)
    if cares.shape != wants.shape:
        raise UsageError(f"salience must have the shape of ideal, {wants.shape}, not {cares.shape}")
    total = cares.sum(axis=1)
    careless = np.flatnonzero(total == 0)
    if careless.size:
        raise Undefined(
            f"all saliences of party {', '.join(map(str, careless))} are zero: nothing that is "
            "agreed matters to it. Leave it out, or give it a salience",
            state=str(careless[0]),
        )
    return Utility(wants, cares / total[:, None], int(power))
