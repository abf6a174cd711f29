"""One call's page: who, what waits, what is in the chart, other calls, what staff put right and review."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

import ehr_writeback
from console import Ports, add_pages, build_router, corrections, done_words, who_called
from console.intent_words import WISHES
from console.routes import TABLE
from models import domain, records, search_keys
from models.domain import Disposition, IdentityLevel, Intent, TurnRecord
from models.records import CallEnding, corrected_turns
from models.storage import Storage
from models.tables import Call, CallKey, ChartResource, Correction, LedgerRow
from tests.console import sample
from tests.console.browser import browser, page
from tests.console.test_console import trail, words

CALL = "CA-refill"
HEBREW = "\u05e9\u05e8\u05d4 \u05db\u05d4\u05df"


@pytest.fixture
def app(storage: Storage) -> FastAPI:
    app = FastAPI()
    ports = Ports(
        note_deeds=ehr_writeback.NOTE_DEEDS,
        note_page=ehr_writeback.note_on_paper,
        read_note=ehr_writeback.note_standing,
        chart_advice=ehr_writeback.advice_on,
        retry_chart=lambda session, call_id, now: ehr_writeback.retry_dead(session, now, call_id=call_id),
    )
    add_pages(app, build_router(storage, lambda: sample.NOW, ports=ports, second_factor=False))
    return app


def patient(storage: Storage, given: str, family: str, *, deleted: bool = False) -> None:
    body = {"resourceType": "Patient", "id": "pat-7", "name": [{"given": [given], "family": family}]}
    row = ChartResource(resource_type="Patient", resource_id="pat-7", version=1, updated_at=sample.NOW)
    row.body, row.deleted = body, deleted
    storage.write_now(lambda session: session.add(row))


def a_call(storage: Storage, call_id: str, number: str, minutes: float, **ending: Any) -> None:
    def work(session: Session) -> None:
        sample._open(session, call_id, number, minutes)
        given = {"disposition": Disposition.COMPLETED, "reason": f"why {call_id}"} | ending
        records.close_call(session, call_id, sample.ago(minutes - 2), CallEnding(**given))

    storage.write_now(work)


# --------------------------------------------------------------------------- the ten seconds


async def test_the_patient_has_the_charts_name(app: FastAPI, storage: Storage) -> None:
    patient(storage, "Maria", "Lopez")
    assert "Patient Maria Lopez" in words(await page(app, f"/calls/{CALL}"))


async def test_what_waits_for_a_person_stands_in_the_first_lines_with_its_time(app: FastAPI) -> None:
    html = await page(app, f"/calls/{CALL}")
    first = words(html.partition("For a person to do")[0])
    assert "Refill of “lisinopril” at Main Street : ready for approval" in first
    assert re.search(r"Waits for a person Refill review .*left", first)


async def test_of_a_call_on_the_line_danger_stands_first_too(app: FastAPI, storage: Storage) -> None:
    page_staff = domain.PageStaff("a9", "tight chest", "RF01")
    storage.write_now(lambda s: records.save_done(s, "CA-live", 1, page_staff, domain.StaffPaged("Page/2")))
    html = await page(app, "/calls/CA-live")
    assert '<span class="badge danger">RF01</span>' in html
    assert ("/calls/CA-live/live" in html) is ("GET /calls/{call_id}/live" in TABLE)
    assert "reviews/reviewed" not in html


async def test_a_patient_whose_chart_is_gone_is_named_and_the_page_says_so(
    app: FastAPI, storage: Storage
) -> None:
    patient(storage, "Maria", "Lopez", deleted=True)
    text = words(await page(app, f"/calls/{CALL}"))
    assert "Maria Lopez" in text
    assert who_called.CHART_GONE in text
    assert who_called.NO_CHART in words(await page(app, "/calls/CA-booking"))


async def test_markup_and_names_from_right_to_left_stay_in_their_place(
    app: FastAPI, storage: Storage
) -> None:
    patient(storage, HEBREW, "<script>alert(1)</script>")
    html = await page(app, f"/calls/{CALL}")
    assert "<script>alert" not in html
    assert f"<bdi>{HEBREW} &lt;script&gt;" in html


async def test_off_the_record_no_turn_shows_words_and_none_are_written_down(
    app: FastAPI, storage: Storage
) -> None:
    def work(session: Session) -> None:
        sample._open(session, "CA-off", "+15550188", 20)
        sample._say(session, "CA-off", 1, sample.ago(19), "this is between us", "All right.")
        for number in (2, 3):
            records.save_turn(session, "CA-off", TurnRecord(number, sample.ago(18), "", ""), {})
        records.save_done(session, "CA-off", 2, domain.StopTranscript("a1"), domain.TranscriptStopped())
        records.close_call(session, "CA-off", sample.ago(17), CallEnding(Disposition.COMPLETED))

    storage.write_now(work)
    html = await page(app, "/calls/CA-off")
    assert html.count("Words not kept, as the caller asked.") == 2
    assert "From turn 2 on no words are kept." in words(html)
    async with browser(app) as kim:
        for what, data in (("words", {"words": "what she said"}), ("intents", {"intent": "deny"})):
            answer = await kim.post(f"/calls/CA-off/turns/3/{what}", data=data)
            assert answer.status_code == 409
            assert "No words of the caller were kept in this turn." in answer.text
    assert storage.read_now(lambda s: s.exec(select(Correction)).all()) == []


def test_every_deed_and_every_outcome_has_words() -> None:
    for kinds, table in ((domain.Action, done_words._DOING), (domain.Result, done_words._OUTCOMES)):
        assert set(kinds.__args__) == set(table)


def test_a_refill_says_what_a_person_must_look_at() -> None:
    rules = (
        domain.RuleResult("not-too-soon", False, "filled 5 days ago"),
        domain.RuleResult("labs-recent", True),
        domain.RuleResult("order-active", None),
    )
    issue = domain.DrugIssue(domain.IssueKind.INTERACTION, "warfarin with ibuprofen (reported by caller)")
    answer = domain.RefillAnswered(
        domain.RefillOutcome.NEEDS_REVIEW, "", "", rules, decided_by="order-active", issues=(issue,),
        medicine="lisinopril 10 MG",
    )  # fmt: skip
    assert done_words.outcome(answer, ZoneInfo("UTC")) == (
        "lisinopril 10 MG: needs review – filled 5 days ago; order active; "
        "warfarin with ibuprofen (reported by caller)"
    )


def test_every_wish_has_words() -> None:
    assert set(WISHES) == set(Intent)
    assert len(set(WISHES.values())) == len(Intent)


# --------------------------------------------------------------------------- other calls


async def test_related_calls_are_those_of_the_number_and_of_the_patient(
    app: FastAPI, storage: Storage
) -> None:
    a_call(storage, "CA-same-number", "+15550100", 300)
    a_call(storage, "CA-same-patient", "+15550111", 400, identity=IdentityLevel.L1, patient_id="pat-7")
    a_call(storage, "CA-stranger", "+15550112", 500)
    html = await page(app, f"/calls/{CALL}")
    related = html.partition('id="related"')[2]
    assert re.findall(r'href="/calls/(CA-[\w-]+)"', related) == ["CA-same-number", "CA-same-patient"]
    assert "same number" in related
    assert "same patient" in related
    a_call(storage, "CA-withheld", "", 600)
    assert "No other call" in words(await page(app, "/calls/CA-withheld"))


async def test_of_many_related_calls_the_last_are_shown(app: FastAPI, storage: Storage) -> None:
    for n in range(9):
        a_call(storage, f"CA-again-{n}", "+15550100", 100 + n)
    related = (await page(app, f"/calls/{CALL}")).partition('id="related"')[2]
    assert re.findall(r"/calls/CA-again-(\d)", related) == ["0", "1", "2", "3", "4", "5"]


async def test_who_opens_one_call_in_need_learns_nothing_of_the_others(
    app: FastAPI, storage: Storage
) -> None:
    a_call(storage, "CA-same-number", "+15550100", 300)
    async with browser(app, "auditor") as auditor:
        need = {"record": f"call/{CALL}", "why": "a complaint about this very call"}
        assert (await auditor.post("/need", data=need)).status_code == 303
        html = (await auditor.get(f"/calls/{CALL}")).text
    assert "I need my lisinopril refilled" in html
    assert "CA-same-number" not in html
    assert "/reviews/" not in html


# --------------------------------------------------------------------------- the chart


async def test_what_failed_on_its_way_to_the_chart_says_what_to_do(app: FastAPI) -> None:
    text = words(await page(app, f"/calls/{CALL}"))
    assert "1 of 2 parts are in the chart, 1 failed." in text
    assert "The note failed – The chart server did not take it. Read the server" in text


async def test_a_call_that_is_kept_for_want_of_a_chart_leads_to_the_charts(
    app: FastAPI, storage: Storage
) -> None:
    a_call(storage, "CA-held", "+15550113", 60)
    held = LedgerRow(call_id="CA-held", kind="note", target="embedded", state="held")
    storage.write_now(lambda session: session.add(held))
    html = await page(app, "/calls/CA-held")
    assert 'href="/unlinked/CA-held"' in html
    assert "kept here until the call is linked to a chart" in html
    assert "No note of this call stands in a chart." in html
    assert "note.pdf" not in html


# --------------------------------------------------------------------------- put right


def corrected(storage: Storage, field: str) -> list[tuple[str, str, str]]:
    rows = storage.read_now(lambda s: s.exec(select(Correction).where(Correction.field == field)).all())
    return [(row.before, row.after, row.who) for row in rows]


async def test_the_form_of_a_turn_comes_where_it_is_asked_for_and_nowhere_else(app: FastAPI) -> None:
    plain = await page(app, f"/calls/{CALL}")
    assert 'href="/calls/CA-refill?correct=1#turn-1"' in plain
    assert "<textarea" not in plain.partition('id="done"')[0]
    html = await page(app, f"/calls/{CALL}?correct=1")
    assert html.count('id="correct-1"') == 1
    assert re.search(r'value="refill_request" checked>', html)
    assert "correct-9" not in await page(app, f"/calls/{CALL}?correct=9")


async def test_what_a_caller_wanted_is_corrected_and_learned_from(app: FastAPI, storage: Storage) -> None:
    path = f"/calls/{CALL}/turns/1/intents"
    async with browser(app) as kim:
        data = {"intent": ["refill_status", "human_agent"], "was": "refill_request"}
        for _ in range(2):  # a double click
            assert (await kim.post(path, data=data)).status_code == 303
    assert corrected(storage, "intents") == [("refill_request", "refill_status,human_agent", "kim")]
    (lesson,) = storage.read_now(corrected_turns)
    assert (lesson.text, lesson.intents) == ("I need my lysine a pill refilled", "refill_status,human_agent")
    text = words(await page(app, f"/calls/{CALL}"))
    assert "refill a medicine how a refill stands, a person (corrected)" in text
    assert [entry for entry in trail(storage) if entry[1] == "intents correct"] == [
        ("kim", "intents correct", f"call/{CALL}/turn/1")
    ]


async def test_a_card_number_is_kept_of_no_correction_and_finds_no_call(
    app: FastAPI, storage: Storage
) -> None:
    async with browser(app) as kim:
        data = {"words": "my card is 4111 1111 1111 1111"}
        assert (await kim.post(f"/calls/{CALL}/turns/1/words", data=data)).status_code == 303
    ((_, after, _),) = corrected(storage, "caller_text")
    assert after == "my card is a card number left out"
    keys = storage.read_now(lambda s: set(s.exec(select(CallKey.key).where(CallKey.call_id == CALL)).all()))
    assert keys.isdisjoint(storage.read_now(lambda _: search_keys.word_keys("4111 1111")))


@pytest.mark.parametrize(
    "chosen",
    [["eat_cake"], ["out_of_scope", "deny"], ["affirm", "deny", "repeat", "wait", "greeting"]],
)
async def test_what_cannot_be_learned_is_refused(app: FastAPI, storage: Storage, chosen: list[str]) -> None:
    async with browser(app) as kim:
        answer = await kim.post(f"/calls/{CALL}/turns/1/intents", data={"intent": chosen})
    assert answer.status_code == 422
    assert corrected(storage, "intents") == []


async def test_a_form_that_a_colleague_was_faster_than_is_refused(app: FastAPI, storage: Storage) -> None:
    was = "I need my lysine a pill refilled"
    async with browser(app) as kim, browser(app, "lee") as lee:
        path = f"/calls/{CALL}/turns/1/words"
        assert (await kim.post(path, data={"words": "my losartan", "was": was})).status_code == 303
        late = await lee.post(path, data={"words": "my lisinopril", "was": was})
        assert (late.status_code, corrections.CHANGED in late.text) == (409, True)
        again = {"words": "my lisinopril", "was": "my losartan"}
        assert (await lee.post(path, data=again)).status_code == 303
    assert [after for _, after, _ in corrected(storage, "caller_text")] == ["my losartan", "my lisinopril"]


# --------------------------------------------------------------------------- reviewed


def said_by(storage: Storage) -> tuple[str, str]:
    row = storage.read_now(lambda session: session.get_one(Call, CALL))
    return row.reviewed_by, row.teaching_by


def stands(html: str, review: str) -> str:
    found = re.search(rf'reviews/{review}">.*?name="stands" value="([^"]+)"', html)
    assert found
    return found[1]


@pytest.mark.parametrize("review", ["reviewed", "teaching"])
async def test_a_mark_is_set_shown_and_taken_back(app: FastAPI, storage: Storage, review: str) -> None:
    path = f"/calls/{CALL}/reviews/{review}"
    async with browser(app) as kim:
        for _ in range(2):
            assert (await kim.post(path)).status_code == 303
        assert "kim" in said_by(storage)
        html = (await kim.get(f"/calls/{CALL}")).text
        assert re.search(r"by kim , Mon Mar 9, 16:00", words(html))
        for _ in range(2):
            back = {"back": "yes", "stands": stands(html, review)}
            assert (await kim.post(path, data=back)).status_code == 303
    assert said_by(storage) == ("", "")
    deeds = [action for _, action, subject in trail(storage) if subject == f"call/{CALL}"]
    assert [deed for deed in deeds if deed != "view"] == [review, f"not {review}"]


async def test_of_two_who_mark_a_call_the_second_is_told(app: FastAPI, storage: Storage) -> None:
    path = f"/calls/{CALL}/reviews/reviewed"
    async with browser(app) as kim, browser(app, "lee") as lee:
        await kim.post(path)
        assert (await lee.post(path)).status_code == 409
        old = stands((await lee.get(f"/calls/{CALL}")).text, "reviewed")
        earlier = old.replace("2026-03-09", "2026-03-08")
        assert (await lee.post(path, data={"back": "yes", "stands": earlier})).status_code == 409
        assert said_by(storage) == ("kim", "")
        assert (await lee.post(path, data={"back": "yes", "stands": old})).status_code == 303
        assert (await lee.post("/calls/CA-live/reviews/reviewed")).status_code == 409
        assert (await lee.post(f"/calls/{CALL}/reviews/eaten")).status_code == 404
        assert (await lee.post("/calls/CA-none/reviews/reviewed")).status_code == 404
    assert said_by(storage) == ("", "")


async def test_a_long_call_is_shown_whole(app: FastAPI, storage: Storage) -> None:
    """Three hours, six hundred turns."""

    def work(session: Session) -> None:
        sample._open(session, "CA-long", "+15550190", 180)
        for n in range(600):
            at = sample.ago(180) + timedelta(seconds=18 * n)
            sample._say(session, "CA-long", n, at, "hm " * 30, "Yes?")

    storage.write_now(work)
    html = await page(app, "/calls/CA-long")
    assert html.count('<li id="turn-') == 600
    assert "180:00" in html
