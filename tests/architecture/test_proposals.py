"""Proposals load as change sets: one row is one edit, and what no model sees says so."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import detente as dt
from detente.architecture.changes import moves_of
from detente.architecture.edits.rows import Row
from detente.architecture.kinds import KINDS
from detente.architecture.proposals import readings
from detente.architecture.sentences import understand
from detente.errors import UnknownName, UsageError

G = dt.load("eurasia-2024")
TABLE = list(G.tables["on_the_table"].iter_rows(named=True))
BOTH = [(name, r) for name in G.tables["proposals"]["proposal"] for r in readings(G, name)]


@pytest.mark.parametrize(("name", "reading"), BOTH)
def test_one_row_is_one_edit(name, reading):
    """The edits of a proposal are its rows; the wide reading holds those of the text as well."""
    rows = G.tables["edits"].filter(pl.col("proposal") == name)
    if reading == "text":
        rows = rows.filter(pl.col("reading") == "text")

    change = dt.propose(G, name, reading=reading)

    assert rows["edit"].to_list() == [edit.name for edit in change.edits]
    assert f"{name}:{reading}" == str(change)


@pytest.mark.parametrize(("name", "reading"), BOTH)
def test_each_edit_acts_or_says_why_it_does_not(name, reading):
    """No row vanishes: it makes single edits, or has a reason."""
    change = dt.propose(G, name, reading=reading)

    for edit in change.edits:
        assert isinstance(edit, Row)
        assert bool(edit.edits) != bool(edit.reason)
        assert bool(edit.touches(G)) == bool(edit.edits)


@pytest.mark.parametrize(("name", "reading"), BOTH)
def test_a_proposal_edits_tables_and_arrays_alike(name, reading):
    """Tables edited row by row and arrays edited tie by tie come out the same."""
    change = dt.propose(G, name, reading=reading)

    fast = G.system.moved(moves_of(G, [change]), 0)
    slow = G.apply(change).system

    for fact in ("allies", "rivals", "neutral", "rivalry", "stations", "supplies"):
        np.testing.assert_allclose(getattr(slow, fact), getattr(fast, fact), atol=1e-15)
    for kind in KINDS:
        np.testing.assert_array_equal(slow.promises[kind], fast.promises[kind], kind)


def test_a_reading_that_does_not_exist_is_said():
    """Nobody gets another reading than the one that was asked for."""
    with pytest.raises(UsageError, match="none has no reading 'text'; it has: wide"):
        dt.propose(G, "none", reading="text")
    with pytest.raises(UsageError, match="gsi has no reading 'wide'; it has: text"):
        dt.propose(G, "gsi:wide")


def test_no_default_hides_a_reading():
    """Where there are two readings one has to be chosen."""
    with pytest.raises(UsageError, match="readings text and wide"):
        dt.propose(G, "eurasian_2024")
    assert "gsi:text" == str(dt.propose(G, "gsi"))


def test_an_unknown_proposal_is_answered_with_a_guess():
    """A slip in the name of a proposal is named back."""
    with pytest.raises(UnknownName, match="Did you mean 'eurasian_2024'"):
        dt.propose(G, "eurasian_2014", reading="text")


def test_the_words_of_june_2024_end_no_treaty():
    """The text reading takes back no promise of defence; the wide one does."""
    before = G.system.promises["defense"]
    text = G.apply(dt.propose(G, "eurasian_2024", reading="text")).system.promises["defense"]
    wide = G.apply(dt.propose(G, "eurasian_2024", reading="wide")).system.promises["defense"]

    assert (before == text).all()
    assert wide.sum() < before.sum()


def test_who_decides_a_row_stands_in_the_proposal():
    """Drafts that decide over states between do not ask them: their consent is not counted."""
    drafts = dt.propose(G, "drafts_2021", reading="text")
    forces = next(
        e for e in drafts.edits if e.act == "withdraw_forces" and e.words.startswith("RUS")
    )

    assert ("RUS",) == forces.initiators(G)


@pytest.mark.parametrize("row", TABLE, ids=[row["item"] for row in TABLE])
def test_everything_on_the_table_is_a_sentence_or_says_why_not(row):
    """A change on the table can be done here, or the row tells why there is none."""
    if row["change"] is None:
        assert row["note"]
    else:
        assert understand(G, row["change"]).initiators(G)
