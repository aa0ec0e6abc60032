"""Starting: what is loaded, what is exported."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import detente

HEAVY = ["xarray", "pandas", "polars", "numba", "altair", "fastapi", "scipy", "numpy"]


def loaded(code: str) -> set[str]:
    """Names of the heavy packages that a fresh interpreter has loaded after some code."""
    script = (
        f"{code}\nimport sys, json; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_detente_loads_nothing_heavy():
    """The front door is small: no numerical or plotting package comes with it."""
    assert set() == loaded("import detente")


def test_help_loads_nothing_heavy():
    """``detente --help`` starts without any of them."""
    code = "from detente.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"

    assert set() == loaded(code)


def test_the_export_list_and_what_is_there_agree():
    """Everything in ``__all__`` can be had, and nothing else is promised."""
    assert sorted(detente.__all__) == detente.__all__
    from detente.face import PUBLIC

    assert sorted(PUBLIC) == detente.__all__
    assert all(getattr(detente, name) is not None for name in detente.__all__)
    assert set(detente.__all__) < set(dir(detente))


def test_an_unknown_name_is_an_attribute_error():
    """A misspelled name fails as any attribute does."""
    with pytest.raises(AttributeError, match="no attribute 'adit'"):
        detente.adit  # noqa: B018 - the access is what is tested


def test_the_room_of_the_audit_can_be_called():
    """``dt.audit`` is the function, whichever part of the room was imported before."""
    import detente.auditing.verdicts

    assert detente.auditing.verdicts.READINGS == ("veto", "freedom", "balance")
    assert detente.audit("common-house", draws=0, alternatives=False).lenses == ["coalition"]


def test_a_model_can_be_reached_by_its_name_alone():
    """``detente.lenses.contest.equilibrium`` works after a plain import, without numba."""
    code = (
        "import detente; import numpy as np; n = np.zeros((4, 4));"
        "assert abs(detente.lenses.contest.equilibrium(n, n, beta=0.1, gamma=0.1).effort - 0.1875)"
        ".max() < 1e-12;"
        "detente.lenses.war_stability.critical_advantage(n, np.ones(4))"
    )

    assert not loaded(code) & {"numba", "xarray", "altair", "pandas"}
    with pytest.raises(AttributeError, match="no lens 'contests'"):
        detente.lenses.contests  # noqa: B018 - the access is what is tested


def test_no_two_test_files_share_a_name():
    """Test files are imported by their bare names: a second one of a name would not be run."""
    names = [path.name for path in Path(__file__).parents[1].rglob("test_*.py")]

    assert sorted(set(names)) == sorted(names)


ROOMS = [
    "architecture",
    "evidence",
    "lenses",
    "audit",
    "crisis",
    "settlement",
    "report",
    "workbench",
    "cli",
]


def test_rooms_import_only_from_rooms_above_them():
    """Data flows one way through the house; a result may ask for its picture when it is shown."""
    source = Path(detente.__file__).parent
    # Result objects offer .plot() and .report(), which load the report room when called.
    allowed = {("audit", "report"), ("crisis", "report")}
    wrong = []
    for path in source.rglob("*.py"):
        parts = path.relative_to(source).parts
        if len(parts) < 2 or parts[0] not in ROOMS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [node.module] if isinstance(node, ast.ImportFrom) and node.module
                else [a.name for a in node.names] if isinstance(node, ast.Import)
                else []
            )  # fmt: skip
            for name in names:
                bits = name.split(".")
                if bits[0] == "detente" and len(bits) > 1 and bits[1] in ROOMS:
                    here, there = parts[0], bits[1]
                    if ROOMS.index(there) > ROOMS.index(here) and (here, there) not in allowed:
                        wrong.append(f"{'/'.join(parts)} imports {name}")

    assert [] == wrong
