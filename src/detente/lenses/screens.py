"""What one draw of the parameters says about many changes, in a few numbers each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats


@dataclass(frozen=True, eq=False)
class Screen:
    """What one draw of the parameters says about m changes of n states, without the deltas.

    Attributes
    ----------
    least : array (m,)
        Smallest delta among the initiators; NaN where the change is undefined.
    desire : array (m,)
        Sum of the initiators' deltas.
    gain, loss : array (m,)
        Sum of all positive deltas, and of all negative ones without their sign.
    harmed : int array (m,)
        Number of states that lose more than the tolerance.
    pays : array (n, n) or None
        Largest harm that the row's state receives from one of the changes that the column's
        state, with whoever decides besides, wants. None where it was not asked for.
    sign : int8 array (m, n) or None
        -1 where a state loses more than the tolerance, +1 where it gains more, else 0; None
        where it was not asked for.
    most : array (m,)
        Largest delta among the initiators; NaN where the change is undefined.
    """

    least: Floats
    desire: Floats
    gain: Floats
    loss: Floats
    harmed: NDArray[np.int64]
    pays: Floats | None
    sign: NDArray[np.int8] | None
    most: Floats
