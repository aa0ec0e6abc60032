"""``detente check`` groups faults by kind, and names the file that was meant."""

from __future__ import annotations

import subprocess
import sys

import pytest

import detente as dt
from detente.errors import UsageError


def check(folder):
    """Return what ``detente check`` prints."""
    command = [sys.executable, "-m", "detente", "check", str(folder)]
    return subprocess.run(command, capture_output=True, text=True).stdout


def started(folder):
    """Write a new package."""
    subprocess.run([sys.executable, "-m", "detente", "new", str(folder)], check=True)
    return folder


def test_many_faults_of_one_kind_are_a_few_lines_and_their_number(tmp_path):
    """Thirty wrong numbers in one column are named by the first few and counted."""
    folder = started(tmp_path / "p")
    header, *rows = (folder / "states.csv").read_text("utf-8").splitlines()
    place = header.split(",").index("capability") if "capability" in header else -1
    wrong = [
        ",".join("many" if k == place else cell for k, cell in enumerate(row.split(",")))
        for row in rows
    ]
    (folder / "states.csv").write_text("\n".join([header, *wrong * 10]) + "\n", encoding="utf-8")
    said = check(folder)

    assert "more of this kind" in said
    assert len(said.splitlines()) < 40


@pytest.mark.parametrize("name", ["States.csv", "STATES.CSV", "states.CSV"])
@pytest.mark.parametrize("both", [True, False])
def test_a_table_in_other_letters_suggests_itself(name, both, tmp_path):
    """A file whose name differs in case alone is told which table was meant."""
    folder = started(tmp_path / "p")
    text = (folder / "states.csv").read_text("utf-8")
    if not both:
        (folder / "states.csv").unlink()
    (folder / name).write_text(text, encoding="utf-8")

    assert "Did you mean 'states.csv'" in check(folder)


def test_changes_given_twice_are_named_up_to_three():
    """Of many changes that were given twice three are named, the others counted."""
    changes = [f"{code} joins LEAGUE" for code in ("MIR", "NOL")]
    changes += [f"{code} leaves LEAGUE" for code in ("LOM", "HAR", "KEL")]

    with pytest.raises(UsageError, match=r"given more than once: .*; .*; .*; and 2 more"):
        dt.audit("two-blocs", changes * 2, draws=0)
