"""Make the generated parts of the documentation anew, in the pages that hold them.

``python scripts/generate_docs.py`` writes them; with ``--check`` it writes nothing, names the
pages that are out of date, and ends with 1 if there are any.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
sys.path.insert(0, str(DOCS / "_ext"))


def main() -> int:
    """Write or check the pages; returns the exit code."""
    import parts

    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="write nothing, end with 1")
    check = arguments.parse_args().check
    stale = 0
    for page in parts.pages():
        text = page.read_text(encoding="utf-8")
        current = parts.filled(text)
        if current == text:
            continue
        stale += 1
        print(f"{page.relative_to(DOCS.parent)}: {'is out of date' if check else 'written'}")
        if not check:
            page.write_text(current, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
