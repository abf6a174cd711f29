"""Who gets in: sessions, passwords, forms of another site, and what rests of all that."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.routing import APIRoute, APIWebSocketRoute
from sqlmodel import Session, select

from console import add_pages, build_router, routes, sessions, users
from console.backoff import FREE_FAILURES, Backoff
from console.buckets import Buckets
from console.secure import HEADERS
from console.sign_in import HASHES_AT_ONCE
from models import records
from models.storage import Storage
from models.tables import StaffSession, StaffUser
from tests.console import sample
from tests.console.browser import HOST, PASSWORD, Browser, browser
from tests.console.test_console import trail

PARTS = {"call_id": "CA-refill", "task_id": "t", "deed": "claim", "page_id": "p", "number": "1"}
PARTS |= {"name": "console.css", "outcome": "done", "visit_id": "v", "block_id": "b", "entry_id": "e"}
PARTS |= {"section": "hours"}
PARTS |= {"patient_id": "pat-7"}
PARTS |= {"review": "reviewed"}
PARTS |= {"section": "hours", "protocol": "phq"}
TO_SIGN_IN = "/sign-in"


class Watch:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = sample.NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def timed(storage: Storage, watch: Watch) -> FastAPI:
    app = FastAPI()
    add_pages(app, build_router(storage, watch, second_factor=False))
    return app


def resting(storage: Storage) -> list[StaffSession]:
    return storage.read_now(lambda s: list(s.exec(select(StaffSession)).all()))


async def is_in(client: Browser) -> bool:
    return (await client.get("/session")).status_code == 204


# --------------------------------------------------------------------------- strangers


async def test_every_route_is_shut_to_strangers(app: FastAPI, router: APIRouter, storage: Storage) -> None:
    async with browser(app, None) as stranger:
        for key, row in routes.TABLE.items():
            method, _, path = key.partition(" ")
            answer = await stranger.request(method, path.format(**PARTS))
            if row.open_to_all:
                assert answer.status_code in (200, 400, 404), key  # 404: there is no identity provider
            elif method == "GET":
                assert answer.status_code == 303, key
                assert answer.headers["location"].startswith(TO_SIGN_IN)
                assert answer.text == "" or "refill" not in answer.text
            else:
                assert answer.status_code == 401, key
    assert [deed for deed in trail(storage) if deed[1] == "view"] == []


def test_the_table_is_all_that_there_is(router: APIRouter) -> None:
    found = [route for route in router.routes if isinstance(route, APIRoute)]
    keys = [f"{method} {route.path}" for route in found for method in route.methods or ()]
    sockets = [route.path for route in router.routes if isinstance(route, APIWebSocketRoute)]
    assert sockets == list(routes.SOCKETS)
    assert set(routes.SOCKETS.values()) <= set(routes.TABLE)
    assert len(found) + len(sockets) == len(router.routes)
    assert sorted(keys) == sorted(routes.TABLE)
    assert {key for key, row in routes.TABLE.items() if row.open_to_all} == {
        "GET /sign-in",
        "POST /sign-in",
        "GET /sign-in/there",
        "GET /sign-in/back",
        "GET /static/console/{name}",
    }


async def test_a_password_in_a_header_opens_nothing(app: FastAPI) -> None:
    auth = httpx.BasicAuth("kim", PASSWORD)
    async with browser(app, None) as client:
        assert (await client.get("/calls", auth=auth)).status_code == 303


@pytest.mark.parametrize("name", ["kim", "nobody", "KIM ", "\0", ""])
async def test_a_wrong_password_is_refused_and_slows_down(app: FastAPI, storage: Storage, name: str) -> None:
    async with browser(app, None) as client:
        answers = [await client.sign_in(name, "wrong") for _ in range(5)]
        assert not await is_in(client)
    assert [answer.status_code for answer in answers] == ([401] * 3 + [429] * 2 if name else [400] * 5)


async def test_a_refusal_says_no_more_than_needed(app: FastAPI, storage: Storage) -> None:
    async with browser(app, None) as client:
        known, unknown = await client.sign_in("kim", "wrong"), await client.sign_in("hunter2", "wrong")
    assert known.text == unknown.text
    refused = [deed for deed in trail(storage) if deed[1] == "sign-in refused"]
    assert refused == [("kim", "sign-in refused", "console"), ("unknown", "sign-in refused", "console")]


async def test_one_account_under_attack_does_not_shut_out_who_is_already_in(app: FastAPI) -> None:
    async with browser(app) as kim, browser(app, None) as thief:
        for _ in range(4):
            last = await thief.sign_in("kim", "wrong")
        assert last.status_code == 429
        assert 1 <= int(last.headers["retry-after"]) <= 60
        assert await is_in(kim)


async def test_guesses_that_come_at_once_wait_as_those_one_after_the_other(
    storage: Storage, watch: Watch
) -> None:
    app, form = FastAPI(), {"name": "kim"}
    add_pages(app, build_router(storage, watch, second_factor=False, monotonic=lambda: 0.0))
    async with browser(app, None) as client:
        answers = await asyncio.gather(
            *(client.post("/sign-in", data={**form, "password": f"guess {n}"}) for n in range(40))
        )
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(401) < FREE_FAILURES + HASHES_AT_ONCE
    assert statuses.count(401) + statuses.count(429) == 40


def test_the_wait_doubles_and_ends() -> None:
    backoff, keys = Backoff(), ("account kim", "address 1")
    waits = []
    for _ in range(12):
        backoff.failed(keys, now=100.0)
        waits.append(backoff.wait_s(keys, now=100.0))
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert backoff.wait_s(keys, now=161.0) == 0
    assert backoff.wait_s(("account lee", "address 1"), now=100.0) == 60
    backoff.succeeded(keys)
    assert backoff.wait_s(keys, now=100.0) == 0


def test_failures_of_many_addresses_do_not_fill_the_memory() -> None:
    backoff = Backoff()
    for number in range(20_000):
        backoff.failed((f"address {number}",), now=float(number))
    assert len(backoff._failures) <= 2_000


# --------------------------------------------------------------------------- sessions


async def test_signing_in_leads_to_where_one_wanted_to_go(app: FastAPI) -> None:
    async with browser(app, None) as kim:
        asked = await kim.get("/calls/CA-refill?x=1")
        assert asked.headers["location"] == "/sign-in?next=%2Fcalls%2FCA-refill%3Fx%3D1"
        form = await kim.get(asked.headers["location"])
        assert 'name="next" value="/calls/CA-refill?x=1"' in form.text
        data = {"name": "kim", "password": PASSWORD, "next": "/calls/CA-refill?x=1"}
        assert (await kim.post("/sign-in", data=data)).headers["location"] == "/calls/CA-refill?x=1"


@pytest.mark.parametrize("there", ["//evil.test", "https://evil.test", "/\\evil.test", "/a\nb", "x", ""])
async def test_signing_in_never_leads_to_another_site(app: FastAPI, there: str) -> None:
    async with browser(app, None) as kim:
        answer = await kim.post("/sign-in", data={"name": "kim", "password": PASSWORD, "next": there})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("name", "first"),
    [("kim", "/home"), ("front_desk", "/home"), ("admin", "/users"), ("auditor", "/audit")],
)
async def test_everybody_has_a_first_page(app: FastAPI, name: str, first: str) -> None:
    async with browser(app, name) as person:
        assert (await person.get("/")).headers["location"] == first


async def test_the_cookie_is_bound_to_this_host_and_to_https(app: FastAPI, storage: Storage) -> None:
    async with browser(app, None) as kim:
        answer = await kim.sign_in("kim")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-firstring=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "Path=/",
        "Secure",
        "HttpOnly",
        "SameSite=strict",
    }
    session_id = cookie.partition("=")[2].partition(";")[0]
    assert len(session_id) >= 43  # 256 bits
    assert [row.id_hash for row in resting(storage)] == [sessions.hash_of(session_id)]


@pytest.mark.parametrize("host", ["127.0.0.1:8081", "localhost:8081", "[::1]:8081"])
async def test_plain_http_does_on_this_machine_only(app: FastAPI, host: str) -> None:
    data = {"name": "kim", "password": PASSWORD}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as near:
        assert (await near.post("/sign-in", data=data)).headers["set-cookie"].startswith("firstring=")
        assert (await near.get("/session")).status_code == 204
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8081") as far:
        answer = await far.post("/sign-in", data=data)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert "over https" in answer.text


async def test_behind_a_proxy_the_browsers_own_origin_tells_https(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as kim:
        data = {"name": "kim", "password": PASSWORD}
        answer = await kim.post("/sign-in", data=data, headers={"Origin": HOST})
    assert answer.headers["set-cookie"].startswith("__Host-firstring=")


async def test_a_session_ends_when_nobody_uses_it(timed: FastAPI, watch: Watch) -> None:
    async with browser(timed) as kim:
        for _ in range(4):
            watch.later(minutes=14)
            assert await is_in(kim)
        watch.later(minutes=15)
        assert not await is_in(kim)


async def test_a_page_that_asks_for_itself_keeps_nobody_signed_in(timed: FastAPI, watch: Watch) -> None:
    async with browser(timed) as kim:
        for _ in range(2):
            watch.later(minutes=7)
            answer = await kim.get("/session", headers={"X-Refresh": "1"})
            assert answer.status_code == 204
        watch.later(minutes=1)
        assert not await is_in(kim)


async def test_a_session_ends_after_twelve_hours_whatever_is_done(timed: FastAPI, watch: Watch) -> None:
    async with browser(timed) as kim:
        for _ in range(12 * 6 - 1):
            watch.later(minutes=10)
            assert await is_in(kim)
        watch.later(minutes=10)
        assert not await is_in(kim)


async def test_ended_sessions_are_cleared_away(timed: FastAPI, watch: Watch, storage: Storage) -> None:
    async with browser(timed), browser(timed, "lee"):
        watch.later(minutes=16)
        async with browser(timed):
            assert len(resting(storage)) == 1


async def test_signing_in_gives_a_new_session_and_ends_the_old_one(app: FastAPI, storage: Storage) -> None:
    async with browser(app) as kim:
        before = resting(storage)[0].id_hash
        await kim.sign_in("kim")
        assert before not in [row.id_hash for row in resting(storage)]
        assert await is_in(kim)


async def test_an_id_that_a_stranger_chose_is_not_taken_over(app: FastAPI) -> None:
    async with browser(app, None) as kim:
        kim.cookies.set("__Host-firstring", "chosen", domain="desk.test")
        await kim.sign_in("kim")
        assert kim.cookies["__Host-firstring"] != "chosen"


async def test_signing_out_ends_the_session_and_empties_the_browser(app: FastAPI, storage: Storage) -> None:
    async with browser(app) as kim:
        kept = dict(kim.cookies)
        answer = await kim.post("/sign-out")
        assert answer.headers["location"] == "/sign-in"
        assert "__Host-firstring" not in kim.cookies
        kim.cookies.update(kept)
        assert not await is_in(kim)
    assert resting(storage) == []
    assert ("kim", "sign-out", "console") in trail(storage)


async def test_one_may_sign_out_everywhere(app: FastAPI, storage: Storage) -> None:
    async with browser(app) as here, browser(app) as there, browser(app, "lee") as lee:
        assert (await here.post("/sign-out", data={"everywhere": "yes"})).status_code == 303
        assert not await is_in(here)
        assert not await is_in(there)
        assert await is_in(lee)
    assert ("kim", "sign-out everywhere", "console") in trail(storage)


async def test_who_is_disabled_is_out_at_once(app: FastAPI, storage: Storage) -> None:
    def disable(session: Session) -> None:
        session.get_one(StaffUser, "lee").disabled = True

    async with browser(app, "lee") as lee:
        assert await is_in(lee)
        storage.write_now(disable)
        assert not await is_in(lee)
        assert (await lee.sign_in("lee")).status_code == 401


# --------------------------------------------------------------------------- passwords


def test_a_start_with_an_administrator_does_not_hash_a_password_again(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(password: str) -> str:
        raise AssertionError("a tenth of a second that a caller waits for")

    monkeypatch.setattr(users, "hash_password", refuse)
    assert storage.write_now(lambda s: users.create_admin(s, at=sample.NOW)) is None


async def test_a_one_time_password_opens_only_the_way_to_ones_own(app: FastAPI, storage: Storage) -> None:
    once = storage.write_now(lambda s: users.create_admin(s, at=sample.NOW, name="first"))
    assert once is not None
    assert storage.write_now(lambda s: users.create_admin(s, at=sample.NOW, name="first")) is None
    assert storage.read_now(users.has_users)
    async with browser(app, "first", once) as first:
        for path in ("/", "/inbox", "/calls/CA-refill"):
            answer = await first.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/password")
            assert "lisinopril" not in answer.text
        assert "Choose your password" in (await first.get("/password")).text
        for weak in ("short", "aaaaaaaaaaaaaaa", "x" * 201):
            assert (await first.post("/password", data={"password": weak})).status_code == 422
        assert (await first.post("/password", data={"password": PASSWORD})).status_code == 303
        assert await is_in(first)
    async with browser(app, "first", once) as late:
        assert not await is_in(late)
    async with browser(app, "first") as first:
        assert await is_in(first)


async def test_a_new_password_wants_the_present_one_and_signs_out_everywhere_else(app: FastAPI) -> None:
    new = "four other quiet words"
    async with browser(app) as here, browser(app) as there:
        assert (await here.post("/password", data={"password": new, "current": "no"})).status_code == 422
        assert (await here.post("/password", data={"password": new})).status_code == 422
        assert await is_in(there)
        changed = await here.post("/password", data={"password": new, "current": PASSWORD})
        assert changed.status_code == 303
        assert await is_in(here)
        assert not await is_in(there)


# --------------------------------------------------------------------------- forms


async def test_another_sites_form_does_nothing(app: FastAPI, storage: Storage) -> None:
    task = storage.read_now(records.open_tasks)[0].id
    hostile = ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"})
    async with browser(app) as kim:
        for headers in hostile:
            assert (await kim.post(f"/tasks/{task}/claim", headers=headers)).status_code == 403
            assert (await kim.post("/sign-in", headers=headers)).status_code == 403
        assert storage.read_now(records.open_tasks)[0].owner == ""
        ours = await kim.post(f"/tasks/{task}/claim", headers={"Origin": HOST})
    assert ours.status_code == 303


async def test_a_form_without_its_sessions_token_does_nothing(app: FastAPI, storage: Storage) -> None:
    task = storage.read_now(records.open_tasks)[0].id
    async with browser(app) as kim, browser(app, "lee") as lee:
        for token in ("", "x", "é", lee.form_token):
            answer = await kim.post(f"/tasks/{task}/claim", data={"form_token": token})
            assert answer.status_code == 403
        assert storage.read_now(records.open_tasks)[0].owner == ""
        token = kim.form_token
        by_header = await kim.post(
            f"/tasks/{task}/claim", data={"form_token": ""}, headers={"X-Form-Token": token}
        )
        assert by_header.status_code == 303


async def test_a_runaway_script_is_slowed_down_and_nobody_else(storage: Storage, watch: Watch) -> None:
    app = FastAPI()
    add_pages(app, build_router(storage, watch, second_factor=False, monotonic=lambda: 0.0))
    async with browser(app) as kim, browser(app, "lee") as lee:
        statuses = [(await kim.post("/tasks/none/claim")).status_code for _ in range(70)]
        assert (await lee.post("/tasks/none/claim")).status_code == 404
    assert statuses == [404] * 60 + [429] * 10


def test_a_burst_of_forms_comes_back_one_a_second() -> None:
    buckets = Buckets()
    for _ in range(60):
        buckets.take("a", now=0.0)
    with pytest.raises(HTTPException):
        buckets.take("a", now=0.5)
    buckets.take("a", now=2.0)
    buckets.take("b", now=2.0)
    for number in range(10_000):
        buckets.take(f"session {number}", now=3.0 + number)
    assert len(buckets._buckets) <= 2_000


async def test_every_form_of_every_page_carries_the_token(app: FastAPI) -> None:
    async with browser(app) as kim:
        for path in ("/calls", "/calls/CA-refill", "/inbox", "/password"):
            html = (await kim.get(path)).text
            forms = re.findall(r"<form [^>]*>", html)
            assert forms
            assert html.count(f'name="form_token" value="{kim.form_token}"') == len(forms)


async def test_every_answer_keeps_itself_private(app: FastAPI) -> None:
    paths = ["/", "/calls", "/calls/CA-refill", "/calls/none", "/inbox", "/password", "/sign-in"]
    paths += ["/static/console/console.js", "/calls?before=x", "/session"]
    async with browser(app) as kim, browser(app, None) as stranger:
        answers = [await client.get(path) for path in paths for client in (kim, stranger)]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
