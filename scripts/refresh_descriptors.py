"""Write the ``resources`` of the bundled ``datapackage.json`` files anew from the schema.

Run it after a change of the schema: ``python scripts/refresh_descriptors.py``.
"""

from __future__ import annotations

import csv
import json

from detente.architecture.package import descriptor, schema
from detente.architecture.package.finding import SCENARIOS, bundled


def main() -> None:
    """Rewrite each descriptor; tables keep their order."""
    for name in bundled():
        folder = SCENARIOS / name
        path = folder / "datapackage.json"
        raw = json.loads(path.read_text(encoding="utf-8"))
        present = [entry["path"].removesuffix(".csv") for entry in raw["resources"]]
        resources = []
        for table in present:
            with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
                columns = next(csv.reader(stream))
            resources.append(descriptor.resource(schema.table(table), columns, present))
        raw["resources"] = resources
        path.write_bytes(descriptor.render(raw))


if __name__ == "__main__":
    main()
