"""The panel held cell for cell to a plain, row-wise reading of the same tables.

The reference follows the conventions that {peacesciencer} documents (functions `add_contiguity`,
`add_atop_alliance`, `add_nmc`, `add_cow_majors`, `add_capital_distance`, `add_gml_mids`,
`add_peace_years`, `add_strategic_rivalries`): dictionaries and loops, one row at a time, and none
of the code under test but the tables that were read.
"""

from __future__ import annotations

import math

import polars as pl
import pytest

from detente.evidence.datasets import store
from detente.evidence.panel.rows import panel

YEARS = (1816, 1849, 1865, 1914, 1919, 1940, 1962, 1990, 2010)
OBLIGATIONS = ("defense", "offense", "neutrality", "nonaggression", "consultation")
EARTH = 6371.0088  # km, mean radius; {peacesciencer} takes the equatorial one, 6378.137


@pytest.fixture(scope="module")
def world(filled_data):
    """The tables as dictionaries of cells by states and year."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DETENTE_DATA", str(filled_data))
        names = ("states", "false_dyads", "contiguity", "obligations", "capabilities", "majors")
        names += ("capitals", "rivalries_tss", "regime", "igo_dyads")
        tables = {name: store.table(name) for name in names}
        tables["igo_dyads"] = tables["igo_dyads"].filter(pl.col("year").is_in(YEARS))
        tables["disputes"] = store.table("disputes_directed", source="gml")
    return {name: list(table.iter_rows(named=True)) for name, table in tables.items()}


def spells(rows, keys, year, start="start_date", end="end_date"):
    """Yield the rows whose spell touches a year, with their keys."""
    for row in rows:
        first, last = row[start], row[end]
        first, last = getattr(first, "year", first), getattr(last, "year", last)
        if first <= year <= last:
            yield tuple(row[key] for key in keys), row


def frame(world, year):
    """Return the directed pairs of a year: all members, less the pairs that never met."""
    members = sorted({code for (code,), _ in spells(world["states"], ["ccode"], year)})
    never = {(r["ccode1"], r["ccode2"]) for r in world["false_dyads"] if r["year"] == year}
    return [(a, b) for a in members for b in members if a != b and (a, b) not in never]


def of_year(rows, year, *keys):
    """Return the rows of a year by their keys."""
    return {tuple(row[key] for key in keys): row for row in rows if row["year"] == year}


def apart(one, two):
    """Return the kilometres between two places by the spherical form of Vincenty's formula."""
    p, q = math.radians(one["lat"]), math.radians(two["lat"])
    turn = math.radians(two["lon"] - one["lon"])
    y = math.hypot(
        math.cos(q) * math.sin(turn),
        math.cos(p) * math.sin(q) - math.sin(p) * math.cos(q) * math.cos(turn),
    )
    x = math.sin(p) * math.sin(q) + math.cos(p) * math.cos(q) * math.cos(turn)
    return EARTH * math.atan2(y, x)


@pytest.mark.parametrize("year", YEARS)
def test_every_cell_of_a_year_is_that_of_the_reference(world, data, year):
    """Frame, contiguity, alliances, capabilities, majors, distance, rivalry: row by row."""
    contiguous = {}
    for key, row in spells(world["contiguity"], ["ccode1", "ccode2"], year):
        if row["type"] > 0:
            contiguous[key] = min(row["type"], contiguous.get(key, 9))
    promised = of_year(world["obligations"], year, "ccode1", "ccode2")
    power = of_year(world["capabilities"], year, "ccode")
    regime = of_year(world["regime"], year, "ccode")
    shared = of_year(world["igo_dyads"], year, "ccode1", "ccode2")
    great = {code for (code,), _ in spells(world["majors"], ["ccode"], year)}
    seat = {}
    for (code,), row in spells(world["capitals"], ["ccode"], year):
        if code not in seat or row["start_date"] < seat[code]["start_date"]:
            seat[code] = row  # the capital of the first of January
    rivals = set()
    for (a, b), _ in spells(
        world["rivalries_tss"], ["ccode1", "ccode2"], year, "start_year", "end_year"
    ):
        rivals |= {(a, b), (b, a)}
    rows, distances = [], []
    for a, b in frame(world, year):
        pledge = promised.get((a, b), {})
        either = shared.get((min(a, b), max(a, b)), {})
        rows.append(
            (
                year,
                a,
                b,
                contiguous.get((a, b), 0),
                *(pledge.get(kind, 0) for kind in OBLIGATIONS),
                *(power.get((code,), {}).get(k) for k in ("cinc", "milper") for code in (a, b)),
                *(regime.get((code,), {}).get("polity2") for code in (a, b)),
                int(a in great),
                int(b in great),
                int((a, b) in rivals),
                either.get("shared_igos"),
            )
        )
        distances.append(apart(seat[a], seat[b]))
    groups = ["contiguity", "alliances", "capabilities", "regime", "majors", "rivalry", "igos"]
    table = panel(year, year, add=[*groups, "distance"])
    kept = ["year", "ccode1", "ccode2", "contiguity", *OBLIGATIONS]
    kept += ["cinc1", "cinc2", "milper1", "milper2", "polity21", "polity22", "major1", "major2"]
    found = table.select(*kept, "rivalry", "shared_igos").rows()

    assert len(rows) == len(found)
    assert [] == [(r, f) for r, f in zip(rows, found, strict=True) if r != f][:3]
    assert distances == pytest.approx(table["distance_km"].to_list(), rel=1e-5, abs=1e-3)


