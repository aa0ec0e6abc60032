"""All single new alliances under the contest lens: solved anew, Woodbury in NumPy, the lens, C.

Usage::

    python benchmarks/contest_single_changes.py [--states 64 200 1000] [--quick]

For each number of states: a random architecture of eight blocs, and the verdicts on every pair
that is not allied, once alone and once with who pays for whom. Measured are

- *LAPACK*: a new linear system for every change (a sample, scaled to all of them);
- *NumPy*: one inverse, then rank-two updates of 512 changes at a time, reduced to verdicts;
- *lens*: `Contest.screen`, inverse included;
- *after the inverse* and *C*: the same work without the inverse, in turns, on one and two threads.

All must agree within 1e-10 before anything is printed. With draws, every draw has its own beta,
gamma and cost exponent, hence its own inverse, and the draws are spread over two threads. Writes
``benchmarks/results/contest.md``.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime
import itertools
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import scipy
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats, Moves, System
from detente.lenses.contest import Contest, new_alliances
from detente.lenses.contest.judging import Base, _aligned, _padded, judged
from detente.lenses.protocol import Screen

HERE = Path(__file__).parent
VALUES = {"beta": 0.11401761, "gamma": 0.083189711, "cost_exponent": 0.0}
TOLERANCE = 1e-9
FIELDS = ("least", "desire", "gain", "loss", "harmed", "pays")
MODE = [
    *("states", "lens", "lens, 2 threads", "after the inverse", "after, 2 threads"),
    *("LAPACK / lens", "LAPACK / after", "LAPACK / after, 2 threads", "the same, fastest"),
    *("C / after", "C / after, 2 threads", "deltas a second after, 1 thread"),
]
COLUMNS = {
    "slow": ["states", "changes", "LAPACK", "NumPy", "load before"],
    "alone": MODE,
    "pays": MODE,
    "draws": [
        *("states", "draws", "defined", "a draw, verdicts only", "a draw, with who pays"),
        *("LAPACK / verdicts only", "LAPACK / with who pays"),
    ],
}


def architecture(n: int, seed: int = 3) -> System:
    """Return eight blocs on a ring, each state allied with its next three; 2 n random rivalries."""
    random = np.random.default_rng(seed)
    allies, rivals = np.zeros((n, n)), np.zeros((n, n))
    width = n // 8
    for i in range(n):
        bloc, place = divmod(i, width)
        for o in (1, 2, 3):
            j = bloc * width + (place + o) % width if bloc < 8 else (i + o) % n
            allies[i, j] = allies[j, i] = float(i != j)
    for _ in range(2 * n):
        i, j = random.integers(n, size=2)
        if i != j and not allies[i, j]:
            rivals[i, j] = rivals[j, i] = 1.0
    capability = random.lognormal(0, 1, n)
    codes = tuple(f"S{i}" for i in range(n))
    return System(codes, allies, rivals, capability, np.full((n, n), np.nan))


def steps(system: System, moves: Moves) -> Floats:
    """Return by how much each change moves I + beta A - gamma E at its pair."""
    i, j = moves.first, moves.second
    out: Floats = VALUES["beta"] * (1 - system.allies[i, j]) + VALUES["gamma"] * system.rivals[i, j]
    return out


def payoffs(matrix: Floats) -> Floats:
    """Solve the game of 1.3 in its closed form at cost 1, by LAPACK."""
    gammas = 1 / matrix.sum(axis=1)
    rest = 1 / gammas.sum()
    out: Floats = rest * gammas - np.linalg.solve(matrix, (1 - rest) * rest * gammas)
    return out


class Problem:
    """One architecture with its changes, and each way to judge them."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.system = architecture(n)
        self.moves = new_alliances(self.system)
        self.step = steps(self.system, self.moves)
        self.matrix = (
            np.eye(n) + VALUES["beta"] * self.system.allies - VALUES["gamma"] * self.system.rivals
        )
        self.gammas = 1 / self.matrix.sum(axis=1)
        self.inverse = np.linalg.inv(self.matrix)
        self.reach = self.inverse @ self.gammas
        self.lens = Contest()
        base = Base.of(self.system, VALUES)
        assert base is not None
        self.base = base

    def lapack(self, which: Floats) -> Floats:
        """Solve the chosen changes anew."""
        before = payoffs(self.matrix)
        out = np.empty((len(which), self.n))
        for row, k in enumerate(which):
            changed = self.matrix.copy()
            i, j = self.moves.first[k], self.moves.second[k]
            changed[i, j] += self.step[k]
            changed[j, i] += self.step[k]
            out[row] = payoffs(changed) - before
        return out

    def woodbury(self, which: slice | Floats) -> Floats:
        """Return the deltas of the chosen changes by rank-two updates of the inverse."""
        i, j, a = self.moves.first[which], self.moves.second[which], self.step[which]
        m, y, g = self.inverse, self.reach, self.gammas
        here = np.arange(len(i))
        di, dj = 1 / (1 / g[i] + a) - g[i], 1 / (1 / g[j] + a) - g[j]
        total, after = 1 - 1 / g.sum(), 1 - 1 / (g.sum() + di + dj)
        scale = after * (1 - after)
        xi = scale * (y[i] + di * m[i, i] + dj * m[i, j])
        xj = scale * (y[j] + di * m[i, j] + dj * m[j, j])
        link = 1 + a * m[i, j]
        ratio = a / (a * a * m[i, i] * m[j, j] - link * link)
        v = scale * di - ratio * (a * m[j, j] * xi - link * xj)
        w = scale * dj - ratio * (a * m[i, i] * xj - link * xi)
        out = (total - after)[:, None] * g + (
            (total - after + after * after - total * total)[:, None] * y
        )
        out -= v[:, None] * m[i] + w[:, None] * m[j]
        out[here, i] += di * (1 - after)
        out[here, j] += dj * (1 - after)
        return out

    def numpy(self) -> dict[str, Floats]:
        """Return the verdicts in NumPy, 512 changes at a time."""
        out = {name: np.empty(len(self.moves)) for name in FIELDS[:5]}
        pays = np.zeros((self.n, self.n))
        for start in range(0, len(self.moves), 512):
            part = slice(start, min(start + 512, len(self.moves)))
            i, j = self.moves.first[part], self.moves.second[part]
            deltas, here = self.woodbury(part), np.arange(len(i))
            mine = np.stack([deltas[here, i], deltas[here, j]])
            harm = np.where(deltas < -TOLERANCE, -deltas, 0.0)
            out["least"][part], out["desire"][part] = mine.min(axis=0), mine.sum(axis=0)
            out["gain"][part] = np.where(deltas > 0, deltas, 0.0).sum(axis=1)
            out["loss"][part] = np.where(deltas < 0, -deltas, 0.0).sum(axis=1)
            out["harmed"][part] = (harm > 0).sum(axis=1)
            wanted = mine.min(axis=0) > TOLERANCE
            np.add.at(pays, i[wanted], harm[wanted] / 2)
            np.add.at(pays, j[wanted], harm[wanted] / 2)
        return {**out, "pays": pays.T}

    def screen(self, threads: int = 1, *, pays: bool = True) -> Screen:
        """Return the verdicts of the lens, inverse included."""
        return self.lens.screen(
            self.system, self.moves, VALUES, TOLERANCE, signs=False, pays=pays, threads=threads
        )

    def after(self, threads: int, *, pays: bool) -> Screen:
        """Return the verdicts of the lens, given the inverse."""
        return judged(self.base, self.moves, TOLERANCE, False, pays, threads)[0]

    def c(
        self, library: ctypes.CDLL, threads: int, *, pays: bool
    ) -> Callable[[], dict[str, Floats]]:
        """Return a call of the C twin."""
        m, n = len(self.moves), self.n
        verdict, harmed, paid = np.zeros((4, m)), np.zeros(m, dtype=np.int64), _aligned(n, n)
        at = np.full((n, n), -1, dtype=np.int32)
        at[self.moves.first, self.moves.second] = np.arange(m)
        lift, total = self.gammas + self.reach, self.gammas.sum()
        across = [*self.inverse.sum(axis=1), lift.sum(), self.reach.sum()]
        ways = [self.step, self.inverse, self.inverse.diagonal(), 1 / self.gammas, self.gammas]
        given = [at, *(_padded(np.asarray(way)) for way in (*ways, lift, self.reach, across))]
        results = [*verdict, harmed, paid]

        def run() -> dict[str, Floats]:
            library.judge(
                ctypes.c_long(n),
                *(ctypes.c_void_p(array.ctypes.data) for array in given),
                *(ctypes.c_double(x) for x in (1 - 1 / total, total, TOLERANCE)),
                *(ctypes.c_void_p(array.ctypes.data) for array in results[:-1]),
                ctypes.c_void_p(paid.ctypes.data if pays else None),
                ctypes.c_int(threads),
            )
            return dict(zip(FIELDS, results if pays else results[:-1], strict=False))

        return run


