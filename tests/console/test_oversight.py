"""People are added and changed by an administrator; records open in need; the auditor sees who looked."""

from __future__ import annotations

import csv
import io
import re

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import Session

from console import add_pages, build_router, need, routes, second_factor, users
from console.audit_pages import as_csv
from models import records
from models.audit_search import PARTS_OF_A_CALL, AuditLine
from models.storage import Storage
from models.tables import StaffUser
from tests.console import sample
from tests.console.browser import PASSWORD, browser, page
from tests.console.test_console import trail, words
from tests.console.test_door import Watch, is_in, watch

__all__ = ["watch"]
CALL = "/calls/CA-refill"
WHY = "Caller is at the desk, nurse not reachable"


def person(storage: Storage, name: str) -> StaffUser:
    return storage.read_now(lambda s: s.get_one(StaffUser, name))


# --------------------------------------------------------------------------- people


async def test_a_person_is_added_with_a_password_shown_once(app: FastAPI, storage: Storage) -> None:
    async with browser(app, "admin") as admin:
        added = await admin.post("/users", data={"name": "sam", "roles": ["nurse", "front_desk"]})
        once = re.search(r"<kbd>([\w-]+)</kbd>", added.text)
        assert once
        assert once[1] not in (await admin.get("/users")).text
        assert (await admin.post("/users", data={"name": "sam", "roles": ["nurse"]})).status_code == 409
        for wrong in ({"name": "sam"}, {"name": "x y", "roles": "nurse"}, {"name": "z", "roles": "staff"}):
            assert (await admin.post("/users", data=wrong)).status_code in (400, 422)
    async with browser(app, "sam", once[1]) as sam:
        assert (await sam.get("/")).headers["location"] == "/password"
    assert person(storage, "sam").roles == "front_desk nurse"
    assert ("admin", "user added", "user/sam") in trail(storage)


async def test_new_roles_count_at_once_and_sign_out(app: FastAPI, storage: Storage) -> None:
    async with browser(app, "admin") as admin, browser(app) as kim:
        assert (await admin.post("/users/kim/roles", data={"roles": "auditor"})).status_code == 303
        assert not await is_in(kim)
        await kim.sign_in("kim")
        assert (await kim.get(CALL)).status_code == 403
        assert (await admin.post("/users/nobody/roles", data={"roles": "auditor"})).status_code == 404


async def test_a_disabled_person_is_out_until_enabled(app: FastAPI) -> None:
    async with browser(app, "admin") as admin, browser(app) as kim:
        assert (await admin.post("/users/kim/disable")).status_code == 303
        assert not await is_in(kim)
        assert (await kim.sign_in("kim")).status_code == 401
        assert (await admin.post("/users/kim/enable")).status_code == 303
        await kim.sign_in("kim")
        assert await is_in(kim)


async def test_no_administrator_shuts_the_last_door(app: FastAPI, storage: Storage) -> None:
    async with browser(app, "admin") as admin:
        assert (await admin.post("/users/admin/disable")).status_code == 409
        assert (await admin.post("/users/admin/roles", data={"roles": "nurse"})).status_code == 409
    assert (person(storage, "admin").disabled, person(storage, "admin").roles) == (False, "admin")


async def test_a_loss_gets_a_new_start(app: FastAPI, storage: Storage) -> None:
    storage.write_now(lambda s: second_factor.set_up(s, "kim", second_factor.new_secret(), 0))
    async with browser(app, "admin") as admin:
        assert (await admin.post("/users/kim/second-factor")).status_code == 303
        assert person(storage, "kim").totp_secret is None
        shown = (await admin.post("/users/kim/password")).text
    once = re.search(r"<kbd>([\w-]+)</kbd>", shown)
    assert once
    assert users.check_password(person(storage, "kim"), once[1])
    assert not users.check_password(person(storage, "kim"), PASSWORD)
    deeds = [deed[1] for deed in trail(storage) if deed[2] == "user/kim"]
    assert deeds == ["second factor reset", "password reset"]


async def test_the_machines_operator_opens_the_last_door(app: FastAPI, storage: Storage) -> None:
    storage.write_now(lambda s: second_factor.set_up(s, "admin", second_factor.new_secret(), 0))
    async with browser(app, "admin") as admin:
        once = storage.write_now(lambda s: users.start_anew(s, "admin", at=sample.NOW))
        assert once is not None
        assert not await is_in(admin)
    async with browser(app, "admin", once) as admin:
        assert (await admin.get("/")).headers["location"] == "/password"
    assert person(storage, "admin").totp_secret is None
    assert ("operator", "user reset", "user/admin") in trail(storage)
    assert storage.write_now(lambda s: users.start_anew(s, "nobody", at=sample.NOW)) is None


# --------------------------------------------------------------------------- in need


