"""The settlement tables of eurasia-2024: complete, in range, and coded alike for both sides."""

from __future__ import annotations

from collections import defaultdict

import pytest
from bundled_tables import Tables

from detente.architecture.sentences import parse

RULE = {"high": 0.05, "medium": 0.10, "low": 0.20}


def test_every_issue_has_a_status_quo_and_words(eurasia: Tables) -> None:
    """No silent issue is without a value, and every scale has words for at least five points."""
    issues = [row["issue"] for row in eurasia["issues"]]
    words = defaultdict(dict)
    for row in eurasia["issue_anchors"]:
        words[row["issue"]][float(row["position"])] = row["words"]

    assert issues == [row["issue"] for row in eurasia["status_quo"]]
    assert issues == list(words)
    for row in eurasia["issues"]:
        anchors = words[row["issue"]]
        assert len(anchors) >= 5
        assert (anchors[0.0], anchors[1.0]) == (row["zero_means"], row["one_means"])
    assert {row["basis"] for row in eurasia["status_quo"]} == {"analyst"}


def test_two_belligerents_have_to_agree_and_every_party_has_a_role(eurasia: Tables) -> None:
    """Whoever has positions is in the conflict, and supporters say whom they support."""
    rows = eurasia["conflicts"]
    required = {row["party"] for row in rows if row["consent"] == "required"}

    assert required == {"UKR", "RUS"}
    assert {row["party"] for row in rows} == {row["party"] for row in eurasia["parties"]}
    assert all((row["role"] == "supporter") == (row["supports"] in required) for row in rows)
    assert {row["conflict"] for row in eurasia["issues"]} == {row["conflict"] for row in rows}


@pytest.mark.parametrize("table", ["offers", "status_quo"])
def test_positions_lie_in_their_ranges(eurasia: Tables, table: str) -> None:
    """Low, position, high; a range by the rule is the rule's."""
    value = "normalised_position" if table == "offers" else "position"
    for row in eurasia[table]:
        low, middle, high = float(row["low"]), float(row[value]), float(row["high"])
        assert 0 <= low <= middle <= high <= 1
        if row.get("range") == "rule":
            wide = RULE[row["confidence"]]
            assert (low, high) == pytest.approx((max(0, middle - wide), min(1, middle + wide)))


def test_figures_of_parties_have_ranges_and_a_mark(eurasia: Tables) -> None:
    """Nothing typed about a party stands without its range and its label."""
    for row in eurasia["parties"]:
        for name in ("ideal", "salience", "influence"):
            assert 0 <= float(row[f"{name}_low"]) <= float(row[name])
            assert float(row[name]) <= float(row[f"{name}_high"]) <= 1
        assert (row["label"], row["basis"]) == ("analyst_judgement", "analyst")


def test_an_organisation_names_the_members_that_are_listed_beside_it(eurasia: Tables) -> None:
    """The European Union and its members do not both count unnoticed."""
    union = {row["counts_with"] for row in eurasia["parties"] if row["party"] == "EU"}

    assert union == {"DEU;FRA;ITA;POL;HUN"}


def test_what_a_text_does_not_say_is_marked_on_either_side(eurasia: Tables) -> None:
    """One rule of silence: a row that no words of the text bear has another basis than text."""
    basis = {(row["offer"], row["issue"]): row["basis"] for row in eurasia["offers"]}

    assert basis["ukr_formula", "alignment"] == basis["ukr_formula", "force_limits"] == "context"
    assert basis["rus_june2024", "guarantees"] == basis["buergenstock", "sequencing"] == "reference"
    assert ("rus_june2024", "architecture") not in basis
    assert ("ukr_formula", "language") not in basis
    assert {"rus_freeze_feeler", "tur_draft_reported", "italy_may2022"} == {
        offer for (offer, _), value in basis.items() if value == "report"
    } - {"rus_freeze_feeler_feb"}


def test_new_offers_were_seen(eurasia: Tables) -> None:
    """Each offer that was added names a source of which a copy was read."""
    seen = {row["source"] for row in eurasia["sources"] if row["seen"] == "yes"}
    added = {
        "rus_eurasia_june2024", "unga_es11_6", "nato_vilnius", "us_ukr_bsa", "eu_ukr_commitments",
        "mexico_sep2022", "blr_truce", "rus_freeze_feeler_feb",
    }  # fmt: skip
    sources = {row["offer"]: row["source"] for row in eurasia["offers"]}

    assert added <= set(sources)
    assert {sources[offer] for offer in added} <= seen


def test_terms_are_sentences_that_are_understood(eurasia: Tables) -> None:
    """What positions stand for can be tried as a change of the architecture."""
    edits = {(row["proposal"], row["reading"]) for row in eurasia["edits"]}
    for row in eurasia["settlement_terms"]:
        assert 0 <= float(row["low"]) <= float(row["high"]) <= 1
        for sentence in filter(None, row["change"].split(";")):
            proposal, _, reading = sentence.partition(":")
            if (proposal, reading) not in edits:
                assert str(parse(sentence.strip())) == sentence.strip()
