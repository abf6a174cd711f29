"""The chart server behind FHIR_BASE_URL: reached, and speaking FHIR R4."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from agent import settings as settings_module
from agent.chart_tokens import token_source
from agent.doctor.findings import Finding, fail, ok, warn
from agent.settings import Settings
from fhir.client import FhirClient, Resource
from fhir.errors import FhirError
from fhir.smart import TokenRefused

CHECK = "chart server"
LIMIT_S = 10.0
R4 = "4.0"  # https://hl7.org/fhir/R4/versions.html: 4.0.0 and 4.0.1


def chart_server(chosen: Settings) -> Iterator[Finding]:
    base = chosen.fhir_base_url
    if not base:
        yield ok(CHECK, "the embedded chart")
        return
    if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).hostname:
        yield fail(CHECK, "FHIR_BASE_URL is not a URL", "Write it as https://ehr.example.org/fhir/r4.")
        return
    if urlsplit(base).scheme == "http":
        yield warn(
            CHECK, "FHIR_BASE_URL is http: patients' data cross the network in the clear", "Use https."
        )
    try:
        yield _version(asyncio.run(_metadata(chosen)))
    except TokenRefused as problem:
        yield fail(CHECK, str(problem), problem.fix)
    except FhirError as problem:
        yield fail(
            CHECK,
            f"no capability statement from FHIR_BASE_URL: {problem}",
            "Check FHIR_BASE_URL (`/metadata` under it must answer), the network, and FHIR_TOKEN.",
        )


def _version(statement: Resource) -> Finding:
    version = str(statement.get("fhirVersion", "none"))[:10]
    if statement.get("resourceType") != "CapabilityStatement" or not version.startswith(R4):
        fix = "Set FHIR_BASE_URL to the server's R4 address; it often ends in /r4 or /R4."
        return fail(CHECK, f"answers with FHIR version {version}, and R4 (4.0) is needed", fix)
    return ok(CHECK, f"answers, FHIR {version}")


async def _metadata(chosen: Settings) -> Resource:
    base = chosen.fhir_base_url
    async with httpx.AsyncClient(timeout=LIMIT_S, trust_env=False) as http:
        tokens = token_source(chosen, base, http, settings_module.clock_of(chosen))
        return await FhirClient(base, tokens, http, limit_s=LIMIT_S).metadata()
