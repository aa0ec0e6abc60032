"""What the map needs beside the result: who is tied to whom, where they lie, what is contested.

A result carries the shares of allies and rivals, not the ties themselves. They are taken from
the architecture; where it is not at hand, a bundled scenario with the same hash will do, and
else the arrays that a fresh result still holds. Without any of them the map shows no ties and
says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from detente.architecture.mapping import TieMapping
from detente.architecture.package.finding import bundled, load
from detente.errors import DetenteError
from detente.reporting.audit import sources
from detente.reporting.explained import Explained
from detente.words import Names

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.results.result import Result


@dataclass(frozen=True, slots=True)
class DrawnTie:
    """One line of the map.

    Attributes
    ----------
    kind : str
        ``"organisation"``, ``"treaty"``, ``"alliance"`` (of either sort, where the source is not
        known) or ``"rivalry"``.
    first, second : str
        Codes; for an organisation the first is the organisation's.
    what : str
        In words, for who points at it.
    """

    kind: str
    first: str
    second: str
    what: str


@dataclass(frozen=True)
class Scene:
    """The architecture as the page shows it.

    Attributes
    ----------
    names : Names
        Of states, those without a capability included, and organisations.
    external : frozenset of str
        Codes of the external actors.
    missing : tuple of str
        Codes of the states without a figure of capability.
    ties : tuple of DrawnTie
        Lines; empty if `known` is false.
    places : mapping of str to (latitude, longitude)
        Of the capitals, where known.
    contested : mapping of str to list of str
        What each claimant holds, by issue.
    known : bool
        Whether the ties are known.
    measure : str
        Name of the measure of capability; empty if not known.
    facts : tuple of Fact
        Every row that counts with its source, and contested matters; empty if not known.
    sources_in_words : str
        How many sources the facts name, and how many were read; empty if not known.
    explained : Explained
        What the numbers of the page open.
    """

    names: Names
    external: frozenset[str]
    missing: tuple[str, ...]
    ties: tuple[DrawnTie, ...] = ()
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    contested: Mapping[str, list[str]] = field(default_factory=dict)
    known: bool = False
    measure: str = ""
    facts: tuple[sources.Fact, ...] = ()
    sources_in_words: str = ""
    explained: Explained = field(default_factory=lambda: Explained(None))

    def members(self) -> dict[str, list[str]]:
        """Return the members of every organisation whose article counts."""
        members: dict[str, list[str]] = {}
        for tie in self.ties:
            if tie.kind == "organisation":
                members.setdefault(tie.first, []).append(tie.second)
        return members

    def camps(self, codes: tuple[str, ...]) -> dict[str, int]:
        """Return a number for each state: equal if alliances join them, directly or by others.

        The largest camp is 0; states without an ally come last.
        """
        parent = {code: code for code in codes}

        def root(node: str) -> str:
            while parent.setdefault(node, node) != node:
                node = parent[node]
            return node

        for tie in self.ties:
            if tie.kind != "rivalry":
                # An organisation and a state never share a code here: the prefix parts them.
                first = f"organisation {tie.first}" if tie.kind == "organisation" else tie.first
                parent[root(first)] = root(tie.second)
        groups: dict[str, list[str]] = {}
        for code in codes:
            groups.setdefault(root(code), []).append(code)
        ordered = sorted(groups.values(), key=lambda group: (-len(group), group[0]))
        return {code: number for number, group in enumerate(ordered) for code in group}


def scene(audit: Result, architecture: Architecture | None = None) -> Scene:
    """Return what the page shows of the architecture behind a result."""
    stated = audit.settings["scenario"]
    data = audit.data
    names = dict(
        zip(data["state"].values.astype(str), data["state_name"].values.astype(str), strict=True)
    )
    g = architecture if architecture is not None else _same(audit)
    if g is not None:
        at = {name: about["values"] for name, about in audit.settings["lenses"].items()}
        return replace(scene_of(g), explained=Explained(g, at))
    external = frozenset(stated["external"])
    live = audit.live
    if live is None:
        return Scene(Names(names, {}), external, tuple(stated["without_capability"]))
    system = live.problem.system
    ties = []
    for i, j in zip(*np.nonzero(np.triu(system.allies + system.rivals)), strict=True):
        a, b = system.codes[i], system.codes[j]
        kind = "rivalry" if system.rivals[i, j] else "alliance"
        ties.append(DrawnTie(kind, a, b, f"{names[a]} and {names[b]}: {kind}"))
    return Scene(
        Names(names, {}), external, tuple(stated["without_capability"]), tuple(ties), known=True
    )


def _same(audit: Result) -> Architecture | None:
    """Return the bundled scenario that the result was made with, if it is one unchanged."""
    stated, mapping = audit.settings["scenario"], audit.settings["mapping"]
    if stated["name"] not in bundled():
        return None
    other = dict(mapping["differs from the defaults"])
    weights = {
        name.removeprefix("weight of "): other.pop(name)
        for name in list(other)
        if name.startswith("weight of ")
    }
    try:
        g = load(stated["name"]).measured_by(stated["measure"])
        g = g.under(TieMapping().update(other).weigh(weights))
    except DetenteError:
        return None
    return g if g.digest == stated["digest"] else None


def scene_of(g: Architecture) -> Scene:
    """Return what a page shows of an architecture."""
    organisations = g.tables["organisations"]
    names = Names(
        g.names,
        dict(zip(organisations["organisation"], organisations["name"], strict=True)),
        dict(g.tables["actors"].select("actor", "name").iter_rows()),
    )
    facts = sources.facts(g, names)
    ledger = g.ledger
    ties = [
        DrawnTie(
            "organisation",
            code,
            state,
            f"{names.full(state)} is a member of {names.full(code)}",
        )
        for code, article in sorted(ledger.alliances.items())
        for state, weight in sorted(article.members.items())
        if weight > 0
    ]
    measures = g.tables["measures"]
    titles = dict(g.tables["commitments"].select("commitment", "name").iter_rows())
    for (a, b), treaties in sorted(ledger.pacts.items()):
        if ledger.tie(a, b).ally > 0:
            what = "; ".join(titles.get(key) or key for key in treaties)
            ties.append(DrawnTie("treaty", a, b, f"{names.full(a)} and {names.full(b)}: {what}"))
    for a, b in sorted(ledger.hostile):
        if ledger.tie(a, b).rival > 0:
            ties.append(
                DrawnTie(
                    "rivalry",
                    a,
                    b,
                    f"{names.full(a)} and {names.full(b)}: rivalry of intensity "
                    f"{ledger.intensity(a, b):g} on the MID hostility scale",
                )
            )
    contested: dict[str, list[str]] = {}
    for row in g.tables["contested"].iter_rows(named=True):
        text = f"{names.full(row['claimant'])}: {row['position']}"
        contested.setdefault(row["issue"], []).append(text)
    places = {
        code: (lat, lon)
        for code, lat, lon in g.tables["states"].select("state", "lat", "lon").iter_rows()
        if lat is not None and lon is not None
    }
    return Scene(
        names,
        g.external,
        g.without_capability,
        tuple(ties),
        places,
        contested,
        known=True,
        measure=dict(zip(measures["measure"], measures["name"], strict=True))[g.measure],
        facts=tuple(facts),
        sources_in_words=sources.in_words(g, facts),
    )
