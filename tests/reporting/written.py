"""Pages of audits in files, for the tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import detente as dt
from detente.reporting.audit.audit import page
from detente.reporting.page import render


def write(audit: dt.Audit, path: str | os.PathLike[str], **context: Any) -> Path:
    """The page of an audit in a file."""
    return render.write(page(audit, **context), path)
