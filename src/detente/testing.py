"""Strategies and builders for tests, of detente's own and of lenses that others write.

Needs the ``test`` extra (hypothesis). A lens of your own passes the common battery when it
passes ``tests/lenses/test_battery.py`` with its file in a folder that ``DETENTE_LENSES`` names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st

from detente import lenses as room
from detente.architecture.changes import (
    Change,
    arm,
    commit,
    disarm,
    dissolve,
    ease,
    estrange,
    found,
    guarantee,
    join,
    leave,
    neutral,
    pledge,
    reconcile,
    sharpen,
    station,
    stop_supplying,
    supply,
    withdraw,
    withdraw_forces,
)
from detente.architecture.edits.pledges import PLEDGES
from detente.architecture.kinds import FACTS_EDITED
from detente.architecture.package.tables import Package
from detente.architecture.system import PAIR_ARRAYS, Floats, Moves, System
from detente.architecture.value import Architecture
from detente.lenses.protocol import ASSUMPTIONS, Lens

DATE = dt.date(2024, 6, 30)
TOLD = {
    "title": "what it sees",
    "citation": "where the model was published",
    "unit": "what its security is measured in",
    "meaning": "what its security means",
    "limits": "what it cannot say (a tuple of sentences)",
}
SCALES = ("linear", "log", "whole")
SOURCE = {"source": "assumed", "confidence": "low"}


def all_lenses() -> list[Lens]:
    """Return every lens in every reading, for parametrised tests."""
    lenses = []
    for key in room.names():
        readings = type(room.find(key)).readings
        lenses += [room.find(f"{key}:{reading}") for reading in readings] or [room.find(key)]
    return lenses


def forgotten(lens: Lens) -> list[str]:
    """Return what a lens should declare and does not, as sentences that say what to do.

    Whatever the house shows of a lens it finds in these declarations: the command line, the table
    of assumptions, the pages and the documentation name no lens by itself.
    """
    sentences = [
        f"{lens.name} has no {name}: say in a sentence {what}."
        for name, what in TOLD.items()
        if not getattr(lens, name, None)
    ]
    if lens.status not in {"verified", "checked"}:
        sentences.append(
            f"{lens.name} has the status '{lens.status}': write 'verified' if a test reproduces a "
            "printed number, else 'checked'."
        )
    for name, stands in ASSUMPTIONS.items():
        if lens.assumptions.get(name) not in stands:
            sentences.append(
                f"{lens.name} does not say where it stands on '{name}': set assumptions['{name}'] "
                f"to one of {', '.join(repr(stand) for stand in stands)}."
            )
    sentences += [
        f"{lens.name} has an assumption about '{name}', which no other lens has: add it to "
        "ASSUMPTIONS in detente.lenses.protocol, or leave it out."
        for name in lens.assumptions
        if name not in ASSUMPTIONS
    ]
    for fact in set(lens.sees) - set(FACTS_EDITED) - {"strength"}:
        sentences.append(
            f"{lens.name} sees '{fact}', which nothing edits: `sees` takes names of "
            "detente.architecture.kinds.FACTS_EDITED, and strength."
        )
    for p in lens.parameters:
        sentences += [
            f"parameter {p.name} of {lens.name} has no {part}: say it in words."
            for part in ("unit", "meaning", "source")
            if not getattr(p, part)
        ]
        if not p.minimum <= p.low <= p.high <= p.maximum or p.scale not in SCALES:
            sentences.append(
                f"parameter {p.name} of {lens.name} is drawn from {p.low:g} to {p.high:g} on the "
                f"scale '{p.scale}': the range must lie within {p.minimum:g} to {p.maximum:g}, and "
                f"the scale be one of {', '.join(SCALES)}."
            )
        if p.uncertain and not p.low <= p.default <= p.high:
            sentences.append(
                f"the default {p.default:g} of parameter {p.name} of {lens.name} lies outside the "
                f"range from which it is drawn, {p.low:g} to {p.high:g}."
            )
    return sentences


def build(
    capability: Mapping[str, float],
    *,
    allies: Sequence[tuple[str, str]] = (),
    rivals: Sequence[tuple[str, str, int]] = (),
    organisations: Mapping[str, Sequence[str]] | None = None,
    places: Mapping[str, tuple[float, float]] | None = None,
    stations: Sequence[tuple[str, str, float]] = (),
    supplies: Sequence[tuple[str, str, float]] = (),
) -> Architecture:
    """Build a small architecture.

    Parameters
    ----------
    capability : mapping of str to float
        The states, codes of at least two capitals, with what each can bring to bear.
    allies : sequence of (a, b)
        Mutual defense commitments.
    rivals : sequence of (a, b, intensity)
        Rivalries.
    organisations : mapping of str to members
        Alliances with their members.
    places : mapping of str to (lat, lon)
        Capitals in degrees; all at one place if left out.
    stations : sequence of (by, on, share)
        Shares of strength on others' ground, with consent.
    supplies : sequence of (by, to, share)
        Shares of strength that reach others as arms.
    """
    where = places or dict.fromkeys(capability, (0.0, 0.0))
    rows: dict[str, list[dict[str, Any]]] = {
        "states": [
            {"state": s, "name": s.title(), "lat": where[s][0], "lon": where[s][1],
             "role": "regional", **SOURCE}
            for s in capability
        ],
        "measures": [
            {"measure": "strength", "name": "Strength", "unit": "points", "default": "yes",
             "meaning": "What a state can bring to bear.", "source": "assumed"}
        ],
        "capabilities": [
            {"state": s, "measure": "strength", "year": 2024, "value": float(v), **SOURCE}
            for s, v in capability.items()
        ],
        "commitments": [
            {"commitment": f"c{k}", "kind": "defense", "promiser": a, "beneficiary": b,
             "direction": "mutual", "strength": "binding", **SOURCE}
            for k, (a, b) in enumerate(allies)
        ] + [
            {"commitment": f"s{k}", "kind": "arms_supply", "promiser": a, "beneficiary": b,
             "direction": "one_way", "strength": "practice", "share": share, **SOURCE}
            for k, (a, b, share) in enumerate(supplies)
        ],
        "presence": [
            {"presence": f"p{k}", "by": a, "on": b, "consent": "yes", "share": share, **SOURCE}
            for k, (a, b, share) in enumerate(stations)
        ],
        "rivalries": [
            {"rivalry": f"r{k}", "state_a": a, "state_b": b, "issue": "territory",
             "intensity": intensity, **SOURCE}
            for k, (a, b, intensity) in enumerate(rivals)
        ],
        "organisations": [
            {"organisation": o, "name": o.title(), "kind": "alliance", "commitment": "defense",
             "strength": "binding", "weight": 1.0, **SOURCE}
            for o in organisations or {}
        ],
        "memberships": [
            {"organisation": o, "state": s, "role": "member", **SOURCE}
            for o, members in (organisations or {}).items()
            for s in members
        ],
        "sources": [{"source": "assumed", "citation": "assumed for a test", "seen": "no"}],
    }  # fmt: skip
    return architecture_of(rows)


def architecture_of(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Architecture:
    """Return the architecture of tables given as rows; columns left out are empty."""
    from detente.architecture.package import schema

    types = {"number": pl.Float64, "integer": pl.Int64, "date": pl.Date}
    tables = {}
    for table in schema.tables():
        columns = {f.name: types.get(f.type, pl.String) for f in table.fields}
        full = [{**dict.fromkeys(columns), **row} for row in rows.get(table.name, ())]
        tables[table.name] = pl.DataFrame(full, schema=columns)
    package = Package.from_tables(
        tables, name="case", title="A case", date=DATE, description="", region="Nowhere"
    )
    return Architecture.from_package(package)


def codes(n: int) -> list[str]:
    """Return n state codes: AAA, BBB and so on."""
    return [chr(ord("A") + k) * 3 for k in range(n)]


@st.composite
def architectures(draw: st.DrawFn, min_states: int = 3, max_states: int = 7) -> Architecture:
    """Draw an architecture with commitments, alliances of several and rivalries.

    Alliances and rivalries overlap now and then, as in the world.
    """
    states = codes(draw(st.integers(min_states, max_states)))
    pairs = [(a, b) for i, a in enumerate(states) for b in states[i + 1 :]]
    allied = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs) // 2))
    hostile = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs) // 2))
    members = {
        name: draw(st.lists(st.sampled_from(states), unique=True, min_size=2, max_size=4))
        for name in draw(st.sampled_from([[], ["PACT"], ["PACT", "LEAGUE"]]))
    }
    directed = pairs + [(b, a) for a, b in pairs]
    shares = st.lists(
        st.tuples(st.sampled_from(directed), st.sampled_from([0.01, 0.05, 0.2])),
        unique_by=lambda item: item[0],
        max_size=3,
    )
    return build(
        {s: draw(st.sampled_from([0.5, 1.0, 2.0, 3.5, 8.0])) for s in states},
        allies=allied,
        rivals=[(a, b, draw(st.integers(1, 5))) for a, b in hostile],
        organisations=members,
        places={s: (draw(st.integers(-60, 60)), draw(st.integers(-170, 170))) for s in states},
        stations=[(a, b, share) for (a, b), share in draw(shares)],
        supplies=[(a, b, share) for (a, b), share in draw(shares)],
    )


@st.composite
def changes(draw: st.DrawFn, g: Architecture) -> Change:
    """Draw a change that can be done in the architecture `g`: one edit, or two at once."""
    first = draw(_one_change(g))
    if draw(st.booleans()):
        return first
    return first + draw(_one_change(first.apply(g)))


def _one_change(g: Architecture) -> st.SearchStrategy[Change]:
    states = list(g.codes)
    two = st.lists(st.sampled_from(states), min_size=2, max_size=2, unique=True)
    options: list[st.SearchStrategy[Change]] = [
        two.map(lambda p: commit(p[0], p[1])),
        two.map(lambda p: commit(p[0], p[1], mutual=False)),
        st.tuples(two, st.integers(1, 5)).map(lambda x: estrange(x[0][0], x[0][1], x[1])),
        st.sampled_from(states).map(lambda s: arm(s, 0.5)),
        st.sampled_from(states).map(lambda s: disarm(s, 0.25)),
        two.map(lambda p: guarantee(p[0], p[1])),
        st.tuples(two, st.sampled_from(PLEDGES)).map(lambda x: pledge(x[0][0], x[0][1], x[1])),
        st.sampled_from(states).map(neutral),
        st.tuples(two, st.sampled_from([0.0, 0.02, 0.25])).map(
            lambda x: station(x[0][0], x[0][1], x[1])
        ),
        st.tuples(two, st.sampled_from([0.0, 0.005, 0.02])).map(
            lambda x: supply(x[0][0], x[0][1], x[1])
        ),
    ]
    if "UNION" not in g.tables["organisations"]["organisation"]:
        some = st.lists(st.sampled_from(states), min_size=2, max_size=4, unique=True)
        options.append(
            st.tuples(some, st.sampled_from(["defense", "consultation"])).map(
                lambda x: found("UNION", x[0], x[1])
            )
        )
    present = [way for way, entries in g.ledger.stations.items() if entries]
    if present:
        options.append(st.sampled_from(present).map(lambda way: withdraw_forces(*way)))
    supplied = [way for way, entries in g.ledger.supplies.items() if entries]
    if supplied:
        options.append(st.sampled_from(supplied).map(lambda way: stop_supplying(*way)))
    if g.ledger.articles:
        options.append(st.sampled_from(sorted(g.ledger.articles)).map(dissolve))
    hostile = [p for p, entries in g.ledger.hostile.items() if entries]
    mild = [(p, int(g.ledger.intensity(*p))) for p in hostile if g.ledger.intensity(*p) < 5]
    if mild:
        options.append(st.sampled_from(mild).map(lambda x: sharpen(*x[0], x[1] + 1)))
    sharp = [(p, int(g.ledger.intensity(*p))) for p in hostile if g.ledger.intensity(*p) > 1]
    if sharp:
        options.append(st.sampled_from(sharp).map(lambda x: ease(*x[0], x[1] - 1)))
    if hostile:
        options.append(st.sampled_from(hostile).map(lambda p: reconcile(*p)))
    owed = [
        (state, b if state == a else a)
        for (a, b), treaties in g.ledger.pacts.items()
        for treaty in treaties.values()
        for state in treaty.owing
        if treaty.kind == "defense"
    ]
    if owed:
        options.append(st.sampled_from(owed).map(lambda p: withdraw(*p)))
    for name, article in g.ledger.alliances.items():
        inside = sorted(article.members)
        outside = [s for s in states if s not in article.members]
        if inside:
            options.append(st.sampled_from(inside).map(partial(_leave, name)))
        if outside:
            options.append(st.sampled_from(outside).map(partial(_join, name)))
    return st.one_of(options)


def _join(organisation: str, state: str) -> Change:
    return join(state, organisation)


def _leave(organisation: str, state: str) -> Change:
    return leave(state, organisation)


@st.composite
def systems(draw: st.DrawFn, min_states: int = 3, max_states: int = 8) -> System:
    """Draw the arrays that a lens sees: alliances of any weight, and whatever stands behind.

    One in two knows no more than the signs.
    """
    n = draw(st.integers(min_states, max_states))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    kind = np.triu(random.choice(4, size=(n, n), p=[0.4, 0.25, 0.1, 0.25]), 1)
    weight = np.triu(random.uniform(0.1, 0.9, size=(n, n)), 1)
    allies = np.where(kind == 1, 1.0, np.where(kind == 2, weight, 0.0))
    rivals = (kind == 3).astype(np.float64)
    place = random.uniform(0, 6000, size=(n, 2))
    # What is not known of every architecture is known of some.
    facts = random.random(3) < 0.5
    near = np.triu(random.integers(0, 6, size=(n, n)), 1)
    past = np.triu(random.gamma(0.3, 2.0, size=(n, n)), 1)
    score = np.where(random.random(n) < 0.8, random.random(n), np.nan)
    return System(
        codes=tuple(codes(n)),
        allies=allies + allies.T,
        rivals=rivals + rivals.T,
        capability=random.lognormal(0.0, 1.0, n),
        distance=np.sqrt(((place[:, None] - place[None, :]) ** 2).sum(axis=2)),
        contiguity=(near + near.T).astype(np.float64) if facts[0] else None,
        regime=score if facts[1] and not np.isnan(score).all() else None,
        disputes=past + past.T if facts[2] else None,
        **(_beyond_signs(random, allies + allies.T, rivals + rivals.T) if kind[0, 1] < 2 else {}),
    )


def _beyond_signs(random: np.random.Generator, allies: Floats, rivals: Floats) -> dict[str, Any]:
    """Draw promises of every kind, intensities and amounts that have these signs."""
    n = len(allies)

    def some(share: float) -> Floats:
        values = np.round(random.random((n, n)), 2) * (random.random((n, n)) < share)
        np.fill_diagonal(values, 0.0)
        return values

    low = np.triu(random.integers(0, 3, (n, n)), 1)
    high = np.triu(random.integers(3, 6, (n, n)), 1)
    promises = {kind: some(0.2) for kind in ("offense", "nonaggression", "neutrality", "guarantee")}
    return {
        "promises": {"defense": allies, **promises},
        "neutral": random.random(n) * (random.random(n) < 0.2),
        "rivalry": np.where(rivals > 0, high + high.T, low + low.T).astype(np.float64),
        "stations": some(0.15) * 0.3,
        "supplies": some(0.2) * 0.1,
        "nuclear": (random.random(n) < 0.3).astype(np.float64) if random.random() < 0.8 else None,
    }


@st.composite
def moves(draw: st.DrawFn, system: System, most: int = 12) -> Moves:
    """Draw changes of a system: new ties for one pair, for a star of pairs, or for any pairs."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = system.size
    edits, actors = [], []
    for _ in range(draw(st.integers(1, most))):
        centre = int(random.integers(n))
        others = [int(x) for x in random.permutation(n) if x != centre]
        count = int(random.integers(1, len(others) + 1))
        if random.random() < 0.8:
            pairs = [(centre, other) for other in others[:count]]
        else:
            every = [(i, j) for i in range(n) for j in range(i + 1, n)]
            pairs = [every[k] for k in random.permutation(len(every))[:count]]
        edits.append([(i, j, *_tie(random)) for i, j in pairs])
        actors.append(sorted({centre, *(int(x) for x in random.choice(others, 1))}))
    return Moves.build(edits, actors)


