"""The record: who said what about whom, and when they last spoke."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import json

import polars as pl
import pytest
from click.testing import CliRunner

import detente as dt
from detente.cli import crisis_show
from detente.cli.crisis import crisis
from detente.crisis.model.escalation import build
from detente.crisis.record import record, story
from detente.crisis.record.attribution_counts import charges
from detente.crisis.record.casualty_figures import figures
from detente.crisis.record.record import CHAIN
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
    found = {(c.claimant, c.actor): c for c in charges(eurasia)}
    by_role = record.parties(eurasia, "RUS")
    roles = by_role.filter(by_role["actor"] == "USA")["asserted"].sum()

    assert 0 < found["RUS", "USA"].count("asserts") < roles
    assert found["RUS", "RUS"].count("denies") > found["RUS", "RUS"].count("asserts")
    assert {("RUS", "RUS"), ("UKR", "UKR")} == set(list(found)[:2])


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


def texts_of_losses():
    """Return every text on who gives which number of killed in the bundled scenario."""
    found = dt.load("eurasia-2024").tables["incidents"]["fatalities_by_claimant"].drop_nulls()
    return found.to_list()


def test_nothing_is_lost_when_losses_are_read():
    """The parts of every text on record, joined again, are the text."""
    texts = texts_of_losses()

    assert 80 < len(texts)
    assert texts == ["; ".join(map(str, figures(text))) for text in texts]
    assert texts == ["; ".join(map(str, figures(text, {"UN", "RUS", "ISR"}))) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UKR: 3 to 5", [("UKR", "3 to 5", 3, 5)]),
        ("RUS: 20-23; UN: 15", [("RUS", "20-23", 20, 23), ("UN", "15", 15, 15)]),
        ("HRW: at least 58", [("HRW", "at least 58", None, None)]),
        ("RUS denies, blames UKR", [(None, "RUS denies, blames UKR", None, None)]),
        ("", []),
        (None, []),
    ],
)
def test_a_figure_belongs_to_who_gives_it(text, expected):
    """A part without a colon stands whole, and a figure with a qualifier is no number."""
    assert expected == [(f.claimant, f.figure, f.low, f.high) for f in figures(text)]


@pytest.mark.parametrize(
    ("text", "claimant"),
    [
        ("UN verified 11,000+ by mid-2024", "UN"),
        ("RUS denies, blames UKR", "RUS"),
        ("raiders deny", None),
        ("UN and RUS agree on 5", None),
    ],
)
def test_a_known_claimant_at_the_head_of_a_part_is_its_claimant(text, claimant):
    """Where the record has no colon, the words stand whole, and only one leading name counts."""
    (found,) = figures(text, {"UN", "RUS"})

    assert (claimant, text, text) == (found.claimant, found.figure, str(found))


@pytest.mark.parametrize("ask", [story.tell, record.versions, record.differences])
def test_an_incident_after_the_date_is_not_yet_on_record(eurasia, ask):
    """Looked at on an earlier date, the record does not tell what came later."""
    with pytest.raises(UsageError, match=r"not yet on record on 2023-01-01: .* 2024-06-23"):
        ask(eurasia.on(datetime.date(2023, 1, 1)), STRIKE)


def test_a_claim_without_a_date_is_no_older_than_its_incident(eurasia):
    """What is claimed of a later incident counts for nobody, also where the claim has no date."""
    undated = eurasia.tables["attributions"].with_columns(date=pl.lit(None, dtype=pl.Date))
    g = eurasia.with_tables("a test", attributions=undated).on(datetime.date(2023, 1, 1))
    later = g.tables["incidents"].filter(pl.col("date") > g.date)["incident"].to_list()

    assert record.claims(g).height
    assert not set(later) & set(record.claims(g)["incident"])


def test_an_incident_without_a_claim_says_so(eurasia):
    """Nobody's claim is one negation, and a claimant who is silent is named."""
    assert "\nNobody's claim about it is on record.\n" in story.tell(eurasia, "i20240530_1")
    assert "\nUSA says nothing of it on record.\n" in story.tell(eurasia, "i20240530_1", "USA")


def test_an_incident_that_is_a_reason_is_told_with_its_date(eurasia):
    """The rung of RUS-USA rests on an incident, which a reader need not look up."""
    told = story.tell(eurasia, STRIKE)

    assert "incident i20240530_1 (30 May 2024: US lets Ukraine use" in told
    assert "incident nobody knows" == story.explained(eurasia, "incident nobody knows")