def compiled() -> ctypes.CDLL:
    """Compile the C twin on this machine."""
    folder = tempfile.mkdtemp()
    target = f"{folder}/contest.so"
    flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC"]
    subprocess.run(
        ["gcc", *flags, str(HERE / "contest_single_changes.c"), "-o", target, "-lm"], check=True
    )
    return ctypes.CDLL(target)


def seconds(
    *calls: Callable[[], object], repeat: int, clock: Callable[[], float] = time.thread_time
) -> list[list[float]]:
    """Return the times of each call; the calls take turns, so that all see the same noise.

    The clock counts the processor time of this thread, which other programs disturb least; calls
    on several threads need `time.perf_counter`.
    """
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(repeat):
        for call, own in zip(calls, times, strict=True):
            start = clock()
            call()
            own.append(clock() - start)
    return times


def agree(problem: Problem, library: ctypes.CDLL, sample: Floats) -> float:
    """Return the largest difference between all ways; fail above 1e-10."""
    deltas = problem.lens.deltas(problem.system, problem.moves.take(sample), VALUES)
    gaps = [
        np.abs(deltas - problem.lapack(sample)).max(),
        np.abs(deltas - problem.woodbury(sample)).max(),
    ]
    lens = problem.screen()
    ways = [problem.numpy()]
    for threads, pays in itertools.product((1, 2), (True, False)):
        ways += [problem.c(library, threads, pays=pays)()]
        ways += [vars(problem.screen(threads, pays=pays)), vars(problem.after(threads, pays=pays))]
    for way in ways:
        gaps += [np.abs(getattr(lens, x) - way[x]).max() for x in FIELDS if way.get(x) is not None]
    worst = float(max(gaps))
    if not worst < 1e-10:
        raise SystemExit(f"the ways differ by {worst:g}: {gaps}")
    return worst


