"""Who pays: externalities, witnesses, indices and how sure we are of them."""

from detente.auditing.feasible import RULE, feasible
from detente.auditing.result import Audit, open_audit
from detente.auditing.run import audit

__all__ = ["RULE", "Audit", "audit", "feasible", "open_audit"]