@pytest.mark.parametrize(
    ("scenario", "option", "words"),
    [
        ("eurasia-2024", ["--claimant", "FRA"], "Claimants on record: AFG, ARM, AUS,"),
        ("two-blocs", ["--claimant", "FRA"], "No claims are on record in two-blocs"),
        ("eurasia-2024", ["--incident", "foo"], "detente crisis show eurasia-2024 --format csv"),
        ("two-blocs", ["--incident", "foo"], "No incidents are on record in two-blocs"),
    ],
)
def test_who_is_not_on_record_is_answered_with_who_is(scenario, option, words):
    """An unknown claimant or incident is refused with the list, or the way to it."""
    out = CliRunner().invoke(crisis, ["show", scenario, *option])

    assert words in str(out.exception)


def test_the_date_is_said_once(eurasia):
    """A title that has the date, with or without a leading zero, is not dated again."""
    day = datetime.date(2024, 6, 1)
    titles = ("Somewhere on 1 June 2024", "Somewhere on 11 June 2024", "Somewhere")
    expected = (titles[0], *(f"{title}, 01 June 2024" for title in titles[1:]))

    assert expected == tuple(
        crisis_show.titled(dataclasses.replace(eurasia, title=title, date=day)) for title in titles
    )


def test_json_tells_the_model_of_the_incident_that_the_text_tells(eurasia):
    """Without an incident it is the one on which claimants differ most."""
    out = json.loads(
        CliRunner().invoke(crisis, ["show", "eurasia-2024", "--format", "json"]).output
    )
    told = story.most_contested(eurasia, None)

    assert {told: story.in_model(eurasia, told)} == out["in_model"]


def test_the_story_says_who_gives_which_number(eurasia):
    """The range of killed is followed by the claimants with their figures, a line each."""
    told = story.tell(eurasia, STRIKE)

    assert "Killed, over all claims: 4 to 5." in told
    assert "  RUS: 4 (first 5), incl. 2 children\n" in told
    assert "  UKR: no figure\n" in told


def test_every_standing_line_has_its_own_name(eurasia):
    """The lines between two sides are told apart by what they join, not called the same."""
    names = [c.channel for c in record.channels(eurasia, ("RUS", "USA")) if c.kind == "line"]

    assert 6 == len(set(names)) == len(names)
    assert {"chiefs of staff", "heads of intelligence", "defense ministers"} < set(names)


def test_silence_is_a_fact_only_where_an_end_is_coded(eurasia):
    """A lapsed channel is silent since its end; one in routine use is not silent at all."""
    channels = {(c.pair, c.channel): c for c in record.channels(eurasia)}
    lapsed = channels[("RUS", "UKR"), "Normandy format"]
    routine = channels[("IND", "PAK"), "DGMO hotline"]
    talk = channels[("RUS", "USA"), "video summit"]

    since = (eurasia.date - datetime.date(2022, 2, 24)).days
    assert (True, since) == (lapsed.ended, lapsed.silence)
    assert (True, None) == (routine.routine, routine.silence)
    assert not talk.ended


def test_the_longest_silence_comes_first_and_lines_without_a_use_last(eurasia):
    """Channels stand in the order of the days since their last use."""
    days = [c.silence for c in record.channels(eurasia)]
    known = [x for x in days if x is not None]

    assert sorted(known, reverse=True) == days[: len(known)]
    assert {None} == set(days[len(known) :])


def test_everybody_is_no_side_of_a_channel(eurasia):
    """What was said to all other states is no channel between two sides."""
    assert "ALL" not in {code for c in record.channels(eurasia) for code in c.pair}


def test_one_voice_makes_nobody_a_party(eurasia):
    """The charge of a deputy alone is told with its speaker and heats no dyad."""
    attack = "i20240623_2"
    moscow = next(v for v in record.versions(eurasia, attack) if v.claimant == "RUS")
    rows = record.incidents(eurasia)
    shown = rows.filter(rows["incident"] == attack)["held_parties"].item()

    assert () == moscow.heats
    assert (("UKR", "ordered", "Duma deputy Gadzhiyev"),) == moscow.alone
    assert "UKR (RUS: Duma deputy Gadzhiyev only)" == shown
    assert "Duma deputy Gadzhiyev only, on the side of RUS" in story.tell(eurasia, attack)


def test_one_voice_counts_apart(eurasia):
    """A charge of one voice stands behind a sign of its own and in no count of the claimant."""
    charge = next(c for c in charges(eurasia) if (c.claimant, c.actor) == ("RUS", "UKR"))

    assert 1 == charge.count("alone")
    assert "i20240623_2" not in charge.incidents("asserts")
    assert "°1" in charge.signs()


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("Duma deputy X only: services of Y", "Duma deputy X"),
        ("only Ukraine uses Tochka-U", None),
        ("readout mentions lines of communication only", None),
        (None, None),
    ],
)
def test_a_detail_says_whether_one_voice_spoke(detail, expected):
    """Only a detail that begins with who alone speaks is the charge of one voice."""
    assert expected == record.voice(detail)


