"""How often do the intervals of ``detente calibrate crisis --events`` hold the truth?

Usage::

    python benchmarks/intervals.py [--sets N] [--dyads M] [--days D] [--background MU]
        [--branching N] [--memory DAYS]

Draws data sets from the day-stepped process, fits each as the command does, and counts how often
the truth lies in the interval of 90 %; beside it how often it lies between the 5 % and 95 %
quantiles of the resamples themselves.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from detente.crisis.calibration.excitation import RESAMPLES, YEAR, Sample, _resample, intervals
from detente.crisis.calibration.excitation_kernel import draw_days


def main() -> None:
    """Print a row a parameter."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--sets", type=int, default=100)
    given.add_argument("--dyads", type=int, default=8)
    given.add_argument("--days", type=int, default=1096)
    given.add_argument("--background", type=float, default=8.0, help="incidents a year a dyad")
    given.add_argument("--branching", type=float, default=0.5)
    given.add_argument("--memory", type=float, default=15.0)
    a = given.parse_args()
    truth = np.array([a.background, a.branching, a.memory])
    rates, q = np.full(a.dyads, a.background / YEAR), math.exp(-1 / a.memory)
    fits, held, between = [], [], []
    for number in range(a.sets):
        uniform = np.random.default_rng([5, number]).random((a.days, a.dyads))
        drawn = draw_days(uniform, rates, a.branching, q, np.empty(a.dyads))
        sample = Sample.of([np.flatnonzero(column).tolist() for column in drawn.T], a.days)
        (n, memory), _ = sample.likeliest()
        if n >= 1:
            continue  # refused by the command
        sample.likelihood(n, memory)
        background = sample.background.copy()
        estimate = (float(background.mean()) * YEAR, n, memory)
        spread = _resample(background, n, memory, a.days, 1000 + number, RESAMPLES)
        low, high = intervals(estimate, spread, a.days)
        least, most = np.quantile(spread, [0.05, 0.95], axis=0)
        fits.append(estimate)
        held.append((low <= truth) & (truth <= high))
        between.append((least <= truth) & (truth <= most))
    print(f"{len(fits)} of {a.sets} data sets have a fit")
    for k, name in enumerate(("background", "branching", "memory")):
        print(
            f"{name:<11} truth {truth[k]:g}, mean estimate {np.mean([f[k] for f in fits]):.3g}, "
            f"interval holds it in {np.mean([h[k] for h in held]):.0%}, "
            f"quantiles in {np.mean([b[k] for b in between]):.0%}"
        )


if __name__ == "__main__":
    main()
