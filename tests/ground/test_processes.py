"""Where detente runs: forked processes, read-only installations, homes without a place to write."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from detente import kernel_cache

FORK = """
import multiprocessing as mp, time, detente as dt
from detente.errors import DetenteError
g = dt.load("two-blocs")
g.system
def work(queue):
    try:
        {act}
        queue.put("done")
    except DetenteError as error:
        queue.put(str(error))
context = mp.get_context("fork")
queue = context.Queue()
start = time.monotonic()
child = context.Process(target=work, args=(queue,))
child.start()
print(queue.get(timeout=30), time.monotonic() - start)
child.terminate()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize(
    "act", ["dt.load('two-blocs')", "dt.audit(g)", "g.in_force('memberships')", "g.digest"]
)
def test_a_fork_after_the_first_use_is_refused_at_once(act):
    """It would hang for ever; the remedy is to start the process anew."""
    told = subprocess.run(
        [sys.executable, "-c", FORK.format(act=act)],
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout  # fmt: skip

    assert "spawn" in told or "done" in told
    assert "spawn" in told or act == "g.digest"
    assert float(told.split()[-1]) < 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_before_the_first_use_works():
    """What has not been used has no locks to copy."""
    code = """
    import os, detente as dt
    child = os.fork()
    if child == 0:
        os._exit(len(dt.load("two-blocs").codes))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout  # fmt: skip

    assert int(told) > 0


class Places:
    """Which folders can be written to, for a test."""

    def __init__(self, monkeypatch, *writable: Path) -> None:
        monkeypatch.delenv(kernel_cache.VARIABLE, raising=False)
        allowed = set(writable)
        monkeypatch.setattr(kernel_cache, "_writable", lambda folder: folder in allowed)


def test_where_nothing_else_can_be_written_to_kernels_go_among_temporary_files(
    tmp_path, monkeypatch
):
    """A read-only installation and an unwritable home: the folder is this user's alone."""
    monkeypatch.setattr(kernel_cache.tempfile, "gettempdir", lambda: str(tmp_path))
    number = os.getuid() if hasattr(os, "getuid") else 0
    folder = tmp_path / f"detente-kernels-{number}"
    Places(monkeypatch, folder)

    assert str(folder) == kernel_cache.choose() == os.environ[kernel_cache.VARIABLE]
    assert folder.stat().st_mode & 0o077 == 0
    monkeypatch.delenv(kernel_cache.VARIABLE)


@pytest.mark.parametrize("place", ["package", "user", "variable"])
def test_the_folder_is_left_to_numba_where_it_has_one(place, tmp_path, monkeypatch):
    """A folder that can be written to, or that the user chose, is not second-guessed."""
    package = Path(kernel_cache.__file__).parent
    Places(monkeypatch, package if place == "package" else kernel_cache._of_user())
    if place == "variable":
        monkeypatch.setenv(kernel_cache.VARIABLE, str(tmp_path))

    assert "" == kernel_cache.choose()


WITHOUT = """
import sys
from pathlib import Path
from detente import kernel_cache
kernel_cache._writable = lambda folder: False
kernel_cache.tempfile.gettempdir = lambda: "/dev/null"
import os
os.environ.pop(kernel_cache.VARIABLE, None)
kernel_cache.choose()
from numba import njit
@njit(cache=True)
def twice(x):
    return 2 * x
print(twice(21))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/null")
def test_without_any_folder_kernels_are_compiled_and_that_is_said_once():
    """Nothing can be kept, and nothing fails for it."""
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True, timeout=120
    )

    assert "42" == told.stdout.strip()
    assert 1 == told.stderr.count("compiled anew in this process")


def kernel_of(folder: Path) -> str:
    """Return what a kernel prints in a fresh process that keeps its kernels in a folder."""
    code = (
        "import numpy as np; from detente.crisis.kernel.chance_kernel import mix; "
        "print(mix(np.uint64(7)))"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, timeout=120,
        env={**os.environ, kernel_cache.VARIABLE: str(folder)},
    ).stdout  # fmt: skip


def gone_class(index: Path) -> bytes:
    """An index whose keys name a class that is not there any more."""
    with index.open("rb") as file:
        version = pickle.load(file)
    return pickle.dumps(version) + b"cdetente.crisis.kernel.chance_kernel\nGone\n."


DAMAGE = {
    "cut off": lambda index: index.read_bytes()[:-9],
    "empty": lambda index: b"",
    "noise": lambda index: bytes(range(200)),
    "a class that is gone": gone_class,
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_kept_kernel_that_cannot_be_read_is_compiled_anew(kind, tmp_path):
    """What an older version, a full disk or a killed process left stops nobody."""
    sound = kernel_of(tmp_path)
    indexes = list(tmp_path.rglob("*mix*.nbi"))
    for index in indexes:
        index.write_bytes(DAMAGE[kind](index))

    assert indexes
    assert sound
    assert sound == kernel_of(tmp_path)


def test_a_kept_kernel_cut_off_is_compiled_anew(tmp_path):
    """The machine code itself may be cut off, with a sound index."""
    sound = kernel_of(tmp_path)
    kept = list(tmp_path.rglob("*mix*.nbc"))
    for file in kept:
        file.write_bytes(file.read_bytes()[:100])

    assert kept
    assert sound == kernel_of(tmp_path)
