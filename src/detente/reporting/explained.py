"""The explanations that the numbers of a page open: a lens's own sum, one panel a state and lens.

A page asks for the text of a number, such as the security of a state or what a change gives to
it, and gets a link. Each state has one panel under each lens, made when a number first refers to
it: the terms that add up to its security as things stand, and a row for every change of which the
page shows a number, with the terms that it moves. Each panel ends with the command that prints
the whole, the shares of treaties, organisations, forces and deliveries included.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from detente.architecture.changes import Change, moves_of
from detente.architecture.sentences import understand
from detente.errors import DetenteError
from detente.lenses import find
from detente.lenses.protocol import Lens, Term
from detente.reporting.by_source import BySource
from detente.reporting.grounded import Grounded
from detente.reporting.page.model import (
    Cell,
    Command,
    Explanation,
    Head,
    Paragraph,
    Part,
    Table,
    Text,
    Why,
)
from detente.words import listed, number, signed

if TYPE_CHECKING:
    from detente.architecture.system import Floats, System
    from detente.architecture.value import Architecture
    from detente.results import Result

TERMS = 8
"""Terms of a sum that are told one by one; the rest is added up."""
MOVED = 3
"""Terms moved by a change that are told."""
LONG = 90
"""Characters of a change that are shown."""
NAMED = 4
"""States that are named beside an attacker or a target."""


class Explained:
    """Collects what the numbers of one page refer to.

    Parameters
    ----------
    g : Architecture or None
        What the page is about; None (a result opened from a file, say, whose architecture is not
        at hand) leaves every number without a link.
    values : mapping of str to mapping
        The parameters of each lens at which its numbers were computed; defaults for others.
    """

    def __init__(
        self, g: Architecture | None, values: Mapping[str, Mapping[str, float]] | None = None
    ) -> None:
        self.g, self._values = g, dict(values or {})
        self._lenses: dict[str, tuple[Lens, dict[str, float]]] = {}
        self._standing: dict[str, _Sums] = {}
        self._after: dict[tuple[str, str], _Sums | None] = {}
        self._changes: dict[str, Change | None] = {}
        self._systems: dict[str, System] = {}
        self._commands: dict[str, str] = {}
        self._grounded: Grounded | None = None
        self._by_source: BySource | None = None
        self._panels: dict[tuple[str, str], dict[str, str]] = {}

    def security(self, text: str, state: str, lens: str) -> Part:
        """Return a number that is the security of a state, as a link to where it comes from."""
        if not self._knows(state):
            return text
        self._panels.setdefault((lens, state), {})
        return Why(text, _panel(lens, state))

    def delta(self, text: str, state: str, lens: str, change: str) -> Part:
        """Return a number that says what a change gives to a state, as a link.

        Parameters
        ----------
        change : str
            A sentence, several, or a proposal, as ``detente explain --change`` takes it.
        """
        if not self._knows(state) or not self._means(change):
            return text
        rows = self._panels.setdefault((lens, state), {})
        rows.setdefault(change, f"{_panel(lens, state)}-{len(rows) + 1}")
        return Why(text, rows[change])

    def without(self, label: str, system: System, command: str) -> None:
        """Let numbers refer to a system that no sentence leads to, by a label of its own.

        Parameters
        ----------
        label : str
            What `delta` is then asked for, and what the row is called.
        system : System
            The states of the architecture, with other ties.
        command : str
            What prints more of it.
        """
        self._systems[label], self._commands[label] = system, command

    def listed(self) -> tuple[Explanation, ...]:
        """Return every panel that a number refers to."""
        numbers = tuple(self._explanation(lens, state) for lens, state in self._panels)
        return (*numbers, *self.grounded.listed(), *self.by_source.listed())

    @property
    def name(self) -> str:
        """Name of the scenario that the page is about; empty if it is not at hand."""
        return self.g.name if self.g is not None else ""

    @property
    def grounded(self) -> Grounded:
        """The marks of the page's rows, made when the first row asks for one."""
        if self._grounded is None:
            self._grounded = Grounded(self.g)
        return self._grounded

    @property
    def by_source(self) -> BySource:
        """The marks of rows that the page lists by the hundred, one panel a source."""
        if self._by_source is None:
            self._by_source = BySource(self.g)
        return self._by_source

    # How a panel is made ------------------------------------------------------------------

    def _knows(self, state: str) -> bool:
        return self.g is not None and state in self.g.system.codes

    def _means(self, change: str) -> bool:
        """Whether a text names a change of the architecture; what it names is kept."""
        if change in self._systems:
            return True
        if change not in self._changes:
            assert self.g is not None
            try:
                self._changes[change] = understand(self.g, change)
            except DetenteError:
                self._changes[change] = None
        return self._changes[change] is not None

    def _explanation(self, lens: str, state: str) -> Explanation:
        assert self.g is not None
        g, rows = self.g, self._panels[(lens, state)]
        model, values = self._lens(lens)
        if lens not in self._standing:
            self._standing[lens] = _Sums(model, g.system, values)
        sums, place = self._standing[lens], g.system.codes.index(state)
        terms = sums.of(place)
        asked = next(iter(rows), "")
        words = ["detente", "explain", g.name, state]
        words += ["--change", asked] if asked and asked not in self._commands else []
        words += ["--lens", lens] if lens != "coalition" else []
        more = [self._commands[text] for text in rows if text in self._commands]
        return Explanation(
            _panel(lens, state),
            f"{g.names[state]} ({state}) under {lens}",
            (
                self._moves(lens, state, place, terms) if rows else None,
                _table(sums.security[place], terms, model.unit)
                if terms
                else _without_terms(float(sums.security[place]), model, known=sums.known),
                Paragraph("The whole of it, with the share of every source of ties:", "note"),
                Command("\n".join([shlex.join(words), *more])),
            ),
        )

    def _lens(self, name: str) -> tuple[Lens, dict[str, float]]:
        if name not in self._lenses:
            lens = find(name)
            fixed = {
                p.name: self._values[name][p.name]
                for p in lens.parameters
                if p.name in self._values.get(name, {})
            }
            self._lenses[name] = (lens, lens.values(fixed))
        return self._lenses[name]

    def _sums_after(self, lens: str, text: str) -> _Sums | None:
        """Return the sums after a change; None where the lens has no answer then."""
        key = (lens, text)
        if key not in self._after:
            model, values = self._lens(lens)
            try:
                self._after[key] = _Sums(model, self._system_after(text), values)
            except DetenteError:
                self._after[key] = None
        return self._after[key]

    def _system_after(self, text: str) -> System:
        if text not in self._systems:
            change = self._changes[text]
            assert self.g is not None
            assert change is not None
            moves = moves_of(self.g, [Change(change.edits, ())])
            self._systems[text] = self.g.system.moved(moves, 0)
        return self._systems[text]

    def _moves(self, lens: str, state: str, place: int, terms: list[Term]) -> Table:
        """Return a row for every change of which the page shows a number."""
        rows: list[tuple[Text | Cell, ...]] = []
        anchors = []
        for change, anchor in self._panels[(lens, state)].items():
            sums = self._sums_after(lens, change)
            label = change if len(change) <= LONG else f"{change[:LONG].rstrip()} …"
            if sums is None:
                rows.append((label, "", "no answer", ""))
            else:
                after = float(sums.security[place])
                delta = after - float(self._standing[lens].security[place])
                rows.append((
                    label, Cell(signed(delta), delta), number(after),
                    _moved(terms, sums.of(place)),
                ))  # fmt: skip
            anchors.append(anchor)
        return Table(
            "What each change on this page moves in it",
            ("Change", Head("Gives", number=True), Head("Security then", number=True), "By"),
            tuple(rows),
            filter=None,
            sorts=False,
            anchors=tuple(anchors),
        )