def _tie(random: np.random.Generator) -> tuple[float, float]:
    kind = random.integers(4)
    if kind == 0:
        return 0.0, 0.0
    if kind == 1:
        return 0.0, 1.0
    return (1.0, 0.0) if kind == 2 else (float(random.uniform(0.1, 0.9)), 0.0)


def permuted(system: System, order: Sequence[int]) -> System:
    """Return the system with its states in another order."""
    return system.take(order)


def with_isolate(system: System) -> System:
    """Return the system with one more state, without ties or capability."""
    n = system.size

    def grown(matrix: Floats) -> Floats:
        larger = np.zeros((n + 1, n + 1))
        larger[:n, :n] = matrix
        return larger

    pairs: dict[str, Any] = {
        name: grown(getattr(system, name))
        for name in PAIR_ARRAYS
        if getattr(system, name) is not None
    }
    return replace(
        system,
        codes=(*system.codes, "ZZZ"),
        capability=np.append(system.capability, 0.0),
        regime=None if system.regime is None else np.append(system.regime, np.nan),
        neutral=np.append(system.neutral, 0.0),
        nuclear=None if system.nuclear is None else np.append(system.nuclear, 0.0),
        promises={kind: grown(promised) for kind, promised in system.promises.items()},
        **pairs,
    )
