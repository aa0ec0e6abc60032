"""Audits that are made once and pages written from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from taken_apart import Page
from written import write

import detente as dt
from detente.auditing.portraits import portraits
from detente.reporting.page import render
from detente.reporting.portraits.portraits import page as portraits_page


@pytest.fixture(scope="session")
def audits() -> dict[str, dt.Result]:
    """A small audit with a witness, one without, one change under several lenses, no draws."""
    return {
        "all": dt.audit("two-blocs", draws=40),
        "none": dt.audit("common-house", draws=20),
        "one": dt.audit(
            "two-blocs", "MIR joins LEAGUE", lens=["war_stability", "contest"], draws=40
        ),
        "lenses": dt.audit("two-blocs", lens="all", draws=10),
        "bare": dt.audit("two-blocs", draws=0, alternatives=False),
    }


@pytest.fixture(scope="session")
def paths(
    audits: dict[str, dt.Result], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The page of every audit."""
    place = tmp_path_factory.mktemp("pages")
    return {
        name: write(audit, place / f"{name}.html", command=f"detente audit {name}")
        for name, audit in audits.items()
    }


@pytest.fixture(scope="session")
def pages(paths: dict[str, Path]) -> dict[str, Page]:
    """The same, taken apart."""
    return {name: Page(path.read_text(encoding="utf-8")) for name, path in paths.items()}


@pytest.fixture(scope="session")
def portrait_paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of what every lens sees, of three scenarios."""
    place = tmp_path_factory.mktemp("portraits")
    loaded = {name: dt.load(name) for name in ("two-blocs", "europe-1936", "eurasia-2024")}
    return {
        name: render.write(portraits_page(g, portraits(g)), place / f"{name}.html")
        for name, g in loaded.items()
    }
