"""Where compiled kernels are kept: a folder that can be written to, or none.

Numba keeps what it compiles beside the installed package, or in the user's cache folder. Where
neither can be written to, as in a container of an unprivileged user, it would fail at the first
import of a kernel. Then a folder among the temporary files is used, and if there is none either,
kernels are compiled anew in every process, which is said once.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
"""The variable with which a user chooses the folder; it is not touched where it is set."""


def choose() -> str:
    """Choose the folder for compiled kernels; return it, empty if Numba's own choice stands."""
    if os.environ.get(VARIABLE) or _writable(Path(__file__).parent) or _writable(_of_user()):
        return ""
    try:
        number = os.getuid() if hasattr(os, "getuid") else 0
        folder = Path(tempfile.gettempdir()) / f"detente-kernels-{number}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if not _own(folder) or not _writable(folder):
            raise OSError("another user's folder")
    except OSError:
        _do_without()
        return ""
    os.environ[VARIABLE] = str(folder)
    return str(folder)


def _own(folder: Path) -> bool:
    """Tell whether a folder is this user's alone: what lies in it is run."""
    about = folder.lstat()
    if not hasattr(os, "getuid"):
        return folder.is_dir()
    return folder.is_dir() and not folder.is_symlink() and about.st_uid == os.getuid()


def _of_user() -> Path:
    """Return the folder in which Numba keeps kernels for a user."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home())))
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        home = Path.home()
    except RuntimeError:
        home = Path("/nonexistent")
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    return Path(base) if base else home / ".cache"


def _writable(folder: Path) -> bool:
    """Tell whether a folder can be written to, or made where the one above it can."""
    for place in (folder, *folder.parents):
        try:
            if place.is_dir():
                return os.access(place, os.W_OK | os.X_OK)
            if place.exists():
                return False
        except OSError:
            return False
    return False


def _do_without() -> None:
    """Let Numba compile without keeping what it compiles, and say so once."""
    from numba.core.dispatcher import Dispatcher

    setattr(Dispatcher, "enable_caching", lambda self: None)  # noqa: B010
    print(
        "detente: no folder can be written to for compiled kernels, so they are compiled anew in "
        f"this process (some seconds); set {VARIABLE} to a folder of yours",
        file=sys.stderr,
    )
