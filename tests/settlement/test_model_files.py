"""Cases of KTAB and GMCR+ as files: read whole, or refused with every fault."""

from __future__ import annotations

import json

import numpy as np
import pytest

from detente.errors import DataError, UsageError
from detente.reproduce.tables import rows
from detente.settlement import read_gmcr, read_ktab, spatial, stability

ELMIRA = {
    "options": [
        {"name": "Modify", "permittedDirection": "fwd"},
        {"name": "Delay", "permittedDirection": "back"},
        {"name": "Accept", "permittedDirection": "both"},
        {"name": "Abandon", "permittedDirection": "fwd"},
        {"name": "Insist", "permittedDirection": "both"},
    ],
    "infeasibles": [
        [[1, "Y"], [2, "Y"]],
        [[1, "Y"], [3, "Y"]],
        [[2, "Y"], [3, "Y"]],
        [[1, "N"], [2, "N"], [3, "N"]],
    ],
    "useManualPreferenceRanking": True,
    "decisionMakers": [
        {
            "name": "Ministry",
            "options": [0],
            "preferences": [],
            "preferenceRanking": [9, 3, 4, 10, 7, 1, 2, 8, [11, 5, 6, 12]],
        },
        {
            "name": "Plant",
            "options": [1, 2, 3],
            "preferences": [],
            "preferenceRanking": [1, 4, 10, 7, [5, 11, 6, 12], 2, 3, 9, 8],
        },
        {
            "name": "Local government",
            "options": [4],
            "preferences": [],
            "preferenceRanking": [9, 3, 7, 1, 10, 8, 4, 2, [11, 5, 12, 6]],
        },
    ],
}


def test_a_ktab_file_gives_the_reference_run(tmp_path):
    """Written as KTAB writes it and read again, the reference case plays its ten turns."""
    path = tmp_path / "case.csv"
    lines = ["A case, from the reference run, 7, 3,", "Actor,Description,Power,P1,S1,P2,S2,P3,S3,"]
    for row in rows("ktab_reference_run_1"):
        figures = ", ".join(
            row[f"{what}_{k}"] for k in (1, 2, 3) for what in ("position", "salience")
        )
        lines.append(f"Actor-{row['actor']}, somebody, {row['influence']}, {figures},")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    case = read_ktab(path)
    run = spatial(case.position, case.salience, case.influence)

    assert case.names[0] == "Actor-0"
    assert case.dimensions == ("P1", "P2", "P3")
    assert len(run.position) - 1 == 10
    assert 100 * run.position[-1][0] == pytest.approx([78.56, 31.76, 74.05])


def test_every_fault_of_a_ktab_file_is_told(tmp_path):
    """A word for a number, a position off the scale, too much attention, a missing actor."""
    path = tmp_path / "case.csv"
    path.write_text(
        "A case,words,3,1\nActor,Description,Influence,Position,Salience\n"
        "A,,ten,50,50\nB,,10,150,120\n",
        encoding="utf-8",
    )

    with pytest.raises(DataError) as caught:
        read_ktab(path)

    told = str(caught.value)
    for words in ("'ten' is no number", "row 4", "150 is beyond", "sum to 120", "3 actors"):
        assert words in told
    with pytest.raises(UsageError, match="no file"):
        read_ktab(tmp_path / "absent.csv")


def test_a_gmcr_file_gives_the_known_equilibria(tmp_path):
    """Elmira's twelve states: insisting on the delay, the modified acceptance, and abandonment."""
    path = tmp_path / "elmira.gmcr"
    path.write_text(json.dumps(ELMIRA), encoding="utf-8")

    case = read_gmcr(path)
    stable = stability(case.moves, case.preference)

    assert len(case.states) == 12
    assert case.states[0] == "NYNNN"
    assert case.parties == ("Ministry", "Plant", "Local government")
    abandoned = {k for k, state in enumerate(case.states) if state[3] == "Y"}
    kept = {case.states[k] for k in stable.equilibria("R") if k not in abandoned}
    assert kept == {"NYNNY", "YNYNY"}
    assert abandoned <= set(stable.equilibria("SEQ"))


def test_preferences_by_priority_rank_the_states(tmp_path):
    """Without a typed ranking, an earlier statement outweighs all later ones."""
    path = tmp_path / "two.gmcr"
    both = {"name": "x", "permittedDirection": "both"}
    case = {
        "options": [both, both],
        "infeasibles": [],
        "decisionMakers": [
            {"name": "A", "options": [0], "preferences": [[[0, "Y"]], [[1, "N"]]]},
            {
                "name": "B",
                "options": [1],
                "preferences": [{"compound": True, "members": [[[0, "Y"], [1, "Y"]], [[0, "N"]]]}],
            },
        ],
    }
    path.write_text(json.dumps(case), encoding="utf-8")

    read = read_gmcr(path)

    assert read.states == ("NN", "YN", "NY", "YY")
    assert read.preference == [[1, 3, 0, 2], [[0, 2, 3], 1]]
    assert read.moves[0] == {(0, 1), (1, 0), (2, 3), (3, 2)}
    assert np.array(list(stability(read.moves, read.preference).values())).shape == (4, 2, 4)


def test_another_file_is_no_conflict(tmp_path):
    """The message names the file, and no traceback comes out."""
    path = tmp_path / "x.gmcr"
    path.write_text("{}", encoding="utf-8")

    with pytest.raises(DataError, match=r"x\.gmcr: no GMCR\+ conflict"):
        read_gmcr(path)
