"""A run in a folder: whatever stops it, the same command goes on to the identical result."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner

import detente as dt
from detente.cli.crisis import crisis
from detente.crisis.run import shards
from detente.crisis.run.simulation import simulate
from detente.errors import ResultError, UsageError
from detente.runs.folder import MARK, RunFolder
from detente.testing import build as architecture

SMALL = {"days": 200, "replicas": 3000, "seed": 5}
TRIANGLE = architecture(
    {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0, "DDD": 2.0},
    rivals=[("AAA", "BBB", 4), ("AAA", "DDD", 3)],
    allies=[("BBB", "CCC"), ("AAA", "DDD")],
)
LONG = """
import os, signal, sys
import detente as dt
from detente.crisis.run import shards
from detente.crisis.run.simulation import simulate
shards.SHARD = 100
{before}
simulate(dt.load("two-blocs"), replicas=20_000, seed=3, out=sys.argv[1], threads=1)
"""
HALF_A_SHARD = """
real, calls = os.fsync, []
def cut(handle):
    calls.append(handle)
    if len(calls) == 4:
        os.ftruncate(handle, 100)
        os.kill(os.getpid(), signal.SIGKILL)
    real(handle)
os.fsync = cut
"""
NO_LONG_FILES = """
import resource
real, calls = os.fsync, []
def cut(handle):
    calls.append(handle)
    real(handle)
    if len(calls) == 4:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.RLIM_INFINITY))
os.fsync = cut
"""


def content(folder):
    """Return every file of a folder, by its path in it; of a store all but how it was asked."""
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    if "zarr.json" not in files:
        return files
    head = json.loads(files["zarr.json"])["attributes"]
    digests = json.loads(head["content"])
    del digests["all"], digests["attributes of the whole"]
    return files | {"zarr.json": head | {"command": "", "content": digests}}


def command(before=""):
    """Return the command of a run of 200 small shards, to which a folder is added."""
    return [sys.executable, "-c", LONG.format(before=before)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The files of the result of that run when nothing stops it."""
    folder = tmp_path_factory.mktemp("whole")
    simulate(dt.load("two-blocs"), replicas=20_000, seed=3).save(folder / "result.zarr")
    return content(folder / "result.zarr")


def test_a_run_in_a_folder_is_the_run_without(tmp_path, monkeypatch):
    """Shards change nothing, and neither does running again or losing one of them."""
    monkeypatch.setattr(shards, "SHARD", 700)
    plain = simulate(TRIANGLE, **SMALL)
    kept = simulate(TRIANGLE, out=tmp_path, **SMALL)
    names = sorted(p.name for p in (tmp_path / "pieces").iterdir())
    result = content(tmp_path / "result.zarr")

    assert plain.data.identical(kept.data)
    assert plain.data.identical(dt.open(tmp_path / "result.zarr").data)
    assert [f"{k:06d}.npz" for k in range(5)] == names
    (tmp_path / "pieces" / "000001.npz").unlink()
    (tmp_path / "pieces" / "000003.npz").write_bytes(b"PK half a shard")
    simulate(TRIANGLE, out=tmp_path, **SMALL)
    assert result == content(tmp_path / "result.zarr")


def test_a_shard_with_any_byte_damaged_is_run_again_or_the_same(tmp_path):
    """No damage is a fault of the program, and none changes a sum."""
    simulate(TRIANGLE, out=tmp_path, **SMALL)
    path = tmp_path / "pieces" / "000000.npz"
    sound, address = path.read_bytes(), "[0, 3000]"
    folder = RunFolder(tmp_path, str(np.load(path)[MARK][1]))
    whole = folder.read(0, address)
    damaged = 0
    for at in range(0, len(sound), 7):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 16]) + sound[at + 1 :])
        arrays = folder.read(0, address)
        damaged += arrays is None
        assert arrays is None or all(np.array_equal(whole[k], arrays[k]) for k in whole)

    assert damaged > len(sound) / 14


