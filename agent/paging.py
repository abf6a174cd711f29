"""A page goes on until somebody answers it: by text, call or e-mail, one person after the other.

What is sent says that an urgent call waits, and where to look; nothing about whom or what. All that counts is
in the database, so that a page survives any restart and no two processes take the same step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from agent.logs import log
from agent.mailing import MailError, send_mail
from agent.metrics import PAGE_STEPS, PAGES_UNANSWERED
from agent.services import Services
from agent.waits import Waits
from agent.whom_to_reach import FRONT_DESK, front_desk
from backends.on_call import Channel, Contact
from models import desk, paging
from models.contact_tables import PageStep, TextState
from models.errors import FirstringError
from models.tables import Page, PageState
from models.task_deeds import BEGIN_WITHIN
from models.texts import queue_text
from telephony import twiml
from telephony.config import TelephonyConfig
from telephony.doors import Door
from telephony.rest import CarrierError, CarrierTimeout

EVERY_S = 1.0
RING_S = 25
MOST_SLOWER = 5  # from the second time through everybody on, steps come slower, up to so many times
UNANSWERED_AFTER = timedelta(minutes=5)  # domain rules section 1.3
WORDS = frozenset({"ack", "acknowledge", "acknowledged", "1", "ok", "yes", "y"})
ENDED = ("busy", "no-answer", "failed", "canceled", "completed")
SUBJECT = "Firstring: an urgent call is waiting"
THANKS = "Thank you. Please open the console now."
ANSWERED_ALREADY = "This page has been answered. Thank you."


@dataclass(frozen=True, slots=True)
class Step:
    contact: Contact
    channel: Channel


class Paging:
    def __init__(self, services: Services, config: TelephonyConfig) -> None:
        self._services, self._config = services, config
        self._mailing = ThreadPoolExecutor(2, "mail")  # a server that hangs keeps no other work waiting
        slowest = timedelta(seconds=services.settings.page_step_s) * MOST_SLOWER
        self._waits, self._unanswered = Waits(max(slowest, BEGIN_WITHIN)), Waits(UNANSWERED_AFTER)

    def doors(self) -> dict[str, Door]:
        return {
            "page": Door(self.picked_up, twiml.hang_up()),
            "page-key": Door(self.key, twiml.hang_up()),
            "page-leg": Door(self.leg_news),
        }

    async def run(self) -> None:
        """For ever: a database that refuses is tried again."""
        while True:
            try:
                await self.tick()
            except FirstringError as problem:
                log.warning("pages.not_sent", code=problem.code)
            await asyncio.sleep(EVERY_S)

    async def tick(self) -> None:
        """Takes the step that is due of every page nobody has answered."""
        now, storage = self._services.clock(), self._services.storage
        waiting = await storage.read(desk.waiting_pages)
        PAGES_UNANSWERED.set(self._count_unanswered(waiting, now))
        waited = self._waits.over({page.id: page.next_at or now for page in waiting}, now)
        for page in await storage.read(lambda session: paging.due_pages(session, now, waited)):
            await self._go_on(page, now)

    def _count_unanswered(self, waiting: list[Page], now: datetime) -> int:
        late = self._unanswered.over({page.id: page.at + UNANSWERED_AFTER for page in waiting}, now)
        return sum(page.id in late or now - page.at >= UNANSWERED_AFTER for page in waiting)

    # ------------------------------------------------------------------ a step

    def plan(self, now: datetime) -> list[Step]:
        """Everybody who can be tried now, each by their channels, in order."""
        services, practice = self._services, self._services.practice
        desk_number = front_desk(services.settings, practice)
        people = list(practice.on_call_at(now))
        if practice.is_open(now):
            people.insert(0, Contact(FRONT_DESK, desk_number, channels=(Channel.CALL,)))
        can = {Channel.EMAIL: bool(services.settings.smtp_url)}
        by_carrier = services.carrier is not None
        return [Step(who, how) for who in people for how in who.channels if can.get(how, by_carrier)]

    async def _go_on(self, page: Page, now: datetime) -> None:
        plan, write = self.plan(now), self._services.storage.write
        is_taken = await write(lambda session: paging.task_taken(session, page, at=now))
        if is_taken:
            return
        every = timedelta(seconds=self._services.settings.page_step_s)
        if not plan:
            log.error("page.nobody", call_id=page.call_id, code="nobody-on-call")
            await write(lambda session: paging.put_off(session, page, next_at=now + every))
            return
        rounds, place = divmod(page.level, len(plan))
        step, next_at = plan[place], now + every * min(rounds + 1, MOST_SLOWER)
        row = await write(lambda session: self._claim(session, page, step, now, next_at))
        if row is not None and row.state == paging.SENDING:
            await self._take(row, step)

    def _claim(
        self, session: Session, page: Page, step: Step, now: datetime, next_at: datetime
    ) -> PageStep | None:
        """The step is this process'; a text is queued with it, in one transaction."""
        row = paging.claim_step(
            session, page, contact=step.contact.name, channel=step.channel, at=now, next_at=next_at
        )
        if row is None or row.id is None or step.channel is not Channel.TEXT:
            return row
        text = queue_text(
            session,
            key=paging.text_key(page.id, row.number),
            to_number=step.contact.phone,
            body=self._text(),
            purpose="page",
            at=now,
            call_id=page.call_id,
        )
        if text.state == TextState.WITHHELD:
            paging.step_failed(session, row, "stopped", at=now)
        else:
            paging.step_sent(session, row.id)
        PAGE_STEPS.labels(channel=step.channel.value, state=text.state).inc()
        return paging.step_of(session, row.id)

    def _text(self) -> str:
        name = self._services.practice.name
        return f"{name}: an urgent call is waiting. Reply ACK to take it, see the console."

    async def _take(self, row: PageStep, step: Step) -> None:
        """A call or an e-mail: after the claim, so that it never happens twice."""
        now, write, row_id = self._services.clock(), self._services.storage.write, row.id or 0
        try:
            if step.channel is Channel.CALL:
                await self._call(row_id, step.contact)
            else:
                await self._mail(step.contact)
        except CarrierTimeout:
            state = "not-known"  # it may be ringing; the next step comes in its time
        except (CarrierError, MailError) as problem:
            state, code = "failed", problem.code
            log.warning("page.step_failed", number=row.number, code=code)
            await write(lambda session: paging.step_failed(session, row, code, at=now))
        else:
            state = "sent"
            await write(lambda session: paging.step_sent(session, row_id))
        PAGE_STEPS.labels(channel=step.channel.value, state=state).inc()

    async def _call(self, row_id: int, contact: Contact) -> None:
        if self._services.carrier is None:
            raise CarrierError("no orders are given to a carrier here")
        await self._services.carrier.place_call(
            contact.phone,
            url=self._config.url(f"/twilio/page/{row_id}"),
            status_url=self._config.url(f"/twilio/page-leg/{row_id}"),
            timeout_s=RING_S,
            detect_machine=True,
        )

    async def _mail(self, contact: Contact) -> None:
        text = f"An urgent call is waiting at {self._services.practice.name}. Please open the console now."
        smtp_url, loop = self._services.settings.smtp_url, asyncio.get_running_loop()
        await loop.run_in_executor(self._mailing, send_mail, smtp_url, contact.email, SUBJECT, text)

    # ------------------------------------------------------------------ answers

    async def hear_text(self, sender: str, body: str) -> str | None:
        """ "ACK" from whom a page was sent to; None for anybody and anything else."""
        contact = self._services.practice.on_call.contact_at(sender)
        if contact is None or body.strip(" .!").lower() not in WORDS:
            return None
        now, name = self._services.clock(), contact.name

        def work(session: Session) -> int:
            found = paging.waiting_for(session, name)
            return sum(_answer(session, page_id, step_id, name, now) for page_id, step_id in found)

        answered = await self._services.storage.write(work)
        return f"{self._services.practice.name}: thank you. See the console." if answered else None

    async def picked_up(self, name: str, form: Mapping[str, str]) -> str:
        row, page = await self._rows(name)
        if row is None or page is None:
            return twiml.hang_up()
        if form.get("AnsweredBy", "").startswith(("machine", "fax")):
            await self._missed(row, "machine")
            return twiml.hang_up()
        if page.state != PageState.WAITING:
            return twiml.say_and_hang_up(ANSWERED_ALREADY)
        return self._ask(row)

    def _ask(self, row: PageStep) -> str:
        text = (
            f"This is Firstring for {self._services.practice.name}. An urgent call is waiting. "
            "Press 1 to take it."
        )
        return twiml.ask_for_key(text, self._config.url(f"/twilio/page-key/{row.id}"))

    async def key(self, name: str, form: Mapping[str, str]) -> str:
        row, page = await self._rows(name)
        if row is None or page is None:
            return twiml.hang_up()
        if form.get("Digits") != "1":
            return self._ask(row)
        now, step_id, who, page_id = self._services.clock(), row.id or 0, row.contact, page.id
        await self._services.storage.write(lambda session: _answer(session, page_id, step_id, who, now))
        return twiml.say_and_hang_up(THANKS)

    async def leg_news(self, name: str, form: Mapping[str, str]) -> str:
        """A call that ended without a key reached nobody: the next step is due at once."""
        row, page = await self._rows(name)
        status = form.get("CallStatus", "")
        if row is not None and page is not None and status in ENDED and page.state == PageState.WAITING:
            await self._missed(row, "no-key" if status == "completed" else status)
        return ""

    async def _missed(self, row: PageStep, why: str) -> None:
        now = self._services.clock()
        await self._services.storage.write(lambda session: paging.step_failed(session, row, why, at=now))

    async def _rows(self, name: str) -> tuple[PageStep | None, Page | None]:
        def work(session: Session) -> tuple[PageStep | None, Page | None]:
            row = paging.step_of(session, int(name[:18])) if name.isdecimal() else None
            return row, session.get(Page, row.page_id) if row else None

        return await self._services.storage.read(work)


def _answer(session: Session, page_id: str, step_id: int, who: str, now: datetime) -> bool:
    answered = desk.acknowledge(session, page_id, who, now)
    if answered:
        paging.step_answered(session, step_id)
    return answered
