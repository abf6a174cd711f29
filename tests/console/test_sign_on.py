"""Signing in with the practice's identity provider: who is let in, and every way of not proving it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from jwt.algorithms import RSAAlgorithm

from agent.settings import load
from console import Ports, add_pages, build_router, sign_on
from console.sign_on import Begun, SignOn, SignOnConfig
from models.errors import SettingsError
from models.storage import Storage
from models.tables import StaffUser
from tests.console import sample
from tests.console.browser import PASSWORD_HASH, Browser, browser
from tests.console.test_console import trail

ISSUER = "https://login.test"
CONFIG = SignOnConfig(ISSUER, "firstring", "shh", "https://desk.test")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGE_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """An identity provider that vouches for ``name``. ``change`` alters its claims before it signs them."""

    name: str = "kim"
    change: dict[str, Any] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = KEY
    algorithm: str = "RS256"
    key_id: str = "one"
    published: dict[str, rsa.RSAPrivateKey] = field(default_factory=lambda: {"one": KEY})
    takes_codes_at: str = f"{ISSUER}/token"
    calls_itself: str = ISSUER
    challenges: dict[str, dict[str, str]] = field(default_factory=dict)  # by code, what was asked for

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def described() -> dict[str, str]:
            return {
                "issuer": self.calls_itself,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": self.takes_codes_at,
                "jwks_uri": f"{ISSUER}/keys",
            }

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return {
                "keys": [
                    RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": name, "use": "sig"}
                    for name, key in self.published.items()
                ]
            }

        @app.post("/token")
        async def token(request: Request) -> JSONResponse:
            form = {key: str(value) for key, value in (await request.form()).items()}
            asked = self.challenges.pop(form["code"], None)
            if asked is None or Begun("", "", form["code_verifier"]).challenge != asked["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"id_token": self.signed(asked["nonce"])})

        return app

    def signed(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": "firstring", "sub": "7", "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= {"preferred_username": self.name} | self.change
        claims = {key: value for key, value in claims.items() if value is not None}
        key: Any = "" if self.algorithm == "none" else self.key
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": self.key_id})

    def consents(self, address: str) -> str:
        """The person signs in there; the query with which their browser comes back."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        self.challenges["code-1"] = asked
        return f"/sign-in/back?code=code-1&state={asked['state']}"


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def console_app(storage: Storage, provider: Provider) -> FastAPI:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(provider.app()))
    app = FastAPI()
    ports = Ports(sign_on=SignOn(CONFIG, http))
    add_pages(app, build_router(storage, lambda: sample.NOW, ports=ports))
    return app


async def comes_back(client: Browser, provider: Provider) -> httpx.Response:
    left = await client.get("/sign-in/there")
    assert left.status_code == 303
    return await client.get(provider.consents(left.headers["location"]))


async def first_page(client: Browser) -> str:
    """Where somebody is led, "" when the first page of their role opens."""
    answer = await client.get("/home")
    return str(answer.headers.get("location", "")) if answer.status_code == 303 else ""


def stranger(app: FastAPI) -> Browser:
    return browser(app, None)


async def test_who_gave_a_second_factor_there_is_in(
    console_app: FastAPI, storage: Storage, provider: Provider
) -> None:
    provider.change = {"amr": ["pwd", "mfa"]}
    async with stranger(console_app) as client:
        assert "the practice’s account" in (await client.get("/sign-in")).text
        back = await comes_back(client, provider)
        assert (back.status_code, "You are signed in" in back.text) == (200, True)
        assert "SameSite=strict" in back.headers["set-cookie"]
        assert await first_page(client) == ""
    assert ("kim", "sign-in", "console") in trail(storage)


async def test_who_gave_a_password_only_there_gives_the_second_factor_here(
    console_app: FastAPI, provider: Provider
) -> None:
    async with stranger(console_app) as client:
        await comes_back(client, provider)
        assert await first_page(client) == "/second-factor/new"


