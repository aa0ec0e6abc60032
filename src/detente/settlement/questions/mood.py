"""What public mood asks for beyond fighting on, a range on the reservation value; off by default.

In the crisis room a mood m on a dyad lets it fall from a rung only 1 / (1 + m) as often: retreat is
dearer (Fearon 1994, American Political Science Review 88(3), 577-592). Here the same m keeps a
party from a share m / (1 + m) of its retreats: it asks for more than fighting on, by anything from
nothing to that share of the way from there to all it wants. The reading is this project's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.system import Floats
from detente.errors import UnknownName, UsageError
from detente.settlement.questions.negotiation import Negotiation

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

FROM_CRISIS = "crisis"
"""The name under which the crisis room's mood is asked for."""


@dataclass(frozen=True, eq=False)
class Mood:
    """By how much more than fighting on each party asks for.

    Attributes
    ----------
    low, middle, high : array (parties,)
        As a share of the way from what fighting on is worth to all it wants; 0 without mood.
    basis : tuple of str
        Of each party: ``""`` for none, ``"typed"`` or ``"crisis"``.
    words : str
        In a sentence; empty where no mood counts.
    """

    low: Floats
    middle: Floats
    high: Floats
    basis: tuple[str, ...]
    words: str

    @property
    def acts(self) -> bool:
        """Whether it asks anything of anybody."""
        return bool((self.high > 0).any())


def mood_of(g: Architecture, n: Negotiation, given: Any = None) -> Mood:
    """Return what mood asks for.

    Parameters
    ----------
    g : Architecture
        Of which the conflict is.
    n : Negotiation
        The conflict.
    given : None, ``"crisis"`` or mapping
        None: no mood. ``"crisis"``: from the mood with which the crisis room starts the party's
        dyads with the other side. A mapping: typed ranges ``{party: (low, high)}`` of the share.

    Raises
    ------
    UsageError
        If it is none of these, or a range is no range.
    UnknownName
        If a party is not there.
    """
    if given is None:
        blank = np.zeros(len(n.parties))
        return Mood(blank, blank, blank, ("",) * len(n.parties), "")
    if isinstance(given, str):
        if given != FROM_CRISIS:
            raise UnknownName("mood", given, (FROM_CRISIS,))
        return _by_crisis(g, n)
    if isinstance(given, Mapping):
        return _typed(n, given)
    raise UsageError(
        f'mood must be "{FROM_CRISIS}" or ranges such as {{"{n.parties[0]}": (0, 0.3)}}, not '
        f"{type(given).__name__}"
    )


def _typed(n: Negotiation, given: Mapping[str, Any]) -> Mood:
    from detente.settlement.questions.fighting import spans

    low, high = spans("mood", n, given)
    low, high = np.nan_to_num(low), np.nan_to_num(high)
    named = ", ".join(f"{p} {low[n.at(p)]:g} to {high[n.at(p)]:g}" for p in given)
    return Mood(
        low,
        (low + high) / 2,
        high,
        tuple("typed" if party in given else "" for party in n.parties),
        f"Public mood is typed for {named}: it asks for that share of the way from fighting on to "
        "all the party wants. No fact, a range that the asker chose.",
    )


def _by_crisis(g: Architecture, n: Negotiation) -> Mood:
    from detente.crisis.model.escalation import build

    model = build(g)
    most = np.zeros(len(n.parties))
    camp = {p: n.supports[k] or p for k, p in enumerate(n.parties) if n.supports[k]}
    camp |= {n.parties[k]: n.parties[k] for k in n.required}
    for dyad, mood in zip(model.dyads, model.mood, strict=True):
        if not set(dyad) <= set(camp) or len({camp[side] for side in dyad}) < 2:
            continue  # not a dyad of this conflict
        for side in dyad:
            most[n.at(side)] = max(most[n.at(side)], mood / (1 + mood))
    named = ", ".join(f"{party} {most[p]:.2f}" for p, party in enumerate(n.parties) if most[p] > 0)
    return Mood(
        np.zeros(len(n.parties)),
        most / 2,
        most,
        tuple("crisis" if most[p] > 0 else "" for p in range(len(n.parties))),
        "Public mood makes retreat dearer: a party asks for more than fighting on, by anything "
        f"from nothing to this share of the way to all it wants: {named}. The shares are the "
        "crisis room's mood m at the use of force, as m / (1 + m); both are assumed."
        if named
        else "Public mood asks for nothing more: in the crisis room no two sides of this conflict "
        "are at the use of force.",
    )
