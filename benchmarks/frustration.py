"""The frustration index three ways: ours, and the textbook integer programmes in HiGHS.

Usage::

    python benchmarks/frustration.py [--write]

The textbook programmes are the AND and the XOR model of Aref, Mason & Wilson (2020), Networks
75(1), with a constraint for every unbalanced triangle and the side of a vertex of largest
degree fixed. All ways run on one thread and are measured in processor time; `highspy` has to be
installed. With ``--write`` the tables go to ``benchmarks/results/frustration.md``.

Random graphs have 6 N friendly edges, 97 % of them inside six blocs, and 1.5 N hostile ones,
90 % of them between blocs; *unstructured* ones have no blocs.
"""

from __future__ import annotations

import datetime
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import highspy
import numba
import numpy as np
import scipy

from detente.lenses.balance import FrustrationIndex, frustration_index, state_range
from detente.lenses.balance.frustration import program
from detente.reproduce.tables import signed_network

RESULTS = Path(__file__).parent / "results" / "frustration.md"
WINDOWS = ("1946_1949", "1960_1963", "1976_1979")
LIMIT = 60.0  # seconds by the clock
TEXTBOOK_LIMIT = 40.0
Answer = tuple[int, float, bool]  # best value, bound, whether it is proven


def blocs(n: int, seed: int) -> np.ndarray:
    """Return a random graph of six blocs."""
    rng = np.random.default_rng(seed)
    bloc = rng.integers(6, size=n)
    signed = np.zeros((n, n), dtype=np.int64)
    for sign, count, usual in ((1, 6 * n, 0.97), (-1, 3 * n // 2, 0.9)):
        while count:
            i, j = rng.integers(n, size=2)
            expected = (bloc[i] == bloc[j]) == (sign > 0)
            if i != j and not signed[i, j] and expected == (rng.random() < usual):
                signed[i, j] = signed[j, i] = sign
                count -= 1
    return signed


def unstructured(n: int, positive: int, negative: int, seed: int) -> np.ndarray:
    """Return a random graph without blocs."""
    rng = np.random.default_rng(seed)
    pairs = rng.permutation(np.argwhere(np.triu(np.ones((n, n)), 1)))[: positive + negative]
    signed = np.zeros((n, n), dtype=np.int64)
    signs = np.where(np.arange(len(pairs)) < positive, 1, -1)
    signed[pairs[:, 0], pairs[:, 1]] = signs
    return signed + signed.T


def textbook(signed: np.ndarray, kind: str, limit: float) -> Answer:
    """Solve the AND or the XOR model in HiGHS."""
    n = len(signed)
    pairs = np.argwhere(np.triu(signed))
    number = {(i, j): n + k for k, (i, j) in enumerate(pairs.tolist())}
    root = int(np.abs(signed).sum(axis=0).argmax())
    # The scheduler of a process keeps its first number of threads until it is told to begin anew.
    highspy.Highs.resetGlobalScheduler(True)
    highs = highspy.Highs()
    highs.silent()
    highs.setOptionValue("time_limit", limit)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("parallel", "off")
    cost, constant = np.zeros(n + len(pairs)), 0.0
    rows: list[tuple[float, list[int], list[float]]] = []  # row >= bound
    for (i, j), e in number.items():
        sign = signed[i, j]
        if kind == "xor":
            # f >= |x_i - x_j| if friendly, f >= |1 - x_i - x_j| if hostile
            cost[e] = 1
            if sign > 0:
                rows += [(0, [e, i, j], [1, -1, 1]), (0, [e, i, j], [1, 1, -1])]
            else:
                rows += [(-1, [e, i, j], [1, -1, -1]), (1, [e, i, j], [1, 1, 1])]
            continue
        # p = x_i x_j; frustrated x_i + x_j - 2 p if friendly, 1 - that if hostile
        cost[[i, j]] += sign
        cost[e] = -2 * sign
        constant += sign < 0
        if sign > 0:
            rows += [(0, [i, e], [1, -1]), (0, [j, e], [1, -1])]
        else:
            rows += [(-1, [e, i, j], [1, -1, -1])]
    for triangle in _unbalanced_triangles(signed):
        bound, terms = 1.0, dict.fromkeys(triangle, 0.0)
        for i, j in triangle:
            if kind == "xor":
                terms[i, j] = 1.0
            else:
                bound -= signed[i, j] < 0
                terms[i, j] = -2.0 * signed[i, j]
        columns = [number[pair] for pair in terms]
        values = list(terms.values())
        if kind == "and":
            degree: dict[int, float] = {}
            for i, j in triangle:
                for v in (i, j):
                    degree[v] = degree.get(v, 0.0) + signed[i, j]
            columns, values = columns + list(degree), values + list(degree.values())
        rows.append((bound, columns, values))
    for v in range(n + len(pairs)):
        highs.addVar(float(v == root), 1.0)
        highs.changeColCost(v, float(cost[v]))
        if v < n:
            highs.changeColIntegrality(v, highspy.HighsVarType.kInteger)
    for bound, columns, values in rows:
        highs.addRow(float(bound), highspy.kHighsInf, len(columns), np.array(columns, np.int32),
                     np.array(values, float))  # fmt: skip
    # A run that failed leaves an objective of zero and a bound that look like an answer.
    ended = highs.run()
    status = highs.getModelStatus()
    done = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit)
    if ended == highspy.HighsStatus.kError or status not in done:
        raise RuntimeError(f"HiGHS gave no answer: {highs.modelStatusToString(status)}")
    info = highs.getInfo()
    best, low = info.objective_function_value + constant, info.mip_dual_bound + constant
    if not np.isfinite(best) or best > len(pairs):
        return -1, low, False
    return round(best), low, best - low < 1 - 1e-6


def _unbalanced_triangles(signed: np.ndarray) -> list[list[tuple[int, int]]]:
    out = []
    for i, j in np.argwhere(np.triu(signed)).tolist():
        for k in np.flatnonzero(signed[i] * signed[j]).tolist():
            if k > j and signed[i, j] * signed[i, k] * signed[j, k] < 0:
                out.append([(i, j), (i, k), (j, k)])
    return out


def ours(signed: np.ndarray, limit: float) -> Answer:
    """Return what detente finds."""
    found: FrustrationIndex = frustration_index(signed, time_limit=limit)
    return found.upper, found.lower, found.proven


def timed(call: Callable[[], Answer], rounds: int) -> tuple[Answer, str, float]:
    """Return the answer, the median processor time in words, and in seconds."""
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        answer = call()
        seconds.append(time.process_time() - start)
        if seconds[-1] > 5:
            break
    middle = statistics.median(seconds)
    spread = f" [{min(seconds):.3g}..{max(seconds):.3g}]" if len(seconds) > 1 else ""
    best, low, proven = answer
    word = "" if proven else f", open: {low:.4g} to {best if best >= 0 else 'nothing'}"
    return answer, f"{middle:.3g}{spread}{word}", middle


def compare(out: list[str]) -> None:
    """Measure all ways on the same graphs."""
    out += [
        "| graph | vertices, edges | index | detente, highspy | detente, SciPy | HiGHS AND |"
        " HiGHS XOR | better textbook / detente |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    cases = [("Highland tribes", signed_network("highland_tribes")[1], 7)]
    cases += [(f"states {w.replace('_', '-')}", signed_network(f"cow_signed_{w}")[1], 7)
              for w in WINDOWS]  # fmt: skip
    cases += [(f"blocs {n}", blocs(n, 1), 3) for n in (40, 60, 80, 100, 200)]
    cases += [
        ("unstructured 60", unstructured(60, 240, 120, 2), 3),
        ("unstructured 50, denser", unstructured(50, 250, 150, 1), 3),
    ]
    for name, signed, rounds in cases:
        signed = signed.astype(np.int64)
        mine, words, seconds = timed(lambda s=signed: ours(s, LIMIT), rounds)
        program.has_highspy, original = (lambda: False), program.has_highspy
        slow, slow_words, _ = timed(lambda s=signed: ours(s, LIMIT), rounds)
        program.has_highspy = original
        others = [timed(lambda s=signed, k=k: textbook(s, k, TEXTBOOK_LIMIT), rounds)
                  for k in ("and", "xor")]  # fmt: skip
        proven = {a[0] for a in (mine, slow, *(o[0] for o in others)) if a[2]}
        assert len(proven) <= 1, (name, proven)
        best = min(o[2] for o in others)
        closed = any(o[0][2] for o in others)
        edges = int(np.abs(signed).sum()) // 2
        out.append(
            f"| {name} | {len(signed)}, {edges} | {mine[0] if mine[2] else 'open'} | {words} | "
            f"{slow_words} | {others[0][1]} | {others[1][1]} | "
            f"{'' if closed else 'over '}{best / seconds:,.3g} |"
        )
        print(out[-1], flush=True)


def large(out: list[str]) -> None:
    """Measure what only detente is tried on."""
    out += [
        "",
        f"Larger random graphs of six blocs, detente with highspy, at most {LIMIT:g} s:",
        "",
    ]
    out += ["| vertices | seed | index or bounds | seconds |", "| --- | --- | --- | --- |"]
    for n, seeds in ((200, range(8)), (500, range(16)), (1000, range(6))):
        for seed in seeds:
            signed = blocs(n, seed)
            (best, low, proven), _, seconds = timed(lambda s=signed: ours(s, LIMIT), 1)
            gap = f"{low} to {best} ({(best - low) / best:.2%})"
            out.append(f"| {n} | {seed} | {best if proven else gap} | {seconds:.3g} |")
            print(out[-1], flush=True)


def changes(out: list[str]) -> None:
    """Measure the index after single changes of the real networks, and ranges of states."""
    out += ["", "Real networks: the index after each of 200 changed ties, and all ranges:", ""]
    out += ["| network | median | slowest | proven | ranges of all states | ranges proven |"]
    out += ["| --- | --- | --- | --- | --- | --- |"]
    for window in WINDOWS:
        signed = signed_network(f"cow_signed_{window}")[1].astype(np.int64)
        rng = np.random.default_rng(0)
        seconds, proven = [], 0
        for _ in range(200):
            i, j = rng.choice(len(signed), 2, replace=False)
            changed = signed.copy()
            changed[i, j] = changed[j, i] = (changed[i, j] + rng.integers(1, 3) + 1) % 3 - 1
            start = time.process_time()
            proven += frustration_index(changed).proven
            seconds.append(time.process_time() - start)
        start = time.process_time()
        ranges = state_range(signed)
        whole = time.process_time() - start
        out.append(
            f"| states {window.replace('_', '-')} | {statistics.median(seconds):.3g} | "
            f"{max(seconds):.3g} | {proven} of 200 | {whole:.3g} | "
            f"{int(ranges.proven.sum())} of {len(signed)} |"
        )
        print(out[-1], flush=True)


def main() -> None:
    """Print the tables; write them if asked to."""
    for warm in (blocs(30, 0), unstructured(12, 30, 30, 0)):  # compile and import
        frustration_index(warm)
        state_range(warm)
    versions = ", ".join(f"{m.__name__} {m.__version__}" for m in (np, numba, scipy))
    out = [
        "# Exact frustration index, measured",
        "",
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}; {platform.machine()}, Python "
        f"{platform.python_version()}, {versions}, HiGHS {highspy.Highs().version()}.",
        "Seconds of processor time to the proven index, one thread, without importing and",
        "compiling; medians, fastest and slowest in brackets. Other work ran on the machine.",
        f"Ours stops after {LIMIT:g} s by the clock, the textbook programmes after",
        f"{TEXTBOOK_LIMIT:g} s; *open* then gives the bounds. All ways that finished",
        "agree (asserted). Made by `python benchmarks/frustration.py --write`.",
        "",
    ]
    compare(out)
    large(out)
    changes(out)
    if "--write" in sys.argv:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