class _Sums:
    """The own sum of a lens for every state of one system, each worked out when asked for."""

    def __init__(self, lens: Lens, system: System, values: dict[str, float]) -> None:
        self._lens, self._system, self._values = lens, system, values
        self.security: Floats = lens.security(system, values)
        self.known = type(lens).terms is not Lens.terms

    def of(self, place: int) -> list[Term]:
        """Return the terms of one state, the largest first."""
        terms = self._lens.terms(self._system, self._values, place)
        return sorted(terms, key=lambda term: -abs(term.value))


def behind(result: Result) -> Architecture | None:
    """Return the architecture of a result: its own, or the bundled scenario if it is unchanged."""
    g: Architecture | None = result.architecture
    if g is not None:
        return g
    from detente.architecture.package.finding import bundled, load

    name, digest = (str(result.data.attrs.get(key, "")) for key in ("scenario", "digest"))
    if name not in bundled():
        return None
    g = load(name)
    return g if g.digest == digest else None


def _without_terms(security: float, lens: Lens, *, known: bool) -> Paragraph:
    """Return what is to be said of a number that is no sum, or a sum of nothing."""
    text = f"Security {number(security)} ({lens.unit}). {lens.meaning.rstrip('.')}."
    if known:
        return Paragraph(f"{text} Nothing adds to the sum of this state.")
    return Paragraph(
        f"{text} The number of this model is no sum of terms that stand for themselves; which "
        "treaties, organisations and rivalries it comes from is what the command below prints."
    )


