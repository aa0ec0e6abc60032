"""What is on the table is answered first: who pays, who blocks, under which models."""

from __future__ import annotations

import datetime as date

import numpy as np
import polars as pl
import pytest

import detente as dt
from detente.auditing.feasible_changes import ON_REQUEST, RULE, allied_rivals, feasible
from detente.auditing.table_answers import MARKS, VERDICTS, headline, rows
from detente.cli.audit import KINDS
from detente.errors import UsageError
from detente.testing import build

ITEMS = [
    ("dd-pact", "DDD joins PACT", "DDD joins PACT", "DDD", "asked"),
    ("peace", "AAA and CCC reconcile", "AAA and CCC reconcile", "AAA;CCC", "negotiated"),
    ("home", "BBB goes home from DDD", "BBB withdraws its forces from DDD", "CCC", "demanded"),
    ("limit", "AAA limits its missiles", None, "CCC", "demanded"),
    ("early", "CCC joins PACT", "CCC joins PACT", "CCC", "not_on_the_table"),
]


@pytest.fixture(scope="module")
def g():
    """Return four states with five rows on the table, one of them an example of what is not."""
    small = build(
        {"AAA": 4, "BBB": 6, "CCC": 8, "DDD": 2},
        rivals=[("AAA", "CCC", 4), ("CCC", "DDD", 3)],
        organisations={"PACT": ["AAA", "BBB"]},
        places={"AAA": (0, 0), "BBB": (0, 5), "CCC": (5, 5), "DDD": (5, 0)},
        stations=[("BBB", "DDD", 0.05)],
    )
    columns = small.tables["on_the_table"].schema
    made = [
        {
            **dict.fromkeys(columns),
            "item": item,
            "title": title,
            "change": change,
            "asked_by": asked,
            "since": date.date(2024, 1, 1),
            "standing": standing,
            "status": "asked for",
            "note": "a limit: no lens sees arms control" if change is None else None,
            "source": "assumed",
            "confidence": "high",
        }
        for item, title, change, asked, standing in ITEMS
    ]
    return small.with_tables("", on_the_table=pl.DataFrame(made, schema=columns))


@pytest.fixture(scope="module")
def result(g):
    """Return the audit of it, with the table answered under every lens."""
    return dt.audit(g, draws=16, alternatives=False)


def test_every_item_that_was_asked_for_has_a_row(result):
    """Rows that say what is not on the table are left out, all others are answered."""
    assert {"dd-pact", "peace", "home", "limit"} == {row["item"] for row in rows(result)}


def test_what_edits_no_tie_is_unseen_and_says_why(result):
    """A change that no model can see has no result, and never the result that nobody pays."""
    row = next(row for row in rows(result) if row["item"] == "limit")

    assert "unseen" == row["verdict"]
    assert "no lens sees arms control" in row["reason"]
    assert "1 no model sees" in headline(result)


def test_a_lens_that_does_not_see_forces_is_marked_so(result):
    """Forces abroad are seen by the lens of coalitions and by none that knows allies alone."""
    marks = {
        lens: answer["mark"]
        for row in rows(result)
        if row["item"] == "home"
        for lens, answer in row["lenses"].items()
    }

    assert MARKS["unseen"] == marks["balance"]
    assert MARKS["unseen"] != marks["coalition"]


def test_an_answer_is_that_of_an_audit_of_the_change_alone(g, result):
    """The same change asked by itself has the same deltas and shares of draws."""
    alone = dt.audit(g, "DDD joins PACT", lens="coalition", draws=16, alternatives=False)
    kept = result.data.sel(table_change="DDD joins PACT", table_lens="coalition")

    np.testing.assert_array_equal(alone.deltas("DDD joins PACT").values, kept["table_delta"])
    np.testing.assert_array_equal(
        alone.data["share_harms"].values[0, 0], kept["table_share_harms"].values
    )


