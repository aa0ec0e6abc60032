"""Claims as data: who asserts, who denies, what rests on one source, and what enters a scenario."""

from __future__ import annotations

import csv
import json
import shutil

import pytest
from click.testing import CliRunner

import detente as dt
from detente.architecture.package.finding import SCENARIOS
from detente.cli.claims import claims as claims_command
from detente.cli.claims import review as review_command
from detente.cli.claims import why as why_command
from detente.errors import DataError, UnknownName, UsageError
from detente.evidence.testimony.claim import UNCERTAIN, Claim, as_csv
from detente.evidence.testimony.matching import proposed
from detente.evidence.testimony.reasons import Reasons, grounds
from detente.evidence.testimony.reviewing import (
    ACCEPTED,
    CHECKED,
    REJECTED,
    enter,
    open_review,
    run_review,
    write_patch,
)
from detente.reporting.testimony.wording import named


@pytest.fixture(scope="module")
def g():
    """The flagship scenario."""
    return dt.load("eurasia-2024")


# --- asking ------------------------------------------------------------------------------------


def test_the_claims_of_the_scenario_follow_the_rules(g):
    """All 68 are there; scare quotes are mixed, and nobody denies what nobody asserted."""
    rows = {row["claim"]: row for row in g.tables["claims"].iter_rows(named=True)}

    assert 68 == len(rows)
    assert {"mixed"} == {rows[key]["mode"] for key in ("q08", "q12", "q28", "q64")}
    assert {"q44", "q45"} == {key for key, row in rows.items() if row["stance"] == "denies"}
    assert not [row for row in rows.values() if row["hedge"] == "indicated"]


def test_every_statement_keeps_its_speaker(g):
    """Claims, attributions and positions are listed together, each with who answers for it."""
    rows = dt.claims(g).statements()

    tables = g.tables
    expected = sum(tables[name].height for name in ("claims", "attributions", "contested"))
    assert expected == len(rows)
    assert all(row.who and row.stance for row in rows)


def test_a_speaker_is_found_by_code_and_by_a_part_of_the_name(g):
    """A code finds its statements in all tables, a name those of its chain."""
    by_code = dt.claims(g, who="MDA").statements()
    by_name = dt.claims(g, who="crooke").statements()

    assert {"MDA"} == {row.code for row in by_code}
    assert 68 == len(by_name)


def test_what_is_denied_comes_with_what_it_denies(g):
    """Of one incident, a denial and the assertion that it contradicts are listed together."""
    rows = dt.claims(g, event="i20240623_1", denied=True).statements()

    assert {"asserts", "denies"} <= {row.stance for row in rows}
    assert {"USA"} == {row.about for row in rows}


def test_matters_say_who_asserts_who_denies_and_since_when(g):
    """One row an event and actor; the first day on record is the earliest of its statements."""
    row = (
        dt.claims(g, event="i20240623_1").matters().filter(about="USA").to_dicts()[0]
    )  # fmt: skip

    assert "USA" in row["denied_by"]
    assert "RUS" in row["asserted_by"]
    assert "2024-06-23" == row["since"]


def test_what_rests_on_a_single_source(g):
    """An event is listed if its row and all that is said of it name the same source."""
    frame = dt.claims(g).single_source()
    listed = set(frame["event"])

    incidents = dict(g.tables["incidents"].select("incident", "source").iter_rows())
    said = {}
    for event, source in g.tables["attributions"].select("incident", "source").iter_rows():
        said.setdefault(event, set()).add(source)
    for event in set(incidents) & listed:
        assert said.get(event, set()) <= {incidents[event]}
    assert "i20240623_1" not in listed


def test_where_a_row_and_its_claims_part(g):
    """A row that names an initiator who is denied to have acted is told."""
    frame = dt.claims(g).parted()

    initiators = dict(g.tables["incidents"].select("incident", "initiator").iter_rows())
    assert frame.height
    assert all(initiators[row["event"]] in row["reason"] for row in frame.to_dicts())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"who": "nobody at all"}, "speaker"),
        ({"about": "ZZZ"}, "actor"),
        ({"event": "i1"}, "event"),
    ],
)
def test_unknown_names_are_told(g, wrong, message):
    """A speaker, actor or event that is not there is an error that says so."""
    with pytest.raises(UnknownName, match=f"unknown {message}"):
        dt.claims(g, **wrong)


