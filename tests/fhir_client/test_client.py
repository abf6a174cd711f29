from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from fhir.client import FhirClient, FixedToken, reference_in
from fhir.errors import (
    Conflicting,
    FhirError,
    Forbidden,
    Gone,
    NetworkAmbiguous,
    NotFhir,
    Permanent,
    Retryable,
    Unauthorised,
)

BASE = "http://chart.test/fhir"
TASK = {"resourceType": "Task", "id": "t1", "status": "requested", "intent": "order"}
Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler, **options: Any) -> FhirClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return FhirClient(BASE, FixedToken("secret"), http, **options)


def answering(status: int, body: Any = None, **headers: str) -> Handler:
    return lambda request: httpx.Response(status, json=body, headers=headers)


async def test_create_sends_the_condition_and_reads_where_it_went() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        location = f"{BASE}/Task/t1/_history/3"
        return httpx.Response(201, json=TASK, headers={"Location": location, "ETag": 'W/"3"'})

    stored = await client(handler).create(dict(TASK), if_none_exist="identifier=urn:x|C1/task/1")
    assert (stored.reference, stored.etag, stored.status) == ("Task/t1", 'W/"3"', 201)
    assert seen[0].headers["if-none-exist"] == "identifier=urn:x|C1/task/1"
    assert seen[0].headers["authorization"] == "Bearer secret"
    assert seen[0].headers["content-type"] == "application/fhir+json"


async def test_an_existing_resource_is_found_by_its_body_when_no_location_comes() -> None:
    body = TASK | {"meta": {"versionId": "7"}}
    stored = await client(answering(200, body)).create(dict(TASK), if_none_exist="identifier=a|b")
    assert (stored.reference, stored.etag, stored.status) == ("Task/t1", 'W/"7"', 200)


async def test_a_silent_server_gives_no_reference() -> None:
    stored = await client(lambda request: httpx.Response(201)).create(dict(TASK))
    assert stored.reference == ""


async def test_update_sends_if_match() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("PUT", "/fhir/Task/t1")
        return httpx.Response(200 if request.headers["if-match"] == 'W/"1"' else 412, json=TASK)

    assert (await client(handler).update(dict(TASK), if_match='W/"1"')).reference == "Task/t1"
    with pytest.raises(Conflicting):
        await client(handler).update(dict(TASK), if_match='W/"0"')


async def test_read_and_metadata() -> None:
    assert (await client(answering(200, TASK)).read("Task/t1")).resource == TASK
    with pytest.raises(Gone):
        await client(answering(410)).read("Task/t1")
    assert await client(answering(200, {"resourceType": "CapabilityStatement"})).metadata() == {
        "resourceType": "CapabilityStatement"
    }


BUNDLE = {"resourceType": "Bundle", "type": "searchset"}


async def test_search_follows_pages_and_leaves_included_resources_out() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if "page" in request.url.params:
            return httpx.Response(200, json={**BUNDLE, "entry": [{"resource": TASK | {"id": "t2"}}]})
        entries = [
            {"resource": TASK, "search": {"mode": "match"}},
            {"resource": {"resourceType": "Patient"}, "search": {"mode": "include"}},
            "nonsense",
        ]
        link = [{"relation": "self", "url": "x"}, {"relation": "next", "url": f"{BASE}/Task?page=2"}]
        return httpx.Response(200, json={**BUNDLE, "entry": entries, "link": link})

    found = await client(handler).search("Task", {"identifier": "a|b"})
    assert [item["id"] for item in found] == ["t1", "t2"]


async def test_who_is_looked_for_stands_in_no_address() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=BUNDLE)

    await client(handler).search("Patient", {"birthdate": "1933-02-17", "family": "O'Brien,Quackenbush"})
    await client(handler).search("Task", {"patient": "Patient/1"})
    assert [(request.method, str(request.url)) for request in asked] == [
        ("POST", "http://chart.test/fhir/Patient/_search"),
        ("GET", "http://chart.test/fhir/Task?patient=Patient%2F1"),
    ]
    sent = {"birthdate": ["1933-02-17"], "family": ["O'Brien,Quackenbush"]}
    assert parse_qs(asked[0].content.decode()) == sent
    assert asked[0].headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", [400, 404, 405, 415, 501])
