"""Who pays: externalities, witnesses, indices and how sure we are of them."""

from detente.auditing.feasible_changes import RULE, feasible
from detente.auditing.run import audit

__all__ = ["RULE", "audit", "feasible"]
