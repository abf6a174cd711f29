"""A page goes on until somebody answers it; a task's time is minded. On a clock of the test's own."""

from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from agent.clocks import Clocks
from agent.paging import Paging
from agent.sending import Sender
from backends.on_call import Channel
from models import desk, events, paging
from models.domain import OpenTask, PageStaff, Priority, TaskKind
from models.task_deeds import do_with_task
from models.task_rules import Deed, TaskDeed
from telephony.double import Answer, Fate, Staff
from tests.conversations.conftest import Line
from tests.conversations.staffed import CHEN, RIVERA, Staffed, staff, staffed
from tests.hanging import threads_hang

QUOTE = "RF08 thoughts of suicide. Caller's words: I want to kill myself, this is Maria Lopez"
CHEN_THEN_RIVERA = [{"who": "Dr. Chen", "order": 1}, {"who": "Nurse Rivera", "order": 2}]


async def page(practice: Staffed) -> str:
    wish = PageStaff("a1", QUOTE, "RF08")
    paged = await practice.line.services.backends.desk.page(wish, call_id="CApaged")
    return paged.page_ref.removeprefix("Page/")


async def step(practice: Staffed) -> None:
    """What is due now is done, and told."""
    await practice.answering.paging.tick()
    await practice.answering.sender.tick()
    await practice.exchange.settled()


async def steps(practice: Staffed, page_id: str) -> list[tuple[str, str, str]]:
    rows = await practice.read(lambda session: paging.steps_of(session, page_id))
    return [(row.contact, row.channel, row.state) for row in rows]


async def waiting(practice: Staffed) -> int:
    return len(await practice.read(desk.waiting_pages))


async def test_text_then_call_then_the_next_person_until_a_key_answers(evening_line: Line) -> None:
    people = {CHEN: Staff(Answer.DECLINE), RIVERA: staff("press:1", "wait:1")}
    async with staffed(evening_line, people, on_call=CHEN_THEN_RIVERA) as practice:
        page_id = await page(practice)
        await step(practice)
        assert await steps(practice, page_id) == [("Dr. Chen", "text", "sent")]
        await step(practice)
        assert len(await steps(practice, page_id)) == 1, "a minute to answer"
        practice.later(60)
        await step(practice)
        assert (await steps(practice, page_id))[-1] == ("Dr. Chen", "call", "failed"), "busy"
        await step(practice)
        assert (await steps(practice, page_id))[-1] == ("Nurse Rivera", "text", "sent"), "at once"
        practice.later(60)
        await step(practice)
        assert (await steps(practice, page_id))[-1] == ("Nurse Rivera", "call", "answered")
        assert await waiting(practice) == 0
        practice.later(600)
        await step(practice)
        assert len(await steps(practice, page_id)) == 4


async def test_what_is_sent_says_nothing_of_whom_or_what(evening_line: Line) -> None:
    async with staffed(evening_line, {CHEN: staff("wait:3", "hangup")}, on_call=CHEN_THEN_RIVERA) as practice:
        await page(practice)
        await step(practice)
        practice.later(60)
        await step(practice)
        sent = [message.body for message in practice.exchange.inbox.messages]
        said = practice.heard_by(CHEN)
        assert sent == [
            "Harbor Street Family Medicine: an urgent call is waiting. Reply ACK to take it, see the console."
        ]
        assert said
        for words in (*sent, said):
            for secret in ("RF08", "suicide", "kill", "Maria", "Lopez"):
                assert secret not in words


@pytest.mark.parametrize("word", ["ACK", "1", "ok"])
async def test_a_text_in_reply_answers_it(evening_line: Line, word: str) -> None:
    async with staffed(evening_line, {}, on_call=CHEN_THEN_RIVERA) as practice:
        page_id = await page(practice)
        await step(practice)
        answers = await practice.exchange.text(word, CHEN, "+16175550100")
        assert answers == ["Harbor Street Family Medicine: thank you. See the console."]
        assert await waiting(practice) == 0
        assert await steps(practice, page_id) == [("Dr. Chen", "text", "answered")]


async def test_only_who_was_paged_can_answer(evening_line: Line) -> None:
    async with staffed(evening_line, {}, on_call=CHEN_THEN_RIVERA) as practice:
        await page(practice)
        await step(practice)
        for stranger in ("+16175550123", RIVERA):
            await practice.exchange.text("ACK", stranger, "+16175550100")
        assert await waiting(practice) == 1


