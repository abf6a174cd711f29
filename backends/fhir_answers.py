"""How the chart answers over HTTP: resources, Bundles and OperationOutcomes, https://hl7.org/fhir/R4/http.html."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import format_datetime
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response

from backends.refusals import Json, issue
from backends.store import Page, Stored
from fhir.outcome import Issue, document_of

FHIR_JSON = "application/fhir+json"


def base_of(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/fhir"


def json_answer(status: int, document: Json, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, headers, media_type=FHIR_JSON)


def refused(status: int, *issues: Issue) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return json_answer(status, document_of(issues), headers)


def resource_answer(status: int, stored: Stored, base: str = "") -> Response:
    headers = {"ETag": stored.etag, "Last-Modified": format_datetime(stored.updated, usegmt=True)}
    if base:
        headers["Location"] = f"{base}/{stored.ref}/_history/{stored.version}"
    return json_answer(status, stored.body, headers)


def searchset(page: Page, base: str) -> Json:
    query = page.query
    links = [{"relation": "self", "url": _link(base, page, query.offset)}]
    after = query.offset + query.count
    if query.count and after < page.total:
        links.append({"relation": "next", "url": _link(base, page, after)})
    entries = [
        {"fullUrl": f"{base}/{found.ref}", "resource": found.body, "search": {"mode": "match"}}
        for found in page.found
    ]
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": page.total, "link": links}
    return {**bundle, "entry": entries} if entries else bundle


def _link(base: str, page: Page, offset: int) -> str:
    pairs = [*page.query.kept, ("_offset", str(offset))] if offset else list(page.query.kept)
    return f"{base}/{page.query.resource_type}" + (f"?{urlencode(pairs)}" if pairs else "")


def history_bundle(versions: tuple[Stored, ...], base: str) -> Json:
    entries = [
        {
            "fullUrl": f"{base}/{version.ref}",
            "resource": version.body,
            "request": {"method": "POST" if version.version == 1 else "PUT", "url": version.ref},
            "response": {"status": "201 Created" if version.version == 1 else "200 OK", "etag": version.etag},
        }
        for version in versions
    ]
    return {"resourceType": "Bundle", "type": "history", "total": len(entries), "entry": entries}


def appointment_bundle(found: Sequence[Json], total: int, base: str, passed_over: Sequence[str] = ()) -> Json:
    """A searchset of Appointments; what of the question changed nothing is said in an OperationOutcome."""
    entries: list[Json] = [
        {"fullUrl": f"{base}/Appointment/{one['id']}", "resource": one, "search": {"mode": "match"}}
        for one in found
    ]
    if passed_over:
        told = issue("informational", f"not looked at: {', '.join(passed_over)}", severity="information")
        entries.append({"resource": document_of([told]), "search": {"mode": "outcome"}})
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": total}
    return {**bundle, "entry": entries} if entries else bundle
