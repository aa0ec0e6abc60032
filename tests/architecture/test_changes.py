"""Changes: what they do, what they refuse, how they read."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detente as dt
from detente.architecture.changes import moves_of
from detente.architecture.kinds import KINDS
from detente.architecture.sentences import forms, parse
from detente.errors import UnknownName, UsageError
from detente.testing import architectures, build, changes


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_editing_ties_equals_editing_tables(data):
    """The arrays after a change are the same whether tables or ties are edited."""
    g = data.draw(architectures())
    change = data.draw(changes(g))

    fast = g.system.moved(moves_of(g, [change]), 0)
    slow = g.apply(change).system

    np.testing.assert_array_equal(slow.allies, fast.allies)
    np.testing.assert_array_equal(slow.rivals, fast.rivals)
    np.testing.assert_allclose(
        slow.capability, fast.capability / fast.capability.sum(), rtol=1e-12, atol=0
    )
    for name in ("neutral", "rivalry", "stations", "supplies"):
        np.testing.assert_array_equal(getattr(slow, name), getattr(fast, name))
    for kind in KINDS:
        np.testing.assert_array_equal(slow.promises[kind], fast.promises[kind], kind)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_change_reads_back_from_its_sentence(data):
    """Parsing the printed sentence gives the change that was printed."""
    change = data.draw(changes(data.draw(architectures())))

    assert change.edits == dt.parse(str(change)).edits


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_applying_a_change_leaves_the_original_as_it_was(data):
    """An architecture is a value: after any change its content hash is what it was."""
    g = data.draw(architectures())
    before = g.digest

    after = data.draw(changes(g)).apply(g)

    assert before == g.digest
    assert (before == after.digest) == (dt.diff(g, after) == [])


def test_a_change_shares_the_tables_it_does_not_touch():
    """Applying a change copies the table it edits and no other."""
    g = build({"AAA": 1, "BBB": 2}, organisations={"PACT": ["AAA"]})

    after = g.apply(dt.join("BBB", "PACT"))

    shared = [name for name in g.tables if g.tables[name] is after.tables[name]]
    assert sorted(set(g.tables) - {"memberships"}) == sorted(shared)


@pytest.mark.parametrize("example", forms())
def test_every_form_of_sentence_is_understood(example):
    """Each example that the error message offers can be parsed."""
    assert 1 == len(dt.parse(example).edits)


def test_joining_is_the_decision_of_the_state_and_every_member():
    """Initiators of an accession are the state and all members."""
    g = build({"AAA": 1, "BBB": 2, "CCC": 3}, organisations={"PACT": ["AAA", "CCC"]})

    assert ("BBB", "AAA", "CCC") == dt.join("BBB", "PACT").initiators(g)


def test_named_initiators_replace_those_of_the_edits():
    """Whoever names the initiators of an accession decides whose consent counts."""
    g = build({"AAA": 1, "BBB": 2}, organisations={"PACT": ["AAA"]})

    assert ("BBB",) == dt.join("BBB", "PACT", initiators=["BBB"]).initiators(g)


def test_leaving_a_common_organisation_keeps_a_treaty_of_their_own():
    """Two states that also have a treaty stay allies when one leaves the organisation."""
    g = build(
        {"AAA": 1, "BBB": 2, "CCC": 3},
        allies=[("AAA", "BBB")],
        organisations={"PACT": ["AAA", "BBB", "CCC"]},
    )

    after = g.apply(dt.leave("AAA", "PACT")).system

    assert [[0, 1, 0], [1, 0, 1], [0, 1, 0]] == after.allies.tolist()


def test_allies_who_leave_become_the_rivals_they_were():
    """Rivals who are allies count as neither; when the alliance ends they are rivals again."""
    g = build(
        {"AAA": 1, "BBB": 2}, rivals=[("AAA", "BBB", 4)], organisations={"PACT": ["AAA", "BBB"]}
    )

    assert [("AAA", "BBB")] == g.ledger.allied_rivals()
    assert 0 == g.system.allies.sum() + g.system.rivals.sum()
    assert 1 == g.apply(dt.leave("BBB", "PACT")).system.rivals[0, 1]


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("AAA joins PACT", "already a member"),
        ("BBB leaves PACT", "not a member"),
        ("BBB joins PICT", "Did you mean 'PACT'"),
        ("AAA and AAA reconcile", "named twice"),
        ("AAA and BBB reconcile", "no rivalry"),
        ("AAA withdraws from BBB", "owes BBB no defense"),
        ("AAA disarms by 120 %", "100 % at most"),
        ("AAA arms by 1.2.3 %", "not a number"),
        (dt.arm("AAA", float("nan")), "is a number, not nan"),
        ("AAA and BBB become rivals at intensity 9", "between 1 and 5"),
        ("AAA and BBB commit to mutual admiration", "unknown commitment"),
        ("AAA dances with BBB", "is not understood"),
        ("  ", "needs a sentence"),
        ("XYZ joins PACT", "unknown state"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_a_reason(sentence, message):
    """A change that makes no sense here raises and says why."""
    g = build({"AAA": 1, "BBB": 2}, organisations={"PACT": ["AAA"]})

    with pytest.raises(UsageError, match=message):
        (dt.parse(sentence) if isinstance(sentence, str) else sentence).apply(g)


def test_withdrawing_points_to_the_organisation_that_ties():
    """Who is allied through an organisation only is told to leave it instead."""
    g = build({"AAA": 1, "BBB": 2}, organisations={"PACT": ["AAA", "BBB"]})

    with pytest.raises(UsageError, match="AAA leaves PACT"):
        dt.withdraw("AAA", "BBB").apply(g)


def test_edits_of_one_change_build_on_each_other():
    """A state that leaves can join again within one change, and nothing is left of it."""
    g = build({"AAA": 1, "BBB": 2}, organisations={"PACT": ["AAA", "BBB"]})
    there_and_back = dt.leave("AAA", "PACT") + dt.join("AAA", "PACT")

    assert "AAA leaves PACT; AAA joins PACT" == str(there_and_back.bound(g))
    np.testing.assert_array_equal(g.system.allies, g.apply(there_and_back).system.allies)


def test_what_is_undone_on_the_same_day_has_not_been():
    """Joining and leaving at once leaves the architecture as it was, to the last row."""
    g = build({"AAA": 1, "BBB": 2}, organisations={"PACT": ["AAA"]})

    assert g == g.apply(dt.join("BBB", "PACT"), dt.leave("BBB", "PACT"))


def test_arming_changes_the_figure_that_counts_and_no_other():
    """Older figures are history: they stay."""
    g = dt.load("eurasia-2024")

    changed = [(d.table, d.key) for d in dt.diff(g, g.apply(dt.arm("POL", 0.2)))]
    assert [("capabilities", "POL / cinc / 2022")] == changed


def test_states_can_be_named_in_words():
    """A state's name stands for its code, whatever its case."""
    g = dt.load("eurasia-2024")

    assert "UKR joins NATO" == str(dt.parse("ukraine joins nato").bound(g))
    with pytest.raises(UnknownName, match="Did you mean 'Ukraine'"):
        g.state("Ukrane")


