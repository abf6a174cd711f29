"""The embedded chart as an HTTP application: served on the private listener, or reached in-process."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from backends import fhir_routes
from backends.embedded import EmbeddedBackends


def chart_app(backends: EmbeddedBackends, token: str) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(fhir_routes.build_router(backends.chart, token, backends.operations))
    return app


def chart_transport(backends: EmbeddedBackends, token: str) -> httpx.ASGITransport:
    """The same requests and answers as over a socket, without one."""
    return httpx.ASGITransport(app=chart_app(backends, token))