def test_disputes_and_peace_of_all_years_are_those_of_the_reference(world, data):
    """Onset, ongoing and both counts of peaceful years, from 1816 to 1990, for some states."""
    some = {2, 200, 220, 255, 260, 300, 305, 325, 345, 365, 640, 645, 666, 651, 710, 740, 750, 770}
    disputes = {(r["ccode1"], r["ccode2"], r["year"]): r for r in world["disputes"]}
    expected = []
    onset_count, spell_count = {}, {}
    for year in range(1816, 1991):
        for a, b in frame(world, year):
            if not {a, b} <= some:
                continue
            row = disputes.get((a, b, year)) if year < 1990 else None
            begun, going = (row["onset"], row["ongoing"]) if row else (0, 0)
            since = onset_count.get((a, b), 0), spell_count.get((a, b), 0)
            shown = (begun, going) if year < 1990 else (None, None)
            expected.append((year, a, b, *shown, *since))
            onset_count[a, b] = 0 if begun else since[0] + 1
            spell_count[a, b] = 0 if begun or going else since[1] + 1
    table = panel(1816, 1990, add=["disputes", "peace_years", "peace_spells"])
    kept = table.filter(pl.col("ccode1").is_in(some), pl.col("ccode2").is_in(some))
    found = kept.select(
        "year", "ccode1", "ccode2", "onset", "ongoing", "peace_years", "peace_spell"
    ).rows()

    assert len(expected) > 20_000
    assert [] == [(e, f) for e, f in zip(expected, found, strict=True) if e != f][:3]


def test_a_pair_without_direction_has_the_promises_of_both(world, data):
    """The highest value of either direction is what an undirected table of others shows."""
    promised = of_year(world["obligations"], 1832, "ccode1", "ccode2")
    table = panel(1832, 1832, unit="dyad-year", add=["alliances"])

    assert promised[220, 211]["defense"] == 1
    assert promised[211, 220]["defense"] == 0
    for row in table.iter_rows(named=True):
        a, b = row["ccode1"], row["ccode2"]
        for kind in OBLIGATIONS:
            either = (promised.get(pair, {}).get(kind, 0) for pair in ((a, b), (b, a)))
            assert max(either) == max(row[kind + "1"], row[kind + "2"])


def test_whole_columns_have_the_counts_of_their_tables(world, data):
    """Each positive cell of a table that lies in the frame is there once, and no other."""
    first, last = 1816, 1950
    table = panel(first, last, add=["contiguity", "alliances", "disputes", "igos"])
    pairs = {(y, a, b) for y in range(first, last + 1) for a, b in frame(world, y)}
    for kind in OBLIGATIONS:
        wanted = sum(
            row[kind]
            for row in world["obligations"]
            if (row["year"], row["ccode1"], row["ccode2"]) in pairs
        )
        assert wanted == table[kind].sum()
    disputes = [row for row in world["disputes"] if row["year"] <= last]
    inside = [r for r in disputes if (r["year"], r["ccode1"], r["ccode2"]) in pairs]

    assert len(pairs) == table.height
    assert len(inside) == len(disputes) > 1_000
    assert sum(row["onset"] for row in inside) == table["onset"].sum()
    assert {row["type"] for row in world["contiguity"]} - {0} == set(table["contiguity"]) - {0}


def test_the_last_years_of_a_rivalry_stay_with_the_state_that_is_named(world, data):
    """{peacesciencer} gives 1919 and 1920 of one rivalry to Austria; here they are nobody's."""
    row = next(r for r in world["rivalries_tss"] if r["rivalry_id"] == 76)
    table = panel(1919, 1920, add=["rivalry"]).filter(pl.col("ccode1") == 305)

    assert (300, 345, 1920) == (row["ccode1"], row["ccode2"], row["end_year"])
    assert 0 == table.filter(pl.col("ccode2") == 345)["rivalry"].sum()
