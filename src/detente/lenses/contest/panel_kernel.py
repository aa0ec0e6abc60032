"""Compiled verdicts on many single pairs: four states against one, row by row of the inverse.

Most lists of changes hold one pair a change, ordered by their first state. Four such rows of
changes make a *panel*. `numbers` finds what every change of a row needs, for all its second states
in one loop. Then the second states pass one by one: the four changes of a panel with the same
second state share its row of the inverse, which is read once, and the four rows of the panel stay
in the nearest cache. `add_up` sums up the deltas of four changes, `add_pays` who pays for whom as
well, `mark` writes their signs. `judge` makes the panels; what does not fit into one, it leaves to
`contest_kernel.screen`. The formula is that of `contest_kernel`; the plain twins are
`Lens.deltas` and `reduce_deltas`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.core.compiler import Compiler
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.lenses.contest.contest_kernel import (
    ACTIVE,
    CANCELLED,
    COST,
    FOR_LAST,
    FOR_NEXT,
    GAMMA,
    LATER,
    MATHS,
    REACH,
    SPENT,
    WEIGHT,
    Network,
    Place,
    Signs,
)
from detente.lenses.contest.game import LEAST_WEIGHT
from detente.lenses.kernel_arrays import Deciders, TieEdits, VerdictArrays

BLURRED = 1e-14  # share of its terms that rounding may add to a delta or take from it, at most
ROWS = 4  # of changes in a panel
WORTH = 2  # changes a second state that a panel must have on average
STRETCH = 256  # states at a time, so that a panel's part of the inverse stays in the nearest cache
TINY = 1e-30  # stands for a change of S by nothing, by which nothing could be divided
# Further columns of the figures by state, in `columns`: the two base rows, the sum of the row of
# the priced inverse, and the diagonal of the inverse.
BASE_0, BASE_1, ACROSS, DIAGONAL = range(8, 12)
# What `judge` has to know of the active states before any change.
GAMMAS, PRICED, LAST, NEXT, ACROSS_0, ACROSS_1 = range(6)

Shorts = NDArray[np.int32]


class Panels(NamedTuple):
    """A list of changes in rows and panels, as `lay_out` makes them of it.

    Row r has the changes row_ptr[r]:row_ptr[r + 1], of which those that fit have the first state
    centre[r] and different second states, `partner`; the others have the partner -1. `nearer` and
    `further` are by how much alliance and rivalry of the pair change. Panel b has the rows ROWS * b
    to ROWS * (b + 1) and the second states panel_ptr[b]:panel_ptr[b + 1] of `seconds`.
    """

    row_ptr: Ints
    centre: Ints
    partner: Shorts
    nearer: Floats
    further: Floats
    panel_ptr: Ints
    seconds: Shorts


class Padded(NamedTuple):
    """The game before any change, with zeros up to a multiple of eight places.

    `columns` are the figures by state and more, `plain` is M and `priced` M with its columns times
    the costs, `rows` are the two base rows, also with the first one turned round. `border` has the
    sums of Gamma and of c Gamma of the active, the two sums that say whether the dearest active and
    the cheapest idle state contest the prize, and the sums of the two base rows.
    """

    columns: Floats
    plain: Floats
    rows: Floats
    priced: Floats
    border: Floats


class PanelRows(NamedTuple):
    """Numbers of the four rows of a panel, by second state: arrays (ROWS, width)."""

    step: Floats
    scale: Floats
    q: Floats
    v: Floats
    w: Floats
    limit: Floats
    share: Floats
    together: Floats
    size: Floats
    more: Floats
    own: Floats
    other: Floats
    apart: Floats
    below: Floats
    cross: Floats


class Charges(NamedTuple):
    """What the first state of each row costs every state, at the most: arrays (width,)."""

    row_0: Floats
    row_1: Floats
    row_2: Floats
    row_3: Floats


class PanelStretch(NamedTuple):
    """The states start..stop, for a panel with these second states and these first ones."""

    start: int
    stop: int
    seconds: Shorts
    centre: Ints


class Factors(NamedTuple):
    """What multiplies the second base row and the two rows of M c, and the threshold of harm."""

    q: float
    v: float
    w: float
    limit: float


class Apart(Compiler):
    """Numba's compiler, told that no two arrays of a call overlap where one of them is written.

    Without that promise the compiler asks at every call which arrays overlap, and where there are
    as many as here, it does not vectorise at all.
    """

    def define_pipelines(self) -> Any:
        """Set the promise, then go on as usual."""
        self.state.flags.noalias = True
        usual: Any = super()
        return usual.define_pipelines()


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, pipeline_class=Apart)
def numbers(
    a: int, i: Place, span: tuple[int, int], side: float, tolerance: float, game: Padded,
    rows: PanelRows,
) -> None:  # fmt: skip
    """Write the numbers of row `a`: changes of the pairs (i, start..stop) by `step`, 0 where none.

    They are the magnitude of S - S', by which all else is divided so that it need not be multiplied
    with; the factors of the second base row and of the two rows of M c; the threshold of harm; the
    share of others' losses that the two states are charged with, 1 or, unless they want the change
    by weak consent, 0; the sum over all states; what the extras of the two states add to the sum of
    magnitudes and to the number of those harmed; the two states' deltas; and zeros for `add_up`.
    `side` is the sign of S - S' in this panel. Where a change has to go the plain way, what it adds
    to the number of those harmed is NaN. There are no branches, so that eight changes go at once.
    """
    start, stop = span
    columns, plain, border = game.columns, game.plain, game.border
    step, scale, q, v, w, limit, share, together, size, more, own, other, apart, below, _ = rows
    weight_i, gamma_i, cost_i = columns[WEIGHT, i], columns[GAMMA, i], columns[COST, i]
    active_i, reach_i, spent_i = columns[ACTIVE, i], columns[REACH, i], columns[SPENT, i]
    last_i, next_i, m_ii = columns[FOR_LAST, i], columns[FOR_NEXT, i], columns[DIAGONAL, i]
    base_0, base_1, across_i = columns[BASE_0, i], columns[BASE_1, i], columns[ACROSS, i]
    gammas, priced, over_last, over_next = (
        border[GAMMAS],
        border[PRICED],
        border[LAST],
        border[NEXT],
    )
    total, across_0, across_1 = (gammas - 1.0) / priced, border[ACROSS_0], border[ACROSS_1]
    for k in range((stop - start) & -8):
        j = Place(start) + Place(k)
        d, m_ij, m_jj, cost_j = step[a, j], plain[i, j], columns[DIAGONAL, j], columns[COST, j]
        new_i, new_j = weight_i + d, columns[WEIGHT, j] + d
        gain_i, gain_j = 1.0 / new_i - gamma_i, 1.0 / new_j - columns[GAMMA, j]
        last = over_last + gain_i * last_i + gain_j * columns[FOR_LAST, j]
        next_ = over_next + gain_i * next_i + gain_j * columns[FOR_NEXT, j]
        moved_i, moved_j = gain_i * active_i, gain_j * columns[ACTIVE, j]
        sum_ = gammas + (moved_i + moved_j)
        after = (sum_ - 1.0) / (priced + moved_i * cost_i + moved_j * cost_j)
        square = after * after
        v_, w_ = moved_i * (after - square * cost_i), moved_j * (after - square * cost_j)
        x_i = after * reach_i - square * spent_i + v_ * m_ii + w_ * m_ij
        x_j = after * columns[REACH, j] - square * columns[SPENT, j] + v_ * m_ij + w_ * m_jj
        link = 1.0 + d * m_ij
        linked, both = link * link, d * d * m_ii * m_jj
        ratio = d / (both - linked)
        v_ -= ratio * (d * m_jj * x_i - link * x_j)
        w_ -= ratio * (d * m_ii * x_j - link * x_i)
        p_, q_ = total - after, square - total * total
        extra_i, extra_j = moved_i * (1.0 - after * cost_i), moved_j * (1.0 - after * cost_j)
        # The two states' deltas, before and after the extras that `add_up` knows nothing of. Where
        # one is so near to the threshold that rounding decides, `add_up` might count it otherwise.
        p_i, q_i, v_i, w_i = p_ * base_0, q_ * base_1, v_ * m_ii * cost_i, w_ * m_ij * cost_i
        p_j, q_j = p_ * columns[BASE_0, j], q_ * columns[BASE_1, j]
        v_j, w_j = v_ * m_ij * cost_j, w_ * m_jj * cost_j
        old_i, old_j = p_i + q_i - (v_i + w_i), p_j + q_j - (v_j + w_j)
        blur_i = BLURRED * (abs(p_i) + abs(q_i) + abs(v_i) + abs(w_i))
        blur_j = BLURRED * (abs(p_j) + abs(q_j) + abs(v_j) + abs(w_j))
        after_i, after_j = old_i + extra_i, old_j + extra_j
        fine = (
            (new_i > LEAST_WEIGHT)
            & (new_j > LEAST_WEIGHT)
            & (last < 1.0)
            & (next_ >= 1.0)
            & (sum_ > 1.0)
            & (abs(both - linked) >= CANCELLED * (linked + abs(both)))
            & (abs(old_i + tolerance) > blur_i)
            & (abs(old_j + tolerance) > blur_j)
            & (side * p_ >= 0.0)
            & ((p_ != 0.0) | (v_ != 0.0))
        )
        height = max(side * p_, TINY) if fine else 0.0
        over = 1.0 / height if fine else 0.0
        scale[a, j], limit[a, j] = height, -tolerance * over
        q[a, j], v[a, j], w[a, j] = q_ * over, -v_ * over, -w_ * over
        lower, higher = min(after_i, after_j), max(after_i, after_j)
        wanted = fine & (lower >= -tolerance) & (higher > tolerance)
        share[a, j] = -height if wanted else 0.0
        together[a, j] = (
            p_ * across_0
            + q_ * across_1
            + (extra_i + extra_j - (v_ * across_i + w_ * columns[ACROSS, j]))
        )
        size[a, j] = (abs(after_i) - abs(old_i)) + (abs(after_j) - abs(old_j))
        more_i = (1.0 if after_i < -tolerance else 0.0) - (1.0 if old_i < -tolerance else 0.0)
        more_j = (1.0 if after_j < -tolerance else 0.0) - (1.0 if old_j < -tolerance else 0.0)
        more[a, j] = more_i + more_j if fine else np.nan
        own[a, j], other[a, j] = after_i, after_j
        apart[a, j] = below[a, j] = 0.0


@njit(cache=True, nogil=True, error_model="numpy", fastmath=MATHS)
def add_up(at: PanelStretch, base: Floats, wide: Floats, rows: PanelRows) -> None:
    """Add up magnitudes and those harmed over the states start..stop, for all changes of a panel.

    Nothing is written in the inner loop and all places are unsigned, so that the compiler takes
    eight states at a time.
    """
    start, stop, seconds, centre = at
    q, v, w, limit, apart, below = rows.q, rows.v, rows.w, rows.limit, rows.apart, rows.below
    i_0, i_1, i_2, i_3 = Place(centre[0]), Place(centre[1]), Place(centre[2]), Place(centre[3])
    for second in seconds:
        j = Place(second)
        q_0, v_0, w_0, limit_0 = q[0, j], v[0, j], w[0, j], limit[0, j]
        q_1, v_1, w_1, limit_1 = q[1, j], v[1, j], w[1, j], limit[1, j]
        q_2, v_2, w_2, limit_2 = q[2, j], v[2, j], w[2, j], limit[2, j]
        q_3, v_3, w_3, limit_3 = q[3, j], v[3, j], w[3, j], limit[3, j]
        apart_0 = apart_1 = apart_2 = apart_3 = 0.0
        below_0 = below_1 = below_2 = below_3 = np.int32(0)
        for k in range((stop - start) & -8):
            s = Place(start) + Place(k)
            z, x, y = base[0, s], base[1, s], wide[j, s]
            value = z + q_0 * x + v_0 * wide[i_0, s] + w_0 * y
            apart_0 += abs(value)
            below_0 = np.int32(below_0 + np.int32(value < limit_0))
            value = z + q_1 * x + v_1 * wide[i_1, s] + w_1 * y
            apart_1 += abs(value)
            below_1 = np.int32(below_1 + np.int32(value < limit_1))
            value = z + q_2 * x + v_2 * wide[i_2, s] + w_2 * y
            apart_2 += abs(value)
            below_2 = np.int32(below_2 + np.int32(value < limit_2))
            value = z + q_3 * x + v_3 * wide[i_3, s] + w_3 * y
            apart_3 += abs(value)
            below_3 = np.int32(below_3 + np.int32(value < limit_3))
        apart[0, j] += apart_0
        apart[1, j] += apart_1
        apart[2, j] += apart_2
        apart[3, j] += apart_3
        below[0, j] += below_0
        below[1, j] += below_1
        below[2, j] += below_2
        below[3, j] += below_3


@njit(cache=True, nogil=True, error_model="numpy", fastmath=MATHS, pipeline_class=Apart)
def add_pays(
    at: PanelStretch, base: Floats, wide: Floats, rows: PanelRows, own: Charges, pays: Floats
) -> None:
    """Do what `add_up` does, and note the most that the states lose by one of whose changes.

    What the first states of the panel cost others goes to `own`. The two states of a
    change lose no more than the tolerance by it if they want it, but without extras it may look so:
    what the loop notes there is taken back, with `cross` for what the panel's other changes cost.
    """
    start, stop, seconds, centre = at
    q, v, w, limit, apart, below = rows.q, rows.v, rows.w, rows.limit, rows.apart, rows.below
    share, cross = rows.share, rows.cross
    own_0, own_1, own_2, own_3 = own
    i_0, i_1, i_2, i_3 = Place(centre[0]), Place(centre[1]), Place(centre[2]), Place(centre[3])
    for second in seconds:
        j = Place(second)
        q_0, v_0, w_0, limit_0 = q[0, j], v[0, j], w[0, j], limit[0, j]
        q_1, v_1, w_1, limit_1 = q[1, j], v[1, j], w[1, j], limit[1, j]
        q_2, v_2, w_2, limit_2 = q[2, j], v[2, j], w[2, j], limit[2, j]
        q_3, v_3, w_3, limit_3 = q[3, j], v[3, j], w[3, j], limit[3, j]
        share_0, share_1, share_2, share_3 = share[0, j], share[1, j], share[2, j], share[3, j]
        kept_0, kept_1, kept_2, kept_3 = own_0[j], own_1[j], own_2[j], own_3[j]
        at_0, at_1, at_2, at_3 = pays[j, i_0], pays[j, i_1], pays[j, i_2], pays[j, i_3]
        at_j = pays[j, j]
        apart_0 = apart_1 = apart_2 = apart_3 = 0.0
        below_0 = below_1 = below_2 = below_3 = np.int32(0)
        for k in range((stop - start) & -8):
            s = Place(start) + Place(k)
            z, x, y = base[0, s], base[1, s], wide[j, s]
            value = z + q_0 * x + v_0 * wide[i_0, s] + w_0 * y
            apart_0 += abs(value)
            below_0 = np.int32(below_0 + np.int32(value < limit_0))
            part_0 = share_0 * value if value < limit_0 else 0.0
            value = z + q_1 * x + v_1 * wide[i_1, s] + w_1 * y
            apart_1 += abs(value)
            below_1 = np.int32(below_1 + np.int32(value < limit_1))
            part_1 = share_1 * value if value < limit_1 else 0.0
            value = z + q_2 * x + v_2 * wide[i_2, s] + w_2 * y
            apart_2 += abs(value)
            below_2 = np.int32(below_2 + np.int32(value < limit_2))
            part_2 = share_2 * value if value < limit_2 else 0.0
            value = z + q_3 * x + v_3 * wide[i_3, s] + w_3 * y
            apart_3 += abs(value)
            below_3 = np.int32(below_3 + np.int32(value < limit_3))
            part_3 = share_3 * value if value < limit_3 else 0.0
            own_0[s] = part_0 if part_0 > own_0[s] else own_0[s]
            own_1[s] = part_1 if part_1 > own_1[s] else own_1[s]
            own_2[s] = part_2 if part_2 > own_2[s] else own_2[s]
            own_3[s] = part_3 if part_3 > own_3[s] else own_3[s]
            first = part_0 if part_0 > part_1 else part_1
            last = part_2 if part_2 > part_3 else part_3
            largest = first if first > last else last
            pays[j, s] = largest if largest > pays[j, s] else pays[j, s]
        apart[0, j] += apart_0
        apart[1, j] += apart_1
        apart[2, j] += apart_2
        apart[3, j] += apart_3
        below[0, j] += below_0
        below[1, j] += below_1
        below[2, j] += below_2
        below[3, j] += below_3
        own_0[j], own_1[j], own_2[j], own_3[j] = kept_0, kept_1, kept_2, kept_3
        if start <= centre[0] < stop:
            pays[j, i_0] = max(at_0, cross[0, j])
        if start <= centre[1] < stop:
            pays[j, i_1] = max(at_1, cross[1, j])
        if start <= centre[2] < stop:
            pays[j, i_2] = max(at_2, cross[2, j])
        if start <= centre[3] < stop:
            pays[j, i_3] = max(at_3, cross[3, j])
        pays[j, j] = at_j


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, pipeline_class=Apart)
def crossing(at: PanelStretch, base: Floats, game: Padded, rows: PanelRows) -> None:
    """Write the most that each first state loses by a change of the panel's other ones."""
    begin, end, _, centre = at
    columns, plain = game.columns, game.plain
    q, v, w, limit, share, cross = rows.q, rows.v, rows.w, rows.limit, rows.share, rows.cross
    for a in range(ROWS):
        i = Place(centre[a])
        z, x, cost = base[0, i], base[1, i], columns[COST, i]
        for k in range((end - begin) & -8):
            cross[a, Place(begin) + Place(k)] = 0.0
        for c in range(ROWS):
            if centre[c] == centre[a]:
                continue
            y = plain[centre[c], i] * cost
            for k in range((end - begin) & -8):
                j = Place(begin) + Place(k)
                value = z + q[c, j] * x + v[c, j] * y + w[c, j] * plain[i, j] * cost
                part = share[c, j] * value if value < limit[c, j] else 0.0
                cross[a, j] = part if part > cross[a, j] else cross[a, j]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, pipeline_class=Apart)
