"""An architecture as a lens sees it: arrays over the states, and changes as edits of ties.

A lens never sees a table. It sees a `System`: who has promised what to whom, kind by kind and
directed, who is hostile to whom and how intensely, what each state can bring to bear and how far
apart the capitals lie; and, for models that know signs alone, allies and rivals as a view of it.
A change of the architecture reaches it as a list of edits (`Moves`), of the signed view and of
what stands behind it, so that a fast lens can update instead of starting again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.kinds import FACTS_EDITED, KINDS, PLACE

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
STATE_ARRAYS = ("capability", "regime", "neutral", "nuclear")
PAIR_ARRAYS = (
    "allies",
    "rivals",
    "distance",
    "contiguity",
    "disputes",
    "rivalry",
    "stations",
    "supplies",
)
"""Arrays of a `System` over its states, and over their pairs."""
SIGNED_INTENSITY = 4.0
"""Intensity that a rivalry is taken to have where only its sign is known: use of force; assumed."""


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
        positive. Both are a view of `promises` and `rivalry`, for models that know signs alone.
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
    promises : mapping of str to array (n, n)
        How fully the row's state has promised it to the column's, 0..1, for every one of
        `detente.architecture.kinds.KINDS`; a mutual promise stands both ways. Where left out:
        the alliances, as mutual promises of defence.
    neutral : array (n,)
        How fully a state has promised neutrality to everybody, 0..1.
    rivalry : array (n, n)
        Intensity of the rivalry of a pair, MID hostility level 0 (none) to 5, symmetric; it
        stands between allies, too. Where left out: `SIGNED_INTENSITY` for rivals.
    stations : array (n, n)
        Share of the row's strength that stands on the column's ground, with its consent or not.
    supplies : array (n, n)
        Share of the row's strength that reaches the column as arms or means.
    nuclear : array (n,) or None
        1.0 for states with nuclear warheads, else 0.0; None where that is not known.
    """

    codes: tuple[str, ...]
    allies: Floats
    rivals: Floats
    capability: Floats
    distance: Floats
    contiguity: Floats | None = None
    regime: Floats | None = None
    disputes: Floats | None = None
    promises: Mapping[str, Floats] = None  # type: ignore[assignment]
    neutral: Floats = None  # type: ignore[assignment]
    rivalry: Floats = None  # type: ignore[assignment]
    stations: Floats = None  # type: ignore[assignment]
    supplies: Floats = None  # type: ignore[assignment]
    nuclear: Floats | None = None

    def __post_init__(self) -> None:
        """Keep the arrays as they are: an architecture hands the same ones to everybody."""
        for name, value in self._signed_only().items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        for name in (*STATE_ARRAYS, *PAIR_ARRAYS):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _kept(getattr(self, name)))
        none = _kept(np.zeros_like(self.rivalry))
        promises = {
            kind: _kept(self.promises[kind]) if kind in self.promises else none for kind in KINDS
        }
        object.__setattr__(self, "promises", MappingProxyType(promises))

    def _signed_only(self) -> dict[str, Any]:
        """What a system holds of which only the signs are known."""
        n = len(self.codes)
        return {
            "promises": {"defense": self.allies},
            "neutral": np.zeros(n),
            "rivalry": SIGNED_INTENSITY * np.asarray(self.rivals, dtype=np.float64),
            "stations": np.zeros((n, n)),
            "supplies": np.zeros((n, n)),
        }

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "promises": dict(self.promises)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, promises=MappingProxyType(state["promises"]))

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
        promises = {kind: table[np.ix_(o, o)] for kind, table in self.promises.items()}
        return replace(self, codes=tuple(self.codes[k] for k in o), promises=promises, **taken)

    def moved(self, moves: Moves, k: int) -> System:
        """Return the system after the `k`-th change of `moves`: the plain way, by copying."""
        allies, rivals, capability = self.allies.copy(), self.rivals.copy(), self.capability
        own = slice(moves.ptr[k], moves.ptr[k + 1])
        # Both ways of each pair, one after the other: where a pair comes twice the later counts.
        both = np.stack([moves.first[own], moves.second[own]], axis=1)
        there, back = both.ravel(), both[:, ::-1].ravel()
        allies[there, back] = np.repeat(moves.ally[own], 2)
        rivals[there, back] = np.repeat(moves.rival[own], 2)
        if moves.armed[k]:
            capability = capability.copy()
            for state, value in moves.armed[k]:
                capability[state] = value
        edited = self._with_facts(moves.facts, k)
        return replace(self, allies=allies, rivals=rivals, capability=capability, **edited)

    def _with_facts(self, facts: FactEdits, k: int) -> dict[str, Any]:
        """Return the arrays that a change's edits of facts change, as copies."""
        own = slice(facts.ptr[k], facts.ptr[k + 1])
        kinds = facts.what[own]
        arrays: dict[str, Floats] = {}
        for kind in np.unique(kinds).tolist():
            what, mine = FACTS_EDITED[kind], kinds == kind
            first, second = facts.first[own][mine], facts.second[own][mine]
            value = facts.value[own][mine]
            old = self.promises[what] if what in self.promises else getattr(self, what)
            arrays[what] = old.copy()
            if what == "neutral":
                arrays[what][first] = value
            elif what == "rivalry":
                both = np.stack([first, second], axis=1)
                arrays[what][both.ravel(), both[:, ::-1].ravel()] = np.repeat(value, 2)
            else:
                arrays[what][first, second] = value
        promises = {kind: arrays.pop(kind) for kind in KINDS if kind in arrays}
        if promises:
            return {**arrays, "promises": {**self.promises, **promises}}
        return dict(arrays)


