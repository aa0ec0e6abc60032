"""One screen of changes under one lens, and what becomes of it over draws of the parameters.

A draw is a function of its address, the seed, the lens and its number: the same draws for one
thread or many, and the first hundred of a thousand are the hundred. Draws are worked off in
blocks of fixed size whose sums are added in the order of the blocks, so that a result does not
depend on the number of threads to the last bit.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, Moves, System
from detente.auditing.verdicts import Threshold, Verdicts, judge
from detente.errors import DetenteError, Undefined
from detente.lenses.protocol import Lens, Screen, Values, reduced
from detente.runs import Arrays, Job, Piece, carry_out, in_order, one_thread, pieces_of

BLOCK = 8
"""Draws a block: enough to keep a core busy, few enough that an interrupt is felt, and at most
127, for a byte counts them."""

SHORT = 100_000
"""Draws times changes up to which one thread works them off unless told otherwise: so few take
less than a second, and threads that share one interpreter lose more time on handing over than they
save."""

PER_STATE_LIMIT = 40_000_000
"""Changes times states up to which verdicts are kept for every state by itself."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Part:
    """Some of the changes of a problem, with their positions among all.

    Attributes
    ----------
    where : int array
        Positions.
    moves : Moves
        The changes.
    fast : bool
        Whether a lens may take its own way; changes that arm or disarm go the plain way.
    """

    where: Ints
    moves: Moves
    fast: bool


@dataclass(frozen=True, eq=False)
class Problem:
    """A system and its changes, parted into those a lens may do fast and the others.

    Attributes
    ----------
    system : System
        The system before any change.
    moves : Moves
        All changes.
    parts : tuple of Part
        The same, parted; one part where all are of a kind.
    """

    system: System
    moves: Moves
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, system: System, moves: Moves) -> Problem:
        """Part the changes of a system."""
        armed = np.array([bool(a) for a in moves.armed], dtype=bool)
        if not armed.any() or armed.all():
            return cls(system, moves, (Part(np.arange(len(moves)), moves, not armed.any()),))
        parts = [(np.flatnonzero(~armed), True), (np.flatnonzero(armed), False)]
        return cls(system, moves, tuple(Part(w, moves.take(w), fast) for w, fast in parts))

    @property
    def per_state(self) -> bool:
        """Whether there is room to keep verdicts state by state."""
        return len(self.moves) * self.system.size <= PER_STATE_LIMIT

    def twins(self, lens: Lens) -> Ints:
        """Return a number for every change, the same for changes that the lens cannot tell apart.

        A lens that sees signs alone is shown ties, another one the facts that it sees.
        """
        places: dict[object, int] = {}
        signs = lens.sees_signs
        numbers = np.empty(len(self.moves), dtype=np.int64)
        for k in range(len(self.moves)):
            edits: frozenset[object] = (
                frozenset(self.moves.edits(k))
                if signs
                else frozenset(e for e in self.moves.facts.of(k) if e[0] in lens.sees)
            )
            what = (edits, self.moves.armed[k])
            numbers[k] = places.setdefault(what, k)
        return numbers

    def deltas(self, lens: Lens, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n), NaN rows where undefined."""
        deltas = np.empty((len(self.moves), self.system.size))
        for part in self.parts:
            way = lens.deltas if part.fast else partial(Lens.deltas, lens)
            deltas[part.where] = way(self.system, part.moves, values)
        return deltas

    def screen(self, lens: Lens, values: Values, tol: float) -> Screen:
        """Return the verdict quantities of every change."""
        screens = []
        for part in self.parts:
            if part.fast:
                screen = lens.screen(self.system, part.moves, values, tol, signs=self.per_state)
            else:
                deltas = Lens.deltas(lens, self.system, part.moves, values)
                screen = reduced(deltas, part.moves, tol, signs=self.per_state)
            screens.append(screen)
        return screens[0] if len(screens) == 1 else self._joined(screens)

    def _joined(self, screens: Sequence[Screen]) -> Screen:
        order = np.argsort(np.concatenate([part.where for part in self.parts]))

        def joined(name: str) -> Any:
            return np.concatenate([getattr(part, name) for part in screens])[order]

        return Screen(
            least=joined("least"),
            desire=joined("desire"),
            gain=joined("gain"),
            loss=joined("loss"),
            harmed=joined("harmed"),
            pays=np.maximum.reduce([_paid(one) for one in screens]),
            sign=joined("sign") if self.per_state else None,
            most=joined("most"),
        )


def _paid(screen: Screen) -> Floats:
    """Return who pays for whom, which every screen of an audit has."""
    assert screen.pays is not None
    return screen.pays


@dataclass(eq=False)
class VerdictCounts:
    """Sums over draws: how often each verdict held.

    Attributes
    ----------
    defined, wanted, witness, harmful : int arrays (m,)
        Number of draws in which the change has an answer, is wanted, is a witness, harms.
    strong, strong_witness : int arrays (m,)
        Number of draws in which it is wanted by strong consent, and harms besides.
    admitted : int array (3, m)
        Number of draws in which each reading admits it.
    lost, won : int arrays (m, n) or None
        Number of draws in which the state loses, or gains, more than the tolerance.
    pays : array (n, n)
        Sum of who pays for whom.
    """

    defined: Ints
    wanted: Ints
    witness: Ints
    harmful: Ints
    strong: Ints
    strong_witness: Ints
    admitted: Ints
    lost: NDArray[np.int32] | NDArray[np.int8] | None
    won: NDArray[np.int32] | NDArray[np.int8] | None
    pays: Floats

    @classmethod
    def empty(cls, m: int, n: int, *, per_state: bool, block: bool = False) -> VerdictCounts:
        """Return a tally of no draws; that of a block counts states in single bytes."""
        zeros = [np.zeros(m, dtype=np.int64) for _ in range(6)]
        kind = np.int8 if block else np.int32
        lost, won = (np.zeros((m, n), dtype=kind) if per_state else None for _ in range(2))
        admitted = np.zeros((3, m), dtype=np.int64)
        return cls(
            zeros[0], zeros[1], zeros[2], zeros[3], zeros[4], zeros[5],
            admitted, lost, won, np.zeros((n, n)),
        )  # fmt: skip

    @classmethod
    def of(cls, arrays: Arrays) -> VerdictCounts:
        """Return the tally that `arrays` holds by name; what it lacks is None."""
        return cls(**{f.name: arrays.get(f.name) for f in fields(cls)})  # type: ignore[arg-type]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what there is, by name."""
        every = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: array for name, array in every if array is not None}

    def add(self, other: VerdictCounts) -> None:
        """Add another tally to this one."""
        for name in (f.name for f in fields(self)):
            own, theirs = getattr(self, name), getattr(other, name)
            if own is not None and theirs is not None:
                own += theirs

    def times(self, count: int) -> VerdictCounts:
        """Return the tally of `count` draws that are all like this one."""
        parts: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, sums in parts.items():
            parts[name] = None if sums is None else sums * count
        return VerdictCounts(**parts)


