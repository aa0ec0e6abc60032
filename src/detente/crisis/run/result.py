"""The name under which pages know the result of a simulation."""

from detente.results.result import Result as Simulation

__all__ = ["Simulation"]
