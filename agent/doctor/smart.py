"""SMART Backend Services: a key to sign with, and settings that fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from agent.chart_tokens import keys_of
from agent.doctor.findings import Finding, fail, ok, warn
from agent.settings import Settings
from fhir.smart_keys import newest_key
from models.errors import SettingsError

CHECK = "chart client"


def chart_client(chosen: Settings) -> Iterator[Finding]:
    if not chosen.fhir_client_id:
        yield _not_used(chosen)
        return
    if not chosen.fhir_base_url:
        fix = "Set FHIR_BASE_URL to the EHR's address, or remove FHIR_CLIENT_ID."
        yield fail(CHECK, "FHIR_CLIENT_ID is set, and the chart is the embedded one", fix)
        return
    if chosen.fhir_token_url and not chosen.fhir_token_url.startswith("https://"):
        yield fail(CHECK, "FHIR_TOKEN_URL is not https", "Write it as the EHR's registration page shows it.")
    if foreign := [scope for scope in chosen.fhir_scopes.split() if not scope.startswith("system/")]:
        fix = "Backend services have system/ scopes only; leave FHIR_SCOPES out to ask for what is needed."
        yield fail(CHECK, f"FHIR_SCOPES holds {foreign[0]!r}", fix)
    yield _key(chosen)


def _not_used(chosen: Settings) -> Finding:
    named = [name for name in ("fhir_token_url", "fhir_scopes") if getattr(chosen, name)]
    if named:
        fix = "Set FHIR_CLIENT_ID to the client id that the EHR gave you, or remove it."
        return warn(CHECK, f"{named[0].upper()} is set, and FHIR_CLIENT_ID is not", fix)
    return ok(CHECK, "not used")


def _key(chosen: Settings) -> Finding:
    try:
        key = newest_key(keys_of(chosen))
    except SettingsError as problem:
        return fail(CHECK, str(problem), problem.fix)
    return ok(CHECK, f"assertions are signed with {key.algorithm} key {key.kid}")
