"""SMART Backend Services against a server that checks every claim: keys, clocks, tokens, refusals."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fhir import smart
from fhir.client import FhirClient
from fhir.errors import Retryable
from fhir.smart import BackendServices, Registration, TokenRefused
from fhir.smart_keys import (
    ES384,
    RS384,
    SigningKey,
    forget_keys,
    key_set,
    make_key,
    newest_key,
    read_keys,
)
from models.errors import SettingsError
from tests.fhir_client.authorisation import BASE, CLIENT_ID, TOKEN_URL, AuthorisationServer

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Flow:
    clock: Clock
    server: AuthorisationServer
    tokens: BackendServices
    keys: Path

    def chart(self) -> FhirClient:
        return FhirClient(BASE, self.tokens, httpx.AsyncClient(transport=self.server.transport()))


@pytest.fixture
def flow(tmp_path: Path) -> Callable[..., Flow]:
    def made(algorithm: str = ES384, **registration: str) -> Flow:
        clock, keys = Clock(), tmp_path / "keys"
        make_key(keys, clock(), algorithm)
        server = AuthorisationServer(clock, lambda: key_set(keys))
        http = httpx.AsyncClient(transport=server.transport())
        known = Registration(CLIENT_ID, **registration)
        return Flow(clock, server, BackendServices(BASE, known, lambda: newest_key(keys), http, clock), keys)

    return made


@pytest.mark.parametrize("algorithm", [ES384, RS384])
async def test_a_signed_assertion_gets_a_token_that_reads_the_chart(
    flow: Callable[..., Flow], algorithm: str
) -> None:
    one = flow(algorithm)
    assert (await one.chart().read("Patient/p1")).reference == "Patient/p1"
    assert one.server.scopes_asked == [smart.SCOPES]


async def test_a_token_serves_until_a_minute_before_its_end(flow: Callable[..., Flow]) -> None:
    one = flow()
    first = await one.tokens()
    one.clock.pass_s(239)
    assert await one.tokens() == first
    one.clock.pass_s(2)
    assert await one.tokens() != first


async def test_many_who_need_a_token_wait_for_one_request(flow: Callable[..., Flow]) -> None:
    one = flow()
    got = await asyncio.gather(*(one.tokens() for _ in range(20)))
    assert set(got) == {"token-1"}
    one.clock.pass_s(60)
    renewed = await asyncio.gather(*(one.tokens(refresh=True) for _ in range(20)))
    assert set(renewed) == {"token-2"}


async def test_a_token_that_the_chart_refuses_is_replaced_once(flow: Callable[..., Flow]) -> None:
    one = flow()
    await one.tokens()
    one.clock.pass_s(30)
    one.server.granted.clear()  # the server restarted and forgot it
    one.server.granted.add("another's")
    assert (await one.chart().read("Patient/p1")).reference == "Patient/p1"


async def test_every_assertion_is_used_once(
    flow: Callable[..., Flow], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = flow()
    monkeypatch.setattr("fhir.smart.secrets.token_urlsafe", lambda _: "the same")
    await one.tokens()
    one.clock.pass_s(600)
    with pytest.raises(TokenRefused, match="invalid_client"):
        await one.tokens()


async def test_after_a_rotation_the_new_key_signs_and_the_old_one_is_still_published(
    flow: Callable[..., Flow],
) -> None:
    one = flow()
    await one.tokens()
    one.clock.pass_s(3_600)
    new = make_key(one.keys, one.clock(), RS384)
    await one.tokens()
    assert one.server.fetched == 2
    assert next(key["kid"] for key in key_set(one.keys)["keys"]) == new.kid
    assert len(read_keys(one.keys)) == 2
    assert len(forget_keys(one.keys, keep=1)) == 1
    assert [key.kid for key in read_keys(one.keys)] == [new.kid]


async def test_a_key_that_the_server_does_not_have_is_refused_with_what_to_check(
    flow: Callable[..., Flow],
) -> None:
    one = flow()
    one.server.jwks = lambda: {"keys": []}
    with pytest.raises(TokenRefused) as refusal:
        await one.tokens()
    assert "invalid_client" in str(refusal.value)
    assert "key set" in refusal.value.fix


async def test_a_wrong_clock_is_named(flow: Callable[..., Flow]) -> None:
    one = flow()
    server_clock = Clock(NOON + timedelta(minutes=10))
    one.server.now = server_clock
    with pytest.raises(TokenRefused, match="differ by 600 s"):
        await one.tokens()


async def test_a_server_that_cannot_answer_now_is_tried_again_later(flow: Callable[..., Flow]) -> None:
    one = flow()
    one.server.fail_with = [503]
    with pytest.raises(Retryable):
        await one.tokens()
    assert await one.tokens() == "token-1"


@pytest.mark.parametrize(
    ("capabilities", "asked"),
    [
        (("permission-v1",), "system/Task.read system/Task.write system/Slot.read"),
        (("permission-v1", "permission-v2"), "system/Task.crus system/Slot.rs"),
        ((), "system/Task.crus system/Slot.rs"),
    ],
)
async def test_scopes_are_asked_for_in_the_form_that_the_server_knows(
    flow: Callable[..., Flow], capabilities: tuple[str, ...], asked: str
) -> None:
    one = flow(scopes="system/Task.crus system/Slot.rs")
    one.server.capabilities = capabilities
    await one.tokens()
    assert one.server.scopes_asked == [asked]


async def test_a_named_token_address_needs_no_discovery(flow: Callable[..., Flow]) -> None:
    one = flow(token_url=TOKEN_URL)
    one.tokens._base_url = "https://no-such-place.test"
    assert await one.tokens() == "token-1"


async def test_tokens_are_not_asked_for_over_plain_http(flow: Callable[..., Flow]) -> None:
    one = flow(token_url="http://auth.ehr.test/token")
    with pytest.raises(TokenRefused, match="not https"):
        await one.tokens()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>signed out</html>"),
        httpx.Response(200, json={"access_token": "", "token_type": "bearer"}),
        httpx.Response(200, json={"access_token": "x", "token_type": "mac"}),
        httpx.Response(200, json=["token"]),
        httpx.Response(302, headers={"location": "https://elsewhere.test"}),
        httpx.Response(400, json={"error": "no token for Maria Lopez"}),
    ],
)
async def test_an_answer_that_is_no_token_is_refused_and_not_quoted(answer: httpx.Response) -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer))
    key = ec.generate_private_key(ec.SECP384R1())
    tokens = BackendServices(
        BASE, Registration(CLIENT_ID, TOKEN_URL), lambda: SigningKey("k", ES384, key), http, Clock()
    )
    with pytest.raises(TokenRefused) as refusal:
        await tokens()
    assert "Maria" not in str(refusal.value)


def test_keys_rest_for_their_owner_only_and_publish_no_secret(tmp_path: Path) -> None:
    key = make_key(tmp_path / "keys", NOON)
    assert stat.S_IMODE(os.stat(tmp_path / "keys" / f"{key.kid}.pem").st_mode) == 0o600
    [public] = key_set(tmp_path / "keys")["keys"]
    assert public["use"] == "sig"
    assert "d" not in public


def test_a_folder_without_a_fitting_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as nothing:
        newest_key(tmp_path)
    assert "smart-keys --new" in nothing.value.fix
    wrong = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "mine.pem").write_bytes(wrong)
    with pytest.raises(SettingsError, match=r"mine\.pem"):
        newest_key(tmp_path)
    (tmp_path / "mine.pem").write_text("no key at all")
    with pytest.raises(SettingsError, match="cannot be read"):
        newest_key(tmp_path)
    with pytest.raises(SettingsError, match="RS256"):
        make_key(tmp_path, NOON, "RS256")
