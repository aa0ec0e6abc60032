"""A quick look at an installed detente: one answer of each room, on the small scenario.

The gate runs it with every Python that it finds; nothing beside the package itself is needed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

import detente as dt
from detente.lenses.balance import frustration_index


def main() -> None:
    """Ask one question of each room; an exception or a failed check ends with 1."""
    g = dt.load("two-blocs")
    audit = dt.audit(g, draws=8, seed=1)
    again = dt.audit(g, draws=8, seed=1)
    assert np.array_equal(audit.data["security"], again.data["security"])
    assert str(audit)

    run = dt.simulate(g, days=90, replicas=500, seed=1)
    assert 0.0 <= float(run.data["any_war"]) <= 1.0

    with tempfile.TemporaryDirectory() as folder:
        for result, name in ((audit, "audit"), (run, "run")):
            place = Path(folder) / f"{name}.nc"
            result.save(place)
            assert place.stat().st_size > 0
        audit.report(Path(folder) / "audit.html")
    # The solver, through highspy where it is there: a triangle of rivals gives up one tie.
    found = frustration_index(np.array([[0, -1, -1], [-1, 0, -1], [-1, -1, 0]]))
    assert (found.index, found.proven) == (1, True)
    again = frustration_index(np.array([[0, -1, -1], [-1, 0, -1], [-1, -1, 0]]))
    assert again.index == 1
    print("smoke: every room answered")


if __name__ == "__main__":
    main()
