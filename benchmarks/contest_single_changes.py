"""All single new alliances under the contest lens: solved anew, Woodbury in NumPy, the lens, C.

Usage::

    python benchmarks/contest_single_changes.py [--states 64 200 1000] [--quick]

For each number of states: a random architecture of eight blocs, and the verdicts on every pair
that is not allied. Measured are

- *LAPACK*: a new linear system for every change (a sample, scaled to all of them);
- *NumPy*: one inverse, then rank-two updates of 512 changes at a time, reduced to verdicts;
- *lens*: `Contest.screen`, inverse included;
- *kernel* and *C*: the same work without the inverse, in turns on one thread.

All must agree within 1e-10 before anything is printed. With draws, every draw has its own beta,
gamma and cost exponent, hence its own inverse, and the draws are spread over two threads. Writes
``benchmarks/results/contest.md``.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime
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
from detente.lenses.contest import Contest, _Base, _run, new_alliances

HERE = Path(__file__).parent
VALUES = {"beta": 0.11401761, "gamma": 0.083189711, "cost_exponent": 0.0}
TOLERANCE = 1e-9
FIELDS = ("least", "desire", "gain", "loss", "harmed", "pays")


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
        base = _Base.of(self.system, VALUES)
        assert base is not None
        self.given = base.given(self.moves)

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

    def screen(self, threads: int = 1) -> dict[str, Floats]:
        """Return the verdicts of the lens, inverse included."""
        found = self.lens.screen(
            self.system, self.moves, VALUES, TOLERANCE, signs=False, threads=threads
        )
        return {name: getattr(found, name) for name in FIELDS}

    def results(self) -> tuple[Floats, Floats]:
        """Return memory for the verdicts and for who pays."""
        return np.zeros((4, len(self.moves))), np.zeros(len(self.moves), dtype=np.int64)

    def kernel(self) -> Callable[[], None]:
        """Return a call of the compiled kernel alone."""
        m, n = len(self.moves), self.n
        verdict, harmed = self.results()
        sign, table = np.zeros((0, n), dtype=np.int8), np.zeros((0, n))

        def run() -> None:
            results = (verdict, harmed, sign, table, np.zeros((n, n)))
            assert not len(_run(self.given, (0, m), TOLERANCE, results))

        return run

    def c(self, library: ctypes.CDLL, threads: int) -> Callable[[], dict[str, Floats]]:
        """Return a call of the C twin."""
        m, n = len(self.moves), self.n
        verdict, harmed = self.results()
        pays, weight = np.zeros((n, n)), np.ascontiguousarray(1 / self.gammas)
        given = (self.moves.first, self.moves.second, self.step, self.inverse)
        given += (weight, self.gammas, self.reach)
        total = self.gammas.sum()

        def run() -> dict[str, Floats]:
            library.screen(
                *(ctypes.c_long(n), ctypes.c_long(m)),
                *(ctypes.c_void_p(array.ctypes.data) for array in given),
                *(ctypes.c_double(x) for x in (1 - 1 / total, total, TOLERANCE)),
                *(ctypes.c_void_p(array.ctypes.data) for array in (*verdict, harmed, pays)),
                ctypes.c_int(threads),
            )
            return dict(zip(FIELDS, (*verdict, harmed, pays), strict=True))

        return run


def compiled() -> ctypes.CDLL:
    """Compile the C twin on this machine."""
    folder = tempfile.mkdtemp()
    target = f"{folder}/contest.so"
    flags = ["-O3", "-march=native", "-fopenmp", "-shared", "-fPIC"]
    subprocess.run(
        ["gcc", *flags, str(HERE / "contest_single_changes.c"), "-o", target, "-lm"], check=True
    )
    return ctypes.CDLL(target)


def seconds(
    *calls: Callable[[], object], repeat: int, clock: Callable[[], float] = time.thread_time
) -> list[float]:
    """Return the median time of each call; the calls take turns, so that all see the same noise.

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
    return [statistics.median(own) for own in times]


def agree(problem: Problem, library: ctypes.CDLL, sample: Floats) -> float:
    """Return the largest difference between all ways; fail above 1e-10."""
    deltas = problem.lens.deltas(problem.system, problem.moves.take(sample), VALUES)
    gaps = [
        np.abs(deltas - problem.lapack(sample)).max(),
        np.abs(deltas - problem.woodbury(sample)).max(),
    ]
    lens = problem.screen()
    for other in (problem.numpy(), problem.c(library, 2)(), problem.screen(threads=2)):
        gaps += [np.abs(lens[name] - other[name]).max() for name in FIELDS]
    worst = float(max(gaps))
    if not worst < 1e-10:
        raise SystemExit(f"the ways differ by {worst:g}: {gaps}")
    return worst


