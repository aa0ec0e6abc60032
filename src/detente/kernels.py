"""`njit` for the kernels of the house: a kept kernel that cannot be read is compiled anew.

Numba keeps what it compiles in a folder and finds it again by an index. An index that an older
version wrote may name a class that is gone, and a full disk or a killed process may cut one off;
Numba fails on both. Here either counts as nothing kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from numba import prange
from numba.core.caching import IndexDataCacheFile

__all__ = ["njit", "prange"]


class TolerantIndex(IndexDataCacheFile):
    """Numba's index of kept kernels, empty where it cannot be read."""

    def _load_index(self) -> Any:
        try:
            return super()._load_index()  # type: ignore[no-untyped-call]
        except OSError:
            raise  # Numba's own: a file that another process has just replaced
        except Exception:
            return {}

    def _load_data(self, name: str) -> Any:
        try:
            return super()._load_data(name)  # type: ignore[no-untyped-call]
        except OSError:
            raise
        except Exception:
            return None


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a kernel with the options of ``numba.njit``; read tolerantly what is kept of it."""
    compiled = numba.njit(**options)

    def decorate(function: Callable[..., Any]) -> Any:
        kernel = compiled(function)
        index = getattr(getattr(kernel, "_cache", None), "_cache_file", None)
        if type(index) is IndexDataCacheFile:
            index.__class__ = TolerantIndex
        return kernel

    return decorate
