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

TEST_DATA = "DETENTE_TEST_DATA"
"""The variable that names a folder with the field's data sets; see CONTRIBUTING."""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the field's data sets, where there is one; they are not part of detente."""
    folder = os.environ.get(TEST_DATA, "")
    if not folder or not Path(folder).is_dir():
        pytest.skip(f"{TEST_DATA} names no folder of data sets: nothing to compare with")
    return Path(folder)


@pytest.fixture(scope="session")
def filled_data(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of detente into which everything shared was added once."""
    from detente.evidence.datasets import store

    place = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DETENTE_DATA", str(place))
        store.add(sorted(shared_data.iterdir()))
    return place