@dataclass(frozen=True, eq=False)
class Draws:
    """What all draws together say under one lens.

    Attributes
    ----------
    tally : VerdictCounts
        How often each verdict held, among the draws in which the lens has an answer at all.
    defined : bool array (d,)
        Whether the lens has an answer for the architecture as it is.
    security : array (d, n)
        Security before any change; NaN rows where there is no answer.
    index, index_weighted, index_strong, share, wanted, witnesses, tolerance : arrays (d,)
        Per draw, as in `Verdicts`; NaN where there is no answer.
    values : list of dict
        The parameter values of each draw.
    """

    tally: VerdictCounts
    defined: NDArray[np.bool_]
    security: Floats
    index: Floats
    index_weighted: Floats
    index_strong: Floats
    share: Floats
    wanted: Floats
    witnesses: Floats
    tolerance: Floats
    values: list[dict[str, float]]


def uniform(seed: int, lens: Lens, draws: int) -> Floats:
    """Return the uniform numbers behind the draws, array (draws, parameters), by address."""
    word = int.from_bytes(hashlib.sha256(lens.key.encode()).digest()[:8], "little")
    bits = np.random.Philox(np.random.SeedSequence([seed, word]))
    return np.random.Generator(bits).random((draws, max(1, len(lens.parameters))))


def tolerance_places(seed: int, lens: Lens, draws: int) -> Floats:
    """Return where in its range the tolerance of each draw lies, by address."""
    word = int.from_bytes(hashlib.sha256(f"{lens.key}.tolerance".encode()).digest()[:8], "little")
    bits = np.random.Philox(np.random.SeedSequence([seed, word]))
    return np.random.Generator(bits).random(draws)


