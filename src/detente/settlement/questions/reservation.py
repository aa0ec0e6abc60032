"""What a settlement must be worth to each party: fighting on, and what public mood adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detente.architecture.system import Floats
from detente.settlement.questions.acceptance.gains_plain import Bounds
from detente.settlement.questions.fighting import Fighting, fighting_on, worth
from detente.settlement.questions.mood import Mood, mood_of
from detente.settlement.questions.negotiation import Negotiation

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


class Reservation(NamedTuple):
    """The reservation values of a conflict; nobody's are facts.

    Attributes
    ----------
    fighting : Fighting
        What fighting on is worth.
    mood : Mood
        What mood asks for beyond it.
    """

    fighting: Fighting
    mood: Mood

    def worths(self, n: Negotiation) -> tuple[Floats, Floats]:
        """Return what fighting on is worth and what a settlement must be worth, (parties, 3).

        Least, middle and most; the status quo at the middle of its range.
        """
        quo = worth(n)(n.status_quo[1])
        option, mood = self.fighting, self.mood
        fighting = np.stack(
            [np.where(np.isnan(b), quo, b) for b in (option.low, option.middle, option.high)],
            axis=1,
        )
        asked = np.stack([mood.low, mood.middle, mood.high], axis=1)
        return fighting, fighting + (1 - fighting) * asked

    def least(self, n: Negotiation) -> Floats:
        """Return what a settlement must be worth to each party, at the middle of the ranges."""
        return self.worths(n)[1][:, 1]


def reservation(
    g: Architecture, n: Negotiation, fighting: Any = None, mood: Any = None
) -> Reservation:
    """Return the reservation values; arguments and errors as for `fighting_on` and `mood_of`."""
    return Reservation(fighting_on(g, n, fighting), mood_of(g, n, mood))


def bounds_of(n: Negotiation, reserve: Reservation, *, middle: bool = False) -> Bounds:
    """Return the ranges of the draws, or every figure at its middle."""
    low, high = (1, 1) if middle else (0, 2)
    option, mood = reserve
    return Bounds(
        n.position[low], n.position[high], n.ideal[low], n.ideal[high],
        n.salience[low], n.salience[high], n.status_quo[low], n.status_quo[high],
        option.middle if middle else option.low, option.middle if middle else option.high,
        mood.middle if middle else mood.low, mood.middle if middle else mood.high,
    )  # fmt: skip
