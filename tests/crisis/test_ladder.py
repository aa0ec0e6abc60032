"""The ladder and the maps onto it."""

from __future__ import annotations

import pytest

from detente.crisis.record import ladder
from detente.errors import DataError, UnknownName, UsageError


def test_the_standard_ladder_parts_into_peace_betweenness_and_war():
    """Every rung of the standard ladder is peace, war, or neither."""
    rungs = {*ladder.PEACE, *ladder.BETWEENNESS, ladder.WAR}

    assert set(range(len(ladder.STANDARD))) == rungs


@pytest.mark.parametrize(("code", "rung"), [(0, 1), (1, 2), (7, 3), (13, 4), (18, 4), (21, 5)])
def test_mid_actions_stand_where_the_codebook_puts_them(code, rung):
    """An action of the MID code book has the hostility level that the code book gives."""
    assert rung == ladder.rung_of_mid_action(code)


@pytest.mark.parametrize(
    ("code", "score"), [("190", -10.0), ("057", 8.0), ("0874", 10.0), ("163", -8.0), ("010", 0.0)]
)
def test_goldstein_scores_are_those_of_the_published_table(code, score):
    """Spot checks against the published table, with the leading zeros kept."""
    assert score == ladder.goldstein(code)


@pytest.mark.parametrize(
    ("code", "rung"), [("190", 4), ("138", 2), ("1384", 2), ("130", 1), ("010", 0), ("152", 3)]
)
def test_the_longest_prefix_places_a_cameo_code(code, rung):
    """A finer code inherits the rung of the nearest coarser one in the table."""
    assert rung == ladder.rung_of_cameo(code)


def test_no_single_event_is_a_war():
    """No CAMEO code stands on the highest rung: a war is more than one event."""
    codes = [row["code"] for row in ladder.table("goldstein_cameo")]

    assert max(ladder.rung_of_cameo(code) for code in codes) == ladder.WAR - 1


@pytest.mark.parametrize(
    ("score", "rung"), [(8.0, 0), (-2.0, 1), (-7.0, 2), (-7.2, 3), (-9.0, 4), (-10.0, 4)]
)
def test_goldstein_scores_fall_on_rungs_by_the_cuts(score, rung):
    """A score stands on the highest rung whose cut it reaches."""
    assert rung == ladder.rung_of_goldstein(score)


def test_kahn_has_44_rungs_in_his_order():
    """His ladder begins with the ostensible crisis and ends with insensate war."""
    kahn = ladder.kahn()

    assert (44, "Ostensible crisis", 5) == (len(kahn), kahn.rungs[0], kahn.to_standard(43))


def test_kahns_six_thresholds_part_his_seven_groups():
    """Each lies above the last rung of a group."""
    found = ladder.kahn_thresholds()
    groups = [row["group"] for row in ladder.table("kahn")]

    assert [3, 9, 20, 25, 31, 38] == list(found.values())
    assert ("Don't Rock the Boat", "City Targeting") == (next(iter(found)), list(found)[-1])
    assert all(groups[k - 1] != groups[k] for k in found.values())


def test_a_ladder_is_read_from_a_file(tmp_path):
    """A JSON object of rungs is a ladder; anything else is refused with what is wanted."""
    file = tmp_path / "three.json"
    file.write_text('{"peace": 0, "crisis": 3, "war": 5}', encoding="utf-8")
    mine = ladder.read_ladder(file)

    assert ("three", (0, 3, 5)) == (mine.name, mine.standard)
    for text in ("[1]", '{"a": "b"}', "{"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(DataError):
            ladder.read_ladder(file)
    file.write_text('{"war": 9}', encoding="utf-8")
    with pytest.raises(UsageError, match="from 0 to 5"):
        ladder.read_ladder(file)


def test_a_ladder_that_falls_on_the_way_up_is_refused():
    """A user's ladder whose higher rung stands lower is a mistake, and is named."""
    with pytest.raises(UsageError, match="higher rung"):
        ladder.user_ladder("odd", {"peace": 0, "war": 5, "crisis": 3})


def test_an_unknown_code_is_refused():
    """A code that is in no table has no rung."""
    with pytest.raises(UnknownName):
        ladder.rung_of_cameo("99")
    with pytest.raises(UnknownName):
        ladder.rung_of_mid_action(22)
