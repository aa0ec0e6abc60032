"""detente: a laboratory for security architectures.

>>> import detente as dt
>>> g = dt.load("two-blocs")
>>> result = dt.audit(g)

Everything public is listed in ``__all__`` and loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.architecture.changes import (
        Change,
        arm,
        commit,
        disarm,
        estrange,
        join,
        leave,
        reconcile,
        withdraw,
    )
    from detente.architecture.difference import diff
    from detente.architecture.load import bundled
    from detente.architecture.mapping import TieMapping
    from detente.architecture.sentences import parse
    from detente.architecture.value import Architecture
    from detente.audit.feasible import feasible
    from detente.audit.result import Audit, open_audit
    from detente.audit.run import audit
    from detente.crisis.committor import committor
    from detente.crisis.intervene import intervene
    from detente.crisis.no_return import no_return
    from detente.crisis.result import open_simulation
    from detente.crisis.run import simulate
    from detente.crisis.splitting import rare
    from detente.crisis.trajectories import trajectories
    from detente.evidence.by_name import load
    from detente.evidence.history import history
    from detente.evidence.panel import panel

_WHERE = {
    "Architecture": "detente.architecture.value",
    "Audit": "detente.audit.result",
    "Change": "detente.architecture.changes",
    "TieMapping": "detente.architecture.mapping",
    "arm": "detente.architecture.changes",
    "bundled": "detente.architecture.load",
    "commit": "detente.architecture.changes",
    "committor": "detente.crisis.committor",
    "diff": "detente.architecture.difference",
    "disarm": "detente.architecture.changes",
    "estrange": "detente.architecture.changes",
    "feasible": "detente.audit.feasible",
    "history": "detente.evidence.history",
    "intervene": "detente.crisis.intervene",
    "join": "detente.architecture.changes",
    "leave": "detente.architecture.changes",
    "load": "detente.evidence.by_name",
    "no_return": "detente.crisis.no_return",
    "open_audit": "detente.audit.result",
    "open_simulation": "detente.crisis.result",
    "panel": "detente.evidence.panel",
    "parse": "detente.architecture.sentences",
    "rare": "detente.crisis.splitting",
    "reconcile": "detente.architecture.changes",
    "simulate": "detente.crisis.run",
    "trajectories": "detente.crisis.trajectories",
    "withdraw": "detente.architecture.changes",
}

__all__ = [
    "Architecture",
    "Audit",
    "Change",
    "TieMapping",
    "arm",
    "audit",
    "bundled",
    "commit",
    "committor",
    "diff",
    "disarm",
    "estrange",
    "feasible",
    "history",
    "intervene",
    "join",
    "leave",
    "load",
    "no_return",
    "open_audit",
    "open_simulation",
    "panel",
    "parse",
    "rare",
    "reconcile",
    "simulate",
    "trajectories",
    "withdraw",
]


_ROOMS = ("architecture", "audit", "crisis", "evidence", "lenses", "report", "reproduce")


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"detente.{name}")
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("detente")
    raise AttributeError(f"module 'detente' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
