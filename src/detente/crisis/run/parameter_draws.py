"""What assumed parameters make of an answer: it is asked again at draws of them from their ranges.

Nearly every parameter of the model is assumed, within a range that its table declares. A figure
at the defaults says nothing of that, and its Monte Carlo error says still less. So a question is
asked again at a number of draws; what it answers between the 5 % and the 95 % quantile of them is
its interval, and the Monte Carlo error is named apart.

A draw is a function of the seed and of the name of a parameter: the first ten of a hundred draws
are the ten, another parameter in the table moves no other, and all draws see the same chance as
the answer itself, so that they differ by their parameters alone.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from detente.architecture.system import Floats
from detente.crisis.model.escalation import Model, build
from detente.crisis.model.settings import WHOLE, parameters, replaced
from detente.lenses.protocol import Parameter
from detente.results.building import Variable
from detente.results.uncertainty import INTERVAL
from detente.runs import Arrays, Job, carry_out, pieces_of
from detente.runs import in_order as pieces_in_order

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

DRAWS = 32
"""Draws of the parameters unless another number is asked for: a few seconds."""
FEWEST, MOST = 250, 10_000
"""Replicas of a draw, at least and at most."""
SWEEP = 1_000_000
"""Replicas of a draw times dyads, at most: a large crisis has fewer, so that draws stay quick."""
Progress = Callable[[str, int, int], None]


def replicas_of_a_draw(replicas: int, dyads: int) -> int:
    """Return how many replicas a draw has for an answer of so many: a tenth, within bounds."""
    return max(FEWEST, min(MOST, SWEEP // max(dyads, 1), replicas // 10))


def held_by(given: Mapping[str, float] | None) -> dict[str, float]:
    """Return what the user set, under the names of this version: no draw moves it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the model itself says so, once
        return replaced(given or {})


def drawn_parameters(held: Mapping[str, float] | None = None) -> tuple[Parameter, ...]:
    """Return the parameters that are drawn: those with a range that the user does not hold.

    What holds by definition is not drawn. A range whose default lies nearer its geometric than
    its arithmetic middle is one of factors and is drawn on the scale of logarithms.
    """
    chosen = []
    for p in parameters():
        if not p.uncertain or p.source.startswith("by definition") or p.name in (held or {}):
            continue
        factors = p.low > 0 and abs(p.default - np.sqrt(p.low * p.high)) < abs(
            p.default - (p.low + p.high) / 2
        )
        if p.name in WHOLE:
            chosen.append(replace(p, scale="whole"))
        else:
            chosen.append(replace(p, scale="log") if factors and p.scale == "linear" else p)
    return tuple(chosen)


def draw_parameters(
    seed: int, draws: int, held: Mapping[str, float] | None = None
) -> tuple[tuple[str, ...], Floats]:
    """Return the names of the drawn parameters and their values, array (draws, names)."""
    chosen = drawn_parameters(held)
    values = np.empty((draws, len(chosen)))
    for k, p in enumerate(chosen):
        word = int.from_bytes(hashlib.sha256(f"crisis:{p.name}".encode()).digest()[:8], "little")
        bits = np.random.Philox(np.random.SeedSequence([seed, word]))
        values[:, k] = p.quantile(np.random.Generator(bits).random(draws))
    return tuple(p.name for p in chosen), values


@dataclass(frozen=True)
class Drawable:
    """A crisis that is asked about under other parameters; what a worker needs for it.

    Attributes
    ----------
    g : Architecture
        The scenario.
    dyads, states : tuple of str
        Those of the answer: what a draw says stands in their order.
    start : mapping of str to int
        Rungs at the start that the user set.
    held : mapping of str to float
        Parameters that the user set: no draw moves them.
    days : float
        Horizon.
    replicas, seed : int
        Of a draw.
    """

    g: Architecture
    dyads: tuple[str, ...]
    states: tuple[str, ...]
    days: float
    replicas: int
    seed: int
    start: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, float] = field(default_factory=dict)

    def values(self, drawn: Mapping[str, float]) -> dict[str, float]:
        """Return the values that differ from the defaults: those held and those drawn."""
        return {**drawn, **self.held}

    def model(self, drawn: Mapping[str, float]) -> Model | None:
        """Return the model at drawn parameters; None where it explodes."""
        model = build(self.g, self.values(drawn), start=self.start)
        return None if model.branching >= 1 else model


def in_order(wanted: Sequence[str], names: Sequence[str], values: Floats) -> Floats:
    """Return values of some names in the order of others; 0 for those that are not there."""
    at = {name: k for k, name in enumerate(names)}
    places = np.array([at.get(name, -1) for name in wanted], dtype=np.int64)
    ordered: Floats = np.where(places >= 0, values[places], 0.0)
    return ordered


