"""The embedded chart over HTTP: FHIR R4 under ``/fhir``, https://hl7.org/fhir/R4/http.html."""

from __future__ import annotations

import hmac
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import structlog
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from backends.chart import Chart
from backends.fhir_answers import (
    FHIR_JSON,
    appointment_bundle,
    base_of,
    history_bundle,
    json_answer,
    refused,
    resource_answer,
    searchset,
)
from backends.operation_parameters import from_query, read_book, read_find
from backends.operations import SchedulingOperations
from backends.refusals import ChartRefusal, issue, refuse
from models.errors import Conflict, FirstringError

JSON_TYPES = (FHIR_JSON, "application/json", "application/json+fhir")
FORM = "application/x-www-form-urlencoded"
MAX_BODY_BYTES = 1_000_000
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
MAX_VERSION_DIGITS = 9

log = structlog.get_logger(__name__)
Handler = Callable[[Request], Awaitable[Response]]


def build_router(chart: Chart, token: str, operations: SchedulingOperations | None = None) -> APIRouter:
    """The ``/fhir`` routes; every one but ``/fhir/metadata`` wants ``Authorization: Bearer <token>``.

    ``operations``: what ``Appointment/$find``, ``$hold`` and ``$book`` do; without them there are none.

    Every error is an OperationOutcome. ``token`` must not be empty.
    """
    if not token:
        raise ValueError("the embedded chart needs a bearer token")
    router = APIRouter(prefix="/fhir", route_class=_outcome_route(token), include_in_schema=False)
    if operations:
        _add_operations(router, operations)
    _add_reading(router, chart, operations is not None)
    _add_writing(router, chart)
    for address in ("", "/{rest:path}"):
        router.add_api_route(address, _unknown, methods=ALL_METHODS)
    return router


def _add_operations(router: APIRouter, operations: SchedulingOperations) -> None:
    """IHE ITI Scheduling 1.0: find by ITI-115, hold by ITI-116, book by ITI-117."""

    @router.get("/Appointment/$find")
    async def find_by_query(request: Request) -> Response:
        return await _find(operations, from_query(request.query_params.multi_items()), request)

    @router.post("/Appointment/$find")
    async def find(request: Request) -> Response:
        return await _find(operations, await _body(request), request)

    @router.post("/Appointment/$hold")
    async def hold(request: Request) -> Response:
        return resource_answer(200, await operations.hold(read_book(await _body(request))))

    @router.post("/Appointment/$book")
    async def book(request: Request) -> Response:
        booked = await operations.book(read_book(await _body(request)))
        return json_answer(200, appointment_bundle([booked.body], 1, base_of(request)))


async def _find(operations: SchedulingOperations, parameters: Any, request: Request) -> Response:
    asked = read_find(parameters, operations.zone)
    found, total = await operations.find(asked)
    return json_answer(200, appointment_bundle(found, total, base_of(request), asked.passed_over))


def _add_reading(router: APIRouter, chart: Chart, with_operations: bool) -> None:
    @router.get("/metadata")
    async def metadata() -> Response:
        return json_answer(200, chart.capability_statement(with_operations))

    @router.get("/{resource_type}")
    async def search(resource_type: str, request: Request) -> Response:
        page = await chart.search(resource_type, request.query_params.multi_items())
        return json_answer(200, searchset(page, base_of(request)))

    @router.post("/{resource_type}/_search")
    async def search_by_form(resource_type: str, request: Request) -> Response:
        pairs = [*request.query_params.multi_items(), *await _form(request)]
        return json_answer(200, searchset(await chart.search(resource_type, pairs), base_of(request)))

    @router.get("/{resource_type}/{resource_id}")
    async def read(resource_type: str, resource_id: str) -> Response:
        return resource_answer(200, await chart.read(resource_type, resource_id))

    @router.get("/{resource_type}/{resource_id}/_history")
    async def history(resource_type: str, resource_id: str, request: Request) -> Response:
        versions = await chart.history(resource_type, resource_id)
        return json_answer(200, history_bundle(versions, base_of(request)))

    @router.get("/{resource_type}/{resource_id}/_history/{version}")
    async def vread(resource_type: str, resource_id: str, version: str) -> Response:
        if not (version.isascii() and version.isdigit() and len(version) <= MAX_VERSION_DIGITS):
            raise refuse(404, "not-found", "no such version")
        return resource_answer(200, await chart.vread(resource_type, resource_id, int(version)))


def _add_writing(router: APIRouter, chart: Chart) -> None:
    @router.post("")
    @router.post("/")
    async def transaction(request: Request) -> Response:
        return json_answer(200, await chart.transaction(await _body(request)))

    @router.post("/{resource_type}")
    async def create(resource_type: str, request: Request) -> Response:
        body = _of_type(await _body(request), resource_type)
        condition = request.headers.get("if-none-exist", "").removeprefix("?")
        stored, created = await chart.create(body, if_none_exist=condition)
        return resource_answer(201 if created else 200, stored, base_of(request))

    @router.put("/{resource_type}/{resource_id}")
    async def update(resource_type: str, resource_id: str, request: Request) -> Response:
        body = _of_type(await _body(request), resource_type)
        if_match = request.headers.get("if-match", "")
        stored, created = await chart.update(body, resource_id, if_match=if_match)
        return resource_answer(201 if created else 200, stored, base_of(request))


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
        return refused(refusal.status, *refusal.issues)
    except Conflict:
        return refused(409, issue("conflict", "somebody else stored the same thing first: read it again"))
    except FirstringError as error:
        log.error("fhir_request_failed", code=error.code)
        return refused(503, issue("transient", "the chart's database does not answer"))
    except Exception as error:  # a defect of ours: the client gets an outcome, the log its kind and place
        log.error("fhir_request_broke", error=type(error).__name__, at=_place(error))
        return refused(500, issue("exception", "the chart failed on this request"))


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
