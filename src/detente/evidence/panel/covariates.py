"""What was known about each pair of states in the year before: the covariates of onset.

Everything a year is predicted from comes from earlier years. Two things are taken from the
year itself, because they are the frame and not a reaction to it: which states are members, and
where their capitals lie. A pair that was not in the system in the year before takes contiguity
and major power status from its first year. No row is dropped: ``registry/covariates.csv`` says
for each covariate what stands in where a value is not known.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.evidence.datasets.dispute_files import ORIGINATORS
from detente.evidence.panel.arrays import Arrays
from detente.evidence.panel.rows import relevant, rows

GROUPS = (
    "contiguity",
    "majors",
    "distance",
    "capabilities",
    "alliances",
    "regime",
    "rivalry",
    "disputes",
    "peace_years",
)
OPTIONAL = "minimum_distance"
HALF_LIVES = (1, 3, 10, 30)
ORIGINATORS_HALF_LIFE = 5
RATE_HALF_LIFE = 2
SMALL_SHARE = 1e-6
DEFENSE_OR_OFFENSE, OTHER_OBLIGATIONS = 0b00011, 0b11100
Matrix = NDArray[np.float32]
Columns = dict[str, NDArray[np.floating] | NDArray[np.integer] | NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Covariate:
    """A covariate of onset: see ``registry/covariates.csv``; `plain` marks the standard set."""

    name: str
    group: str
    plain: bool
    meaning: str


@cache
def described() -> tuple[Covariate, ...]:
    """Return what every covariate means, in the order of the design's columns."""
    text = files("detente.evidence.datasets.registry").joinpath("covariates.csv").read_text("utf-8")
    return tuple(
        Covariate(row["name"], row["group"], row["plain"] == "1", row["meaning"])
        for row in csv.DictReader(text.splitlines())
    )


@dataclass(frozen=True, eq=False)
class Design:
    """Pairs of states by year with what was known before, and what came.

    Attributes
    ----------
    names : tuple of str
        Covariates, the columns of `values`.
    values : float32 array (rows, covariates)
        No value is missing.
    onset : float array (rows,)
        1 if a dispute began in the year, else 0.
    year, ccode1, ccode2 : int arrays (rows,)
        The pair, with ccode1 < ccode2.
    relevant : bool array (rows,)
        Politically relevant in the year: contiguous, or one is a major power.
    """

    names: tuple[str, ...]
    values: Matrix
    onset: Floats
    year: Ints
    ccode1: Ints
    ccode2: Ints
    relevant: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.onset)

    def where(self, keep: NDArray[np.bool_]) -> Design:
        """Return the rows where `keep` is true."""
        return Design(
            self.names,
            self.values[keep],
            self.onset[keep],
            self.year[keep],
            self.ccode1[keep],
            self.ccode2[keep],
            self.relevant[keep],
        )

    def columns(self, names: tuple[str, ...]) -> Matrix:
        """Return some of the covariates, array (rows, names)."""
        return self.values[:, [self.names.index(name) for name in names]]

    @property
    def dyad(self) -> Ints:
        """One number a pair."""
        return self.ccode1 * 1000 + self.ccode2


def design(made: Arrays, first: int, last: int, *, relevant_only: bool = False) -> Design:
    """Build the covariates of all pairs from `first` to `last`.

    Parameters
    ----------
    made : Arrays
        Dense arrays from 1816 on, with the groups in `GROUPS`, and `OPTIONAL` if it is there.
    first, last : int
        Calendar years, both included; `first` is 1817 or later.
    relevant_only : bool
        Only politically relevant pairs.

    Returns
    -------
    Design
        All pairs but those with a dispute under way from before and no new onset.
    """
    states = len(made.codes)
    listed = rows(made, directed=False)
    near = relevant(made, listed)
    disputes = made.dyads["disputes"].reshape(-1)[listed.flat]
    in_years = np.zeros(len(near), bool)
    in_years[listed.start[first - made.first] : listed.start[last - made.first + 1]] = True
    keep = in_years & ((disputes & 3) != 2)
    if relevant_only:
        keep &= near
    listed, near, onset = listed.take(keep), near[keep], (disputes[keep] & 1).astype(float)
    names = tuple(item.name for item in described())
    values = np.empty((len(onset), len(names)), np.float32)
    memory = _Memory(made)
    for t in range(1, last - made.first + 1):
        memory.learn(t - 1)
        span = slice(listed.start[t], listed.start[t + 1])
        if span.stop > span.start:
            i, j = np.divmod(listed.flat[span] - t * states * states, states)
            of_pair = memory.pairs(t, i, j)
            for k, name in enumerate(names):
                values[span, k] = of_pair[name]
    year, pair = np.divmod(listed.flat, states * states)
    first_state, two = np.divmod(pair, states)
    return Design(
        names=names,
        values=values,
        onset=onset,
        year=year + made.first,
        ccode1=made.codes[first_state],
        ccode2=made.codes[two],
        relevant=near,
    )


