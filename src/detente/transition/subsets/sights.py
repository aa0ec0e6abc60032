"""One architecture under one lens: security, what counts as a loss, and draws of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.changes import Change
from detente.architecture.system import Floats, Moves, System
from detente.architecture.value import Architecture
from detente.arguments import numbers, whole
from detente.auditing.run import choose, split_parameters
from detente.auditing.screening import tolerance_places, uniform
from detente.errors import MissingData, Undefined
from detente.lenses.protocol import Lens, unseen
from detente.runs import Arrays, Workforce, input_digest
from detente.transition.subsets.drawn_deltas import (
    BLOCK,
    THRESHOLD,
    DrawnBetween,
    DrawnDeltas,
    deltas_of,
)

MOST_DRAWS = 100_000
INTERVAL = (0.05, 0.95)
"""Quantiles over draws that results give as an interval."""


@dataclass(frozen=True, eq=False)
class LensView:
    """What one lens sees of a system, at the point estimate and in every draw.

    Attributes
    ----------
    lens : Lens
        The lens.
    system : System
        What it looks at.
    values : dict
        Its parameters in the point estimate.
    security : array (n,)
        Security before any change.
    tolerance : float
        What a gain or a loss must exceed to count, in the lens's unit.
    drawn : list of dict
        Its parameters in every draw; empty where none is uncertain or no draws were asked for.
    reason : str
        Why it has no answer here; empty if it has one.
    places : array
        Where in its range the tolerance of each draw lies, for a lens that declares one.
    work : Workforce
        Who evaluates the draws; no number depends on it.
    """

    lens: Lens
    system: System
    values: dict[str, float]
    security: Floats
    tolerance: float
    drawn: list[dict[str, float]] = field(default_factory=list)
    reason: str = ""
    places: Floats = field(default_factory=lambda: np.zeros(0))
    work: Workforce = field(default_factory=Workforce)

    def describe(self) -> dict[str, Any]:
        """Return the lens's metadata with its parameters in the point estimate, as plain data."""
        return {**self.lens.describe(), "values": dict(self.values)}

    def deltas(self, moves: Moves, values: Mapping[str, float] | None = None) -> Floats:
        """Return what each change gives to each state, array (m, n); NaN where undefined."""
        chosen = self.values if values is None else values
        return deltas_of(self.lens, self.system, moves, chosen)

    def start_of(self, draw: int) -> tuple[Floats, float] | None:
        """Return security at the start and the tolerance in one draw; None without an answer."""
        try:
            before = self.lens.security(self.system, self.drawn[draw])
        except (Undefined, MissingData):
            return None
        return before, THRESHOLD.draw(self.lens, before, float(self.places[draw]))

    def over_draws(self, moves: Moves) -> tuple[Floats, Floats]:
        """Return deltas in every draw, array (d, m, n), and the tolerance of each draw, (d,).

        A draw in which the lens has no answer has NaN.
        """
        deltas = np.full((len(self.drawn), len(moves), self.system.size), np.nan)
        levels = np.full(len(self.drawn), np.nan)
        compute = DrawnDeltas(self.lens, self.system, moves, self.drawn, self.places)
        for rows, arrays in self.drawing(compute, "deltas", moves, self.places):
            deltas[rows], levels[rows] = arrays["deltas"], arrays["levels"]
        return deltas, levels

    def between(self, other: System) -> tuple[Floats, Floats]:
        """Return what another system gives to each state, (n,), and that in every draw, (d, n)."""
        compute = DrawnBetween(self.lens, self.system, other, self.drawn)
        drawn = np.full((len(self.drawn), self.system.size), np.nan)
        for rows, arrays in self.drawing(compute, "between", other):
            drawn[rows] = arrays["between"]
        return compute.under(self.values), drawn

    def drawing(
        self, compute: Callable[[Sequence[int]], Arrays], name: str, *given: Any, block: int = BLOCK
    ) -> Iterator[tuple[slice, Arrays]]:
        """Compute blocks of the draws, each wherever there is room, and yield them in order.

        Parameters
        ----------
        compute : callable
            From the address of a block, its first draw and the one behind its last, to arrays;
            an instance of a class of a module, so that it can be sent to another process.
        name : str
            What is computed.
        given
            From what, beside the system and the parameters in every draw.
        block : int
            Draws of a block.
        """
        settings = {
            "what": name,
            "lens": self.lens.name,
            "input": input_digest(self.lens.describe(), self.system, self.drawn, *given),
        }
        return self.work.over_draws(
            compute, len(self.drawn), block, name=f"{name}-{self.lens.name}", settings=settings
        )


def sights(
    g: Architecture,
    lens: str | Lens | Sequence[str | Lens],
    *,
    draws: int,
    seed: int,
    parameters: Mapping[str, float] | None = None,
    work: Workforce | None = None,
) -> list[LensView]:
    """Return what each lens that was asked for sees; those without an answer say why.

    Draws are evaluated by `work`, here and on one thread if it is left out.

    Raises
    ------
    Undefined
        If no lens has an answer.
    UsageError
        If the draws, the seed or a parameter make no sense.
    """
    draws = whole("the number of draws", draws, 0, MOST_DRAWS)
    seed = whole("a seed", seed, 0)
    chosen = choose(lens)
    fixed = split_parameters(numbers("parameters", parameters), chosen)
    views = [
        sight(g.system, one, draws=draws, seed=seed, fixed=fixed[one.name], work=work)
        for one in chosen
    ]
    if all(view.reason for view in views):
        raise Undefined("; ".join(f"{view.lens.name}: {view.reason}" for view in views))
    return views


def sight(
    system: System,
    lens: Lens,
    *,
    draws: int = 0,
    seed: int = 0,
    fixed: Mapping[str, float] | None = None,
    work: Workforce | None = None,
) -> LensView:
    """Return what one lens sees of a system."""
    values = lens.values(fixed)
    try:
        security = lens.security(system, values)
    except (Undefined, MissingData) as error:
        nothing = np.full(system.size, np.nan)
        return LensView(lens, system, values, nothing, float("nan"), [], str(error))
    drawn = lens.draws(uniform(seed, lens, draws), fixed) if draws else []
    if not any(values != drawn[0] for values in drawn):
        drawn = []  # nothing is drawn: the point estimate stands for all
    places = tolerance_places(seed, lens, draws)
    level = level_of(lens, security)
    return LensView(lens, system, values, security, level, drawn, "", places, work or Workforce())


def level_of(lens: Lens, security: Floats) -> float:
    """Return what a gain or a loss must exceed: the lens's own, or a share of the spread."""
    return THRESHOLD.point(lens, security)


def unseen_edits(lens: Lens, g: Architecture, change: Change) -> list[str]:
    """Return the edits of a change that a lens does not see, as sentences."""
    return list(unseen(lens, g, change))


def share_of(flags: NDArray[np.bool_], known: NDArray[np.bool_]) -> Floats:
    """Return the share of draws (first axis) in which something holds, among those known."""
    count = known.sum(axis=0)
    held = (flags & known).sum(axis=0)
    shares: Floats = np.divide(held, count, out=np.full(held.shape, np.nan), where=count > 0)
    return shares
