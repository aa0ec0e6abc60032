"""The first screen shows what is on the table, a row each with a mark for every model."""

from __future__ import annotations

import datetime as date

import polars as pl

import detente as dt
from detente.auditing.table_answers import headline as sentence
from detente.reporting.audit.table_first import headline, on_the_table
from detente.reporting.page.model import Details, Table
from detente.testing import build


def audited():
    """Return the audit of two camps with one change on the table."""
    g = build(
        {"AAA": 4, "BBB": 6, "CCC": 8},
        rivals=[("AAA", "CCC", 4)],
        organisations={"PACT": ["BBB"]},
    )
    columns = g.tables["on_the_table"].schema
    row = dict.fromkeys(columns) | {
        "item": "one",
        "title": "AAA joins PACT",
        "change": "AAA joins PACT",
        "asked_by": "AAA;PACT members",
        "since": date.date(2024, 1, 1),
        "standing": "applied",
        "status": "applied on the first day of the year",
        "source": "assumed",
        "confidence": "high",
    }
    table = g.with_tables("", on_the_table=pl.DataFrame([row], schema=columns))
    return dt.audit(table, draws=8, alternatives=False)


def test_a_row_has_a_mark_for_every_model_that_answers():
    """One column a model, who pays and who blocks beside it."""
    result = audited()
    table = next(block for block in on_the_table(result) if isinstance(block, Table))

    assert len(table.heads) == 3 + result.data.sizes["table_lens"]
    assert 1 == len(table.rows)
    assert headline(result) == sentence(result, codes=True)


def test_a_short_table_needs_no_fold():
    """Everything is on the first screen where it fits."""
    assert not [block for block in on_the_table(audited()) if isinstance(block, Details)]


def test_nothing_on_the_table_leaves_the_page_as_it_was():
    """A scenario without such rows has no first screen of this kind."""
    result = dt.audit("two-blocs", draws=0, alternatives=False)

    assert () == on_the_table(result)
    assert "" == headline(result)
