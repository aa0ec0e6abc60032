"""The C twins of sets of items, and of how members leave: `transition_sets.c`.

Everything is handed over as the kernels have it; the twin evaluates the formula anew with each set.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detente.lenses.coalition.attack_sums_kernel import STATIONS, Numbers
from detente.lenses.coalition.subset_arrays import VaryingFacts

HERE = Path(__file__).parent
Whole, Place = ctypes.c_int64, ctypes.c_void_p
POINTERS = (
    "pair", "neutral", "key", "neutral_key", "support", "start", "value", "post_ptr", "posts",
    "near", "strength", "armed", "nuclear",
)  # fmt: skip


class _Varying(ctypes.Structure):
    _fields_ = [("n", Whole), ("warheads", Whole), *((name, Place) for name in POINTERS)]


def compiled(source: str, *flags: str) -> Any:
    """Return a C file of this folder, compiled by the compiler that is there."""
    library = Path(tempfile.mkdtemp()) / f"{Path(source).stem}.so"
    command = ["cc", "-O3", "-march=native", "-shared", "-fPIC", "-o", library, HERE / source]
    subprocess.run([*command, *flags], check=True)
    return ctypes.CDLL(str(library))


def at(array: np.ndarray) -> Place:
    """Return where an array stands."""
    return Place(array.ctypes.data)


class Twin:
    """The formula in C, for facts that hang on items and parameters of one draw."""

    def __init__(self, library: Any, facts: VaryingFacts, numbers: Numbers) -> None:
        self.library = library
        here = (facts.pair[STATIONS] > 0) | (facts.key[STATIONS] >= 0)
        posts = [np.flatnonzero(row) for row in here]
        own = {
            "post_ptr": np.cumsum([0, *map(len, posts)]),
            "posts": np.concatenate([*posts, np.zeros(1, dtype=np.int64)]),
        }
        given = {name: own[name] if name in own else getattr(facts, name) for name in POINTERS}
        self._kept = {name: np.ascontiguousarray(array) for name, array in given.items()}
        integers = {"key", "neutral_key", "support", "start", "nuclear", *own}
        for name, array in self._kept.items():
            assert array.dtype == (np.int64 if name in integers else np.float64), name
        places = {name: array.ctypes.data for name, array in self._kept.items()}
        self._facts = _Varying(len(facts.strength), len(facts.nuclear), **places)
        self._numbers = np.array(list(numbers), dtype=np.float64)

    def _of(self, name: str, sets: np.ndarray, states: np.ndarray) -> np.ndarray:
        values = np.zeros((len(sets), len(states)))
        getattr(self.library, name)(
            ctypes.byref(self._facts), at(self._numbers), at(sets), Whole(len(sets)),
            at(states), Whole(len(states)), at(values),
        )  # fmt: skip
        return values

    def securities(self, sets: np.ndarray, states: Sequence[int]) -> np.ndarray:
        """Return the security of some states with each set, (sets, states)."""
        return self._of("securities", np.ascontiguousarray(sets), np.array(states))

    def worths(self, sets: np.ndarray, places: Sequence[int]) -> np.ndarray:
        """Return what each member of each set would lose by leaving, (sets, members)."""
        return self._of("worths", np.ascontiguousarray(sets), np.array(places))

    def left(
        self, costs: np.ndarray, turns: np.ndarray, starts: np.ndarray, places: Sequence[int]
    ) -> np.ndarray:
        """Return who is left of each set at its cost, in turns (sets, members)."""
        sets, states = np.array(starts), np.array(places)
        costs, turns = np.ascontiguousarray(costs), np.ascontiguousarray(turns)
        self.library.left(
            ctypes.byref(self._facts), at(self._numbers), at(costs), at(turns), Whole(len(sets)),
            at(states), Whole(len(states)), at(sets),
        )  # fmt: skip
        return sets


class PutTogether:
    """Subsets of a menu as edits of ties in C, of the effects that `Composites` has read.

    Which effect the parts of each subset have is handed over: the twin only puts them together.
    """

    def __init__(self, library: Any, composites: Any, masks: np.ndarray) -> None:
        self.library, effects = library, composites._effects
        self.parts = np.zeros((len(masks), len(composites.clusters)), dtype=np.int64)
        for c, cluster in enumerate(composites.clusters):
            for row in np.flatnonzero(masks[:, cluster].any(axis=1)):
                self.parts[row, c] = composites._number(cluster, masks[row, cluster].tolist())
        length = np.array([len(effect.pairs) for effect in effects])
        pairs = np.ascontiguousarray(np.concatenate([effect.pairs for effect in effects]))
        ties = np.ascontiguousarray(np.concatenate([effect.ties for effect in effects]))
        self.joined = (np.cumsum(length) - length, length, pairs, ties)
        self.ptr = np.zeros(len(masks) + 1, dtype=np.int64)
        many = int(length[self.parts].sum())
        self.pairs = np.zeros((2, many), dtype=np.int64)
        self.ties = np.zeros((2, many))

    def run(self) -> None:
        """Put all of them together."""
        self.library.put_together(
            at(self.parts), Whole(len(self.parts)), Whole(self.parts.shape[1]),
            *map(at, self.joined), at(self.ptr), *map(at, self.pairs), *map(at, self.ties),
        )  # fmt: skip