def draws(problem: Problem, number: int, *, pays: bool) -> tuple[float, int]:
    """Return the time of an audit over draws on two threads, and how many had an equilibrium."""
    values = problem.lens.draws(np.random.default_rng(1).random((number, 3)))

    def one(given: dict[str, float]) -> int:
        found = problem.lens.screen(
            problem.system, problem.moves, given, TOLERANCE, signs=False, pays=pays
        )
        return int(np.isfinite(found.least).any())

    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        defined = sum(pool.map(one, values))
    return time.perf_counter() - start, defined


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--states", type=int, nargs="+", default=[64, 200, 1000])
    parser.add_argument("--quick", action="store_true", help="few repetitions, nothing written")
    options = parser.parse_args()
    library = compiled()
    tables: dict[str, list[str]] = {
        name: [f"| {' | '.join(columns)} |", "| --- " * len(columns) + "|"]
        for name, columns in COLUMNS.items()
    }
    worst = 0.0
    for n in options.states:
        with threadpool_limits(1):
            gap, rows = _rows(n, library, options.quick)
        worst = max(worst, gap)
        for name, row in rows.items():
            tables[name].append(f"| {' | '.join(row)} |")
        print("\n".join(line for table in tables.values() for line in [*table, ""]), flush=True)
    text = _report(tables, worst)
    if not options.quick:
        (HERE / "results" / "contest.md").write_text(text)
    print(text)


