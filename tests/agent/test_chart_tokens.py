"""By what we are let in at a chart server, and what of it others may see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from agent import settings
from agent.chart_tokens import KEY_SET, add_key_set, keys_of, token_source
from agent.doctor import chart
from agent.doctor.findings import Outcome
from agent.doctor.smart import chart_client
from agent.settings import Settings
from fhir.smart import BackendServices, TokenRefused
from fhir.smart_keys import make_key

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EHR = "https://ehr.test/fhir"


def clock() -> datetime:
    return NOW


async def test_the_token_of_our_own_chart_is_sent_to_no_other_server(tmp_path: Path) -> None:
    ours = settings.with_secrets(Settings(data_dir=tmp_path))
    theirs = settings.with_secrets(Settings(data_dir=tmp_path, fhir_base_url=EHR))
    async with httpx.AsyncClient() as http:
        assert await token_source(ours, "http://127.0.0.1/fhir", http, clock)() == ours.fhir_token
        assert await token_source(theirs, EHR, http, clock)() == ""


async def test_a_token_that_the_operator_set_is_sent(tmp_path: Path) -> None:
    chosen = settings.with_secrets(Settings(data_dir=tmp_path, fhir_base_url=EHR, fhir_token="given"))
    async with httpx.AsyncClient() as http:
        assert await token_source(chosen, EHR, http, clock)() == "given"


async def test_a_client_id_means_signed_assertions(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path, fhir_base_url=EHR, fhir_client_id="firstring")
    async with httpx.AsyncClient() as http:
        assert isinstance(token_source(chosen, EHR, http, clock), BackendServices)


async def test_the_public_listener_shows_the_public_keys_and_no_other(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path, fhir_client_id="firstring")
    key = make_key(keys_of(chosen), NOW)
    app = FastAPI()
    add_key_set(app, chosen)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://phone.test") as http:
        page = (await http.get(KEY_SET)).json()
    assert [public["kid"] for public in page["keys"]] == [key.kid]
    assert "PRIVATE" not in json.dumps(page)
    assert all("d" not in public for public in page["keys"])


def test_the_command_makes_shows_and_forgets_keys(tmp_path: Path) -> None:
    environ = os.environ | {"FIRSTRING_DATA_DIR": str(tmp_path), "FIRSTRING_PUBLIC_URL": "https://phone.test"}

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "agent.cli", "smart-keys", *options]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    nothing = run()
    assert (nothing.returncode, nothing.stdout) == (1, "")
    first = run("--new")
    assert json.loads(first.stdout)["keys"][0]["alg"] == "ES384"
    assert "https://phone.test/.well-known/jwks.json" in first.stderr
    second = run("--new", "--algorithm", "RS384", "--keep", "1")
    assert [key["alg"] for key in json.loads(second.stdout)["keys"]] == ["RS384"]
    assert "removed:" in second.stderr
    assert run("--new", "--algorithm", "HS256").returncode == 2


def test_doctor_names_a_missing_key(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path, fhir_base_url=EHR, fhir_client_id="firstring")
    [finding] = chart_client(chosen)
    assert "smart-keys --new" in finding.fix
    make_key(keys_of(chosen), NOW)
    [finding] = chart_client(chosen)
    assert "ES384" in finding.detail


def test_doctor_names_a_wrong_clock_as_what_refuses_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(_: Settings) -> None:
        raise TokenRefused("invalid_client", 400, 600.0)

    monkeypatch.setattr(chart, "_metadata", refused)
    [finding] = chart.chart_server(Settings(data_dir=tmp_path, fhir_base_url=EHR))
    assert "this machine's clock is 600 s behind the server's" in finding.detail
    assert "timedatectl set-ntp true" in finding.fix


def test_doctor_names_settings_that_do_not_fit(tmp_path: Path) -> None:
    make_key(keys_of(Settings(data_dir=tmp_path)), NOW)
    chosen = Settings(
        data_dir=tmp_path,
        fhir_base_url=EHR,
        fhir_client_id="firstring",
        fhir_token_url="http://auth.test/token",
        fhir_scopes="system/Task.rs patient/*.read",
    )
    outcomes = [finding.outcome for finding in chart_client(chosen)]
    assert outcomes == [Outcome.FAIL, Outcome.FAIL, Outcome.OK]
