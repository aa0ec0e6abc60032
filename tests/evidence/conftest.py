"""Where the tests of the evidence room find data: shared files only if they are present."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public data beside the repository; tests that need it skip without it."""
    if not (SHARED / "README.md").exists():
        pytest.skip("the shared data folder is not beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def filled(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder into which everything shared was added once."""
    from detente.evidence import store

    place = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DETENTE_DATA", str(place))
        store.add(sorted(shared.iterdir()))
    return place


@pytest.fixture
def data(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The filled data folder, in use for one test."""
    monkeypatch.setenv("DETENTE_DATA", str(filled))
    return filled


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, empty."""
    place = tmp_path / "data"
    monkeypatch.setenv("DETENTE_DATA", str(place))
    return place