class Asked(Protocol):
    """A question at one draw: arrays of the same names and shapes for every draw."""

    @property
    def of(self) -> Drawable:
        """Of which crisis."""

    def __call__(self, address: Mapping[str, Any]) -> Arrays:
        """Answer at the parameters ``address["parameters"]``."""


@dataclass(frozen=True)
class OverDraws:
    """What a question says over the draws, as parts of a result; empty without draws.

    Attributes
    ----------
    variables, coordinates : dict
        As `detente.results.building.build` takes them.
    settings : dict
        How many draws, how many replicas each, and which parameters the user held.
    """

    variables: dict[str, Variable] = field(default_factory=dict)
    coordinates: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


def over_draws(
    asked: Asked,
    draws: int,
    settings: Mapping[str, Any],
    quantities: Mapping[str, tuple[tuple[str, ...], str, str]],
    *,
    threads: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> OverDraws:
    """Ask a question at every draw; the same bits for any number of threads and workers.

    Parameters
    ----------
    asked : callable
        The question.
    draws : int
        How many; 0: nothing is asked.
    settings : mapping
        What makes it this question, for the record in a folder.
    quantities : mapping
        Name to (dimensions, unit, meaning) of each array of its answers; the first one says at
        which draws there is an answer at all.
    threads, folder, cluster, progress
        As in `detente.runs.carry_out`.
    """
    if not draws:
        return OverDraws()
    of = asked.of
    names, values = draw_parameters(of.seed, draws, of.held)
    addresses = [
        {"draw": k, "parameters": dict(zip(names, row, strict=True))}
        for k, row in enumerate(values.tolist())
    ]

    def step(done: int, total: int) -> None:
        if progress is not None:
            progress("draws of the parameters", done, total)

    told = {"draws": draws, "draw_replicas": of.replicas, "held": sorted(of.held)}
    job = Job(
        {"question": "draws", **settings, **told, "start": dict(of.start)},
        pieces_of(addresses),
        asked,
    )
    workers = min(threads or os.cpu_count() or 1, draws)
    answers: list[Arrays] = [
        arrays
        for _, arrays in pieces_in_order(
            carry_out(job, folder, threads=workers, cluster=cluster, progress=step)
        )
    ]
    meaning = "value of the drawn parameter, in its own unit"
    variables: dict[str, Variable] = {"drawn": (("draw", "drawn_parameter"), values, "", meaning)}
    for name, (dims, unit, words) in quantities.items():
        over = np.stack([np.asarray(arrays[name], dtype=float) for arrays in answers])
        variables |= interval_of(name, over, dims, unit, words)
    first = variables[f"{next(iter(quantities))}_draws"][1]
    undefined = int(np.isnan(first.reshape(draws, -1)).all(axis=1).sum())
    coordinates = {
        "draw": np.arange(draws, dtype=np.int32),
        "drawn_parameter": list(names) or np.empty(0, "U1"),
    }
    return OverDraws(variables, coordinates, {**told, "draws_undefined": undefined})


def quantiles(over: Floats) -> tuple[Any, Any]:
    """Return the ends of the interval over the first dimension, NaN where no draw has an answer."""
    defined = ~np.isnan(over).all(axis=0)
    ends = np.full((2, *over.shape[1:]), np.nan)
    if over.ndim == 1:
        if defined:
            ends[:] = np.nanquantile(over, INTERVAL)
    elif defined.any():
        ends[:, defined] = np.nanquantile(over[:, defined], INTERVAL, axis=0)
    return ends[0], ends[1]


def interval_of(
    name: str, over: Floats, dims: Sequence[str], unit: str, meaning: str
) -> dict[str, Variable]:
    """Return the variables that say what a quantity is over the draws.

    Parameters
    ----------
    name : str
        Of the quantity at the defaults.
    over : array (draws, ...)
        At the draws; NaN where the question has no answer there.
    dims : sequence of str
        The other dimensions.
    unit, meaning : str
        Of the quantity.
    """
    low, high = quantiles(over)
    of = f"{meaning}, over draws of the assumed parameters"
    return {
        f"{name}_draws": (("draw", *dims), over, unit, f"{meaning}, at each draw"),
        f"{name}_drawn_low": (tuple(dims), low, unit, f"5 % quantile of {of}"),
        f"{name}_drawn_high": (tuple(dims), high, unit, f"95 % quantile of {of}"),
    }
