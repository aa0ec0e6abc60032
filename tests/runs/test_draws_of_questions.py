"""Draws of the questions on transitions and settlements are done by whoever is named for them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

import detente as dt
from detente.runs import Workforce, input_digest
from detente.testing import build

LENSES = ("hazard", "contest")
QUESTIONS = {
    "compare": lambda g, work: dt.compare(
        g, ["AAA joins ORG", "BBB and DDD become rivals"], lens=LENSES, draws=7, work=work
    ),
    "dependence": lambda g, work: dt.dependence(g, "BBB", lens="hazard", draws=7, work=work),
    "collapse": lambda g, work: dt.collapse(g, "ORG", lens="contest", draws=4, work=work),
    "plan": lambda g, work: dt.plan(
        g, "AAA joins ORG", menu="none", lens="hazard", draws=7, work=work
    ),
}


@pytest.fixture(scope="module")
def g():
    """Return five states, three of them in an organisation."""
    return build(
        {"AAA": 1.0, "BBB": 3.0, "CCC": 1.0, "DDD": 2.0, "EEE": 4.0},
        organisations={"ORG": ["BBB", "CCC", "DDD"]},
        rivals=[("AAA", "EEE", 4), ("BBB", "EEE", 4)],
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_on_transitions_is_the_same_whoever_does_the_draws(question, g, tmp_path):
    """One thread, three, and processes that keep what they did give the same to the last bit."""
    ask = QUESTIONS[question]
    plain = ask(g, None).data
    kept = Workforce(processes=2, folder=tmp_path)

    assert plain.identical(ask(g, Workforce(threads=3)).data)
    assert plain.identical(ask(g, kept).data)
    assert list(tmp_path.rglob("*.npz"))
    assert plain.identical(ask(g, kept).data)


def test_a_settlement_is_the_same_whoever_does_the_draws(tmp_path):
    """So are offers held against fighting on, and the ranges of a party's absence."""
    g, kept = dt.load("eurasia-2024"), Workforce(processes=2, folder=tmp_path)

    def ask(work):
        result = dt.settle(g, draws=2500, mood={"RUS": (0.1, 0.3)}, work=work)
        return result.data, result.without("USA", draws=2, work=work).data

    plain = ask(None)
    for work in (Workforce(), Workforce(threads=3), kept, kept):
        assert all(a.identical(b) for a, b in zip(plain, ask(work), strict=True))
    assert len(list(tmp_path.rglob("*.npz"))) == 3 + 2


def test_a_settlement_that_is_killed_goes_on_to_the_same_bits(tmp_path):
    """After kill -9 the same command finds what was done and prints the same."""
    folder = tmp_path / "pieces"
    command = [sys.executable, "-m", "detente", "settle", "eurasia-2024", "--draws", "12000",
               "--format", "json"]  # fmt: skip
    keeping = [*command, "--threads", "1", "--pieces", str(folder)]
    with subprocess.Popen(keeping, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and len(list(folder.glob("*/pieces/[0-9]*.npz"))) < 2:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    first = {path: path.stat().st_mtime_ns for path in folder.glob("*/pieces/[0-9]*.npz")}

    def printed(*arguments):
        result = json.loads(subprocess.run(arguments, capture_output=True, check=True).stdout)
        return {**result, "provenance": result["provenance"] | {"command": ""}}

    assert 2 <= len(first) < 12
    assert printed(*command) == printed(*keeping)
    assert first.items() <= {p: p.stat().st_mtime_ns for p in folder.rglob("0*.npz")}.items()
    assert len(list(folder.rglob("0*.npz"))) == 12


def test_other_input_is_other_work():
    """A digest of input tells arrays, names and values apart, and takes equal content for equal."""
    g = build({"AAA": 1.0, "BBB": 2.0})
    again, other = (build({"AAA": 1.0, "BBB": b}) for b in (2.0, 2.5))

    assert input_digest(g.system, [1, 2]) == input_digest(again.system, [1, 2])
    assert input_digest(g.system) != input_digest(other.system)
    assert input_digest(["a", "b"]) != input_digest(["ab"])
    assert input_digest({"a": 1}) != input_digest({"a": 1.0})
