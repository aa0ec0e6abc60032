"""What an edit is, and what edits of every kind need: rows that begin, rows that end."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.architecture.promises import pair
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.promises import Ledger, Pair
    from detente.architecture.value import Architecture

STRENGTHS = ("binding", "political")
"""How binding a promise can be that a change makes."""
ONE_DAY = dt.timedelta(days=1)
ASSUMED = "assumed"
NAMED = {"commitments": "commitment", "presence": "presence", "rivalries": "rivalry"}
"""Tables whose rows have an identifier of their own."""
NewRow = tuple[str, dict[str, Any]]
"""Name of a table, and a row to add to it."""


class Edit(ABC):
    """One elementary edit; every kind knows its sentence, its initiators and two ways to act."""

    kind: str

    @abstractmethod
    def sentence(self) -> str:
        """Return the edit as a sentence that `parse` reads back."""

    @abstractmethod
    def initiators(self, g: Architecture) -> tuple[str, ...]:
        """Return the states whose decision it is in this architecture."""

    @abstractmethod
    def bound(self, g: Architecture) -> Edit:
        """Return the edit with codes as this architecture writes them; raise if it cannot be."""

    @abstractmethod
    def apply(self, g: Architecture) -> Architecture:
        """Return the architecture after it, by editing tables."""

    @abstractmethod
    def touches(self, g: Architecture) -> tuple[str, ...]:
        """Return what it edits, of `detente.architecture.kinds.FACTS_EDITED`.

        A lens that sees none of these has no result for the edit; an edit of nothing that any
        lens could see touches nothing.
        """

    def additions(self, g: Architecture) -> tuple[NewRow, ...] | None:
        """Return the rows that it adds, if adding rows is all that it does; None otherwise."""
        return None

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        """Edit a ledger in place and return the pairs whose tie may have changed.

        A state alone, whose own neutrality may have changed, is the pair of it with itself.
        """
        return ()

    def edit_capability(self, values: dict[str, float]) -> dict[str, float]:
        """Return capabilities after it, in the unit of the measure."""
        return values


def two_states(g: Architecture, a: str, b: str) -> tuple[str, str]:
    """Return the codes of two states that differ."""
    first, second = g.state(a), g.state(b)
    if first == second:
        raise UsageError(f"a change between two states needs two: {first} was named twice")
    return first, second


def members_of(g: Architecture, organisation: str) -> tuple[str, ...]:
    """Return the members of an organisation on the date."""
    return g.members.get(organisation, ())


def promised_by(g: Architecture, organisation: str) -> tuple[str, ...]:
    """Return the kinds of promise of an organisation's article."""
    article = g.ledger.articles.get(organisation)
    return tuple(article.promises) if article is not None else ()


def with_amounts(kind: str) -> tuple[str, ...]:
    """Return a kind of promise with the fact that it is besides: a delivery, a presence."""
    amounts = {"arms_supply": ("supplies",), "basing": ("stations",)}
    return (kind, *amounts.get(kind, ()))


def new_row(g: Architecture, table: str, **cells: Any) -> NewRow:
    """Return a row that a change adds: it begins on the date, and its source is assumed."""
    row = {"start": g.date, "note": "by a change", "source": ASSUMED, "confidence": "low", **cells}
    if table == "presence":
        row["name"] = cells.get("name", "by a change")
    return table, row


def fresh(name: str, taken: Container[str]) -> str:
    """Return an identifier that is not taken: the name, or the name with a number."""
    numbered = (name if k == 1 else f"{name}-{k}" for k in count(1))
    return next(candidate for candidate in numbered if candidate not in taken)


def appended(g: Architecture, sentence: str, rows: Sequence[NewRow]) -> Architecture:
    """Return the architecture with rows added to its tables."""
    by_table: dict[str, list[dict[str, Any]]] = {}
    for table, row in rows:
        by_table.setdefault(table, []).append(row)
    tables = {}
    for table, added in by_table.items():
        frame = g.tables[table]
        if table in NAMED:
            taken = set(frame[NAMED[table]])
            for row in added:
                row[NAMED[table]] = fresh(row[NAMED[table]], taken)
                taken.add(row[NAMED[table]])
        blank = dict.fromkeys(frame.columns)
        new = pl.DataFrame([{**blank, **row} for row in added], schema=frame.schema)
        tables[table] = pl.concat([frame, new])
    return g.with_tables(sentence, **tables)


def ended(g: Architecture, table: str, mine: pl.Expr) -> pl.DataFrame:
    """Return the table with the last day of the chosen rows in force set to the day before."""
    now = (pl.col("start").is_null() | (pl.col("start") <= g.date)) & (
        pl.col("end").is_null() | (pl.col("end") >= g.date)
    )
    end = pl.when(mine & now).then(pl.lit(g.date - ONE_DAY)).otherwise(pl.col("end"))
    # What began on this very day, by an earlier change, has not been at all.
    never = mine & now & (pl.col("start") == g.date).fill_null(value=False)
    return g.tables[table].filter(~never).with_columns(end=end)


def manner(strength: str) -> str:
    """Return what a sentence says of a text that does not bind: nothing of one that does."""
    return "" if strength == "binding" else f" ({strength})"


def checked_strength(strength: str) -> str:
    """Return the strength of a text if it is one that a change can make."""
    if strength not in STRENGTHS:
        raise UsageError(f"a new promise is {' or '.join(STRENGTHS)}, not '{strength}'")
    return strength


def promise_name(kind: str, promiser: str, beneficiary: str) -> str:
    """Return the identifier of a row that a change makes."""
    return f"new-{kind}-{promiser}-{beneficiary}"


def promise_row(
    g: Architecture, kind: str, promiser: str, beneficiary: str, *, mutual: bool, strength: str
) -> NewRow:
    """Return table and row of a new promise."""
    return new_row(
        g,
        "commitments",
        commitment=promise_name(kind, promiser, beneficiary),
        kind=kind,
        promiser=promiser,
        beneficiary=beneficiary,
        direction="mutual" if mutual else "one_way",
        strength=strength,
    )


def promise(
    ledger: Ledger, kind: str, promiser: str, beneficiary: str, *, mutual: bool, strength: str
) -> list[Pair]:
    """Enter a new promise in a ledger and return the pair that it touches."""
    value = ledger.mapping.text_value(strength)
    if value == 0:
        return []
    held = ledger.treaties.get(pair(promiser, beneficiary), {})
    name = fresh(promise_name(kind, promiser, beneficiary), held)
    ledger.promise(name, kind, value, (promiser, beneficiary), mutual=mutual)
    return [pair(promiser, beneficiary)]
