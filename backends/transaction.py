"""FHIR transaction Bundles: all or nothing, https://hl7.org/fhir/R4/http.html#transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlmodel import Session

from backends.fhir_time import fhir_instant
from backends.refusals import Json, refuse
from backends.store import ChartStore, Stored

MAX_ENTRIES = 5_000


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry, read. ``full_url`` is what other entries may refer to it by."""

    method: str
    url: str
    full_url: str
    resource: Json | None
    if_none_exist: str
    if_match: str


@dataclass(frozen=True, slots=True)
class _Planned:
    """An entry with the place it will get; ``existing`` when its condition already finds one."""

    entry: _Entry
    resource_type: str
    resource_id: str
    existing: Stored | None = None


def run(store: ChartStore, session: Session, bundle: object) -> Json:
    """Carry out a transaction Bundle; its response Bundle. Raises `ChartRefusal`, and then nothing is written
    (the caller's transaction must be given up).
    """
    planned = [_plan(store, session, entry) for entry in _entries(bundle)]
    places = _places(planned)
    order = sorted(range(len(planned)), key=lambda at: _turn(planned[at]))
    answers: dict[int, Json] = {}
    for at in order:
        answers[at] = _carry_out(store, session, planned[at], places)
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [answers[at] for at in range(len(planned))],
    }


def _entries(bundle: object) -> Iterator[_Entry]:
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise refuse(400, "structure", "the body is not a Bundle")
    if bundle.get("type") != "transaction":
        raise refuse(400, "not-supported", "this chart takes Bundles of type transaction only", "Bundle.type")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise refuse(400, "structure", f"a list of at most {MAX_ENTRIES} entries is needed", "Bundle.entry")
    for number, entry in enumerate(entries):
        yield _read_entry(entry, f"Bundle.entry[{number}]")


def _read_entry(entry: Any, where: str) -> _Entry:
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise refuse(400, "required", "each entry needs a request", f"{where}.request")
    texts = {name: request.get(name, "") for name in ("method", "url", "ifNoneExist", "ifMatch")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise refuse(400, "structure", "the parts of a request are strings", f"{where}.request")
    if texts["method"] not in ("POST", "PUT", "GET"):
        raise refuse(400, "not-supported", "only POST, PUT and GET are supported", f"{where}.request.method")
    resource = entry.get("resource")
    if texts["method"] != "GET" and not isinstance(resource, dict):
        raise refuse(400, "required", "the entry needs a resource", f"{where}.resource")
    full_url = str(entry.get("fullUrl", ""))
    return _Entry(
        texts["method"], texts["url"].strip("/"), full_url, resource, texts["ifNoneExist"], texts["ifMatch"]
    )


def _plan(store: ChartStore, session: Session, entry: _Entry) -> _Planned:
    resource_type, _, rest = entry.url.partition("/")
    if entry.resource is not None and entry.resource.get("resourceType") != resource_type:
        raise refuse(
            400, "invariant", "an entry's url does not name its resource's type", "Bundle.entry.request.url"
        )
    if entry.method != "POST":
        return _Planned(entry, resource_type, rest)
    if entry.if_none_exist:
        existing = store.match(session, resource_type, entry.if_none_exist)
        if existing is not None:
            return _Planned(entry, resource_type, existing.body["id"], existing)
    return _Planned(entry, resource_type, uuid.uuid4().hex)


def _places(planned: list[_Planned]) -> dict[str, str]:
    """fullUrl -> "Type/id"."""
    places: dict[str, str] = {}
    for plan in planned:
        if plan.entry.full_url and plan.entry.method != "GET":
            if plan.entry.full_url in places:
                raise refuse(400, "invariant", "two entries have the same fullUrl", "Bundle.entry.fullUrl")
            places[plan.entry.full_url] = f"{plan.resource_type}/{plan.resource_id}"
    return places


def _turn(plan: _Planned) -> int:
    return ("POST", "PUT", "GET").index(plan.entry.method)


def _carry_out(store: ChartStore, session: Session, plan: _Planned, places: dict[str, str]) -> Json:
    if plan.entry.method == "GET":
        stored = store.read(session, plan.resource_type, plan.resource_id)
        return {"resource": stored.body, "response": {"status": "200 OK", "etag": stored.etag}}
    if plan.existing is not None:
        return _answer(plan.existing, created=False)
    resource = _resolved(store, session, plan.entry.resource, places)
    if plan.entry.method == "PUT":
        stored, created = store.update(session, resource, plan.resource_id, if_match=plan.entry.if_match)
    else:
        stored, created = store.create(
            session, resource, if_none_exist=plan.entry.if_none_exist, resource_id=plan.resource_id
        )
    return _answer(stored, created=created)


def _answer(stored: Stored, *, created: bool) -> Json:
    status = HTTPStatus.CREATED if created else HTTPStatus.OK
    return {
        "response": {
            "status": f"{status.value} {status.phrase}",
            "location": f"{stored.ref}/_history/{stored.version}",
            "etag": stored.etag,
            "lastModified": fhir_instant(stored.updated),
        }
    }


def _resolved(store: ChartStore, session: Session, value: Any, places: dict[str, str]) -> Any:
    """``value`` with every reference to an entry, or by a search, replaced by the place of what is meant."""
    if isinstance(value, list):
        return [_resolved(store, session, item, places) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _target(store, session, item, places)
        if name == "reference" and isinstance(item, str)
        else _resolved(store, session, item, places)
        for name, item in value.items()
    }


def _target(store: ChartStore, session: Session, reference: str, places: dict[str, str]) -> str:
    if reference in places:
        return places[reference]
    if reference.startswith(("urn:uuid:", "urn:oid:")):
        raise refuse(
            400, "not-found", "a reference points at no entry of this Bundle", "Bundle.entry.resource"
        )
    resource_type, mark, query = reference.partition("?")
    if not mark or "/" in resource_type:
        return reference
    found = store.match(session, resource_type, query)
    if found is None:
        raise refuse(412, "not-found", "a conditional reference finds nothing", "Bundle.entry.resource")
    return found.ref
