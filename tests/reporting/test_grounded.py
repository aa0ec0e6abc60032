"""Rows of a page open why they stand there: the source, who asserts, who denies."""

from __future__ import annotations

import re

import pytest

import detente as dt
from detente.reporting.by_question import page_of
from detente.reporting.crisis.record import page as record_page
from detente.reporting.grounded import Grounded
from detente.reporting.page.model import Why
from detente.reporting.page.render import render
from detente.reporting.state.state import page as state_page


@pytest.fixture(scope="module")
def g():
    """Return the bundled scenario."""
    return dt.load("eurasia-2024")


@pytest.fixture(scope="module")
def pages(g):
    """Return the pages whose tables show rows of the scenario."""
    conflict = str(g.tables["conflicts"]["conflict"][0])
    return {
        "record": record_page(g),
        "state": state_page(g, "GEO"),
        "settle": page_of(dt.settle(g, conflict, draws=20)),
    }


@pytest.mark.parametrize(
    ("page", "tables"),
    [
        ("record", {"incidents", "signals"}),
        ("state", {"memberships", "capabilities", "contested", "rivalries"}),
        ("settle", {"offers"}),
    ],
)
def test_every_row_of_a_scenario_has_a_mark_that_opens_it(pages, page, tables):
    """Each mark leads to a panel on the page with the command that prints the same."""
    text = render(pages[page])
    marks = re.findall(r'<a class="why" href="#(row-([a-z_]+)-[^"]*)">why\?</a>', text)
    ids = re.findall(r' id="([^"]+)"', text)

    assert tables <= {table for _, table in marks}
    assert {mark for mark, _ in marks} <= set(ids)
    assert len(set(ids)) == len(ids)


def test_every_incident_and_every_signal_of_the_record_has_a_mark(g, pages):
    """No row of the record is left without one."""
    text = render(pages["record"])

    for table in ("incidents", "signals"):
        assert g.tables[table].height == len(re.findall(rf'href="#row-{table}-', text))


def test_a_panel_says_who_asserts_who_denies_and_how_surely(g):
    """The statements about an incident stand under their headings, with hedge and day."""
    grounded = Grounded(g)
    (_, mark) = grounded.mark("incidents", "i20240623_1")
    (panel,) = grounded.listed()
    text = str(panel.blocks)

    assert Why("why?", "row-incidents-i20240623_1") == mark
    assert "asserted by" in text
    assert "denied by" in text
    assert "detente why eurasia-2024 incidents i20240623_1" in text


def test_a_row_that_is_not_there_has_no_mark(g):
    """Neither an unknown row nor a page without a scenario shows a mark."""
    assert () == Grounded(g).mark("incidents", "i19000101_1")
    assert () == Grounded(None).mark("incidents", "i20240623_1")
