"""The embedded chart as an HTTP application: served on the private listener, or reached in-process."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from backends import fhir_routes
from backends.chart import Chart


def chart_app(chart: Chart, token: str) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(fhir_routes.build_router(chart, token))
    return app


def chart_transport(chart: Chart, token: str) -> httpx.ASGITransport:
    """The same requests and answers as over a socket, without one."""
    return httpx.ASGITransport(app=chart_app(chart, token))
