"""Pages of audits in files, for the tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from detente.results import Result


def write(audit: Result, path: str | os.PathLike[str], **context: Any) -> Path:
    """The page of an audit in a file."""
    return audit.report(path, **context)