async def test_a_server_that_takes_no_form_is_asked_by_address_from_then_on(status: int) -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(200, json=BUNDLE) if request.method == "GET" else httpx.Response(status)

    server = client(handler)
    for _ in range(2):
        assert await server.search("Patient", {"birthdate": "1933-02-17"}) == []
    assert asked == ["POST", "GET", "GET"]


async def test_a_server_that_cannot_answer_now_is_not_asked_by_address_instead() -> None:
    with pytest.raises(Retryable):
        await client(answering(503, {})).search("Patient", {"birthdate": "1933-02-17"})


async def test_search_never_takes_the_token_to_another_server() -> None:
    link = [{"relation": "next", "url": "http://elsewhere.test/fhir/Task?page=2"}]
    with pytest.raises(Permanent, match="another server"):
        await client(answering(200, {**BUNDLE, "link": link})).search("Task", {})


async def test_search_stops_after_ten_pages() -> None:
    calls = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        link = [{"relation": "next", "url": f"{BASE}/Task?page=2"}]
        return httpx.Response(200, json={**BUNDLE, "link": link})

    assert await client(handler).search("Task", {}) == []
    assert len(calls) == 11


async def test_a_refused_token_is_refreshed_once() -> None:
    asked: list[bool] = []

    async def tokens(*, refresh: bool = False) -> str:
        asked.append(refresh)
        return "new" if refresh else "old"

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.headers["authorization"] == "Bearer new" else 401, json=TASK)

    http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    assert (await FhirClient(BASE, tokens, http).read("Task/t1")).resource == TASK
    assert asked == [False, True]
    with pytest.raises(Unauthorised):
        await client(answering(401)).read("Task/t1")


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Permanent), (403, Forbidden), (412, Conflicting), (503, Retryable)]
)
async def test_a_failing_answer_is_a_named_error_with_its_issues(status: int, kind: type[FhirError]) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "value"}]}
    with pytest.raises(kind) as caught:
        await client(answering(status, outcome)).create(dict(TASK))
    assert caught.value.issues[0].code == "value"
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Sun, 22 Nov 2026 14:00:30 GMT", 30.0),
        ("soon", None),
        ("²", None),
        ("-5", None),
        ("", None),
    ],
)
async def test_retry_after_is_read_as_seconds_or_date(value: str, seconds: float | None) -> None:
    now = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
    headers = [(b"Retry-After", value.encode("latin-1"))] if value else []
    with pytest.raises(Retryable) as caught:
        await client(lambda _: httpx.Response(429, headers=headers), now=lambda: now).create(dict(TASK))
    assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("x"), Retryable),
        (httpx.ConnectTimeout("x"), Retryable),
        (httpx.ReadTimeout("x"), NetworkAmbiguous),
        (httpx.WriteError("x"), NetworkAmbiguous),
        (httpx.RemoteProtocolError("x"), NetworkAmbiguous),
    ],
)
async def test_what_may_have_been_done_is_told_from_what_was_never_sent(
    failure: httpx.HTTPError, kind: type[FhirError]
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(kind):
        await client(handler).create(dict(TASK))


async def test_a_whole_interaction_has_a_limit() -> None:
    async def slow(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(200)

    http = httpx.AsyncClient(transport=httpx.MockTransport(slow))
    with pytest.raises(NetworkAmbiguous):
        await FhirClient(BASE, FixedToken("secret"), http, limit_s=0.02).create(dict(TASK))


async def test_a_web_page_instead_of_fhir_passes() -> None:
    with pytest.raises(NotFhir):
        await client(lambda request: httpx.Response(200, text="<html>")).search("Task", {})


@pytest.mark.parametrize(
    ("location", "reference"),
    [
        (f"{BASE}/Task/t1/_history/1", "Task/t1"),
        ("Task/t1", "Task/t1"),
        ("/fhir/Task/t1", "Task/t1"),
        ("", ""),
        ("Task", ""),
        (f"{BASE}/metadata", ""),
    ],
)
def test_locations(location: str, reference: str) -> None:
    assert reference_in(location, BASE) == reference
