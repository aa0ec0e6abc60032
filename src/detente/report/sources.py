"""Who says so: the source of every row that makes what the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

COLUMNS = ("kind", "who", "what", "source")


def rows(g: Architecture) -> list[dict[str, str]]:
    """Return one row a fact that counts: its kind, whom it concerns, what it says, who says so.

    First the measure of capability, then organisations, commitments and rivalries that make
    ties, then the positions on contested matters.
    """
    cite = dict(zip(g.tables["sources"]["source"], g.tables["sources"]["citation"], strict=True))
    out = [_measure(g, cite)]
    for row in g.tables["organisations"].iter_rows(named=True):
        if row["organisation"] in g.ledger.articles:
            article = g.ledger.articles[row["organisation"]]
            what = f"{row['name']}: {row['article'] or row['commitment']}; weight {article.whole:g}"
            who = f"{len(article.members)} members"
            out.append(_row("organisation", who, what, cite.get(row["source"], row["source"])))
    counted = {name for entries in g.ledger.treaties.values() for name in entries}
    for row in g.tables["commitments"].iter_rows(named=True):
        if row["commitment"] in counted:
            who = f"{row['promiser']}-{row['beneficiary']}"
            what = f"{row['kind']}: {row['name'] or 'commitment'}{_since(row)}"
            out.append(_row("commitment", who, what, cite.get(row["source"], row["source"])))
    for row in g.in_force("rivalries").iter_rows(named=True):
        a, b = row["state_a"], row["state_b"]
        if a in g.names and b in g.names and row["intensity"] >= g.mapping.threshold:
            what = f"{row['issue']}, intensity {row['intensity']}{_since(row)}"
            if g.ledger.ally_weight(a, b) > 0:
                what += "; allies too, so counted as neither"
            source = cite.get(row["source"], row["source"])
            out.append(_row("rivalry", f"{a}-{b}", what, source))
    for row in g.tables["contested"].iter_rows(named=True):
        what = f"{row['name']}: {row['position']}"
        out.append(
            _row("contested, says", row["claimant"], what, cite.get(row["source"], row["source"]))
        )
    return out


def in_words(g: Architecture) -> str:
    """Return how many sources the scenario names, and of how many a stored copy was read."""
    sources = g.tables["sources"]
    seen = int((sources["seen"] == "yes").sum())
    return (
        f"The scenario names {sources.height:,} sources; of {seen:,} a stored copy was read when "
        "the row was written, the others say where to check."
    )


def _measure(g: Architecture, cite: dict[str, str]) -> dict[str, str]:
    (row,) = g.tables["measures"].filter(pl.col("measure") == g.measure).iter_rows(named=True)
    years = sorted(set(g.figure_year.values()))
    span = f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
    figures = g.tables["capabilities"].filter(pl.col("measure") == g.measure)["source"].unique()
    named = [row["source"], *sorted(set(figures) - {row["source"]})]
    what = f"{row['name']} ({row['unit']}), figures of {span}: {row['meaning']}"
    source = "; ".join(cite.get(name, name) for name in named)
    return _row("capability", f"{len(g.figure_year)} states", what, source)


def _since(row: dict[str, Any]) -> str:
    return f", since {row['start'].isoformat()}" if row["start"] is not None else ""


def _row(*cells: str) -> dict[str, str]:
    return dict(zip(COLUMNS, cells, strict=True))
