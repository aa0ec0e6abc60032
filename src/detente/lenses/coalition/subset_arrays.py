"""Arrays that travel together into the kernel of securities with every set of items."""

from __future__ import annotations

from typing import NamedTuple

from detente.lenses.coalition.attack_sums_kernel import Floats, Ints


class VaryingFacts(NamedTuple):
    """The facts as functions of a set of items.

    `pair` and `neutral` are what holds with no table; `key` and `neutral_key` say which table
    holds instead, -1 for none. Table t is of the items `support[t]` and begins at `start[t]` in
    `value`. The arrays of supports name the items on which something hangs: D(k, x), the bond,
    what makes k go along with x, the quarrel and the deliveries.

    What arrives of a state is a sum of parts, those of k from ``part_ptr[k]``: one (`part_post`
    -1) of what no item moves, `fixed`, and one for every post that an item moves. Where the posts
    of a state may be scaled down, they are one part (-2), for which ``post_ptr[k]`` lists all.
    """

    pair: Floats
    neutral: Floats
    key: Ints
    neutral_key: Ints
    support: Ints
    start: Ints
    value: Floats
    of_defends: Ints
    of_bond: Ints
    of_going: Ints
    of_quarrel: Ints
    of_supplies: Ints
    part_ptr: Ints
    part_post: Ints
    part_support: Ints
    post_ptr: Ints
    posts: Ints
    fixed: Floats
    near: Floats
    strength: Floats
    nuclear: Ints
    armed: Floats


class Pool(NamedTuple):
    """Tables of functions, in groups, one a support in each; their numbers stand in one array.

    `used` is how many tables there are, how long the array is, and where the last group begins.
    """

    used: Ints
    support: Ints
    start: Ints


class Tables(NamedTuple):
    """Tables of a pool, with the array in which their entries stand."""

    pool: Pool
    value: Floats


class Rates(NamedTuple):
    """Attacks by leader and target, the leader's strength, and the table of the rate of each."""

    leader: Ints
    target: Ints
    strength: Floats
    support: Ints
    start: Ints
    value: Floats


class Strip(NamedTuple):
    """Sets that have all but the `low` first of `items` in common; `high` says which of these."""

    low: int
    high: int
    items: int


class Sides(NamedTuple):
    """What two sides of an attack, and what its leader brings, are in a strip.

    `sums` (3, sets) are those of the tables of lower items alone, the tables of group g begin at
    ``ptr[g]``, and `work` (3, sets) is room for the rest.
    """

    sums: Floats
    ptr: Ints
    work: Floats


class AttackTerm(NamedTuple):
    """A term of a side of the attack of j on i: of its kind, and of what state k."""

    kind: int
    k: int
    j: int
    i: int


class LeastGains(NamedTuple):
    """Least gains (2**n,) over all states by set of the n items `every`, to be lowered.

    A gain is what a security is beyond `before`, over `scale`. No sets: none are wanted.
    """

    least: Floats
    every: int
    before: float
    scale: float
