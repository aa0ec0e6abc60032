"""Who says so: every row that counts stands on the page with its source."""

from __future__ import annotations

import datetime as day
import html

import polars as pl
import pytest

import detente as dt
from detente.architecture.value import Architecture
from detente.reporting.audit import audit as audit_page
from detente.reporting.audit.sources import Fact, table
from detente.reporting.map.context import scene_of
from detente.reporting.page import render
from detente.testing import build


@pytest.fixture(scope="module")
def eurasia() -> Architecture:
    """The scenario with all sorts of rows."""
    return dt.load("eurasia-2024")


@pytest.fixture(scope="module")
def found(eurasia: Architecture) -> tuple[Fact, ...]:
    """Its facts."""
    return scene_of(eurasia).facts


def of(found: tuple[Fact, ...], kind: str) -> list[Fact]:
    """Return the facts of a kind."""
    return [fact for fact in found if fact.kind == kind]


def test_every_row_that_counts_is_there_once(
    eurasia: Architecture, found: tuple[Fact, ...]
) -> None:
    """Figures, organisations, members, commitments, rivalries and contests are all there."""
    ledger, threshold = eurasia.ledger, eurasia.mapping.threshold
    posted = {key for entries in ledger.stations.values() for key in entries}
    expected = {
        "measure of capability": 1,
        "figure": len(eurasia.capability),
        "organisation": len(ledger.articles),
        "membership": sum(len(article.members) for article in ledger.articles.values()),
        "commitment": sum(
            len(entries.keys() - posted)
            for entries in (*ledger.treaties.values(), *ledger.neutral.values())
        ),
        "presence": sum(eurasia.in_force("presence")["presence"].is_in(posted)),
        "rivalry": sum(x >= threshold for e in ledger.hostile.values() for x in e.values()),
        "contested matter": eurasia.tables["contested"].height,
    }

    assert expected == {kind: len(of(found, kind)) for kind in expected}
    assert sum(expected.values()) == len(found)


def test_a_row_has_its_own_source_date_and_confidence(found: tuple[Fact, ...]) -> None:
    """A treaty says when it began, what it weighs, where to look, and how far to trust it."""
    (row,) = [
        fact
        for fact in of(found, "commitment")
        if fact.who == "United States (USA) and Japan (JPN)"
    ]

    assert row.what == "defense, binding: Treaty of Mutual Cooperation and Security"
    assert row.when == "since 1960-06-23"
    assert row.counts == "weight 1"
    assert row.confidence == "high"
    assert "Treaties in Force" in row.source
    assert row.seen in ("yes", "no")


def test_a_figure_is_the_one_that_the_lenses_see(
    eurasia: Architecture, found: tuple[Fact, ...]
) -> None:
    """The value and the year shown for a state are those of its capability."""
    (row,) = [fact for fact in of(found, "figure") if fact.who == "France (FRA)"]

    assert row.counts.startswith(f"{eurasia.capability['FRA']:.6g}"[:7])
    assert row.when == "2022"


def test_rivals_who_are_allies_are_marked(eurasia: Architecture, found: tuple[Fact, ...]) -> None:
    """A rivalry that an alliance cancels says that the pair counts as neither."""
    marked = [fact for fact in of(found, "rivalry") if "neither" in fact.counts]

    assert len(marked) == len(eurasia.ledger.allied_rivals()) > 0


def test_a_claimant_that_is_no_state_has_its_name(found: tuple[Fact, ...]) -> None:
    """De facto entities stand with name and code, not as bare codes."""
    claimants = [fact.who for fact in of(found, "contested matter")]

    assert "Abkhazia (X_ABK)" in claimants
    assert [who for who in claimants if "(" not in who] == []


def test_a_row_that_is_not_in_force_is_not_shown(eurasia: Architecture) -> None:
    """On another date other rows count, and the page names only their sources."""
    early = eurasia.on(day.date(2023, 6, 30))

    def allies(g: Architecture) -> set[str]:
        members = of(scene_of(g).facts, "membership")
        return {fact.who for fact in members if fact.what.endswith("(NATO)")}

    assert {"Sweden (SWE)"} == allies(eurasia) - allies(early)


def test_the_page_names_the_sources_and_the_reading(found: tuple[Fact, ...]) -> None:
    """Sources, how many were seen, and whose reading it is stand on the page and in a download."""
    text = render.render(
        audit_page.page(
            dt.audit(
                "eurasia-2024",
                ["UKR joins NATO"],
                lens="war_stability",
                draws=0,
                alternatives=False,
            )
        )
    )
    used = {fact.source: fact.seen for fact in found}
    read = list(used.values()).count("yes")

    assert "Sources of the facts" in text
    assert "reading star: the printed article" in text
    assert "eurasia-2024-sources.csv" in text
    assert f"{len(found):,} rows below name {len(used):,} sources; of {read:,} a stored" in text
    for title in ("What makes allies and rivals", "own figure of capability", "Contested matters"):
        assert title in text


def test_the_table_to_download_has_every_fact(found: tuple[Fact, ...]) -> None:
    """The CSV file has one row a fact, with the note that the page leaves out."""
    made = table(list(found))

    assert made.height == len(found)
    assert made["note"].to_list() == [fact.note for fact in found]


def test_a_hostile_source_stays_text() -> None:
    """A citation that looks like a script is shown, not run."""
    g = build({"AAA": 1.0, "BBB": 2.0}, allies=[("AAA", "BBB")])
    bad = "<script>alert(1)</script>"
    sources = g.tables["sources"].with_columns(citation=pl.lit(bad), url=pl.lit(bad))
    g = g.with_tables("", sources=sources)
    audit = dt.audit(g, draws=0, alternatives=False, kinds=["withdraw"])
    text = render.render(audit_page.page(audit, architecture=g))

    assert bad not in text
    assert html.escape(bad) in text
