"""The face: one source of public names, and old names that warn."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import detente as dt
from detente.face import OLD_NAMES, PUBLIC


def test_every_public_name_is_where_the_stub_says():
    """Each name of the stub is defined in the module that it names, not passed on by it."""
    for name, (module, inside) in PUBLIC.items():
        item = getattr(importlib.import_module(module), inside)
        assert item is getattr(dt, name)
        assert module == item.__module__, name


def test_public_functions_are_functions_with_a_signature_of_their_own():
    """``help(dt.audit)`` shows the audit, whichever module was imported before."""
    importlib.import_module("detente.auditing.verdicts")
    importlib.import_module("detente.reporting.page.model")

    assert inspect.isfunction(dt.audit)
    assert "architecture" in inspect.signature(dt.audit).parameters
    assert dt.audit.__doc__.startswith("Audit a security architecture")
    for name in PUBLIC:
        if not inspect.isclass(getattr(dt, name)):
            assert inspect.isfunction(getattr(dt, name)), name
            assert getattr(dt, name).__doc__, name


def test_no_submodule_has_the_name_of_a_public_function_beside_it():
    """Importing a submodule never replaces a function that its package exports."""
    packages = ["detente"] + [
        info.name for info in pkgutil.walk_packages(dt.__path__, "detente.") if info.ispkg
    ]
    for name in packages:
        package = importlib.import_module(name)
        submodules = {info.name for info in pkgutil.iter_modules(package.__path__)}
        exported = {x for x in getattr(package, "__all__", ()) if callable(getattr(package, x))}
        assert set() == submodules & exported, name


@pytest.mark.parametrize("old", sorted(OLD_NAMES))
def test_old_names_work_and_warn(old):
    """What 0.1 called otherwise is still there, and says what it is called now."""
    with pytest.warns(DeprecationWarning, match=f"detente.{old} is called detente."):
        assert getattr(dt, old) is getattr(dt, OLD_NAMES[old])
    assert old not in dt.__all__