def _rows(n: int, library: ctypes.CDLL, quick: bool) -> tuple[float, dict[str, list[str]]]:
    """Measure at one number of states; return the largest difference and a row for each table."""
    problem = Problem(n)
    m = len(problem.moves)
    load = os.getloadavg()[0]
    turns = 3 if quick else 9 if n >= 1000 else 101
    sample = np.random.default_rng(0).choice(m, min(m, 400 if n < 1000 else 20), replace=False)
    worst = agree(problem, library, sample)
    middle = statistics.median
    lapack = middle(seconds(lambda: problem.lapack(sample), repeat=5)[0]) * m / len(sample)
    numpy = middle(seconds(problem.numpy, repeat=max(2, turns // 20))[0])
    slow = [str(n), f"{m:,}", _time(lapack), _time(numpy)]
    rows = {"slow": [*slow, f"{load:.1f}"]}
    for pays in (False, True):
        whole, bare, c = map(
            middle,
            seconds(
                lambda pays=pays: problem.screen(pays=pays),
                lambda pays=pays: problem.after(1, pays=pays),
                problem.c(library, 1, pays=pays),
                repeat=turns,
            ),
        )
        both = seconds(
            lambda pays=pays: problem.screen(2, pays=pays),
            lambda pays=pays: problem.after(2, pays=pays),
            problem.c(library, 2, pays=pays),
            lambda: time.sleep(
                0.005
            ),  # C's second thread spins for a while, on a core of the others
            repeat=turns,
            clock=time.perf_counter,
        )[:3]
        fastest, usual = [min(times) for times in both], [middle(times) for times in both]
        # One call after the other, as a program makes them, finds the threads awake.
        row = seconds(
            lambda pays=pays: problem.after(2, pays=pays),
            repeat=10 * turns,
            clock=time.perf_counter,
        )[0]
        fastest[1], usual[1], in_turns = min(*row, fastest[1]), middle(row), fastest[1]
        two = [f"{_time(a)} ({_time(b)})" for a, b in zip(usual, fastest, strict=True)]
        rows["pays" if pays else "alone"] = [
            *(str(n), _time(whole), two[0], _time(bare), two[1]),
            *(f"{lapack / t:,.0f}" for t in (whole, bare, usual[1], fastest[1])),
            *(f"{c / bare:.2f}", f"{fastest[2] / in_turns:.2f}", f"{m * n / bare:.2g}"),
        ]
    number = 4 if quick or n >= 1000 else 1000
    taken, defined = draws(problem, number, pays=True)
    alone, _ = draws(problem, number, pays=False)
    rows["draws"] = [
        *(str(n), f"{number}", f"{defined}", _time(alone / number), _time(taken / number)),
        *(f"{lapack * number / t:,.0f}" for t in (alone, taken)),
    ]
    return worst, rows


def _time(value: float) -> str:
    for unit, factor in (("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3)):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value * 1e6:.3g} us"


def _machine() -> str:
    """Return the kind of processor, as far as the system says."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return " ".join([*names[:1], f"({platform.machine()})"])


def _report(tables: dict[str, list[str]], worst: float) -> str:
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    return "\n".join(
        [
            "# All single new alliances under the contest lens",
            "",
            f"Measured on {datetime.date.today()} by `benchmarks/contest_single_changes.py`: "
            f"{_machine()}, 2 cores of a shared machine, Python "
            f"{platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}, "
            f"Numba {numba.__version__}, gcc {gcc} with -O3 -march=native -ffast-math "
            "-fopenmp. Medians. "
            f"All ways agree within {worst:.1g}.",
            "",
            "One draw, equal costs. Times on one thread are processor time. Times on two threads "
            "are wall time, the median and in brackets the fastest; they need both cores, and the "
            "load before each number of states says how many programs wanted them.",
            "",
            "*LAPACK* solves a system for each change on one thread (a sample of 400, of 20 at "
            "1,000 states, scaled to all); *NumPy* updates one inverse, 512 changes at a time, and "
            "sums up who pays for whom:",
            "",
            *tables["slow"],
            "",
            "*lens* is one call with its inverse, *after* the same without it; on two threads "
            "*after* is one call right after the other, as a program makes them. The columns of C "
            "give the time of the C twin over that of the lens after the inverse, in turns, on as "
            "many threads; on two threads of the fastest runs, for C's threads wait by spinning "
            "and lose most where a core is taken. What depends on the architecture or on the list "
            "of changes alone, and is the same for every call, is prepared beforehand for both: "
            "the inverse and its sums, the layout of the list; for C also the steps.",
            "",
            "Verdicts only (`pays=False, signs=False`):",
            "",
            *tables["alone"],
            "",
            "With who pays for whom. Here almost every new alliance is wanted by both, so that "
            "nearly all of them enter these sums:",
            "",
            *tables["pays"],
            "",
            "Draws of beta, gamma and cost exponent on two threads, an inverse each, wall time; "
            "*LAPACK* here is one thread, as above:",
            "",
            *tables["draws"],
            "",
        ]
    )


if __name__ == "__main__":
    main()
