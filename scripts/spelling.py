"""British spelling in prose: docstrings, comments and Markdown, by codespell and a list of our own.

Code is left alone (libraries have their own spelling: ``color=`` of a chart), and so are ATOP's
keys ``defense`` and ``offense``, titles of publications in quotation marks, and code in Markdown.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tempfile
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORDS = ROOT / "scripts" / "american.txt"
PROPER = re.compile(
    r"Militarized Interstate Disputes?|militarized interstate disputes|"
    r"Intergovernmental Organizations|International Crisis Behavior|"
    r"Gray code|^ +[a-z_, ]+ : .*$|^\| .*\|$",
    re.M,
)
"""Names of data sets and of things, and tables, which quote them."""
CODE = re.compile(r"```.*?```|``[^`]*``|`[^`\n]*`|https?://\S+|“[^”]*”|\"[^\"\n]*\"", re.S)


def prose_of_python(text: str) -> str:
    """Return docstrings and comments in their lines; every other line is empty."""
    lines = [""] * (text.count("\n") + 2)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] += token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            if not isinstance(node.value.value, str):
                continue
            source = text.splitlines()[node.lineno - 1 : node.end_lineno]
            for offset, line in enumerate(source):
                lines[node.lineno - 1 + offset] += line
    return "\n".join(lines)


def without_code(text: str) -> str:
    """Blank out code, addresses, quotations and proper names; lines stay where they are."""
    text = text.replace('"""', "   ")
    for pattern in (CODE, PROPER):
        text = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    return text


def main() -> int:
    """Check every file that is under version control; returns the exit code."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in listed.stdout.splitlines():
            text = (ROOT / name).read_text(encoding="utf-8")
            prose = prose_of_python(text) if name.endswith(".py") else text
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(without_code(prose), encoding="utf-8")
        command = [sys.executable, "-m", "codespell_lib", "--dictionary", str(WORDS), "."]
        return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