@pytest.mark.parametrize("methods", [["otp"], ["fpt"], ["hwk", "pop"], ["pwd", "pin"], "mfa"])
async def test_one_factor_there_of_whatever_kind_is_no_second_one(
    console_app: FastAPI, provider: Provider, methods: Any
) -> None:
    provider.change = {"amr": methods}
    async with stranger(console_app) as client:
        await comes_back(client, provider)
        assert await first_page(client) == "/second-factor/new"


async def test_a_provider_that_has_changed_its_keys_is_asked_for_them_again(
    console_app: FastAPI, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_on, "NEW_KEYS_AFTER_S", 0.0)
    async with stranger(console_app) as client:
        assert (await comes_back(client, provider)).status_code == 200
    provider.key, provider.key_id = STRANGE_KEY, "two"
    provider.published = {"one": KEY, "two": STRANGE_KEY}
    async with stranger(console_app) as client:
        assert (await comes_back(client, provider)).status_code == 200


async def test_an_address_that_could_be_listened_to_is_not_used(
    console_app: FastAPI, provider: Provider
) -> None:
    provider.takes_codes_at = "http://login.test/token"
    async with stranger(console_app) as client:
        assert (await client.get("/sign-in/there")).status_code == 503


async def test_a_one_time_password_of_ours_is_not_asked_for(
    console_app: FastAPI, storage: Storage, provider: Provider
) -> None:
    new = StaffUser(
        name="new", password_hash=PASSWORD_HASH, roles="nurse", must_change=True, created_at=sample.NOW
    )
    await storage.write(lambda session: session.add(new))
    provider.name, provider.change = "new", {"amr": ["pwd", "otp"]}
    async with stranger(console_app) as client:
        await comes_back(client, provider)
        assert await first_page(client) == ""


async def test_nobody_is_made_by_signing_in(
    console_app: FastAPI, storage: Storage, provider: Provider
) -> None:
    provider.name = "mallory"
    async with stranger(console_app) as client:
        back = await comes_back(client, provider)
        assert (back.status_code, "nobody of that name" in back.text) == (403, True)
        assert await first_page(client) != ""
    assert await storage.read(lambda s: s.get(StaffUser, "mallory")) is None
    assert "mallory" not in {actor for actor, _, _ in trail(storage)}


async def test_who_is_disabled_here_stays_out(
    console_app: FastAPI, storage: Storage, provider: Provider
) -> None:
    def disable(session: Any) -> None:
        session.get(StaffUser, "kim").disabled = True

    await storage.write(disable)
    async with stranger(console_app) as client:
        assert (await comes_back(client, provider)).status_code == 403


def _in(seconds: float) -> int:
    return int(time.time() + seconds)


WRONG: dict[str, Callable[[Provider], None]] = {
    "another issuer": lambda p: p.change.update(iss="https://evil.test"),
    "another client": lambda p: p.change.update(aud="somebody-else"),
    "for others too, and handed to another": lambda p: p.change.update(aud=["firstring", "b"], azp="b"),
    "expired": lambda p: p.change.update(exp=_in(-120)),
    "never expires": lambda p: p.change.update(exp=None),
    "of the future": lambda p: p.change.update(iat=_in(3_600)),
    "another sign-in's": lambda p: p.change.update(nonce="another"),
    "without a nonce": lambda p: p.change.update(nonce=None),
    "without the claim": lambda p: p.change.update(preferred_username=None),
    "a claim that is no text": lambda p: p.change.update(preferred_username=["kim"]),
    "a strange key": lambda p: setattr(p, "key", STRANGE_KEY),
    "not signed": lambda p: setattr(p, "algorithm", "none"),
    "a provider of another name": lambda p: setattr(p, "calls_itself", "https://login.test/other"),
}


