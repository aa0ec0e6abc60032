"""Where the tests of the evidence room find data: that beside the project, or none."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared(shared_data: Path) -> Path:
    """The folder of public data beside the project; tests that need it skip without it."""
    return shared_data


@pytest.fixture
def data(filled_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The filled data folder, in use for one test."""
    monkeypatch.setenv("DETENTE_DATA", str(filled_data))
    return filled_data


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, empty."""
    place = tmp_path / "data"
    monkeypatch.setenv("DETENTE_DATA", str(place))
    return place
