"""A lens added inside the package: one file, and nothing else in the house to change.

The lens of the guide is put into a copy of the package, the generated parts of the documentation
are made anew, and the tests that once named lenses one by one are run on the copy.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "how-to" / "add-a-lens.md"
BATTERY = ("tests/lenses/test_battery.py",)
OF_ALL_LENSES = (
    "tests/auditing/test_agreement.py",
    "tests/docs/test_docs_reference.py",
    "tests/evidence/test_made_up_data.py",
    "tests/reporting/test_portraits_page.py",
    "tests/reproduce/test_reproduce.py",
)
"""Tests that say something of every lens."""


def lens_of_the_guide() -> str:
    """Return the file that the guide writes."""
    block = re.search(
        r"<!-- file: lenses/success_ratio\.py -->\n```python\n(.*?)```", GUIDE.read_text(), re.S
    )
    assert block is not None, f"{GUIDE} has no block that is written to lenses/success_ratio.py"
    return block[1]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the checkout, compiled kernels included, with the lens in it; how to run in it."""
    if not (ROOT / "docs").is_dir():
        pytest.skip("an installed package has no documentation to make anew")
    copy = tmp_path_factory.mktemp("house")
    for folder in ("src", "docs", "tests", "scripts"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("_build"))
    for file in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        shutil.copy2(ROOT / file, copy / file)
    (copy / "src" / "detente" / "lenses" / "success_ratio.py").write_text(lens_of_the_guide())

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
        environment.pop("DETENTE_LENSES", None)
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=copy, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    made = run("scripts/generate_docs.py")
    assert 0 == made.returncode, made.stdout + made.stderr
    return run


def test_the_command_line_finds_the_lens(house):
    """It is listed, audited and compared like any other."""
    listed = house("-m", "detente", "lenses", "success_ratio")
    audited = house(
        *("-m", "detente", "audit", "two-blocs", "--lens", "success_ratio", "--lens", "contest"),
        *("--draws", "4", "--no-alternatives"),
    )

    assert "Hirshleifer" in listed.stdout, listed.stderr
    assert "Do the lenses agree?" in audited.stdout, audited.stderr


@pytest.mark.parametrize(
    ("files", "which"),
    [(BATTERY, "success_ratio"), (OF_ALL_LENSES, "agree or generated or long_view or lens")],
    ids=["battery", "house"],
)
def test_no_test_has_to_change(house, files, which):
    """Tests of every lens pass with one more, and some there are."""
    ended = house(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-k", which, *files
    )

    assert 0 == ended.returncode, ended.stdout[-4000:] + ended.stderr[-2000:]
    assert " passed" in ended.stdout
