"""From the tables to the ledger: which rows make which tie, and which make none and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from detente.architecture.kinds import ALL, KINDS
from detente.architecture.promises import Article, Ledger, Treaty, pair

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

PERSONNEL = "personnel"
"""Measure of capability that counts a state's own forces, in thousand persons."""
NO_STATE = "a party is not a state"


def read_ledger(g: Architecture) -> Ledger:
    """Return the ties of every pair with their sources, as the mapping reads the tables."""
    ledger = Ledger(g.mapping)
    _read_organisations(g, ledger)
    _read_commitments(g, ledger)
    _read_presence(g, ledger)
    _read_rivalries(g, ledger)
    return ledger


def article_of(g: Architecture, row: dict[str, Any]) -> Article | None:
    """Return the article of a row of ``organisations``, None if its text promises nothing."""
    code, strength = row["organisation"], g.mapping.text_value(row["strength"])
    kinds = [row["commitment"], row["second_commitment"]]
    promises = {kind: strength for kind in kinds if kind in KINDS and strength > 0}
    if not promises:
        return None
    return Article(code, promises, g.mapping.weights.get(code, row["weight"]), {})


def _read_organisations(g: Architecture, ledger: Ledger) -> None:
    members: dict[str, dict[str, float | None]] = {}
    for organisation, state, own in (
        g.in_force("memberships")
        .filter(pl.col("role") == "member")
        .select("organisation", "state", "weight")
        .iter_rows()
    ):
        if state in g.names:
            members.setdefault(organisation, {})[state] = own
    for row in g.in_force("organisations").iter_rows(named=True):
        code, article = row["organisation"], article_of(g, row)
        if article is None:
            ledger.left_out.append(("organisations", code, "its article promises nothing"))
            continue
        weights = {
            state: g.mapping.member_weight(code, state, own, article.whole)
            for state, own in members.get(code, {}).items()
        }
        ledger.articles[code] = Article(code, article.promises, article.whole, weights)


def _read_commitments(g: Architecture, ledger: Ledger) -> None:
    for row in g.in_force("commitments").iter_rows(named=True):
        a, b, kind = row["promiser"], row["beneficiary"], row["kind"]
        name, value = row["commitment"], g.mapping.text_value(row["strength"])
        to_all = b == ALL and kind == "neutrality"
        if a not in g.names or not (to_all or b in g.names):
            ledger.left_out.append(("commitments", name, NO_STATE))
        elif value == 0:
            reason = f"{kind} ({row['strength']}) does not count"
            ledger.left_out.append(("commitments", name, reason))
        elif to_all:
            ledger.neutral.setdefault(a, {})[name] = value
        else:
            share = row.get("share")
            if share is None and kind == "arms_supply":
                share = g.mapping.supply_share(row["strength"])
            mutual = row["direction"] == "mutual"
            ledger.promise(name, kind, value, (a, b), mutual=mutual, share=share)


def _read_presence(g: Architecture, ledger: Ledger) -> None:
    for (name, by, on), rows in presences(g).items():
        if by is None or on is None or by == on:
            ledger.left_out.append(("presence", name, NO_STATE))
            continue
        shares = [row["share"] for row in rows if row.get("share") is not None]
        low, high = (_mean(rows, column) for column in ("personnel_low", "personnel_high"))
        share = sum(shares) / len(shares) if shares else station_share(g, by, low, high)
        ledger.stations.setdefault((by, on), {})[name] = share
        if all(row["consent"] == "yes" for row in rows):
            ledger.treaties.setdefault(pair(by, on), {})[name] = Treaty("basing", 1.0, (by,))


def presences(
    g: Architecture,
) -> dict[tuple[str, str | None, str | None], list[dict[str, Any]]]:
    """Return the rows of ``presence`` in force by presence, sender and ground, both states.

    Rows of one presence are what several claimants say of it. An actor that is no state stands
    for, or its ground is, the state of its ``territory_of``; None where there is no such state.
    """
    if "presence" not in g.tables:
        return {}
    ground = dict(g.tables["actors"].select("actor", "territory_of").iter_rows())

    def state(code: str) -> str | None:
        if code in g.names:
            return code
        owners = [owner for owner in (ground.get(code) or "").split(";") if owner in g.names]
        return owners[0] if len(owners) == 1 else None

    rows: dict[tuple[str, str | None, str | None], list[dict[str, Any]]] = {}
    for row in g.in_force("presence").iter_rows(named=True):
        # An actor's own forces are its own: only a state sends.
        by = row["by"] if row["by"] in g.names else None
        rows.setdefault((row["presence"], by, state(row["on"])), []).append(row)
    return rows


def station_share(g: Architecture, by: str, low: float | None, high: float | None) -> float:
    """Return which share of a state's strength a presence is, by persons where both are known."""
    persons = [float(count) for count in (low, high) if count is not None]
    own = g.forces.get(by)
    if persons and own:
        return min(1.0, sum(persons) / len(persons) / own)
    return g.mapping.values["presence.share"]


def _mean(rows: list[dict[str, Any]], column: str) -> float | None:
    counts = [row[column] for row in rows if row.get(column) is not None]
    return sum(counts) / len(counts) if counts else None


def _read_rivalries(g: Architecture, ledger: Ledger) -> None:
    for row in g.in_force("rivalries").iter_rows(named=True):
        a, b = row["state_a"], row["state_b"]
        if a in g.names and b in g.names:
            entry = ledger.hostile.setdefault(pair(a, b), {})
            entry[row["rivalry"]] = float(row["intensity"])
            if row["intensity"] < g.mapping.threshold:
                reason = f"intensity {row['intensity']} lies below the threshold of a signed lens"
                ledger.left_out.append(("rivalries", row["rivalry"], reason))
        else:
            ledger.left_out.append(("rivalries", row["rivalry"], "a side is not a state"))
