"""The kinds of promise and of fact that a lens may see, by name.

What was promised is kept apart from what a promise does: an architecture holds every kind,
directed, and a lens says which of them it sees.
"""

from __future__ import annotations

KINDS = (
    "defense",
    "offense",
    "nonaggression",
    "neutrality",
    "consultation",
    "guarantee",
    "basing",
    "arms_supply",
    "intelligence_sharing",
    "security_assistance",
    "arms_control",
    "cooperation",
)
"""Kinds of promise from one state to another; the first four and consultation are ATOP's."""

PAIR_FACTS = ("rivalry", "stations", "supplies")
"""Facts of pairs that a change may edit besides promises."""

FACTS_EDITED = (*KINDS, *PAIR_FACTS, "neutral", "strength")
"""Everything that a change may edit, and so everything that a lens may see or not see."""

PLACE = {name: k for k, name in enumerate(FACTS_EDITED)}
"""Where each stands in `FACTS_EDITED`: its number in arrays of edits."""

IN_WORDS = {
    "defense": "defence promises",
    "offense": "offence promises",
    "nonaggression": "nonaggression pledges",
    "neutrality": "neutrality towards one state",
    "consultation": "promises to consult",
    "guarantee": "guarantees",
    "basing": "consented presence",
    "arms_supply": "arms supply as a promise",
    "intelligence_sharing": "shared intelligence",
    "security_assistance": "security assistance",
    "arms_control": "arms control",
    "cooperation": "cooperation",
    "rivalry": "rivalries",
    "stations": "forces abroad",
    "supplies": "deliveries of arms",
    "neutral": "neutrality towards everybody",
    "strength": "capabilities",
}
"""What each is called in a sentence."""

ALL = "ALL"
"""Beneficiary of a promise to everybody."""
