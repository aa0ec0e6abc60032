"""An architecture as a lens sees it: arrays over the states, and changes as edits of ties.

A lens never sees a table. It sees a `System`: who is allied with whom and how fully, who is
a rival of whom, what each state can bring to bear and how far apart the capitals lie. A
change of the architecture reaches it as a list of pairs whose tie becomes another one
(`Moves`), so that a fast lens can update instead of starting again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EARTH_RADIUS_KM = 6371.0088  # mean radius, International Union of Geodesy and Geophysics


DISPUTE_HALF_LIFE = 5.0
"""Years after which a past dispute counts half; chosen out of sample, docs/lenses/hazard.md."""
FACTS = {
    "contiguity": "which states are contiguous",
    "regime": "how democratic each state is",
    "disputes": "past disputes",
}
"""Fields of a `System` that are None where an architecture does not say, in words."""
STATE_ARRAYS = ("capability", "regime")
PAIR_ARRAYS = ("allies", "rivals", "distance", "contiguity", "disputes")
"""Arrays of a `System` over its states, and over their pairs."""


@dataclass(frozen=True, eq=False)
class System:
    """What a lens needs to know of an architecture, over its n states.

    Attributes
    ----------
    codes : tuple of str
        Codes of the states, in the order of all arrays.
    allies : array (n, n)
        Weight of the alliance of each pair, 0..1, symmetric, zero diagonal.
    rivals : array (n, n)
        1.0 where a pair are rivals, else 0.0; symmetric, zero diagonal, zero where `allies` is
        positive.
    capability : array (n,)
        What each state can bring to bear, non-negative, in any unit.
    distance : array (n, n)
        Kilometres between the capitals, NaN where one is not known.
    contiguity : array (n, n) or None
        Type of direct contiguity, 1 (land) to 5 (400 miles of water), 0 where there is none; None
        where contiguity is not known.
    regime : array (n,) or None
        V-Dem's electoral democracy index, 0 to 1, NaN where a state's is not known; None where
        none is.
    disputes : array (n, n) or None
        Past militarised disputes of each pair, those of the year before in full, older ones half
        after every `DISPUTE_HALF_LIFE` years; symmetric. None where past disputes are not known.
    """

    codes: tuple[str, ...]
    allies: Floats
    rivals: Floats
    capability: Floats
    distance: Floats
    contiguity: Floats | None = None
    regime: Floats | None = None
    disputes: Floats | None = None

    def __post_init__(self) -> None:
        """Keep the arrays as they are: an architecture hands the same ones to everybody."""
        for name in (*STATE_ARRAYS, *PAIR_ARRAYS):
            if getattr(self, name) is not None:
                kept = np.ascontiguousarray(getattr(self, name), dtype=np.float64).view()
                kept.flags.writeable = False
                object.__setattr__(self, name, kept)

    @property
    def facts(self) -> tuple[str, ...]:
        """Which of `FACTS` are known."""
        return tuple(name for name in FACTS if getattr(self, name) is not None)

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.codes)

    def take(self, which: Sequence[int] | Ints) -> System:
        """Return the system of the states at the positions `which`, in that order."""
        o = np.asarray(which)
        places = dict.fromkeys(STATE_ARRAYS, o) | dict.fromkeys(PAIR_ARRAYS, np.ix_(o, o))
        taken = {
            name: getattr(self, name)[place]
            for name, place in places.items()
            if getattr(self, name) is not None
        }
        return replace(self, codes=tuple(self.codes[k] for k in o), **taken)

    def moved(self, moves: Moves, k: int) -> System:
        """Return the system after the `k`-th change of `moves`: the plain way, by copying."""
        allies, rivals, capability = self.allies.copy(), self.rivals.copy(), self.capability
        for e in range(moves.ptr[k], moves.ptr[k + 1]):
            i, j = moves.first[e], moves.second[e]
            allies[i, j] = allies[j, i] = moves.ally[e]
            rivals[i, j] = rivals[j, i] = moves.rival[e]
        if moves.armed[k]:
            capability = capability.copy()
            for state, value in moves.armed[k]:
                capability[state] = value
        return replace(self, allies=allies, rivals=rivals, capability=capability)


@dataclass(frozen=True, eq=False)
class Moves:
    """Many changes of one system, each a list of pairs with their new ties.

    Change k edits the pairs ``ptr[k]:ptr[k+1]`` of `first`, `second`, `ally`, `rival`, and is
    the decision of the states ``actor_ptr[k]:actor_ptr[k+1]`` of `actor`.

    Attributes
    ----------
    ptr : int array (m + 1,)
        Start of each change in the arrays of edits.
    first, second : int array
        The two states of an edit, as positions in the system.
    ally : float array
        New weight of their alliance, 0..1.
    rival : float array
        1.0 if they are rivals afterwards, else 0.0.
    actor_ptr, actor : int array
        The initiators of each change, as positions in the system.
    armed : tuple of tuples (state, value)
        New capabilities, for the few changes that arm or disarm; lenses with a fast path are
        given the others only.
    """

    ptr: Ints
    first: Ints
    second: Ints
    ally: Floats
    rival: Floats
    actor_ptr: Ints
    actor: Ints
    armed: tuple[tuple[tuple[int, float], ...], ...]

    def __len__(self) -> int:
        return len(self.ptr) - 1

    def initiators(self, k: int) -> Ints:
        """Return the initiators of change `k` as positions in the system."""
        return self.actor[self.actor_ptr[k] : self.actor_ptr[k + 1]]

    def edits(self, k: int) -> Iterator[tuple[int, int, float, float]]:
        """Yield (first, second, new alliance weight, new rivalry) of change `k`."""
        for e in range(self.ptr[k], self.ptr[k + 1]):
            yield int(self.first[e]), int(self.second[e]), float(self.ally[e]), float(self.rival[e])

    def take(self, which: Ints) -> Moves:
        """Return the changes at the positions `which`, in that order."""
        return Moves.build(
            [list(self.edits(int(k))) for k in which],
            [self.initiators(int(k)).tolist() for k in which],
            [self.armed[int(k)] for k in which],
        )

    @classmethod
    def build(
        cls,
        edits: Sequence[Sequence[tuple[int, int, float, float]]],
        actors: Sequence[Sequence[int]],
        armed: Sequence[tuple[tuple[int, float], ...]] | None = None,
    ) -> Moves:
        """Pack lists of edits and initiators, one a change, into arrays."""
        flat = [edit for change in edits for edit in change]
        flat_actors = [actor for change in actors for actor in change]
        return cls(
            ptr=_starts(edits),
            first=np.array([e[0] for e in flat], dtype=np.int64),
            second=np.array([e[1] for e in flat], dtype=np.int64),
            ally=np.array([e[2] for e in flat], dtype=np.float64),
            rival=np.array([e[3] for e in flat], dtype=np.float64),
            actor_ptr=_starts(actors),
            actor=np.array(flat_actors, dtype=np.int64),
            armed=tuple(armed) if armed is not None else ((),) * len(edits),
        )


def _starts(groups: Sequence[Sequence[object]]) -> Ints:
    return np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.int64)


def great_circle(lat: Floats, lon: Floats) -> Floats:
    """Return the distances between points on the earth, by the haversine formula.

    Parameters
    ----------
    lat, lon : array (n,)
        Degrees north and east; NaN where not known.

    Returns
    -------
    array (n, n)
        Kilometres; NaN in the rows and columns of unknown places, 0 on the diagonal.
    """
    phi, lam = np.radians(lat), np.radians(lon)
    half = (
        np.sin((phi[:, None] - phi[None, :]) / 2) ** 2
        + np.cos(phi)[:, None]
        * np.cos(phi)[None, :]
        * np.sin((lam[:, None] - lam[None, :]) / 2) ** 2
    )
    out: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    np.fill_diagonal(out, 0.0)
    return out
