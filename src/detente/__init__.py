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
        dissolve,
        ease,
        estrange,
        found,
        guarantee,
        join,
        leave,
        neutral,
        pledge,
        reconcile,
        sharpen,
        station,
        stop_supplying,
        supply,
        withdraw,
        withdraw_forces,
    )
    from detente.architecture.difference import diff
    from detente.architecture.mapping import TieMapping
    from detente.architecture.package.finding import bundled
    from detente.architecture.proposals import propose
    from detente.architecture.sentences import parse
    from detente.architecture.value import Architecture
    from detente.auditing.feasible import feasible
    from detente.auditing.result import Audit, open_audit
    from detente.auditing.run import audit
    from detente.crisis.questions.committor import committor
    from detente.crisis.questions.intervene import intervene
    from detente.crisis.questions.no_return import no_return
    from detente.crisis.questions.rare import rare
    from detente.crisis.questions.trajectories import trajectories
    from detente.crisis.run.result import open_simulation
    from detente.crisis.run.simulation import simulate
    from detente.evidence.history import history
    from detente.evidence.panel.rows import panel
    from detente.evidence.resolve import load

_WHERE = {
    "Architecture": "detente.architecture.value",
    "Audit": "detente.auditing.result",
    "Change": "detente.architecture.changes",
    "TieMapping": "detente.architecture.mapping",
    "arm": "detente.architecture.changes",
    "audit": "detente.auditing.run",
    "bundled": "detente.architecture.package.finding",
    "commit": "detente.architecture.changes",
    "committor": "detente.crisis.questions.committor",
    "diff": "detente.architecture.difference",
    "disarm": "detente.architecture.changes",
    "dissolve": "detente.architecture.changes",
    "ease": "detente.architecture.changes",
    "estrange": "detente.architecture.changes",
    "feasible": "detente.auditing.feasible",
    "found": "detente.architecture.changes",
    "guarantee": "detente.architecture.changes",
    "history": "detente.evidence.history",
    "intervene": "detente.crisis.questions.intervene",
    "join": "detente.architecture.changes",
    "leave": "detente.architecture.changes",
    "load": "detente.evidence.resolve",
    "neutral": "detente.architecture.changes",
    "no_return": "detente.crisis.questions.no_return",
    "open_audit": "detente.auditing.result",
    "open_simulation": "detente.crisis.run.result",
    "panel": "detente.evidence.panel.rows",
    "parse": "detente.architecture.sentences",
    "pledge": "detente.architecture.changes",
    "propose": "detente.architecture.proposals",
    "rare": "detente.crisis.questions.rare",
    "reconcile": "detente.architecture.changes",
    "sharpen": "detente.architecture.changes",
    "simulate": "detente.crisis.run.simulation",
    "station": "detente.architecture.changes",
    "stop_supplying": "detente.architecture.changes",
    "supply": "detente.architecture.changes",
    "trajectories": "detente.crisis.questions.trajectories",
    "withdraw": "detente.architecture.changes",
    "withdraw_forces": "detente.architecture.changes",
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
    "dissolve",
    "ease",
    "estrange",
    "feasible",
    "found",
    "guarantee",
    "history",
    "intervene",
    "join",
    "leave",
    "load",
    "neutral",
    "no_return",
    "open_audit",
    "open_simulation",
    "panel",
    "parse",
    "pledge",
    "propose",
    "rare",
    "reconcile",
    "sharpen",
    "simulate",
    "station",
    "stop_supplying",
    "supply",
    "trajectories",
    "withdraw",
    "withdraw_forces",
]


_ROOMS = ("architecture", "auditing", "crisis", "evidence", "lenses", "reporting", "reproduce")


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
