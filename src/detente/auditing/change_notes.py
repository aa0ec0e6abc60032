"""Notes on a change besides its verdict: why a model does not see it, whom it allies as rivals,
and on which assumption of a model its verdict hangs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from detente.architecture.edits.membership import Join, Leave
from detente.architecture.edits.rows import Row
from detente.architecture.kinds import IN_WORDS
from detente.auditing.feasible_changes import allied_rivals
from detente.auditing.verdicts import Verdicts, judge
from detente.lenses.naming import in_words
from detente.lenses.protocol import visible
from detente.words import listed

if TYPE_CHECKING:
    from detente.architecture.changes import Change
    from detente.architecture.edits.base import Edit
    from detente.architecture.value import Architecture
    from detente.auditing.screening import Finding, Problem
    from detente.lenses.protocol import Lens
    from detente.results import Result

MOST_PAIRS = 4


def notes_on(
    g: Architecture, changes: Sequence[Change], findings: Sequence[Finding], problem: Problem
) -> dict[str, list[str]]:
    """Return the notes on changes, by their sentence; a change without notes is left out."""
    notes: dict[str, list[str]] = {}
    lenses = [finding.lens for finding in findings]
    conflicts = conflicts_of(g, changes)
    switched = [one for finding in findings for one in switched_verdicts(finding, problem)]
    for k, change in enumerate(changes):
        said = [
            _unseen(g, change, lenses, problem, k),
            _rivals(conflicts.get(str(change), ())),
            *(_conditional(switch, k) for switch in switched),
        ]
        if any(said):
            notes[str(change)] = [text for text in said if text]
    return notes


class Switched(NamedTuple):
    """What a lens says of every change, as it is and without one of its assumptions."""

    lens: Lens
    words: str
    verdicts: Verdicts
    without: Verdicts


def switched_verdicts(finding: Finding, problem: Problem) -> list[Switched]:
    """Return the verdicts of a lens without each of the assumptions that it declares."""
    assert finding.verdicts is not None
    lens, twins = finding.lens, problem.twins(finding.lens)
    return [
        Switched(
            lens,
            switch.words,
            finding.verdicts,
            judge(
                problem.screen(lens, switch.values(finding.values), finding.tolerance),
                finding.tolerance,
                twins,
            ),
        )
        for switch in lens.switches
    ]


def _conditional(switched: Switched, k: int) -> str:
    """Say what would be otherwise for a change without an assumption; empty if nothing would."""
    verdicts, without = switched.verdicts, switched.without
    if not (verdicts.defined[k] and without.defined[k]):
        return ""
    flips = []
    if verdicts.harmful[k] != without.harmful[k]:
        flips.append("nobody would be less secure" if verdicts.harmful[k] else
                     "somebody would be less secure")  # fmt: skip
    if verdicts.wanted[k] != without.wanted[k]:
        flips.append("it would not be wanted" if verdicts.wanted[k] else "it would be wanted")
    if not flips:
        return ""
    return f"Conditional under the lens {in_words(switched.lens.name)}: if {switched.words}, " + (
        f"{' and '.join(flips)}."
    )


def counts_without(
    findings: Sequence[Finding], problem: Problem
) -> dict[str, list[dict[str, str | int]]]:
    """Return, by lens, how many changes are wanted, and at whose expense, without an assumption."""
    return {
        finding.lens.name: [
            {
                "without": switched.words,
                "wanted": switched.without.wanted_count,
                "witnesses": switched.without.witness_count,
            }
            for switched in switched_verdicts(finding, problem)
        ]
        for finding in findings
        if finding.lens.switches
    }


def add_setting(result: Result, name: str, value: Any) -> None:
    """Keep something more with the result of an audit, among its settings."""
    settings = {**result.settings, name: value}
    result.data.attrs["settings"] = json.dumps(settings, ensure_ascii=False, default=str)


def why_unseen(g: Architecture, lens: Lens, change: Change, problem: Problem, k: int) -> str:
    """Return why a lens sees nothing of the `k`-th change of a problem; empty if it sees some.

    A lens sees a change if it reads a kind of tie that the change edits, and the edit comes to
    something: joining where a member weighs nothing edits no array.
    """
    sees = visible(lens, g)
    touches = {fact for edit in change.edits for fact in edit.touches(g)}
    if not touches:
        return _edits_nothing(change.edits)
    if not touches & sees:
        edited = listed(sorted(IN_WORDS[fact] for fact in touches))
        read = listed(sorted(IN_WORDS[fact] for fact in sees))
        return f"it edits {edited}, and the lens reads {read}"
    if lens.sees_signs:
        comes_to = bool(list(problem.moves.edits(k)))
    else:
        comes_to = bool({fact for fact, *_ in problem.moves.facts.of(k)} & sees)
    if problem.moves.armed[k] or comes_to:
        return ""
    return _comes_to_nothing(g, change.edits)


def _edits_nothing(edits: Sequence[Edit]) -> str:
    reasons = [edit.reason for edit in edits if isinstance(edit, Row) and edit.reason]
    if reasons:
        return "; ".join(dict.fromkeys(reasons))
    names = [edit.organisation for edit in edits if isinstance(edit, (Join, Leave))]
    if names:
        return f"the treaty of {listed(list(dict.fromkeys(names)))} promises nothing"
    return "it edits no tie"


def _comes_to_nothing(g: Architecture, edits: Sequence[Edit]) -> str:
    """Return why an edit of ties that a lens reads leaves all of them as they are."""
    weightless = []
    for edit in edits:
        if isinstance(edit, (Join, Leave)):
            article = g.ledger.articles.get(edit.organisation)
            whole = 0.0 if article is None else article.whole
            own = article.members.get(edit.state, whole) if article is not None else 0.0
            if own == 0 or whole == 0:
                name = edit.organisation if whole == 0 else f"{edit.organisation}/{edit.state}"
                weightless.append(name)
    if weightless:
        names = listed(list(dict.fromkeys(weightless)))
        return f"{names} weighs 0 here (--weight {weightless[0]}=1 counts it)"
    return "other ties of the same states, as strong, stand already or remain"


def _unseen(
    g: Architecture, change: Change, lenses: Sequence[Lens], problem: Problem, k: int
) -> str:
    by_reason: dict[str, list[str]] = {}
    for lens in lenses:
        if reason := why_unseen(g, lens, change, problem, k):
            by_reason.setdefault(reason, []).append(lens.name)
    return " ".join(
        f"{'The lens' if len(names) == 1 else 'The lenses'} {listed(names)} "
        f"{'does' if len(names) == 1 else 'do'} not see it, because {reason}."
        for reason, names in by_reason.items()
    )


def conflicts_of(g: Architecture, changes: Sequence[Change]) -> dict[str, list[str]]:
    """Return the pairs of rivals whom changes make allies, by their sentence, if there are any."""
    pairs = {str(change): [f"{a}-{b}" for a, b in allied_rivals(g, change)] for change in changes}
    return {sentence: of_change for sentence, of_change in pairs.items() if of_change}


def _rivals(pairs: Sequence[str]) -> str:
    if not pairs:
        return ""
    one = len(pairs) == 1
    return (
        f"It makes allies of rivals: {listed(pairs, MOST_PAIRS)}. Their "
        f"{'rivalry stands' if one else 'rivalries stand'} beside the pact; a model of signs alone "
        f"counts {'the two' if one else 'them'} as neither. No feasible change does so: "
        "reconcile them first, or in the same change."
    )
