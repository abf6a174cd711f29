"""FastAPI reads a page's parameters anew for each application, and tests build hundreds of the same console.

Here they are read once a process: most of such a test's time was that. Endpoints that are made anew for each
application (closures) are read each time.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from fastapi import params, routing
from fastapi.dependencies.utils import _get_body_field, get_parameterless_sub_dependant

_read = routing._build_dependant_with_parameterless_dependencies
_body = _get_body_field
_pages: dict[tuple[str, Any], Any] = {}
_bodies: dict[tuple[str, bool, tuple[int, ...]], Any] = {}


def install() -> None:
    """For this process, from here on."""
    routing._build_dependant_with_parameterless_dependencies = read_once
    routing._get_body_field = body_once  # type: ignore[attr-defined]


def read_once(*, path: str, call: Callable[..., Any], dependencies: Sequence[params.Depends]) -> Any:
    """As FastAPI's own, for the same method of another object too."""
    if not inspect.ismethod(call):
        return _read(path=path, call=call, dependencies=dependencies)
    key = (path, call.__func__)
    if key not in _pages:
        _pages[key] = _read(path=path, call=call, dependencies=())
    page, body, embedded = _pages[key]
    gates = [get_parameterless_sub_dependant(depends=each, path=path) for each in dependencies]
    if any(gate.body_params for gate in gates):
        return _read(path=path, call=call, dependencies=dependencies)
    return replace(page, call=call, dependencies=[*gates, *page.dependencies]), body, embedded


def body_once(*, body_params: list[Any], name: str, embed_body_fields: bool) -> Any:
    """Of parameters that are kept above, so that each is known by where it is."""
    key = (name, embed_body_fields, tuple(map(id, body_params)))
    if key not in _bodies:
        _bodies[key] = (
            body_params,
            _body(body_params=body_params, name=name, embed_body_fields=embed_body_fields),
        )
    return _bodies[key][1]