async def test_everybody_is_tried_again_ever_slower_and_nobody_is_forgotten(evening_line: Line) -> None:
    machine = Staff(answered_by="machine_start")
    async with staffed(evening_line, {CHEN: machine, RIVERA: machine}, on_call=CHEN_THEN_RIVERA) as practice:
        page_id = await page(practice)
        for _ in range(10):
            await step(practice)
            practice.later(60)
        tried = await steps(practice, page_id)
        assert [(contact, channel) for contact, channel, _ in tried[:5]] == [
            ("Dr. Chen", "text"),
            ("Dr. Chen", "call"),
            ("Nurse Rivera", "text"),
            ("Nurse Rivera", "call"),
            ("Dr. Chen", "text"),
        ]
        assert len(tried) < 10, "the second round is slower"


async def test_a_text_that_cannot_be_delivered_is_followed_at_once(evening_line: Line) -> None:
    people = {CHEN: staff("press:1", "wait:1")}
    fates = {CHEN: Fate("undelivered", 30003)}
    async with staffed(evening_line, people, on_call=CHEN_THEN_RIVERA, fates=fates) as practice:
        page_id = await page(practice)
        await step(practice)
        await step(practice)
        assert await steps(practice, page_id) == [
            ("Dr. Chen", "text", "failed"),
            ("Dr. Chen", "call", "answered"),
        ]


async def test_who_has_said_stop_is_called_instead(evening_line: Line) -> None:
    async with staffed(
        evening_line, {CHEN: staff("press:1", "wait:1")}, on_call=CHEN_THEN_RIVERA
    ) as practice:
        await practice.exchange.text("STOP", CHEN, "+16175550100")
        page_id = await page(practice)
        await step(practice)
        await step(practice)
        assert [state for _, _, state in await steps(practice, page_id)] == ["failed", "answered"]


async def test_two_processes_take_a_step_once_and_a_new_one_goes_on(evening_line: Line) -> None:
    async with staffed(evening_line, {}, on_call=CHEN_THEN_RIVERA) as practice:
        page_id = await page(practice)
        services, config = practice.line.services, practice.answering.config
        twins = [Paging(services, config) for _ in range(4)]
        senders = [Sender(services, config) for _ in range(4)]
        await asyncio.gather(*(each.tick() for each in twins))
        await asyncio.gather(*(each.tick() for each in senders))
        await practice.exchange.settled()
        assert len(practice.exchange.inbox.to(CHEN)) == 1
        practice.later(60)
        await Paging(services, config).tick()
        assert [channel for _, channel, _ in await steps(practice, page_id)] == ["text", "call"]


async def test_a_page_with_nobody_on_call_waits_for_somebody(evening_line: Line) -> None:
    async with staffed(evening_line, {}, on_call=[]) as practice:
        page_id = await page(practice)
        await step(practice)
        assert await steps(practice, page_id) == []
        assert await waiting(practice) == 1


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        body = False
        while line := self.rfile.readline():
            if body:
                self.server.kept.append(line.decode())  # type: ignore[attr-defined]
                body = line != b".\r\n"
                answer = b"" if body else b"250 kept\r\n"
            else:
                body = line.upper().startswith(b"DATA")
                answer = b"354 go on\r\n" if body else b"250 yes\r\n"
            if line.upper().startswith(b"QUIT"):
                return
            self.wfile.write(answer)


@pytest.fixture
def mail() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.kept = []  # type: ignore[attr-defined]
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


async def test_by_e_mail(evening_line: Line, mail: socketserver.ThreadingTCPServer) -> None:
    async with staffed(evening_line, {}, on_call=[{"who": "Nurse Rivera"}]) as practice:
        services = practice.line.services
        url = f"smtp://127.0.0.1:{mail.server_address[1]}?from=desk@example.org"
        services.settings = replace(services.settings, smtp_url=url)
        contact = services.practice.on_call.contacts[1]
        only_mail = replace(contact, channels=(Channel.EMAIL,))
        shift = replace(services.practice.on_call.shifts[0], contact=only_mail)
        on_call = replace(services.practice.on_call, contacts=(only_mail,), shifts=(shift,))
        services.practice = replace(services.practice, on_call=on_call)
        page_id = await page(practice)
        async with threads_hang():  # somebody is to come all the same
            await step(practice)
        assert await steps(practice, page_id) == [("Nurse Rivera", "email", "sent")]
        text = "".join(mail.kept)  # type: ignore[attr-defined]
        assert "Subject: Firstring: an urgent call is waiting" in text
        assert "To: rivera@example.org" in text
        assert "suicide" not in text


