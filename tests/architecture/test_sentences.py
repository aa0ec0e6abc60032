"""Sentences as people type them are understood, or answered with the one that was meant."""

from __future__ import annotations

import pytest

import detente as dt
from detente.architecture.sentences import parse, understand
from detente.errors import UnknownName, UsageError


@pytest.fixture(scope="module")
def g():
    """Return the architecture of Eurasia in 2024."""
    return dt.load("eurasia-2024")


VERBS = {
    "UKR joins NATO": ("joins", "join", "enters", "accedes to", "becomes a member of"),
    "HUN leaves NATO": ("leaves", "leave", "quits", "exits"),
}
STATES = {
    "UKR": ("UKR", "ukr", "Ukraine", "UKRAINE", "the Ukraine"),
    "HUN": ("HUN", "Hungary", "hungary"),
}
ALLIANCE = (
    "NATO",
    "nato",
    "OTAN",
    "the North Atlantic Treaty Organization",
    "North Atlantic Treaty Organisation",
)


@pytest.mark.parametrize("sentence", VERBS)
def test_spellings_of_one_sentence_mean_the_same(g, sentence):
    """Singular or plural, code or name, in any case: one change."""
    state = sentence.split()[0]
    typed = [
        f"{name} {verb} {alliance}"
        for name in STATES[state]
        for verb in VERBS[sentence]
        for alliance in ALLIANCE
    ]

    assert {sentence} == {str(understand(g, text)) for text in typed}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Russia reconciles with Ukraine", "RUS and UKR reconcile"),
        ("RUS and UKR make peace.", "RUS and UKR reconcile"),
        ("UKR joins NATO, RUS leaves CSTO", "UKR joins NATO; RUS leaves CSTO"),
        ("UKR joins NATO and RUS leaves CSTO", "UKR joins NATO; RUS leaves CSTO"),
        ("ARM and AZE reconcile and BLR leaves CSTO", "ARM and AZE reconcile; BLR leaves CSTO"),
        ("GEO and MDA join the European Union", "GEO joins EU; MDA joins EU"),
        ("Bosnia and Herzegovina joins NATO", "BIH joins NATO"),
        ("Bosnia and Herzegovina and Serbia reconcile", "BIH and SRB reconcile"),
        ("USA withdraws from NATO", "USA leaves NATO"),
        ("Turkey leaves NATO", "TUR leaves NATO"),
        ("UK leaves NATO", "GBR leaves NATO"),
        ("U K leaves NATO", "GBR leaves NATO"),
        ("GB leaves NATO", "GBR leaves NATO"),
        ("UKG leaves NATO", "GBR leaves NATO"),
        ("NATO admits Ukraine", "UKR joins NATO"),
        ("UKR joins “NATO”", "UKR joins NATO"),
        ("the US pulls its troops out of Iraq", "USA withdraws its forces from IRQ"),
        ("CHN and IND pledge non-aggression", "CHN and IND pledge nonaggression"),
        ("FIN and SWE commit to mutual defence", "FIN and SWE commit to mutual defense"),
    ],
)
def test_sentences_as_typed(g, typed, meant):
    """What people write comes out as the one sentence that is printed."""
    assert meant == str(understand(g, typed))


def test_two_letters_never_become_another_state(g):
    """UK means the United Kingdom, and where that is not there nothing is guessed."""
    from detente.testing import build

    assert "GBR" == g.state("UK")
    with pytest.raises(UnknownName) as caught:
        build({"UKR": 1, "RUS": 2}).state("UK")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("UKR jions NATO", "UKR joins NATO"),
        ("HUN leafs NATO", "HUN leaves NATO"),
        ("ARM and AZE reconsile", "ARM and AZE reconcile"),
        ("GBR garantees FIN", "GBR guarantees FIN"),
    ],
)
def test_a_slip_is_answered_with_the_sentence_that_was_meant(typed, meant):
    """One misspelt verb is named back mended; it is not done in silence."""
    with pytest.raises(UsageError, match=f"Did you mean '{meant}'"):
        parse(typed)


def test_what_is_no_change_is_answered_with_those_that_there_are():
    """A sentence about something else lists every kind of change."""
    with pytest.raises(UsageError, match=r"no such change.*UKR joins NATO.*is dissolved"):
        parse("RUS admires UKR")


def test_a_scenario_is_found_whatever_its_case():
    """The name of a bundled scenario may be typed with capitals."""
    assert "eurasia-2024" == dt.load("Eurasia-2024").name
