"""What a lens is: one published model that maps an architecture to each state's security.

A lens is one file in this folder with one class that inherits from `Lens` and says its key,
title, citation, parameters and limits, and that has one method, `security`. Everything else
in the house finds it. A lens may also override `deltas` and `screen` with a faster way to the
same numbers; a test holds the two equal.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from detente.architecture.kinds import KINDS
from detente.architecture.system import Floats, Ints, Moves, System
from detente.errors import Undefined, UnknownName, UsageError
from detente.lenses.screens import Screen as Screen
from detente.lenses.winning import Winning
from detente.words import listed_at

if TYPE_CHECKING:
    from detente.architecture.changes import Change
    from detente.architecture.fact_tables import FactTables
    from detente.architecture.value import Architecture
    from detente.lenses.withdrawals import Withdrawals

Values = Mapping[str, float]

SMALL = 50_000
"""Cells of a table up to which array operations reduce it as well as a compiled kernel."""

ASSUMPTIONS: Mapping[str, tuple[str, ...]] = {
    "strength": ("counts", "ignored"),
    "distance": ("counts", "ignored"),
    "an ally": ("defends", "fights along", "stands on the same side", "does not matter"),
    "a rival": (
        "may attack",
        "contests a prize",
        "stands on the other side",
        "is armed against",
        "does not matter",
    ),
    "reach of a change": ("states tied to it", "the whole system"),
}
"""What lenses differ in, and what they may say: a split between lenses is traced to these."""


@dataclass(frozen=True, slots=True)
class Switch:
    """An assumption on which a verdict may hang, and the parameters without it.

    Attributes
    ----------
    words : str
        What is assumed away, to stand after "if": ``"helping cost nothing"``.
    without : mapping
        Parameter to its value without the assumption; the name of another parameter stands for
        the value which that one has.
    """

    words: str
    without: Mapping[str, float | str]

    def values(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the parameter values without the assumption."""
        changed = {
            name: values[to] if isinstance(to, str) else to for name, to in self.without.items()
        }
        return {**values, **changed}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a lens needs and that nobody knows exactly.

    Attributes
    ----------
    name : str
        Its name in calls, results and reports.
    default : float
        The value of the point estimate.
    low, high : float
        The range over which the audit draws; equal to the default if it is not drawn.
    unit, meaning, source : str
        For readers; the source is a citation or begins with the word "assumed".
    scale : str
        ``"linear"`` or ``"log"``: draws are uniform on that scale; ``"whole"``: on the whole
        numbers from `low` to `high`.
    minimum, maximum : float
        What the formula admits; a value outside is refused.
    """

    name: str
    default: float
    low: float
    high: float
    unit: str
    meaning: str
    source: str
    scale: str = "linear"
    minimum: float = -math.inf
    maximum: float = math.inf

    @property
    def uncertain(self) -> bool:
        """Whether the audit draws it."""
        return self.low < self.high

    def quantile(self, u: Floats) -> Floats:
        """Map uniform numbers in [0, 1) to draws of the parameter."""
        if self.scale == "log":
            value: Floats = np.exp(np.log(self.low) + u * (np.log(self.high) - np.log(self.low)))
            return value
        if self.scale == "whole":
            return np.floor(self.low + u * (self.high - self.low + 1))
        return self.low + u * (self.high - self.low)


@dataclass(frozen=True, eq=False)
class Portrait:
    """What a lens sees in one system, before any change.

    Attributes
    ----------
    subject : str
        What is looked at, in a word or two: camps, tension, who could be overrun.
    finding : str
        The finding as a sentence, with codes of states.
    value : array (n,)
        One number a state, for a picture.
    value_meaning, value_unit : str
        What it is.
    groups : tuple of tuples of str
        Sets of states that belong together, where the model makes such sets.
    links : tuple of (str, str, float)
        Directed relations between states, the strongest first, where the model makes such.
    link_meaning : str
        What a link says, of its first state towards its second.
    figures : mapping of str to float
        Numbers of the whole system, by name.
    link_unit : str
        Unit of a link where it is not that of the value.
    ends : (int, int)
        How many states from the lowest and from the highest end of the values speak for the lens.
    baseline : float
        Where the bars of the values begin.
    peak : (str, str)
        What the state with the highest value does, and what several do, where it has a word.
    """

    subject: str
    finding: str
    value: Floats
    value_meaning: str
    value_unit: str
    groups: tuple[tuple[str, ...], ...] = ()
    links: tuple[tuple[str, str, float], ...] = ()
    link_meaning: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    link_unit: str = ""
    ends: tuple[int, int] = (10, 10)
    baseline: float = 0.0
    peak: tuple[str, str] = ("", "")


class Term(NamedTuple):
    """One term of the sum that a lens makes a state's security of.

    Attributes
    ----------
    name : str
        What it is, in words.
    value : float
        What it adds to security, in the lens's unit.
    details : dict
        What is behind it, as plain data.
    """

    name: str
    value: float
    details: dict[str, Any]


class SubsetSecurities(Protocol):
    """The security of every state with every set of some items; a set is an integer of bits."""

    def of(self, states: Sequence[int] | None = None, *, threads: int | None = None) -> Floats:
        """Return the security of some states, array (2**items, states)."""
        ...

    def least(
        self, before: Floats, scale: Floats | float = 1.0, *, threads: int | None = None
    ) -> Floats:
        """Return the least of all states' gains against `before` over `scale`, (2**items,)."""
        ...


