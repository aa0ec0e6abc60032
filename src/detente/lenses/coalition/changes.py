"""Many changes at once: hands a system and its changes to the compiled kernel."""

from __future__ import annotations

import numpy as np

from detente.architecture.kinds import FACTS_EDITED
from detente.architecture.system import FactEdits, Moves, System
from detente.lenses.coalition import attack_sums_kernel as kernel
from detente.lenses.coalition import formula
from detente.lenses.coalition.facts import Facts, Floats, Ints, Values
from detente.lenses.kernel_arrays import deciders, screen_of, verdict_room
from detente.lenses.screens import Screen

SEEN = (
    "defense",
    "offense",
    "nonaggression",
    "neutrality",
    "guarantee",
    "rivalry",
    "stations",
    "supplies",
    "neutral",
)
"""What the kernel edits, in the order of its numbers."""

PAIRS = SEEN[:-1]
NUMBER = np.array([SEEN.index(name) if name in SEEN else -1 for name in FACTS_EDITED])


def many_deltas(system: System, facts: Facts, moves: Moves, values: Values) -> Floats:
    """Return what each change gives to each state, array (m, n)."""
    deltas = np.zeros((len(moves), facts.size))
    book, edits = _ready(system, facts, moves, values)
    none = verdict_room(0, facts.size, signs=False, pays=False)
    kernel.judge_changes(book, edits, deciders(moves), 0.0, deltas, none)
    return deltas


def many_verdicts(
    system: System,
    facts: Facts,
    moves: Moves,
    values: Values,
    tolerance: float,
    *,
    signs: bool,
    pays: bool,
) -> Screen:
    """Judge every change at once, without a table of deltas."""
    verdicts = verdict_room(len(moves), facts.size, signs=signs, pays=pays)
    book, edits = _ready(system, facts, moves, values)
    none = np.zeros((0, facts.size))
    kernel.judge_changes(book, edits, deciders(moves), tolerance, none, verdicts)
    return screen_of(verdicts, signs=signs, pays=pays)


def _ready(
    system: System, facts: Facts, moves: Moves, values: Values
) -> tuple[kernel.AttackBook, kernel.Edits]:
    """Return the arrays that the kernel wants, with the sums of the system before any change."""
    n, held = facts.size, formula.ties(facts, values)
    numbers = numbers_of(values)
    apart = {
        "nonaggression": system.promises["nonaggression"],
        "neutrality": system.promises["neutrality"],
    }
    raw = kernel.Raw(
        pair=np.stack(
            [apart[name] if name in apart else getattr(facts, name) for name in PAIRS], axis=-1
        ),
        neutral=facts.neutral.copy(),
        near=formula.nearness(facts, values),
        strength=facts.strength,
        nuclear=np.flatnonzero(facts.nuclear),
        armed=facts.nuclear,
    )
    parallel = numbers.parallel * (1.0 - facts.neutral[:, None]) * held.quarrel
    cells = np.stack(
        [held.defends, held.bond, held.arrives, held.offense, held.quarrel, parallel, held.sent],
        axis=-1,
    )
    sums = kernel.Sums(
        pair=np.zeros((n, n, 5)),
        got=np.zeros(n),
        rivals=np.zeros((n, n), dtype=np.int64),
        number=np.zeros(n, dtype=np.int64),
        shelter=np.zeros((n, 3)),
    )
    edits = _edits(moves.facts)
    kernel.base_sums(raw, cells, sums, numbers)
    longest = int(np.diff(edits.ptr).max(initial=0))
    return kernel.AttackBook(raw, cells, sums, _log(n, longest), numbers), edits


def numbers_of(values: Values) -> kernel.Numbers:
    """Return the parameters as the kernel wants them, with the shares that turn out."""
    share = formula.turned_out(values)
    names = [name for name in kernel.Numbers._fields if name not in share]
    return kernel.Numbers(**share, **{name: float(values[name]) for name in names})


def _edits(edits: FactEdits) -> kernel.Edits:
    what = NUMBER[edits.what] if len(edits.what) else edits.what
    return kernel.Edits(edits.ptr, what, edits.first, edits.second, edits.value)


def _log(n: int, longest: int) -> kernel.ChangeTrace:
    def counts(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    room = max(n * n, longest)
    return kernel.ChangeTrace(
        length=counts(6),
        place=counts(4, room, 3),
        kept=np.zeros((3, room, 6)),
        state=counts(2, n * n),
        cell_seen=counts(n, n),
        attack_seen=counts(n, n),
        state_seen=counts(n),
        sender_seen=counts(n),
        change=np.zeros(n),
        old_got=np.zeros(n),
    )