def test_a_shard_of_another_place_or_run_is_run_again(tmp_path, monkeypatch):
    """Neither a copy of a neighbour nor a shard of another seed passes for a shard."""
    monkeypatch.setattr(shards, "SHARD", 1000)
    simulate(TRIANGLE, out=tmp_path / "a", **SMALL)
    simulate(TRIANGLE, out=tmp_path / "b", **SMALL | {"seed": 6})
    before = content(tmp_path / "a")
    ours, theirs = (tmp_path / name / "pieces" for name in "ab")
    (ours / "000001.npz").write_bytes((ours / "000000.npz").read_bytes())
    (ours / "000002.npz").write_bytes((theirs / "000002.npz").read_bytes())
    simulate(TRIANGLE, out=tmp_path / "a", **SMALL)

    assert before == content(tmp_path / "a")


def test_shards_without_a_record_of_the_run_are_refused(tmp_path):
    """Nobody knows what they are sums of: refused, and nothing is touched."""
    simulate(TRIANGLE, out=tmp_path, **SMALL)
    (tmp_path / "run.json").unlink()
    before = content(tmp_path)

    with pytest.raises(ResultError, match=r"pieces and no run\.json"):
        simulate(TRIANGLE, out=tmp_path, **SMALL)
    assert before == content(tmp_path)


def test_a_folder_of_another_run_is_refused(tmp_path):
    """The refusal names what differs with both values, and touches nothing."""
    simulate(TRIANGLE, out=tmp_path, **SMALL)
    before = content(tmp_path)

    with pytest.raises(ResultError, match="seed is 5 there and 6 here"):
        simulate(TRIANGLE, out=tmp_path, days=200, replicas=3000, seed=6)
    with pytest.raises(ResultError, match=r"turnout is 1\.0 there and 0\.7 here"):
        simulate(TRIANGLE, out=tmp_path, parameters={"turnout": 0.7}, **SMALL)
    with pytest.raises(ResultError, match="start AAA-BBB is 1 there and 4 here"):
        simulate(TRIANGLE, out=tmp_path, start={"AAA-BBB": 4}, **SMALL)
    assert before == content(tmp_path)


def test_a_folder_in_which_somebody_works_is_refused(tmp_path):
    """A second process is told so while the first one holds the run, and not afterwards."""
    fcntl = pytest.importorskip("fcntl", reason="no locks of that kind on this system")
    simulate(TRIANGLE, out=tmp_path, **SMALL)
    with (tmp_path / "run.json").open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ResultError, match="another process is at work"):
            simulate(TRIANGLE, out=tmp_path, **SMALL)

    assert 3000 == simulate(TRIANGLE, out=tmp_path, **SMALL).settings["replicas"]


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    """When a shard cannot be written the earlier ones stay, and the run goes on later."""
    monkeypatch.setattr(shards, "SHARD", 1000)
    real = os.fsync
    calls = []

    def full(handle):
        calls.append(handle)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ResultError, match=r"No space left.*same command again"):
        simulate(TRIANGLE, out=tmp_path, **SMALL)
    assert ["000000.npz"] == [p.name for p in (tmp_path / "pieces").iterdir()]
    again = simulate(TRIANGLE, out=tmp_path, **SMALL)

    assert again.data.identical(simulate(TRIANGLE, **SMALL).data)


def test_a_result_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    """A disk that fills up while the result is written leaves the result that was there."""
    run = simulate(TRIANGLE, **SMALL)
    path = run.save(tmp_path / "r.zarr")
    before = content(tmp_path)
    resource = pytest.importorskip("resource", reason="no limits of that kind on this system")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, limits[1]))
    try:
        with pytest.raises(ResultError, match="cannot be written"):
            run.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert before == content(tmp_path)


def test_a_folder_that_is_no_store_is_not_replaced(tmp_path):
    """Saving to a folder with other files in it is refused, and the files stay."""
    (tmp_path / "r.zarr").mkdir()
    (tmp_path / "r.zarr" / "mine.txt").write_text("mine")

    with pytest.raises(ResultError, match="no zarr store"):
        simulate(TRIANGLE, **SMALL).save(tmp_path / "r.zarr")
    with pytest.raises(ResultError, match="no zarr store"):
        dt.open(tmp_path / "r.zarr")
    assert "mine" == (tmp_path / "r.zarr" / "mine.txt").read_text()


