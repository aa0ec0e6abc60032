"""What a file, a name or an argument hides does not reach the terminal."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from detente.cli import STEERING

MARKS = ["\x1b[2J", "\x1b]0;title\x07", "\u202e", "\x9b31m"]


def run(*arguments, cwd):
    """Run the command line in a process of its own and return all that it says."""
    told = subprocess.run(
        [sys.executable, "-m", "detente", *arguments],
        capture_output=True, cwd=cwd, timeout=120, check=False,
    )  # fmt: skip
    return (told.stdout + told.stderr).decode("utf-8", "replace")


@pytest.mark.parametrize("mark", MARKS)
def test_names_of_files_and_arguments_are_shown_and_not_obeyed(mark, tmp_path):
    """Escape sequences and marks of direction are written out, wherever they come from."""
    path = tmp_path / f"a{mark.replace('/', '')}b.csv"
    path.write_text(f"x{mark},y\n1,2\n", encoding="utf-8")
    archive = tmp_path / "z.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(f"a{mark}.csv", "x,y\n")
        packed.writestr("b.csv", "x,y\n1,2\n")
    texts = [
        run("data", "add", str(path), cwd=tmp_path),
        run("data", "add", str(archive), cwd=tmp_path),
        run("show", f"two{mark}blocs", cwd=tmp_path),
        run("check", str(archive), cwd=tmp_path),
    ]

    assert all(texts)
    assert not any(STEERING.search(text) for text in texts)
