"""Settlements: offers against fighting on beside C, the spatial model, frontiers.

Usage::

    python benchmarks/settlement.py [--write]

All times are processor time of one thread, the median of several runs, without compiling. Beside
them stand figures that were measured once on a machine of the same kind: KTAB (C++) 14.0 s for the
spatial model of 40 actors in 20 turns, NegMAS 1.7 s and 2.7 s for a frontier of six issues and two
and three parties on a grid of five levels. With ``--write`` the table goes to
``benchmarks/results/settlement.md``.
"""

from __future__ import annotations

import ctypes
import datetime
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np

import detente as dt
from detente.settlement import nash, spatial, utility
from detente.settlement.questions.acceptance import gains_kernel as kernel
from detente.settlement.questions.acceptance import gains_plain as plain

SOURCE = Path(__file__).with_suffix(".c")
RESULTS = Path(__file__).parent / "results" / "settlement.md"
DRAWS, OFFERS, PARTIES, ISSUES = 10_000, 19, 19, 11
KTAB, NEGMAS = 14.0, {2: 1.7, 3: 2.7}  # seconds


def bounds(seed: int = 1) -> plain.Bounds:
    """Return a random conflict of the size asked for, most issues silent."""
    rng = np.random.default_rng(seed)

    def spans(*shape: int) -> tuple[np.ndarray, np.ndarray]:
        low = rng.random(shape) * 0.8
        return low, low + 0.2

    position = spans(OFFERS, ISSUES)
    silent = rng.random((OFFERS, ISSUES)) < 0.6
    for end in position:
        end[silent] = np.nan
    blank = np.full(PARTIES, np.nan)
    return plain.Bounds(
        *position, *spans(PARTIES, ISSUES), *spans(PARTIES, ISSUES), *spans(ISSUES), blank, blank,
        np.zeros(PARTIES), np.zeros(PARTIES),
    )  # fmt: skip


def median_time(run: Callable[[], object], repeats: int = 5) -> float:
    """Return the median processor time of a call, in seconds."""
    run()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return statistics.median(times)


def in_c(
    case: plain.Bounds, chance: np.ndarray, required: np.ndarray
) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """Return the C twin as a call that makes its gains and joint answers anew, as ours does."""
    folder = Path(tempfile.mkdtemp())
    library = folder / "settlement.so"
    flags = ["-O3", "-march=native", "-fno-math-errno", "-shared", "-fPIC"]
    subprocess.run(["cc", *flags, "-o", library, SOURCE, "-lm"], check=True)
    call = ctypes.CDLL(str(library)).gains
    arrays = [np.ascontiguousarray(a) for a in (chance, *case, required)]
    inputs = [ctypes.c_void_p(a.ctypes.data) for a in arrays]

    def run() -> tuple[np.ndarray, np.ndarray]:
        gain = np.empty((4, len(chance), OFFERS, PARTIES), np.float32)
        blamed = np.empty((len(chance), OFFERS, PARTIES), np.int8)
        fits = np.empty((len(chance), OFFERS), np.uint8)
        outputs = [ctypes.c_void_p(a.ctypes.data) for a in (gain, blamed, fits)]
        call(len(chance), OFFERS, PARTIES, ISSUES, *inputs, *outputs)
        return (gain, fits) if arrays else (gain, blamed)  # the inputs must outlive the call

    return run


def main() -> None:
    """Measure, compare, print."""
    numba.set_num_threads(1)
    case = bounds()
    chance = plain.uniforms(case, DRAWS, [1])
    required = np.array([0, 1])
    c_run = in_c(case, chance, required)
    ours = median_time(lambda: kernel.gains(case, chance, required))
    theirs = median_time(c_run)
    answer = kernel.gains(case, chance, required)
    gain, fits = c_run()
    assert np.abs(answer.gain - gain).max() < 1e-6
    assert (answer.fits == fits).all()
    shares = median_time(lambda: kernel.sums(answer, required, 0))
    three = median_time(lambda: kernel.gains(case, chance, np.array([0, 1, 2])), 3)
    numpy_part = time.process_time()
    plain.gains(case, chance[:20], required)
    numpy_part = (time.process_time() - numpy_part) * DRAWS / 20
    g = dt.load("eurasia-2024")
    whole = median_time(lambda: dt.settle(g, "russia-ukraine", draws=DRAWS), 3)
    size = f"{DRAWS:,} draws × {OFFERS} offers × {PARTIES} parties × {ISSUES} issues"
    rows = [
        (
            f"{size}: gains, and whether one filling suits both",
            ours,
            f"own C twin {theirs:.3f} s: {ours / theirs:.2f} ×",
        ),
        ("the same with three who must agree", three, ""),
        ("the same: shares and quantiles", shares, ""),
        ("the same: gains in NumPy and HiGHS", numpy_part, "estimated from 20 draws"),
        (
            f"dt.settle, all of it: {DRAWS:,} draws × 27 offers × 23 parties × 11 issues, warm",
            whole,
            "aim: below 1 s",
        ),
    ]
    rng = np.random.default_rng(2)
    position, salience = rng.random((40, 3)), rng.random((40, 3))
    salience /= 1.1 * salience.sum(axis=1, keepdims=True)
    influence = rng.random(40)
    turns = median_time(lambda: spatial(position, salience, influence, turns=20), 3)
    played = len(spatial(position, salience, influence, turns=20).position) - 1
    rows.append(
        (
            f"spatial model, 40 actors, {played} turns",
            turns,
            f"KTAB {KTAB} s: {KTAB / turns:.0f} × slower",
        )
    )
    for n in (2, 3):
        worth = utility(rng.random((n, 6)), rng.random((n, 6)) + 0.05)
        least = np.full(n, 0.2)
        solved = median_time(lambda worth=worth, least=least: nash(worth, least), 3)
        rows.append(
            (
                f"Nash point and ideals, 6 issues, {n} parties, exact",
                solved,
                f"NegMAS {NEGMAS[n]} s on a grid: {NEGMAS[n] / solved:.0f} × slower",
            )
        )
    lines = [
        "# Settlements",
        "",
        f"Measured {datetime.date.today()} on {platform.machine()}, Python "
        f"{platform.python_version()}, Numba {numba.__version__}; one thread, processor time.",
        "",
        "| workload | ours, s | beside |",
        "| --- | --- | --- |",
        *(f"| {what} | {seconds:.4f} | {beside} |" for what, seconds, beside in rows),
        "",
        "KTAB and NegMAS were measured once, apart from this program, on a machine of the same "
        "kind.",
        "",
    ]
    print("\n".join(lines))
    if "--write" in sys.argv:
        RESULTS.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
