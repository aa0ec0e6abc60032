"""Background, excitation and memory of incidents, fitted to events that a user brings.

Event files know the day, not the hour, so that the self-exciting process (Hawkes 1971) is fitted
by the days on which a dyad has an incident: on day t it has one with chance 1 - exp(-lambda_t),

    lambda_t = mu + n sum_{s < t} (1 - q) q^(t - s - 1)     over its incident days s,

with mu the background a day, n the branching ratio (incidents that one causes), q =
exp(-1 / memory) and memory in days. This is the likelihood of the day-stepped process; it tends
to that of Hawkes's process as incidents become rare. Every dyad has a background of its own:
else the difference between quiet and busy dyads would pass for excitation.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.promises import Pair, pair
from detente.architecture.system import Floats, Ints
from detente.crisis.calibration.events import Events, codes
from detente.crisis.model.escalation import YEAR
from detente.crisis.model.settings import settle
from detente.crisis.record.ladder import BETWEENNESS, STANDARD
from detente.errors import Undefined, UnknownName, UsageError
from detente.runs import Arrays, Job, Workforce, blocks, content_digest, in_order, pieces_of

if TYPE_CHECKING:
    from collections.abc import Mapping

RESAMPLES = 200
"""Samples drawn from the fit, and fitted again, behind its intervals."""
BLOCK = 20
"""Samples of one piece of work."""
LEAST = 20
"""Incident days that a fit needs."""
FEWEST_DAYS = 60
BUSY = 0.9
"""A dyad with incidents on more than this share of days says nothing of their rhythm."""
MOST = 5.0
"""The largest branching ratio that is looked at: far beyond what is accepted."""
SHORTEST = 0.25
"""The shortest memory that is looked at, in days."""
BRANCHING_LIMIT = (
    "one incident would cause that many more in the long run, so that their number grows without "
    "end and no probability means anything. Mostly it means that the level changed within the "
    "window (a war began, the sources grew), which passes for excitation. Fit a shorter window "
    "(--from, --to), a higher rung (--rung 4) or fewer dyads."
)


@dataclass(frozen=True)
class Excitation:
    """A fit of the self-exciting process to incident days.

    Attributes
    ----------
    dyads : tuple of pairs
        Those that were fitted, with one branching ratio and one memory for all.
    background : array (dyads,)
        Incidents a year that nothing on record caused.
    mean : (float, float, float)
        Mean background over the dyads: estimate, and the ends of its interval of 90 %.
    branching, memory : (float, float, float)
        The same for incidents that one causes, and for the mean days between the two.
    rung : int
        An event counts from this rung on.
    first, last : datetime.date
        Window.
    incident_days : int
        Incident days of all dyads.
    gain : float
        Log-likelihood less that of a process without excitation.
    notes : tuple of str
        What a reader of the fit has to know.
    """

    dyads: tuple[Pair, ...]
    background: Floats
    mean: tuple[float, float, float]
    branching: tuple[float, float, float]
    memory: tuple[float, float, float]
    rung: int
    first: dt.date
    last: dt.date
    incident_days: int
    gain: float
    notes: tuple[str, ...]

    def parameters(self, *, stood: int = 1, base: Mapping[str, float] | None = None) -> dict[
        str, float
    ]:  # fmt: skip
        """Return parameters of the model that have this background, excitation and memory.

        Parameters
        ----------
        stood : int
            The rung on which the dyads stood in the window; the background of the model is that
            on the lowest rung, and ``heat`` times that on a higher one.
        base : mapping, optional
            Values of the other parameters.
        """
        if not 0 <= stood < len(STANDARD):
            raise UsageError(f"a rung lies between 0 and {len(STANDARD) - 1}, not {stood}")
        heat = settle(base)[f"heat.{stood}"] if stood else 1.0
        return {
            "rate.rivalry": self.mean[0] / heat,
            "excitation.own": self.branching[0],
            "excitation.memory": self.memory[0],
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "dyads": {
                "-".join(d): float(x) for d, x in zip(self.dyads, self.background, strict=True)
            },
            "background_a_year": list(self.mean),
            "branching_ratio": list(self.branching),
            "memory_days": list(self.memory),
            "rung": self.rung,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "incident_days": self.incident_days,
            "log_likelihood_gain": self.gain,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        names = ", ".join("-".join(d) for d in self.dyads[:6])
        more = f" and {len(self.dyads) - 6} more" if len(self.dyads) > 6 else ""
        lines = [
            f"{self.incident_days:,} incident days (rung {self.rung}, "
            f"{STANDARD.rungs[self.rung]}, and above) of {len(self.dyads)} dyads from "
            f"{self.first} to {self.last}: {names}{more}",
            f"  background   {_interval(self.mean)} incidents a year a dyad",
            f"  excitation   {_interval(self.branching)} incidents that one causes",
            f"  memory       {_interval(self.memory)} days between the two",
            "In brackets intervals of 90 %, from samples drawn from the fit and fitted again. "
            f"Log-likelihood {self.gain:+.1f} against no excitation.",
            *self.notes,
        ]
        return "\n".join(lines)


def _interval(value: tuple[float, float, float]) -> str:
    return f"{value[0]:.3g} ({value[1]:.3g} to {value[2]:.3g})"


def fit_events(
    events: Events,
    *,
    dyads: Sequence[Pair] | None = None,
    rung: int = BETWEENNESS[0],
    first: dt.date | None = None,
    last: dt.date | None = None,
    seed: int = 1,
    resamples: int = RESAMPLES,
    work: Workforce | None = None,
) -> Excitation:
    """Fit background, branching ratio and memory to the incident days of dyads, together.

    Parameters
    ----------
    events : Events
        As `read_events` returns them.
    dyads : sequence of pairs, optional
        Which ones, either way round, also such without an incident; by default all that have
        one, a choice that makes the background look higher than it is.
    rung : int
        An event counts from this rung on, 1 to 4.
    first, last : datetime.date, optional
        Window; by default from the first to the last day with an event of any kind. Incidents
        before it condition its chances.
    seed : int
        Of the resamples.
    resamples : int
        How many.
    work : Workforce, optional
        Who fits them; no number depends on it.

    Raises
    ------
    UsageError
        If there is too little to fit, or the window ends before it begins.
    UnknownName
        If a side is neither a state on record nor in the events.
    Undefined
        If the branching ratio is one or more.
    """
    if not 1 <= rung <= max(BETWEENNESS):
        raise UsageError(
            f"events count from a rung between 1 and {max(BETWEENNESS)}, not {rung}: one event "
            "is never a war"
        )
    days_by_pair = events.days(rung)
    chosen = sorted(days_by_pair) if dyads is None else sorted({pair(*dyad) for dyad in dyads})
    _known(events, () if dyads is None else chosen)
    every = events.table["day"]
    if not len(every):
        raise UsageError("the files have no dyadic event")
    start, end = first or min(every), last or max(every)
    if end < start:
        raise UsageError(f"the window ends on {end}, before it begins on {start}")
    horizon = (end - start).days + 1
    if horizon < FEWEST_DAYS:
        raise UsageError(
            f"{horizon} days from {start} to {end} are too few for a fit: at least "
            f"{FEWEST_DAYS} are needed"
        )
    lists, kept, busy = [], [], []
    before: list[list[int]] = []
    for dyad in chosen:
        days = [(day - start).days for day in days_by_pair.get(dyad, []) if start <= day <= end]
        if len(days) > BUSY * horizon:
            busy.append("-".join(dyad))
        elif days or dyads is not None:
            lists.append(days)
            before.append([(day - start).days for day in days_by_pair.get(dyad, []) if day < start])
            kept.append(dyad)
    notes = _notes(events, every.filter((every >= start) & (every <= end)).n_unique(), horizon)
    if busy:
        notes.append(
            f"Left out, with incidents on more than {BUSY:.0%} of days: {', '.join(busy)}."
        )
    if dyads is None:
        notes.append(
            "Only dyads with an incident were fitted: over all dyads the background is lower. "
            "Name the dyads, or a scenario whose rivalries are meant."
        )
    count = sum(map(len, lists))
    if count < LEAST:
        raise UsageError(
            f"{count} incident days on rung {rung} or above are too few for a fit: at least "
            f"{LEAST} are needed. A lower rung, more dyads or a longer window has more."
        )
    earlier = sum(map(len, before))
    if earlier:
        notes.append(
            f"{earlier:,} incident days before the window raise the chances in it, as far as the "
            "memory reaches; they are not counted in it."
        )
    sample = Sample.of(lists, horizon, before)
    (n, memory), top = sample.likeliest()
    if n >= 1:
        raise Undefined(f"the fitted branching ratio is {n:.3g}: {BRANCHING_LIMIT}")
    sample.likelihood(n, memory)
    background = sample.background.copy()
    spread = _resample(Redraw(sample, background, n, memory, seed), resamples, work)
    estimate = (float(background.mean()) * YEAR, n, memory)
    low, high = intervals(estimate, spread, horizon)
    if high[1] >= 1:
        notes.append("The interval of the branching ratio reaches one, where the model ends.")
    if n < 0.01:
        notes.append("Without excitation the memory has no meaning.")
    elif not 1.01 * SHORTEST < memory < 0.24 * horizon:
        notes.append("The memory lies at the end of what a window of this length can tell.")
    three = [(estimate[k], float(low[k]), float(high[k])) for k in range(3)]
    return Excitation(
        dyads=tuple(kept), background=background * YEAR, mean=three[0], branching=three[1],
        memory=three[2], rung=rung, first=start, last=end, incident_days=count,
        gain=top - sample.likelihood(0.0, 1.0), notes=tuple(notes),
    )  # fmt: skip


def _known(events: Events, dyads: Sequence[Pair]) -> None:
    """Refuse a side that is no state on record and has no event: its days are not known as zero."""
    known_codes = events.sides() | set(codes().values())
    for side in dict.fromkeys(side for dyad in dyads for side in dyad):
        if side not in known_codes:
            hint = (
                f"Nobody of the code {side} is in the event files, and no state has it: there is "
                "no event at all to count."
            )
            raise UnknownName("side of a dyad", side, known_codes, hint)


def _notes(events: Events, seen: int, horizon: int) -> list[str]:
    notes = list(events.warnings)
    if seen < 0.5 * horizon and events.kinds != ("ucdp_events",):
        notes.append(
            f"Only {seen:,} of the {horizon:,} days have any event at all: are files missing? "
            "Days without a file count as days without an incident."
        )
    return notes


@dataclass(frozen=True, eq=False)
class Sample:
    """Incident days in the form of the kernel.

    Attributes
    ----------
    days, ptr : int arrays
        Incident days, dyad by dyad, those before the window negative, and where those of each
        begin.
    horizon : int
        Days observed.
    background : array (dyads,)
        Filled by `likelihood`.
    """

    days: Ints
    ptr: Ints
    horizon: int
    background: Floats

    @classmethod
    def of(
        cls,
        window: Sequence[Sequence[int]],
        horizon: int,
        before: Sequence[Sequence[int]] | None = None,
    ) -> Sample:
        """Make a sample from the incident days of each dyad, and those before the window."""
        lists = window
        if before is not None:
            lists = [[*old, *new] for old, new in zip(before, window, strict=True)]
        ptr = np.concatenate([[0], np.cumsum([len(days) for days in lists])]).astype(np.int64)
        days = np.array([day for day_list in lists for day in day_list], dtype=np.int64)
        return cls(days, ptr, horizon, np.zeros(len(lists)))

    def before(self) -> list[list[int]]:
        """Return the incident days of each dyad before the window."""
        return [
            [day for day in self.days[a:b].tolist() if day < 0]
            for a, b in zip(self.ptr[:-1], self.ptr[1:], strict=True)
        ]

    def likelihood(self, n: float, memory: float) -> float:
        """Return the log-likelihood at the backgrounds that are likeliest, which it leaves."""
        from detente.crisis.calibration.excitation_kernel import fit_backgrounds

        return float(
            fit_backgrounds(
                self.days, self.ptr, self.horizon, n, math.exp(-1.0 / memory),
                np.empty(len(self.days)), self.background,
            )
        )  # fmt: skip

    def likeliest(
        self, near: tuple[float, float] | None = None
    ) -> tuple[tuple[float, float], float]:
        """Return (branching ratio, memory) that are likeliest, and the log-likelihood."""
        from scipy.optimize import minimize

        bounds = ((0.0, MOST), (math.log(SHORTEST), math.log(self.horizon / 4)))

        def minus(x: Floats) -> float:
            n, memory = (
                min(max(float(value), low), high)
                for value, (low, high) in zip(x, bounds, strict=True)
            )
            return -self.likelihood(n, math.exp(memory))

        begins = (
            [(near[0], math.log(near[1]))]
            if near
            else [(0.3, math.log(m)) for m in (2.0, 12.0, 60.0) if m < self.horizon / 4]
        )
        best = min(
            (_nelder_mead(minimize, minus, begin, bounds) for begin in begins),
            key=lambda found: float(found.fun),
        )
        n, memory = float(best.x[0]), math.exp(float(best.x[1]))
        return (n, memory), -float(best.fun)


def _nelder_mead(
    minimize: Callable[..., Any], minus: Callable[[Floats], float], begin: tuple[float, float],
    bounds: Sequence[tuple[float, float]],
) -> Any:  # fmt: skip
    """Search from a triangle that is wide enough to leave a flat place."""
    x = np.array(begin)
    step = [0.15, 0.7 if begin[1] + 0.7 < bounds[1][1] else -0.7]
    low, high = np.array(bounds).T
    triangle = np.clip(x + np.array([[0.0, 0.0], [step[0], 0.0], [0.0, step[1]]]), low, high)
    options = {"initial_simplex": triangle, "xatol": 1e-4, "fatol": 1e-6, "maxiter": 4000,
               "maxfev": 8000}  # fmt: skip
    optimum = minimize(minus, x, method="Nelder-Mead", bounds=bounds, options=options)
    if not optimum.success:
        raise Undefined(f"the likelihood of the events has no peak: {optimum.message}")
    return optimum


def intervals(
    estimate: tuple[float, float, float], spread: Floats, horizon: int
) -> tuple[Floats, Floats]:
    """Return the lower and upper ends of intervals of 90 %.

    Basic ones (Davison and Hinkley 1997, section 5.2), of the memory in logarithms: the fits of
    the samples lie below the estimate where the estimate lies below the truth, so that their own
    quantiles would count that bias twice.

    Parameters
    ----------
    estimate : (float, float, float)
        Mean background a year, branching ratio, memory.
    spread : array (resamples, 3)
        The same, fitted to samples drawn from the estimate.
    horizon : int
        Days observed.
    """
    least, most = np.quantile(spread, [0.05, 0.95], axis=0)
    middle = np.array(estimate)
    low, high = 2 * middle - most, 2 * middle - least
    low[2], high[2] = middle[2] ** 2 / most[2], middle[2] ** 2 / least[2]
    # A ratio of zero has only zeros below it, so that the upper end would be zero as well.
    high[1] = max(high[1], most[1])
    floor, ceiling = [0.0, 0.0, SHORTEST], [math.inf, 1.0, horizon / 4]
    low, high = np.minimum(low, middle), np.maximum(high, middle)
    return np.clip(low, floor, ceiling), np.clip(high, floor, ceiling)


def _resample(redraw: Redraw, resamples: int, work: Workforce | None) -> Floats:
    """Return mean background a year, branching ratio and memory fitted to samples of the fit."""
    sample = redraw.sample
    settings = {
        "what": "bootstrap of an excitation",
        "seed": redraw.seed,
        "fit": [redraw.n, redraw.memory, sample.horizon],
        "input": content_digest([sample.days, sample.ptr, redraw.background]),
    }
    job = Job(settings, pieces_of(blocks(resamples, BLOCK)), redraw)
    parts = in_order((work or Workforce()).carry_out(job, "excitation"))
    return np.concatenate([np.empty((0, 3)), *(arrays["fits"] for _, arrays in parts)])


@dataclass(frozen=True, eq=False)
class Redraw:
    """Samples drawn from a fit and fitted again, each numbered.

    What came before the window is the same in all of them.
    """

    sample: Sample
    background: Floats
    n: float
    memory: float
    seed: int

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return the draws from the first of the address to before its last."""
        from detente.crisis.calibration.excitation_kernel import draw_days

        background, n, memory = self.background, self.n, self.memory
        fits = []
        q, horizon = math.exp(-1.0 / memory), self.sample.horizon
        before = self.sample.before()
        start = np.array(
            [sum(((1.0 - q) * q ** (-day - 1) for day in days), 0.0) for days in before]
        )
        for number in range(*address):
            random = np.random.default_rng([self.seed, number])
            drawn = draw_days(
                random.random((horizon, len(background))), background, n, q,
                np.empty(len(background)), start,
            )  # fmt: skip
            window = [np.flatnonzero(column).tolist() for column in drawn.T]
            if sum(map(len, window)) < 3 or max(map(len, window)) >= horizon:
                continue
            again = Sample.of(window, horizon, before)
            near, _ = again.likeliest((max(n, 0.05), memory))
            again.likelihood(*near)
            fits.append((float(again.background.mean()) * YEAR, *near))
        return {"fits": np.array(fits, dtype=np.float64).reshape(-1, 3)}
