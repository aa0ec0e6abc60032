"""The documentation builds, its links lead somewhere, and its files tell the same version."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib

import pytest
from doc_blocks import PAGES, ROOT, parts

NEEDED = ("sphinx", "myst_parser", "furo")
OTHERS = [ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def declared():
    """The table ``project`` of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_sphinx_builds_without_a_warning(tmp_path):
    """Every warning of the build is an error."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs the extra 'docs': {', '.join(missing)}")

    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E",
         "-d", str(tmp_path / "trees"), str(ROOT / "docs"), str(tmp_path / "html")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html" / "index.html").is_file()


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_files_resolve(page):
    """A link to a file of the project leads to a file that is there."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    targets = [a or b for a, b in LINK.findall(re.sub(r"`[^`\n]+`", "", text))]
    lost = [
        target
        for target in targets
        if not re.match(r"[a-z]+:|#", target)
        and not (page.parent / target.partition("#")[0]).exists()
    ]

    assert lost == []


def test_every_page_is_in_a_table_of_contents():
    """No page of the documentation is unreachable from its start page."""
    docs = ROOT / "docs"
    pages = {page for page in PAGES if page.is_relative_to(docs)}
    listed = {docs / "index.md"}
    for page in pages:
        text = parts.filled(page.read_text(encoding="utf-8"))
        for tree in re.findall(r"^```\{toctree\}\n(.*?)^```", text, re.M | re.S):
            for entry in tree.split("\n"):
                if entry and not entry.startswith(":"):
                    listed |= set(page.parent.glob(f"{entry}.md"))

    assert pages - listed == set()


def test_the_changelog_and_the_citation_know_the_version():
    """CHANGELOG and CITATION.cff tell the version that pyproject.toml declares."""
    version = declared()["version"]

    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_first_section_of_the_changelog_is_the_version_of_the_package():
    """The package, its citation file and the first section of the changelog tell one version."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")

    assert project["version"] == re.findall(r"^## (\S+)$", text, re.M)[0]
    assert project["version"] == re.findall(r"^version: (\S+)$", citation, re.M)[0]
