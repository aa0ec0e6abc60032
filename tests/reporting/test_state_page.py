"""The page of one state: every tie with its source, and what every lens says of it."""

from __future__ import annotations

import pytest
from taken_apart import Page

import detente as dt
from detente.architecture.state_ties import ties_of
from detente.reporting.page import render
from detente.reporting.page.model import Table
from detente.reporting.state import state as state_page


@pytest.fixture(scope="module")
def eurasia():
    """The scenario with ties of every kind."""
    return dt.load("eurasia-2024")


@pytest.fixture(scope="module")
def answered():
    """A small audit of what is on the table, under two lenses."""
    return dt.audit(
        "eurasia-2024", lens=["coalition", "contest"], on_the_table=True, concerns="MDA", draws=10
    )


def test_every_tie_stands_on_the_page_with_its_source(eurasia):
    """No row is lost between the scenario and the page."""
    page = state_page.page(eurasia, "KAZ")
    ties = next(section for section in page.sections if section and section.id == "ties")
    tables = [block for block in ties.blocks if isinstance(block, Table)]
    taken = Page(render.render(page))

    assert len(ties_of(eurasia, "KAZ")) == sum(len(table.rows) for table in tables)
    for tie in ties_of(eurasia, "KAZ"):
        assert " ".join(tie["source"].split()) in taken.words()
    assert [a for a in taken.addresses if not a.startswith(("#", "data:"))] == []
    assert any(name.endswith("-KAZ-ties.csv") for name in taken.downloads)


def test_the_page_says_what_every_lens_says_of_the_state(eurasia, answered):
    """Its security under each lens is that of the audit, and what is on the table moves it so."""
    page = state_page.page(eurasia, "MDA", audit=answered)
    sections = {section.id: section for section in page.sections if section}
    secure = next(b for b in sections["secure"].blocks if isinstance(b, Table))

    assert answered.lenses == [row[0][1].text for row in secure.rows]
    for (_, key), cell, *_ in secure.rows:
        lens = key.text
        assert cell.value == float(answered.data["security"].sel(lens=lens, state="MDA"))
    moved = next(b for b in sections["table"].blocks if isinstance(b, Table))
    deltas = {float(x) for x in answered.data["table_delta"].sel(state="MDA").values.ravel()}
    shown = [cell for row in moved.rows for cell in row[2:] if cell.kind in ("gain", "loss")]
    assert shown
    assert all(cell.value in deltas and (cell.value > 0) == (cell.kind == "gain") for cell in shown)


def test_a_state_without_a_figure_has_ties_and_no_security(eurasia, answered):
    """Who has no capability on record is in no lens; the page says so and shows the rest."""
    (code, *_) = eurasia.without_capability
    words = Page(render.render(state_page.page(eurasia, code, audit=answered))).words()

    assert "has no figure of capability, and so no security under any lens" in words
