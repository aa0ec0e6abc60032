"""Changes: what could be otherwise, as values.

A change is a set of edits to an architecture with the states whose decision it is, its
initiators. It can be applied, printed as a sentence, read back from that sentence, and
combined with others:

>>> change = join("UKR", "NATO") + reconcile("RUS", "UKR")
>>> str(change)
'UKR joins NATO; RUS and UKR reconcile'

Applying a change to tables and reading it as edits of ties (`move_of`) are two ways to the
same arrays; a property test holds them equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detente.architecture.edits.arms import Arm
from detente.architecture.edits.base import Edit
from detente.architecture.edits.forces import Station, StopSupplying, Supply, WithdrawForces
from detente.architecture.edits.membership import Join, Leave
from detente.architecture.edits.organisations import Dissolve, Found
from detente.architecture.edits.pledges import Guarantee, Neutral, Pledge
from detente.architecture.edits.quarrels import Ease, Estrange, Reconcile, Sharpen
from detente.architecture.edits.treaties import Commit, Withdraw
from detente.architecture.promises import Pair, edited
from detente.architecture.system import Moves

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

MOST_KNOWN = 20_000
"""Edits whose ties are kept for an architecture that is in use."""


@dataclass(frozen=True)
class Change:
    """A set of edits with the states whose decision it is.

    Attributes
    ----------
    edits : tuple of Edit
        What is done, in order.
    named : tuple of str or None
        The initiators, if they were named; None: as the edits say (the joining state and every
        member for joining, both for an agreement, the one for what it can do alone).
    """

    edits: tuple[Edit, ...]
    named: tuple[str, ...] | None = field(default=None)

    def __str__(self) -> str:
        return "; ".join(edit.sentence() for edit in self.edits)

    def __add__(self, other: Change) -> Change:
        named = None
        if self.named is not None and other.named is not None:
            named = tuple(dict.fromkeys((*self.named, *other.named)))
        return Change(self.edits + other.edits, named)

    @property
    def kind(self) -> str:
        """The kind of its edits, ``"several"`` if they differ."""
        kinds = {edit.kind for edit in self.edits}
        return kinds.pop() if len(kinds) == 1 else "several"

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        """Return the states whose decision it is, in the order in which they come up."""
        if self.named is not None:
            return tuple(g.state(code) for code in self.named)
        return tuple(dict.fromkeys(s for edit in self.edits for s in edit.initiators(g)))

    def bound(self, g: Architecture) -> Change:
        """Return it with this architecture's codes.

        Raises
        ------
        UsageError
            If one of its edits cannot be done here, for instance joining what one belongs to.
        """
        edits, now = [], g
        for edit in self.edits:
            edits.append(edit.bound(now))
            if len(self.edits) > 1:
                now = edits[-1].apply(now)
        return Change(tuple(edits), self.named)

    def apply(self, g: Architecture) -> Architecture:
        """Return the architecture after it."""
        for edit in self.edits:
            g = edit.bound(g).apply(g)
        return g


def join(state: str, organisation: str, *, initiators: Sequence[str] | None = None) -> Change:
    """Let a state join an organisation; initiators are the state and all members unless named."""
    return Change((Join(state, organisation),), _named(initiators))


def leave(state: str, organisation: str) -> Change:
    """Let a member leave an organisation."""
    return Change((Leave(state, organisation),))


def commit(
    promiser: str, beneficiary: str, kind: str = "defense", *, mutual: bool = True
) -> Change:
    """Let two states commit to each other, or the first to the second."""
    return Change((Commit(promiser, beneficiary, kind, mutual),))


def withdraw(state: str, other: str, kind: str = "defense", *, row: str = "") -> Change:
    """Let a state end its commitments of a kind with another, or the one of an identifier.

    >>> str(withdraw("TUR", "AZE", row="tur-aze-defense-2010"))
    'TUR withdraws its defense commitment with AZE (row tur-aze-defense-2010)'
    """
    return Change((Withdraw(state, other, kind, row),))


def reconcile(state_a: str, state_b: str) -> Change:
    """Let two rivals end the rivalries between them."""
    return Change((Reconcile(state_a, state_b),))


def estrange(state_a: str, state_b: str, intensity: int = 3) -> Change:
    """Make two states rivals at an intensity (MID hostility level 1 to 5)."""
    return Change((Estrange(state_a, state_b, intensity),))


def arm(state: str, share: float) -> Change:
    """Let a state raise its capability by a share of it (0.2 is 20 %)."""
    return Change((Arm(state, share),))


def disarm(state: str, share: float) -> Change:
    """Let a state lower its capability by a share of it (0.2 is 20 %)."""
    return Change((Arm(state, -share),))


def guarantee(by: str, to: str) -> Change:
    """Let a state guarantee the security of another, by its own decision.

    >>> str(guarantee("GBR", "FIN"))
    'GBR guarantees FIN'
    """
    return Change((Guarantee(by, to),))


def pledge(a: str, b: str, kind: str = "nonaggression") -> Change:
    """Let two states pledge nonaggression, neutrality or consultation to each other.

    >>> str(pledge("IND", "PAK", "nonaggression"))
    'IND and PAK pledge nonaggression'
    """
    return Change((Pledge(a, b, kind),))


def neutral(state: str) -> Change:
    """Let a state declare itself neutral towards everybody.

    >>> str(neutral("MNG"))
    'MNG becomes neutral'
    """
    return Change((Neutral(state),))


def station(by: str, on: str, share: float) -> Change:
    """Let a share of a state's strength stand on another's ground (0.02 is 2 %).

    >>> str(station("DEU", "LTU", 0.026))
    'DEU stations 2.6 % of its strength on LTU'
    """
    return Change((Station(by, on, share),))


def withdraw_forces(by: str, on: str) -> Change:
    """Let a state bring its forces home from the ground of another.

    >>> str(withdraw_forces("USA", "IRQ"))
    'USA withdraws its forces from IRQ'
    """
    return Change((WithdrawForces(by, on),))


def supply(by: str, to: str, share: float) -> Change:
    """Let arms worth a share of a state's strength reach another (0.01 is 1 %).

    >>> str(supply("KOR", "POL", 0.02))
    'KOR supplies POL with 2 % of its strength'
    """
    return Change((Supply(by, to, share),))


def stop_supplying(by: str, to: str) -> Change:
    """Let a state end its deliveries of arms to another.

    >>> str(stop_supplying("IRN", "RUS"))
    'IRN stops supplying RUS'
    """
    return Change((StopSupplying(by, to),))


def ease(a: str, b: str, to: int) -> Change:
    """Let two rivals bring their quarrel down to an intensity (MID hostility level).

    >>> str(ease("IND", "CHN", 2))
    'IND and CHN ease to intensity 2'
    """
    return Change((Ease(a, b, to),))


def sharpen(a: str, b: str, to: int) -> Change:
    """Let a state bring its quarrel with another up to an intensity (MID hostility level).

    >>> str(sharpen("AZE", "ARM", 5))
    'AZE sharpens its rivalry with ARM to intensity 5'
    """
    return Change((Sharpen(a, b, to),))


def found(name: str, members: Sequence[str], kind: str) -> Change:
    """Let states found an organisation that commits each of them to the others.

    >>> str(found("NORDIC", ["DNK", "FIN", "SWE"], "defense"))
    'DNK, FIN and SWE found NORDIC for defense'
    """
    return Change((Found(name, tuple(members), kind),))


def dissolve(name: str) -> Change:
    """Let an organisation end by the decision of all its members.

    >>> str(dissolve("AUKUS"))
    'AUKUS is dissolved'
    """
    return Change((Dissolve(name),))


def moves_of(g: Architecture, changes: Sequence[Change]) -> Moves:
    """Return the changes as edits of ties of ``g.system``.

    States without a capability are not in the system: their ties and their consent drop out.
    """
    index = {code: i for i, code in enumerate(g.system.codes)}
    total = sum(g.capability[code] for code in g.system.codes)
    edits, actors, armed, facts = [], [], [], []
    before, standing, known_edits = g.ledger, g.standing, g.known_edits
    for change in changes:
        known = known_edits.get(change.edits)
        if known is None:
            ledger, pairs = before.overlay(), set[Pair]()
            for edit in change.edits:
                pairs.update(edit.edit_ledger(ledger, g))
            known = edited(ledger, pairs, before, standing)
            if len(known_edits) < MOST_KNOWN:
                known_edits[change.edits] = known
        ties, values = known
        edits.append(
            [
                (index[a], index[b], tie.ally, tie.rival)
                for (a, b), tie in sorted(ties.items())
                if a in index and b in index
            ]
        )
        facts.append(
            [
                (what, index[k], index[i], value)
                for (what, k, i), value in sorted(values.items())
                if k in index and i in index
            ]
        )
        actors.append([index[s] for s in change.initiators(g) if s in index])
        armed.append(_armed(g, change, index, total))
    return Moves.build(edits, actors, armed, facts)


def _armed(
    g: Architecture, change: Change, index: dict[str, int], total: float
) -> tuple[tuple[int, float], ...]:
    arming = [edit for edit in change.edits if "strength" in edit.touches(g)]
    if not arming:
        return ()
    values = g.capability
    for edit in arming:
        values = edit.edit_capability(dict(values))
    return tuple(
        (index[s], v / total) for s, v in values.items() if s in index and v != g.capability[s]
    )


def _named(initiators: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if initiators is None else tuple(initiators)
