"""What the settings name in the EHR's chart: whether it is there, and whether something is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx

from agent import settings as settings_module
from agent.chart_references import Doubt, doubts
from agent.chart_tokens import token_source
from agent.doctor.chart import LIMIT_S
from agent.doctor.findings import Finding, fail, not_checked, ok, warn
from agent.preparing import practice_of
from agent.reference_settings import named_references, providers_of
from agent.settings import Settings
from fhir.capability import read_capabilities
from fhir.client import FhirClient
from fhir.errors import FhirError

CHECK = "chart references"


def chart_references(chosen: Settings) -> Iterator[Finding]:
    if not chosen.fhir_base_url:
        yield ok(CHECK, "not used: the embedded chart")
        return
    yield from _of_nobody(chosen)
    try:
        found = asyncio.run(_looked(chosen))
    except FhirError:
        yield not_checked(CHECK, "the chart server was not reached")
        return
    for doubt in found:
        yield fail(CHECK, doubt.detail, doubt.fix) if doubt.is_wrong else warn(CHECK, doubt.detail, doubt.fix)
    if not found:
        yield ok(CHECK, f"{len(named_references(chosen))} named in the settings, each found there")


def _of_nobody(chosen: Settings) -> Iterator[Finding]:
    known = {one.provider.provider_id for one in practice_of(chosen).clinicians}
    for provider_id in sorted(set(providers_of(chosen)) - known):
        fix = f"The ids are those of practice.toml: {', '.join(sorted(known))}."
        yield fail(CHECK, f"FHIR_PROVIDERS names {provider_id!r}, who is no provider of the practice", fix)


async def _looked(chosen: Settings) -> list[Doubt]:
    base = chosen.fhir_base_url
    async with httpx.AsyncClient(timeout=LIMIT_S, trust_env=False) as http:
        tokens = token_source(chosen, base, http, settings_module.clock_of(chosen))
        client = FhirClient(base, tokens, http, limit_s=LIMIT_S)
        return await doubts(chosen, client, read_capabilities(await client.metadata()))
