"""The command line: what each command prints, what it refuses, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest

import detente as dt
from detente.cli import COMMANDS, SECTIONS, main


@pytest.fixture
def run(capsys):
    """Run the command line in this process; returns exit code, output and errors."""

    def call(*arguments):
        with pytest.raises(SystemExit) as done:
            main(arguments)
        caught = capsys.readouterr()
        return done.value.code, caught.out, caught.err

    return call


def test_help_lists_every_command(run):
    """The first page names all commands, each with a line."""
    code, out, _ = run("--help")

    assert 0 == code
    assert all(f"\n  {name} " in out for name in COMMANDS)


def test_every_command_stands_in_one_section():
    """The sections of the first page part the commands: none is left out or named twice."""
    assert sorted(COMMANDS) == sorted(name for names in SECTIONS.values() for name in names)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(run, command):
    """``--help`` of every command exits with 0 and says how it is used."""
    code, out, _ = run(command, "--help")

    assert 0 == code
    assert f"Usage: detente {command}" in out


def test_audit_prints_the_verdict_and_writes_a_page(run, tmp_path):
    """The main job: a verdict on the terminal, a page on disk, nothing else beside it."""
    page = tmp_path / "page.html"

    code, out, _ = run("audit", "two-blocs", "--draws", "20", "--report", str(page))

    assert 0 == code
    assert "Security is not indivisible here" in out
    assert "<html" in page.read_text(encoding="utf-8")[:400]
    assert [page] == list(tmp_path.iterdir())


def test_audit_as_json_is_what_python_gives(run):
    """The JSON on the terminal is the documented form of the same result."""
    code, out, _ = run("audit", "two-blocs", "--draws", "12", "--seed", "4", "--format", "json")

    assert 0 == code
    assert dt.audit("two-blocs", draws=12, seed=4).to_dict() == json.loads(out)


def test_audit_as_csv_has_a_row_a_change_and_lens(run):
    """CSV is a table of changes, all lenses below one another."""
    code, out, _ = run(
        "audit", "two-blocs", "--draws", "0", "--format", "csv",
        "--lens", "war_stability", "--lens", "contest",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(out)))

    assert 0 == code
    assert 2 * len(dt.feasible(dt.load("two-blocs"))) == len(rows)
    assert {"war_stability", "contest"} == {row["lens"] for row in rows}


def test_single_changes_can_be_audited_by_sentence(run):
    """``--change`` tries what is asked, several times if repeated."""
    code, out, _ = run(
        "audit", "two-blocs", "--draws", "10",
        "--change", "Miran joins PACT", "--change", "NOL joins LEAGUE; NOL arms by 10 %",
    )  # fmt: skip

    assert 0 == code
    assert "of 2" in out


def test_fail_on_witness_is_an_exit_code(run):
    """A witness is a fine result, unless the caller asks to fail on it."""
    arguments = ("audit", "two-blocs", "--draws", "0")

    assert 0 == run(*arguments)[0]
    assert 1 == run(*arguments, "--fail-on-witness")[0]
    calm = ("audit", "common-house", "--draws", "0", "--tolerance", "0.001")
    assert 0 == run(*calm, "--fail-on-witness")[0]


def test_options_change_how_a_scenario_is_read(run):
    """Weight, inclusion, threshold, measure, mapping and date reach the result."""
    code, out, _ = run(
        "audit", "eurasia-2024", "--draws", "0", "--format", "json", "--no-alternatives",
        "--kind", "leave", "--weight", "EU/AUT=1", "--include", "signed_not_in_force",
        "--threshold", "4", "--measure", "gdp", "--map", "weight.kind.guarantee=0.5",
        "--date", "2024-06-01",
    )  # fmt: skip
    said = json.loads(out)

    assert 0 == code
    assert ("gdp", "2024-06-01") == (said["scenario"]["measure"], said["scenario"]["date"])
    assert {
        "rivalry.threshold": 4.0,
        "weight of EU/AUT": 1.0,
        "weight.kind.guarantee": 0.5,
        "weight.strength.signed_not_in_force": 1.0,
    } == said["mapping"]["differs from the defaults"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("audit",), "Missing argument"),
        (("adit", "two-blocs"), "Did you mean 'audit'"),
        (("audit", "two-block"), "Did you mean 'two-blocs'"),
        (("audit", "two-blocs", "--lens", "wars"), "unknown lens"),
        (("audit", "two-blocs", "--draws", "many"), "--draws"),
        (("audit", "two-blocs", "--draws", "-1"), "--draws"),
        (("audit", "two-blocs", "--set", "advantage"), "NAME=NUMBER"),
        (("audit", "two-blocs", "--set", "advantage=x"), "NAME=NUMBER"),
        (("audit", "two-blocs", "--weight", "PACT=2"), "between 0 and 1"),
        (("audit", "two-blocs", "--weight", "PUCT=1"), "Did you mean 'PACT'"),
        (("audit", "two-blocs", "--include", "dispute"), "Did you mean 'disputed'"),
        (("audit", "two-blocs", "--measure", "gold"), "unknown measure"),
        (("audit", "two-blocs", "--date", "30.6.2024"), "2024-06-30"),
        (("audit", "two-blocs", "--change", "MIR sings"), "is not understood"),
        (("audit", "two-blocs", "--report", "/no/such/folder/x.html"), "does not exist"),
        (("audit", "two-blocs", "--draws", "0", "--save", "result.xlsx"), "should end in .csv or"),
        (("audit", "two-blocs", "--report", "page.pdf"), "should end in .htm"),
        (("audit", "two-blocs", "--report", ""), "should end in .htm"),
        (("audit", ""), "unknown scenario ''"),
        (("show", "two-blocs", "XYZ"), "unknown state"),
        (("lenses", "warstability"), "Did you mean 'war_stability'"),
        (("new", "x", "--date", "someday"), "is not a date"),
        (("check", "nowhere"), "unknown scenario"),
    ],
)
def test_wrong_use_is_refused_in_words_with_code_2(run, tmp_path, monkeypatch, arguments, message):
    """Wrong use exits with 2, says what is wrong, shows no traceback and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)

    code, _, err = run(*arguments)

    assert 2 == code
    assert message in err
    assert "Traceback" not in err
    assert [] == list(tmp_path.iterdir())


