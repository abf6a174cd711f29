"""The staff pages over HTTP: who gets in, what they see, what is written down."""

from __future__ import annotations

import re

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from sqlmodel import select

from console import users
from console.login import Backoff, Door
from console.secure import HEADERS
from models import audit, records
from models.storage import Storage
from models.tables import AuditEntry, StaffTask, StaffUser
from tests.console import sample
from tests.console.browser import PASSWORD, browser, page


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def trail(storage: Storage) -> list[tuple[str, str, str]]:
    rows = storage.read_now(lambda s: s.exec(select(AuditEntry).order_by(AuditEntry.id)).all())  # type: ignore[arg-type]
    return [(row.actor, row.action, row.subject) for row in rows]


# --------------------------------------------------------------------------- the door


PARTS = {
    "call_id": "CA-refill",
    "task_id": "t",
    "deed": "claim",
    "page_id": "p",
    "number": "1",
    "name": "console.css",
}


async def test_every_route_is_shut_to_strangers(app: FastAPI, router: APIRouter, storage: Storage) -> None:
    routes = [route for route in router.routes if isinstance(route, APIRoute)]
    doors = [(method, route.path.format(**PARTS)) for route in routes for method in route.methods or ()]
    assert len(doors) == len(router.routes) == 11
    async with browser(app, None) as stranger:
        for method, path in doors:
            answer = await stranger.request(method, path)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("Basic")
            assert "Please sign in" in answer.text
    assert [deed for deed in trail(storage) if deed[1] == "view"] == []


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ???",
        "Basic a2lt",
        "Bearer a2ltOng=",
        "Basic " + "A" * 4_000,
        "Basic OnB3",
        "Basic /////w==",
    ],
)
async def test_a_malformed_sign_in_is_refused(app: FastAPI, header: str) -> None:
    async with browser(app, None) as client:
        answer = await client.get("/", headers={"Authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["kim", "nobody", "KIM "])
async def test_a_wrong_password_is_refused_and_slows_down(app: FastAPI, storage: Storage, name: str) -> None:
    async with browser(app, name, "wrong") as client:
        statuses = [(await client.get("/")).status_code for _ in range(4)]
        last = await client.get("/")
    assert statuses == [401, 401, 401, 429]
    assert 1 <= int(last.headers["retry-after"]) <= 60
    assert trail(storage)[0] == ("kim" if name == "kim" else "unknown", "sign-in refused", "console")


async def test_one_account_under_attack_does_not_shut_out_who_is_already_in(app: FastAPI) -> None:
    async with browser(app) as kim, browser(app, "kim", "wrong") as thief:
        assert (await kim.get("/")).status_code == 200
        for _ in range(4):
            await thief.get("/")
        assert (await thief.get("/")).status_code == 429
        assert (await kim.get("/")).status_code == 200


async def test_a_disabled_user_stays_out(app: FastAPI, storage: Storage) -> None:
    def disable(session):  # type: ignore[no-untyped-def]
        session.get(StaffUser, "lee").disabled = True

    storage.write_now(disable)
    async with browser(app, "lee") as lee:
        assert (await lee.get("/")).status_code == 401


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


async def test_a_password_is_hashed_once_a_minute_not_at_every_request(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, checks = [0.0], list[StaffUser | None]()

    def check(who: StaffUser | None, _password: str) -> bool:
        checks.append(who)
        return True

    door = Door(storage, lambda: sample.NOW, monotonic=lambda: now[0])
    monkeypatch.setattr("console.login.check_password", check)
    app = FastAPI()
    app.get("/x", dependencies=[Depends(door)])(lambda: None)
    async with browser(app) as client:
        for at in (0.0, 30.0, 59.0, 61.0, 62.0):
            now[0] = at
            assert (await client.get("/x")).status_code == 200
    assert len(checks) == 2


def test_a_start_with_an_administrator_does_not_hash_a_password_again(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.write_now(lambda s: users.create_admin(s, at=sample.NOW))

    def refuse(password: str) -> str:
        raise AssertionError("a tenth of a second that a caller waits for")

    monkeypatch.setattr(users, "hash_password", refuse)
    assert storage.write_now(lambda s: users.create_admin(s, at=sample.NOW)) is None


async def test_a_one_time_password_opens_only_the_way_to_ones_own(app: FastAPI, storage: Storage) -> None:
    once = storage.write_now(lambda s: users.create_admin(s, at=sample.NOW))
    assert once is not None
    assert storage.write_now(lambda s: users.create_admin(s, at=sample.NOW)) is None
    assert storage.read_now(users.has_users)
    async with browser(app, "admin", once) as admin:
        for path in ("/", "/tasks", "/calls/CA-refill"):
            answer = await admin.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/password")
            assert "lisinopril" not in answer.text
        assert "Choose your password" in (await admin.get("/password")).text
        for weak in ("short", "aaaaaaaaaaaaaaa", "x" * 201):
            assert (await admin.post("/password", data={"password": weak})).status_code == 422
        assert (await admin.post("/password", data={"password": PASSWORD})).status_code == 303
        assert (await admin.get("/")).status_code == 401
    async with browser(app, "admin") as admin:
        assert (await admin.get("/")).status_code == 200


async def test_another_sites_form_does_nothing(app: FastAPI, storage: Storage) -> None:
    task = storage.read_now(records.open_tasks)[0].id
    hostile = ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"})
    async with browser(app) as kim:
        for headers in hostile:
            assert (await kim.post(f"/tasks/{task}/claim", headers=headers)).status_code == 403
        assert storage.read_now(records.open_tasks)[0].owner == ""
        ours = await kim.post(f"/tasks/{task}/claim", headers={"Origin": "http://desk.test"})
    assert ours.status_code == 303


async def test_every_answer_keeps_itself_private(app: FastAPI) -> None:
    paths = (
        "/",
        "/calls/CA-refill",
        "/calls/none",
        "/tasks",
        "/password",
        "/static/console/console.js",
        "/?before=x",
    )
    async with browser(app) as kim, browser(app, None) as stranger:
        answers = [await client.get(path) for path in paths for client in (kim, stranger)]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


# --------------------------------------------------------------------------- the pages


async def test_the_front_page_shows_first_what_needs_a_person(app: FastAPI) -> None:
    text = words(await page(app, "/"))
    order = [
        "RF01",
        "Somebody is needed now",
        "Needs a person",
        "Danger sign: 911",
        "Billing question",
        "How it ended",
    ]
    places = [text.index(item) for item in order]
    assert places == sorted(places)
    for shown in (
        "Mon Mar 9, 10:18",
        "…0100",
        "I need my lisinopril refilled",
        "On the line",
        "2:00",
        "withheld",
    ):
        assert shown in text
    assert "+1555" not in text


async def test_the_calls_page_back(app: FastAPI, storage: Storage) -> None:
    for n in range(60):
        at = sample.ago(1_000 + n)
        storage.write_now(
            lambda s, n=n, at=at: records.open_call(  # type: ignore[misc]
                s, f"CA-old-{n}", caller_number="", called_number="", at=at
            )
        )
    first = await page(app, "/")
    link = re.search(r'href="(/\?before=[^"]+)"', first)
    assert link
    second = await page(app, link[1])
    seen = re.findall(r"/calls/(CA-old-\d+)", first + second)
    assert len(seen) == len(set(seen)) == 60
    assert "Somebody is needed now" not in second


async def test_a_calls_page_tells_it_in_ten_seconds_and_in_full(app: FastAPI) -> None:
    text = words(await page(app, "/calls/CA-refill"))
    for shown in (
        "I need my lisinopril refilled",
        "name, birth date and number or ZIP agreed",
        "pat-7",
        "I need my lysine a pill refilled",
        "41% sure",
        "listen again",
        "or: I need my lisinopril refilled",
        "Refill of “lisinopril” at Main Street",
        "ready for approval",
        "Encounter/3",
        "confirmed",
        "http-422",
        "Refill review",
    ):
        assert shown in text, shown
    assert "+15550100" not in text


async def test_what_was_not_heard_and_what_failed_is_marked(app: FastAPI) -> None:
    danger = words(await page(app, "/calls/CA-danger"))
    assert "Interrupted. Heard: “Please hang up and call 911”" in danger
    assert "RF01 (emergency): “my chest feels tight”" in danger
    booking = words(await page(app, "/calls/CA-booking"))
    assert "not done somebody was faster" in booking
    assert "booked: Doctor Chen, Tue Mar 10, 15:00" in booking
    assert "pressed 03051981" in booking


async def test_what_callers_say_is_never_markup(app: FastAPI) -> None:
    for path in ("/", "/calls/CA-booking"):
        html = await page(app, path)
        assert "<b>" not in html
        assert "&lt;b&gt;Doctor&lt;/b&gt;" in html


async def test_what_is_not_there_says_so(app: FastAPI) -> None:
    async with browser(app) as kim:
        for path in ("/calls/CA-none", "/static/console/../router.py", "/static/console/x"):
            assert (await kim.get(path)).status_code == 404
        assert (await kim.get("/calls/a%20b")).status_code == 400
        assert (await kim.get("/?before=2026-01-01T00:00:00")).status_code == 400
        assert (await kim.post("/tasks/none/claim")).status_code == 404
        assert (await kim.post("/tasks/none/eat")).status_code == 404


async def test_a_task_is_claimed_resolved_and_given_back_by_one_person(
    app: FastAPI, storage: Storage
) -> None:
    task, ended = storage.read_now(records.open_tasks)[0].id, {"outcome": "nurse-advice"}
    async with browser(app) as kim, browser(app, "lee") as lee:
        assert (await kim.post(f"/tasks/{task}/claim")).headers["location"] == "/tasks"
        refused = await lee.post(f"/tasks/{task}/claim")
        assert refused.status_code == 409
        assert "kim has it." in words(refused.text)
        assert (await lee.post(f"/tasks/{task}/resolve", data=ended)).status_code == 409
        assert "Give back" in (await kim.get("/tasks")).text
        assert "Give back" not in (await lee.get("/tasks")).text
        assert (await kim.post(f"/tasks/{task}/release")).status_code == 303
        assert (await lee.post(f"/tasks/{task}/claim")).status_code == 303
        assert (await lee.post(f"/tasks/{task}/resolve")).status_code == 409
        assert (await lee.post(f"/tasks/{task}/resolve", data=ended)).status_code == 303
    done = storage.read_now(lambda s: s.get(StaffTask, task))
    assert done is not None
    assert (done.state, done.owner, done.outcome) == ("done", "lee", "nurse-advice")
    assert ("lee", "task resolve", f"task/{task}") in trail(storage)


async def test_a_page_is_acknowledged_by_one_person(app: FastAPI, storage: Storage) -> None:
    waiting = storage.read_now(records.waiting_pages)[0].id
    async with browser(app) as kim, browser(app, "lee") as lee:
        assert (await kim.post(f"/pages/{waiting}/acknowledge")).status_code == 303
        assert (await lee.post(f"/pages/{waiting}/acknowledge")).status_code == 409
    assert storage.read_now(records.waiting_pages) == []


# --------------------------------------------------------------------------- the trail


async def test_every_view_is_written_down_before_it_is_shown(app: FastAPI, storage: Storage) -> None:
    for path in ("/", "/calls/CA-refill", "/calls/CA-refill", "/tasks"):
        await page(app, path)
    views = [(actor, subject) for actor, action, subject in trail(storage) if action == "view"]
    assert views == [("kim", s) for s in ("calls", "call/CA-refill", "call/CA-refill", "tasks")]
    assert storage.read_now(audit.verify) is None


async def test_a_page_left_open_is_not_written_down_every_five_seconds(
    app: FastAPI, storage: Storage
) -> None:
    async with browser(app) as kim, browser(app, "lee") as lee:
        for _ in range(3):
            await kim.get("/", headers={"X-Refresh": "1"})
        await lee.get("/", headers={"X-Refresh": "1"})
    views = [(actor, subject) for actor, action, subject in trail(storage) if action == "view"]
    assert views == [("kim", "calls"), ("lee", "calls")]


async def test_nothing_is_shown_that_could_not_be_written_down(
    app: FastAPI, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browser(app) as kim:
        assert (await kim.get("/")).status_code == 200

        async def refuse(_work: object) -> None:
            from models.errors import StorageError

            raise StorageError("the disk is full")

        monkeypatch.setattr(storage, "write", refuse)
        answer = await kim.get("/calls/CA-refill")
    assert answer.status_code == 503
    assert "the disk is full" in answer.text
    assert "lisinopril" not in answer.text
