"""Forces abroad, what is on the table and the proposals of Eurasia 2024 hold together."""

from __future__ import annotations

from collections import Counter

import pytest
from bundled_tables import Tables

WITHOUT_CONSENT = {
    "rus-ukr",
    "rus-mda",
    "rus-abk",
    "rus-sos",
    "isr-pse",
    "isr-syr",
    "tur-syr",
    "tur-ncy",
    "usa-syr",
    "tur-irq",
    "usa-twn",
    "aze-arm",
}


def test_forces_on_the_ground_of_others_stand_in_one_table(eurasia: Tables) -> None:
    """No row of forces is left among commitments, where it would bind the host."""
    assert "basing" not in {row["kind"] for row in eurasia["commitments"]}


def test_presence_without_consent_is_coded_for_every_sender_by_one_rule(eurasia: Tables) -> None:
    """Where a recognised government objects or claimants differ, the row says who says what."""
    contested = {row["presence"] for row in eurasia["presence"] if row["consent"] != "yes"}

    assert WITHOUT_CONSENT == contested
    assert all(row["consent_by_claimant"] for row in eurasia["presence"] if row["consent"] != "yes")


def test_forces_abroad_are_fewer_than_forces(eurasia: Tables) -> None:
    """What a sender has abroad, at the lower count, is at most its active personnel."""
    abroad: Counter[str] = Counter()
    for row in eurasia["presence"]:
        if not row["end"] and row["personnel_low"]:
            abroad[row["by"]] += int(row["personnel_low"])
    own = {
        row["state"]: 1000 * float(row["value"])
        for row in eurasia["capabilities"]
        if row["measure"] == "personnel"
    }

    assert [] == [sender for sender, count in abroad.items() if count > own[sender]]


@pytest.mark.parametrize("reading", ["text", "wide"])
def test_a_row_of_a_proposal_names_its_basis_and_who_decides(eurasia: Tables, reading: str) -> None:
    """What a text does not say is marked as implied or as the analyst's."""
    rows = [row for row in eurasia["edits"] if row["reading"] == reading]
    unsaid = [r["edit"] for r in rows if r["basis"] == "stated" and r["source"] == "assumed"]

    assert [] == unsaid
    assert {"stated", "implied", "analyst"} >= {row["basis"] for row in rows}


def test_eleven_proposals_of_all_sides(eurasia: Tables) -> None:
    """Each proposal stands with the case for it and against it."""
    assert 11 == len(eurasia["proposals"])
    assert all(row["case_for"] and row["case_against"] for row in eurasia["proposals"])


def test_nothing_on_the_table_is_younger_than_the_scenario(eurasia: Tables) -> None:
    """A change is on the table if somebody asked for it by the date; examples of others say so."""
    late = [row["item"] for row in eurasia["on_the_table"] if row["since"] > "2024-06-30"]
    unasked = {row["item"] for row in eurasia["on_the_table"] if not row["since"]}

    assert [] == late
    assert unasked == {
        row["item"] for row in eurasia["on_the_table"] if row["standing"] == "not_on_the_table"
    }
