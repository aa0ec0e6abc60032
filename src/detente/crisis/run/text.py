"""A simulation in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.crisis.model.model_arrays import FORCE, TOP
from detente.results.uncertainty import of_replicas, percent

if TYPE_CHECKING:
    from detente.results.result import Result

SHOWN = 12
THERE = "stands there"
"""Instead of the chance to reach a rung for a dyad that begins on it or above."""
CAUTION = (
    "These are properties of a model whose parameters are mostly assumed, not forecasts: compare "
    "them with one another, and see how they move when a parameter does."
)


def summary(run: Result) -> str:
    """Return what a reader sees first."""
    d = run.data
    a = d.attrs
    n = int(a["replicas"])
    lines = [
        f"{a['title']}: {a['days']:g} days, {a['replicas']:,} replicas, seed {a['seed']}",
        *([f"Simulated {run.way}."] if run.settings.get("method") == "days" else []),
        f"Some dyad newly reaches war in {of_replicas(d['any_war'], n)} of replicas; "
        f"{float(d['incidents']):.1f} incidents a replica.",
        "",
        "Dyads, those most likely to reach war first (start, reaches force, reaches war, "
        "share of time between peace and war); in brackets 95 % intervals:",
    ]
    rows = run.dyads()
    for row in rows.filter(rows["start"] < TOP).head(SHOWN).iter_rows(named=True):
        force = THERE if row["start"] >= FORCE else of_replicas(row["force"], n)
        lines.append(
            f"  {row['dyad']:<12} {row['start']}   {force:>24}"
            f"   {of_replicas(row['war'], n):>24}"
            f"   {percent(row['between'], row['between_error']):>16}"
        )
    standing = rows.filter(rows["start"] == TOP)["dyad"].to_list()
    if standing:
        lines.append(f"At war from the start: {', '.join(standing)}.")
    drawn = run.states()
    drawn = drawn.filter(drawn["drawn_in"] > 0).sort("drawn_in", descending=True)
    if drawn.height:
        who = ", ".join(
            f"{s} {of_replicas(p, n)}"
            for s, p in drawn.select("state", "drawn_in").head(6).iter_rows()
        )
        lines.append(f"Drawn into a war of an ally: {who}.")
    return "\n".join([*lines, "", CAUTION])
