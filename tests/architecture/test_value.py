"""The architecture as a value: dates, ties, weights, what is missing."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

import detente as dt
from detente.architecture.describe import overview, remarks
from detente.architecture.mapping import TieMapping, defaults
from detente.architecture.state_ties import ties_of
from detente.architecture.system import great_circle
from detente.errors import MissingData, UnknownName, UsageError
from detente.testing import build


@pytest.fixture(scope="module")
def eurasia():
    """The flagship scenario."""
    return dt.load("eurasia-2024")


def test_rows_count_on_the_days_they_are_in_force(eurasia):
    """Sweden is an ally of the United States through NATO from 7 March 2024 on, not before."""
    before = eurasia.on(datetime.date(2024, 3, 6)).ledger
    after = eurasia.on(datetime.date(2024, 3, 7)).ledger

    assert "NATO" not in before.sources("SWE", "USA")
    assert "NATO" in after.sources("SWE", "USA")


def test_a_paper_alliance_counts_when_it_is_switched_on(eurasia):
    """Austria is no ally of Germany by default, and one when its weight in the EU is 1."""
    switched = eurasia.under(eurasia.mapping.weigh({"EU/AUT": 1.0}))

    assert 0 == eurasia.ledger.ally_weight("AUT", "DEU")
    assert 1 == switched.ledger.ally_weight("AUT", "DEU")


def test_a_treaty_that_is_not_in_force_is_left_out_until_it_is_switched_on(eurasia):
    """The Russian-Korean treaty of June 2024 counts only when signed texts do."""
    included = eurasia.under(eurasia.mapping.include("signed_not_in_force"))

    assert 0 == eurasia.ledger.ally_weight("PRK", "RUS")
    assert 1 == included.ledger.ally_weight("PRK", "RUS")


def test_what_is_left_out_is_listed_with_a_reason(eurasia):
    """Every commitment in force either makes a tie or stands in the list with its reason."""
    ledger = eurasia.ledger
    promises = (*ledger.treaties.values(), *ledger.neutral.values())
    forces = set(eurasia.tables["presence"]["presence"])
    counted = {name for entries in promises for name in entries} - forces
    listed = {name for table, name, _ in eurasia.ledger.left_out if table == "commitments"}

    assert set(eurasia.in_force("commitments")["commitment"]) == counted | listed
    assert not counted & listed


def test_a_state_without_a_figure_is_missing_not_zero(eurasia):
    """Palestine has no index of capability: it is named, and no array has a place for it."""
    assert ("PSE",) == eurasia.without_capability
    assert "PSE" not in eurasia.system.codes


def test_the_latest_figure_not_later_than_the_date_counts(eurasia):
    """In 2020 the figure of 2016 stands; that of 2022 is not known yet."""
    earlier = eurasia.on(datetime.date(2020, 1, 1)).capability["RUS"]
    figures = eurasia.tables["capabilities"].filter(
        (pl.col("state") == "RUS") & (pl.col("measure") == "cinc")
    )

    assert figures.filter(pl.col("year") == 2016)["value"].to_list() == [earlier]


def test_a_measure_without_figures_raises(eurasia):
    """An architecture without any figure of capability has no system to look at."""
    with pytest.raises(MissingData, match="no figures of capability"):
        _ = eurasia.on(datetime.date(1900, 1, 1)).system


def test_rows_in_another_order_are_the_same_architecture(eurasia):
    """Content hash and arrays do not depend on the order of rows."""
    shuffled = eurasia.with_tables(
        "", **{name: frame.reverse() for name, frame in eurasia.tables.items()}
    )

    assert eurasia.digest == shuffled.digest
    np.testing.assert_array_equal(eurasia.system.allies, shuffled.system.allies)
    np.testing.assert_array_equal(eurasia.system.capability, shuffled.system.capability)


def test_save_and_load_is_the_same_architecture(tmp_path, eurasia):
    """An architecture written as a package and read again has the same hash and arrays."""
    from detente.architecture.package.tables import write

    again = dt.load(write(eurasia.package(), tmp_path / "copy.zip"))

    assert eurasia.digest == again.digest
    np.testing.assert_array_equal(eurasia.system.rivals, again.system.rivals)


def test_a_changed_scenario_keeps_its_licence_and_documents(tmp_path, eurasia):
    """What is written after a change has the new row, and all else of the package it came from."""
    from detente.architecture.package.tables import read, write

    changed = eurasia.apply(dt.join("UKR", "NATO"))
    again = read(write(changed.package(), tmp_path / "changed"))

    assert eurasia.origin.descriptor["licenses"] == again.descriptor["licenses"]
    assert eurasia.tables["memberships"].height + 1 == again.tables["memberships"].height
    assert [] == dt.diff(changed, dt.load(tmp_path / "changed"))


def test_great_circle_of_known_cities():
    """London to Paris is 344 km, and a quarter of a meridian 10,008 km on the mean sphere."""
    far = great_circle(np.array([51.5074, 48.8566, 0.0, 90.0]), np.array([-0.1278, 2.3522, 0, 0]))

    assert 343.6 == pytest.approx(far[0, 1], abs=1.0)
    assert 10007.5 == pytest.approx(far[2, 3], abs=0.1)


def test_an_unknown_place_makes_unknown_distances():
    """A missing coordinate gives NaN distances to others, never zero."""
    far = great_circle(np.array([0.0, np.nan]), np.array([0.0, 10.0]))

    assert np.isnan(far[0, 1])
    assert 0 == far[1, 1]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"rivalry.threshold": 9.0}, UsageError, "outside 1 to 5"),
        ({"rivalry.treshold": 3.0}, UnknownName, "Did you mean 'rivalry.threshold'"),
        ({"weight.kind.defense": float("nan")}, UsageError, "outside"),
    ],
)
def test_a_mapping_refuses_what_it_cannot_mean(change, error, message):
    """Unknown parameters and values out of range are refused with a reason."""
    with pytest.raises(error, match=message):
        TieMapping().update(change)


def test_weights_are_refused_outside_zero_and_one_and_for_unknown_names():
    """A weight is a share, of an organisation or member that is there."""
    g = build({"AAA": 1, "BBB": 1}, organisations={"PACT": ["AAA"]})

    with pytest.raises(UsageError, match="between 0 and 1"):
        TieMapping().weigh({"PACT": 2.0})
    with pytest.raises(UnknownName, match="Did you mean 'PACT'"):
        g.under(TieMapping().weigh({"PICT": 1.0}))


def test_the_mapping_says_what_differs_from_the_defaults():
    """Only what was changed is listed as changed."""
    changed = TieMapping().set(rivalry__threshold=2).weigh({"EU": 0.0}).changed()

    assert {"rivalry.threshold": 2, "weight of EU": 0.0} == changed
    assert 3 == defaults()["rivalry.threshold"]


def test_every_tie_of_a_state_names_its_source(eurasia):
    """Whoever asks for a state's ties learns for each through what, and who says so."""
    rows = ties_of(eurasia, "UKR")

    assert ("RUS", "rival") in {(row["with"], row["counts_as"]) for row in rows}
    assert all(row["source"] for row in rows)


