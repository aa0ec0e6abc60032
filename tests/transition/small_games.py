"""Published games and hand-made cases, and slow ways to their answers that share no code."""

from __future__ import annotations

import itertools
import math

import numpy as np

from detente.lenses.war_stability import rival_margin


def links(n, pairs):
    """Return the symmetric array (n, n) with 1 at the pairs."""
    network = np.zeros((n, n))
    for i, j in pairs:
        network[i, j] = network[j, i] = 1.0
    return network


def glove(mask):
    """Return the pairs of gloves: player 0 holds a left one, 1 and 2 a right one each."""
    return float(min(mask[0], mask[1:].sum()))


def airport(costs):
    """Return the game in which a set of planes needs the runway of its largest."""
    return lambda mask: float(
        max((c for c, there in zip(costs, mask, strict=True) if there), default=0)
    )


def council(mask):
    """Return whether a set of the Security Council carries a motion: 9 votes, all 5 permanent."""
    return float(mask[:5].all() and mask.sum() >= 9)


def by_orders(worth, n, orders=None):
    """Return Shapley values as means over orders of what each player adds on arrival."""
    orders = list(itertools.permutations(range(n)) if orders is None else orders)
    totals = [0.0] * n
    for order in orders:
        mask = np.zeros(n, dtype=bool)
        before = worth(mask)
        for player in order:
            mask = mask.copy()
            mask[player] = True
            after = worth(mask)
            totals[player] += after - before
            before = after
    return [total / len(orders) for total in totals]


def orders_of_groups(groups):
    """Yield the orders in which every group stays together."""
    for outer in itertools.permutations(groups):
        for inner in itertools.product(*(itertools.permutations(group) for group in outer)):
            yield tuple(itertools.chain(*inner))


def pair_interaction(worth, n, i, j):
    """Return the interaction of two players by its definition, a set at a time."""
    rest = [k for k in range(n) if k not in (i, j)]

    def of(players):
        mask = np.zeros(n, dtype=bool)
        mask[list(players)] = True
        return worth(mask)

    total = 0.0
    for size in range(n - 1):
        weight = math.factorial(size) * math.factorial(n - size - 2) / math.factorial(n - 1)
        for chosen in itertools.combinations(rest, size):
            both, one, other = of((*chosen, i, j)), of((*chosen, i)), of((*chosen, j))
            total += weight * (both - one - other + of(chosen))
    return total


# Planning: M; allies; rivals; menu of (act, i, j); security times M at the start, at the target.
CASES = {
    "N": (
        (7, 7, 1, 5, 9),
        [(0, 2), (3, 4)],
        [(0, 1), (1, 3), (2, 4)],
        [
            ("reconcile", 2, 4),
            ("commit", 2, 3),
            ("withdraw", 3, 4),
            ("commit", 1, 4),
            ("commit", 0, 4),
        ],
        (1, -7, -6, 7, 6),
        (10, 8, 13, -10, 23),
    ),
    "H": (
        (8, 9, 8, 8, 9),
        [(0, 2), (0, 4)],
        [(0, 1), (1, 3), (2, 3)],
        [
            ("commit", 1, 4),
            ("commit", 1, 2),
            ("reconcile", 1, 3),
            ("reconcile", 0, 1),
            ("commit", 0, 3),
        ],
        (16, -16, 8, -8, 17),
        (33, 26, 17, -1, 26),
    ),
    "B": (
        (2, 3, 7, 6, 4),
        [(0, 4), (1, 2)],
        [(1, 4), (2, 4)],
        [("commit", 0, 1), ("reconcile", 2, 4), ("withdraw", 2, 1), ("commit", 1, 3)],
        (6, 4, 4, 6, -4),
        (9, 7, 7, 9, -3),
    ),
    "C": (
        (3, 4, 5, 8, 9),
        [(1, 4)],
        [(0, 1), (0, 2), (3, 4)],
        [("commit", 1, 3), ("commit", 2, 4), ("commit", 1, 2), ("commit", 0, 4)],
        (-10, 10, 2, -5, 5),
        (-5, 23, 15, -5, 13),
    ),
}


def planning_case(name):
    """Return the menu of a case and its security, margin times the sum of strengths."""
    strength, allied, hostile, menu, _, _ = CASES[name]
    n, m = len(strength), np.array(strength, dtype=float)

    def security(done):
        allies, rivals = links(n, allied), links(n, hostile)
        for item in done:
            act, i, j = menu[item]
            table, value = (rivals, 0.0) if act == "reconcile" else (allies, float(act == "commit"))
            table[i, j] = table[j, i] = value
        return rival_margin(allies, m, rivals) * m.sum()

    return menu, security


STRENGTH = np.array([10.0, 4, 3, 2, 1, 9])


def club_security(mask):
    """Return margin times strength of 0 to 4, the members among them allied, and of their foe 5."""
    members = np.flatnonzero(mask)
    allies = links(6, itertools.combinations(members.tolist(), 2))
    return rival_margin(allies, STRENGTH, links(6, [(5, i) for i in (1, 2, 3, 4)])) * STRENGTH.sum()


def club_worth(mask):
    """Return what membership is worth to each of 0 to 4: security with it less without it."""
    together = club_security(mask)
    worth = np.zeros(5)
    for i in np.flatnonzero(mask):
        without = np.array(mask)
        without[i] = False
        worth[i] = together[i] - club_security(without)[i]
    return worth


def ordered_partitions(items):
    """Yield every way to do all items in steps of one or more at once."""
    if not items:
        yield ()
        return
    for size in range(1, len(items) + 1):
        for first in itertools.combinations(items, size):
            rest = tuple(i for i in items if i not in first)
            for others in ordered_partitions(rest):
                yield (first, *others)


def best_partition(items, keeps):
    """Return the way with the smallest largest package, then fewest steps, then first in order."""
    ways = [way for way in ordered_partitions(tuple(range(items))) if keeps(way)]
    return min(ways, key=lambda way: (max(map(len, way)), len(way), way), default=None)


def keeps_rule(security, rule, tol=0.0):
    """Return a test of a whole way: no state below the start, or none falls in any step."""

    def test(way):
        done, before = frozenset(), np.asarray(security(frozenset()), dtype=float)
        start = before
        for step in way:
            done = done | set(step)
            after = np.asarray(security(done), dtype=float)
            if (after < (start if rule == "start" else before) - tol).any():
                return False
            before = after
        return True

    return test
