"""The public address, tried through a proxy of localhost: each thing that proxies get wrong has its line."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from agent.doctor.findings import Finding, Outcome
from tests.agent.doctor.conftest import examined, of, troubles
from tests.agent.doctor.serving import our_server
from tests.agent.doctor.tls import certificate, serving

Asked = Callable[..., list[Finding]]


@pytest.fixture
def at(environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Findings with our server running, and ``seen`` of it (or another app) at the public address."""

    def ask(
        seen: Any = None, *, days: int = 60, trusted: bool = True, ws: str = "websockets-sansio"
    ) -> list[Finding]:
        pem, ours = certificate(tmp_path, days=days), our_server(environ)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        with (
            serving(ours, port=int(environ["FIRSTRING_PORT"])),
            serving(seen(ours) if seen else ours, tls=pem, ws=ws) as port,
        ):
            environ["FIRSTRING_PUBLIC_URL"] = f"https://localhost:{port}"
            return examined(environ, "public_url")

    return ask


def test_all_the_way_in_and_nothing_else(at: Asked, environ: dict[str, str]) -> None:
    findings = at()
    for check in (
        "public address",
        "certificate",
        "public way in",
        "signature check",
        "web socket",
        "staff pages",
    ):
        assert of(findings, check).outcome is Outcome.OK, of(findings, check)
    assert of(findings, "certificate").detail == "trusted, 60 days left"
    assert of(findings, "public name").outcome is Outcome.WARN  # localhost is no name for the world


def test_a_certificate_near_its_end(at: Asked) -> None:
    assert "warn certificate: trusted, 3 days left" in troubles(at(days=3))


def test_an_expired_certificate(at: Asked) -> None:
    assert "FAIL certificate: not trusted: certificate has expired" in troubles(at(days=-1))


def test_a_certificate_nobody_trusts(at: Asked) -> None:
    assert "FAIL certificate: not trusted: self-signed certificate" in troubles(at(trusted=False))


def test_another_site_at_our_address(at: Asked) -> None:
    def elsewhere(_: FastAPI) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/{path:path}", lambda path: HTMLResponse("<h1>welcome</h1>"))
        return app

    assert "answers 200, but it is not this server" in troubles(at(elsewhere))


def test_a_proxy_that_takes_upgrades_off(at: Asked) -> None:
    said = troubles(at(ws="none"))
    assert "the proxy takes the upgrade off" in said
    assert "docs/twilio.md, step 3" in said


def test_a_firewall_page_before_the_webhook(at: Asked) -> None:
    def walled(ours: FastAPI) -> FastAPI:
        @ours.middleware("http")
        async def wall(request: Request, call_next: Any) -> Response:
            if request.method == "POST":
                return HTMLResponse("<h1>Are you human?</h1>", 403)
            answer: Response = await call_next(request)
            return answer

        return ours

    assert "a wrong signature is answered 403 by the proxy" in troubles(at(walled))


def test_private_pages_seen_from_outside(at: Asked, environ: dict[str, str]) -> None:
    def leaking(ours: FastAPI) -> FastAPI:
        ours.add_api_route("/metrics", lambda: Response("calls 3"))
        return ours

    assert "FAIL staff pages: /metrics answer from outside" in troubles(at(leaking))


def test_a_server_that_is_not_running_is_not_blamed(environ: dict[str, str], tmp_path: Path) -> None:
    environ["FIRSTRING_PUBLIC_URL"] = f"http://127.0.0.1:{environ['FIRSTRING_PORT']}"
    findings = examined(environ, "public_url")
    assert of(findings, "public way in").outcome is Outcome.NOT_CHECKED
    assert "FAIL" not in troubles(findings)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://phone.example.org", "must be https"),
        ("https://phone.example.org/?a=b", "no query"),
        ("https://user:hunter2@phone.example.org", "user name"),
        ("phone.example.org", "starts with https://"),
        ("https://no.such.name.invalid", "has no address"),
        ("https://localhost:1/clinic", "must strip /clinic"),
        ("https://localhost:1", "cannot be reached"),
    ],
)
def test_an_address_that_is_wrong_in_itself(url: str, says: str, environ: dict[str, str]) -> None:
    environ["FIRSTRING_PUBLIC_URL"] = url
    findings = examined(environ, "public_url")
    assert says in troubles(findings)
    assert "hunter2" not in str(findings)


@contextlib.contextmanager
def fhir_server(version: str, status: int = 200) -> Iterator[str]:
    app = FastAPI()

    @app.get("/fhir/metadata")
    def metadata(response: Response) -> dict[str, str]:
        response.status_code = status
        return {"resourceType": "CapabilityStatement", "fhirVersion": version}

    with serving(app) as port:
        yield f"http://127.0.0.1:{port}/fhir"


@pytest.mark.parametrize(
    ("version", "status", "says"),
    [
        ("4.0.1", 200, "ok chart server: answers, FHIR 4.0.1"),
        ("5.0.0", 200, "R4 (4.0) is needed"),
        ("4.0.1", 401, "401"),
    ],
)
def test_a_chart_server(version: str, status: int, says: str, environ: dict[str, str]) -> None:
    with fhir_server(version, status) as base:
        environ["FIRSTRING_FHIR_BASE_URL"] = base
        found = examined(environ, "fhir_base_url")
    assert any(says in f"{each.outcome.value} {each.check}: {each.detail}" for each in found), found
