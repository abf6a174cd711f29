"""The embedded chart over HTTP: FHIR R4 under ``/fhir``, https://hl7.org/fhir/R4/http.html."""

from __future__ import annotations

import hmac
import traceback
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from backends.chart import Chart
from backends.refusals import ChartRefusal, Issue, Json, operation_outcome, refuse
from backends.store import Page, Stored
from models.errors import Conflict, FirstringError

FHIR_JSON = "application/fhir+json"
JSON_TYPES = (FHIR_JSON, "application/json", "application/json+fhir")
FORM = "application/x-www-form-urlencoded"
MAX_BODY_BYTES = 1_000_000
MAX_VERSION_DIGITS = 9

log = structlog.get_logger(__name__)
Handler = Callable[[Request], Awaitable[Response]]


def build_router(chart: Chart, token: str) -> APIRouter:
    """The ``/fhir`` routes; every one but ``/fhir/metadata`` wants ``Authorization: Bearer <token>``.

    Every error is an OperationOutcome. ``token`` must not be empty.
    """
    if not token:
        raise ValueError("the embedded chart needs a bearer token")
    router = APIRouter(prefix="/fhir", route_class=_outcome_route(token), include_in_schema=False)
    _add_reading(router, chart)
    _add_writing(router, chart)
    router.add_api_route("/{rest:path}", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    return router


def _add_reading(router: APIRouter, chart: Chart) -> None:
    @router.get("/metadata")
    async def metadata() -> Response:
        return _json(200, chart.capability_statement())

    @router.get("/{resource_type}")
    async def search(resource_type: str, request: Request) -> Response:
        page = await chart.search(resource_type, request.query_params.multi_items())
        return _json(200, _searchset(page, _base(request)))

    @router.post("/{resource_type}/_search")
    async def search_by_form(resource_type: str, request: Request) -> Response:
        pairs = [*request.query_params.multi_items(), *await _form(request)]
        return _json(200, _searchset(await chart.search(resource_type, pairs), _base(request)))

    @router.get("/{resource_type}/{resource_id}")
    async def read(resource_type: str, resource_id: str) -> Response:
        return _resource(200, await chart.read(resource_type, resource_id))

    @router.get("/{resource_type}/{resource_id}/_history")
    async def history(resource_type: str, resource_id: str, request: Request) -> Response:
        versions = await chart.history(resource_type, resource_id)
        return _json(200, _history(versions, _base(request)))

    @router.get("/{resource_type}/{resource_id}/_history/{version}")
    async def vread(resource_type: str, resource_id: str, version: str) -> Response:
        if not (version.isascii() and version.isdigit() and len(version) <= MAX_VERSION_DIGITS):
            raise refuse(404, "not-found", "no such version")
        return _resource(200, await chart.vread(resource_type, resource_id, int(version)))


def _add_writing(router: APIRouter, chart: Chart) -> None:
    @router.post("")
    @router.post("/")
    async def transaction(request: Request) -> Response:
        return _json(200, await chart.transaction(await _body(request)))

    @router.post("/{resource_type}")
    async def create(resource_type: str, request: Request) -> Response:
        body = _of_type(await _body(request), resource_type)
        condition = request.headers.get("if-none-exist", "").removeprefix("?")
        stored, created = await chart.create(body, if_none_exist=condition)
        return _resource(201 if created else 200, stored, _base(request))

    @router.put("/{resource_type}/{resource_id}")
    async def update(resource_type: str, resource_id: str, request: Request) -> Response:
        body = _of_type(await _body(request), resource_type)
        if_match = request.headers.get("if-match", "")
        stored, created = await chart.update(body, resource_id, if_match=if_match)
        return _resource(201 if created else 200, stored, _base(request))


async def _unknown(request: Request) -> Response:
    raise refuse(405, "not-supported", f"this chart does not answer {request.method} here")


def _outcome_route(token: str) -> type[APIRoute]:
    class OutcomeRoute(APIRoute):
        """Checks the token first, and turns every error into an OperationOutcome."""

        def get_route_handler(self) -> Callable[[Request], Any]:
            handler = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                return await _answer(request, token, handler)

            return guarded

    return OutcomeRoute


async def _answer(request: Request, token: str, handler: Handler) -> Response:
    try:
        if request.url.path != request.scope.get("root_path", "") + "/fhir/metadata":
            _check_token(request, token)
        return await handler(request)
    except ChartRefusal as refusal:
        return _refused(refusal.status, *refusal.issues)
    except Conflict:
        return _refused(409, Issue("conflict", "somebody else stored the same thing first: read it again"))
    except FirstringError as error:
        log.error("fhir_request_failed", code=error.code)
        return _refused(503, Issue("transient", "the chart's database does not answer"))
    except Exception as error:  # a defect of ours: the client gets an outcome, the log its kind and place
        log.error("fhir_request_broke", error=type(error).__name__, at=_place(error))
        return _refused(500, Issue("exception", "the chart failed on this request"))


def _place(error: Exception) -> str:
    """File and line of the failure: a traceback could quote values."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _check_token(request: Request, token: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
        raise refuse(401, "login", "a valid bearer token is needed")


async def _body(request: Request) -> Any:
    content_type = request.headers.get("content-type", FHIR_JSON).partition(";")[0].strip().lower()
    if content_type not in JSON_TYPES:
        raise refuse(415, "not-supported", f"send the resource as {FHIR_JSON}")
    try:
        return orjson.loads(await _limited(request))
    except orjson.JSONDecodeError:
        raise refuse(400, "structure", "the body is not JSON") from None


async def _form(request: Request) -> list[tuple[str, str]]:
    """The pairs of a search by POST, which keeps what is searched for out of addresses and their logs."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise refuse(415, "not-supported", f"send the search as {FORM}")
    body = await _limited(request)
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True)
    except ValueError:
        raise refuse(400, "structure", "the body is not a form in UTF-8") from None


async def _limited(request: Request) -> bytes:
    too_long = refuse(413, "too-long", f"the body may have {MAX_BODY_BYTES} bytes at most")
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > MAX_BODY_BYTES:
        raise too_long
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise too_long
    return bytes(body)


def _of_type(body: Any, resource_type: str) -> Any:
    if isinstance(body, dict) and body.get("resourceType") != resource_type:
        raise refuse(
            400, "invariant", "the body is not a resource of the type in the address", "resourceType"
        )
    return body


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/fhir"


def _json(status: int, document: Json, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, headers, media_type=FHIR_JSON)


def _refused(status: int, *issues: Issue) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return _json(status, operation_outcome(*issues), headers)


def _resource(status: int, stored: Stored, base: str = "") -> Response:
    headers = {"ETag": stored.etag, "Last-Modified": format_datetime(stored.updated, usegmt=True)}
    if base:
        headers["Location"] = f"{base}/{stored.ref}/_history/{stored.version}"
    return _json(status, stored.body, headers)


def _searchset(page: Page, base: str) -> Json:
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


def _history(versions: tuple[Stored, ...], base: str) -> Json:
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
