"""A change that a model does not see is answered with the reason, never with "no effect"."""

from __future__ import annotations

import pytest

import detente as dt
from detente.auditing.change_verdict import change_verdict
from detente.auditing.feasible_changes import ON_REQUEST, RULE, allied_rivals, feasible
from detente.testing import build

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


def test_a_change_that_allies_rivals_is_answered_with_that_first():
    """Terminal, reading and data begin with the conflict; reconciled in the change, it is gone."""
    change, healed = "AAA joins PACT", "AAA joins PACT; AAA and CCC reconcile"
    g = build(
        dict.fromkeys(("AAA", "BBB", "CCC"), 1.0),
        rivals=[("AAA", "CCC", 4)],
        organisations={"PACT": ["BBB", "CCC"]},
    )
    told = dt.audit(g, [change, healed], draws=0, alternatives=False)
    alone = dt.audit(g, change, draws=0, alternatives=False)
    first = f"{change}: against the rule of what is feasible it makes allies of AAA-CCC, who are"

    assert {change: ["AAA-CCC"]} == told.settings["conflicts"]
    assert alone.headline().startswith(first)
    assert alone.to_dict()["lenses"][0]["headline"].startswith(first)
    assert change_verdict(told, healed).conflict() == ""


def test_no_feasible_change_of_any_kind_allies_rivals():
    """The feasible set keeps its own rule, on request too."""
    some = feasible(G, [*RULE, *ON_REQUEST])[::7]

    assert [] == [str(change) for change in some if allied_rivals(G, change)]