def test_one_of_two_commitments_of_a_kind_can_be_ended_alone():
    """A row is named by its identifier: it ends, the other stands, in tables and ledger."""
    g = dt.load("eurasia-2024")
    one = dt.withdraw("TUR", "AZE", row="tur-aze-defense-2010")
    both = dt.withdraw("TUR", "AZE")
    left = {
        str(change): set(
            change.apply(g)
            .in_force("commitments")
            .filter((pl.col("promiser") == "TUR") & (pl.col("kind") == "defense"))["commitment"]
        )
        for change in (one, both)
    }
    overlay = g.ledger.overlay()
    for edit in one.bound(g).edits:
        edit.edit_ledger(overlay, g)

    assert {"tur-aze-defense-2021"} == left[str(one)] - left[str(both)]
    assert overlay.treaties["AZE", "TUR"] == one.apply(g).ledger.treaties["AZE", "TUR"]
    assert one.edits == parse(str(one)).edits
    assert one.edits == parse("TUR ends its defence commitment to AZE (tur-aze-defense-2010)").edits
    with pytest.raises(UnknownName, match="Did you mean"):
        dt.withdraw("TUR", "AZE", row="tur-aze-defense-201").bound(g)


def test_an_edit_of_a_proposal_ends_the_row_that_it_names():
    """The draft's withdrawal of one guarantee leaves the other of the same two in force."""
    g = dt.load("eurasia-2024")
    draft = dt.propose(g, "drafts_2021", reading="text")
    row = next(edit for edit in draft.edits if edit.name == "drafts_2021-029")
    gone = set(g.in_force("commitments")["commitment"]) - set(
        row.apply(g).in_force("commitments")["commitment"]
    )

    assert {"rus-blr-guarantee-2023"} == gone
