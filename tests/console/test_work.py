"""Home, the inbox and one task, over HTTP: what staff see, do, and are refused."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from models import records
from models.corrections import correct_words
from models.domain import OpenTask, PageStaff, Priority, TaskKind, TaskOpened, TurnRecord
from models.storage import Storage
from models.tables import StaffTask
from models.task_deeds import do_with_task
from models.task_rules import Deed, TaskDeed
from tests.console import sample
from tests.console.browser import browser, page
from tests.console.test_console import trail, words
from tests.console.test_markup import Outline

WAIT_S = 5.0


def task_of(storage: Storage, call_id: str) -> StaffTask:
    return storage.read_now(lambda s: records.tasks_of(s, call_id))[0]


def does(storage: Storage, task_id: str, who: str, deed: Deed, **fields: object) -> None:
    order = TaskDeed(task_id, deed, who, sample.NOW, **fields)  # type: ignore[arg-type]
    storage.write_now(lambda session: do_with_task(session, order))


# --------------------------------------------------------------------------- what is seen


async def test_home_shows_first_what_needs_a_person(app: FastAPI) -> None:
    text = words(await page(app, "/home"))
    order = [
        "RF01", "Somebody is needed now", "Paging since 10:49, nobody reached yet", "Needs a person",
        "Danger sign: 911", "Nurse on duty", "Billing question", "On the line",
        "could somebody call me back about my bill", "Today", "Completed",
    ]  # fmt: skip
    places = [text.index(item) for item in order]
    assert places == sorted(places)
    assert "+1555" not in text


async def test_the_inbox_has_its_parts_with_their_counts(app: FastAPI, storage: Storage) -> None:
    refill = task_of(storage, "CA-refill").id
    does(storage, refill, "kim", Deed.CLAIM)
    text = words(await page(app, "/inbox"))
    assert "1 task needs somebody now" in text
    assert "To do 3 Mine 1 Unowned 2 Urgent 2 Waiting 0 Done today 0" in text
    does(storage, refill, "kim", Deed.HOLD, words="the pharmacy rings back")
    assert "On hold: the pharmacy rings back" in words(await page(app, "/inbox?part=waiting"))
    does(storage, refill, "kim", Deed.RESOLVE, outcome="sent")
    assert "Approved and sent to the pharmacy" in words(await page(app, "/inbox?part=done"))


async def test_a_task_tells_what_why_from_which_words_and_what_i_can_do(
    app: FastAPI, storage: Storage
) -> None:
    refill = task_of(storage, "CA-refill").id
    does(storage, refill, "lee", Deed.COMMENT, words="She is <b>travelling</b> on Friday")
    html = await page(app, f"/tasks/{refill}")
    text = words(html)
    for shown in (
        "Refill review", "Refill lisinopril at Main Street", "Nurse on duty", "30 h left", "pat-7",
        "The call of Mon Mar 9, 10:18", "Main Street", "Claim: I’ll do it", "lee wrote",
        "She is &lt;b&gt;travelling&lt;/b&gt; on Friday",
    ):  # fmt: skip
        assert shown in text, shown
    assert "/calls/CA-refill#turn-2" in html
    for hidden in ("How it ended", "Put on hold"):
        assert hidden not in text
    assert Outline(html).faults == []
    assert ("kim", "view", f"task/{refill}") in trail(storage)


async def test_a_task_quotes_its_turn_with_its_doubts_and_with_what_people_have_corrected(
    app: FastAPI, storage: Storage
) -> None:
    def work(session: Session) -> str:
        ask = OpenTask("q1", TaskKind.COMPLAINT, Priority.ROUTINE, "Not the right medicine", "pat-7")
        records.save_done(session, "CA-refill", 1, ask, TaskOpened("Task/7"))
        correct_words(session, "CA-refill", 1, "I need my <i>losartan</i>", "lee", sample.NOW)
        return records.add_task(session, ask, call_id="CA-refill", at=sample.NOW).id

    html = await page(app, f"/tasks/{storage.write_now(work)}")
    quoted = words(html.partition('id="origin"')[2].partition("</section>")[0])
    for shown in ("41% sure", "listen again", "I need my lysine a pill refilled", "or: I need my lisinopril"):
        assert shown in quoted, shown
    assert "Corrected: “I need my &lt;i&gt;losartan&lt;/i&gt;”" in quoted


async def test_a_task_from_a_turn_off_the_record_says_that_no_words_were_kept(
    app: FastAPI, storage: Storage
) -> None:
    def work(session: Session) -> str:
        ask = OpenTask("q2", TaskKind.COMPLAINT, Priority.ROUTINE, "Call back")
        records.save_turn(session, "CA-live", TurnRecord(2, sample.NOW, "", ""), {})
        records.save_done(session, "CA-live", 2, ask, TaskOpened("Task/8"))
        return records.add_task(session, ask, call_id="CA-live", at=sample.NOW).id

    html = await page(app, f"/tasks/{storage.write_now(work)}")
    assert "Of this turn no words were kept." in html
    assert "/calls/CA-live#turn-2" in html


async def test_a_number_to_call_back_is_shown_on_the_tasks_own_page(app: FastAPI, storage: Storage) -> None:
    wish = OpenTask("cb", TaskKind.COMPLAINT, Priority.ROUTINE, "Waited long", callback_number="+15550142")
    made = storage.write_now(lambda s: records.add_task(s, wish, call_id="", at=sample.NOW)).id
    assert 'href="tel:+15550142"' in await page(app, f"/tasks/{made}")
    assert "+15550142" not in await page(app, "/inbox")


# --------------------------------------------------------------------------- what is done


async def test_a_task_goes_from_hand_to_hand(app: FastAPI, storage: Storage) -> None:
    path = f"/tasks/{(task := task_of(storage, 'CA-live').id)}"
    async with browser(app) as kim, browser(app, "lee") as lee:
        assert (await kim.post(f"{path}/claim", data={"version": "0"})).headers["location"] == path
        stale = await lee.post(f"{path}/claim", data={"version": "0"})
        assert stale.status_code == 409
        assert "This task has changed since you opened it: kim has it." in words(stale.text)
        assert (await lee.post(f"{path}/resolve", data={"outcome": "reached"})).status_code == 409
        over = await kim.post(f"{path}/hand-over", data={"version": "1", "to": "lee", "words": "his bill"})
        assert over.headers["location"] == "/inbox"
        assert "Handed to you by kim" in words((await lee.get("/inbox?part=mine")).text)
        assert "You, handed over by kim" in words((await lee.get(path)).text)
        assert (await lee.post(f"{path}/start")).headers["location"] == path
        assert (await lee.post(f"{path}/snooze", data={"until": "20"})).status_code == 303
        assert "Put off until Mon Mar 9, 11:20" in words((await kim.get("/inbox?part=waiting")).text)
        assert (await lee.post(f"{path}/resume")).status_code == 303
        assert (await lee.post(f"{path}/resolve", data={"outcome": "reached"})).status_code == 303
        assert (await kim.post(f"{path}/reopen", data={"words": "rang again"})).headers["location"] == path
    deeds = [action for _, action, subject in trail(storage) if subject == f"task/{task}"]
    assert [deed for deed in deeds if deed != "view"] == [
        f"task {deed}" for deed in ("claim", "hand-over", "start", "snooze", "resume", "resolve", "reopen")
    ]


@pytest.mark.parametrize(
    ("deed", "data", "sentence"),
    [
        ("snooze", {"until": "2026-03-09T11:46"}, "An urgent task cannot be put off past its due time."),
        ("snooze", {"until": "soon"}, "Please choose a time that is still to come."),
        ("hand-over", {"to": "nobody"}, "Please choose a colleague from the list."),
        ("hand-over", {"to": "auditor"}, "Please choose a colleague from the list."),
        ("hold", {"words": ""}, "Please say what the task waits for."),
        ("resolve", {"outcome": "sent"}, "Please choose how it ended."),
    ],
)
async def test_what_cannot_be_is_refused_in_one_sentence(
    app: FastAPI, storage: Storage, deed: str, data: dict[str, str], sentence: str
) -> None:
    task = task_of(storage, "CA-live").id
    async with browser(app) as kim:
        await kim.post(f"/tasks/{task}/claim")
        answer = await kim.post(f"/tasks/{task}/{deed}", data=data)
    assert (answer.status_code, sentence in words(answer.text)) == (409, True)


@pytest.mark.parametrize("deed", ["eat", "open", "wake"])
async def test_nobody_does_what_is_no_deed_of_theirs(app: FastAPI, storage: Storage, deed: str) -> None:
    async with browser(app) as kim:
        assert (await kim.post(f"/tasks/{task_of(storage, 'CA-live').id}/{deed}")).status_code == 404
        assert (await kim.post(f"/tasks/none/{deed}")).status_code == 404


async def test_a_front_desk_claims_a_refill_and_cannot_approve_it(app: FastAPI, storage: Storage) -> None:
    path = f"/tasks/{task_of(storage, 'CA-refill').id}"
    async with browser(app, "front_desk") as desk:
        await desk.post(f"{path}/claim")
        assert "How it ended" not in words((await desk.get(path)).text)
        answer = await desk.post(f"{path}/resolve", data={"outcome": "sent"})
        assert answer.status_code == 409
        assert "hand it over" in words(answer.text)
        assert (await desk.post(f"{path}/hand-over", data={"to": "nurse"})).status_code == 303
    async with browser(app, "nurse") as nurse:
        assert (await nurse.post(f"{path}/resolve", data={"outcome": "sent"})).status_code == 303


async def test_who_takes_a_page_has_the_danger_it_is_about(app: FastAPI, storage: Storage) -> None:
    waiting, danger = storage.read_now(records.waiting_pages)[0].id, task_of(storage, "CA-danger").id
    async with browser(app) as kim, browser(app, "lee") as lee:
        taken = await kim.post(f"/pages/{waiting}/acknowledge")
        assert taken.headers["location"] == f"/tasks/{danger}"
        assert (await lee.post(f"/pages/{waiting}/acknowledge")).status_code == 409
        assert "Page acknowledged by kim at 11:00" in words((await kim.get(f"/tasks/{danger}")).text)
        assert "Somebody is needed now" not in words((await kim.get("/home")).text)
    assert storage.read_now(records.waiting_pages) == []
    assert ("kim", "page acknowledge", f"page/{waiting}") in trail(storage)


# --------------------------------------------------------------------------- the stream


async def test_an_open_page_hears_of_a_danger_over_http(app: FastAPI, storage: Storage) -> None:
    """The server sends headers and first happening at once; the danger follows."""
    heard: list[str] = []
    told = asyncio.Event()

    async def listen(session_cookie: str) -> None:
        async def receive() -> dict[str, object]:
            await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            body = message.get("body")
            heard.append(body.decode() if isinstance(body, bytes) and body else str(message))
            told.set()

        headers = [(b"host", b"desk.test"), (b"cookie", session_cookie.encode())]
        scope = {"type": "http", "method": "GET", "path": "/events", "raw_path": b"/events",
                 "headers": headers, "query_string": b"", "scheme": "https",
                 "server": ("desk.test", 443), "http_version": "1.1",
                 "client": ("1.2.3.4", 5), "root_path": "", "asgi": {"version": "3.0"}}  # fmt: skip
        await app(scope, receive, send)  # type: ignore[arg-type]

    async def until(what: str) -> None:
        async with asyncio.timeout(WAIT_S):
            while not any(what in text for text in heard):
                told.clear()
                await told.wait()

    async with browser(app) as kim:
        cookie = "; ".join(f"{name}={value}" for name, value in kim.cookies.items())
        listening = asyncio.create_task(listen(cookie))
        await until('"alarms": 1')
        assert "text/event-stream" in heard[0]
        wish = PageStaff("new", "worst headache of his life", "RF03")
        at = sample.NOW + timedelta(seconds=1)
        await storage.write(lambda s: records.add_page(s, wish, call_id="CA-live", at=at))
        await until('"alarms": 2')
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening
    assert "headache" not in "".join(heard)


async def test_the_stream_is_shut_to_strangers(app: FastAPI) -> None:
    async with browser(app, None) as stranger:
        assert (await stranger.get("/events")).status_code == 303
    async with browser(app) as kim:
        assert (await kim.get("/events", headers={"Last-Event-ID": "x"})).status_code == 400