class _Memory:
    """What is known after a year, updated year by year; nothing here sees a later year."""

    def __init__(self, made: Arrays) -> None:
        states = len(made.codes)
        self.made = made
        self.year = -1
        self.onsets: dict[int, Matrix] = {
            h: np.zeros((states, states), np.float32) for h in HALF_LIVES
        }
        self.force = np.zeros((states, states), np.float32)
        self.originators = np.zeros((states, states), np.float32)
        self.gap = np.full((states, states), np.nan, np.float32)
        self.cinc, self.democracy, self.army = (np.full(states, np.nan) for _ in range(3))
        self.entry = np.where(made.member.any(axis=0), made.member.argmax(axis=0), len(made.member))
        self.seen = self.exposed = 0.0

    def learn(self, p: int) -> None:
        """Take in year `p`, a position in the arrays."""
        world, self.year = self.made, p
        cell = world.dyads["disputes"][p]
        onset = (cell & 1).astype(np.float32)
        for half, total in self.onsets.items():
            total *= 0.5 ** (1 / half)
            total += onset
        self.force *= 0.5 ** (1 / 10)
        self.force += (cell >> 3 & 1).astype(np.float32)
        self.originators *= 0.5 ** (1 / ORIGINATORS_HALF_LIFE)
        self.originators += ((cell & ORIGINATORS) > 0).astype(np.float32)
        member, major = world.member[p] > 0, world.states["major"][p] > 0
        pairs = np.triu(np.outer(member, member), 1)
        pairs &= (world.dyads["contiguity"][p] > 0) | major[:, None] | major[None, :]
        keep = 0.5 ** (1 / RATE_HALF_LIFE)
        self.seen = keep * self.seen + float(onset[pairs].sum())
        self.exposed = keep * self.exposed + float(pairs.sum())
        soldiers = world.states["milper"][p] / np.maximum(world.states["tpop"][p], 1.0)
        for last, now in (
            (self.cinc, world.states["cinc"][p]),
            (self.democracy, world.states["euds"][p]),
            (self.army, np.log1p(1000 * soldiers)),
        ):
            np.copyto(last, now, where=~np.isnan(now))
        if OPTIONAL in world.dyads:
            gap = world.dyads[OPTIONAL][p]
            np.copyto(self.gap, gap, where=~np.isnan(gap))

    def pairs(self, t: int, i: Ints, j: Ints) -> Columns:
        """Return the covariates of the pairs (i, j) for year `t`, the one after the last learnt."""
        columns: Columns = {}
        columns |= self._geography(t, i, j)
        columns |= self._power(t, i, j)
        columns |= self._ties(i, j)
        columns |= self._history(t, i, j)
        columns |= self._system(t, i, j)
        return columns

    def _geography(self, t: int, i: Ints, j: Ints) -> Columns:
        world, p = self.made, self.year
        new = (world.member[p][i] & world.member[p][j]) == 0
        kind = np.where(new, world.dyads["contiguity"][t][i, j], world.dyads["contiguity"][p][i, j])
        capitals = world.distance(world.first + t)[i, j]
        # A state without a capital in the list lies at the mean distance of the others.
        capitals = _filled(capitals)
        gap = self.gap[i, j]
        rough = np.where(kind == 1, 0, np.where(kind > 0, 100, np.maximum(capitals - 400, 100)))
        return {
            "land_border": kind == 1,
            "water_near": (kind > 1) & (kind < 5),
            "water_far": kind == 5,
            "ln_capitals": np.log(np.maximum(capitals, 50) / 1000),
            "ln_gap": np.log1p(np.where(np.isnan(gap), rough, gap) / 100),
        }

    def _power(self, t: int, i: Ints, j: Ints) -> Columns:
        world, p = self.made, self.year
        now = world.states["cinc"][t]  # only for states that enter in this very year
        share = np.where(np.isnan(self.cinc), now, self.cinc)
        power = np.log(np.maximum(np.where(np.isnan(share), SMALL_SHARE, share), SMALL_SHARE))
        low, high = np.minimum(power[i], power[j]), np.maximum(power[i], power[j])
        major = world.states["major"]
        new = (world.member[p][i] & world.member[p][j]) == 0
        majors = np.where(new, major[t][i] + major[t][j], major[p][i] + major[p][j])
        army, score = _filled(self.army), _filled(self.democracy)
        return {
            "cinc_ratio": np.exp(low - high),
            "ln_cinc_low": low,
            "ln_cinc_high": high,
            "one_major": majors == 1,
            "two_majors": majors == 2,
            "army_low": np.minimum(army[i], army[j]),
            "army_high": np.maximum(army[i], army[j]),
            "democracy_low": np.minimum(score[i], score[j]),
            "democracy_high": np.maximum(score[i], score[j]),
        }

    def _ties(self, i: Ints, j: Ints) -> Columns:
        bits = self.made.dyads["alliances"][self.year]
        bits = bits | bits.T
        pact = ((bits & DEFENSE_OR_OFFENSE) > 0).astype(np.float32)
        rival = (self.made.dyads["rivalry"][self.year] & 1).astype(np.float32)
        mixed = pact @ rival
        rivals = rival.sum(axis=1)
        return {
            "pact": pact[i, j],
            "entente": ((bits & OTHER_OBLIGATIONS) > 0)[i, j],
            "common_allies": np.log1p((pact @ pact)[i, j]),
            "rivalry": rival[i, j],
            "ally_of_rival": np.log1p(mixed[i, j] + mixed[j, i]),
            "common_rivals": np.log1p((rival @ rival)[i, j]),
            **_low_and_high("rivals", np.log1p(rivals[i]), np.log1p(rivals[j])),
        } | self._foes(i, j, pact)

    def _foes(self, i: Ints, j: Ints, pact: Matrix) -> Columns:
        near = self.made.dyads["contiguity"][self.year]
        border = ((near > 0) & (near < 5)).astype(np.float32)
        recent = self.onsets[3]
        allied, beside = pact @ recent, border @ recent
        fighting = pact @ self._ongoing()
        neighbors = np.log1p(border.sum(axis=1))
        return {
            "ally_of_foe": np.log1p(allied[i, j] + allied[j, i]),
            "ally_in_dispute": np.log1p(fighting[i, j] + fighting[j, i]),
            "common_foes": np.log1p((recent @ recent)[i, j]),
            "neighbor_of_foe": np.log1p(beside[i, j] + beside[j, i]),
            "neighbors_low": np.minimum(neighbors[i], neighbors[j]),
        }

    def _history(self, t: int, i: Ints, j: Ints) -> Columns:
        peace = self.made.dyads["peace_years"][t][i, j].astype(float)
        ongoing = self._ongoing()
        columns: Columns = {
            "force_10": np.log1p(self.force[i, j]),
            "originators_5": np.log1p(self.originators[i, j]),
            "ongoing": ongoing[i, j],
            "peace": np.minimum(peace, 60),
            "ln_peace": np.log1p(peace),
        }
        for half, total in self.onsets.items():
            columns[f"onsets_{half}"] = np.log1p(total[i, j])
            columns |= _others(f"active_{half}", total, i, j)
        return columns | _others("busy", ongoing, i, j)

    def _ongoing(self) -> Matrix:
        under_way: Matrix = (self.made.dyads["disputes"][self.year] >> 1 & 1).astype(np.float32)
        return under_way

    def _system(self, t: int, i: Ints, j: Ints) -> Columns:
        # One onset in a hundred pair-years is assumed before anything was seen.
        rate = np.log((self.seen + 1) / (self.exposed + 100))
        return {
            "age_low": np.log1p(t - np.maximum(self.entry[i], self.entry[j])),
            "rate_2": np.full(len(i), rate),
        }


def _others(name: str, total: Matrix, i: Ints, j: Ints) -> Columns:
    """Return how active either state is with all states but the other."""
    own_total = total.sum(axis=1)
    both = total[i, j]
    # Sums and differences of decayed counts: rounding may leave a value just below zero.
    first_term, two = (np.log1p(np.maximum(own_total[k] - both, 0)) for k in (i, j))
    return _low_and_high(name, first_term, two)


def _low_and_high(name: str, one: NDArray[np.floating], two: NDArray[np.floating]) -> Columns:
    return {name + "_low": np.minimum(one, two), name + "_high": np.maximum(one, two)}


def _filled(values: Floats) -> Floats:
    """Put the mean of what is known where a value is not; 0 where nothing is known."""
    missing = np.isnan(values)
    if missing.all():
        return np.zeros_like(values)
    filled: Floats = np.where(missing, values[~missing].mean(), values)
    return filled
