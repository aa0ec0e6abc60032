"""A package of schema 1 opens as it is, and can be written anew."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from starter import STARTER

import detente as dt
from detente.architecture.package.upgrade import upgrade
from detente.cli import cli


@pytest.fixture
def old(tmp_path):
    """Return a package of schema 1 with forces of AAA on the ground of BBB."""
    place = tmp_path / "old"
    place.mkdir()
    files = dict(STARTER)
    about = json.loads(files["datapackage.json"])
    about["detente"]["schema"] = 1
    files["datapackage.json"] = json.dumps(about).encode()
    header = files["commitments.csv"].decode().splitlines()[0].split(",")
    row = {
        "commitment": "base",
        "kind": "basing",
        "promiser": "AAA",
        "beneficiary": "BBB",
        "direction": "one_way",
        "strength": "practice",
        "source": "invented",
        "confidence": "high",
    }
    files["commitments.csv"] += (",".join(row.get(c, "") for c in header) + "\n").encode()
    for name, data in files.items():
        (place / name).write_bytes(data)
    return place


def test_a_package_of_schema_1_opens_as_before(old):
    """An older package needs no upgrade: its basing is a presence of the assumed share."""
    g = dt.load(old)

    assert {"base": g.mapping.values["presence.share"]} == g.ledger.stations["AAA", "BBB"]


def test_an_upgrade_keeps_every_tie(old):
    """The arrays that lenses see are the same before and after, and the package has no fault."""
    before = dt.load(old)
    done = upgrade(old)
    after = dt.load(old)

    assert (1, 2, 1) == (done.before, done.after, done.moved)
    assert (before.system.stations == after.system.stations).all()
    assert (before.system.promises["basing"] == after.system.promises["basing"]).all()
    assert 2 == json.loads((old / "datapackage.json").read_text())["detente"]["schema"]
    assert ["base"] == after.tables["presence"]["presence"].to_list()


def test_the_command_line_upgrades_once(old):
    """A second upgrade says that there is nothing to do."""
    first = CliRunner().invoke(cli, ["check", "--upgrade", str(old)])
    second = CliRunner().invoke(cli, ["check", "--upgrade", str(old)])

    assert (0, 0) == (first.exit_code, second.exit_code)
    assert "1 row of basing moved" in first.output
    assert "already" in second.output
