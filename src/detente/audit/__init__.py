"""Who pays: externalities, witnesses, indices and how sure we are of them.

The room bears the name of what it does, so it can be called: ``detente.audit(g)`` is
`detente.audit.run.audit`.
"""

from __future__ import annotations

import sys
from types import ModuleType

from detente.audit.feasible import RULE, feasible
from detente.audit.result import Audit, open_audit
from detente.audit.run import audit

__all__ = ["RULE", "Audit", "audit", "feasible", "open_audit"]


class _Room(ModuleType):
    __call__ = staticmethod(audit)


# Importing anything from this room binds the name ``detente.audit`` to the module, which would
# otherwise hide the function of the same name.
sys.modules[__name__].__class__ = _Room
