"""The record: who said what about whom, and when they last spoke."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import detente as dt
from detente.cli.crisis import crisis
from detente.crisis import record, story
from detente.errors import UnknownName, UsageError

STRIKE = "i20240623_1"


@pytest.fixture(scope="module")
def eurasia():
    """The bundled scenario with a record."""
    return dt.load("eurasia-2024")


def test_a_party_is_a_party_according_to_somebody(eurasia):
    """The strike of 23 June 2024 heats two dyads in Moscow's version and one in Washington's."""
    heats = {v.claimant: v.heats for v in record.versions(eurasia, STRIKE)}

    assert (("RUS", "UKR"), ("RUS", "USA")) == heats["RUS"]
    assert (("RUS", "UKR"),) == heats["USA"]
    assert () == heats["UKR"]


def test_a_denial_and_a_silence_are_kept_apart(eurasia):
    """Washington denies targeting and does not comment on the supply of this missile."""
    usa = next(v for v in record.versions(eurasia, STRIKE) if v.claimant == "USA")

    assert ("programmed_or_targeted", "shares_responsibility") == usa.denied["USA"]
    assert ("supplied", "provided_data") == usa.silent["USA"]
    assert ("USA",) == usa.regrets


def test_claimants_differ_where_one_asserts_what_another_denies(eurasia):
    """The targeting of the strike is asserted by Moscow and denied by Washington."""
    found = {(d.actor, d.role): d for d in record.differences(eurasia, STRIKE)}
    targeting = found["USA", "programmed_or_targeted"]

    assert (("RUS",), ("USA",), ()) == (targeting.asserted, targeting.denied, targeting.silent)


def test_a_dyad_shows_incidents_in_which_one_holds_the_other_to_be_a_party(eurasia):
    """The strike belongs to RUS-USA in Moscow's version and not in Washington's."""
    assert STRIKE in set(record.incidents(eurasia, ("RUS", "USA"))["incident"])
    assert STRIKE in set(record.incidents(eurasia, ("RUS", "USA"), "RUS")["incident"])
    assert STRIKE not in set(record.incidents(eurasia, ("RUS", "USA"), "USA")["incident"])


def test_silence_is_counted_from_the_last_use_on_record(eurasia):
    """The ministers' call of 25 June 2024 lies five days before the scenario's date."""
    phone = next(c for c in record.channels(eurasia, ("RUS", "USA")) if c.channel == "phone")

    assert 5 == phone.silence


def test_a_line_that_was_never_used_has_no_silence(eurasia):
    """No use on record is not the same as a long silence."""
    lines = [c for c in record.channels(eurasia, ("NATO", "RUS")) if c.standing == "in_place"]

    assert [(None, None)] == [(c.last_use, c.silence) for c in lines]


def test_nothing_later_than_the_date_is_shown(eurasia):
    """Looked at a day earlier, the strike has not happened."""
    import datetime

    before = eurasia.on(datetime.date(2024, 6, 22))

    assert STRIKE not in set(record.incidents(before)["incident"])
    assert all(c.silence is None or c.silence >= 0 for c in record.channels(before))


def test_the_story_names_every_claimant(eurasia):
    """Each version of the strike is told under its claimant's name."""
    told = story.tell(eurasia, STRIKE)

    assert all(f"According to {v.claimant}:" in told for v in record.versions(eurasia, STRIKE))
    assert "USA denies" not in told.split("According to USA:")[0]


def test_the_strike_is_the_incident_on_which_they_differ_most(eurasia):
    """No other incident has as many contested links."""
    assert STRIKE == story.most_contested(eurasia, None)


@pytest.mark.parametrize(
    ("text", "error"),
    [("RUS", UsageError), ("RUS-RUS", UsageError), ("RUS-XXX", UnknownName)],
)
def test_a_dyad_that_is_none_is_refused(eurasia, text, error):
    """A dyad is two codes of the scenario."""
    with pytest.raises(error):
        record.read_dyad(eurasia, text)


def test_an_unknown_incident_is_refused(eurasia):
    """The identifier of an incident must be on record."""
    with pytest.raises(UnknownName):
        record.versions(eurasia, "i19140628_1")


def test_the_command_tells_the_strike():
    """``detente crisis show`` prints the record with the strike as a story."""
    out = CliRunner().invoke(crisis, ["show", "eurasia-2024", "--dyad", "RUS-USA"])

    assert 0 == out.exit_code
    assert "According to RUS:" in out.output
    assert "days of silence" in out.output


def test_the_command_prints_json_of_one_claimant():
    """Only the versions of the chosen claimant are in the document."""
    out = CliRunner().invoke(
        crisis, ["show", "eurasia-2024", "--claimant", "RUS", "--format", "json"]
    )
    document = json.loads(out.output)

    assert {"RUS"} == {v["claimant"] for told in document["versions"].values() for v in told}


def test_the_command_prints_one_row_an_incident():
    """CSV has the whole record, one row an incident."""
    out = CliRunner().invoke(crisis, ["show", "eurasia-2024", "--format", "csv"])

    assert 180 == len(out.output.strip().splitlines()) - 1


def test_a_scenario_without_a_record_says_so():
    """Two blocs have no incidents on file, and that is no error."""
    out = CliRunner().invoke(crisis, ["show", "two-blocs"])

    assert 0 == out.exit_code
    assert "0 incidents" in out.output


def test_charges_are_counted_by_incident_and_denials_beside(eurasia):
    """An incident in which somebody has several roles counts once."""
    held = record.held(eurasia)
    by_role = record.parties(eurasia, "RUS")
    roles = by_role.filter(by_role["actor"] == "USA")["asserted"].sum()

    assert 0 < held["RUS"]["USA"][0] < roles
    assert held["RUS"]["RUS"][1] > held["RUS"]["RUS"][0]
    assert ("RUS", "UKR") == tuple(held)[:2]


def test_one_claimant_tells_its_own_story(eurasia):
    """With a claimant the others do not speak, and there is no difference to report."""
    text = story.tell(eurasia, STRIKE, "USA")

    assert "According to USA" in text
    assert "According to RUS" not in text
    assert "differ" not in text
    assert "GBR says nothing of it on record." in story.tell(eurasia, STRIKE, "GBR")


@pytest.mark.parametrize("style", ["table", "json"])
def test_an_incident_that_is_not_on_record_is_refused(style):
    """The refusal names what was probably meant."""
    out = CliRunner().invoke(
        crisis, ["show", "eurasia-2024", "--incident", "i20240623", "--format", style]
    )

    assert isinstance(out.exception, UnknownName)


def test_the_text_says_who_is_held_to_be_a_party_by_whom():
    """The table of the command line has the charges of each claimant."""
    out = CliRunner().invoke(crisis, ["show", "eurasia-2024"])

    assert "Who is held to be a party in how many of them" in out.output
    assert "according to" in out.output
