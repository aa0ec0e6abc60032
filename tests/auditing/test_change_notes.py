"""A change that a model does not see is answered with the reason, never with "no effect"."""

from __future__ import annotations

import pytest

import detente as dt

G = dt.load("eurasia-2024")


@pytest.mark.parametrize(
    ("change", "lens", "because"),
    [
        ("GEO joins BRICS", "coalition", "the treaty of BRICS promises nothing"),
        ("THA joins EPC", "balance", "the treaty of EPC promises nothing"),
        ("USA withdraws its forces from IRQ", "balance", "it edits consented presence"),
        ("GBR guarantees FIN", "hazard", "it edits guarantees, and the lens reads"),
        ("AUT leaves EU", "balance", "EU/AUT weighs 0 here (--weight EU/AUT=1 counts it)"),
        ("USA and GBR ally", "balance", "other ties of the same states, as strong, stand already"),
        ("gsi:text", "coalition", "it states principles and edits nothing"),
    ],
)
def test_an_unseen_change_says_why(change, lens, because):
    """Why a lens has no result stands in the text of the audit."""
    result = dt.audit(G, change, lens=lens, draws=0, alternatives=False)
    notes = " ".join(note for said in result.settings["notes"].values() for note in said)

    assert f"The lens {lens} does not see it, because" in notes
    assert because in notes
    assert "does not see it, because" in " ".join(str(result).split())


def test_a_change_that_is_seen_has_no_such_note():
    """Nothing is added where a model answers."""
    result = dt.audit(G, "UKR joins NATO", lens="coalition", draws=0, alternatives=False)

    assert {} == result.settings["notes"]


def test_rivals_whom_a_change_allies_are_named():
    """Two rivals who join one union do not lose their quarrel in silence."""
    change = "SRB joins EU; XKX joins EU"
    result = dt.audit(G, change, lens="coalition", draws=0, alternatives=False)

    assert "It makes allies of rivals: SRB-XKX" in result.settings["notes"][change][0]
