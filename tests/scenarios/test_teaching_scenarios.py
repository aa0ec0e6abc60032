"""The two scenarios for a class show what their descriptions promise."""

from __future__ import annotations

import polars as pl
import pytest

import detente


def states_in(text: str) -> set[str]:
    """Return the codes in a list such as "UPL -0.1; VES -0.2"."""
    return {part.split()[0] for part in text.split("; ") if part}


def test_in_the_common_house_no_wanted_change_harms_anybody() -> None:
    """Six changes are wanted, and none harms anybody in any draw of the parameters."""
    audit = detente.audit(detente.load("common-house"))
    wanted = audit.changes().filter(pl.col("freedom"))
    harm = audit.data["share_harms"].sel(change=wanted["change"].to_list())

    assert 6 == wanted.height
    assert 0 == audit.witnesses().height
    assert 0.0 == float(harm.max())


def test_two_blocs_have_a_witness_that_everybody_understands() -> None:
    """When a bystander joins one alliance, all in it gain and the rivals in the other lose."""
    audit = detente.audit(detente.load("two-blocs"))
    witness = audit.witnesses().row(by_predicate=pl.col("change") == "MIR joins LEAGUE", named=True)

    assert 1.0 == witness["share_witness"]
    assert {"MIR", "HAR", "KEL", "LOM"} == states_in(witness["gains"])
    assert {"UPL", "VES"} == states_in(witness["losses"])


@pytest.mark.parametrize("change", ["HAR and UPL reconcile", "LOM and VES reconcile"])
def test_reconciling_rivals_of_two_blocs_harms_nobody(change: str) -> None:
    """Rivals who reconcile both want it, and it costs nobody anything."""
    audit = detente.audit(detente.load("two-blocs"))
    row = audit.changes().row(by_predicate=pl.col("change") == change, named=True)

    assert row["freedom"]
    assert row["veto"]
