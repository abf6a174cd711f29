"""FHIR_READ: whether the chart server shows and takes what calls would read and book there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx

from agent import settings as settings_module
from agent.chart_tokens import token_source
from agent.doctor.chart import LIMIT_S
from agent.doctor.findings import Finding, fail, ok, warn
from agent.preparing import practice_of
from agent.settings import Settings
from backends.reading.scheduling import Way, way_of
from fhir.capability import Capabilities, read_capabilities
from fhir.client import FhirClient
from fhir.errors import FhirError, Gone

CHECK = "chart reading"
NEEDED = {"patients": ("Patient",), "medicines": ("MedicationRequest",), "appointments": ("Appointment",)}
USEFUL = {"patients": ("Encounter",), "medicines": ("MedicationDispense", "Observation"), "appointments": ()}


def chart_reading(chosen: Settings) -> Iterator[Finding]:
    if not chosen.read_parts:
        yield ok(CHECK, "calls act on the embedded chart alone")
        return
    try:
        able, unknown = asyncio.run(_looked(chosen))
    except FhirError as problem:
        yield fail(CHECK, f"the charts cannot be read: {problem}", problem.fix)
        return
    yield from _shown(chosen, able)
    if "appointments" in chosen.read_parts:
        yield _booking(able)
    if unknown:
        detail = f"no Practitioner/{unknown[0]} there: nothing can be booked with who has that id"
        yield warn(CHECK, detail, "Give each provider in practice.toml the id that the EHR has for them.")


def _shown(chosen: Settings, able: Capabilities) -> Iterator[Finding]:
    for part in sorted(chosen.read_parts):
        for kind in NEEDED[part]:
            if not able.can("search-type", kind):
                yield fail(
                    CHECK,
                    f"the server does not search {kind}",
                    f"Grant it there, or take {part} out of FHIR_READ.",
                )
        for kind in USEFUL[part]:
            if not able.can("search-type", kind):
                fix = "Grant it there; without it more requests go to a person."
                yield warn(CHECK, f"the server does not search {kind}", fix)
    yield ok(CHECK, f"calls read {', '.join(sorted(chosen.read_parts))} at FHIR_BASE_URL")


def _booking(able: Capabilities) -> Finding:
    match way_of(able):
        case Way.OPERATIONS:
            return ok(CHECK, "visits are booked by $find, $hold and $book")
        case Way.SLOTS:
            return ok(CHECK, "visits are booked by Slot and Appointment, each change with If-Match")
    fix = "Staff get a task for each wish. Let the client write Slot and Appointment to book by telephone."
    return warn(CHECK, "the server offers no way to book in which one time has one booking", fix)


async def _looked(chosen: Settings) -> tuple[Capabilities, list[str]]:
    """What the server says of itself, and the practice's providers whom it does not know."""
    base = chosen.fhir_base_url
    async with httpx.AsyncClient(timeout=LIMIT_S, trust_env=False) as http:
        tokens = token_source(chosen, base, http, settings_module.clock_of(chosen))
        client = FhirClient(base, tokens, http, limit_s=LIMIT_S)
        able = read_capabilities(await client.metadata())
        ids = [one.provider.provider_id for one in practice_of(chosen).clinicians]
        return able, [one for one in ids if not await _is_there(client, f"Practitioner/{one}")]


async def _is_there(client: FhirClient, reference: str) -> bool:
    try:
        await client.read(reference)
    except Gone:
        return False
    return True
