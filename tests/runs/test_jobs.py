"""A job gives the same arrays wherever and however often its pieces are computed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.errors import ResultError, UsageError
from detente.runs import Job, Piece, carry_out, in_order, pieces_of
from detente.runs.folder import RunFolder


class Uniform:
    """Chance as a function of the address; slow where it is asked to be."""

    def __init__(self, seconds=0.0):
        self.seconds = seconds

    def __call__(self, address):
        """Return numbers that the address alone decides."""
        time.sleep(self.seconds)
        return {"numbers": np.random.default_rng([7, address]).random(5)}


def job_of(count, seconds=0.0):
    """Return a job of so many pieces."""
    return Job(
        {"what": "uniform numbers", "count": count}, pieces_of(range(count)), Uniform(seconds)
    )


def together(results):
    """Return what was computed, by the order of the pieces."""
    return np.stack([arrays["numbers"] for _, arrays in in_order(results)])


@pytest.mark.parametrize("where", [{"threads": 4}, {"processes": 2}], ids=str)
def test_the_place_of_a_piece_does_not_change_it(where):
    """Threads and processes give the bits of this thread alone."""
    np.testing.assert_array_equal(
        together(carry_out(job_of(9))), together(carry_out(job_of(9), **where))
    )


@given(order=st.permutations(range(8)))
def test_pieces_are_put_into_their_order(order):
    """Whatever comes first is held back until those before it are there."""
    results = [(Piece(k, k), {"k": np.array(k)}) for k in order]

    assert list(range(8)) == [piece.number for piece, _ in in_order(results)]


def test_progress_counts_sizes_up_to_the_whole(tmp_path):
    """What a folder holds counts at once, and the last call says that all is done."""
    job = Job({}, pieces_of(range(4), [5, 1, 1, 3]), Uniform())
    next(iter(carry_out(job, tmp_path)))
    seen = []
    list(carry_out(job, tmp_path, progress=lambda done, whole: seen.append((done, whole))))

    assert [(5, 10), (6, 10), (7, 10), (10, 10)] == seen


def test_a_piece_in_the_folder_is_not_computed_again(tmp_path):
    """A run that is there in whole asks for nothing."""
    first = together(carry_out(job_of(3), tmp_path))

    def refuses(address):
        raise AssertionError(address)

    again = Job(job_of(3).settings, job_of(3).pieces, refuses)
    np.testing.assert_array_equal(first, together(carry_out(again, tmp_path)))


def test_what_does_not_fit_is_computed_again(tmp_path):
    """Arrays that a piece cannot have are not taken, though the folder vouches for them."""
    other = Job(job_of(2).settings, job_of(2).pieces, lambda address: {"numbers": np.zeros(1)})
    list(carry_out(other, tmp_path))
    job = Job(
        job_of(2).settings,
        job_of(2).pieces,
        Uniform(),
        fits=lambda arrays, piece: arrays["numbers"].shape == (5,),
    )

    np.testing.assert_array_equal(
        together(carry_out(job_of(2))), together(carry_out(job, tmp_path))
    )


def test_a_folder_of_another_job_is_refused(tmp_path):
    """The refusal names what differs."""
    list(carry_out(job_of(2), tmp_path))

    with pytest.raises(ResultError, match="count is 2 there and 3 here"):
        list(carry_out(job_of(3), tmp_path))


def test_other_code_does_not_go_on_with_a_run(tmp_path, monkeypatch):
    """Pieces of two versions of the program are not mixed."""
    list(carry_out(job_of(2), tmp_path))
    monkeypatch.setattr("detente.runs.job.code_digest", lambda: "other")

    with pytest.raises(ResultError, match=r"code is .* there and other here"):
        list(carry_out(job_of(2), tmp_path))


def test_no_workers_are_refused():
    """A number of threads or processes below one is wrong use."""
    for where in ({"threads": 0}, {"processes": 0}):
        with pytest.raises(UsageError, match="give 1 or more"):
            next(carry_out(job_of(1), **where))


RUN = """
import sys
sys.path.insert(0, {here!r})
from test_jobs import job_of
from detente.runs import carry_out
if __name__ == "__main__":
    for _ in carry_out(job_of(40, 0.05), sys.argv[1], processes=2):
        pass
"""


def children_of(process):
    """Return the processes below a process, as the system lists them."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(line) for line in listed.stdout.split()]


def alive(pid):
    """Return whether a process runs (one that is dead and not yet buried does not)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_run_that_is_killed_leaves_no_worker_and_goes_on(tmp_path):
    """After kill -9 the workers end by themselves, and the same call gives the same bits."""
    script = tmp_path / "run.py"
    script.write_text(RUN.format(here=os.path.dirname(__file__)), encoding="utf-8")
    folder = tmp_path / "run"
    process = subprocess.Popen([sys.executable, str(script), str(folder)])
    while process.poll() is None and len(list(folder.glob("pieces/[0-9]*.npz"))) < 5:
        time.sleep(0.01)
    workers = children_of(process)
    process.send_signal(signal.SIGKILL)
    process.wait()

    assert len(workers) >= 2
    for _ in range(500):
        if not any(map(alive, workers)):
            break
        time.sleep(0.02)
    assert [] == [pid for pid in workers if alive(pid)]
    assert 5 <= len(list(folder.glob("pieces/[0-9]*.npz"))) < 40
    np.testing.assert_array_equal(
        together(carry_out(job_of(40))), together(carry_out(job_of(40, 0.05), folder))
    )


def test_a_worker_that_is_killed_is_named(tmp_path):
    """A process that is ended from outside is no fault of the program: it says what to do."""
    job = Job({}, pieces_of(range(3)), Deadly())

    with pytest.raises(ResultError, match=r"ended from outside.*same command again"):
        list(carry_out(job, tmp_path, processes=1))


class Deadly:
    """Ends its own process."""

    def __call__(self, address):
        """Kill the process that computes."""
        os.kill(os.getpid(), signal.SIGKILL)


def test_an_interrupt_while_a_piece_is_packed_waits_until_it_is_whole(tmp_path, monkeypatch):
    """The zip is never left open, and the piece that was being written is there."""
    packing = np.savez_compressed

    def interrupted(file, **arrays):
        signal.raise_signal(signal.SIGINT)
        packing(file, **arrays)

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with RunFolder.opened(tmp_path / "run", {"what": "a test"}) as folder:
        with pytest.raises(KeyboardInterrupt):
            folder.write(0, "first", {"x": np.arange(3.0)})

        assert [0.0, 1.0, 2.0] == folder.read(0, "first")["x"].tolist()
