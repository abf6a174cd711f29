"""The embedded chart under schemathesis: no request that its description allows, or nearly, breaks it.

The description is the test's own: of the routes as they are, with what FHIR R4 sends there.
"""

from __future__ import annotations

import asyncio
import os
import warnings
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings

from backends.embedded import EmbeddedBackends
from backends.fhir_routes import build_router
from tests.backends.conftest import TOKEN

schemathesis: Any = pytest.importorskip(
    "schemathesis", reason="the extra `fuzz` is not installed (no schemathesis for this Python)"
)

TYPES = ("Patient", "Appointment", "MedicationRequest", "Task", "Communication", "Slot", "Nonsense")
TEXT = {"type": "string"}
EXAMPLES = 200 if os.environ.get("BUDGET") else 8  # for each path and method
RESOURCE = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {
        "resourceType": {"enum": [*TYPES, "Bundle", "Parameters"]},
        "id": TEXT,
        "status": TEXT,
        "intent": TEXT,
        "subject": {"type": "object", "properties": {"reference": TEXT}},
        "start": TEXT,
        "birthDate": TEXT,
        "type": {"enum": ["transaction", "batch", 1, None]},
        "name": {"type": "array", "items": {"type": "object", "properties": {"family": TEXT}}},
        "contained": {"type": "array", "items": {"type": "object", "properties": {"resourceType": TEXT}}},
        "entry": {
            "type": "array",
            "items": {"type": "object", "properties": {"request": {"type": "object"}}},
        },
        "parameter": {"type": "array", "items": {"type": "object", "properties": {"name": TEXT}}},
    },
}


def parameter(name: str, place: str, schema: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema}


def operation(
    *parameters: dict[str, Any], body: dict[str, Any] | None = None, kind: str = "application/fhir+json"
) -> Any:
    answers = {"default": {"description": "an answer"}}
    described: dict[str, Any] = {"parameters": list(parameters), "responses": answers}
    return described | (
        {"requestBody": {"required": True, "content": {kind: {"schema": body}}}} if body else {}
    )


KIND, ID = parameter("kind", "path", {"enum": list(TYPES)}), parameter("id", "path", TEXT)
VERSION = parameter("version", "path", {"type": "string", "pattern": "^[0-9A-Za-z]{1,12}$"})
SEARCH = [
    parameter(name, "query", TEXT, required=False)
    for name in "_id _count _sort _lastUpdated date status name identifier patient start".split()
]
FORM = {"type": "object", "properties": {"family": TEXT, "_count": TEXT, "birthdate": TEXT}}
PATHS: dict[str, Any] = {
    "/fhir/metadata": {"get": operation()},
    "/fhir": {"post": operation(body=RESOURCE)},
    "/fhir/{kind}": {
        "get": operation(KIND, *SEARCH),
        "post": operation(KIND, parameter("If-None-Exist", "header", TEXT, required=False), body=RESOURCE),
    },
    "/fhir/{kind}/_search": {"post": operation(KIND, body=FORM, kind="application/x-www-form-urlencoded")},
    "/fhir/{kind}/{id}": {
        "get": operation(KIND, ID),
        "put": operation(KIND, ID, parameter("If-Match", "header", TEXT, required=False), body=RESOURCE),
        "delete": operation(KIND, ID),
    },
    "/fhir/{kind}/{id}/_history": {"get": operation(KIND, ID)},
    "/fhir/{kind}/{id}/_history/{version}": {"get": operation(KIND, ID, VERSION)},
    "/fhir/Appointment/$find": {"post": operation(body=RESOURCE)},
    "/fhir/Appointment/$hold": {"post": operation(body=RESOURCE)},
    "/fhir/Appointment/$book": {"post": operation(body=RESOURCE)},
}
OPENAPI = {"openapi": "3.0.3", "info": {"title": "chart", "version": "1"}, "paths": PATHS}


@pytest.mark.parametrize("path", sorted(PATHS))
async def test_no_request_breaks_the_chart(backends: EmbeddedBackends, path: str) -> None:
    app = FastAPI()
    app.include_router(build_router(backends.chart, TOKEN, backends.operations))
    problems = await asyncio.to_thread(_tried, app, path)
    assert not problems


def _tried(app: FastAPI, path: str) -> list[str]:
    """Every method of a path, with requests that fit and requests that do not."""
    problems: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of schemathesis' own client
        schema = schemathesis.openapi.from_dict(OPENAPI)
        schema.app = app
        for method in PATHS[path]:
            cases = schema[path][method.upper()].as_strategy()

            @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
            @given(case=cases)
            def each(case: Any) -> None:
                answer = case.call(headers={"Authorization": f"Bearer {TOKEN}"})
                if answer.status_code >= 500:
                    problems.append(f"{case.method} {case.formatted_path}: {answer.text[:200]}")

            each()
    return problems
