"""The graph model for conflict resolution: which states nobody can upset, given counter-moves.

References
----------
Kilgour, D. M., Hipel, K. W. & Fang, L. (1987), The graph model for conflicts, Automatica 23(1),
41-55; Fang, L., Hipel, K. W. & Kilgour, D. M. (1993), Interactive Decision Making, Wiley.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from detente.errors import UsageError
from detente.settlement.arguments import choice

CONCEPTS = {
    "R": "no improvement at all (Nash)",
    "GMR": "every improvement can be sanctioned by the others",
    "SMR": "the same, and the party cannot escape the sanction",
    "SEQ": "every improvement can be sanctioned by moves that the others want themselves",
}
"""The four concepts of stability."""

SANCTIONS = ("sequence", "single_move")

Booleans = NDArray[np.bool_]


class StateStability(dict[str, Booleans]):
    """From a concept to a boolean array (party, state): is the state stable for the party?"""

    def equilibria(self, concept: str) -> list[int]:
        """Return the states that are stable for every party."""
        return [int(s) for s in np.flatnonzero(self[concept].all(axis=0))]


def stability(
    moves: Sequence[Iterable[tuple[int, int]]],
    preference: Sequence[Sequence[int | Sequence[int]]],
    *,
    concept: str = "all",
    sanction: str = "sequence",
) -> StateStability:
    """Say for each party and state whether the party would stay, under four concepts.

    Parameters
    ----------
    moves : sequence of iterables of (int, int)
        For each party, the moves that it can make by itself, as (from, to); states count from 0.
    preference : sequence of sequences
        For each party the states, best first; states between which it is indifferent as a list.
        Every state stands once.
    concept : str
        ``"R"``, ``"GMR"``, ``"SMR"``, ``"SEQ"``, or ``"all"``.
    sanction : str
        ``"sequence"``: the others answer by any sequence of moves in which no party moves twice
        in succession, as the concepts are published. ``"single_move"``: one opponent makes one
        move, as the published software GMCR+ has it. With two parties the two are the same.

    Raises
    ------
    UsageError
        If a party has no preference, or a state is left out, stands twice or is no number.
    """
    wanted = (
        list(CONCEPTS) if concept == "all" else [choice("concept", concept, (*CONCEPTS, "all"))]
    )
    choice("sanction", sanction, SANCTIONS)
    if len(moves) != len(preference) or not len(moves):
        raise UsageError(
            f"there must be one preference for each party: {len(moves)} parties with moves, "
            f"{len(preference)} preferences"
        )
    worth = ranks(preference)
    parties, states = worth.shape
    steps = [_steps(party, own, states) for party, own in enumerate(moves)]
    gains = [
        [{t for t in reached if worth[i, t] > worth[i, s]} for s, reached in enumerate(steps[i])]
        for i in range(parties)
    ]
    stable = StateStability((c, np.ones((parties, states), np.bool_)) for c in wanted)
    for i in range(parties):
        others = [j for j in range(parties) if j != i]
        answers = [_reach(s, others, steps, sanction) for s in range(states)]
        willing = [_reach(s, others, gains, sanction) for s in range(states)]
        for s in range(states):
            worse = worth[i] <= worth[i, s]
            kept = {
                "R": not gains[i][s],
                "GMR": all(any(worse[t] for t in answers[g]) for g in gains[i][s]),
                "SMR": all(
                    any(worse[t] and all(worse[e] for e in steps[i][t]) for t in answers[g])
                    for g in gains[i][s]
                ),
                "SEQ": all(any(worse[t] for t in willing[g]) for g in gains[i][s]),
            }
            for c in wanted:
                stable[c][i, s] = kept[c]
    return stable


def reachable(
    start: int,
    party: Sequence[int],
    moves: Sequence[Iterable[tuple[int, int]]],
    preference: Sequence[Sequence[int | Sequence[int]]],
    *,
    improving: bool = False,
) -> set[int]:
    """Return the states that a group reaches from `start` by legal sequences of its moves.

    Parameters
    ----------
    start : int
        The state to begin with.
    party : sequence of int
        Indices of the parties that move.
    moves, preference
        As for `stability`.
    improving : bool
        Whether every move must be an improvement for the party that makes it.
    """
    worth = ranks(preference)
    steps = [_steps(i, own, worth.shape[1]) for i, own in enumerate(moves)]
    if improving:
        steps = [
            [{t for t in reached if worth[i, t] > worth[i, s]} for s, reached in enumerate(own)]
            for i, own in enumerate(steps)
        ]
    return _reach(start, list(party), steps, "sequence")


def ranks(preference: Sequence[Sequence[int | Sequence[int]]]) -> NDArray[np.int64]:
    """Return how highly each party (row) ranks each state; equal where it is indifferent."""
    rows = [
        [[s] if isinstance(s, (int, np.integer)) else list(s) for s in order]
        for order in preference
    ]
    count = max((sum(map(len, row)) for row in rows), default=0)
    worth = np.zeros((len(rows), count), np.int64)
    for party, row in enumerate(rows):
        named = [s for tied in row for s in tied]
        if sorted(named) != list(range(count)):
            missing = sorted(set(range(count)) - set(named))
            twice = sorted({s for s in named if named.count(s) > 1})
            raise UsageError(
                f"preference of party {party} must name each of the states 0 to {count - 1} once"
                + (f"; missing: {missing}" if missing else "")
                + (f"; more than once: {twice}" if twice else "")
            )
        for place, tied in enumerate(row):
            worth[party, tied] = len(row) - place
    return worth


def _steps(party: int, moves: Iterable[tuple[int, int]], states: int) -> list[set[int]]:
    reached: list[set[int]] = [set() for _ in range(states)]
    for start, end in moves:
        if not (0 <= start < states and 0 <= end < states):
            raise UsageError(
                f"move ({start}, {end}) of party {party}: states count from 0 to {states - 1}"
            )
        if start != end:
            reached[start].add(end)
    return reached


def _reach(
    start: int, group: Sequence[int], steps: Sequence[Sequence[set[int]]], sanction: str
) -> set[int]:
    """Return what a group reaches: by one move, or searching over (state, who moved last)."""
    if sanction == "single_move":
        return set().union(*(steps[j][start] for j in group))
    seen: set[tuple[int, int]] = set()
    frontier = [(start, -1)]
    while frontier:
        state, last = frontier.pop()
        for j in group:
            if j == last:
                continue
            for after in steps[j][state]:
                if (after, j) not in seen:
                    seen.add((after, j))
                    frontier.append((after, j))
    return {state for state, _ in seen}
