"""Figures of the house, and the limits that the gate holds them to.

``python scripts/house.py`` prints them; with ``--check`` it ends with 1 where a limit is passed.
Counted are names that are assigned anywhere in ``src/detente``, classes by their names, files of
Python a folder, lines a file, and circles: files that import one another, by whatever detour,
inside functions and for types as well.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import sys
from collections import Counter, defaultdict
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "detente"
FILLERS = frozenset(
    ["out", "found", "one", "made", "mine", "given", "told", "here", "each", "said", "known", "got"]
)
"""Names that do not say what they hold."""
MOST_FILLERS = 0.015
MOST_FILES = 18
MOST_LINES = 600
MOST_IN_A_CIRCLE = 5


def main() -> int:
    """Print the figures; returns the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="end with 1 past a limit")
    arguments.add_argument("--where", action="store_true", help="list the filler names by file")
    options = arguments.parse_args()

    assigned = 0
    fillers: Counter[str] = Counter()
    classes: dict[str, set[str]] = defaultdict(set)
    folders: Counter[str] = Counter()
    lengths: dict[str, int] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(SOURCE).as_posix()
        folders[path.parent.relative_to(SOURCE).as_posix()] += 1
        lengths[place] = text.count("\n")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes[node.name].add(place)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                assigned += 1
                fillers[place] += node.id in FILLERS

    share = fillers.total() / assigned
    repeated = {name: sorted(places) for name, places in classes.items() if len(places) > 1}
    crowded = {folder: count for folder, count in folders.items() if count > MOST_FILES}
    long = {place: lines for place, lines in lengths.items() if lines > MOST_LINES}
    largest, files = folders.most_common(1)[0]
    longest = max(lengths, key=lambda place: lengths[place])
    print(f"filler names: {fillers.total()} of {assigned} ({100 * share:.2f} %)")
    print(f"class names used twice: {len(repeated)} {repeated or ''}")
    print(f"largest folder: {largest}, {files} files")
    circles = circles_of(imports())
    sizes = ", ".join(str(len(circle)) for circle in circles)
    print(f"circles: {len(circles)}, of {sizes or 'no'} files")
    print(f"lines a file: median {statistics.median(lengths.values()):.0f}, ", end="")
    print(f"longest {lengths[longest]} ({longest})")
    if options.where:
        for place, count in fillers.most_common():
            if count:
                print(f"  {count:4d} {place}")
        for circle in circles:
            print(f"  circle: {', '.join(sorted(circle))}")
    if not options.check:
        return 0

    faults = []
    if share > MOST_FILLERS:
        faults.append(
            f"filler names are {100 * share:.2f} %, at most {100 * MOST_FILLERS} % may be"
        )
    faults += [f"class {name} stands in {', '.join(p)}" for name, p in repeated.items()]
    faults += [f"folder {f} has {n} files, at most {MOST_FILES}" for f, n in crowded.items()]
    faults += [f"{p} has {n} lines, at most {MOST_LINES}" for p, n in long.items()]
    faults += [
        f"{', '.join(sorted(circle))} import one another, at most {MOST_IN_A_CIRCLE} may"
        for circle in circles
        if len(circle) > MOST_IN_A_CIRCLE
    ]
    for fault in faults:
        print(f"house: {fault}", file=sys.stderr)
    return 1 if faults else 0


def imports() -> dict[str, set[str]]:
    """Return for every module the modules of the package that it names, wherever it does."""
    package = SOURCE.parent
    trees = {
        ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__"): path
        for path in SOURCE.rglob("*.py")
    }
    graph: dict[str, set[str]] = {}
    for module, path in trees.items():
        named: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                named |= inner if inner <= trees.keys() else (inner & trees.keys()) | {node.module}
        graph[module] = (named & trees.keys()) - {module}
    return graph


def circles_of(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of modules that reach one another, the largest first."""
    reached = {module: _reached(graph, module) for module in graph}
    circles = {
        frozenset(m for m in reached[module] if module in reached[m])
        for module in graph
        if module in reached[module]
    }
    return sorted(map(set, circles), key=lambda circle: (-len(circle), sorted(circle)))


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    """Return the modules that a module imports, and those that they import."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for module in graph[waiting.pop()] - seen:
            seen.add(module)
            waiting.append(module)
    return seen


if __name__ == "__main__":
    sys.exit(main())
