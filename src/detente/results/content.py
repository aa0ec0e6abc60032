"""The digest of the content of a result, by which damage is found.

Every variable and the attributes of the whole have a digest of their own, so that what is lost
can be named. It is the same in memory and in every form in which a result is kept, whatever the
width of its numbers there.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

CONTENT = "content"
"""The attribute of a saved result that holds the digests."""
WHOLE = "attributes of the whole"
LENGTH = 16


def content_of(data: xr.Dataset) -> dict[str, str]:
    """Return the digest of every variable, and of the attributes of the whole.

    Which variables are coordinates belongs to the whole: a file says it in an attribute of theirs,
    which can be damaged while every value stays as it was.
    """
    digests = {str(name): _variable(v) for name, v in data.variables.items()}
    labels = json.dumps(sorted(map(str, data.coords)))
    digests[WHOLE] = _short(_attributes(data.attrs) + b"\0" + labels.encode())
    return digests


def sealed(data: xr.Dataset) -> str:
    """Return the attribute that a result is saved with."""
    digests = content_of(data)
    return json.dumps({"all": _over(digests), **digests}, ensure_ascii=False)


def damage(data: xr.Dataset, seal: str) -> str:
    """Return what of a result is not as it was saved; empty if it is whole."""
    try:
        kept = json.loads(seal)
        told = {str(name): str(digest) for name, digest in kept.items() if name != "all"}
        whole = kept["all"] == _over(told)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "the list of what it holds is damaged"
    if not whole:
        return "the list of what it holds is damaged"
    digests = content_of(data)
    parts = (
        ("is missing", "are missing", told.keys() - digests.keys()),
        ("was not in it", "were not in it", digests.keys() - told.keys()),
        (
            "is not as it was saved",
            "are not as they were saved",
            {name for name in told.keys() & digests.keys() if told[name] != digests[name]},
        ),
    )
    return "; ".join(
        f"{', '.join(sorted(names))} {singular if len(names) == 1 else plural}"
        for singular, plural, names in parts
        if names
    )


def _over(digests: dict[str, str]) -> str:
    return _short(json.dumps(digests, sort_keys=True).encode())


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:LENGTH]


def _variable(variable: xr.Variable) -> str:
    values = np.asarray(variable.values)
    if values.dtype.kind == "b":
        kind, content = "yes or no", values.astype(np.uint8).tobytes()
    elif values.dtype.kind in "iu":
        kind, content = "whole", values.astype("<i8").tobytes()
    elif values.dtype.kind == "f":
        kind, content = "number", np.ascontiguousarray(values, "<f8").tobytes()
    else:
        kind, content = "text", json.dumps(values.astype(str).tolist()).encode()
    head = json.dumps([kind, [str(d) for d in variable.dims], list(values.shape)])
    return _short(head.encode() + b"\0" + content + b"\0" + _attributes(variable.attrs))


def _attributes(attrs: Any) -> bytes:
    kept = {str(name): _value(value) for name, value in attrs.items()}
    return json.dumps(kept, sort_keys=True).encode()


def _value(value: Any) -> Any:
    """Return an attribute in the one form that it has in memory and in every file."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(()).item()
    if isinstance(value, np.ndarray | list | tuple):
        return [_value(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int | float):
        return repr(float(value)) if float(value) == value else str(value)
    return str(value)
