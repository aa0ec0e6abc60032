"""Europe 1936 is complete, follows its declared rules, and gives the minima it was kept for."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from bundled_tables import Tables

from detente.lenses import landscape

PARTS = ("ethnic_conflict", "border_dispute", "war_history")


def test_every_pair_has_a_propensity(europe: Tables) -> None:
    """17 states make 136 pairs, each once."""
    codes = [r["state"] for r in europe["states"]]
    expected = {frozenset(pair) for pair in combinations(codes, 2)}

    assert 136 == len(europe["propensities"])
    assert expected == {frozenset((r["state_a"], r["state_b"])) for r in europe["propensities"]}


def test_a_propensity_is_the_sum_of_its_components(europe: Tables) -> None:
    """Three conflicts count -1 each; religion and government count as they stand."""
    for r in europe["propensities"]:
        conflicts = sum(int(r[part]) for part in PARTS)
        expected = float(r["religion"]) + float(r["government"]) - conflicts

        assert expected == pytest.approx(float(r["propensity"]), abs=1e-9)


def test_rivalries_follow_from_the_components(europe: Tables) -> None:
    """Intensity is one plus the number of conflicts, and no pair without one is a rival."""
    expected = {
        (r["state_a"], r["state_b"]): 1 + sum(int(r[part]) for part in PARTS)
        for r in europe["propensities"]
        if any(int(r[part]) for part in PARTS)
    }

    assert expected == {
        (r["state_a"], r["state_b"]): int(r["intensity"]) for r in europe["rivalries"]
    }


def test_the_reconstruction_has_the_two_minima_that_it_was_kept_for(europe: Tables) -> None:
    """A regression test on our reconstruction; it verifies nothing about the theory.

    The sides are those printed by Axelrod and Bennett (1993); the energies are computed from the
    reconstructed propensities, which the article does not print.
    """
    codes = [r["state"] for r in europe["states"]]
    size = np.array([float(r["value"]) for r in europe["capabilities"]])
    propensity = np.zeros((17, 17))
    for r in europe["propensities"]:
        i, j = codes.index(r["state_a"]), codes.index(r["state_b"])
        propensity[i, j] = propensity[j, i] = float(r["propensity"])

    found = landscape.minima(size, propensity)
    smaller = [
        {c for c, s in zip(codes, m.side, strict=True) if s == m.side[codes.index("SUN")]}
        for m in found
    ]

    assert [{"GBR", "FRA", "CSK", "DNK", "SUN", "YUG", "GRC"}, {"SUN", "YUG", "GRC"}] == smaller
    expected = [-2292.9779021600, -2202.5953730200]
    assert expected == pytest.approx([m.energy for m in found], rel=1e-9)


def test_what_is_from_memory_says_so(europe: Tables) -> None:
    """Commitments and organisations of 1936 were written from memory, and every row tells."""
    rows = [*europe["commitments"], *europe["organisations"]]

    assert all(r["note"].startswith("from memory") for r in rows)
    assert {"medium"} == {r["confidence"] for r in rows}
