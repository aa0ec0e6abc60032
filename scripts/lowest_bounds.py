"""The lowest releases that pyproject.toml admits, as constraints for pip.

A lower bound without a wheel for a newer Python is raised to the first that has one (`FIRST`).
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST = {
    (3, 13): {
        "numpy": "2.1.0",
        "numba": "0.61.0",
        "scipy": "1.14.1",
        "scikit-learn": "1.5.2",
    },
}
"""Package to the first release with wheels for a Python, where that is above the lower bound."""


def main() -> None:
    """Print one constraint a line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    first = FIRST.get(sys.version_info[:2], {})
    extras = project["optional-dependencies"]
    for requirement in (*project["dependencies"], *extras["fast"]):
        match = re.match(r"([\w-]+)>=([\w.]+)", requirement)
        if match:
            print(f"{match[1]}=={first.get(match[1], match[2])}")


if __name__ == "__main__":
    main()