def _panel(lens: str, state: str) -> str:
    return f"why-{lens.replace('_', '-').replace(':', '-')}-{state}"


def _table(security: float, terms: list[Term], unit: str) -> Table:
    """Return the terms that add up to a security."""
    fought = any("rate" in term.details for term in terms)
    rows: list[Any] = []
    helping = [term for term in terms if "beneficiary" in term.details]
    told = [term for term in terms if term not in helping]
    for term in told[:TERMS]:
        d = term.details
        cells: list[Any] = [term.name, Cell(signed(term.value), term.value)]
        if fought:
            cells += [
                *(number(d[key]) for key in ("rate", "attack", "defence")),
                f"{d['beaten']:.2f}",
                _some(d["with_attacker"]),
                _some(d["with_defender"]),
            ]
        rows.append(tuple(cells))
    empty = ("",) * (6 if fought else 0)
    helped = listed([term.details["beneficiary"] for term in helping], NAMED)
    for name, rest in (
        (f"{len(told[TERMS:])} smaller terms", told[TERMS:]),
        (f"what help for others costs: {helped}", helping),
    ):
        if rest:
            value = sum(term.value for term in rest)
            rows.append((name, Cell(signed(value), value), *empty))
    heads: tuple[Head | str, ...] = ("Term", Head("Adds", number=True))
    if fought:
        heads += (
            Head("Rate, a year", number=True),
            Head("Attack", number=True),
            Head("Defence", number=True),
            Head("Chance to prevail", number=True),
            "Along with the attacker",
            "Beside the target",
        )
    formula = (
        "; an attack takes its rate times its chance to prevail; attack and defence are shares of "
        "all strength"
        if fought
        else ""
    )
    return Table(
        f"Security {number(float(security))} ({unit}): the sum of these terms{formula}",
        heads,
        tuple(rows),
        filter=None,
        sorts=False,
    )


def _some(strength: Mapping[str, float]) -> str:
    codes = list(strength)
    more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
    return ", ".join(codes[:NAMED]) + more or "nobody"


def _between(a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    """Return which figures of an attack a change moves, in brackets."""
    told = [
        f"{words} {old} to {new}"
        for words, old, new in (
            ("rate", number(a["rate"]), number(b["rate"])),
            ("prevails", number(a["beaten"]), number(b["beaten"])),
        )
        if old != new
    ]
    return f" ({', '.join(told)})" if told else ""


def _moved(before: list[Term], after: list[Term]) -> str:
    """Return which terms differ most, with what is behind it."""
    old, new = ({term.name: term for term in terms} for terms in (before, after))
    shifts = {
        name: (new[name].value if name in new else 0.0) - (old[name].value if name in old else 0.0)
        for name in {**old, **new}
    }
    order = sorted((name for name in shifts if abs(shifts[name]) > 1e-12),
                   key=lambda name: -abs(shifts[name]))  # fmt: skip
    told = []
    for name in order[:MOVED]:
        text = f"{name} {signed(shifts[name])}"
        if name in old and name in new and "rate" in old[name].details:
            a, b = old[name].details, new[name].details
            text += _between(a, b)
        elif name not in new:
            text += " (no longer possible)"
        elif name not in old:
            text += " (possible only then)"
        told.append(text)
    rest = order[MOVED:]
    if rest:
        told.append(f"{len(rest)} smaller terms {signed(sum(shifts[name] for name in rest))}")
    return "; ".join(told) or "no term of its own sum"