# --------------------------------------------------------------------------- service levels


async def task(practice: Staffed, kind: TaskKind, priority: Priority) -> str:
    order = OpenTask(f"t-{kind}", kind, priority, "Wants to know something")
    await practice.line.services.backends.desk.open_task(order, call_id="CAtask")
    tasks = await practice.read(lambda session: desk.tasks_of(session, "CAtask"))
    return tasks[-1].id


def claim(session: Session, task_id: str, who: str, at: datetime) -> None:
    do_with_task(session, TaskDeed(task_id, Deed.CLAIM, who, at))


def finish(session: Session, task_id: str, who: str, at: datetime) -> None:
    do_with_task(session, TaskDeed(task_id, Deed.RESOLVE, who, at, outcome="nurse-advice"))


async def told(practice: Staffed) -> list[str]:
    rows = await practice.read(lambda session: events.events_after(session, 0))
    return [row.kind for row in rows if row.kind.startswith("task.")]


async def test_a_nurse_task_that_nobody_takes_is_paged_when_its_five_minutes_are_over(
    evening_line: Line,
) -> None:
    async with staffed(evening_line, {}, on_call=CHEN_THEN_RIVERA) as practice:
        clocks = Clocks(practice.line.services)
        await task(practice, TaskKind.NURSE_NOW, Priority.STAT)
        await clocks.tick()
        assert await told(practice) == []
        practice.later(150)
        await asyncio.gather(clocks.tick(), Clocks(practice.line.services).tick())
        assert await told(practice) == ["task.half"]
        practice.later(150)
        await asyncio.gather(clocks.tick(), Clocks(practice.line.services).tick())
        assert await told(practice) == ["task.half", "task.over"]
        [waits] = await practice.read(desk.waiting_pages)
        assert waits.call_id == "CAtask"
        await practice.read(lambda session: None)
        await practice.line.services.storage.write(
            lambda session: claim(session, waits.task_id or "", "ann", practice.line.services.clock())
        )
        await practice.answering.paging.tick()
        assert await waiting(practice) == 0, "who takes the task has answered its page"


async def test_the_owner_is_told_at_half_of_the_time_and_at_its_end(line: Line) -> None:
    async with staffed(line, {}) as practice:
        services = practice.line.services
        task_id = await task(practice, TaskKind.REFILL_REVIEW, Priority.ROUTINE)
        await services.storage.write(lambda session: claim(session, task_id, "Dr. Chen", services.clock()))
        for hours in (25, 24):
            practice.later(timedelta(hours=hours).total_seconds())
            await practice.answering.clocks.tick()
            await practice.answering.sender.tick()
            await practice.exchange.settled()
        assert practice.exchange.inbox.to(CHEN) == [
            "Harbor Street Family Medicine: half of the time for a task of yours is over. See the console.",
            "Harbor Street Family Medicine: the time for a task of yours is over. See the console.",
        ]
        assert await waiting(practice) == 0


async def test_what_was_done_in_time_disturbs_nobody(line: Line) -> None:
    async with staffed(line, {}) as practice:
        services = practice.line.services
        task_id = await task(practice, TaskKind.NURSE_NOW, Priority.STAT)
        await services.storage.write(lambda session: claim(session, task_id, "ann", services.clock()))
        await services.storage.write(lambda session: finish(session, task_id, "ann", services.clock()))
        practice.later(3_600)
        await practice.answering.clocks.tick()
        assert await told(practice) == []


async def test_a_task_that_was_put_off_is_its_owners_again_when_its_time_has_come(line: Line) -> None:
    async with staffed(line, {}) as practice:
        services = practice.line.services
        task_id = await task(practice, TaskKind.REFILL_REVIEW, Priority.ROUTINE)
        now = services.clock()
        await services.storage.write(lambda session: claim(session, task_id, "ann", now))
        nap = TaskDeed(task_id, Deed.SNOOZE, "ann", now, until=now + timedelta(minutes=30))
        await services.storage.write(lambda session: do_with_task(session, nap))
        for minutes, state in ((29, "snoozed"), (1, "claimed")):
            practice.later(minutes * 60)
            await practice.answering.clocks.tick()
            [found] = await practice.read(lambda session: desk.tasks_of(session, "CAtask"))
            assert (found.state, found.owner) == (state, "ann")