def test_denied_open_and_regretted_have_signs_of_their_own(eurasia):
    """What a claimant denies, leaves open or regrets is told apart without colour."""
    by_pair = {(c.claimant, c.actor): c for c in charges(eurasia)}

    assert "−" in by_pair["USA", "USA"].signs("programmed_or_targeted")
    assert "?" in by_pair["USA", "USA"].signs("supplied")
    assert "~2" in by_pair["ISR", "ISR"].signs("fired")
    assert "≠" in by_pair["RUS", "USA"].signs("supplied")


def test_regret_is_voiced_by_who_regrets_its_own_act(eurasia):
    """A claimant that regrets what it fired is said to voice regret."""
    told = story.tell(eurasia, "i20240401_2")

    assert "it voices regret." in told.split("According to ISR:")[1]


def test_silences_count_for_every_claimant(eurasia):
    """Each claim on a link of the chain is in exactly one count of its claimant and actor."""
    parties = record.parties(eurasia)
    counted = parties.select("asserted", "denied", "silent", "regretted", "alone")
    chain = record.claims(eurasia)
    chain = chain.filter(chain["role"].is_in(record.CHAIN))

    assert chain.height == sum(counted.sum().row(0))


def test_the_story_says_what_the_model_makes_of_it(eurasia):
    """Rungs and caused incidents are those of the model, computed and not typed."""
    model = build(eurasia, {"excitation.allies": 0.0})
    mean = model.offspring[model.position("RUS-UKR"), model.position("RUS-USA")]
    told = story.tell(eurasia, STRIKE)

    assert f"causes {mean:.3g} others on RUS-USA" in told
    assert f"RUS-USA (now on rung {model.rung[model.position('RUS-USA')]}," in told
    assert f"If RUS is believed, {mean / model.values['attribution.credibility']:.3g};" in told
    assert "USA, UKR, MEDIA, OSINT, UN settle nothing in this" in told


def _caused(g, act, dyad, **kwargs):
    """Return how many incidents one on a dyad causes on another by attribution alone."""
    model = build(g, {"excitation.allies": 0.0, "attribution.credibility": 0.5}, **kwargs)
    return model.offspring.get((model.position(act), model.position(dyad)), 0.0)


@pytest.mark.parametrize(
    ("claimant", "act", "dyad", "factor"),
    [
        ("RUS", "RUS-UKR", "RUS-USA", 2.0),  # charges the USA
        ("USA", "RUS-UKR", "RUS-USA", 1.0),  # denies two roles, leaves supply and data open
        ("UKR", "RUS-UKR", "RUS-USA", 1.0),  # says nothing of the USA
        ("IRN", "RUS-UKR", "IRN-UKR", 0.25),  # denies to have supplied, not its light support
        ("GBR", "RUS-UKR", "GBR-RUS", 1.0),  # denies to have trained, not to have supplied
    ],
)
def test_an_account_that_is_believed_settles_whom_it_charges_and_clears(
    eurasia, claimant, act, dyad, factor
):
    """A charge carries in full; a denial takes away the role denied, and nothing left open."""
    plain = _caused(eurasia, act, dyad)

    assert plain > 0
    assert pytest.approx(factor * plain) == _caused(eurasia, act, dyad, believed=claimant)


def test_whom_a_strike_was_meant_for_is_no_party_to_it(eurasia):
    """The attacker's word on who was hosted at the target charges nobody with the strike."""
    (iran,) = (v for v in record.versions(eurasia, "i20240115_1") if v.claimant == "IRN")

    assert "ISR" not in iran.parties
    assert ("IRQ", "ISR") not in iran.heats
    assert "meant" in iran.other["ISR"]
    assert _caused(eurasia, "IRN-IRQ", "IRQ-ISR", believed="IRN") == 0


def test_where_the_initiator_is_unknown_it_is_whom_the_claimant_says_fired(eurasia):
    """The charge against a supplier then belongs to that pair; without a word on it, to none."""
    moscow = record.accounts(eurasia)["RUS"]

    told = story.in_model(eurasia, "i20240124_1")

    assert any("Who struck is not known" in line and "RUS (by UKR)" in line for line in told)
    assert moscow["UKR", "RUS", "USA"]["supplied"]
    assert not any("UNK" in act[:2] for act in moscow)


