"""How the documentation is built: ``sphinx-build -W docs docs/_build``."""

from __future__ import annotations

import detente

project = "detente"
author = "The detente developers"
copyright = author
version = release = detente.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"detente {release}"
html_static_path = ["_static"]