def draws(problem: Problem, number: int) -> tuple[float, int]:
    """Return the time of an audit over draws on two threads, and how many had an equilibrium."""
    values = problem.lens.draws(np.random.default_rng(1).random((number, 3)))

    def one(given: dict[str, float]) -> int:
        found = problem.lens.screen(problem.system, problem.moves, given, TOLERANCE, signs=False)
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
    single = [
        "| states | changes | LAPACK | NumPy | lens | lens on 2 threads, wall | LAPACK / lens "
        "| NumPy / lens | C / kernel | kernel, deltas a second |",
        "| --- " * 10 + "|",
    ]
    many = [
        "| states | draws | seconds | a draw | defined draws | LAPACK / lens |",
        "| --- " * 6 + "|",
    ]
    worst = 0.0
    for n in options.states:
        with threadpool_limits(1):
            gap, one, more = _rows(n, library, options.quick)
        worst = max(worst, gap)
        single.append(one)
        many.append(more)
        print("\n".join([*single, "", *many, ""]), flush=True)
    text = _report(single, many, worst)
    if not options.quick:
        (HERE / "results" / "contest.md").write_text(text)
    print(text)


def _rows(n: int, library: ctypes.CDLL, quick: bool) -> tuple[float, str, str]:
    """Measure at one number of states; return the largest difference and two rows."""
    problem = Problem(n)
    m = len(problem.moves)
    turns = 3 if quick else 7 if n >= 1000 else 41
    sample = np.random.default_rng(0).choice(m, min(m, 400 if n < 1000 else 20), replace=False)
    worst = agree(problem, library, sample)
    lapack = seconds(lambda: problem.lapack(sample), repeat=3)[0] * m / len(sample)
    numpy = seconds(problem.numpy, repeat=max(2, turns // 8))[0]
    lens, kernel, c = seconds(problem.screen, problem.kernel(), problem.c(library, 1), repeat=turns)
    both = seconds(lambda: problem.screen(2), repeat=turns, clock=time.perf_counter)[0]
    number = 4 if quick or n >= 1000 else 1000
    taken, defined = draws(problem, number)
    one = (
        f"| {n} | {m:,} | {_time(lapack)} | {_time(numpy)} | {_time(lens)} | {_time(both)} "
        f"| {lapack / lens:,.0f} | {numpy / lens:,.0f} | {c / kernel:.2f} | {m * n / kernel:.2g} |"
    )
    whole = number if number == 1000 else f"{number} (1,000: {_time(1000 * taken / number)})"
    more = (
        f"| {n} | {whole} | {_time(taken)} | {_time(taken / number)} | {defined} "
        f"| {lapack * number / taken:,.0f} |"
    )
    return worst, one, more


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


def _report(single: list[str], many: list[str], worst: float) -> str:
    gcc = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    return "\n".join(
        [
            "# All single new alliances under the contest lens",
            "",
            f"Measured on {datetime.date.today()} by `benchmarks/contest_single_changes.py`: "
            f"{_machine()}, 2 cores of a shared machine, Python "
            f"{platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}, "
            f"Numba {numba.__version__}, gcc {gcc} with -O3 -march=native -fopenmp. Medians. "
            f"All ways agree within {worst:.1g}.",
            "",
            "One draw, equal costs, one thread, processor time. *LAPACK* solves a system for each "
            "change (a sample of 400, of 20 at 1,000 states, scaled to all); *NumPy* updates one "
            "inverse, 512 changes at a time; *lens* is the call an audit makes, with its inverse. "
            "The last two columns leave the inverse out: time of the C twin over that of the "
            "kernel, and deltas a second of the kernel. Here almost every new alliance is wanted "
            "by both, so that nearly all of them also enter the sums of who pays for whom. The "
            "wall time on two threads is that of a machine with other work.",
            "",
            *single,
            "",
            "Draws of beta, gamma and cost exponent on two threads, an inverse each, wall time; "
            "*LAPACK* here is one thread, as above:",
            "",
            *many,
            "",
        ]
    )


if __name__ == "__main__":
    main()
