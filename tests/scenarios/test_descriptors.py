"""The descriptors of the bundled packages follow the schema."""

from __future__ import annotations

import csv
import json

import pytest

from detente.architecture.package import descriptor, schema
from detente.architecture.package.finding import SCENARIOS, bundled


@pytest.mark.parametrize("name", bundled())
def test_the_descriptor_describes_the_columns_that_are_there(name):
    """Every resource lists the columns of its file as the schema defines them."""
    folder = SCENARIOS / name
    listed = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    present = [entry["path"].removesuffix(".csv") for entry in listed]
    made = []
    for table in present:
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
            made.append(descriptor.resource(schema.table(table), next(csv.reader(stream)), present))

    assert json.loads(json.dumps(made)) == listed
