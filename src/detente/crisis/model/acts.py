"""Interventions: single acts in a crisis, as values.

An act either edits the model at the state in which it is taken (a hotline, a ceasefire,
restraint, retaliation) or changes what the model is made from (a claimant is believed, any change
of the architecture). A sentence that an audit reads means the same here: one reader reads it, and
what it edits are the same rows. A supplier that stops is, besides, held to be a party no longer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from detente.architecture import changes
from detente.architecture.changes import Change
from detente.architecture.edits.forces import StopSupplying
from detente.crisis.model.arguments import read_side
from detente.crisis.model.escalation import Model, build, collectives, same, sides, supporters
from detente.crisis.model.model_arrays import FORCE
from detente.crisis.record.record import read_claimant
from detente.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from detente.architecture.promises import Pair
    from detente.architecture.value import Architecture

CEASEFIRE_RUNG = FORCE - 1


@dataclass(frozen=True)
class Intervention:
    """One act.

    Attributes
    ----------
    kind : str
        hotline, ceasefire, separation, stop, retaliate, restrain, believe or change.
    who : tuple of str
        Codes of those it is about, in the order of the sentence.
    change : Change or None
        The change of the architecture, if it is one.
    """

    kind: str
    who: tuple[str, ...]
    change: Change | None = None

    def __str__(self) -> str:
        if self.change is not None:
            return str(self.change)
        return SENTENCES[self.kind].format(*self.who)

    def bound(self, g: Architecture) -> Intervention:
        """Return the act with codes as this architecture writes them.

        Raises
        ------
        UsageError
            If it names somebody who is not there or cannot act, such as an organisation, or a
            claimant of whom no claim is on record, or one side twice.
        """
        if self.kind == "believe":
            return replace(self, who=(read_claimant(g, self.who[0]),))
        who = tuple(_side(g, name) for name in self.who)
        if len(who) == 2 and who[0] == who[1]:
            raise UsageError(f"'{self}' needs two sides: {who[0]} was named twice")
        return replace(self, who=who)

    @property
    def key(self) -> tuple[object, ...]:
        """What acts that are the same share, however they were written."""
        if self.change is not None:
            return self.kind, repr(self.change.edits).casefold()
        return self.kind, tuple(sorted(self.who)) if self.kind in EITHER_WAY else self.who

    @property
    def rebuilds(self) -> bool:
        """Whether it changes what the model is made from, not only the state it is taken in."""
        return self.change is not None or self.kind in ("stop", "believe")

    def rebuild(
        self, g: Architecture, parameters: Mapping[str, float] | None, dyads: Sequence[Pair] = ()
    ) -> Model:
        """Return the model made from the architecture in which it has been done."""
        if self.kind == "stop":
            stopped = [(self.who[0], self.who[1])]
            after = _deliveries_ended(g, *self.who)
            model = build(after, parameters, dyads=dyads, stopped=stopped)
        elif self.change is not None:
            stopped = [
                (edit.by, edit.to) for edit in self.change.edits if isinstance(edit, StopSupplying)
            ]
            model = build(self.change.apply(g), parameters, dyads=dyads, stopped=stopped)
        else:
            believed = self.who[0] if self.kind == "believe" else None
            model = build(g, parameters, dyads=dyads, believed=believed)
        return replace(model, digest=g.digest)

    def act(self, model: Model) -> Model:
        """Return the model after the act, taken in the state in which the model starts."""
        v = model.values
        if self.kind == "hotline":
            d = model.position((self.who[0], self.who[1]))
            misread = model.misread.copy()
            misread[d] = min(misread[d], 1.0 - v["channel.relief"])
            return replace(model, misread=misread)
        if self.kind in ("ceasefire", "separation"):
            d = model.position((self.who[0], self.who[1]))
            rung, background = list(model.rung), model.background.copy()
            rung[d] = min(rung[d], CEASEFIRE_RUNG)
            background[d] *= v[f"{self.kind}.rate"]
            return replace(model, rung=tuple(rung), background=background)
        if self.kind == "restrain":
            own_dyads = np.array([self.who[0] in d for d in model.dyads])
            return replace(model, misread=np.where(own_dyads, v["restraint"], 1.0) * model.misread)
        if self.kind == "retaliate":
            d = model.position((self.who[0], self.who[1]))
            rung, excitation = list(model.rung), model.excitation.copy()
            rung[d] = max(rung[d], min(rung[d] + 1, FORCE))
            for (cause, e), mean in model.offspring.items():
                if cause == d:
                    excitation[e] += mean
            return replace(model, rung=tuple(rung), excitation=excitation)
        return model

    def idle(self, g: Architecture, before: Model, after: Model) -> str:
        """Say why the act changes nothing in the model; empty if it changes something."""
        if not same(before, after):
            return ""
        if self.kind == "stop":
            supplier, receiver = self.who
            if supplier in supporters(g, before.values).get(receiver, {}):
                return "its supply heats no dyad of the model"
            return (
                f"no supply of {receiver} by {supplier} is on record, and nobody holds {supplier} "
                f"to be a party to what {receiver} does"
            )
        if self.kind == "restrain":
            return f"no incident comes between {self.who[0]} and anybody"
        return IDLE.get(self.kind, "what it sets is so already")


IDLE = {
    "hotline": "a channel of the two is as fresh as a new one would be",
    "ceasefire": "the two stand below the use of force, and no incident comes of itself",
    "separation": "the two stand below the use of force, and no incident comes of itself",
    "retaliate": "the two stand at the use of force already, and an incident causes no others",
    "believe": "whom it charges or clears is no party to anything that happens between rivals",
    "change": "it touches no tie that the model reads",
}
"""Why an act may change nothing, by its kind."""
SENTENCES = {
    "hotline": "hotline {0}-{1}",
    "ceasefire": "ceasefire {0}-{1}",
    "separation": "ceasefire {0}-{1} with separation",
    "stop": "{0} stops supplying {1}",
    "retaliate": "{0} retaliates against {1}",
    "restrain": "{0} shows restraint",
    "believe": "{0} is believed",
}
"""How each act is written; `parse_intervention` reads it back."""
OWN = ("separation", "hotline", "ceasefire", "retaliate", "restrain", "believe")
"""Acts that are no change of an architecture, in the order in which their sentences are tried."""


EITHER_WAY = ("hotline", "ceasefire", "separation")
"""Acts of two sides that are the same whoever is named first."""


def _side(g: Architecture, name: str) -> str:
    """Return the code of a side, written as its code or as a state's name."""
    known = sides(g)
    try:
        return read_side(name, known, collectives(g))
    except UnknownName:
        with suppress(UnknownName):
            return g.state(name)
        raise