def test_who_says_nothing_of_parties_changes_nothing_by_being_believed(eurasia):
    """A claimant that neither charges nor clears a party leaves every figure as it was."""
    accounts = record.accounts(eurasia)
    quiet = {who for who, account in accounts.items() if not any(account.values())}
    plain = build(eurasia)

    assert "IAEA" in quiet
    for who in quiet:
        assert build(eurasia, believed=who).offspring == plain.offspring


def test_an_account_is_what_its_versions_say(eurasia):
    """Over all incidents with an initiator, it charges with exactly the roles of some version."""
    charged, denied, silent = set(), set(), set()
    for row in record.incidents(eurasia).iter_rows(named=True):
        for version in record.versions(eurasia, row["incident"]):
            key = (version.claimant, row["initiator"], row["target"])
            for found, said in (
                (charged, version.parties), (denied, version.denied), (silent, version.silent)
            ):  # fmt: skip
                found |= {(*key, a, r) for a, roles in said.items() for r in roles if r in CHAIN}
    accounts = {
        (who, *act, role): says
        for who, account in record.accounts(eurasia).items()
        for act, roles in account.items()
        for role, says in roles.items()
    }
    of_known = {key for key in charged | denied if key[1] not in record.NOBODY}

    assert charged & of_known <= {key for key, says in accounts.items() if says}
    assert (denied - charged - silent) & of_known <= set(accounts)
    for key, says in accounts.items():
        if key in of_known:
            assert says == (key in charged)
            assert says or key not in silent


def test_an_incident_of_nobody_causes_nothing_in_the_model(eurasia):
    """Where the initiator is unknown there is no dyad whose incidents could cause others."""
    assert not any("causes" in line for line in story.in_model(eurasia, "i20240623_2"))


def shown(*options):
    """Return what the command prints for the bundled scenario."""
    out = CliRunner().invoke(crisis, ["show", "eurasia-2024", *options])
    assert 0 == out.exit_code
    return out.output


def test_signals_of_a_dyad_are_listed_newest_first():
    """The text has the signals between two sides, and says how many it leaves out."""
    text = shown("--dyad", "RUS-USA", "--last", "5").split("\nSignals")[1].split("\n\n")[0]
    days = [line[:10] for line in text.splitlines() if line.startswith("20")]

    assert "(5 of 34, the newest; --last 34 lists all)" in text
    assert sorted(days, reverse=True) == days
    assert "2024-06-28" == days[0]


def test_every_list_of_the_text_says_what_it_leaves_out():
    """Incidents, claimants, channels and signals each state how many rows there are."""
    text = shown()

    assert 4 == text.count("lists all)")
    assert "the longest silence; --last" in text


def test_csv_of_an_incident_has_a_row_a_claim_and_a_figure(eurasia):
    """With an incident, CSV has its claims in their own terms, and who gives which number."""
    rows = list(csv.DictReader(shown("--incident", STRIKE, "--format", "csv").splitlines()))
    parts = [row for row in rows if row["about"] == "part"]

    assert record.claims(eurasia, STRIKE).height == len(parts)
    assert [
        ("RUS", "4 (first 5), incl. 2 children"),
        ("", "151-153 injured"),
        ("UKR", "no figure"),
    ] == [(row["claimant"], row["detail"]) for row in rows if row["about"] == "killed"]


def test_json_has_figures_by_claimant_and_the_model_of_one_incident():
    """Each incident carries its figures, and the incident asked for what the model makes of it."""
    document = json.loads(shown("--incident", STRIKE, "--format", "json"))
    row = next(row for row in document["incidents"] if row["incident"] == STRIKE)

    assert ["RUS", None, "UKR"] == [one["claimant"] for one in row["fatalities"]]
    assert any("RUS-USA" in line for line in document["in_model"][STRIKE])
    assert {STRIKE} == set(document["versions"])


def test_the_page_tells_the_incident_that_was_asked_for(tmp_path):
    """With an incident the page begins with its story, not with that of another."""
    path = tmp_path / "x.html"
    shown("--incident", "i20240607_1", "--report", str(path))
    text = path.read_text(encoding="utf-8")

    assert "Luhansk" in text.split('class="lead">')[1].split("</p>")[0]
    assert "One incident as each side tells it" in text.split('id="section-2"')[0]


def test_an_unknown_incident_writes_no_page(tmp_path):
    """What is not on record is refused before a page is written."""
    path = tmp_path / "x.html"
    options = ["show", "eurasia-2024", "--incident", "i19140628_1", "--report", str(path)]
    out = CliRunner().invoke(crisis, options)

    assert isinstance(out.exception, UnknownName)
    assert not path.exists()
