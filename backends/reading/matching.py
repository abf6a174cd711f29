"""FHIR search asked of documents in memory: the same parameters and values as `search` asks the database."""

from __future__ import annotations

from backends.fhir_time import FhirTimeError
from backends.index import HIGH, Kind, entries, parameters
from backends.refusals import Json
from backends.search import Pairs, prefixed, split_values, stored_form

Rows = set[tuple[str, str]]


def fits(document: Json, pairs: Pairs) -> bool:
    """Whether a document matches all ``pairs``. A malformed one matches nothing that it cannot show."""
    try:
        rows = entries(document, _plain)
    except (AttributeError, TypeError, FhirTimeError):
        return False
    return all(_fits(document, rows, name, value) for name, value in pairs if name not in ("_count", "_sort"))


def _plain(_: str, text: str) -> str:
    """Nothing rests here, so nothing needs to be blinded."""
    return text


def _fits(document: Json, rows: Rows, name: str, value: str) -> bool:
    if name == "_id":
        return document["id"] in split_values(value)
    parameter = parameters(document["resourceType"])[name]
    if parameter.kind is Kind.DATE:
        return any(_dated(rows, name, text) for text in split_values(value))
    return any((name, stored_form(name, parameter, text, _plain)) in rows for text in split_values(value))


def _dated(rows: Rows, name: str, text: str) -> bool:
    prefix, low, high = prefixed(name, text)
    starts = [value for param, value in rows if param == name]
    ends = [value for param, value in rows if param == name + HIGH]
    match prefix:
        case "lt":
            return any(start < low for start in starts)
        case "le":
            return any(start < high for start in starts)
        case "sa":
            return any(start >= high for start in starts)
        case "gt":
            return any(end > high for end in ends)
        case "ge":
            return any(end > low for end in ends)
        case "eb":
            return any(end <= low for end in ends)
    return any(start >= low for start in starts) and any(end <= high for end in ends)
