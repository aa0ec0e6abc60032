"""Draws of an audit as a job: kept in a folder, gone on with, computed anywhere, the same bits."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import detente as dt
from detente.architecture.changes import moves_of
from detente.auditing import screening
from detente.auditing.feasible_changes import feasible
from detente.auditing.verdicts import Threshold
from detente.errors import ResultError
from detente.lenses import find

RUN = {"lens": ["coalition", "war_stability"], "draws": 40, "seed": 3, "alternatives": False}


def test_an_audit_in_a_folder_is_the_audit_without(tmp_path):
    """Blocks of draws change nothing; a lost or damaged one is done again; the result is there."""
    plain = dt.audit("two-blocs", **RUN)
    kept = dt.audit("two-blocs", out=tmp_path, **RUN)
    pieces = tmp_path / "coalition" / "pieces"

    assert plain.data.drop_attrs().identical(kept.data.drop_attrs())
    assert 40 // screening.BLOCK == len(list(pieces.glob("*.npz")))
    (pieces / "000001.npz").unlink()
    (pieces / "000002.npz").write_bytes(b"no piece")
    again = dt.audit("two-blocs", out=tmp_path, **RUN)
    assert plain.data.drop_attrs().identical(again.data.drop_attrs())
    saved = dt.open(tmp_path / "result.zarr")
    assert plain.data.drop_attrs().identical(saved.data.drop_attrs())


def test_a_folder_of_another_audit_is_refused(tmp_path):
    """Other changes, seeds or scenarios are named, and nothing is touched."""
    dt.audit("two-blocs", out=tmp_path, **RUN)

    with pytest.raises(ResultError, match="seed is 3 there and 4 here"):
        dt.audit("two-blocs", out=tmp_path, **RUN | {"seed": 4})
    with pytest.raises(ResultError, match="changes is"):
        dt.audit("two-blocs", "HAR and UPL reconcile", out=tmp_path, **RUN)
    with pytest.raises(ResultError, match="scenario"):
        dt.audit("common-house", out=tmp_path, **RUN)


@pytest.mark.parametrize("key", ["coalition", "contest", "hazard", "war_stability"])
def test_a_block_that_was_sent_elsewhere_gives_the_same_sums(key):
    """What a worker unpickles computes what this process computes, to the last bit."""
    g, lens = dt.load("two-blocs"), find(key)
    problem = screening.Problem.of(g.system, moves_of(g, feasible(g)))
    block = screening.DrawBlock(
        lens,
        problem,
        lens.draws(screening.uniform(1, lens, 4), {}),
        Threshold(0.01, None),
        screening.tolerance_places(1, lens, 4),
        problem.twins(lens),
    )
    sent = pickle.loads(pickle.dumps(block))

    here, there = block([0, 4]), sent([0, 4])
    assert set(here) == set(there)
    for name, array in here.items():
        np.testing.assert_array_equal(array, there[name])
