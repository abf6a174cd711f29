"""Whether what our settings name in another server's chart is there, and whether something is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.logs import log
from agent.reference_settings import KINDS, named_references
from agent.settings import Settings
from ehr_writeback.vendors import Vendor, vendor_of
from fhir.capability import Capabilities, read_capabilities
from fhir.client import FhirClient
from fhir.errors import FhirError, Gone, Unauthorised

# What a vendor's table wants of us; everybody else takes what R4 allows.
NEEDED: Mapping[Vendor, tuple[str, ...]] = {Vendor.ORACLE: ("fhir_practitioner", "fhir_page_recipient")}
WANTED_IF_CREATED = {"Task": "fhir_task_owner"}
AGAIN_S = 300.0  # a server that was away at the start is asked later


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about one setting. ``is_wrong``: what we write there will be refused."""

    detail: str
    fix: str
    is_wrong: bool = True


async def tell_at_start(chosen: Settings, client: FhirClient) -> None:
    """Log what is wrong, once the server answers. Calls are taken meanwhile."""
    while chosen.fhir_base_url:
        try:
            found = await doubts(chosen, client, read_capabilities(await client.metadata()))
        except FhirError as problem:
            log.warning(
                "chart.references_not_checked", code=problem.code, problem=str(problem), fix=problem.fix
            )
            await asyncio.sleep(AGAIN_S)
            continue
        for doubt in found:
            log.warning("chart.reference", problem=doubt.detail, fix=doubt.fix)
        return


async def doubts(chosen: Settings, client: FhirClient, able: Capabilities) -> list[Doubt]:
    """What is wrong with the references, or missing. Raises `FhirError` where the server cannot be asked."""
    found = [*_missing(chosen, able)]
    for setting, reference in named_references(chosen).items():
        if doubt := await _look(client, able, setting, reference):
            found.append(doubt)
    return found


def _missing(chosen: Settings, able: Capabilities) -> Iterator[Doubt]:
    vendor = vendor_of(able.software)
    wanted = [*NEEDED.get(vendor, ())]
    wanted += [
        name for kind, name in WANTED_IF_CREATED.items() if able.interactions and able.can("create", kind)
    ]
    for kind in KINDS:
        if kind.setting in wanted and not getattr(chosen, kind.setting):
            fix = f"Set {kind.setting.upper()} to {kind.types[0]}/ID: {kind.is_for}."
            yield Doubt(f"{kind.setting.upper()} is not set: {kind.without}", fix, is_wrong=False)
    recipient = chosen.fhir_page_recipient.partition("/")[0]
    if vendor is Vendor.ORACLE and recipient not in ("", "Practitioner", "Group"):
        fix = "Name a Practitioner or a Group there."
        yield Doubt(f"FHIR_PAGE_RECIPIENT: {vendor.value} sends messages to no {recipient}", fix)


async def _look(client: FhirClient, able: Capabilities, setting: str, reference: str) -> Doubt | None:
    """Read it. What the server lets nobody read cannot be judged, and is no fault."""
    kind = reference.partition("/")[0]
    if not able.can("read", kind):
        return Doubt(
            f"{setting}: the server lets nobody read {kind}, so {reference} is not checked", "", False
        )
    try:
        stored = await client.read(reference)
    except Gone:
        return Doubt(
            f"{setting}: there is no {reference} at FHIR_BASE_URL",
            "Look up its id in the EHR's FHIR interface.",
        )
    except Unauthorised:
        raise
    except FhirError as problem:
        return Doubt(f"{setting}: {reference} could not be read: {problem}", problem.fix, False)
    if (stored.resource or {}).get("active") is False:
        return Doubt(f"{setting}: {reference} is no longer active there", "Name the one that took its place.")
    return None