def test_the_overview_counts_what_the_arrays_hold(eurasia):
    """The number of allied pairs told to the reader is the number in the ledger."""
    said = overview(eurasia)

    assert said["states"] == len(eurasia.codes)
    assert said["rival pairs"] == sum(
        eurasia.ledger.tie(a, b).rival for a, b in eurasia.ledger.pairs()
    )


def test_arrays_cannot_be_changed_behind_the_back(eurasia):
    """What a lens is handed is read-only, so that the content hash stays true."""
    with pytest.raises(ValueError, match="read-only"):
        eurasia.system.allies[0, 1] = 5.0


def test_architectures_are_values(eurasia):
    """Equal content is equal, whether loaded again or sent to another process."""
    import pickle

    again = pickle.loads(pickle.dumps(eurasia.apply(dt.join("UKR", "NATO"))))

    assert dt.load("eurasia-2024") == eurasia
    assert again == eurasia.apply(dt.join("UKR", "NATO"))
    assert again != eurasia
    assert 2 == len({eurasia, dt.load("eurasia-2024"), again})
    assert again.mapping == eurasia.mapping


def test_diff_tells_rows_and_ties():
    """A change shows up as the row it adds and the tie it makes."""
    g = build({"AAA": 1, "BBB": 2}, organisations={"PACT": ["AAA"]})

    found = {(d.table, d.key) for d in dt.diff(g, g.apply(dt.join("BBB", "PACT")))}

    assert {
        ("memberships", "PACT / BBB / member / 2024-06-30"),
        ("ties", "AAA-BBB"),
    } == found
    assert [] == dt.diff(g, g)


def test_a_later_day_than_the_scenario_is_remarked_upon(eurasia):
    """A scenario records nothing after its own day, so a later one is no forecast, and says so."""
    (remark,) = remarks(eurasia.on(datetime.date(2100, 1, 1)))

    assert "made for 30 June 2024 and looked at on 1 January 2100" in remark
    assert "figures of capability are of 2022" in remark
    assert "no forecast" in remark


def test_an_earlier_day_than_the_scenario_is_remarked_upon():
    """What had ended before the scenario's day may be missing; undated rows count as begun."""
    g = build({"AAA": 1.0, "BBB": 2.0}, allies=[("AAA", "BBB")])
    commitments = g.tables["commitments"].with_columns(start=pl.lit(None, dtype=pl.Date))
    (remark,) = remarks(
        g.with_tables("", commitments=commitments).on(g.date - datetime.timedelta(days=1))
    )

    assert "may be missing" in remark
    assert "rows without a known first day count as begun" in remark


def test_the_own_day_of_a_scenario_needs_no_remark(eurasia):
    """Nothing is said where there is nothing to say."""
    assert [] == remarks(eurasia)


def test_a_day_before_all_figures_is_refused_with_their_first_year(eurasia):
    """Without a figure there is nothing to compute, and the error says from when on there is."""
    with pytest.raises(MissingData, match="up to 1500; the first are of 2016"):
        _ = eurasia.on(datetime.date(1500, 1, 1)).system
