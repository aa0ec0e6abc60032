"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A machine under load is not a wrong program: no test here is timed.
settings.register_profile(
    "detente",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("detente")

SHARED_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the field's data sets, where there is one; they are not part of detente."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no folder ../shared/data beside the project: nothing to compare with")
    return SHARED_DATA


@pytest.fixture(scope="session")
def filled_data(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of detente into which everything shared was added once."""
    from detente.evidence import store

    place = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DETENTE_DATA", str(place))
        store.add(sorted(shared_data.iterdir()))
    return place
