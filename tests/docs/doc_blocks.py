"""The code blocks of the documentation, and how they are run.

A page is run from top to bottom in one empty folder, so that a later block finds what an
earlier one made:

- a ``python`` block is executed; all of a page share one namespace;
- a ``python`` block after the line ``<!-- file: NAME -->`` is written to that file instead;
- a ``text`` block after the line ``<!-- prints -->`` is what the block before it prints;
- in a ``console`` block, lines that begin with ``$`` are commands, the lines below each its
  output, which need not be shown. ``# exit code 1`` behind a command says how it ends; without
  it the code is 0.

In expected output ``...`` stands for anything, and white space counts as one space.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [ROOT / "README.md", *(p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts)]
)
FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=fence)[ ]*$", re.DOTALL | re.M
)
COMMENT = re.compile(r"<!-- (?P<word>file|prints)(?:: (?P<value>[^ ]+))? -->\s*\Z")
EXIT_CODE = re.compile(r"#\s*exit code (\d)\s*\Z")
OUTPUT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, the line it begins at, the comment above it."""

    language: str
    text: str
    line: int
    comment: str = ""
    value: str = ""


@dataclass(frozen=True)
class Command:
    """One command of a console block: arguments, environment, output expected, exit code."""

    words: tuple[str, ...]
    environment: Mapping[str, str]
    output: str
    code: int


def load_parts() -> Any:
    """Return the module that makes the generated parts of the documentation."""
    path = ROOT / "docs" / "_ext" / "parts.py"
    spec = importlib.util.spec_from_file_location("parts", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


parts = load_parts()


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    out = []
    for found in FENCE.finditer(text):
        above = COMMENT.search(text[: found.start()])
        out.append(
            Block(
                found["language"],
                found["text"],
                text.count("\n", 0, found.start()) + 1,
                above["word"] if above else "",
                (above["value"] or "") if above else "",
            )
        )
    return out


def commands(text: str) -> Iterator[Command]:
    """Yield the commands of a console block with the output that stands below each."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        line, _, output = part.partition("\n")
        code = EXIT_CODE.search(line)
        words = shlex.split(line, comments=True)
        environment = {}
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            name, _, value = words.pop(0).partition("=")
            environment[name] = value
        yield Command(tuple(words), environment, output, int(code[1]) if code else 0)


def run_page(page: Path, folder: Path) -> list[str]:
    """Run every block of a page in a folder and return what is wrong, one line a fault."""
    faults = []
    # A module of its own, so that dataclasses and the like find the names of their page.
    names: dict[str, Any] = {"__name__": "__page__"}
    printed = ""
    with contextlib.chdir(folder):
        for block in blocks(page):
            place = f"{page.relative_to(ROOT)}, line {block.line}"
            if block.comment == "file":
                target = folder / block.value
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block.text, encoding="utf-8")
            elif block.language == "python":
                source = "\n" * block.line + block.text
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    exec(compile(source, str(page), "exec"), names)
                printed = out.getvalue()
            elif block.comment == "prints":
                faults += compare(block.text, printed, place)
            elif block.language == "console":
                for command in commands(block.text):
                    code, said = run_command(command, folder)
                    shown = " ".join(command.words)
                    if code != command.code:
                        faults.append(f"{place}: `{shown}` ended with {code}:\n{said}")
                    elif command.output.strip():
                        faults += compare(command.output, said, f"{place}: `{shown}`")
    return faults


def compare(expected: str, actual: str, place: str) -> list[str]:
    """Return a fault if the output is not the one that the page shows."""
    checker = doctest.OutputChecker()
    if checker.check_output(expected, actual, OUTPUT):
        return []
    example = doctest.Example("", expected)
    return [f"{place}: the output differs.\n{checker.output_difference(example, actual, OUTPUT)}"]


def run_command(command: Command, folder: Path) -> tuple[int, str]:
    """Run a command; ``detente`` in this process unless the environment is set for it."""
    if command.words[0] == "detente" and not command.environment:
        return in_process(list(command.words[1:]))
    words = list(command.words)
    if words[0] == "detente":
        words[:1] = [sys.executable, "-m", "detente"]
    elif words[0] == "pytest":
        # The tests of the checkout, run from the folder of the page.
        words[:1] = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", f"--rootdir={ROOT}"]
        words = [str(ROOT / word) if word.startswith("tests/") else word for word in words]
    environment = {
        name: str(folder / value) if name == "DETENTE_LENSES" else value
        for name, value in command.environment.items()
    }
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout


def in_process(arguments: list[str]) -> tuple[int, str]:
    """Run the command line in this process and return its exit code and all that it said."""
    from detente.cli import main

    said, before = io.StringIO(), sys.argv
    sys.argv = ["detente", *arguments]
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main(arguments)
    except SystemExit as done:
        return int(done.code or 0), said.getvalue()
    finally:
        sys.argv = before
    raise AssertionError("the command line did not exit")
