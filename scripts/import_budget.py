"""What importing detente and asking its command line for help may not load.

``python scripts/import_budget.py`` ends with 1 and names what was loaded.
"""

import sys

import detente
import detente.cli

DEAR = frozenset(
    [
        "altair",
        "fastapi",
        "numba",
        "pandas",
        "polars",
        "scipy",
        "sklearn",
        "spacy",
        "xarray",
        "zarr",
    ]
)

loaded = sorted(DEAR & set(sys.modules))
if loaded:
    sys.exit(f"importing {detente.__name__} loads {', '.join(loaded)}")
print("import budget kept")
