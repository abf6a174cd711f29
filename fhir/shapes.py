"""What another server's JSON holds where an object or a list is due; nothing where it is something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_NOTHING: Final[Mapping[str, Any]] = {}


def object_of(value: object) -> Mapping[str, Any]:
    """The object, an empty one for anything else."""
    return value if isinstance(value, Mapping) else _NOTHING


def objects_of(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list, none for anything else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
