"""A conflict as arrays: issues, offers, parties and the status quo, with their ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.system import Floats
from detente.errors import MissingData, Undefined, UnknownName, UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

RULE = {"high": 0.05, "medium": 0.10, "low": 0.20}
"""Half-width of a range that was not coded, by the confidence of the row."""

BOUNDS = ("low", "middle", "high")
Bound = tuple[Floats, Floats, Floats]
"""The least, the middle and the most of an array of numbers."""


@dataclass(frozen=True, slots=True)
class PublicOffer:
    """One public offer.

    Attributes
    ----------
    key : str
        Its identifier.
    date : str
        Its day; empty if there is none.
    proponent : tuple of str
        Who made it.
    status : str
        ``"live"``, ``"lapsed"``, ``"superseded"`` or ``"disputed"``.
    words, basis : dict of str to str
        By issue, what it says, and what the position rests on.
    sources : tuple of str
        Where it stands.
    """

    key: str
    date: str
    proponent: tuple[str, ...]
    status: str
    words: dict[str, str]
    basis: dict[str, str]
    sources: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Negotiation:
    """A conflict in numbers.

    Attributes
    ----------
    conflict, title : str
        Its key, and its name in words.
    issues, parties : tuple of str
        Their keys, in the order of all arrays.
    offers : tuple of PublicOffer
        By date, then in the order of the table.
    position : three arrays (offers, issues)
        Least, middle and most; NaN where an offer is silent.
    ideal, salience : three arrays (parties, issues)
        Salience is 0 where a party has no row.
    influence : three arrays (parties,)
        What each can bring to bear.
    status_quo : three arrays (issues,)
        Where things stand while fighting goes on.
    role, supports, consent : tuple of str
        Of each party.
    counts_with : dict of str to tuple of str
        Organisations, with the parties that are their members.
    ends : tuple of (str, str)
        Of each issue, what 0 and 1 stand for.
    """

    conflict: str
    title: str
    issues: tuple[str, ...]
    parties: tuple[str, ...]
    offers: tuple[PublicOffer, ...]
    position: Bound
    ideal: Bound
    salience: Bound
    influence: Bound
    status_quo: Bound
    role: tuple[str, ...]
    supports: tuple[str, ...]
    consent: tuple[str, ...]
    counts_with: dict[str, tuple[str, ...]]
    ends: tuple[tuple[str, str], ...]

    @property
    def required(self) -> tuple[int, ...]:
        """Parties without whose consent nothing is settled."""
        return tuple(k for k, word in enumerate(self.consent) if word == "required")

    @property
    def counted(self) -> tuple[int, ...]:
        """Parties whose view is counted, an organisation not beside its members."""
        return tuple(
            k
            for k, word in enumerate(self.consent)
            if word != "none"
            and not set(self.counts_with.get(self.parties[k], ())) & set(self.parties)
        )

    def at(self, party: str) -> int:
        """Return the place of a party.

        Raises
        ------
        UnknownName
            If it is no party to the conflict.
        """
        if party not in self.parties:
            raise UnknownName(f"party to {self.conflict}", party, self.parties)
        return self.parties.index(party)


def conflicts(g: Architecture) -> tuple[str, ...]:
    """Return the conflicts of an architecture."""
    return tuple(dict.fromkeys(row["conflict"] for row in _rows(g, "conflicts")))


def negotiation(g: Architecture, conflict: str | None = None) -> Negotiation:
    """Return a conflict of an architecture in numbers.

    Parameters
    ----------
    g : Architecture
        With the tables ``conflicts``, ``issues``, ``offers``, ``parties`` and ``status_quo``.
    conflict : str, optional
        Which; may be left out where there is only one.

    Raises
    ------
    UnknownName
        If there is no such conflict.
    MissingData
        If a table is empty, or an issue has no status quo.
    Undefined
        If a party cares about nothing.
    """
    known = conflicts(g)
    if not known:
        raise MissingData(
            f"{g.name} describes no conflict: add rows to the tables conflicts (who fights, whose "
            "consent is required), issues, parties, status_quo and offers"
        )
    if conflict is None:
        if len(known) > 1:
            raise UsageError(f"say which conflict: {', '.join(known)}")
        conflict = known[0]
    if conflict not in known:
        raise UnknownName("conflict", conflict, known)
    sides = [row for row in _rows(g, "conflicts") if row["conflict"] == conflict]
    issues = tuple(
        row["issue"] for row in _rows(g, "issues") if (row["conflict"] or conflict) == conflict
    )
    parties = tuple(row["party"] for row in sides)
    views = [
        row for row in _rows(g, "parties") if row["issue"] in issues and row["party"] in parties
    ]
    offers, position = _offers(g, issues)
    _complete(g, conflict, sides, issues, views, offers)
    return Negotiation(
        conflict,
        sides[0]["title"],
        issues,
        parties,
        offers,
        position,
        *_views(views, parties, issues),
        _status_quo(g, issues),
        tuple(row["role"] for row in sides),
        tuple(row["supports"] or "" for row in sides),
        tuple(row["consent"] for row in sides),
        {
            row["party"]: _several(row["counts_with"])
            for row in views
            if row["counts_with"]
        },
        tuple(
            (row["zero_means"], row["one_means"])
            for row in _rows(g, "issues")
            if row["issue"] in issues
        ),
    )  # fmt: skip


def _rows(g: Architecture, table: str) -> list[dict[str, Any]]:
    return list(g.tables[table].to_dicts()) if table in g.tables else []


def _complete(
    g: Architecture,
    conflict: str,
    sides: list[dict[str, Any]],
    issues: tuple[str, ...],
    views: list[dict[str, Any]],
    offers: tuple[PublicOffer, ...],
) -> None:
    """Refuse what cannot be computed, everything at once."""
    faults = []
    if not issues:
        faults.append(f"no issue belongs to {conflict}: fill the table issues")
    if not offers:
        faults.append(f"no offer speaks on the issues of {conflict}: fill the table offers")
    standing = {row["issue"] for row in _rows(g, "status_quo")}
    missing = [issue for issue in issues if issue not in standing]
    if missing:
        faults.append(
            f"issue {', '.join(missing)} has no status quo: say in status_quo.csv where it stands "
            "while fighting goes on"
        )
    if not any(row["consent"] == "required" for row in sides):
        faults.append(f"nobody's consent is required in {conflict}: say whose in conflicts.csv")
    if faults:
        raise MissingData("; ".join(faults))
    careless = [
        side["party"]
        for side in sides
        if not any(row["party"] == side["party"] and row["salience"] > 0 for row in views)
    ]
    if careless:
        them = "it" if len(careless) == 1 else "them"
        raise Undefined(
            f"all saliences of {', '.join(careless)} are zero or missing in parties.csv: nothing "
            f"that is agreed matters to {them}. Give {them} a salience, or take {them} out of "
            f"{conflict}",
            state=careless[0],
        )


def _offers(g: Architecture, issues: tuple[str, ...]) -> tuple[tuple[PublicOffer, ...], Bound]:
    by_offer: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(g, "offers"):
        if row["issue"] in issues:
            by_offer.setdefault(row["offer"], []).append(row)
    order = sorted(by_offer, key=lambda key: str(by_offer[key][0]["date"] or "9999"))
    bounds = tuple(np.full((len(order), len(issues)), np.nan) for _ in range(3))
    offers = []
    for k, key in enumerate(order):
        rows = by_offer[key]
        for row in rows:
            if row["normalised_position"] is None:
                continue
            at = k, issues.index(row["issue"])
            for bound, value in zip(
                bounds,
                ranged(row, "normalised_position", "low", "high"),
                strict=True,
            ):
                bound[at] = value
        first = rows[0]
        offers.append(
            PublicOffer(
                key,
                str(first["date"] or ""),
                _several(first["proponent"]),
                first["status"] or "live",
                {row["issue"]: row["position"] for row in rows},
                {row["issue"]: row["basis"] or "text" for row in rows},
                tuple(dict.fromkeys(source for row in rows for source in _several(row["source"]))),
            )
        )
    return tuple(offers), (bounds[0], bounds[1], bounds[2])


def _views(
    views: Iterable[Mapping[str, Any]], parties: tuple[str, ...], issues: tuple[str, ...]
) -> tuple[Bound, Bound, Bound]:
    shape = len(parties), len(issues)
    ideal = tuple(np.full(shape, 0.5) for _ in range(3))
    salience = tuple(np.zeros(shape) for _ in range(3))
    influence = tuple(np.zeros(shape[0]) for _ in range(3))
    for row in views:
        at = parties.index(row["party"]), issues.index(row["issue"])
        for bounds, name, where in (
            (ideal, "ideal", at),
            (salience, "salience", at),
            (influence, "influence", at[0]),
        ):
            values = ranged(row, name, f"{name}_low", f"{name}_high")
            for bound, value in zip(bounds, values, strict=True):
                bound[where] = value
    return (
        (ideal[0], ideal[1], ideal[2]),
        (salience[0], salience[1], salience[2]),
        (influence[0], influence[1], influence[2]),
    )


def _status_quo(g: Architecture, issues: tuple[str, ...]) -> Bound:
    rows = {row["issue"]: row for row in _rows(g, "status_quo")}
    values = np.array([ranged(rows[issue], "position", "low", "high") for issue in issues])
    return values[:, 0], values[:, 1], values[:, 2]


def ranged(row: Mapping[str, Any], middle: str, low: str, high: str) -> tuple[float, float, float]:
    """Return least, middle and most of a figure: as coded, else by the rule for its confidence."""
    value, wide = float(row[middle]), RULE[row["confidence"]]
    least = max(0.0, value - wide) if row[low] is None else float(row[low])
    most = min(1.0, value + wide) if row[high] is None else float(row[high])
    if not least <= value <= most:
        raise UsageError(
            f"{row['source']}: {middle} {value:g} is not between {low} {least:g} and "
            f"{high} {most:g}"
        )
    return least, value, most


def _several(value: Any) -> tuple[str, ...]:
    return tuple(value.split(";")) if isinstance(value, str) else tuple(value or ())