def test_opening_the_folder_of_a_run_says_where_the_result_is(tmp_path):
    """Whoever names the folder instead of the store in it is told the store."""
    simulate(TRIANGLE, out=tmp_path, **SMALL)

    with pytest.raises(ResultError, match=r"Did you mean .*result\.zarr"):
        dt.open(tmp_path)


def test_a_run_that_is_killed_goes_on_to_the_identical_result(tmp_path, whole):
    """Killed with no chance to clean up, the run resumes and ends as if nothing had happened."""
    folder = tmp_path / "run"
    process = subprocess.Popen([*command(), str(folder)])
    while not list(folder.glob("pieces/*.npz")) and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = len(list(folder.glob("pieces/*.npz")))
    subprocess.run([*command(), str(folder)], check=True)

    assert 0 < done < 200
    assert whole == content(folder / "result.zarr")


@pytest.mark.parametrize("before", [HALF_A_SHARD, NO_LONG_FILES], ids=["kill", "full disk"])
def test_a_shard_that_is_cut_while_it_is_written_is_run_again(tmp_path, whole, before):
    """Stopped in the middle of a shard, it is not there; run again, nothing is left of it."""
    pytest.importorskip("resource", reason="no limits of that kind on this system")
    folder = tmp_path / "run"
    stopped = subprocess.run([*command(before), str(folder)], capture_output=True, text=True)
    kept = sorted(p.name for p in (folder / "pieces").glob("*.npz"))
    subprocess.run([*command(), str(folder)], check=True)

    assert 0 != stopped.returncode
    assert kept
    assert 4 > len(kept)
    assert whole == content(folder / "result.zarr")
    assert {"run.json", "pieces", "draws", "result.zarr"} == {p.name for p in folder.iterdir()}
    assert not list(folder.glob("pieces/.*"))


def test_an_interrupt_keeps_what_was_finished_and_says_so(tmp_path, whole):
    """After Ctrl-C the command says how to go on, ends with 130, and going on is no different."""
    folder = tmp_path / "run"
    code = (
        "import sys\nfrom detente.crisis.run import shards\nfrom detente.cli import main\n"
        "shards.SHARD = 100\nmain(sys.argv[1:])\n"
    )
    words = ["crisis", "simulate", "two-blocs", "--replicas", "20000", "--seed", "3"]
    words += ["--threads", "1", "--out", str(folder)]
    arguments = [sys.executable, "-c", code, *words]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(folder.glob("pieces/*.npz")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    done = len(list(folder.glob("pieces/*.npz")))
    subprocess.run(arguments, check=True, capture_output=True)

    assert 130 == process.returncode
    assert "the same command goes on" in said
    assert "Traceback" not in said
    assert 0 < done < 200
    assert whole == content(folder / "result.zarr")


def test_the_command_keeps_a_run_in_a_folder(tmp_path):
    """``--out`` leaves run.json, pieces and the result, and says where it is."""
    folder = tmp_path / "run"
    out = CliRunner().invoke(
        crisis, ["simulate", "two-blocs", "--replicas", "500", "--out", str(folder)]
    )

    assert 0 == out.exit_code
    assert "result.zarr" in out.stderr
    assert {"run.json", "pieces", "draws", "result.zarr"} == {p.name for p in folder.iterdir()}


def test_an_empty_name_of_a_folder_is_refused(tmp_path, monkeypatch):
    """It would be the folder that one stands in."""
    monkeypatch.chdir(tmp_path)
    out = CliRunner().invoke(crisis, ["simulate", "two-blocs", "--replicas", "10", "--out", ""])

    assert 2 == out.exit_code
    assert "the name of the folder is empty" in out.stderr
    with pytest.raises(UsageError, match="empty"):
        simulate(TRIANGLE, out="", **SMALL)
    assert not list(tmp_path.iterdir())


def test_a_run_by_days_is_not_mixed_with_one_by_events(tmp_path):
    """The method is part of what a run is, and is recorded as it was chosen."""
    by_days = simulate(TRIANGLE, out=tmp_path, method="days", **SMALL)

    assert "days" == by_days.settings["method"]
    assert "events" == simulate(TRIANGLE, **SMALL).settings["method"]
    with pytest.raises(ResultError, match="method is days there and events here"):
        simulate(TRIANGLE, out=tmp_path, method="events", **SMALL)