def test_the_grounds_of_a_row(g):
    """Its source, who asserts it, who denies it, and who is silent."""
    (row,) = grounds(g, "incidents", "i20240623_1")
    text = row.as_text()

    assert {"denied by:", "asserted by:", "silent:"} <= set(text.splitlines())
    assert 2 == len(grounds(g, "contested", "crimea"))
    assert "No claim on record" in grounds(g, "states", "MDA")[0].as_text()
    with pytest.raises(UnknownName, match="row of states"):
        grounds(g, "states", "ZZZ")


def test_a_saved_answer_answers_as_before(g, tmp_path):
    """Statements come back from a file, and so do the views on them."""
    result = dt.claims(g, event="i20240623_1")
    result.save(tmp_path / "claims.nc")
    opened = dt.open(tmp_path / "claims.nc")

    assert result.statements() == opened.statements()
    assert result.to_dict() == opened.to_dict()


def test_a_match_is_proposed_with_its_reason(g):
    """Shared telling words and a shared actor; nothing is proposed without either."""
    words = "Retaliatory measures will certainly follow, the ministry told the ambassador"
    found, none = proposed(
        [
            Claim("c1", 1, 0, 9, "", "quoted", ("A",), claim=words, actors=("RUS", "USA")),
            Claim("c2", 1, 0, 9, "", "quoted", ("A",), claim=words, actors=("BTN",)),
        ],
        g,
        "2024-06-30",
    )

    assert ("s20240624_1", "partial") == (found.matched_id, found.match)
    assert "proposed: shares" in found.note
    assert ("", "none") == (none.matched_id, none.match)


def test_an_unknown_event_brings_the_nearest_ones(g):
    """Of an event and of a row several near names are offered, not one."""
    with pytest.raises(UnknownName, match=r"Did you mean '\S+' or '\S+' or '\S+'\?"):
        dt.claims(g, event="i20240623")
    with pytest.raises(UnknownName, match=r"Did you mean '\S+' or '\S+' or '\S+'\?"):
        grounds(g, "incidents", "i20240623_9")


def test_an_unknown_table_brings_all_tables(g):
    """Whoever asks for a table that is not there reads which are, near name or none."""
    for wrong in ("foo", "incident"):
        with pytest.raises(UnknownName) as caught:
            grounds(g, wrong, "x")
        assert all(name in str(caught.value) for name in g.tables)


def test_an_unknown_row_shows_what_a_row_is_called(g):
    """Where nothing is near, a key of the table is given; an empty table says so."""
    with pytest.raises(UnknownName, match="named by state, such as "):
        grounds(g, "states", "?")
    with pytest.raises(UnknownName, match="has no row here"):
        grounds(dt.load("europe-1936"), "claims", "q01")
    with pytest.raises(UnknownName, match="No statement of anybody"):
        dt.claims("two-blocs", who="X")


def test_every_row_is_found_by_the_name_it_is_given(g):
    """In each table the first row's printed key asks for that row again, without a None in it."""
    for name, frame in g.tables.items():
        if frame.height:
            key = Reasons(g).key(name)
            first = "/".join("" if c is None else str(c) for c in frame.select(key).row(0))
            printed = grounds(g, name, first)[0].row
            assert "None" not in printed
            assert printed in {one.row for one in grounds(g, name, printed)}


def test_one_statement_is_not_counted_in_the_plural(g):
    """A single denial of a single speaker is counted as such."""
    said = dt.claims(g, who="RUS", event="i20220302_1").reading

    assert said.startswith("1 statement of 1 speaker, 0 of them denials.")


def test_the_page_of_matters_gives_names_alone(g):
    """A cell with several speakers names each as a cell with one does."""
    assert "Ukraine, OSCE" == named("UKR, OSCE", {"UKR": "Ukraine"})
    assert "Ukraine, Russia" == named("UKR;RUS", {"UKR": "Ukraine", "RUS": "Russia"})


# --- reviewing ---------------------------------------------------------------------------------


