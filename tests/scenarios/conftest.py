"""The bundled scenarios as fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest
from bundled_tables import BUNDLED, SCENARIOS, Tables, tables


@pytest.fixture(scope="session")
def eurasia() -> Tables:
    """Return the tables of the scenario eurasia-2024."""
    return tables("eurasia-2024")


@pytest.fixture(scope="session")
def europe() -> Tables:
    """Return the tables of the scenario europe-1936."""
    return tables("europe-1936")


@pytest.fixture(params=BUNDLED, scope="session")
def bundled(request: pytest.FixtureRequest) -> Tables:
    """Return the tables of each bundled scenario in turn."""
    return tables(request.param)


@pytest.fixture(params=BUNDLED, scope="session")
def folder(request: pytest.FixtureRequest) -> Path:
    """Return the folder of each bundled scenario in turn."""
    return SCENARIOS / request.param
