"""Text messages on their way: each queued row to the carrier once, and what becomes of it.

The carrier takes no key of ours by which it would know a repeat. So a message of which it is not known
whether it is out is not sent again (models/text_sending.py): a page goes on to its next step, a code can be
asked for anew, and of any other text staff get a task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import Session

from agent.logs import log
from agent.metrics import TEXTS_SENT
from agent.services import Services
from backends.staff_tasks import due_at
from models import desk, paging, text_sending
from models.contact_tables import TextMessage
from models.domain import OpenTask, Priority, TaskKind
from models.errors import FirstringError
from telephony.config import TelephonyConfig
from telephony.doors import Door
from telephony.rest import Carrier, CarrierBusy, CarrierError, NumberOptedOut

EVERY_S = 1.0
LEASE = timedelta(seconds=30)  # the carrier answers within ten, or not at all
WAITS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
LATEST = {"code": timedelta(minutes=5), "page": timedelta(minutes=5)}  # later it would only confuse
LATEST_ELSE = timedelta(hours=12)
PAGE = "page"
QUIET = frozenset({"code", PAGE, "clock"})  # the caller is on the line; a page has its next step
UNDELIVERED = "A text message to this number could not be delivered, or may not have been. Call instead."


class Sender:
    def __init__(self, services: Services, config: TelephonyConfig) -> None:
        self._services, self._config = services, config

    def doors(self) -> dict[str, Door]:
        return {"text": Door(self.news)}

    async def run(self) -> None:
        """For ever: a database or carrier that refuses is tried again."""
        while True:
            try:
                await self.tick()
            except FirstringError as problem:
                log.warning("texts.not_sent", code=problem.code)
            await asyncio.sleep(EVERY_S)

    async def tick(self) -> None:
        """Hands over what is due, one after the other, as the carrier wants it from one number."""
        carrier, storage = self._services.carrier, self._services.storage
        if carrier is None:
            return
        now = self._services.clock()
        for row_id in await storage.read(lambda session: text_sending.lost_texts(session, now, LEASE)):
            await self._failed(row_id, text_sending.NOT_KNOWN)
        for row_id in await storage.read(lambda session: text_sending.due_texts(session, now, WAITS[-1])):
            row = await self._claim(row_id)
            if row is not None:
                await self._send(carrier, row)

    async def _claim(self, row_id: int) -> TextMessage | None:
        now = self._services.clock()

        def work(session: Session) -> TextMessage | None:
            row = session.get(TextMessage, row_id)
            latest = LATEST.get(row.purpose, LATEST_ELSE) if row else LATEST_ELSE
            return text_sending.claim_text(session, row_id, at=now, lease=LEASE, latest=latest)

        return await self._services.storage.write(work)

    async def _send(self, carrier: Carrier, row: TextMessage) -> None:
        row_id, write, now = row.id or 0, self._services.storage.write, self._services.clock()
        try:
            sent = await carrier.send_message(
                row.to_number, row.body, status_url=self._config.url(f"/twilio/text/{row_id}")
            )
        except NumberOptedOut:
            await write(lambda session: text_sending.text_withheld(session, row_id))
        except CarrierBusy as problem:
            await self._later(row, problem.code)
        except CarrierError as problem:
            await self._failed(row_id, problem.code)
        else:
            TEXTS_SENT.labels(purpose=row.purpose).inc()
            await write(lambda session: text_sending.text_sent(session, row_id, sent.message_sid, at=now))

    async def _later(self, row: TextMessage, code: str) -> None:
        """The carrier has certainly not taken it."""
        if row.attempts > len(WAITS):
            await self._failed(row.id or 0, code)
            return
        again = self._services.clock() + WAITS[row.attempts - 1]
        await self._services.storage.write(
            lambda session: text_sending.text_later(session, row.id or 0, code, next_at=again)
        )

    async def _failed(self, row_id: int, code: str) -> None:
        def work(session: Session) -> None:
            if text_sending.text_failed(session, row_id, code):
                self._tell(session, row_id)

        log.warning("text.failed", number=row_id, code=code)
        await self._services.storage.write(work)

    async def news(self, name: str, form: Mapping[str, str]) -> str:
        """The carrier's report of one message: https://www.twilio.com/docs/messaging/api/message-resource."""
        status = form.get("MessageStatus", "")
        if not name.isdecimal():
            return ""
        row_id, error = int(name[:18]), f"carrier-{form.get('ErrorCode', '')[:8]}"

        def work(session: Session) -> None:
            if status == "delivered":
                text_sending.text_delivered(session, row_id)
            elif text_sending.text_undelivered(session, row_id, error):
                self._tell(session, row_id)

        if status in ("delivered", "undelivered", "failed"):
            await self._services.storage.write(work)
        return ""

    def _tell(self, session: Session, row_id: int) -> None:
        """Who can do something about it: the page's next step, or staff."""
        row, now = session.get(TextMessage, row_id, populate_existing=True), self._services.clock()
        if row is None:
            return
        if row.purpose == PAGE:
            paging.text_of_step_failed(session, row.key, at=now)
        if row.purpose in QUIET:
            return
        order = OpenTask(
            f"text-{row_id}", TaskKind.ROUTINE_MESSAGE, Priority.URGENT, UNDELIVERED,
            callback_number=row.to_number,
        )  # fmt: skip
        due = due_at(order.kind, order.priority, now, self._services.practice)
        desk.add_task(session, order, call_id=row.call_id, at=now, due_at=due)
