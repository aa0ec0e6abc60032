"""An ensemble of escalations: the kernels of events and of days, vectorised NumPy, C, and Mesa 3.

Usage::

    python benchmarks/escalation.py [--c] [--mesa PYTHON] [--rounds N] [--states N ...]
        [--heats X ...]
    python benchmarks/escalation.py --agree REPLICAS [--states N ...] [--heats X ...]
    python benchmarks/escalation.py --crossing M [M ...] [--heats X ...]

States sit in eight blocs on a ring; each is allied with six neighbours and has eight dyads into
the rival bloc. Heat multiplies the background of incidents. All ways run the same model; NumPy,
Mesa and the kernel of days in steps of a day, the kernel of events and C in continuous time, so
that their numbers of wars and incidents differ a little and are printed. The project's way is
whichever of its two kernels it chooses by itself, marked with a star. *Full* is the kernel of
events on the model with what the others leave out: mood, misreading that differs by dyad, and
candidates of the background that are thinned.

Measured is the time of the processor on one thread, which other work on the machine disturbs less
than the time on the wall; rounds interleave the ways, and the median and the range are printed,
and a table at the end. ``--agree`` prints instead how far the two kernels agree: wars, incidents
a replica with their standard errors, quartiles of the first war. ``--crossing`` prints what a
replica costs by events and by days on the first M dyads of the model. ``--mesa`` names a Python
that has Mesa 3; it need not have detente.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from detente.crisis.model.entry import EntryChance
from detente.crisis.model.escalation import Model
from detente.crisis.model.settings import settle
from detente.crisis.run.ensemble import Ensemble

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "crisis"))  # the day-stepped reference is a test's
from theory import daystep  # noqa: E402

DAYS = 365.0
BLOCS, SIDE, REACH = 8, 4, 3
OWN, NEAR, MEMORY, RELIABILITY = 0.01, 0.001, 30.0, 0.3
HEATS = (0.25, 1.0, 2.0, 4.0)
WORK = {"events": 3_000_000, "full": 3_000_000, "days": 1_000_000, "numpy": 16_000,
        "c": 4_000_000, "mesa": 600}  # fmt: skip
"""Replicas times dyads per round; divided by the dyads and, where that matters, the heat."""


COLUMNS = ("events", "full", "days", "c", "numpy", "mesa")
HEADER = (
    "| states | heat | chosen | incidents a replica (events / days / C / NumPy) | events "
    "| full model | days | C | NumPy | Mesa | over C | over NumPy | over Mesa |",
    "|" + " --- |" * 13,
)


def network(states: int, heat: float, *, full: bool = False) -> Model:
    """Return the model of the benchmark; in full with mood, and misreading that differs."""
    size = states // BLOCS
    names = [f"S{k:03d}" for k in range(states)]
    dyads = []
    for bloc in range(BLOCS):
        for s in range(size):
            for o in range(-SIDE, SIDE):
                pair = (bloc * size + s, (bloc ^ 1) * size + (s + o) % size)
                if pair not in dyads:
                    dyads.append(pair)
    at = {pair: k for k, pair in enumerate(dyads)}

    def allies(state: int) -> list[int]:
        bloc, s = divmod(state, size)
        steps = [o for o in range(-REACH, REACH + 1) if o]
        return [bloc * size + (s + o) % size for o in steps]

    decay = 1 - np.exp(-1 / MEMORY)
    offspring, entries, joiner = {}, {}, {}
    for k, (a, b) in enumerate(dyads):
        offspring[k, k] = OWN / decay
        for c in allies(a):
            if (c, b) in at:
                offspring[k, at[c, b]] = NEAR / decay
        for c in allies(b):
            if (c, a) in at:
                entries[k, at[c, a]] = EntryChance(RELIABILITY, RELIABILITY)
                joiner[k, at[c, a]] = names[c]
    rise = (0.50, 0.45, 0.40, 0.40, 0.30)
    fall = (0.010, 0.010, 0.015, 0.015, 0.005)
    values = settle(
        {
            **{f"heat.{k}": float(np.exp(0.6 * k)) for k in range(1, 6)},
            **{f"rise.{k}": p for k, p in enumerate(rise)},
            **{f"stay.{k + 1}": float(-1 / np.log1p(-p)) for k, p in enumerate(fall)},
            "excitation.memory": MEMORY,
            "entry.rung": 3,
            "mood.gain": 0.02 if full else 0.0,
        }
    )
    m = len(dyads)
    background = heat * 0.001 * np.random.default_rng(7).lognormal(0.0, 0.8, m)
    return Model(
        dyads=tuple((names[a], names[b]) for a, b in dyads),
        states=tuple(names),
        values=values,
        background=background,
        misread=np.random.default_rng(8).choice([1.0, 0.9], m) if full else np.ones(m),
        offspring=offspring,
        entries=entries,
        joiner=joiner,
        rung=(0,) * m,
        reason=("",) * m,
        mood=np.zeros(m),
        excitation=np.zeros(m),
        digest="benchmark",
    )


def whole(model: Model) -> Ensemble:
    """Return an ensemble of the whole model, which thins candidates as one compared with others."""
    rules = model.rules(model.background * 1.25)
    return Ensemble(model, rules, model.start(), DAYS, 1, "events")


def kernel(e: Ensemble, replicas: int) -> tuple[float, float, float]:
    """Run a kernel; returns seconds of the processor, wars and incidents a replica."""
    start = time.process_time()
    a = e.run(0, replicas, threads=1)
    seconds = time.process_time() - start
    wars = (a.wars * np.arange(len(a.wars))).sum() / replicas
    return seconds, float(wars), float(a.incidents[0] / replicas)


def numpy_days(e: Ensemble, replicas: int) -> tuple[float, float, float]:
    """Run vectorised day steps, in chunks that fit into the cache."""
    random = np.random.default_rng(1)
    wars = incidents = 0.0
    start = time.process_time()
    for first in range(0, replicas, 64):
        n = min(64, replicas - first)
        highest, _, counts = daystep.run(
            e.rules, e.start, days=DAYS, step=1.0, replicas=n, random=random
        )
        wars += float((highest == 5).sum())
        incidents += float(counts.sum())
    return time.process_time() - start, wars / replicas, incidents / replicas


def write(e: Ensemble, path: Path) -> None:
    """Write the model for the C program."""
    r = e.rules
    m = len(r.background)
    with path.open("wb") as out:
        for values in (
            np.array([m, len(r.target), len(r.entry), r.entry_rung, e.buckets], np.int32),
            np.array([DAYS, r.memory, r.total], np.float32),
            np.concatenate([r.heat, r.rise, r.fall]).astype(np.float32),
            r.background.astype(np.float32),
            r.offspring.astype(np.float32),
            r.column.astype(np.float32),
            r.alias.astype(np.int32),
            r.ptr.astype(np.int32),
            r.target.astype(np.int32),
            r.share.astype(np.float32),
            r.entry_ptr.astype(np.int32),
            r.entry.astype(np.int32),
            # The other programs know no sides: each entry has its mean chance.
            (0.5 * (r.entry_first + r.entry_second)).astype(np.float32),
        ):
            values.tofile(out)


def as_json(e: Ensemble, replicas: int) -> str:
    """Return the model for Mesa."""
    r, m = e.rules, e.model
    count = range(len(m.dyads))
    return json.dumps(
        {
            "days": DAYS,
            "replicas": replicas,
            "memory": r.memory,
            "entry_rung": r.entry_rung,
            "heat": r.heat.tolist(),
            "rise": r.rise.tolist(),
            "fall": r.fall.tolist(),
            "background": r.background.tolist(),
            "causes": [[(b, x) for (a, b), x in m.offspring.items() if a == k] for k in count],
            "entries": [
                [(b, 0.5 * (x.first + x.second)) for (a, b), x in m.entries.items() if a == k]
                for k in count
            ],
        }
    )


def outside(command: list[str], text: str | None = None) -> tuple[float, float, float]:
    """Run another program that prints seconds, wars and incidents."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    seconds, wars, incidents = map(float, done.stdout.split())
    return seconds, wars, incidents