class MemberWorths(Protocol):
    """What membership is worth to each member, for any set of members of an organisation."""

    def worths(self, sets: Ints) -> Floats:
        """Return what each would lose by leaving alone, (sets, members); member m is bit m."""
        ...

    def securities(self, sets: Ints) -> Floats:
        """Return the security of each with sets of items, members or not, (sets, places)."""
        ...

    def hang_on(self) -> int:
        """Return the members on whom anything hangs, as a set; the others' worth is zero."""
        ...


class Lens(ABC):
    """One published model; subclasses fill in the fields and `security`."""

    key: ClassVar[str]
    """Short name, as in ``--lens``."""
    title: ClassVar[str]
    """One line: what it sees."""
    called: ClassVar[str] = ""
    """What it is called in a sentence, in a few words; empty: its key."""
    citation: ClassVar[str]
    """Author, year, place of publication, doi."""
    status: ClassVar[str]
    """``"verified"`` if a test reproduces a printed number, else ``"checked"``."""
    unit: ClassVar[str]
    """Unit of its security."""
    meaning: ClassVar[str]
    """What its security means; higher is safer."""
    limits: ClassVar[tuple[str, ...]]
    """What it cannot say, in sentences."""
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    """Its parameters, with ranges and sources."""
    assumptions: ClassVar[Mapping[str, str]] = {}
    """Where it stands on each of `ASSUMPTIONS`; empty if it does not say."""
    sees: ClassVar[tuple[str, ...]] = ("defense", "rivalry", "strength")
    """What it reads of all that a change may edit, of `detente.architecture.kinds.FACTS_EDITED`;
    a lens that knows signs alone reads what the mapping counts as an alliance, and rivalries."""
    no_numbers: ClassVar[str] = ""
    """Why ``detente reproduce`` has no published number of it, as a sentence, where it has none."""
    switches: ClassVar[tuple[Switch, ...]] = ()
    """Assumptions of its own on which a verdict may hang: an audit says which ones do."""
    tolerance: ClassVar[Parameter | None] = None
    """What a delta must exceed to count, in the lens's own unit; None: a share of the spread."""
    facts: ClassVar[tuple[str, ...]] = ()
    """Fields of `System` that it uses where they are known, and does without elsewhere."""
    ignores_isolates: ClassVar[bool] = True
    """Whether a new state without ties or capability leaves everybody's security as it is."""
    readings: ClassVar[tuple[str, ...]] = ()
    """Variants of the model, the default first; a lens with readings takes one when it is made."""
    gone: ClassVar[Mapping[str, str]] = {}
    """Readings that it once had, and where each went."""
    reading_notes: ClassVar[Mapping[str, str]] = {}
    """Where each reading comes from, in a few words."""

    @property
    def sees_signs(self) -> bool:
        """Whether it sees allies and rivals alone, as the mapping makes them."""
        return not set(self.sees) - {"defense", "rivalry", "strength"}

    @property
    def name(self) -> str:
        """Its key, with the reading behind a colon where that is not the default one."""
        reading = getattr(self, "reading", "")
        return f"{self.key}:{reading}" if reading and reading != self.readings[0] else self.key

    @abstractmethod
    def security(self, system: System, values: Values) -> Floats:
        """Return each state's security, array (n,), higher is safer.

        Raises
        ------
        Undefined
            If the model has no answer for this system; names the state.
        """

    def deltas(self, system: System, moves: Moves, values: Values) -> Floats:
        """Return what each change gives to each state, array (m, n).

        A change after which the model has no answer has NaN in its row. This is the plain way;
        a lens may override it with a faster one for changes of ties.
        """
        before = self.security(system, values)
        deltas = np.full((len(moves), system.size), np.nan)
        for k in range(len(moves)):
            try:
                deltas[k] = self.security(system.moved(moves, k), values) - before
            except Undefined:
                continue
        return deltas

    def screen(
        self,
        system: System,
        moves: Moves,
        values: Values,
        tolerance: float,
        *,
        signs: bool = True,
        pays: bool = True,
    ) -> Screen:
        """Reduce the deltas of every change to verdicts; a lens may override it with a kernel.

        Without `signs` and `pays` the tables of these names are left out, which a lens may use to
        be quicker.
        """
        deltas = self.deltas(system, moves, values)
        return reduced(deltas, moves, tolerance, signs=signs, pays=pays)

    def winning(self, system: System, values: Values, sides: Sequence[int]) -> Winning:
        """Return the chance of each side to prevail over the others; places in the system.

        A lens that has a notion of winning overrides it; `has_winning` says which do.

        Raises
        ------
        Undefined
            If the model has no notion of winning, or none for these sides.
        """
        raise Undefined(f"lens {self.key} has no notion of winning")

    @property
    def has_winning(self) -> bool:
        """Whether it says who would prevail."""
        return type(self).winning is not Lens.winning

    def _reading_in_words(self) -> str:
        reading = getattr(self, "reading", "")
        note = self.reading_notes.get(reading, "")
        return f"{reading}: {note}" if note else reading

    def portrait(self, system: System, values: Values) -> Portrait:
        """Describe one system: what this model sees in it; by default who is secure."""
        security = self.security(system, values)
        order = np.argsort(security, kind="stable")
        return Portrait(
            subject="who is secure",
            finding=f"{listed_at(system.codes, order[:3])} are the least secure, "
            f"{listed_at(system.codes, order[::-1][:3])} the most",
            value=security,
            value_meaning="security",
            value_unit=self.unit,
        )

    def terms(self, system: System, values: Values, state: int) -> list[Term]:
        """Return the terms that add up to the security of a state; none where there is no sum."""
        return []

    def foresee(self, system: System, moves: Moves, draws: Sequence[Values]) -> None:
        """Be told which draws come next, for a lens that is quicker with several at once.

        It may keep what it works out: what it answers is the same with or without.
        """
        return

    def ceiling(
        self, low: System, high: System, values: Values, state: int | None = None,
        gone: Withdrawals | None = None,
    ) -> Floats | None:  # fmt: skip
        """Return what security nowhere exceeds in any system between two, array (n,).

        A promise, a rivalry, neutrality and a presence may each take any value between the two,
        by itself, but for what `gone` says of posts abroad; strength and distance are the same.
        With a `state` only its entry need hold. None where the lens knows no such bound.
        """
        return None

    def over_subsets(
        self, system: System, tables: FactTables, values: Values
    ) -> SubsetSecurities | None:
        """Return the security with every set of the items of `tables`; None: no quick way here.

        Whoever asks then evaluates the sets that are needed one by one, as changes.
        """
        return None

    def over_members(
        self, system: System, tables: FactTables, values: Values, places: Sequence[int]
    ) -> MemberWorths | None:
        """Return what membership is worth to those at `places`; None: no quick way here.

        The items of `tables` are the members of an organisation, in the order of `places`.
        """
        return None

    def values(self, given: Mapping[str, float] | None = None) -> dict[str, float]:
        """Return a value for every parameter: the default unless `given`.

        Raises
        ------
        UsageError
            If a name is unknown or a value lies outside what the formula admits.
        """
        declared = {p.name: p for p in self.parameters}
        chosen = {p.name: p.default for p in self.parameters}
        for name, value in (given or {}).items():
            if name not in declared:
                raise UnknownName(f"parameter of lens {self.key}", name, declared)
            p = declared[name]
            if not p.minimum <= value <= p.maximum:
                raise UsageError(
                    f"{self.key}.{name} = {value:g} lies outside "
                    f"{p.minimum:g} to {p.maximum:g} ({p.unit})"
                )
            chosen[name] = float(value)
        return chosen

    def draws(
        self, uniform: Floats, given: Mapping[str, float] | None = None
    ) -> list[dict[str, float]]:
        """Return the parameter values of each draw.

        Parameters
        ----------
        uniform : array (draws, number of parameters)
            Numbers in [0, 1), one column a parameter in the order of `parameters`.
        given : mapping
            Values that the user has fixed: these are not drawn.
        """
        fixed = self.values(given)
        columns = {
            p.name: p.quantile(uniform[:, c])
            for c, p in enumerate(self.parameters)
            if p.uncertain and p.name not in (given or {})
        }
        return [
            {name: float(columns[name][d]) if name in columns else fixed[name] for name in fixed}
            for d in range(len(uniform))
        ]

    def describe(self) -> dict[str, Any]:
        """Return the lens's metadata as plain data, for reports and JSON."""
        return {
            "key": self.name,
            "title": self.title,
            "reading": self._reading_in_words(),
            "citation": self.citation,
            "status": self.status,
            "unit": self.unit,
            "meaning": self.meaning,
            "limits": list(self.limits),
            "assumptions": dict(self.assumptions),
            "sees": list(self.sees),
            "tolerance": None if self.tolerance is None else self.tolerance.default,
            "parameters": [
                {
                    "name": p.name,
                    "default": p.default if math.isfinite(p.default) else None,
                    "low": p.low,
                    "high": p.high,
                    "scale": p.scale,
                    "unit": p.unit,
                    "meaning": p.meaning,
                    "source": p.source,
                    "uncertain": p.uncertain,
                }
                for p in self.parameters
            ],
        }