def mark(i: Place, j: Place, base: Floats, wide: Floats, factors: Factors, sign: Signs) -> None:
    """Write who gains (+1) and who loses (-1) by a change of the pair (i, j), extras left out."""
    q, v, w, limit = factors
    for s in range(len(sign)):
        value = base[0, s] + q * base[1, s] + v * wide[i, s] + w * wide[j, s]
        sign[s] = np.int8(value > -limit) - np.int8(value < limit)


@njit(cache=True, nogil=True, error_model="numpy")
def charge(centre: Ints, own: Charges, pays: Floats) -> None:
    """Note the most that the first states of a panel cost others, and clear it."""
    own_0, own_1, own_2, own_3 = own
    i_0, i_1, i_2, i_3 = Place(centre[0]), Place(centre[1]), Place(centre[2]), Place(centre[3])
    for k in range(len(own_0)):
        pays[i_0, k] = max(pays[i_0, k], own_0[k])
        pays[i_1, k] = max(pays[i_1, k], own_1[k])
        pays[i_2, k] = max(pays[i_2, k], own_2[k])
        pays[i_3, k] = max(pays[i_3, k], own_3[k])
        own_0[k] = own_1[k] = own_2[k] = own_3[k] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def lay_out(edits: TieEdits, who: Deciders, network: Network, layout: Panels) -> int:
    """Fill the panels of a list of changes; return how many there are.

    A change fits if it is of one pair that also decides. Where the changes are too scattered to be
    worth it, none fits.
    """
    ptr, first, second, ally, rival = edits
    actor_ptr, actor = who
    allies, rivals = network.allies, network.rivals
    row_ptr, centre, partner, nearer, further, panel_ptr, seconds = layout
    n, m = len(allies), len(ptr) - 1
    of_row, of_panel = np.full(n, -1), np.full(n, -1)
    panels, number, k = 0, 0, 0
    panel_ptr[0] = 0
    while k < m:
        row, used, begin, kept, fitting = ROWS * panels, 0, k, number, 0
        centre[row], row_ptr[row] = 0, k
        while k < m and k < begin + ROWS * n:
            i = j = e = 0
            if ptr[k + 1] == ptr[k] + 1 and actor_ptr[k + 1] == actor_ptr[k] + 2:
                e, x, y = ptr[k], actor[actor_ptr[k]], actor[actor_ptr[k] + 1]
                if (x == first[e] and y == second[e]) or (x == second[e] and y == first[e]):
                    i, j = first[e], second[e]
            partner[k] = -1
            if i != j:
                if used == 0 or centre[row + used - 1] != i:
                    if used == ROWS:
                        break
                    centre[row + used] = i
                    row_ptr[row + used] = k if used > 0 else begin
                    used += 1
                if of_row[j] != row + used:
                    of_row[j] = row + used
                    if of_panel[j] != panels:
                        of_panel[j] = panels
                        seconds[number] = j
                        number += 1
                    fitting += 1
                    partner[k] = j
                    nearer[k], further[k] = ally[e] - allies[i, j], rival[e] - rivals[i, j]
            k += 1
        for a in range(max(used, 1), ROWS):
            centre[row + a], row_ptr[row + a] = centre[row], k
        if fitting < WORTH * (number - kept):
            number = kept
            for c in range(begin, k):
                partner[c] = -1
        panels += 1
        panel_ptr[panels] = number
    row_ptr[ROWS * panels] = m
    return panels


