"""A machine without espeak-ng, for every Python process that has this folder on its path."""

import ctypes
import ctypes.util
from typing import Any

_find, _open = ctypes.util.find_library, ctypes.CDLL.__init__


def _found(name: str) -> Any:
    return None if "espeak" in name else _find(name)


def _opened(self: Any, name: Any, *rest: Any, **more: Any) -> None:
    if "espeak" in str(name):
        raise OSError(f"{name}: cannot open shared object file: No such file or directory")
    _open(self, name, *rest, **more)


ctypes.util.find_library = _found
ctypes.CDLL.__init__ = _opened  # type: ignore[method-assign]
