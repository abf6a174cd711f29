"""Domain values <-> JSON, exactly: every dataclass carries its name as "type", instants rest in UTC.

Unknown fields are ignored and missing ones take their default, so that older rows stay readable.
"""

from __future__ import annotations

import base64
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from models import domain
from models.errors import StorageError

TAG = "type"


class CodecError(StorageError):
    """A stored value does not have the shape that this program knows."""

    code = "codec"
    fix = "The row was written by another version of Firstring; see the changelog for how to migrate."


def to_json(value: Any) -> dict[str, Any]:
    """A domain dataclass as JSON data. Raises `CodecError` for anything else."""
    if not _is_domain(type(value)):
        raise CodecError(f"{type(value).__name__} is not a domain value")
    encoded: dict[str, Any] = _encode(value)
    return encoded


def from_json(data: Mapping[str, Any]) -> Any:
    """The domain value that `to_json` was given. Raises `CodecError`."""
    tag = data.get(TAG)
    cls = getattr(domain, tag, None) if isinstance(tag, str) else None
    if not isinstance(cls, type) or not _is_domain(cls):
        raise CodecError(f"{tag!r} is not the name of a domain value")
    return _decode_dataclass(cls, data)


def _is_domain(cls: type) -> bool:
    return is_dataclass(cls) and cls.__module__.startswith(f"{domain.__name__}.")


def _encode(value: Any) -> Any:
    for kind, encode in _ENCODERS:
        if isinstance(value, kind):
            return encode(value)
    if _is_domain(type(value)):
        return {TAG: type(value).__name__} | {f.name: _encode(getattr(value, f.name)) for f in fields(value)}
    raise CodecError(f"{type(value).__name__} cannot be stored in a domain value")


def _encode_instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise CodecError("an instant needs a time zone")
    return value.astimezone(UTC).isoformat()


# Order counts: an enum may be a str, a datetime is a date, a bool is an int.
_ENCODERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Enum, lambda value: value.value),
    ((str, bool, int, float, type(None)), lambda value: value),
    (datetime, _encode_instant),
    (date, date.isoformat),
    (time, time.isoformat),
    (bytes, lambda value: base64.b64encode(value).decode("ascii")),
    ((tuple, list), lambda value: [_encode(item) for item in value]),
    (Mapping, lambda value: {key: _encode(item) for key, item in value.items()}),
)


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _decode_dataclass(cls: type, data: Any) -> Any:
    if not isinstance(data, Mapping) or data.get(TAG) != cls.__name__:
        raise CodecError(f"stored data is not a {cls.__name__}")
    hints = _hints(cls)
    try:
        return cls(**{name: _decode(hint, data[name]) for name, hint in hints.items() if name in data})
    except (TypeError, ValueError, AttributeError) as error:
        raise CodecError(f"a stored {cls.__name__} is damaged") from error


def _decode(hint: Any, data: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(hint), data)
    if origin is tuple:
        return _decode_tuple(get_args(hint), data)
    if origin is not None:  # a Mapping
        return {key: _decode(get_args(hint)[1], item) for key, item in data.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return _decode_dataclass(hint, data)
    return _decode_scalar(hint, data)


def _decode_scalar(hint: Any, data: Any) -> Any:
    if hint is bytes:
        return base64.b64decode(data, validate=True)
    if hint in (datetime, date, time):
        return hint.fromisoformat(data)
    if issubclass(hint, Enum):
        return hint(data)
    if hint is float and type(data) is int:
        return float(data)
    if type(data) is not hint:
        raise TypeError(f"{hint.__name__} expected")
    return data


def _decode_tuple(items: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise TypeError("list expected")
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_decode(items[0], item) for item in data)
    return tuple(_decode(hint, item) for hint, item in zip(items, data, strict=True))


def _decode_union(members: tuple[Any, ...], data: Any) -> Any:
    """The member that fits: by tag for dataclasses, by None, else the first that accepts the value."""
    if data is None and type(None) in members:
        return None
    if isinstance(data, Mapping):
        return from_json(data) if data.get(TAG) in {m.__name__ for m in members} else _misfit(data)
    exact = [member for member in members if member is type(data)]
    others = [member for member in members if member is not type(None)]
    return _decode((exact or others)[0], data)


def _misfit(data: Mapping[str, Any]) -> Any:
    raise CodecError(f"{data.get(TAG)!r} does not belong there")
