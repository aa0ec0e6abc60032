"""Rows of a page open why they stand there: the source, who asserts, who denies."""

from __future__ import annotations

import html
import re

import pytest

import detente as dt
from detente.evidence.testimony.reasons import grounds
from detente.reporting.by_question import page_of
from detente.reporting.crisis.record import page as record_page
from detente.reporting.grounded import Grounded
from detente.reporting.map.context import scene_of
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


@pytest.fixture(scope="module")
def listing(g):
    """Return pages that list rows by the hundred, one panel a source."""
    return {
        "audit": render(page_of(dt.audit(g, draws=0, kinds=["commit"], alternatives=False))),
        "explain": render(page_of(dt.explain(g, "MDA"))),
        "compare": render(page_of(dt.compare(g, ["eurasian_2024:text"], draws=2))),
    }


@pytest.mark.parametrize(("page", "fewest"), [("audit", 700), ("explain", 5), ("compare", 1)])
def test_rows_by_the_hundred_open_a_line_in_the_panel_of_their_source(listing, page, fewest):
    """Every mark leads to one line of the page: the key of the row in the panel of its source."""
    text = listing[page]
    marks = re.findall(r'<a class="why" href="#(s\d+-\d+)">why\?</a>', text)
    lines = re.findall(r'<li id="(s\d+-\d+)">[a-z_]+ ', text)

    assert fewest <= len(set(marks))
    assert sorted(set(marks)) == sorted(lines)


def test_every_fact_of_the_audit_page_has_its_mark(g, listing):
    """No row of ties, figures or contested matters is without one, and none says less than why."""
    facts = [fact for fact in scene_of(g).facts if fact.group != "measure"]
    lines = re.findall(r'<li id="s\d+-\d+">([a-z_]+) (.*?)</li>', listing["audit"])
    keys = {(table, html.unescape(rest)) for table, rest in lines}

    missing = [
        fact for fact in facts
        if not any(t == fact.table and rest.startswith(fact.row) for t, rest in keys)
    ]  # fmt: skip
    assert [] == missing
    assert "asserted by UKR" in listing["audit"]


def test_two_sources_of_one_row_are_two(g):
    """A row that names two sources, parted by a semicolon, cites both and rests on both."""
    row = next(r for r in g.tables["proposals"].iter_rows(named=True) if ";" in r["source"])
    (ground,) = grounds(g, "proposals", row["proposal"])

    assert row["source"].count(";") + 1 == ground.sources
    assert "rests on one source" not in ground.as_text()
    assert ground.citation.count("; ") >= 1
