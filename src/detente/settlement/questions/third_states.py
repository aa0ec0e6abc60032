"""Is a settlement indivisible: is any third state less secure for it, and under which lens?

What each settlement would change (`terms`) is tried under every lens at its point estimate, by the
rules of an audit: a state is less secure if it loses more than the lens's tolerance, and a lens
that reads none of the changes has no result. A third state is one that is neither among those who
must agree nor among those who decide a part of the change. `detente.audit` of the same change
gives the same, and draws the lenses' parameters; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.errors import DetenteError, Undefined
from detente.settlement.questions.negotiation import Negotiation
from detente.settlement.questions.terms import SettlementTerms, rows_of, spoken, terms_of, together

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

SEEN, UNSEEN, UNDEFINED, NOTHING = "seen", "unseen", "undefined", "nothing"
"""What a lens says of a settlement: it has a result; it reads none of the changes; the model has
no answer; there is nothing to read."""


class ThirdStates(NamedTuple):
    """Who is less secure by one settlement, under one lens.

    Attributes
    ----------
    answer : str
        `SEEN`, `UNSEEN`, `UNDEFINED` or `NOTHING`.
    less, more : tuple of str
        Third states that lose, or gain, more than the tolerance.
    bound : tuple of str
        Those who decide a part of it, or must agree, and lose more than the tolerance.
    """

    answer: str
    less: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()


class Indivisibility(NamedTuple):
    """The third states of every settlement.

    Attributes
    ----------
    settlement : tuple of str
        Offers, then solutions.
    terms : tuple of SettlementTerms
        What each changes, in the reading `text`.
    wide : tuple of str
        What each may amount to besides, as sentences joined by ``;``.
    lens : tuple of str
        Their names.
    third : dict of (str, str) to ThirdStates
        By lens and settlement.
    note : str
        Why there is no answer at all; empty where there is.
    """

    settlement: tuple[str, ...]
    terms: tuple[SettlementTerms, ...]
    wide: tuple[str, ...]
    lens: tuple[str, ...]
    third: dict[tuple[str, str], ThirdStates]
    note: str


def indivisibility(
    g: Architecture, n: Negotiation, solutions: Sequence[str], points: Sequence[Any]
) -> Indivisibility:
    """Return who is less secure by each offer and each solution of a conflict."""
    from detente.lenses import names

    rows = rows_of(g)
    positions = {offer.key: n.position[1][k] for k, offer in enumerate(n.offers)}
    positions |= dict(zip(solutions, points, strict=True))
    terms = {key: terms_of(rows, spoken(n.issues, x)) for key, x in positions.items()}
    wide = {key: terms_of(rows, spoken(n.issues, x), "wide") for key, x in positions.items()}
    required = frozenset(n.parties[k] for k in n.required)
    note = "" if rows else "the scenario does not say which positions stand for which changes"
    lenses = tuple(names())
    third: dict[tuple[str, str], ThirdStates] = {}
    try:
        answers = {
            t.changes: _answers(g, t.changes, required, lenses) for t in terms.values() if t.changes
        }
    except DetenteError as error:
        answers, note = {}, str(error)
    for key, t in terms.items():
        for place, lens in enumerate(lenses):
            of_all = answers.get(t.changes)
            third[lens, key] = of_all[place] if of_all else ThirdStates(NOTHING)
    return Indivisibility(
        tuple(positions),
        tuple(terms.values()),
        tuple("; ".join(c for c in wide[k].changes if c not in terms[k].changes) for k in terms),
        lenses,
        third,
        note,
    )


def arrays(answer: Indivisibility) -> dict[str, NDArray[Any]]:
    """Return the answer as labelled variables hold it: words, joined by ``;``."""

    def table(name: str) -> NDArray[Any]:
        cells = [
            [
                value if isinstance(value := getattr(answer.third[le, s], name), str)
                else ";".join(value)
                for s in answer.settlement
            ]
            for le in answer.lens
        ]  # fmt: skip
        return np.array(cells, dtype=np.str_)

    return {
        "commitments": np.array(["; ".join(t.changes) for t in answer.terms], dtype=np.str_),
        "commitments_wide": np.array(answer.wide, dtype=np.str_),
        "unseen_terms": np.array(
            ["; ".join([i for i, _ in t.unseen] + list(t.unmapped)) for t in answer.terms],
            dtype=np.str_,
        ),
        "third_answer": table("answer"),
        "third_less": table("less"),
        "third_more": table("more"),
        "bound_less": table("bound"),
    }


def _answers(
    g: Architecture, sentences: tuple[str, ...], required: frozenset[str], lenses: tuple[str, ...]
) -> tuple[ThirdStates, ...]:
    """Return the answer of every lens, kept by the architecture's digest."""
    key = g.digest, sentences, required, lenses
    if key not in _KEPT:
        _KEPT[key] = _tried(g, sentences, required, lenses)
        while len(_KEPT) > KEPT:
            _KEPT.pop(next(iter(_KEPT)))
    return _KEPT[key]


KEPT = 500
"""Answers kept for the next call."""

_KEPT: dict[
    tuple[str, tuple[str, ...], frozenset[str], tuple[str, ...]], tuple[ThirdStates, ...]
] = {}


def _tried(
    g: Architecture, sentences: tuple[str, ...], required: frozenset[str], lenses: tuple[str, ...]
) -> tuple[ThirdStates, ...]:
    from detente.architecture.changes import moves_of
    from detente.auditing.run import MATERIALITY
    from detente.auditing.verdicts import Threshold
    from detente.lenses import find
    from detente.lenses.protocol import Lens, unseen

    change = together(g, sentences)
    system = g.system
    moves = moves_of(g, [change])
    deciding = required | set(change.initiators(g))
    answers = []
    for name in lenses:
        lens = find(name)
        if len(unseen(lens, g, change)) == len(change.edits):
            answers.append(ThirdStates(UNSEEN))
            continue
        try:
            values = lens.values()
            tolerance = Threshold(MATERIALITY).point(lens, lens.security(system, values))
            # The plain way: one change is no reason to compile a kernel for many.
            delta = Lens.deltas(lens, system, moves, values)[0]
        except Undefined:
            delta = np.array([np.nan])
        if np.isnan(delta).all():
            answers.append(ThirdStates(UNDEFINED))
            continue
        less = [c for c, d in zip(system.codes, delta, strict=True) if d < -tolerance]
        answers.append(
            ThirdStates(
                SEEN,
                tuple(c for c in less if c not in deciding),
                tuple(
                    c
                    for c, d in zip(system.codes, delta, strict=True)
                    if d > tolerance and c not in deciding
                ),
                tuple(c for c in less if c in deciding),
            )
        )
    return tuple(answers)