@pytest.mark.parametrize("what", list(WRONG))
async def test_what_does_not_prove_it_lets_nobody_in(
    console_app: FastAPI, provider: Provider, what: str
) -> None:
    WRONG[what](provider)
    async with stranger(console_app) as client:
        left = await client.get("/sign-in/there")
        if left.status_code == 303:
            left = await client.get(provider.consents(left.headers["location"]))
        assert left.status_code == 503, what
        assert await first_page(client) != ""


async def test_a_token_signed_with_our_own_secret_is_refused(
    console_app: FastAPI, provider: Provider
) -> None:
    """HS256 with the public key or the client's secret as its key: RFC 8725 section 2.1."""
    provider.signed = lambda nonce: jwt.encode(  # type: ignore[method-assign]
        {"iss": ISSUER, "aud": "firstring", "sub": "7", "iat": _in(0), "exp": _in(300), "nonce": nonce,
         "preferred_username": "kim"}, "shh" * 11, algorithm="HS256", headers={"kid": "one"},
    )  # fmt: skip
    async with stranger(console_app) as client:
        assert (await comes_back(client, provider)).status_code == 503


@pytest.mark.parametrize(
    "query",
    [
        "code=code-1&state=guessed",
        "code=code-1",
        "state={state}",
        "code=code-1&state={state}&error=access_denied",
        "code=code-1&state={state}&iss=https%3A%2F%2Fevil.test",
    ],
)
async def test_a_way_back_that_is_not_ours_is_refused(
    console_app: FastAPI, provider: Provider, query: str
) -> None:
    async with stranger(console_app) as client:
        left = await client.get("/sign-in/there")
        provider.consents(left.headers["location"])
        state = parse_qs(urlsplit(left.headers["location"]).query)["state"][0]
        back = await client.get(f"/sign-in/back?{query.format(state=state)}")
        assert (back.status_code, await first_page(client) != "") == (400, True)


async def test_a_sign_in_that_another_browser_began_is_refused(
    console_app: FastAPI, provider: Provider
) -> None:
    async with stranger(console_app) as mallory, stranger(console_app) as client:
        left = await mallory.get("/sign-in/there")
        back = await client.get(provider.consents(left.headers["location"]))
        assert (back.status_code, await first_page(client) != "") == (400, True)


async def test_a_code_is_good_once(console_app: FastAPI, provider: Provider) -> None:
    async with stranger(console_app) as client:
        left = await client.get("/sign-in/there")
        way_back = provider.consents(left.headers["location"])
        kept = client.cookies.copy() if hasattr(client.cookies, "copy") else dict(client.cookies)
        assert (await client.get(way_back)).status_code == 200
        client.cookies = httpx.Cookies(kept)
        assert (await client.get(way_back)).status_code == 503


async def test_an_unverified_address_is_nobodys() -> None:
    config = SignOnConfig(ISSUER, "firstring", "shh", "https://desk.test", claim="email")
    provider = Provider(change={"email": "kim"})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(provider.app())) as http:
        of_email, begun = SignOn(config, http), Begun.new()
        provider.consents(await of_email.address(begun))
        with pytest.raises(Exception, match="has not verified"):
            await of_email.known("code-1", begun)


async def test_without_a_provider_there_is_no_way_there(app: FastAPI) -> None:
    async with stranger(app) as client:
        assert "the practice’s account" not in (await client.get("/sign-in")).text
        assert (await client.get("/sign-in/there")).status_code == 404


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"oidc_issuer": ISSUER}, "OIDC_CLIENT_ID is not"),
        ({"oidc_issuer": "http://login.test"}, "OIDC_CLIENT_ID is not"),
        (
            {"oidc_issuer": "http://login.test", "oidc_client_id": "a", "console_url": "https://desk.test"},
            "starts with https",
        ),
    ],
)
def test_half_a_provider_is_named(given: dict[str, str], why: str, tmp_path: Any) -> None:
    secret = {"FIRSTRING_OIDC_CLIENT_SECRET": "shh"} if "console_url" in given else {}
    with pytest.raises(SettingsError, match=why):
        load(secret, tmp_path / "none.toml", **given)