def agree(model: Model, replicas: int, head: str) -> None:
    """Print what both kernels find."""
    for method in ("events", "days"):
        a = Ensemble.of(model, DAYS, 1, method).run(0, replicas)
        count = np.arange(len(a.wars))
        wars, square = (float((a.wars * count**k).sum()) / replicas for k in (1, 2))
        mean = float(a.incidents[0]) / replicas
        spread = float(a.incidents_square[0]) / replicas - mean**2
        errors = [(x / replicas) ** 0.5 for x in (square - wars**2, spread)]
        upto = np.cumsum(a.first_war) / a.first_war.sum()
        times = np.interp([0.25, 0.5, 0.75], upto, np.linspace(0, DAYS, len(upto) + 1)[1:])
        print(
            f"{head} {method:<6} wars {wars:.3f} ± {errors[0]:.3f}, incidents {mean:.1f} "
            f"± {errors[1]:.1f}, first war {' '.join(f'{t:.0f}' for t in times)}",
            flush=True,
        )


def crossing(model: Model, m: int, heat: float) -> None:
    """Print what a replica costs by either kernel on the first m dyads: the best of three."""
    part = {
        name: {k: v for k, v in getattr(model, name).items() if max(k) < m}
        for name in ("offspring", "entries", "joiner")
    }
    names = ("dyads", "background", "misread", "rung", "reason", "mood", "excitation")
    less = replace(model, **part, **{name: getattr(model, name)[:m] for name in names})
    n, cost = max(8, round((150_000 if heat < 5 else 40_000) / m)), {}
    for method in ("events", "days"):
        e = Ensemble.of(less, DAYS, 1, method)
        e.run(0, 8, threads=1)
        times = []
        for _ in range(3):
            begin = time.thread_time()
            incidents = int(e.run(0, n, threads=1).incidents[0]) / n / m / DAYS
            times.append((time.thread_time() - begin) / n * 1e6)
        cost[method] = min(times)
    print(
        f"M={m} heat={heat:g} incidents a dyad and day {incidents:.4f}, microseconds a replica: "
        f"events {cost['events']:.1f} days {cost['days']:.1f}, days/events "
        f"{cost['days'] / cost['events']:.2f}",
        flush=True,
    )


