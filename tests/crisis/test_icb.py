"""Crises of the International Crisis Behavior project: kept, as incidents, and in a calibration."""

from __future__ import annotations

import itertools

import pytest
from click.testing import CliRunner

from detente.cli import cli
from detente.crisis.calibration.dispute_tables import read_disputes
from detente.crisis.calibration.events import read_events
from detente.errors import DataError
from detente.evidence.datasets import store

ACTORS = ["icb2", "crisno", "cracid", "actor", "crisname", "yrtrig", "motrig", "datrig", "yrterm",
          "moterm", "daterm", "triggr", "trigent", "viol", "usinv"]  # fmt: skip
ROWS = [
    [
        "1",
        "901",
        "750",
        "IND",
        "INVENTED",
        "1971",
        "3",
        "5",
        "1971",
        "4",
        "1",
        "9",
        "770",
        "3",
        "1",
    ],
    [
        "2",
        "901",
        "770",
        "PAK",
        "INVENTED",
        "1971",
        "3",
        "9",
        "1971",
        "4",
        "1",
        "7",
        "750",
        "3",
        "1",
    ],
    ["3", "902", "770", "PAK", "OTHER", "1975", "6", "-99", "1975", "7", "2", "1", "750", "1", "1"],
    ["4", "903", "750", "IND", "THIRD", "1980", "1", "2", "1980", "1", "9", "6", "995", "1", "1"],
    ["5", "904", "750", "IND", "FOURTH", "1981", "1", "2", "1981", "1", "9", "1", "997", "1", "1"],
    ["6", "905", "770", "PAK", "FIFTH", "1982", "5", "6", "1982", "6", "1", "1", "750", "2", "1"],
]
"""Invented crises of two states."""
WANTED = [("PAK", "IND", 4), ("IND", "PAK", 3), ("IND", "PAK", 2)]


def variants():
    """Yield the file as programs save it: separators, case, order, marks, further columns."""
    for separator, case, turned, mark in itertools.product(
        (",", "\t", ";"), (str.lower, str.upper, str.title), (False, True), ("-99", "NA", "-99.0")
    ):
        names, rows = [case(name) for name in ACTORS], [list(row) for row in ROWS]
        for row in rows:
            row[:] = [mark if cell == "-99" else cell for cell in row]
        if turned:
            names, rows = names[::-1], [row[::-1] for row in rows]
        yield "\n".join(separator.join(row) for row in (names, *rows)) + "\n"


@pytest.mark.parametrize("text", list(variants()))
def test_actors_of_crises_are_incidents(text, tmp_path):
    """The act that triggered the crisis of an actor is an event from whoever did it."""
    path = tmp_path / "icb2.csv"
    path.write_text(text, encoding="utf-8")
    events = read_events([path])

    assert WANTED == events.table.select("source", "target", "rung").rows()
    assert 3 == sum(events.left_out.values())


def test_both_files_are_kept(tmp_path, monkeypatch):
    """``data add`` keeps crises and actors as what they are."""
    monkeypatch.setenv("DETENTE_DATA", str(tmp_path / "data"))
    path = tmp_path / "icb2v15.csv"
    path.write_text("\n".join(",".join(row) for row in (ACTORS, *ROWS)), encoding="utf-8")
    crises = tmp_path / "icb1v15.csv"
    places = [ACTORS.index(name) for name in ACTORS if name not in ("icb2", "cracid", "actor")]
    once = [row for row in ROWS if row[0] != "2"]
    crises.write_text(
        "\n".join(",".join(row[k] for k in places) for row in (ACTORS, *once)), encoding="utf-8"
    )
    said = CliRunner().invoke(cli, ["data", "add", str(path), str(crises)])

    assert 0 == said.exit_code, said.output
    assert 6 == store.table("icb_actors").height
    assert 5 == store.table("icb_crises").height
    assert 5 == read_disputes(crises).height


def test_actors_calibrate_a_dyad(tmp_path):
    """``calibrate crisis --events`` takes the actors of crises, and says what the file counts."""
    path = tmp_path / "icb2.csv"
    rows = [
        [str(k), str(k), "750", "IND", "X", str(1950 + k), "3", "5", str(1950 + k), "4", "1", "9",
         "770", "3", "1"]
        for k in range(1, 31)
    ]  # fmt: skip
    path.write_text("\n".join(",".join(row) for row in (ACTORS, *rows)), encoding="utf-8")
    said = CliRunner().invoke(
        cli, ["calibrate", "crisis", "--events", str(path), "--dyad", "IND-PAK", "--rung", "4"]
    )

    assert said.exit_code in (0, 1), said.output
    assert "ICB counts crises" in said.output


def test_a_file_of_crises_holds_no_incidents(tmp_path):
    """The file of crises names no actors: refused as events, with what is read."""
    path = tmp_path / "icb1.csv"
    names = ["crisno", "crisname", "yrtrig", "motrig", "datrig", "yrterm", "moterm", "daterm",
             "triggr", "viol"]  # fmt: skip
    path.write_text(",".join(names) + "\n9,X,1971,3,5,1971,4,1,9,3\n", encoding="utf-8")

    with pytest.raises(DataError, match="icb2"):
        read_events([path])
