"""Rare wars: what splitting sees, what it says where nothing is found, and that threads agree."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from small import ALLIES_COME, ALONE, PAIR, rules

from detente.cli.crisis import crisis
from detente.crisis.model.escalation import build
from detente.crisis.model.model_arrays import WAR_CAME, Watch
from detente.crisis.questions.committor import watching
from detente.crisis.questions.rare import GOAL, estimate, rare, score_table
from detente.crisis.run.ensemble import Ensemble, endings
from detente.testing import build as architecture

CALLED = architecture(
    {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0},
    rivals=[("AAA", "BBB", 3)],
    allies=[("BBB", "CCC")],
)
"""AAA and CCC are no rivals: war comes between them only where CCC enters for BBB."""


def test_a_war_that_comes_by_an_allys_entry_is_met_without_bias():
    """A chance of about one in a thousand, and as plain simulation has it."""
    values = {**ALONE, **ALLIES_COME, "turnout": 0.5, "rate.rivalry": 2.0}
    e = Ensemble.of(build(CALLED, values, start={"AAA-BBB": 1}), 120.0, 3)
    watch = watching(e.model, [e.model.position("AAA-CCC")])
    how, _ = endings(e, watch, 200_000)
    p = (how == WAR_CAME).mean()
    found = estimate(e, watch, 200, 40)
    error = (found.var(ddof=1) / 40 + p * (1 - p) / 200_000) ** 0.5

    assert 3e-4 < p < 3e-3
    assert pytest.approx(p, abs=4 * error) == found.mean()
    # Plain simulation with as many paths would have an error this many times as large.
    assert error < 0.5 * (p / (200 * 40)) ** 0.5 * 2


def test_allies_that_enter_on_a_lower_rung_leave_it_without_bias():
    """An event that opens several dyads at once is taken up again whole."""
    g = architecture(
        dict.fromkeys(("AAA", "BBB", "CCC", "DDD"), 1.0),
        rivals=[("AAA", "BBB", 4)],
        allies=[("BBB", "CCC"), ("BBB", "DDD"), ("CCC", "DDD")],
    )
    values = {
        **ALONE, **ALLIES_COME, "entry.rung": 4, "rate.rivalry": 3.0, "rate.other": 20.0
    }  # fmt: skip
    e = Ensemble.of(build(g, values, start={"AAA-BBB": 4}), 100.0, 5)
    watch = watching(e.model, [e.model.position(d) for d in ("AAA-CCC", "AAA-DDD")])
    how, _ = endings(e, watch, 100_000)
    p = (how == WAR_CAME).mean()
    found = estimate(e, watch, 200, 40)
    error = (found.var(ddof=1) / 40 + p * (1 - p) / 100_000) ** 0.5

    assert pytest.approx(p, abs=4 * error) == found.mean()


def test_the_score_is_highest_at_war_alone():
    """Watched dyads score by their rung, those whose war calls an ally a little less."""
    m = rules([1.0, 1.0, 1.0], entries=[(1, 0, 0.5), (2, 1, 0.5)], entry_rung=5)
    table = score_table(m, Watch(np.array([1, 0, 0], dtype=np.int8), 5, -1))

    assert [0, 2, 4, 6, 8, GOAL] == table[0].tolist()
    assert [0, 1, 3, 5, 7, 7] == table[1].tolist()
    assert [0] * 6 == table[2].tolist()


def test_where_everything_dies_out_there_is_a_bound_and_no_figure():
    """Never nothing plus or minus nothing: below three in the number of paths."""
    calm = {**ALONE, "rise.4": 1e-9}
    found = rare(PAIR, "AAA-BBB", parameters=calm, days=10, paths=50, repetitions=4)

    assert pytest.approx(1 - 0.05 ** (1 / 200)) == float(found.data["bound"])
    assert np.isnan(found.data["probability_error"])
    assert "the probability is below 0.015 (95 %)" in repr(found)
    assert "±" not in repr(found)


def test_repetitions_that_died_out_are_counted():
    """Some of them at nothing: it is said how many, and there is no bound."""
    found = rare(
        PAIR, "AAA-BBB", parameters={**ALONE, "rate.rivalry": 2.0}, start={"AAA-BBB": 3},
        days=30, paths=10, repetitions=30,
    )  # fmt: skip
    died = int((found.data["estimate"] == 0).sum())

    assert 0 < died < 30
    assert f"{died} of the repetitions died out" in repr(found)
    assert np.isnan(found.data["bound"])


def test_a_repetition_does_not_depend_on_the_thread():
    """One thread or three: the same estimates to the last bit."""
    e = Ensemble.of(build(CALLED, {"rate.rivalry": 5.0}), 200.0, 1)
    watch = watching(e.model, [0])

    assert (
        estimate(e, watch, 20, 7, threads=1).tolist()
        == estimate(e, watch, 20, 7, threads=3).tolist()
    )


def test_the_command_line_asks_for_rare_wars(tmp_path):
    """``detente crisis rare`` prints the reading and saves the answer."""
    file = tmp_path / "rare.json"
    out = CliRunner().invoke(
        crisis,
        ["rare", "two-blocs", "--dyad", "HAR-UPL", "--days", "30", "--paths", "20",
         "--repetitions", "3", "--save", str(file)],
    )  # fmt: skip
    none = CliRunner().invoke(crisis, ["rare", "two-blocs"])

    assert 0 == out.exit_code, out.output
    assert "HAR-UPL within 30 days" in out.output
    assert '"question": "rare"' in file.read_text(encoding="utf-8")
    assert none.exit_code != 0
