"""Reading a FHIR R4 Bundle that another system wrote: a file's bytes become its entries, or a clear error.

https://hl7.org/fhir/R4/bundle.html. Nothing is written here, and no error repeats a value of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from backends.checking import RESOURCE_TYPES
from backends.refusals import Json
from models.errors import FirstringError

MAX_FILE_BYTES = 16_000_000  # a long life's chart is 1 to 10 MB; the database is locked while one is stored
MAX_ENTRIES = 20_000
CHART_BUNDLES = ("transaction", "batch", "collection", "searchset", "document")
SPLIT_FIX = "Export one patient a file, or fewer resources (without Claim and ExplanationOfBenefit)."


class ChartFileError(FirstringError):
    """A file of charts cannot be loaded; nothing of it was stored."""

    code = "chart-file"
    fix = "Export the chart again as a FHIR R4 Bundle in JSON."


class NoSuchFile(ChartFileError):
    """A path that does not exist or cannot be read."""

    code = "chart-path"
    fix = "Correct the path, or give this user leave to read it."


@dataclass(frozen=True, slots=True)
class Incoming:
    """One resource of a file. ``number`` counts from 0; ``line``: its place in a file of lines."""

    number: int
    full_url: str
    resource: Json
    line: str = ""

    @property
    def type(self) -> str:
        return str(self.resource["resourceType"])

    @property
    def where(self) -> str:
        return self.line or f"entry[{self.number}] {self.type}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was left out of a file, and why; ``broken`` when something is wrong with it."""

    what: str
    why: str
    broken: bool = False


@dataclass(frozen=True, slots=True)
class ForeignBundle:
    """The resources of a file that this chart holds, and what it does not."""

    incoming: tuple[Incoming, ...]
    skipped: tuple[Skipped, ...]


def read_file(path: Path) -> ForeignBundle:
    """The Bundle in a file. Raises `ChartFileError`; a file over the limit is not even read."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            problem = f"it has {size / 1e6:.0f} MB; the limit is {MAX_FILE_BYTES / 1e6:.0f} MB"
            raise ChartFileError(problem, fix=SPLIT_FIX)
        data = path.read_bytes()
    except OSError as error:
        raise NoSuchFile(f"it cannot be read ({error.strerror})") from None
    return read_bundle(data)


def read_bundle(data: bytes) -> ForeignBundle:
    """The Bundle in some bytes. Raises `ChartFileError`."""
    document = _json(data)
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        raise ChartFileError("it is JSON, but not a FHIR Bundle")
    kind = document.get("type")
    if kind not in CHART_BUNDLES:
        known = ", ".join(CHART_BUNDLES)
        raise ChartFileError(f"its Bundle.type is none of those that carry charts: {known}")
    entries = document.get("entry", [])
    if not isinstance(entries, list) or not entries:
        raise ChartFileError("its Bundle has no entries")
    if len(entries) > MAX_ENTRIES:
        raise ChartFileError(f"its Bundle has more than {MAX_ENTRIES} entries", fix=SPLIT_FIX)
    return _sorted_out(entries)


def _json(data: bytes) -> Any:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"it is not UTF-8 text (byte {error.start})"
        raise ChartFileError(problem, fix="FHIR JSON is UTF-8: convert it, for example with iconv.") from None
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise ChartFileError(f"it is not JSON (line {error.lineno}, column {error.colno})") from None


def _sorted_out(entries: list[Any]) -> ForeignBundle:
    incoming: list[Incoming] = []
    skipped: list[Skipped] = []
    for number, entry in enumerate(entries):
        found = _incoming(number, entry)
        (incoming if isinstance(found, Incoming) else skipped).append(found)  # type: ignore[arg-type]
    latest = list(newest(incoming))
    kept = {one.number for one in latest}
    older = [Skipped(one.where, "an older version of the same") for one in incoming if one.number not in kept]
    return ForeignBundle(tuple(latest), (*skipped, *older))


def _incoming(number: int, entry: Any) -> Incoming | Skipped:
    where = f"entry[{number}]"
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict):
        return Skipped(where, "holds no resource", broken=not isinstance(entry, dict))
    kind = resource.get("resourceType")
    if kind not in RESOURCE_TYPES:
        named = isinstance(kind, str) and kind.isalpha() and len(kind) <= 40
        return Skipped(f"{where} {kind}" if named else where, "this chart does not hold that type")
    full_url = entry.get("fullUrl")
    return Incoming(number, full_url if isinstance(full_url, str) else "", resource)


def newest(incoming: Iterable[Incoming]) -> Iterator[Incoming]:
    """One of each resource: of several versions under one address the one with the highest number."""
    best: dict[str, Incoming] = {}
    for one in incoming:
        address = one.full_url or f"{one.type}/{one.resource.get('id') or one.number}"
        held = best.get(address)
        if held is None or _version(one) >= _version(held):
            best[address] = one
    yield from sorted(best.values(), key=lambda one: one.number)


def _version(one: Incoming) -> tuple[int, str]:
    meta = one.resource.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    version = str(meta.get("versionId", ""))
    return int(version) if version.isdecimal() and len(version) < 10 else 0, str(meta.get("lastUpdated", ""))
