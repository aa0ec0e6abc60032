"""The lens coalition: all single changes after the sums, against evaluating anew.

Run: python benchmarks/coalition.py [scenario]

Prints, for every feasible single change of the scenario: seconds a change with the sums of every
attack kept and updated (deltas; and verdicts with who pays), seconds a change with the formula
before and after, and seconds a change through the product (tables, ledger, arrays, formula). The
ratios are of one run on one machine; the first call, which compiles, is not counted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np

import detente as dt
from detente.architecture.changes import moves_of
from detente.lenses.coalition import Coalition
from detente.lenses.protocol import Lens

ROUNDS, SOME = 7, 40


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of several calls, after one that is not counted."""
    work()
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return median(seconds)


def main(scenario: str = "eurasia-2024") -> None:
    """Measure and print."""
    g, lens = dt.load(scenario), Coalition()
    values, listed = lens.values(), dt.feasible(g)
    moves = moves_of(g, listed)
    few = np.random.default_rng(0).choice(len(listed), SOME, replace=False)

    def anew() -> object:
        return Lens.deltas(lens, g.system, moves.take(few), values)

    def through_the_product() -> None:
        for k in few[:10]:
            lens.security(g.apply(listed[k]).system, values)

    updated = timed(lambda: lens.deltas(g.system, moves, values)) / len(listed)
    judged = timed(lambda: lens.screen(g.system, moves, values, 0.0005)) / len(listed)
    formula = timed(anew) / SOME
    product = timed(through_the_product, 3) / 10
    exact = float(
        np.abs(lens.deltas(g.system, moves, values)[few] - anew()).max()  # type: ignore[operator]
    )
    print(f"{scenario}: {g.system.size} states, {len(listed):,} changes")
    print(f"sums updated: {1e6 * updated:.1f} us a change, with verdicts {1e6 * judged:.1f} us")
    print(f"formula anew: {1e6 * formula:.0f} us a change, {formula / updated:,.0f} times")
    print(f"through the product: {1e3 * product:.1f} ms a change, {product / updated:,.0f} times")
    print(f"largest difference from the formula: {exact:.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
