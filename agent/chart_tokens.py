"""By what a chart server lets us in: a fixed token, or SMART Backend Services with keys of our own."""

from __future__ import annotations

from pathlib import Path

import httpx
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from agent import settings as settings_module
from agent.settings import Settings
from fhir.client import FixedToken, TokenSource
from fhir.smart import BackendServices, Registration
from fhir.smart_keys import key_set, newest_key
from models.domain import Clock

KEY_SET = "/.well-known/jwks.json"


def keys_of(chosen: Settings) -> Path:
    """The folder of the keys that sign our assertions."""
    return chosen.secrets_folder / "smart"


def token_source(chosen: Settings, base_url: str, http: httpx.AsyncClient, clock: Clock) -> TokenSource:
    """The tokens for ``base_url``. The one that this server made for its own chart goes to nobody else."""
    if chosen.fhir_client_id:
        registration = Registration(chosen.fhir_client_id, chosen.fhir_token_url, chosen.fhir_scopes)
        return BackendServices(base_url, registration, lambda: newest_key(keys_of(chosen)), http, clock)
    if chosen.fhir_base_url and chosen.fhir_token == settings_module.own_secret(chosen, "fhir-token"):
        return FixedToken("")
    return FixedToken(chosen.fhir_token)


def add_key_set(app: FastAPI, chosen: Settings) -> None:
    """Publishes our public keys for the server that checks our assertions (RFC 7517)."""

    @app.get(KEY_SET)
    def key_set_page() -> JSONResponse:
        return JSONResponse(key_set(keys_of(chosen)), headers={"Cache-Control": "public, max-age=300"})
