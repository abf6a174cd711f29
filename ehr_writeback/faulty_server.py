"""A FHIR server in memory that fails on order: for tests and rehearsals, never for patients.

It keeps the promises that a CapabilityStatement makes in its mode (conditional create, transaction) and
refuses what a careful server refuses (dangling placeholders). Each request uses up one fault of its script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

import httpx
import orjson

from fhir.outcome import Issue, document_of

Json = dict[str, Any]
BASE_URL = "http://faulty.test/fhir"
TYPES = ("Device", "Encounter", "DocumentReference", "Task", "Communication", "Provenance")
CLINICAL = ("QuestionnaireResponse", "Observation", "DetectedIssue", "MedicationRequest", "Appointment")
ALL_TYPES = (*TYPES, *CLINICAL, "AuditEvent", "Patient")  # everything that we write, and who it is about


class Mode(StrEnum):
    """What the server advertises, and does."""

    TRANSACTION = "transaction"  # and conditional create
    SLOPPY_TRANSACTION = "sloppy-transaction"  # keeps the good entries of a bad transaction
    CONDITIONAL = "conditional"
    BOASTFUL = "boastful"  # advertises conditional create but ignores the condition
    PLAIN = "plain"


class Fault(StrEnum):
    """What happens to one request."""

    NONE = "none"
    LOST_REQUEST = "lost-request"  # never carried out, no answer
    LOST_ANSWER = "lost-answer"  # carried out, no answer
    ERROR = "error"  # 500, not carried out
    ERROR_AFTER = "error-after"  # 500, although carried out
    BUSY = "busy"  # 429 with Retry-After
    AWAY = "away"  # 503
    CONFLICT = "conflict"  # 409
    SEVERAL = "several"  # 412
    SILENT = "silent"  # carried out and answered, without Location or body
    UNREACHABLE = "unreachable"  # no connection
    REFUSED = "refused"  # 422 with an OperationOutcome
    FORBIDDEN = "forbidden"  # 403
    DEATH_BEFORE = "death-before"  # the sender dies before the request arrives
    DEATH_AFTER = "death-after"  # the sender dies after it was carried out


class SenderDied(BaseException):
    """Stands for kill -9 of the sending process: nothing after it runs."""


ANSWERS = {
    Fault.ERROR: (500, {}),
    Fault.BUSY: (429, {"Retry-After": "7"}),
    Fault.AWAY: (503, {}),
    Fault.CONFLICT: (409, {}),
    Fault.SEVERAL: (412, {}),
    Fault.REFUSED: (422, {}),
    Fault.FORBIDDEN: (403, {}),
}


class FaultyFhirServer:
    """``script`` is used up request by request; afterwards everything works. ``types`` may be created."""

    base_url = BASE_URL

    def __init__(
        self, mode: Mode = Mode.TRANSACTION, script: Iterable[Fault] = (), types: Iterable[str] = TYPES
    ) -> None:
        self.mode = mode
        self.types = tuple(types)
        self.script = list(script)
        self.requests: list[tuple[str, str]] = []
        self.stored: dict[str, list[Json]] = {}
        self.held_for_review: set[str] = set()  # types that are answered with 202 and not to be found yet
        self.reviewing: list[Json] = []
        self.hooks: dict[tuple[str, str], Callable[[], object]] = {}  # run once, before that request

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.handle))

    def all(self, resource_type: str) -> list[Json]:
        return self.stored.get(resource_type, [])

    def accept(self) -> None:
        """End the review: what was held is there from now on."""
        for resource in self.reviewing:
            self._create(resource, "")
        self.reviewing = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.method, request.url.path.removeprefix("/fhir").strip("/")))
        self.hooks.pop(self.requests[-1], lambda: None)()
        fault = self.script.pop(0) if self.script else Fault.NONE
        if fault is Fault.DEATH_BEFORE:
            raise SenderDied
        if fault is Fault.LOST_REQUEST:
            raise httpx.ReadTimeout("scripted", request=request)
        if fault is Fault.UNREACHABLE:
            raise httpx.ConnectError("scripted", request=request)
        if fault in ANSWERS:
            status, headers = ANSWERS[fault]
            return httpx.Response(status, headers=headers, json=outcome("processing"))
        return self._after(fault, request, self._serve(request))

    def _after(self, fault: Fault, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if fault is Fault.DEATH_AFTER:
            raise SenderDied
        if fault is Fault.LOST_ANSWER:
            raise httpx.ReadTimeout("scripted", request=request)
        if fault is Fault.ERROR_AFTER:
            return httpx.Response(500)
        if fault is Fault.SILENT and request.method == "POST" and "resourceType" not in answer.json():
            return answer
        if fault is Fault.SILENT and request.method == "POST" and answer.json()["resourceType"] != "Bundle":
            return httpx.Response(answer.status_code)
        return answer

    def _serve(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/fhir").strip("/")
        if request.method == "GET":
            return self._get(path, request)
        if path.endswith("/_search"):
            return self._found(path.partition("/")[0], request.content.decode())
        body = orjson.loads(request.content)
        if request.method == "PUT":
            return self._update(path, body, request.headers.get("If-Match", ""))
        if request.method == "POST" and not path:
            return self._transaction(body)
        if body["resourceType"] in self.held_for_review:
            self.reviewing.append(body)
            return httpx.Response(202)
        condition = request.headers.get("If-None-Exist", "")
        status, resource = self._create(body, condition if self._keeps_conditions() else "")
        return httpx.Response(status, headers=_location(resource), json=resource)

    def _update(self, path: str, body: Json, if_match: str) -> httpx.Response:
        """A version of something that is there; a stale If-Match is refused."""
        kind, _, identity = path.partition("/")
        at = next((at for at, item in enumerate(self.all(kind)) if item["id"] == identity), None)
        if at is None:
            return httpx.Response(404, json=outcome("not-found"))
        version = str(self.all(kind)[at]["meta"]["versionId"])
        if if_match and if_match != f'W/"{version}"':
            return httpx.Response(412, json=outcome("conflict"))
        meta = {**body.get("meta", {}), "versionId": str(int(version) + 1)}
        self.stored[kind][at] = {**body, "meta": meta}
        return httpx.Response(200, headers={"ETag": f'W/"{meta["versionId"]}"'}, json=self.stored[kind][at])

    def _keeps_conditions(self) -> bool:
        return self.mode not in (Mode.PLAIN, Mode.BOASTFUL)

    def _get(self, path: str, request: httpx.Request) -> httpx.Response:
        if path == "metadata":
            return httpx.Response(200, json=self._capabilities())
        if "/" in path:
            kind, identity = path.split("/")
            found = next((item for item in self.all(kind) if item["id"] == identity), None)
            return (
                httpx.Response(200, json=found) if found else httpx.Response(404, json=outcome("not-found"))
            )
        return self._found(path, request.url.query.decode())

    def _found(self, kind: str, query: str) -> httpx.Response:
        matches = self._search(kind, query)
        entries = [{"resource": item, "search": {"mode": "match"}} for item in matches]
        return httpx.Response(200, json={"resourceType": "Bundle", "type": "searchset", "entry": entries})

    def _search(self, kind: str, query: str) -> list[Json]:
        (name, (value,)), *_ = parse_qs(query).items()
        if name == "target":
            return [item for item in self.all(kind) if {"reference": value} in item["target"]]
        system, _, wanted = value.partition("|")
        return [item for item in self.all(kind) if {"system": system, "value": wanted} in _identifiers(item)]

    def _create(self, body: Json, condition: str) -> tuple[int, Json]:
        kind = body["resourceType"]
        if kind not in self.types:
            return 405, outcome("not-supported")
        if "urn:uuid:" in orjson.dumps(body).decode():
            return 400, outcome("invalid")
        matches = self._search(kind, condition) if condition else []
        if len(matches) > 1:
            return 412, outcome("multiple-matches")
        if matches:
            return 200, matches[0]
        count = len(self.stored.setdefault(kind, [])) + 1
        resource = {
            **body,
            "id": f"{kind.lower()}-{count}",
            "meta": {**body.get("meta", {}), "versionId": "1"},
        }
        self.stored[kind].append(resource)
        return 201, resource

    def _transaction(self, bundle: Json) -> httpx.Response:
        before = {kind: list(items) for kind, items in self.stored.items()}
        text, entries = orjson.dumps(bundle["entry"]).decode(), []
        for index in range(len(bundle["entry"])):
            entry = orjson.loads(text)[index]
            status, resource = self._create(entry["resource"], entry["request"]["ifNoneExist"])
            if status >= 400 and self.mode is Mode.TRANSACTION:
                self.stored = before
                return httpx.Response(400, json=outcome("invalid"))
            if status < 300:
                text = text.replace(f'"{entry["fullUrl"]}"', f'"{_reference(resource)}"')
            entries.append({"response": {"status": f"{status} scripted", **_entry_location(resource)}})
        answer = {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}
        return httpx.Response(200, json=answer)

    def _capabilities(self) -> Json:
        conditional = self.mode is not Mode.PLAIN
        transactions = self.mode in (Mode.TRANSACTION, Mode.SLOPPY_TRANSACTION)
        interactions = [{"code": code} for code in ("read", "search-type", "create", "update")]
        resources = [
            {"type": kind, "interaction": interactions, "conditionalCreate": conditional}
            for kind in self.types
        ]
        rest: Json = {"mode": "server", "resource": resources}
        if transactions:
            rest["interaction"] = [{"code": "transaction"}]
        return {"resourceType": "CapabilityStatement", "status": "active", "rest": [rest]}


def _identifiers(resource: Json) -> list[Json]:
    identifiers = resource.get("identifier") or []
    return identifiers if isinstance(identifiers, list) else [identifiers]  # a QuestionnaireResponse has one


def _reference(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _location(resource: Json) -> dict[str, str]:
    if "id" not in resource:
        return {}
    return {"Location": f"{BASE_URL}/{_reference(resource)}/_history/1", "ETag": 'W/"1"'}


def _entry_location(resource: Json) -> Json:
    if "id" not in resource:
        return {"outcome": resource}
    return {"location": f"{_reference(resource)}/_history/1", "etag": 'W/"1"'}


def outcome(code: str, said: str = "scripted") -> Json:
    return document_of([Issue("error", code, said)])
