"""On a cluster: real workers of Dask, one of which dies, and the same result."""

from __future__ import annotations

import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

import detente as dt
from detente.crisis.run import shards
from detente.crisis.run.simulation import simulate
from detente.errors import ResultError, UsageError
from detente.runs import cluster

RUN = {"replicas": 6000, "seed": 4, "days": 200}


@pytest.fixture
def workers(tmp_path):
    """A scheduler and two workers, each a process of its own: (address, workers)."""
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    address_file = tmp_path / "scheduler.json"
    common = ["--scheduler-file", str(address_file), "--no-dashboard"]
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen(
        [*dask, "scheduler", *common, "--host", "127.0.0.1", "--port", "0"], **quiet
    )
    two = [
        subprocess.Popen([*dask, "worker", *common, "--nthreads", "1", "--no-nanny"], **quiet)
        for _ in range(2)
    ]
    import json

    while not address_file.exists() and scheduler.poll() is None:
        time.sleep(0.05)
    time.sleep(0.05)
    yield json.loads(address_file.read_text())["address"], two
    for process in (*two, scheduler):
        process.kill()
        process.wait()


def test_a_worker_that_is_killed_changes_nothing(workers, tmp_path, monkeypatch):
    """With one of two workers killed in the middle the result is that of this machine alone."""
    address, processes = workers
    monkeypatch.setattr(shards, "SHARD", 250)
    seen = []

    def step(what, done, total):
        if what == "replicas":
            seen.append(done)
        if len(seen) == 3:
            processes[0].kill()

    g = dt.load("two-blocs")
    there = simulate(g, cluster=address, out=tmp_path / "run", progress=step, **RUN)
    here = simulate(g, **RUN)

    assert list(range(250, 6001, 250)) == seen
    assert there.data.identical(here.data)
    assert 24 == len(list((tmp_path / "run" / "pieces").glob("*.npz")))


def test_audits_and_bootstraps_survive_a_killed_worker(workers, monkeypatch):
    """Draws of an audit and resamples of scores are those of this machine, one worker killed."""
    from detente.auditing import screening
    from detente.evidence.forecast import scores
    from detente.runs import Workforce

    address, processes = workers
    monkeypatch.setattr(screening, "BLOCK", 2)
    monkeypatch.setattr(scores, "BLOCK", 2)
    g = dt.load("two-blocs")
    there = dt.audit(g, lens="contest", draws=20, cluster=address)
    random = np.random.default_rng(1)
    p, y = random.uniform(size=500), (random.uniform(size=500) < 0.4).astype(float)
    given = {"draws": 30, "seed": 2}

    def step(done, whole):
        if done == 4:
            processes[0].kill()

    work = Workforce(cluster=address, progress=step)
    resampled = scores.score(p, y, np.arange(500) // 5, work=work, **given)

    assert there.data.identical(dt.audit(g, lens="contest", draws=20).data)
    assert processes[0].poll() is not None
    alone = scores.score(p, y, np.arange(500) // 5, **given)
    assert (alone.low, alone.high) == (resampled.low, resampled.high)


def test_it_is_said_that_no_worker_is_left(workers, monkeypatch):
    """With all workers gone the run says that it waits, and goes on when one comes."""
    address, processes = workers
    monkeypatch.setattr(shards, "SHARD", 250)
    monkeypatch.setattr(cluster, "LOOK", 0.3)
    heard = []

    def tell(text):
        heard.append(text)
        if len(heard) == 1:
            worker = [sys.executable, "-m", "dask", "worker", address, "--nthreads", "1"]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            processes.append(subprocess.Popen([*worker, "--no-nanny", "--no-dashboard"], **quiet))

    monkeypatch.setattr(cluster, "tell", tell)

    def step(_, done, total):
        if done == 500:
            for process in processes[:2]:
                process.kill()

    g = dt.load("two-blocs")
    there = simulate(g, cluster=address, progress=step, **RUN)

    assert there.data.identical(simulate(g, **RUN).data)
    assert f"no worker is connected to {address} any more" in heard[0]


def test_without_a_scheduler_the_address_is_named(monkeypatch):
    """An address at which nobody answers, or that is none, is wrong use, and is named."""
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    monkeypatch.setattr(cluster, "ANSWER", 0.2)

    for address, words in (
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at 'tcp://127.0.0.1:9'"),
        ("nonsense", "'nonsense' is no address"),
    ):
        with pytest.raises(UsageError, match=words):
            simulate(dt.load("two-blocs"), cluster=address, **RUN)


def test_a_scheduler_that_goes_while_it_is_waited_for_is_named():
    """The message has the address, what was raised and what to do."""

    class Client:
        def __init__(self, *_, **__):
            self.closed = False

        def wait_for_workers(self, *_, **__):
            raise OSError("Timed out trying to connect")

        def close(self):
            self.closed = True

    dask = SimpleNamespace(Client=Client)
    with (
        pytest.raises(ResultError, match=r"tcp://10\.0\.0\.5:8786 stopped .*dask scheduler"),
        cluster._client(dask, "tcp://10.0.0.5:8786"),
    ):
        pass


def test_without_dask_the_extra_is_named(monkeypatch):
    """Where Dask is not installed the command that installs it is in the message."""
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(UsageError, match=r"detente\[cluster\]"):
        simulate(dt.load("two-blocs"), cluster="tcp://127.0.0.1:9", **RUN)


def test_a_worker_with_other_code_is_refused(monkeypatch):
    """Sums of other code are not added to ours, and neither are sums of another shape."""
    from detente.crisis.model.escalation import build
    from detente.crisis.run.ensemble import Ensemble
    from detente.runs import Job, Piece

    ensemble = Ensemble.of(build(dt.load("two-blocs")), 100, 1)
    stretch = shards.Stretch(ensemble, 1)
    job = Job({}, [Piece(0, [0, 10], 10)], stretch, shards.Fits(ensemble))
    code, sums = cluster.on_worker(stretch, [0, 10])

    assert sums == cluster._checked(code, sums, job, job.pieces[0])
    with pytest.raises(ResultError, match="runs other code of detente"):
        cluster._checked("0123456789ab", sums, job, job.pieces[0])
    with pytest.raises(ResultError, match="another shape"):
        cluster._checked(code, sums, job, Piece(0, [0, 11], 11))