def main() -> None:
    """Run what was asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--c", action="store_true", help="also the C program")
    parser.add_argument("--mesa", metavar="PYTHON", help="also Mesa 3, with this Python")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--states", type=int, nargs="+", default=[64, 200])
    parser.add_argument("--heats", type=float, nargs="+", default=HEATS)
    parser.add_argument("--agree", type=int, metavar="REPLICAS")
    parser.add_argument("--crossing", type=int, nargs="+", metavar="M")
    chosen = parser.parse_args()
    if chosen.crossing:
        for m in chosen.crossing:
            for heat in chosen.heats:
                states = 64 if m <= 256 else max(208, -(-m // 64) * 8)
                crossing(network(states, heat), m, heat)
        return
    if chosen.agree:
        for states in chosen.states:
            for heat in chosen.heats:
                agree(network(states, heat), chosen.agree, f"N={states} heat={heat:g}")
        return
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "escalation"
        if chosen.c:
            flags = ["-O3", "-march=native", "-ffast-math"]
            subprocess.run(
                ["cc", *flags, str(HERE / "escalation.c"), "-o", str(program), "-lm"], check=True
            )
        rows = [
            compare(states, heat, chosen, Path(folder), program)
            for states in chosen.states
            for heat in chosen.heats
        ]
    print("", *HEADER, *rows, sep="\n")


def compare(
    states: int, heat: float, chosen: argparse.Namespace, folder: Path, program: Path
) -> str:
    """Run all ways on one network in turn, print their medians and return a row of the table."""
    model = network(states, heat)
    e = Ensemble.of(model, DAYS, 1, "events")
    days = Ensemble.of(model, DAYS, 1, "days")
    full = whole(network(states, heat, full=True))
    m = len(e.model.dyads)
    write(e, folder / "model.bin")
    ways = {
        "events": lambda n: kernel(e, n),
        "full": lambda n: kernel(full, n),
        "days": lambda n: kernel(days, n),
        "numpy": lambda n: numpy_days(e, n),
    }
    for name in ("events", "full", "days"):
        ways[name](64)
    if chosen.c:
        ways["c"] = lambda n: outside([str(program), str(folder / "model.bin"), str(n)])
    if chosen.mesa and heat == 1.0:
        script = str(HERE / "escalation_mesa.py")
        ways["mesa"] = lambda n: outside([chosen.mesa, script], as_json(e, n))
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    ends: dict[str, tuple[float, float]] = {}
    for _ in range(chosen.rounds):
        for name, way in ways.items():
            if name == "mesa" and len(speeds[name]) >= 2:
                continue
            less = max(heat, 0.25) if name not in ("numpy", "mesa") else 1
            n = max(2, round(WORK[name] / m / less))
            seconds, wars, incidents = way(n)
            speeds[name].append(n * m * DAYS / seconds)
            ends[name] = (wars, incidents)
    way = Ensemble.of(model, DAYS, 1).way
    ours = statistics.median(speeds[way])
    for name, found in speeds.items():
        middle = statistics.median(found)
        print(
            f"N={states} heat={heat:g} {name:<6}{'*' if name == way else ' '} {middle:9.3g} "
            f"[{min(found):.3g}..{max(found):.3g}] dyad-days/s, chosen/this {ours / middle:8.3g}"
            f"   wars {ends[name][0]:.3f} incidents {ends[name][1]:.1f}",
            flush=True,
        )
    cells = [str(states), f"{heat:g}", way]
    counted = [f"{ends[name][1]:.1f}" for name in ("events", "days", "c", "numpy") if name in ends]
    cells.append(" / ".join(counted))
    for name in COLUMNS:
        if name in speeds:
            found = speeds[name]
            ends_ = f"{min(found):.2e}..{max(found):.2e}"
            cells.append(f"{statistics.median(found):.2e} [{ends_}]")
        else:
            cells.append("")
    for name in ("c", "numpy", "mesa"):
        ratio = ours / statistics.median(speeds[name]) if name in speeds else None
        cells.append("" if ratio is None else f"{ratio:.3g}" if ratio < 1e3 else f"{ratio:,.0f}")
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
