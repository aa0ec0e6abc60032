"""A process that was forked after its parent had tables in memory: refused before it hangs.

Polars keeps threads of its own. A fork copies the locks that they hold and not the threads, so
that the copy waits for ever at its next table. Nothing can be done about it in the copy; it can
only be told at once.
"""

from __future__ import annotations

import os

from detente.errors import UsageError

_state = {"used": False, "stuck": False}


def _after_fork() -> None:
    _state["stuck"] = _state["used"]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def refuse_after_fork() -> None:
    """Note that tables are in use; refuse in a process forked from one that had used them.

    Raises
    ------
    UsageError
        In such a process; says how to start it instead.
    """
    if _state["stuck"]:
        raise UsageError(
            "this process was forked from one in which detente had already been at work, and its "
            "tables would hang here. Start it anew instead: multiprocessing.get_context('spawn') "
            "or 'forkserver' (concurrent.futures: mp_context=), or fork before the first use of "
            "detente"
        )
    _state["used"] = True
