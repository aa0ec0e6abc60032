"""The name under which pages know the result of an audit."""

from detente.results.result import Result as Audit

__all__ = ["Audit"]