def test_marks_headline_and_table_say_the_same(result):
    """The sentence counts what the marks show, on every row."""
    frame = result.on_the_table().filter(pl.col("mark") != MARKS["unseen"])
    told = rows(result)
    paid = {MARKS["pays"], MARKS["may pay"]}
    groups = [group["mark"].to_list() for _, group in frame.group_by("item")]
    several = [marks for marks in groups if len(marks) > 1]
    expected = {
        "all": sum(set(marks) == {MARKS["pays"]} for marks in several),
        "differ": sum(
            bool(paid & set(marks)) and set(marks) != {MARKS["pays"]} for marks in several
        ),
        "alone": sum(len(marks) == 1 and marks[0] in paid for marks in groups),
    }
    counted = {name: sum(row["verdict"] == name for row in told) for name in expected}

    assert expected == counted
    phrases = {"all": "every one of several models", "differ": "some models", "alone": "the only"}
    for name, phrase in phrases.items():
        assert bool(expected[name]) == (f"under {phrase}" in headline(result))
        assert not expected[name] or f"{expected[name]} " in headline(result)
    assert bool(expected["all"]) != ("has such a state pay under all of them" in headline(result))
    assert sorted(told, key=lambda row: list(VERDICTS).index(row["verdict"])) == told
    assert str(result).index(headline(result)[:40]) < str(result).index("Least secure")
    for row in told:
        for answer in row["lenses"].values():
            assert {answer["signs"][code] for code in answer["pays"]} <= {-1}
            assert {answer["signs"][code] for code in answer["gains"]} <= {1}


def test_a_saved_result_keeps_what_was_on_the_table(result, tmp_path):
    """Answers survive saving, to the last figure."""
    result.save(tmp_path / "audit.nc")

    assert result.on_the_table().equals(dt.open(tmp_path / "audit.nc").on_the_table())


def test_only_the_table_leaves_the_hypothetical_out(g):
    """On request nothing but what is on the table is tried."""
    only = dt.audit(g, on_the_table=True, draws=0, alternatives=False)

    assert {"DDD joins PACT", "AAA and CCC reconcile", "BBB withdraws its forces from DDD"} == set(
        only.data["change"].values
    )
    assert "Least secure" not in str(only)


def test_a_state_filters_the_table_and_the_hypothetical(g):
    """Only changes that edit a tie of the state, or that it asks for or decides."""
    about = dt.audit(g, concerns="DDD", kinds=["reconcile", "join"], draws=0, alternatives=False)

    assert ["CCC and DDD reconcile", "DDD joins PACT"] == sorted(about.data["change"].values)
    assert {"dd-pact", "home"} == {row["item"] for row in rows(about)}


def test_arguments_that_exclude_one_another_are_refused(g):
    """Nobody can ask for given changes and for the table instead of them."""
    with pytest.raises(UsageError, match="answered instead of them"):
        dt.audit(g, "DDD joins PACT", on_the_table=True)
    with pytest.raises(UsageError, match="not on the table"):
        dt.audit(g, on_the_table=True, kinds=["join"])
    with pytest.raises(UsageError, match="nothing on the table that concerns BBB"):
        dt.audit(
            g.with_tables("", on_the_table=g.tables["on_the_table"].head(0)),
            on_the_table=True,
            concerns="BBB",
        )


def test_the_command_line_knows_every_kind():
    """The kinds of the option are those of the rule, the default ones first."""
    assert [*RULE, *ON_REQUEST] == list(KINDS)


@pytest.mark.parametrize("kind", ON_REQUEST)
def test_changes_of_every_kind_can_be_done(g, kind):
    """Each feasible change is one: it binds, and it is of the kind that was asked for."""
    for change in feasible(g, [kind]):
        assert kind == change.bound(g).kind


def test_two_rivals_who_join_one_union_keep_their_quarrel_and_are_named(g):
    """A composed change may ally rivals: it says whom, and their rivalry stands."""
    change = dt.join("CCC", "PACT")

    assert [("AAA", "CCC")] == allied_rivals(g, change)
    assert 4 == g.apply(change).system.rivalry[0, 2]