def visible(lens: Lens, g: Architecture) -> frozenset[str]:
    """Return what a lens sees of an architecture, of `detente.architecture.kinds.FACTS_EDITED`.

    To a lens that sees signs alone, every kind is an alliance that the mapping counts as one.
    """
    if not lens.sees_signs or "defense" not in lens.sees:
        return frozenset(lens.sees)
    counted = {kind for kind in KINDS if g.mapping.kind_weight(kind) > 0}
    return frozenset(set(lens.sees) - {"defense"} | counted)


def unseen(lens: Lens, g: Architecture, change: Change) -> list[str]:
    """Return, as sentences, the edits of a change of which a lens sees nothing.

    About such an edit a lens has no result, which is not the result that nobody is affected.
    """
    sees = visible(lens, g)
    founded: dict[str, tuple[str, ...]] = {}
    sentences = []
    for edit in change.edits:
        touches = edit.touches(g) or founded.get(getattr(edit, "organisation", ""), ())
        name = getattr(edit, "name", None)
        if isinstance(name, str):
            founded[name] = touches
        if not sees & set(touches):
            sentences.append(edit.sentence())
    return sentences


def gathered(parameters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return described parameters with those that differ by a number in their name as one.

    What is said of ``fit_01`` to ``fit_21`` need not be said 21 times: they become one row with
    the name ``fit_01 to fit_21``.
    """
    rows: list[dict[str, Any]] = []
    first = ""
    for one in parameters:
        same = rows and {k: v for k, v in rows[-1].items() if k != "name"} == {
            k: v for k, v in one.items() if k != "name"
        }
        if same and re.sub(r"\d+$", "", first) == re.sub(r"\d+$", "", one["name"]):
            rows[-1]["name"] = f"{first} to {one['name']}"
        else:
            first = one["name"]
            rows.append(dict(one))
    return rows


def reduced(
    deltas: Floats, moves: Moves, tolerance: float, *, signs: bool = True, pays: bool = True
) -> Screen:
    """Reduce a table of deltas (m, n) to a `Screen`; `reduce_deltas` says how.

    A large table is reduced by a compiled kernel, a small one by array operations with the same
    bits, for which nothing need be compiled.
    """
    if deltas.size <= SMALL:
        from detente.lenses.sparse_screen import Entries, screen_entries

        every = Entries.every(moves, deltas.shape[1])
        return screen_entries(every, moves, deltas.ravel(), tolerance, signs=signs, pays=pays)
    from detente.lenses.kernel_arrays import deciders, screen_of, verdict_room
    from detente.lenses.reduce_kernel import reduce_table

    verdicts = verdict_room(*deltas.shape, signs=signs, pays=pays)
    reduce_table(deltas, deciders(moves), tolerance, verdicts)
    return screen_of(verdicts, signs=signs, pays=pays)


def reduce_deltas(
    deltas: Floats, moves: Moves, tolerance: float, *, signs: bool = True, pays: bool = True
) -> Screen:
    """Reduce a table of deltas (m, n) to a `Screen`: the plain twin of every fused kernel."""
    m, n = deltas.shape
    defined: NDArray[np.bool_] = np.logical_not(np.isnan(deltas).any(axis=1))
    clean = np.where(defined[:, None], deltas, 0.0)
    least, desire, most = np.full(m, np.nan), np.full(m, np.nan), np.full(m, np.nan)
    paid = np.zeros((n, n)) if pays else None
    for k in np.flatnonzero(defined):
        who = moves.initiators(int(k))
        own = clean[k, who]
        least[k], desire[k] = own.min(initial=np.inf), own.sum()
        most[k] = own.max(initial=-np.inf)
        if paid is not None and least[k] >= -tolerance and most[k] > tolerance:
            harm = np.where(clean[k] < -tolerance, -clean[k], 0.0)
            for i in who:
                np.maximum(paid[:, i], harm, out=paid[:, i])
    sign = None
    if signs:
        sign = (clean > tolerance).astype(np.int8) - (clean < -tolerance).astype(np.int8)
    return Screen(
        least=least,
        desire=desire,
        gain=np.where(defined, np.where(clean > 0, clean, 0.0).sum(axis=1), np.nan),
        loss=np.where(defined, np.where(clean < 0, -clean, 0.0).sum(axis=1), np.nan),
        harmed=(clean < -tolerance).sum(axis=1),
        pays=paid,
        sign=sign,
        most=most,
    )
