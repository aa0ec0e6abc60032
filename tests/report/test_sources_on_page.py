"""Who says so: every fact that counts stands on the page with its source."""

from __future__ import annotations

import html

import detente as dt
from detente.report import page
from detente.report.sources import COLUMNS, rows
from detente.testing import build


def test_every_tie_that_counts_has_a_row_with_a_source():
    """Organisations, commitments and rivalries of the ledger are all there, each with a source."""
    g = dt.load("eurasia-2024")
    found = rows(g)

    assert all(row["source"] for row in found)
    kinds = [row["kind"] for row in found]
    assert len(g.ledger.articles) == kinds.count("organisation")
    assert sum(len(t) for t in g.ledger.treaties.values()) == kinds.count("commitment")
    hostile = sum(
        intensity >= g.mapping.threshold
        for entries in g.ledger.hostile.values()
        for intensity in entries.values()
    )
    assert hostile == kinds.count("rivalry")
    assert g.tables["contested"].height == kinds.count("contested, says")
    assert "Correlates of War" in found[0]["source"]
    assert "2022" in found[0]["what"]


def test_the_page_names_the_sources_and_the_reading():
    """Sources, how many were seen, and whose reading it is stand on the page and in a download."""
    g = dt.load("eurasia-2024")
    text = page.render(dt.audit(g, ["UKR joins NATO"], draws=0, alternatives=False))

    assert "Sources of the facts" in text
    assert "Correlates of War" in text
    assert "reading rival: ours, not in the article" in text
    assert 'download="sources' in text or "sources.csv" in text
    seen = (g.tables["sources"]["seen"] == "yes").sum()
    assert f"of {seen:,} a stored copy was read" in text


def test_a_hostile_source_stays_text():
    """A citation that looks like a script is shown, not run."""
    g = build({"AAA": 1.0, "BBB": 2.0}, allies=[("AAA", "BBB")])
    bad = "<script>alert(1)</script>"
    sources = g.tables["sources"].with_columns(citation=dt_lit(bad))
    g = g.with_tables("", sources=sources)
    text = page.render(dt.audit(g, draws=0, alternatives=False, kinds=["withdraw"]), architecture=g)

    assert bad not in text
    assert html.escape(bad) in text
    assert ("kind", "who", "what", "source") == COLUMNS


def dt_lit(value):
    """A constant column of text."""
    import polars as pl

    return pl.lit(value)
