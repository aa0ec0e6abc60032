"""Words of a page: those of the whole house."""

from detente.words import (
    MINUS,
    Names,
    between,
    exact,
    listed,
    number,
    plural,
    signed,
)

__all__ = ["MINUS", "Names", "between", "exact", "listed", "number", "plural", "signed"]