def screen_draws(
    lens: Lens,
    problem: Problem,
    draws: int,
    *,
    seed: int,
    threshold: Threshold,
    given: Mapping[str, float],
    threads: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    cluster: str | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Draws:
    """Screen all changes under `draws` draws of the lens's uncertain parameters.

    Parameters
    ----------
    lens : Lens
        Parameters in `given` are fixed, the others drawn from their ranges.
    problem : Problem
        The system and its changes.
    draws, seed : int
        How many, and from which seed.
    threshold : Threshold
        What a delta must exceed to count: drawn where the lens declares a tolerance, else taken
        anew in every draw.
    threads : int, optional
        Number of threads, all cores by default where there is much to do; the result does not
        depend on it.
    folder : path, optional
        Where blocks of draws are kept as they are done, to be gone on with.
    cluster : str, optional
        Address of a Dask scheduler whose workers screen the blocks.
    settings : mapping, optional
        What makes it this audit, as plain data, for the record in the folder.
    progress : callable, optional
        Called with (draws done, draws in all).
    """
    values = lens.draws(uniform(seed, lens, draws), given)
    m, n = len(problem.moves), problem.system.size
    total = VerdictCounts.empty(m, n, per_state=problem.per_state)
    columns = np.full((draws, 7), np.nan)
    security = np.full((draws, n), np.nan)
    # Where nothing is drawn one draw stands for all.
    drawn = lens.tolerance is not None and threshold.fixed is None
    different = draws if drawn or any(v != values[0] for v in values) else min(draws, 1)
    blocks = [[start, min(start + BLOCK, different)] for start in range(0, different, BLOCK)]
    places, twins = tolerance_places(seed, lens, draws), problem.twins(lens)
    compute = DrawBlock(lens, problem, values, threshold, places, twins, cluster is not None)
    job = Job(
        {"lens": lens.name, "draws": draws, "block": BLOCK, **(settings or {})},
        pieces_of(blocks, [stop - start for start, stop in blocks]),
        compute,
        compute.fits,
    )
    workers = threads or (1 if different * m <= SHORT else os.cpu_count() or 1)
    results = carry_out(job, folder, threads=workers, cluster=cluster, progress=progress)
    # One core a draw: threads inside the linear algebra would only get in each other's way.
    with one_thread():
        # In their order, since who pays is a sum of fractions.
        for piece, arrays in in_order(results):
            rows = slice(*piece.address)
            columns[rows], security[rows] = arrays["columns"], arrays["security"]
            total.add(VerdictCounts.of(arrays))
    if different < draws:
        total = total.times(draws)
        columns[1:], security[1:] = columns[0], security[0]
    defined = np.logical_not(np.isnan(columns[:, -1]))
    index, weighted, strong, share, wanted, witnesses, tol = columns.T.copy()
    return Draws(
        total, defined, security, index, weighted, strong, share, wanted, witnesses, tol, values
    )


@dataclass(frozen=True, eq=False)
class DrawBlock:
    """Screens all changes under a stretch of the draws: one piece of an audit.

    ``alone`` says that it runs where nobody else limits the threads of linear algebra.
    """

    lens: Lens
    problem: Problem
    values: Sequence[Values]
    threshold: Threshold
    places: Floats
    twins: Ints
    alone: bool = False

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return the sums over draws first to last - 1, and their rows of security and figures."""
        if self.alone:
            with one_thread():
                return self._screened(*address)
        return self._screened(*address)

    def _screened(self, first: int, last: int) -> Arrays:
        m, n = len(self.problem.moves), self.problem.system.size
        tally = VerdictCounts.empty(m, n, per_state=self.problem.per_state, block=True)
        columns, security = np.full((last - first, 7), np.nan), np.full((last - first, n), np.nan)
        # An answer that is lacking is found out below, draw by draw.
        with suppress(DetenteError):
            self.lens.foresee(self.problem.system, self.problem.moves, self.values[first:last])
        for d in range(first, last):
            values = self.values[d]
            try:
                secure = self.lens.security(self.problem.system, values)
            except Undefined:
                continue
            security[d - first] = secure
            tol = self.threshold.draw(self.lens, secure, self.places[d])
            columns[d - first] = _one(self.lens, self.problem, values, tol, self.twins, tally)
        return {**tally.arrays(), "columns": columns, "security": security}

    def fits(self, arrays: Arrays, piece: Piece) -> bool:
        """Say whether arrays can be those of a stretch of the draws."""
        m, n = len(self.problem.moves), self.problem.system.size
        empty = VerdictCounts.empty(m, n, per_state=self.problem.per_state, block=True).arrays()
        wanted = {name: array.shape for name, array in empty.items()}
        wanted |= {"columns": (piece.size, 7), "security": (piece.size, n)}
        return wanted == {name: array.shape for name, array in arrays.items()}


def _one(
    lens: Lens, problem: Problem, values: Values, tol: float, twins: Ints, tally: VerdictCounts
) -> list[float]:
    screen = problem.screen(lens, values, tol)
    says = judge(screen, tol, twins)
    for name in ("defined", "wanted", "witness", "harmful", "strong", "strong_witness", "admitted"):
        getattr(tally, name)[...] += getattr(says, name)
    tally.pays += _paid(screen)
    if screen.sign is not None and tally.lost is not None and tally.won is not None:
        tally.lost += (screen.sign < 0).view(np.int8)
        tally.won += (screen.sign > 0).view(np.int8)
    indices = [says.index, says.index_weighted, says.index_strong, says.share]
    return [*indices, float(says.wanted_count), float(says.witness_count), tol]


@dataclass(frozen=True, eq=False)
class Finding:
    """What an audit found under one lens.

    Attributes
    ----------
    lens : Lens
        The lens.
    values : dict
        Its parameters in the point estimate.
    given : dict
        Those of them that the user has fixed.
    reason : str
        Why it does not apply to this architecture; empty if it does, and then the rest is there.
    security : array (n,)
        Security before any change.
    tolerance : float
        What a delta must exceed to count.
    screen : Screen
        Verdict quantities of every change.
    verdicts : Verdicts
        The verdicts.
    deltas : array (m, n) or None
        What each change gives to each state; None where there are too many to keep.
    draws : Draws or None
        The same over draws of the parameters.
    """

    lens: Lens
    values: dict[str, float]
    given: dict[str, float]
    reason: str = ""
    security: Floats | None = None
    tolerance: float = float("nan")
    screen: Screen | None = None
    verdicts: Verdicts | None = None
    deltas: Floats | None = None
    draws: Draws | None = None
