"""Nothing of the project's collected facts got lost on the way into the scenarios."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bundled_tables import Tables, read_csv

FACTS = Path(os.environ.get("DETENTE_TEST_DATA", "absent"))
SAME = {
    "actors": "actors",
    "arms_control": "arms_control",
    "attributions": "attributions",
    "claims": "seed_claims",
    "commitments": "commitments",
    "contested": "contested",
    "incidents": "incidents",
    "issues": "issues",
    "memberships": "memberships",
    "offers": "offers",
    "organisations": "organisations",
    "parties": "parties",
    "rivalries": "rivalries",
    "signals": "signals",
    "states": "states",
}
FIGURES = {
    "cinc_2016": ("cinc", {"2016"}),
    "cinc_2022": ("cinc", {"2022"}),
    "gdp_usd_bn": ("gdp", {"2021", "2023"}),
    "milex_usd_bn": ("milex", {"2022", "2023"}),
    "active_personnel_k": ("personnel", {"2023"}),
    "population_millions": ("population", {"2023"}),
    "nuclear_warheads_stockpile": ("warheads", {"2024"}),
}


@pytest.fixture
def facts() -> Path:
    """Return the folder of collected facts, or skip where it is not at hand."""
    if not FACTS.is_dir():
        pytest.skip("DETENTE_TEST_DATA names no folder with the collected facts")
    return FACTS


@pytest.mark.parametrize("table", SAME)
def test_every_collected_row_is_in_the_scenario(facts: Path, eurasia: Tables, table: str) -> None:
    """A table has the rows that were collected, and more where corrections added some."""
    collected = read_csv(facts / "eurasia2024" / f"{SAME[table]}.csv")
    moved = len(eurasia["presence"]) if table == "commitments" else 0

    assert len(collected) <= len(eurasia[table]) + moved


@pytest.mark.parametrize("column", FIGURES)
def test_every_collected_figure_is_in_the_scenario(
    facts: Path, eurasia: Tables, column: str
) -> None:
    """Figures arrive unrounded, and an empty cell becomes no row."""
    measure, years = FIGURES[column]
    collected = read_csv(facts / "eurasia2024" / "states.csv")
    expected = {r["iso3"]: r[column] for r in collected if r[column]}
    actual = {
        r["state"]: r["value"]
        for r in eurasia["capabilities"]
        if r["measure"] == measure and r["year"] in years
    }

    assert expected == actual


def test_every_pair_of_1936_is_in_the_scenario(facts: Path, europe: Tables) -> None:
    """The reconstruction arrives as it was made."""
    pairs = read_csv(facts / "models" / "ww2_1936_pairs_reconstructed.csv")
    expected = {(r["a"], r["b"]): r["propensity"] for r in pairs}

    assert expected == {
        (r["state_a"], r["state_b"]): r["propensity"] for r in europe["propensities"]
    }