@njit(cache=True, nogil=True, error_model="numpy")
def judge(
    part: tuple[int, int], panels: Panels, game: Padded, network: Network, tolerance: float,
    verdicts: VerdictArrays, work: Floats,
) -> tuple[int, int]:  # fmt: skip
    """Reduce the changes of some panels to verdicts.

    Where `harmed` is LATER afterwards, the change is left to `contest_kernel.screen`; returns the
    first such change and the one after the last. The `pays` of the verdicts, which are cleared
    first, have the payer in their columns; they and `work`, the room for numbers, are as wide as
    the padded game.
    """
    begin, end = part
    row_ptr, centre, partner, nearer, further, panel_ptr, seconds = panels
    wide, base = game.priced, game.rows
    beta, gamma = network.beta, network.gamma
    verdict, harmed, sign, pays = verdicts
    width = wide.shape[1]
    work[:], pays[:] = 0.0, 0.0
    rows = PanelRows(
        work[0:4], work[4:8], work[8:12], work[12:16], work[16:20], work[20:24], work[24:28],
        work[28:32], work[32:36], work[36:40], work[40:44], work[44:48], work[48:52], work[52:56],
        work[56:60],
    )  # fmt: skip
    step, scale, q, v, w, limit, _, together, size, more, some, other, apart, below, _ = rows
    own = Charges(work[60], work[61], work[62], work[63])
    left, right = row_ptr[ROWS * end], row_ptr[ROWS * begin]
    for b in range(begin, end):
        of = centre[ROWS * b : ROWS * (b + 1)]
        among = seconds[panel_ptr[b] : panel_ptr[b + 1]]
        side, start, stop = 0.0, width, 0
        for j in among:
            start, stop = min(start, j), max(stop, j + 1)
        start, stop = start - start % 8, stop + -stop % 8
        for a in range(ROWS):
            for k in range(row_ptr[ROWS * b + a], row_ptr[ROWS * b + a + 1]):
                if partner[k] >= 0:
                    d = beta * nearer[k] - gamma * further[k]
                    step[a, Place(partner[k])] = d
                    if side == 0.0:
                        side = np.sign(d)
        turned = base[0] if side >= 0.0 else base[1]
        if len(among) > 0:
            for a in range(ROWS):
                turn = 1.0 if side >= 0.0 else -1.0
                numbers(a, Place(of[a]), (start, stop), turn, tolerance, game, rows)
            if len(pays) > 0:
                crossing(PanelStretch(start, stop, among, of), turned, game, rows)
            for from_ in range(0, width, STRETCH):
                at = PanelStretch(from_, min(width, from_ + STRETCH), among, of)
                if len(pays) > 0:
                    add_pays(at, turned, wide, rows, own, pays)
                else:
                    add_up(at, turned, wide, rows)
        for a in range(ROWS):
            for k in range(row_ptr[ROWS * b + a], row_ptr[ROWS * b + a + 1]):
                harmed[k] = LATER
                if partner[k] >= 0:
                    j = Place(partner[k])
                    step[a, j] = 0.0
                    if more[a, j] == more[a, j]:
                        sizes = scale[a, j] * apart[a, j] + size[a, j]
                        verdict[0, k] = min(some[a, j], other[a, j])
                        verdict[1, k] = some[a, j] + other[a, j]
                        verdict[4, k] = max(some[a, j], other[a, j])
                        # Where nobody gains or nobody loses, rounding may leave less than nothing.
                        verdict[2, k] = max(0.0, 0.5 * (sizes + together[a, j]))
                        verdict[3, k] = max(0.0, 0.5 * (sizes - together[a, j]))
                        harmed[k] = int(below[a, j] + more[a, j])
                        if len(sign) > 0:
                            i, x, y = Place(of[a]), some[a, j], other[a, j]
                            factors = Factors(q[a, j], v[a, j], w[a, j], limit[a, j])
                            mark(i, j, turned, wide, factors, sign[k])
                            sign[k, i] = (x > tolerance) - (x < -tolerance)
                            sign[k, j] = (y > tolerance) - (y < -tolerance)
                if harmed[k] == LATER:
                    left, right = min(left, k), k + 1
        if len(pays) > 0 and len(among) > 0:
            # Nobody loses by what he wants himself.
            own.row_0[of[0]] = own.row_1[of[1]] = own.row_2[of[2]] = own.row_3[of[3]] = 0.0
            charge(of, own, pays)
    return left, right
