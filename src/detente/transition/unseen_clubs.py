"""What no lens sees of an organisation, a treaty or a regime, in a sentence.

A regime of arms control stands in a table of its own, which enters no tie, so a curve of its
members would be one of nothing. Whoever asks for one is told so, and is shown no empty finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from detente.architecture.kinds import FACTS_EDITED, IN_WORDS
from detente.architecture.value import Architecture
from detente.lenses import find, names
from detente.lenses.protocol import Lens, visible
from detente.transition.subsets.tie_sources import gifts
from detente.words import listed

if TYPE_CHECKING:
    from detente.transition.clubs import Club

SUFFIX = "treaty"
"""What may follow the name of a regime, as in "INF Treaty"."""


def folded(name: str) -> str:
    """Return a name without case, spaces, marks and the word "treaty" at its end."""
    plain = "".join(letter for letter in name.casefold() if letter.isalnum())
    return plain.removesuffix(SUFFIX) or plain


def regimes_of(g: Architecture) -> dict[str, str]:
    """Return the regimes of arms control on record, by their folded names."""
    regimes = g.tables["arms_control"]["regime"].unique().sort()
    return {folded(regime): regime for regime in regimes}


def of_arms_control(regime: str) -> str:
    """Return what can be said about who would stay in a regime of arms control."""
    return (
        f"{regime} is a regime of arms control: its parties are on record, but no lens sees arms "
        "control, so who would stay in it cannot be said"
    )


def arms_control_titled(g: Architecture, title: str) -> set[str]:
    """Return the commitments of arms control with a title, such as each pair of a convention.

    Of other kinds two treaties can bear one title, and whoever means one names its row.
    """
    rows = g.tables["commitments"].select("commitment", "name", "kind").iter_rows()
    wanted = folded(title)
    return {
        row
        for row, name, kind in rows
        if kind == "arms_control" and name is not None and folded(name) == wanted
    }


def _why_idle(g: Architecture, club: Club) -> str:
    """Return why what a club holds changes nothing: nobody counts it, or others promise as much."""
    every = list(gifts(g.ledger))
    own = [gift for gift in every if club.member_of(gift) is not None]
    if not any(gift.value > 0 for gift in own):
        return ", for its weight is 0 for every member"
    idle = sorted(
        set(club.members) - {s for gift in own if gift.value > 0 for s in (gift.row, gift.column)}
    )
    needed = {(gift.what, gift.row, gift.column): gift.value for gift in own if gift.value > 0}
    beside: dict[tuple[int, str, str], str] = {}
    for gift in every:
        tie = (gift.what, gift.row, gift.column)
        if club.member_of(gift) is None and gift.value >= needed.get(tie, float("inf")):
            beside.setdefault(tie, gift.source)
    reasons = []
    if idle:
        reasons.append(f"its weight is 0 for {listed(idle)}")
    if beside:
        count = Counter(beside.values())
        most = [source for source, _ in count.most_common(3)]
        whose = (
            "every tie" if len(beside) == len(needed) else f"{len(beside)} of {len(needed)} ties"
        )
        reasons.append(
            f"{whose} that it makes {'between the others ' if idle else ''}stands as strong "
            f"without it ({listed(most)})"
        )
    if len(beside) < len(needed):
        reasons.append("no attack hangs on the rest")
    return f", for {listed(reasons)}"


def why_unseen(g: Architecture, club: Club, lens: Lens, held: Collection[int]) -> str:
    """Return why a lens says nothing about a club, and which lenses see some of it.

    Parameters
    ----------
    g : Architecture
        The architecture.
    club : Club
        Whose members were asked about.
    lens : Lens
        The lens that was asked.
    held : collection of int
        What ties its members, as places in `FACTS_EDITED`; a place behind it is an alliance.
    """
    name = club.name
    kinds = {FACTS_EDITED[place] for place in held if place < len(FACTS_EDITED)}
    words = listed([IN_WORDS[kind] for kind in FACTS_EDITED if kind in kinds])
    if visible(lens, g) & kinds:
        return (
            f"{lens.name} sees {words} in {name}, but nobody's leaving moves the security of "
            f"anybody under it{_why_idle(g, club)}: who would stay cannot be said"
        )
    seers = [key for key in names() if visible(find(key), g) & kinds]
    others = f"of the lenses {listed(seers)} would" if seers else "no lens does"
    what = f" ({words})" if words else ""
    return (
        f"{lens.name} sees nothing of what ties the members of {name}{what}, and {others}: who "
        "would stay cannot be said" + (f" under {lens.name}" if seers else "")
    )
