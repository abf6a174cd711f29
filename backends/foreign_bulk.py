"""Reading a bulk export: NDJSON files, a resource a line, become one Bundle for each patient.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html. Every line is read before anything may be stored: a line
that is no resource refuses the whole export. No error repeats a value of a file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from backends.checking import RESOURCE_TYPES
from backends.foreign_file import ChartFileError, ForeignBundle, Incoming, NoSuchFile, Skipped, newest
from backends.foreign_places import subject_of
from backends.refusals import Json

MAX_EXPORT_BYTES = 400_000_000  # of all files together: they are held in memory, about three times as large
SMALLER_FIX = "Export a group of patients at a time, or fewer types (without Claim and ExplanationOfBenefit)."
LINE_FIX = "Correct that line, or export again. Nothing of this export was loaded."
_SHARED = ("Organization", "Practitioner", "PractitionerRole", "Location", "Medication", "Endpoint", "Device")
_DEPTH = 4  # a role names a clinic, the clinic a network


def is_export(path: Path) -> bool:
    return path.suffix.lower() == ".ndjson"


def read_export(paths: Sequence[Path]) -> list[ForeignBundle]:
    """One Bundle a patient, each with the people and places that it refers to, then what belongs to nobody.

    Raises `ChartFileError` naming file and line.
    """
    size = sum(_size(path) for path in paths)
    if size > MAX_EXPORT_BYTES:
        problem = f"it has {size / 1e6:.0f} MB; the limit is {MAX_EXPORT_BYTES / 1e6:.0f} MB"
        raise ChartFileError(problem, fix=SMALLER_FIX)
    lines = [line for path in paths for line in _lines(path)]
    numbered = [_incoming(number, where, resource) for number, (where, resource) in enumerate(lines)]
    skipped = tuple(one for one in numbered if isinstance(one, Skipped))
    return list(_by_patient([one for one in numbered if isinstance(one, Incoming)], skipped))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise NoSuchFile(f"{path.name} cannot be read ({error.strerror})") from None


def _lines(path: Path) -> Iterator[tuple[str, Json]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            text = line.removeprefix(b"\xef\xbb\xbf").strip()
            if text:
                yield f"{path.name} line {number}", _resource(text, f"{path.name} line {number}")


def _resource(text: bytes, where: str) -> Json:
    try:
        text.decode()
        resource: Any = orjson.loads(text)
    except UnicodeDecodeError:
        raise ChartFileError(f"{where} is not UTF-8 text", fix=LINE_FIX) from None
    except orjson.JSONDecodeError as error:
        raise ChartFileError(f"{where} is not JSON (column {error.colno})", fix=LINE_FIX) from None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise ChartFileError(f"{where} is no FHIR resource", fix=LINE_FIX)
    return resource


def _incoming(number: int, where: str, resource: Json) -> Incoming | Skipped:
    kind = resource["resourceType"]
    if kind not in RESOURCE_TYPES:
        named = kind.isalpha() and len(kind) <= 40
        return Skipped(f"{where} {kind}" if named else where, "this chart does not hold that type")
    return Incoming(number, "", resource, f"{where} {kind}")


def _by_patient(incoming: Sequence[Incoming], skipped: tuple[Skipped, ...]) -> Iterator[ForeignBundle]:
    shared = {_name(one): one for one in incoming if one.type in _SHARED}
    charts: dict[str, list[Incoming]] = defaultdict(list)
    for one in incoming:
        if one.type not in _SHARED:
            charts[_whose(one)].append(one)
    nobodys = charts.pop("", [])
    used: set[int] = set()
    for chart in charts.values():
        whole = [*_referred(chart, shared), *chart]
        used |= {one.number for one in whole}
        yield _bundle(whole)
    rest = [one for one in shared.values() if one.number not in used]
    yield _bundle([*_referred(nobodys, shared), *rest, *nobodys], skipped)


def _bundle(incoming: Iterable[Incoming], skipped: tuple[Skipped, ...] = ()) -> ForeignBundle:
    once = {one.number: one for one in incoming}
    kept = tuple(newest(once.values()))
    numbers = {one.number for one in kept}
    older = [
        Skipped(one.where, "an older version of the same")
        for one in once.values()
        if one.number not in numbers
    ]
    return ForeignBundle(kept, (*skipped, *older))


def _name(one: Incoming) -> str:
    return f"{one.type}/{one.resource.get('id') or one.number}"


def _whose(one: Incoming) -> str:
    """The patient's name in the export, "" for what is about nobody."""
    return _name(one) if one.type == "Patient" else _short(subject_of(one.resource))


def _short(reference: str) -> str:
    """``Patient/1`` of ``https://ehr.example/fhir/Patient/1/_history/2``."""
    return "/".join(reference.split("/_history/")[0].rsplit("/", 2)[-2:])


def _referred(chart: Sequence[Incoming], shared: dict[str, Incoming]) -> list[Incoming]:
    """The people and places that a chart refers to, and those that these refer to."""
    found: dict[str, Incoming] = {}
    asked: Sequence[Incoming] = chart
    for _ in range(_DEPTH):
        names = {_short(reference) for one in asked for reference in _references(one.resource)}
        asked = [shared[name] for name in sorted(names - found.keys()) if name in shared]
        found |= {_name(one): one for one in asked}
    return list(found.values())


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for item in value.values():
            yield from _references(item)