def test_new_check_audit_is_a_working_path(run, tmp_path):
    """What ``new`` starts passes ``check`` and can be audited at once."""
    path = str(tmp_path / "mine")

    assert 0 == run("new", path, "--title", "Mine", "--date", "2025-01-01")[0]
    code, out, _ = run("check", path)
    assert (0, True) == (code, "no fault" in out)
    assert 0 == run("audit", path, "--draws", "0")[0]
    assert 2 == run("new", path)[0]


def test_check_tells_place_and_remedy_and_exits_with_1(run, tmp_path):
    """A fault names file, row, column, what is wrong and what would be right."""
    path = tmp_path / "mine"
    run("new", str(path))
    text = (path / "rivalries.csv").read_text(encoding="utf-8").replace("AAA", "AAB")
    (path / "rivalries.csv").write_text(text, encoding="utf-8")

    code, out, _ = run("check", str(path))
    rows = list(csv.DictReader(io.StringIO(run("check", str(path), "--format", "csv")[1])))

    assert 1 == code
    assert "rivalries.csv, row 2" in out
    assert "Did you mean 'AAA'" in out
    assert {"rivalries.csv"} == {row["file"] for row in rows}
    assert 1 == run("audit", str(path))[0]


def test_diff_exits_with_1_if_something_differs(run):
    """``diff`` follows the habit of its namesake."""
    assert (0, "no difference\n") == run("diff", "two-blocs", "two-blocs")[:2]
    code, out, _ = run("diff", "two-blocs", "common-house", "--format", "json")
    assert 1 == code
    assert any(row["table"] == "ties" for row in json.loads(out))


@pytest.mark.parametrize("style", ["table", "json", "csv"])
@pytest.mark.parametrize("command", [("states",), ("show",), ("show", "RUS")])
def test_states_and_show_in_every_format(run, command, style):
    """Every format prints something about Russia."""
    name, *rest = command
    code, out, _ = run(name, "eurasia-2024", *rest, "--format", style)

    assert 0 == code
    assert "NATO" in out or "Russia" in out
    if style == "json":
        json.loads(out)