def _claim(number: int, chain: tuple[str, ...] = ("A", "Queria"), **cells) -> Claim:
    return Claim(
        f"c{number}", (number + 1) // 2, number * 10, number * 10 + 9, f"claim {number}",
        "paraphrased", chain, claim=f"claim {number}", source="letter", **cells,
    )  # fmt: skip


@pytest.fixture
def file(tmp_path):
    """A file of four claims in two paragraphs; of the second the speaker is uncertain."""
    path = tmp_path / "claims.csv"
    claims = [_claim(1), _claim(2, note=f"{UNCERTAIN}: he"), _claim(3), _claim(4, actors=("XYZ",))]
    path.write_text(as_csv(claims), encoding="utf-8")
    return path


def _press(review, keys: str, lines=()) -> list[str]:
    shown: list[str] = []
    pressed, typed = iter(keys), iter(lines)
    run_review(review, lambda: next(pressed, ""), lambda prompt: next(typed), shown.append)
    return shown


def test_a_review_can_be_left_and_taken_up_again(file):
    """Decisions are kept after every key; the next time only the rest is shown."""
    _press(open_review(file), "arq")
    again = open_review(file)

    assert {"c1": ACCEPTED, "c2": REJECTED} == again.decided
    assert ["c3", "c4"] == [claim.claim_id for claim in again.open_claims]


def test_claims_of_uncertain_speakers_are_never_accepted_in_bulk(file):
    """Accepting a paragraph leaves the uncertain claim to be read by itself."""
    review = open_review(file)
    shown = _press(review, "pq")

    assert {"c1": ACCEPTED} == review.decided
    assert any("1 of uncertain speakers" in line for line in shown)


def test_a_chain_can_be_corrected_and_a_decision_taken_back(file):
    """The corrected chain is what enters; back opens the claim before again."""
    review = open_review(file)
    _press(review, "acq", ["A > Halvern > Queria"])

    assert ("A", "Halvern", "Queria") == review.accepted()[1].speaker_chain
    _press(review, "bq")
    assert ["c1"] == sorted(review.decided)
    with pytest.raises(UsageError, match="begins with the author"):
        review.correct(review.claims[0], ["Halvern"])


def test_the_last_decision_of_a_whole_review_can_be_taken_back(file):
    """When all is read, --back opens the last claim again; with nothing decided it says so."""
    run = CliRunner().invoke
    nothing = run(review_command, [str(file), "--back"])
    run(review_command, [str(file)], input="aaaa")
    again = run(review_command, [str(file), "--back"], input="r")

    assert isinstance(nothing.exception, UsageError)
    assert 0 == again.exit_code
    assert REJECTED == open_review(file).decided["c4"]


def test_a_folder_that_cannot_be_written_is_told_by_the_name_of_the_file(file, monkeypatch):
    """Neither writing nor removing works there; the one complaint names the file asked for."""

    def refused(*_, **__):
        raise OSError(30, "Read-only file system")

    review = open_review(file)
    monkeypatch.setattr("pathlib.Path.write_text", refused)
    monkeypatch.setattr("pathlib.Path.unlink", refused)
    with pytest.raises(UsageError, match=r"claims\.review\.csv: cannot be written"):
        review.decide(review.claims[0], ACCEPTED)


def test_a_claim_that_changed_is_read_again(file):
    """A decision on other words is not taken over."""
    _press(open_review(file), "aaaa")
    file.write_text(file.read_text(encoding="utf-8").replace("claim 3", "claim three"), "utf-8")

    assert ["c3"] == [claim.claim_id for claim in open_review(file).open_claims]


def test_numbers_that_stand_twice_are_refused(tmp_path):
    """A decision needs a claim of its own."""
    path = tmp_path / "claims.csv"
    path.write_text(as_csv([_claim(1), _claim(1)]), encoding="utf-8")

    with pytest.raises(DataError, match="stands twice"):
        open_review(path)