async def test_a_record_opens_in_need_with_a_reason_for_an_hour(storage: Storage, watch: Watch) -> None:
    app = FastAPI()
    add_pages(app, build_router(storage, watch, second_factor=False))
    async with browser(app, "admin") as admin, browser(app, "auditor") as auditor:
        refused = await admin.get(CALL)
        assert refused.status_code == 403
        assert 'name="record" value="call/CA-refill"' in refused.text
        assert "lisinopril" not in refused.text
        short = await admin.post("/need", data={"record": "call/CA-refill", "why": " need it "})
        assert short.status_code == 422
        assert (await admin.get(CALL)).status_code == 403
        opened = await admin.post("/need", data={"record": "call/CA-refill", "why": WHY})
        assert opened.headers["location"] == CALL
        assert "lisinopril" in (await admin.get(CALL)).text
        assert (await admin.get("/calls/CA-danger")).status_code == 403  # this record only
        assert (await auditor.get(CALL)).status_code == 403  # this person only
        assert (await admin.post(f"{CALL}/turns/1/words", data={"words": "x"})).status_code == 403
        for _ in range(6):
            watch.later(minutes=10)
            assert await is_in(admin)
            assert await is_in(auditor)
        assert (await admin.get(CALL)).status_code == 403
        seen = words((await auditor.get("/audit")).text)
    assert need.OPENED in seen
    assert WHY in seen
    assert "in the last 30 days: 1" in seen
    assert ("admin", "view", "call/CA-refill") in trail(storage)


async def test_only_records_open_in_need(app: FastAPI) -> None:
    async with browser(app, "auditor") as auditor:
        for record in ("users", "call/", "call/../users", "page/x", "//evil.test"):
            answer = await auditor.post("/need", data={"record": record, "why": WHY})
            assert answer.status_code in (400, 404), record


# --------------------------------------------------------------------------- the auditor


async def test_the_auditor_finds_who_looked_at_a_patient(app: FastAPI, storage: Storage) -> None:
    for path, name in ((CALL, "kim"), (CALL, "nurse"), ("/calls/CA-danger", "lee")):
        await page(app, path, name)
    async with browser(app, "auditor") as auditor:

        async def who(query: str) -> list[str]:
            html = (await auditor.get(f"/audit?action=view&{query}")).text
            return re.findall(r"<td>(\w+)</td>\n\s*<td>view", html)

        assert await who("record=pat-7") == ["nurse", "kim"]
        assert await who("record=CA-refill") == ["nurse", "kim"]
        task = storage.read_now(lambda s: records.tasks_of(s, "CA-refill"))[0].id
        await page(app, f"/tasks/{task}", "lee")
        assert await who("record=pat-7") == ["lee", "nurse", "kim"]
        assert await who("record=call/CA-danger") == ["lee"]
        assert await who("person=kim") == ["kim"]
        assert await who("person=kim&record=CA-danger") == []
        assert set(await who("first=2026-03-09&last=2026-03-09")) >= {"kim", "nurse", "lee"}
        assert await who("last=2026-03-08") == []
        assert await who("first=2026-03-10") == []


def test_every_view_of_a_call_is_found_by_the_call() -> None:
    rows = [row.views for row in routes.TABLE.values() if row.views.startswith("call/")]
    assert {views.removeprefix("call/{call_id}") for views in rows} <= set(PARTS_OF_A_CALL)


async def test_the_trails_state_is_shown_whole_and_altered(app: FastAPI, storage: Storage) -> None:
    await page(app, CALL)
    async with browser(app, "auditor") as auditor:
        assert "not checked since" in (await auditor.get("/audit")).text
        await auditor.post("/audit/check")
        assert "whole" in words((await auditor.get("/audit")).text)
        with storage.engines.writing.begin() as connection:
            for event in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS audit_entry_no_{event}"))
            connection.execute(text("UPDATE audit_entry SET actor = 'lee' WHERE action = 'view'"))
            connection.execute(text("UPDATE audit_entry SET subject = x'00' WHERE action = 'sign-in'"))
        await auditor.post("/audit/check")
        shown = words((await auditor.get("/audit")).text)
    assert "altered" in shown
    assert "(damaged)" in shown


async def test_the_trail_as_csv_is_itself_written_down(app: FastAPI, storage: Storage) -> None:
    await page(app, CALL)
    async with browser(app, "auditor") as auditor:
        answer = await auditor.get("/audit.csv?action=view&person=kim")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["entry", "at", "person", "action", "subject", "why"]
    assert [row[2:5] for row in rows[1:]] == [["kim", "view", "call/CA-refill"]]
    assert trail(storage)[-1] == ("auditor", "view", "audit/export")


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_cell_of_the_csv_is_never_a_formula(start: str) -> None:
    rows = as_csv([AuditLine(1, sample.NOW, "kim", "x", "y", f"{start}HYPERLINK(1)")])
    assert f"'{start}HYPERLINK" in rows


def test_an_opening_is_of_one_person_and_one_record(storage: Storage) -> None:
    def work(session: Session) -> list[bool]:
        need.open_record(session, "kim", "call/CA1", WHY, sample.NOW)
        asked = (("kim", "call/CA1"), ("kim", "call/CA2"), ("lee", "call/CA1"))
        return [need.is_open(session, name, record, sample.NOW) for name, record in asked]

    assert storage.write_now(work) == [True, False, False]
