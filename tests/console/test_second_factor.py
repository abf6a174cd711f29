"""Codes of a telephone: set up at the first sign-in, each good once; recovery codes; what a loss means."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from console import add_pages, build_router, second_factor
from models.storage import Storage
from models.tables import RecoveryCode, StaffUser
from tests.console.browser import PASSWORD, Browser, browser
from tests.console.test_console import trail
from tests.console.test_door import Watch, is_in, resting, watch

__all__ = ["watch"]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def guarded(storage: Storage, watch: Watch) -> FastAPI:
    """A console that wants second factors; the telephone's time is the watch's."""
    app = FastAPI()
    add_pages(app, build_router(storage, watch, true_time=watch))
    return app


def code(watch: Watch, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(watch.now)


def give_factor(storage: Storage, name: str = "kim") -> tuple[str, ...]:
    return storage.write_now(lambda s: second_factor.set_up(s, name, SECRET, 0))


async def enter(client: Browser, digits: str) -> int:
    answer = await client.post("/second-factor", data={"code": digits})
    await client.take_token()
    return answer.status_code


# --------------------------------------------------------------------------- the codes themselves


def test_the_codes_are_those_of_rfc_6238() -> None:
    """Appendix B, SHA-1, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"
    for seconds, digits in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        at = datetime.fromtimestamp(seconds, UTC)
        assert second_factor.step_of(secret, digits, at, 0) == seconds // 30
    assert second_factor.step_of(secret, "287 082", datetime.fromtimestamp(59, UTC), 0) == 1


def test_clocks_may_differ_by_one_step_and_no_more(watch: Watch) -> None:
    now = watch.now
    near = [now + timedelta(seconds=30 * off) for off in (-2, -1, 0, 1, 2)]
    found = [second_factor.step_of(SECRET, pyotp.TOTP(SECRET).at(at), now, 0) for at in near]
    assert [step is not None for step in found] == [False, True, True, True, False]


@pytest.mark.parametrize("digits", ["", "1", "é", "000000000000", "abcdef"])
def test_what_is_no_code_is_none(watch: Watch, digits: str) -> None:
    assert second_factor.step_of(SECRET, digits, watch.now, 0) is None


# --------------------------------------------------------------------------- setting up


async def test_the_first_sign_in_sets_one_up_and_shows_recovery_codes_once(
    guarded: FastAPI, storage: Storage, watch: Watch
) -> None:
    async with browser(guarded) as kim:
        asked = await kim.get("/calls")
        assert asked.headers["location"] == "/second-factor/new"
        page = await kim.get("/second-factor/new")
        assert "<svg" in page.text
        assert "style=" not in page.text
        secret = re.sub(r"\s", "", re.search(r"Key: <kbd>([A-Z2-7 ]+)</kbd>", page.text)[1])  # type: ignore[index]
        assert secret in re.sub(r"\s", "", (await kim.get("/second-factor/new")).text)  # it stays the same
        wrong = await kim.post("/second-factor/new", data={"code": "000000"})
        assert wrong.status_code == 422
        before = kim.cookies["__Host-firstring"]
        done = await kim.post("/second-factor/new", data={"code": code(watch, secret)})
        codes = re.findall(r"<kbd>(\w{5}-\w{5})</kbd>", done.text)
        assert len(set(codes)) == 10
        assert kim.cookies["__Host-firstring"] != before
        assert (await kim.get("/calls")).status_code == 200
    rows = storage.read_now(lambda s: [row.code_hash for row in s.exec(select(RecoveryCode)).all()])
    assert len(rows) == 10
    assert not set(codes) & set(rows)
    assert ("kim", "second factor set up", "user/kim") in trail(storage)


async def test_a_password_alone_opens_nothing(guarded: FastAPI, storage: Storage) -> None:
    give_factor(storage)
    async with browser(guarded) as kim:
        for path in ("/", "/calls", "/calls/CA-refill", "/inbox", "/password", "/second-factor/new"):
            answer = await kim.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/second-factor"), path
        for path in ("/password", "/second-factor/new", "/tasks/t/claim"):
            answer = await kim.post(path, data={"password": "four other quiet words", "code": "1"})
            assert answer.headers["location"] == "/second-factor"


# --------------------------------------------------------------------------- giving it


async def test_a_code_opens_once(guarded: FastAPI, storage: Storage, watch: Watch) -> None:
    give_factor(storage)
    digits = code(watch)
    async with browser(guarded) as kim, browser(guarded) as thief:
        before = kim.cookies["__Host-firstring"]
        assert await enter(kim, digits) == 303
        assert kim.cookies["__Host-firstring"] != before
        assert (await kim.get("/calls")).status_code == 200
        assert await enter(thief, digits) == 401
        watch.later(seconds=30)
        assert await enter(thief, digits) == 401  # still within the tolerance, but used
        assert await enter(thief, code(watch)) == 303
    assert [deed[1] for deed in trail(storage) if deed[0] == "kim"] == [
        "sign-in",
        "sign-in",
        "second factor",
        "view",
        "code refused",
        "code refused",
        "second factor",
    ]


