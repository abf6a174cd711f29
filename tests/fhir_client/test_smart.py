"""SMART Backend Services against a server that checks every claim: keys, clocks, tokens, refusals."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
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


async def test_many_who_wait_share_a_failure_too(flow: Callable[..., Flow]) -> None:
    """A server that is down is not asked once for each of them, one after the other."""
    one = flow()
    one.server.fail_with = [503]
    got = await asyncio.gather(*(one.tokens() for _ in range(20)), return_exceptions=True)
    assert {type(each) for each in got} == {Retryable}
    assert await one.tokens() == "token-1"


async def test_who_stops_waiting_takes_the_token_from_nobody(flow: Callable[..., Flow]) -> None:
    one = flow()
    impatient, patient = (asyncio.ensure_future(one.tokens()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == "token-1"


async def test_tokens_that_end_in_the_middle_of_work_are_renewed(flow: Callable[..., Flow]) -> None:
    """By our clock before their end; by the chart's 401 where it ends them sooner than it said."""
    one = flow()
    chart = one.chart()
    for _ in range(6):
        one.clock.pass_s(150)
        await chart.read("Patient/p1")
    assert one.server.ended == []
    assert len(one.server.granted) == 3
    one.server.ends_after_s = 100
    for _ in range(3):
        one.clock.pass_s(101)
        await chart.read("Patient/p1")
    assert len(one.server.ended) == 2  # the first of the three had come near its promised end


async def test_a_token_endpoint_that_moves_is_found_again(flow: Callable[..., Flow]) -> None:
    one = flow()
    await one.tokens()
    one.clock.pass_s(600)
    one.server.moved_to = "https://new.ehr.test/token"
    with pytest.raises(TokenRefused):
        await one.tokens()
    assert (await one.tokens()).startswith("token-")


@pytest.mark.parametrize("page", [(404, b"{}"), (200, b"<html>down for maintenance</html>"), (200, b"{}")])
async def test_a_description_that_names_nothing_is_asked_for_again(
    flow: Callable[..., Flow], page: tuple[int, bytes]
) -> None:
    one = flow()
    one.server.describes = page
    with pytest.raises(TokenRefused, match="names no token endpoint"):
        await one.tokens()
    one.server.describes = None
    assert await one.tokens() == "token-1"


async def test_a_token_that_the_chart_refuses_is_replaced_once(flow: Callable[..., Flow]) -> None:
    one = flow()
    await one.tokens()
    one.clock.pass_s(30)
    one.server.granted.clear()  # the server restarted and forgot it
    one.server.granted.add("another's")
    assert (await one.chart().read("Patient/p1")).reference == "Patient/p1"


Forged = Callable[[dict[str, Any], dict[str, Any]], None]


def _head(**changes: Any) -> Forged:
    return lambda head, _: head.update(changes)


def _claims(**changes: Any) -> Forged:
    return lambda _, claims: claims.update(changes)


@pytest.mark.parametrize(
    "forge",
    [
        _head(alg="RS256"),
        _head(alg="HS384"),
        _head(alg="none"),
        _head(kid=""),
        _head(kid="somebody-else's"),
        _head(typ="at+jwt"),
        _claims(iss="another"),
        _claims(sub="another"),
        _claims(aud="https://auth.ehr.test/"),
        _claims(aud=BASE),
        _claims(exp=int(NOON.timestamp())),
        _claims(exp=int(NOON.timestamp()) + 301),
        _claims(jti=""),
    ],
)
@pytest.mark.parametrize("algorithm", [ES384, RS384])
async def test_the_server_refuses_every_claim_that_is_wrong(
    flow: Callable[..., Flow], monkeypatch: pytest.MonkeyPatch, algorithm: str, forge: Forged
) -> None:
    """So that a token from it means that ours are right: each is signed anew, and only one thing is wrong."""
    one = flow(algorithm)
    signed = jwt.encode

    def forged(claims: dict[str, Any], key: Any, *, headers: dict[str, Any], **_: Any) -> str:
        head = {"alg": algorithm, **headers}
        forge(head, claims)
        named = head.pop("alg")
        text: str = signed(claims, key, algorithm=algorithm, headers=head)
        if named != algorithm:
            text = _renamed(text, named)
        return text

    monkeypatch.setattr("fhir.smart.jwt.encode", forged)
    with pytest.raises(TokenRefused, match="invalid_client"):
        await one.tokens()


def _renamed(assertion: str, algorithm: str) -> str:
    """The same with another algorithm in its head, as a forger would try."""
    head, rest = assertion.split(".", 1)
    known = json.loads(base64.urlsafe_b64decode(head + "=="))
    text = json.dumps({**known, "alg": algorithm}).encode()
    return f"{base64.urlsafe_b64encode(text).decode().rstrip('=')}.{rest}"


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


@pytest.mark.parametrize(("ahead_s", "says"), [(600, "600 s behind"), (-400, "400 s ahead of")])
async def test_a_wrong_clock_is_named_with_what_to_do(
    flow: Callable[..., Flow], ahead_s: float, says: str
) -> None:
    one = flow()
    one.server.now = Clock(NOON + timedelta(seconds=ahead_s))
    with pytest.raises(TokenRefused, match=f"this machine's clock is {says} the server's") as refusal:
        await one.tokens()
    assert "timedatectl set-ntp true" in refusal.value.fix
    one.server.now = one.clock
    assert await one.tokens() == "token-1"


async def test_a_clock_that_is_a_little_off_is_no_trouble(flow: Callable[..., Flow]) -> None:
    """An assertion holds for four of the five minutes that are allowed."""
    one = flow()
    one.server.now = Clock(NOON - timedelta(seconds=55))
    assert await one.tokens() == "token-1"


async def test_a_refusal_with_clocks_that_agree_does_not_blame_them(flow: Callable[..., Flow]) -> None:
    one = flow()
    one.server.jwks = lambda: {"keys": []}
    with pytest.raises(TokenRefused) as refusal:
        await one.tokens()
    assert "clock is" not in str(refusal.value)


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
