"""The tables of the model on the command line, and a simulation on a ladder of one's own."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from detente.cli.crisis import crisis
from detente.crisis.model.parameter_file import read_caution, write_parameters
from detente.crisis.model.settings import parameters
from detente.crisis.record import ladder


def run(*arguments):
    """Return what a command of the crisis prints."""
    out = CliRunner().invoke(crisis, arguments)
    assert 0 == out.exit_code, out.output
    return out.stdout


def test_every_parameter_is_listed_with_its_source():
    """The table has all of them, in the order of the file, and none without a source."""
    rows = json.loads(run("parameters", "--format", "json"))

    assert [p.name for p in parameters()] == [row["parameter"] for row in rows]
    assert all(row["source"] and row["meaning"] and row["unit"] for row in rows)


def test_the_ladder_is_shown_with_its_parts():
    """Six rungs: two of peace, three between, one of war."""
    rows = json.loads(run("ladder", "--format", "json"))

    assert list(ladder.STANDARD.rungs) == [row["name"] for row in rows]
    assert ["peace"] * 2 + ["between peace and war"] * 3 + ["war"] == [row["part"] for row in rows]


@pytest.mark.parametrize(
    ("scale", "name"),
    [("mid", "mid_actions"), ("cameo", "cameo_rungs"), ("goldstein", "goldstein_cuts"),
     ("kahn", "kahn")],
)  # fmt: skip
def test_other_scales_are_shown_as_they_are_used(scale, name):
    """What is printed is the table by which codes find their rung."""
    assert list(ladder.table(name)) == json.loads(run("ladder", "--map", scale, "--format", "json"))
    assert "on the ladder of MID hostility" in run("ladder", "--map", scale)


def test_a_simulation_is_seen_on_a_ladder_of_ones_own(tmp_path):
    """``--ladder`` adds the chance of each of its rungs, in every format."""
    file = tmp_path / "three.json"
    file.write_text(json.dumps({"peace": 0, "crisis": 3, "war": 5}), encoding="utf-8")
    given = ("simulate", "two-blocs", "--replicas", "50", "--ladder", str(file))

    assert "Chance of reaching each rung of three" in run(*given)
    assert run(*given, "--format", "csv").startswith("dyad,peace,crisis,war\n")
    assert 1.0 == json.loads(run(*given, "--format", "json"))["ladder"][0]["peace"]


def test_a_file_without_a_caution_has_none(tmp_path):
    """Parameters that nobody warned of are used in silence."""
    file = write_parameters(tmp_path / "p.json", {"excitation.own": 0.4}, {"events": []})
    bare = tmp_path / "bare.json"
    bare.write_text('{"excitation.own": 0.4}', encoding="utf-8")

    assert ("", "") == (read_caution(file), read_caution(bare))
