"""Forces that have left some places, whichever: what a bound on security may take for certain."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Withdrawals(NamedTuple):
    """Posts of forces abroad of which at least some have what they have in the low system.

    Attributes
    ----------
    posts : bool array (n, n)
        The posts: row sends, column hosts.
    fewest : int
        At least so many of them are at their least.
    """

    posts: NDArray[np.bool_]
    fewest: int