def _deliveries_ended(g: Architecture, supplier: str, receiver: str) -> Architecture:
    """Return the architecture without deliveries of arms on record, if there are any."""
    try:
        return changes.stop_supplying(supplier, receiver).apply(g)
    except UsageError:  # a charge alone, other support than arms, or a side that is no state
        return g


def hotline(a: str, b: str) -> Intervention:
    """Open a channel between two sides that stays fresh: incidents are misread less often."""
    return Intervention("hotline", (a, b))


def ceasefire(a: str, b: str, *, separation: bool = False) -> Intervention:
    """Let two sides stop firing: they stand at a display of force, and incidents are rarer.

    With a separation of forces they are rarer still.
    """
    return Intervention("separation" if separation else "ceasefire", (a, b))


def stop_supply(supplier: str, receiver: str) -> Intervention:
    """Let a supplier stop: it is no longer held to be a party to what the receiver does.

    What the receiver can no longer do without it is not in the model.
    """
    return Intervention("stop", (supplier, receiver))


def retaliate(a: str, b: str) -> Intervention:
    """Let one side answer: the dyad rises by a rung, to the use of force at most, and an incident
    has just happened on it. A dyad has no direction, so that either side's answer is the same.
    """  # fmt: skip
    return Intervention("retaliate", (a, b))


def restrain(state: str) -> Intervention:
    """Let a state hold back after incidents: on all its dyads they raise the rung less often."""
    return Intervention("restrain", (state,))


def believe(claimant: str) -> Intervention:
    """Let everybody take a claimant's account for true: whom it charges is held to be a party in
    full, and a role that it only denies makes nobody one. What it leaves open stays as it was.
    """  # fmt: skip
    return Intervention("believe", (claimant,))


def guarantee(guarantor: str, state: str) -> Intervention:
    """Let a state guarantee another's security, one way: the change of that name."""
    return of_change(changes.guarantee(guarantor, state))


def of_change(change: Change) -> Intervention:
    """Make an intervention of any change of the architecture."""
    if len(change.edits) == 1 and isinstance(change.edits[0], StopSupplying):
        return stop_supply(change.edits[0].by, change.edits[0].to)
    return Intervention("change", (), change)


def parse_intervention(text: str) -> Intervention:
    """Read an intervention from its sentence; any change of the architecture is one as well.

    Raises
    ------
    UsageError
        If it is neither; says how they are written.
    """
    plain = " ".join(text.split()).rstrip(".!")
    for kind in OWN:
        pattern = re.escape(SENTENCES[kind])
        for k in range(2):
            pattern = pattern.replace(re.escape(f"{{{k}}}"), "([^-;,]+?)")
        match = re.fullmatch(pattern, plain, flags=re.IGNORECASE)
        if match:
            return Intervention(kind, tuple(name.strip() for name in match.groups()))
    from detente.architecture.sentences import parse

    try:
        return of_change(parse(plain))
    except UsageError as error:
        sentences = "; ".join(SENTENCES[kind].format("AAA", "BBB") for kind in OWN)
        raise UsageError(
            f"'{text}' is no intervention. Acts: {sentences}; or any change of the architecture "
            f"({error})"
        ) from None