class FactEdits(NamedTuple):
    """Edits of promises and other facts by many changes: those of k are ``ptr[k]:ptr[k+1]``.

    `what` is a place in `detente.architecture.kinds.FACTS_EDITED`; `first` and `second` are the
    row and the column, the same for neutrality; a rivalry is edited both ways at once.
    """

    ptr: Ints
    what: Ints
    first: Ints
    second: Ints
    value: Floats

    def of(self, k: int) -> Iterator[tuple[str, int, int, float]]:
        """Yield (what, first, second, new value) of change `k`."""
        for e in range(self.ptr[k], self.ptr[k + 1]):
            name = FACTS_EDITED[self.what[e]]
            yield name, int(self.first[e]), int(self.second[e]), float(self.value[e])

    def take(self, which: Ints) -> FactEdits:
        """Return the edits by the changes at the positions `which`, in that order."""
        ptr, rows = _rows(self.ptr, which)
        return FactEdits(
            ptr, self.what[rows], self.first[rows], self.second[rows], self.value[rows]
        )


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
    edited : FactEdits or None
        The same changes as edits of promises, rivalries and other facts; None where they edit
        signs alone, and then `facts` says what that means.
    """

    ptr: Ints
    first: Ints
    second: Ints
    ally: Floats
    rival: Floats
    actor_ptr: Ints
    actor: Ints
    armed: tuple[tuple[tuple[int, float], ...], ...]
    edited: FactEdits | None = None

    @cached_property
    def facts(self) -> FactEdits:
        """The changes as edits of facts; an edit of signs is one of defence and of a rivalry."""
        if self.edited is not None:
            return self.edited
        defense, rivalry = PLACE["defense"], PLACE["rivalry"]
        many = len(self.first)
        hostile = SIGNED_INTENSITY * self.rival
        return FactEdits(
            ptr=3 * self.ptr,
            what=np.tile(np.array([defense, defense, rivalry]), many),
            first=np.stack([self.first, self.second, self.first], axis=1).ravel(),
            second=np.stack([self.second, self.first, self.second], axis=1).ravel(),
            value=np.stack([self.ally, self.ally, hostile], axis=1).ravel(),
        )

    def __len__(self) -> int:
        return len(self.ptr) - 1

    def after(self, system: System, k: int) -> System:
        """Return ``system.moved(self, k)``, the same object as long as both are in use.

        For the few changes that are looked at again and again, over draws of parameters.
        """
        kept = self._after.get(k)
        if kept is None or kept[0] is not system:
            kept = self._after[k] = (system, system.moved(self, k))
        return kept[1]

    @cached_property
    def _after(self) -> dict[int, tuple[System, System]]:
        return {}

    def initiators(self, k: int) -> Ints:
        """Return the initiators of change `k` as positions in the system."""
        return self.actor[self.actor_ptr[k] : self.actor_ptr[k + 1]]

    def edits(self, k: int) -> Iterator[tuple[int, int, float, float]]:
        """Yield (first, second, new alliance weight, new rivalry) of change `k`."""
        for e in range(self.ptr[k], self.ptr[k + 1]):
            yield int(self.first[e]), int(self.second[e]), float(self.ally[e]), float(self.rival[e])

    def take(self, which: Ints) -> Moves:
        """Return the changes at the positions `which`, in that order."""
        ptr, rows = _rows(self.ptr, which)
        actor_ptr, actors = _rows(self.actor_ptr, which)
        return Moves(
            ptr=ptr,
            first=self.first[rows],
            second=self.second[rows],
            ally=self.ally[rows],
            rival=self.rival[rows],
            actor_ptr=actor_ptr,
            actor=self.actor[actors],
            armed=tuple(self.armed[k] for k in np.asarray(which).tolist()),
            edited=None if self.edited is None else self.edited.take(which),
        )

    @classmethod
    def build(
        cls,
        edits: Sequence[Sequence[tuple[int, int, float, float]]],
        actors: Sequence[Sequence[int]],
        armed: Sequence[tuple[tuple[int, float], ...]] | None = None,
        facts: Sequence[Sequence[tuple[str, int, int, float]]] | None = None,
    ) -> Moves:
        """Pack lists of edits, initiators and edits of facts, one a change, into arrays."""
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
            edited=None if facts is None else _packed(facts),
        )


def _packed(facts: Sequence[Sequence[tuple[str, int, int, float]]]) -> FactEdits:
    flat = [edit for change in facts for edit in change]
    return FactEdits(
        ptr=_starts(facts),
        what=np.array([PLACE[e[0]] for e in flat], dtype=np.int64),
        first=np.array([e[1] for e in flat], dtype=np.int64),
        second=np.array([e[2] for e in flat], dtype=np.int64),
        value=np.array([e[3] for e in flat], dtype=np.float64),
    )


def _rows(ptr: Ints, which: Ints) -> tuple[Ints, Ints]:
    """Return where each of some groups of rows begins, behind one another, and all their rows."""
    which = np.asarray(which, dtype=np.int64)
    lengths = ptr[which + 1] - ptr[which]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    rows = np.repeat(ptr[which] - starts[:-1], lengths) + np.arange(starts[-1])
    return starts, rows.astype(np.int64)


def _kept(array: Floats) -> Floats:
    """Return a read-only view of the array; it itself if it is one, as in a system made of another.

    So what did not change from one system to the next is the same object.
    """
    if (
        type(array) is np.ndarray
        and array.dtype == np.float64
        and array.flags.c_contiguous
        and not array.flags.writeable
    ):
        return array
    view: Floats = np.ascontiguousarray(array, dtype=np.float64).view()
    view.flags.writeable = False
    return view


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