async def test_wrong_codes_slow_down_and_end_the_session(storage: Storage, watch: Watch) -> None:
    seconds = [0.0]
    app = FastAPI()
    add_pages(app, build_router(storage, watch, true_time=watch, monotonic=lambda: seconds[0]))
    give_factor(storage)
    async with browser(app) as kim:
        assert [await enter(kim, "000000") for _ in range(4)] == [401, 401, 401, 429]
        await kim.sign_in("kim")  # the right password makes nobody forget
        assert await enter(kim, "000000") == 429
        for _ in range(5):
            seconds[0] += 60
            last = await enter(kim, "000000")
        assert last == 401
        assert await enter(kim, code(watch)) == 401
        assert not await is_in(kim)


async def test_a_recovery_code_does_once_and_only_for_its_owner(guarded: FastAPI, storage: Storage) -> None:
    first, second, *_ = give_factor(storage)
    give_factor(storage, "lee")
    async with browser(guarded, "lee") as lee:
        assert await enter(lee, first) == 401
    async with browser(guarded) as kim:
        assert await enter(kim, first.lower().replace("-", " ")) == 303
        assert (await kim.get("/calls")).status_code == 200
    async with browser(guarded) as again:
        assert await enter(again, first) == 401
        assert await enter(again, second) == 303
    assert ("kim", "recovery code used", "console") in trail(storage)


async def test_a_new_telephone_wants_a_code_of_the_present_one(
    guarded: FastAPI, storage: Storage, watch: Watch
) -> None:
    give_factor(storage)
    async with browser(guarded) as kim, browser(guarded) as there:
        assert await enter(kim, code(watch)) == 303
        page = (await kim.get("/second-factor/new")).text
        secret = re.sub(r"\s", "", re.search(r"Key: <kbd>([A-Z2-7 ]+)</kbd>", page)[1])  # type: ignore[index]
        watch.later(seconds=60)
        data = {"code": code(watch, secret), "present": "000000"}
        assert (await kim.post("/second-factor/new", data=data)).status_code == 422
        data["present"] = code(watch)
        assert (await kim.post("/second-factor/new", data=data)).status_code == 200
        assert not await is_in(there)
    user = storage.read_now(lambda s: s.get_one(StaffUser, "kim"))
    assert user.totp_secret == secret


async def test_a_factor_that_was_taken_away_is_set_up_anew(guarded: FastAPI, storage: Storage) -> None:
    codes = give_factor(storage)
    storage.write_now(lambda s: second_factor.take_away(s, "kim"))
    async with browser(guarded) as kim:
        assert (await kim.get("/")).headers["location"] == "/second-factor/new"
        assert (await kim.post("/second-factor", data={"code": codes[0]})).status_code == 303
        assert (await kim.get("/calls")).headers["location"] == "/second-factor/new"


async def test_a_reset_password_of_who_has_a_factor_comes_after_the_factor(
    guarded: FastAPI, storage: Storage, watch: Watch
) -> None:
    give_factor(storage)

    def reset(session: Session) -> None:
        session.get_one(StaffUser, "kim").must_change = True

    storage.write_now(reset)
    async with browser(guarded) as kim:
        assert (await kim.get("/password")).headers["location"] == "/second-factor"
        assert await enter(kim, code(watch)) == 303
        assert (await kim.get("/calls")).headers["location"] == "/password"
        assert (await kim.post("/password", data={"password": "four other quiet words"})).status_code == 303
        assert (await kim.get("/calls")).status_code == 200


async def test_nothing_of_a_factor_rests_in_the_clear(guarded: FastAPI, storage: Storage) -> None:
    give_factor(storage)
    async with browser(guarded, "lee") as lee:
        await lee.get("/second-factor/new")
    pending = resting(storage)[0].pending_secret
    assert pending
    with storage.engines.reading.connect() as connection:
        users = connection.exec_driver_sql("SELECT totp_secret FROM staff_user").all()
        rows = connection.exec_driver_sql("SELECT pending_secret FROM staff_session").all()
    sealed = b"".join(bytes(row[0]) for row in (*users, *rows) if row[0])
    assert SECRET.encode() not in sealed
    assert pending.encode() not in sealed


async def test_a_demo_without_a_second_factor_says_so_on_every_page(app: FastAPI, guarded: FastAPI) -> None:
    words = "a password alone opens this console"
    async with browser(app) as kim, browser(app, None) as stranger, browser(guarded, None) as real:
        for answer in (await kim.get("/calls"), await kim.get("/password"), await stranger.get("/sign-in")):
            assert words in answer.text
        assert words not in (await real.get("/sign-in")).text


def test_the_picture_holds_the_secret_for_the_app() -> None:
    address = second_factor.address(SECRET, "kim", "Lakeside")
    assert address == f"otpauth://totp/Firstring%20Lakeside:kim?secret={SECRET}&issuer=Firstring%20Lakeside"
    assert PASSWORD not in address