@pytest.mark.parametrize("style", ["table", "json", "csv"])
def test_lenses_lists_citation_parameters_and_limits(run, style):
    """The list of lenses names both models, their papers and their parameters."""
    code, out, _ = run("lenses", "--format", style)

    assert 0 == code
    assert "advantage" in out
    assert "beta" in out
    assert "nuclear" in out or style == "csv"


def test_a_square_bracket_in_a_file_is_text(run, tmp_path):
    """Names that look like markup are printed as they are."""
    path = tmp_path / "mine"
    run("new", str(path))
    file = path / "states.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("Corvia", "[bold]Corvia"), "utf-8")

    assert "[bold]Corvia" in run("states", str(path))[1]


def test_a_fault_of_ours_is_told_without_a_traceback(run, monkeypatch):
    """An internal fault exits with 3 and asks for a report; DETENTE_DEBUG shows where."""

    def broken(name):
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("detente.architecture.package.finding.load", broken)
    code, _, err = run("states", "two-blocs")

    assert 3 == code
    assert "ZeroDivisionError" in err
    assert "Traceback" not in err
    monkeypatch.setenv("DETENTE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["states", "two-blocs"])


def test_an_interrupt_leaves_nothing(run, tmp_path, monkeypatch):
    """Ctrl-C in the middle of the draws exits with 130 and leaves no file."""

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("detente.auditing.run.screen_draws", interrupted)
    saved = tmp_path / "x.nc"
    code, _, err = run("audit", "two-blocs", "--save", str(saved))

    assert 130 == code
    assert "half-written" in err
    assert not saved.exists()


def test_a_closed_pipe_is_no_complaint():
    """``detente ... | head`` ends quietly."""
    done = subprocess.run(
        f"'{sys.executable}' -m detente audit two-blocs --draws 0 --format csv | head -n 1",
        shell=True, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.startswith("lens,change")
    assert "" == done.stderr


def test_another_day_is_remarked_upon_wherever_the_result_goes(run, tmp_path):
    """Terminal, JSON and page say that the scenario was not made for the day."""
    page = tmp_path / "page.html"
    later = ("two-blocs", "--date", "2090-05-01", "--draws", "0", "--no-alternatives")

    _, printed, _ = run("audit", *later, "--report", str(page))
    _, out, _ = run("audit", *later, "--format", "json")
    _, _, aside = run("states", "two-blocs", "--date", "2090-05-01")

    (remark,) = json.loads(out)["scenario"]["remarks"]
    assert "looked at on 1 May 2090" in remark
    assert remark in " ".join(printed.split())
    assert remark in page.read_text(encoding="utf-8")
    assert f"{remark}\n" == aside


def test_an_unknown_organisation_is_answered_with_where_they_are_listed(run):
    """Organisations are not in the list of states, and the hint does not send anybody there."""
    code, _, errors = run("audit", "eurasia-2024", "--change", "UKR joins OPEC")

    assert 2 == code
    assert "detente show eurasia-2024" in errors


def test_an_unknown_strength_is_answered_with_those_there_are(run):
    """A strength of commitment that is not there is refused with the list."""
    code, _, errors = run("audit", "two-blocs", "--include", "paper")

    assert 2 == code
    assert "signed_not_in_force" in errors


def test_a_closed_output_is_no_fault_of_ours():
    """Where the caller has closed the output, a table is not printed and nothing breaks."""
    command = [sys.executable, "-c", "from detente.cli import main; main(['states', 'two-blocs'])"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(run, monkeypatch, tmp_path):
    """Nobody waits for an audit whose page has no place to go."""
    monkeypatch.setattr("os.access", lambda *_: False)

    code, out, errors = run("audit", "two-blocs", "--report", str(tmp_path / "page.html"))

    assert (2, "") == (code, out)
    assert "nothing can be written in" in errors


def test_an_interrupt_while_a_library_tidies_up_is_no_fault(run, monkeypatch):
    """What is raised on the way out of Ctrl-C is Ctrl-C still."""

    def broken(name):
        try:
            raise KeyboardInterrupt
        finally:
            raise ValueError("an open writing handle")

    monkeypatch.setattr("detente.architecture.package.finding.load", broken)
    code, _, err = run("states", "two-blocs")

    assert 130 == code
    assert "internal fault" not in err