def test_nothing_enters_a_scenario_unread_and_then_claims_alone_do(file, tmp_path):
    """Unread claims stop the entry; after it no table but claims and sources has changed."""
    folder = tmp_path / "scenario"
    shutil.copytree(SCENARIOS / "two-blocs", folder)
    before = dt.load(folder)
    review = open_review(file)
    _press(review, "aq")
    with pytest.raises(UsageError, match="3 claims are still unread"):
        enter(review, folder)
    _press(review, "aar")
    assert 3 == enter(review, folder, document="A letter")
    after = dt.load(folder)

    changed = {name for name in after.tables if not after.tables[name].equals(before.tables[name])}
    assert {"claims", "sources"} == changed
    entered = after.tables["claims"].to_dicts()
    assert ["letter.c1", "letter.c2", "letter.c3"] == [row["claim"] for row in entered]
    assert entered[1]["note"].startswith(CHECKED)
    with pytest.raises(UsageError, match="was entered before"):
        enter(review, folder)


def test_the_patch_holds_the_accepted_rows(file):
    """Written beside the claims, in the columns of the scenario's table."""
    review = open_review(file)
    _press(review, "arar")
    with write_patch(review).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert ["letter.c1", "letter.c3"] == [row["claim"] for row in rows]
    assert {"proposition", "speaker_chain", "source"} <= set(rows[0])


# --- the commands ------------------------------------------------------------------------------


def test_the_commands_answer(file, tmp_path):
    """Each command prints its answer; a review with claims left ends with code 1."""
    run = CliRunner().invoke
    listed = run(claims_command, ["eurasia-2024", "--event", "i20240623_1", "--format", "json"])
    single = run(claims_command, ["eurasia-2024", "--single", "--format", "csv"])
    asked = run(why_command, ["eurasia-2024", "incidents", "i20240623_1", "--format", "json"])
    left = run(review_command, [str(file)], input="aq")
    done = run(review_command, [str(file)], input="a r a")

    assert "statements" in json.loads(listed.stdout)
    assert single.stdout.startswith("event,source")
    assert "RUS" in {row["who"] for row in json.loads(asked.stdout)[0]["statements"]}
    assert 1 == left.exit_code
    assert "1 accepted, 0 rejected, 3 unread" in left.stdout
    assert 0 == done.exit_code
    assert "3 accepted, 1 rejected, 0 unread" in done.stdout


def test_reading_from_the_command_line(reader, tmp_path):
    """The file of claims is written for the review; the same text gives the same claims."""
    from detente.cli.claims import read as read_command

    article, target = tmp_path / "a.txt", tmp_path / "c.csv"
    article.write_text("Georgia said that the bridge had collapsed.", encoding="utf-8")
    run = CliRunner().invoke
    done = run(read_command, [str(article), "--speaker", "A", "--out", str(target)])
    printed = run(read_command, [str(article), "--speaker", "A", "--format", "csv"])
    asked = run(read_command, [str(article), "--scenario", "eurasia-2024", "--format", "json"])

    assert (0, 0, 0) == (done.exit_code, printed.exit_code, asked.exit_code)
    assert target.read_text(encoding="utf-8") == printed.stdout
    assert "A > Georgia" == open_review(target).claims[0].row()["speaker_chain"]
    assert "GEO" in json.loads(asked.stdout)["claims"][0]["actors"]


def test_the_author_is_one_speaker():
    """A name that a file of claims would read as a chain is refused before anything is read."""
    with pytest.raises(UsageError, match="parts speakers"):
        dt.read("Norway denied it.", speaker="A > B")


def test_the_pages_say_who_speaks(reader, g, tmp_path):
    """Every claim stands on the page with its chain; no page asks the network for anything."""
    read = dt.read("He said that Georgia lied.\n\nNorway denied it.", g, speaker="A")
    first = read.report(tmp_path / "read.html").read_text(encoding="utf-8")
    asked = dt.claims(g, event="i20240623_1")
    second = asked.report(tmp_path / "claims.html").read_text(encoding="utf-8")

    assert "speaker uncertain" in first
    assert all(claim.text_span in first for claim in read.claims())
    assert "detente why eurasia-2024" in second
    assert "no weight of truth" in second


def test_the_page_of_a_crisis_says_how_to_ask_why_a_row_is_there(g):
    """Beside every incident stands the command that opens its source and its claims."""
    from detente.reporting.crisis import record
    from detente.reporting.page.render import render

    page = render(record.page(g))

    incidents = g.tables["incidents"]["incident"]
    assert all(f"detente why {g.name} incidents {incident}" in page for incident in incidents)
