"""The offers and the parties of a conflict as rows, in the words of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detente.settlement.questions.negotiation import Negotiation, negotiation

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


def offer_rows(g: Architecture, conflict: str | None = None) -> list[dict[str, Any]]:
    """Return one row an offer and issue on which it speaks, by date."""
    n = negotiation(g, conflict)
    kept = {(row["offer"], row["issue"]): row for row in g.tables["offers"].to_dicts()}
    sources = dict(g.tables["sources"].select("source", "citation").iter_rows())
    rows = []
    for o, offer in enumerate(n.offers):
        silent = [issue for issue in n.issues if issue not in offer.words]
        for k, issue in enumerate(n.issues):
            if issue not in offer.words:
                continue
            row = kept[offer.key, issue]
            low, middle, high = (
                None if np.isnan(bound[o, k]) else float(bound[o, k]) for bound in n.position
            )
            rows.append(
                {
                    "offer": offer.key,
                    "date": offer.date,
                    "proponent": ";".join(offer.proponent),
                    "status": offer.status,
                    "issue": issue,
                    "words": offer.words[issue],
                    "low": low,
                    "position": middle,
                    "high": high,
                    "range": row["range"] or "rule",
                    "basis": offer.basis[issue],
                    "confidence": row["confidence"],
                    "silent": ", ".join(silent),
                    "source": "; ".join(sources.get(s, s) for s in offer.sources),
                }
            )
    return rows


def party_rows(g: Architecture, conflict: str | None = None) -> list[dict[str, Any]]:
    """Return one row a party: its role, whose consent counts, and what it brings."""
    n = negotiation(g, conflict)
    return [
        {
            "party": party,
            "role": n.role[p] + (f" of {n.supports[p]}" if n.supports[p] else ""),
            "consent": n.consent[p],
            "influence": f"{n.influence[1][p]:.2f} ({n.influence[0][p]:.2f} to "
            f"{n.influence[2][p]:.2f})",
            "cares most about": _first(n, p),
            "counted with": ";".join(n.counts_with.get(party, ())),
        }
        for p, party in enumerate(n.parties)
    ]


def _first(n: Negotiation, party: int) -> str:
    order = np.argsort(-n.salience[1][party], kind="stable")[:3]
    return ", ".join(n.issues[k] for k in order if n.salience[1][party, k] > 0)
