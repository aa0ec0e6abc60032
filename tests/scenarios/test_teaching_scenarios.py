"""The two scenarios for a class show what their descriptions promise."""

from __future__ import annotations

import polars as pl
import pytest

import detente


def states_in(text: str) -> set[str]:
    """Return the codes in a list such as "UPL -0.1; VES -0.2"."""
    return {part.split()[0] for part in text.split("; ") if part}


def test_the_quarrel_inside_the_common_house_is_what_divides_it() -> None:
    """An outsider who allies with one side of it costs the other; once it is over, nobody pays."""
    g = detente.load("common-house")
    audit = detente.audit(g, draws=0, alternatives=False)
    paid = {row["change"]: states_in(row["losses"]) for row in audit.witnesses().to_dicts()}
    after = detente.audit(g.apply(detente.reconcile("BRE", "COR")), draws=0, alternatives=False)

    assert {
        "BRE and FER commit to mutual defense": {"COR"},
        "COR and FER commit to mutual defense": {"BRE"},
    } == paid
    assert 0 == after.witnesses().height
    assert after.data["wanted"].any()


def test_two_blocs_have_a_witness_that_everybody_understands() -> None:
    """When a bystander joins one alliance, its quarrelling members gain and their rivals lose."""
    audit = detente.audit(detente.load("two-blocs"))
    witness = audit.witnesses().row(by_predicate=pl.col("change") == "MIR joins LEAGUE", named=True)
    deltas = audit.deltas("MIR joins LEAGUE").to_series()

    assert 0.0 < witness["share_witness"]
    assert {"UPL", "VES"} == states_in(witness["losses"])
    assert {"HAR", "LOM"} == set(deltas[deltas > float(audit.data["tolerance"][0])].index)


@pytest.mark.parametrize("change", ["HAR and UPL reconcile", "LOM and VES reconcile"])
def test_reconciling_rivals_of_two_blocs_harms_nobody(change: str) -> None:
    """Rivals who reconcile both want it, and it costs nobody anything."""
    audit = detente.audit(detente.load("two-blocs"))
    row = audit.changes().row(by_predicate=pl.col("change") == change, named=True)

    assert row["freedom"]
    assert row["veto"]
