"""A patient as staff look them up: found without a word of it in an address, shown with all that is known."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from agent.recording import Recorder
from console.roles import Role
from models import texts
from models.domain import IdentityLevel
from models.recordings import Recording
from models.texts import choose_texts
from telephony.codec import MediaCodec
from telephony.playback import Playback
from tests.console.browser import browser
from tests.console.test_console import trail
from tests.console.test_markup import Outline
from tests.conversations.at_the_console import console_of, shown
from tests.conversations.conftest import MARIA, ROBERT, Line
from tests.conversations.test_refills import caller
from tests.conversations.test_refills_decided import LISINOPRIL, asked

MARIAS = "/patients/pt-1001"


# --------------------------------------------------------------------------- looked up


@pytest.mark.parametrize(
    "form",
    [
        {"name": "Maria Lopez"},
        {"name": "lopez, mar"},
        {"name": "LÓPEZ", "born": "3/5/1981"},
        {"born": "1981-03-05", "phone": ""},
        {"phone": "(617) 555-0123"},
        {"phone": "+1 617 555 0123", "name": "lo"},
    ],
)
async def test_who_alone_fits_is_opened_and_no_address_tells_of_it(line: Line, form: dict[str, str]) -> None:
    app = await console_of(line.services)
    async with browser(app, "front_desk") as desk:
        answer = await desk.post("/patients", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, MARIAS)


async def searched(app: FastAPI, **form: str) -> httpx.Response:
    """The page that a search leads to."""
    async with browser(app, "front_desk") as person:
        answer = await person.post("/patients", data=form)
        while answer.status_code == 303:
            answer = await person.get(answer.headers["location"])
        return answer


async def test_several_are_listed_with_what_tells_them_apart(line: Line) -> None:
    app = await console_of(line.services)
    answer = await searched(app, name="ma")
    text = shown(answer.text)
    assert "Maria Lopez Mar 5, 1981 (45) …0123 in use" in text
    assert "+1617555" not in text
    assert re.fullmatch(r"/patients\?search=[\w-]{22}", answer.url.raw_path.decode())
    assert Outline(answer.text).faults == []
    seen = trail(line.services.storage)
    assert ("front_desk", "view", "patient/pt-1001/found") in seen
    assert ("front_desk", "patients searched", "patients") in seen
    async with browser(app, "front_desk") as desk:
        assert shown((await desk.get(str(answer.url))).text) == text, "the way back leads there again"
    async with browser(app, "nurse") as nurse:
        html = (await nurse.get(str(answer.url))).text
    assert "This search is not kept any longer." in html
    assert "Maria" not in html


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({}, 422, "Give a name of two letters or more, a birth date, or a telephone number."),
        ({"name": "m"}, 422, "Give a name of two letters or more"),
        ({"born": "5th of March"}, 422, "Give the birth date as month/day/year"),
        ({"born": "2/30/1981"}, 422, "Give the birth date as month/day/year"),
        ({"name": "Nobody Here"}, 200, "Nobody fits in all that you gave."),
        ({"name": "maria", "born": "3/6/1981"}, 200, "Nobody fits in all that you gave."),
        ({"phone": "12"}, 200, "Nobody fits in all that you gave."),
        ({"name": "<script>alert(1)</script>"}, 200, "Nobody fits in all that you gave."),
    ],
)
async def test_what_finds_nobody_says_so(
    line: Line, form: dict[str, str], status: int, sentence: str
) -> None:
    answer = await searched(await console_of(line.services), **form)
    assert (answer.status_code, sentence in shown(answer.text)) == (status, True)
    assert "<script>alert" not in answer.text


# --------------------------------------------------------------------------- shown


async def test_a_patients_page_has_calls_tasks_visits_refills_and_consents(line: Line) -> None:
    _, task = await asked(line)
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        html = (await nurse.get(MARIAS)).text
    text = shown(html)
    for words in (
        "Maria Lopez", "Mar 5, 1981 (45)", "+16175550123", "Doctor Chen", "lisinopril 10 MG Oral Tablet",
        "Refill review", "with the care team", "Texts about visits Agreed", "texts may be sent",
    ):  # fmt: skip
        assert words in text, words
    assert f'href="/calls/{task.call_id}"' in html
    every = re.search(r'href="(/calls\?patient=[0-9a-f]{64})"', html)
    assert every
    async with browser(app, "nurse") as nurse:
        assert f'href="/calls/{task.call_id}"' in (await nurse.get(every[1])).text
    assert f'href="/tasks/{task.id}"' in html
    assert f'href="/refills/{task.id}"' in html
    outline = Outline(html)
    assert outline.faults == []
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.tags.count("table") == outline.tags.count("caption")


async def test_who_may_speak_for_a_patient_stands_with_how_far_and_by_what(line: Line) -> None:
    app = await console_of(line.services)
    async with browser(app, "front_desk") as desk:
        adult = shown((await desk.get("/patients/pt-1012")).text)
        child = shown((await desk.get("/patients/pt-1005")).text)
    assert "Laura Brooks mother – on file; a minor’s parent or guardian needs no form open" in child
    assert "Authorization form signed at the practice" in adult
    assert "(over)" in adult


async def test_the_audit_finds_every_view_by_the_patient(line: Line) -> None:
    _, task = await asked(line)
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        for path in (MARIAS, "/refills", f"/calls/{task.call_id}", f"/tasks/{task.id}"):
            await nurse.get(path)
        await nurse.post("/patients", data={"name": "maria lopez"})
    async with browser(app, "prescriber") as doctor:
        await doctor.post(f"/refills/{task.id}/approve", data={"version": "0"})
    async with browser(app, "auditor") as auditor:
        html = (await auditor.get("/audit?record=pt-1001")).text
    assert 'href="/patients/pt-1001"' in html
    text = shown(html)
    for subject in (
        "patient/pt-1001 ", "patient/pt-1001/refills", "patient/pt-1001/found", f"call/{task.call_id}",
        f"task/{task.id}", "refill-decided Patient/pt-1001", "identity-verified Patient/pt-1001",
    ):  # fmt: skip
        assert subject in text, subject


async def test_who_has_no_access_opens_it_in_need_with_a_reason(line: Line) -> None:
    app = await console_of(line.services)
    async with browser(app, "auditor") as auditor:
        refused = await auditor.get(MARIAS)
        assert (refused.status_code, 'value="patient/pt-1001"' in refused.text) == (403, True)
        form = {"record": "patient/pt-1001", "why": "she collapsed in the hall"}
        assert (await auditor.post("/need", data=form)).headers["location"] == MARIAS
        assert "Maria Lopez" in (await auditor.get(MARIAS)).text
        assert (await auditor.get("/patients/pt-1002")).status_code == 403


async def test_a_chart_that_is_gone_merged_or_closed_is_shown_safely(line: Line) -> None:
    _, task = await asked(line)
    chart = line.services.backends.chart
    patient = (await chart.read("Patient", "pt-1001")).body
    link = {"other": {"reference": "Patient/pt-1002"}, "type": "replaced-by"}
    await chart.update({**patient, "active": False, "link": [link]}, "pt-1001")
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        html = (await nurse.get(MARIAS)).text
        assert "Chart merged into another chart" in shown(html)
        assert 'href="/patients/pt-1002"' in html
        refills = shown((await nurse.get("/refills")).text)
        assert "Chart merged into another chart" in refills
        assert "Approve as proposed" not in refills
        async with browser(app, "prescriber") as doctor:
            answer = await doctor.post(f"/refills/{task.id}/approve", data={"version": "0"})
        assert (answer.status_code, "merged into another chart" in answer.text) == (409, True)
        await line.services.storage.write(lambda session: _delete(session, "pt-1001"))
        text = shown((await nurse.get(MARIAS)).text)
        assert "The chart of this patient is not here any more." in text
        assert "Refill review" in text
        assert "Chart no longer here" in shown((await nurse.get("/refills")).text)
        for unknown in ("pt-9999", "a b", "a%2Fb", "x" * 65):
            assert (await nurse.get(f"/patients/{unknown}")).status_code in (400, 404)


def _delete(session: object, patient_id: str) -> None:
    from sqlmodel import Session

    from models.chart import ChartResource

    assert isinstance(session, Session)
    row = session.get_one(ChartResource, ("Patient", patient_id))
    row.deleted = True
    session.add(row)


async def test_names_with_markup_and_of_right_to_left_writing_are_only_words(line: Line) -> None:
    chart = line.services.backends.chart
    patient = (await chart.read("Patient", "pt-1001")).body
    name = {"use": "official", "family": "<b>כהן</b>", "given": ["محمد" * 40]}
    await chart.update({**patient, "name": [name, *patient["name"]]}, "pt-1001")
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        html = (await nurse.get(MARIAS)).text
    assert "<b>כהן</b>" not in html
    assert "&lt;b&gt;כהן&lt;/b&gt;" in html
    assert "<bdi>" in html


# --------------------------------------------------------------------------- changed


async def test_consent_to_texts_is_kept_in_the_chart_once(line: Line) -> None:
    app = await console_of(line.services)
    chart = line.services.backends.chart
    async with browser(app, "front_desk") as desk:
        version = str((await chart.read("Patient", "pt-1001")).version)
        form = {"version": version, "choice": "no"}
        assert (await desk.post(f"{MARIAS}/texts", data=form)).status_code == 303
        assert "Not agreed" in shown((await desk.get(MARIAS)).text)
        stale = await desk.post(f"{MARIAS}/texts", data={**form, "choice": "yes"})
        assert (stale.status_code, "The chart was changed meanwhile" in stale.text) == (409, True)
        assert (await desk.post(f"{MARIAS}/texts", data={"version": "2", "choice": "?"})).status_code == 422
        assert (await desk.post("/patients/none/texts", data=form)).status_code == 404
    patient = (await chart.read("Patient", "pt-1001")).body
    assert [one["valueBoolean"] for one in patient["extension"]] == [False]
    assert ("front_desk", "texts declined", "patient/pt-1001") in trail(line.services.storage)


async def test_stop_and_start_hold_for_the_number_as_if_they_had_been_texted(line: Line) -> None:
    app, storage = await console_of(line.services), line.services.storage

    async def stopped() -> bool:
        return await storage.read(lambda session: texts.is_stopped(session, MARIA))

    async with browser(app, "front_desk") as desk:
        form = {"version": "1", "number": "0", "choice": "yes"}
        assert (await desk.post(f"{MARIAS}/numbers", data=form)).status_code == 303
        assert await stopped()
        assert "STOP no texts since" in shown((await desk.get(MARIAS)).text)
        assert (await desk.post(f"{MARIAS}/numbers", data={**form, "choice": "no"})).status_code == 303
        assert not await stopped()
        assert (await desk.post(f"{MARIAS}/numbers", data={**form, "number": "7"})).status_code == 404
    seen = trail(storage)
    assert ("front_desk", "texts stopped", "patient/pt-1001") in seen
    assert ("front_desk", "texts allowed again", "patient/pt-1001") in seen


async def test_a_choice_is_of_the_number_that_was_shown(line: Line) -> None:
    """Another number has come onto the chart, in the first place, since the page was opened."""
    app, storage = await console_of(line.services), line.services.storage
    chart = line.services.backends.chart
    shown_as = await chart.read("Patient", "pt-1001")
    new = {"system": "phone", "value": "+16175550999", "use": "home"}
    await chart.update({**shown_as.body, "telecom": [new, *shown_as.body["telecom"]]}, "pt-1001")
    async with browser(app, "front_desk") as desk:
        for path in ("numbers", "recording"):
            form = {"version": str(shown_as.version), "number": "0", "choice": "yes"}
            stale = await desk.post(f"{MARIAS}/{path}", data=form)
            assert (stale.status_code, "The chart was changed meanwhile" in stale.text) == (409, True)
    assert not await storage.read(lambda session: texts.is_stopped(session, "+16175550999"))


async def test_a_number_that_texted_stop_shows_it(line: Line) -> None:
    now = line.services.clock()
    await line.services.storage.write(lambda s: choose_texts(s, MARIA, stopped=True, at=now))
    app = await console_of(line.services)
    async with browser(app, "social_worker") as worker:
        text = shown((await worker.get(MARIAS)).text)
    assert "+16175550123 : STOP no texts since" in text
    assert "Allow texts to it again" not in text, "a social worker reads"


async def test_calls_from_a_number_that_declined_are_not_recorded_and_do_not_say_so(line: Line) -> None:
    app = await console_of(line.services)
    before = await line.call(MARIA)
    assert "This call is recorded." in before.heard[0]
    async with browser(app, "front_desk") as desk:
        form = {"version": "1", "number": "0", "choice": "no"}
        assert (await desk.post(f"{MARIAS}/recording", data=form)).status_code == 303
        assert "Calls are not recorded" in shown((await desk.get(MARIAS)).text)
    after = await line.call(MARIA)
    assert "record" not in after.heard[0]
    assert "This call is recorded." in (await line.call(ROBERT)).heard[0]
    recorder = Recorder(line.services, after.keyboard.conversation.call_id, Playback(MediaCodec()))
    await recorder._attempt(recorder._open)
    assert line.services.storage.read_now(lambda s: list(s.exec(select(Recording)).all())) == []
    assert ("front_desk", "recording declined", "patient/pt-1001") in trail(line.services.storage)
    async with browser(app, "front_desk") as desk:
        await desk.post(f"{MARIAS}/recording", data={**form, "choice": "yes"})
    assert "This call is recorded." in (await line.call(MARIA)).heard[0]


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_and_each_change(line: Line, role: Role) -> None:
    app = await console_of(line.services)
    may = role in (Role.FRONT_DESK, Role.COORDINATOR, Role.NURSE, Role.PRESCRIBER)
    async with browser(app, role) as person:
        for path in ("numbers", "recording", "texts"):
            form = {"choice": "no", "version": "1", "number": "0"}
            answer = await person.post(f"{MARIAS}/{path}", data=form)
            assert (answer.status_code == 303) is may


async def test_what_a_caller_chose_stands_with_the_call(line: Line) -> None:
    call = await caller(line, MARIA, LISINOPRIL)
    await call.says("please don't write this down")
    await call.hangs_up()
    view = await line.services.backends.directory.view("pt-1001", IdentityLevel.L1)
    assert view.given_name == "Maria"
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        assert "nothing written down" in shown((await nurse.get(MARIAS)).text)
