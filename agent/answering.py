"""What the practice's number does when it rings, when a stream ends, and when a call is over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

import dialog
from agent import gaps, recording
from agent.call import Call
from agent.clocks import Clocks
from agent.conversation import Conversation
from agent.draining import Standing
from agent.elsewhere import Elsewhere
from agent.excess import NOBODY, Excess
from agent.line_modes import line_called, rings_first
from agent.logs import log
from agent.measuring import Measuring
from agent.metrics import CALLS, LIVE_CALLS
from agent.paging import Paging
from agent.reaching import Reaching
from agent.ringing_back import lost_calls
from agent.sending import Sender
from agent.services import Services
from agent.texting import Texting
from agent.tries import Tries
from backends.lines import line_of
from dialog.safety import screen
from models import records
from models.domain import CallTransferred, Phase
from models.errors import FirstringError, StorageError
from telephony import twiml
from telephony.config import TelephonyConfig
from telephony.doors import Door
from telephony.handlers import ArrivingCall, arriving_call
from telephony.media_stream import MediaStream
from telephony.metrics import PASSED_ON
from telephony.tokens import StreamTokens

RECONCILE_EVERY_S = 30.0
ABANDONED_AFTER = timedelta(minutes=2)
LOST_AFTER = timedelta(seconds=45)  # a live call is stored more often; the carrier's way back takes 15 s
TOKENS_FOR = timedelta(days=1)  # a stream token lives a minute
TEXTS_FOR = timedelta(
    days=5 * 365
)  # of texts that chose: a carrier's signature has no age, and may be replayed
MAX_RESUMPTIONS = 4  # without a word of the caller in between: such a line goes to the practice
MODELS_EVERY_S = 0.25
SIBLINGS_STORE_S = 3.0  # `agent.keeping` offers again every second
CLOSE_LIMIT_S = 1.0  # a caller is waiting for the first ring to be answered
RESUME = "/twilio/resume"
UNANSWERED = "/twilio/line/unanswered"
# The carrier's connection overrides: a process killed while it answers is asked again, within 15 s in all.
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
ASK_AGAIN = "#rc=3&rp=ct,rt"
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Answering:
    """The carrier's questions answered; implements ``telephony.handlers.CallHandlers``."""

    def __init__(self, services: Services, config: TelephonyConfig, tokens: StreamTokens) -> None:
        self._services = services
        self.config = config
        self._tokens = tokens
        self._live: set[str] = set()
        self._over: set[str] = set()  # of these, the calls that the carrier has reported as ended
        self.standing = Standing(services.settings.siblings, services.settings.drain_s)
        self._elsewhere = Elsewhere(services, self._close)
        self._tries = Tries()
        self._measuring = Measuring(services)
        self.reaching = Reaching(services, config, self._connect, self._dial)
        self.sender, self.paging = Sender(services, config), Paging(services, config)
        self.clocks = Clocks(services)
        self._excess = Excess(services, config)
        self._texting = Texting(services, (("page", self.paging.hear_text), ("offer", self._hear_offer)))

    def doors(self) -> dict[str, Door]:
        """What the carrier asks beside the fixed addresses, each under ``/twilio``."""
        doors = {
            **self.reaching.doors(),
            **self.sender.doors(),
            **self.paging.doors(),
            **self._excess.doors(),
        }
        return {**doors, "line": Door(self._unanswered, twiml.say_and_hang_up(NOBODY))}

    async def _hear_offer(self, sender: str, body: str) -> str | None:
        """A yes or no to an opening that is held for this number."""
        return await self._services.backends.waitlist.answer_offer(sender, body)

    @property
    def tokens(self) -> StreamTokens:
        return self._tokens

    @property
    def live_calls(self) -> int:
        """Streams of this process."""
        return len(self._live)

    def ready(self) -> bool:
        return self.standing.ready

    async def arriving(self, call: ArrivingCall) -> str:
        """We answer, or the practice's own telephone rings first: then the call is not ours yet."""
        refusal = self._services.admission.refusal(self.live_calls)
        if refusal is None:  # else nothing is waited for
            await self._services.refresh_practice()
        practice, now = self._services.practice, self._services.clock()
        line = line_called(call, practice)
        number = rings_first(line, call, self.config.practice_number) if practice.is_open(now) else ""
        if line is None or not number:
            return await (self._excess.turn_away(call, refusal) if refusal else self._answer(call))
        unanswered = self.config.url(UNANSWERED) + ASK_AGAIN
        return twiml.dial_practice(number, action_url=unanswered, ring_s=line.ring_s)

    async def _unanswered(self, name: str, form: Mapping[str, str]) -> str:
        """The practice's telephone has rung: whom nobody has answered is ours, whatever the line's mode."""
        if _was_reached(form):
            return twiml.hang_up()
        call = arriving_call(form)
        if refusal := self._services.admission.refusal(self.live_calls):
            return await self._excess.turn_away(call, refusal, has_rung=True)
        return await self._answer(call)

    async def _answer(self, call: ArrivingCall) -> str:
        """Stored first. A repeat takes the call from nobody, and does not revive one that is over."""
        self._services.admission.answered(call.call_sid)
        self._measuring.rings(call.call_sid)
        await self._close_lost(call.from_number)
        store = partial(
            records.open_call,
            call_id=call.call_sid,
            caller_number=call.from_number,
            called_number=call.to_number,
            forwarded_from=call.forwarded_from,
            line=self._line_called(call),
            at=self._services.clock(),
            owner=self._services.owner,
        )
        stored = await self._services.storage.write(store)
        return twiml.hang_up() if stored.ended else self._connect(call.call_sid)

    def _line_called(self, call: ArrivingCall) -> str:
        """The name of the practice's line. A number that is none of ours is answered as the main line."""
        lines = self._services.practice.lines
        line = line_of(lines, call.to_number, call.forwarded_from)
        if line is None and lines:
            log.warning("line.unknown", call_id=call.call_sid, code="unknown-line", count=len(lines))
        return (line or lines[0]).name if lines else ""

    async def resuming(self, call_sid: str, form: Mapping[str, str]) -> str:
        """A stream or a transfer has ended. Decides what the carrier does next with the call."""
        stored = await self._services.storage.read(lambda session: records.load_call(session, call_sid))
        if stored and not stored.ended and (document := await self.reaching.resumed(stored, form)):
            return document
        if form.get("DialCallStatus"):
            return self._after_dial(call_sid, form, known=stored is not None and not stored.ended)
        if stored is None:
            return self._pass_on("unknown-call")
        if stored.ended or _said_goodbye(stored):
            await self._close(call_sid)
            return twiml.hang_up()
        was_transferred = any(isinstance(done.result, CallTransferred) for done in stored.done)
        if was_transferred and not await self.reaching.came_back(stored):
            return self._dial()
        if not self._tries.asked(call_sid):
            log.error("stream.never_begins", call_id=call_sid, code="no-stream")
            return self._pass_on("no-stream")
        return self._pass_on("stalled") if stored.stalled >= MAX_RESUMPTIONS else self._connect(call_sid)

    def _after_dial(self, call_sid: str, form: Mapping[str, str], *, known: bool) -> str:
        """The practice's telephone has rung. Nobody there: the dialog apologises, where it can be had."""
        if _was_reached(form):
            return twiml.hang_up()
        if known and self._tries.asked(call_sid):
            return self._connect(call_sid)
        return twiml.say_and_hang_up(NOBODY)

    def _connect(self, call_sid: str) -> str:
        token = self._tokens.mint(call_sid)
        return twiml.connect_stream(self.config.stream_url(token), self.config.url(RESUME) + ASK_AGAIN)

    def _pass_on(self, reason: str) -> str:
        """We cannot serve it: the practice's own telephone does."""
        PASSED_ON.labels(reason).inc()
        return self._dial()

    def _dial(self, number: str = "") -> str:
        return twiml.dial_practice(
            number or self.config.practice_number, action_url=self.config.url(RESUME) + ASK_AGAIN
        )

    async def status(self, call_sid: str, form: Mapping[str, str]) -> None:
        """The carrier says that a call is over: its record is closed, now or when its stream has ended."""
        if form.get("CallStatus") not in FINAL:
            return
        if call_sid in self._live:
            self._over.add(call_sid)
        elif not await self._elsewhere.closes(call_sid):
            await self._close(call_sid)

    async def sms(self, form: Mapping[str, str]) -> str:
        return await self._texting.reply(form)

    async def stream(self, media: MediaStream) -> None:
        """One media stream: the whole call, or its continuation."""
        call_id = media.started.call_sid
        self._live.add(call_id)
        self._tries.begun(call_id)
        self._services.admission.begun(call_id)
        LIVE_CALLS.inc()
        try:
            conversation = await Conversation.open(self._services, call_id, "")
            with self._measuring.stream(conversation, media):
                await Call(media, conversation, self._services).run(resumed=not conversation.is_new)
        finally:
            LIVE_CALLS.dec()
            CALLS.labels(ended=str(media.ended or "unknown")).inc()
            self._live.discard(call_id)
            if call_id in self._over:
                self._over.discard(call_id)
                await self._close(call_id)

    async def look_at_models(self) -> None:
        """Asks the workers once. After a crash of this process alone they still have theirs."""
        self.standing.loaded = await self._services.models_loaded()

    async def watch_models(self) -> None:
        """Until all models are loaded, asks for it: calls arriving before go to the practice.

        Then has the fixed sentences rendered ahead.
        """
        # compiles the danger catalogue before the first call
        await asyncio.to_thread(screen, ["hello"], self._services.practice.danger_phrases)
        while not self.standing.loaded:
            await self.look_at_models()
            await asyncio.sleep(0 if self.standing.loaded else MODELS_EVERY_S)
        try:
            await self._services.mouth.warm(dialog.fixed_sentences(await self._services.practice_facts()))
        except FirstringError as problem:  # sentences are then rendered when they are needed
            log.warning("prompts.not_warmed", code=problem.code)

    async def reconcile(self) -> None:
        """For ever: tidies up. A database that refuses is tried again; live calls must not notice."""
        while True:
            try:
                await self.tidy()
            except FirstringError as problem:
                log.warning("reconcile.failed", code=problem.code)
            await asyncio.sleep(RECONCILE_EVERY_S)

    async def tidy(self) -> None:
        """Closes calls that lost their process and never came back; forgets old guards against replay.

        Then offers what has become free to who waits for it.
        """
        storage, now = self._services.storage, self._services.clock()
        for call_id in await self._abandoned(now - ABANDONED_AFTER):
            if (
                call_id not in self._live
                and not self._services.keeper.is_behind(call_id)
                and not await self.reaching.is_waiting(call_id)
            ):
                await self._close_abandoned(call_id)
        await gaps.tell(self._services, self._live)
        forget = partial(records.forget_guards, before=now - TOKENS_FOR, webhooks_before=now - TEXTS_FOR)
        await storage.write(forget)
        await recording.tidy(self._services, self._live)
        await self._services.backends.operations.tidy(now)
        await self._services.backends.offers.offer_openings(now)

    async def _abandoned(self, quiet_since: datetime) -> list[str]:
        """A database that was away hears of live calls a moment after it is back: they are not abandoned."""
        quiet = partial(records.unfinished_calls, quiet_since=quiet_since)
        found = await self._services.storage.read(quiet)
        if found and self._services.settings.siblings:
            await self._siblings_store()
            found = await self._services.storage.read(quiet)
        return found

    async def _siblings_store(self) -> None:
        await asyncio.sleep(SIBLINGS_STORE_S)

    async def _close_abandoned(self, call_id: str) -> None:
        """One that cannot be closed keeps neither the others nor the process from going on."""
        try:
            await self._close(call_id)
        except StorageError:
            raise
        except Exception as problem:
            log.error("call.not_closed", call_id=call_id, kind=type(problem).__name__)

    async def _close_lost(self, number: str) -> None:
        """A caller rings back before the carrier has told us that their line was lost.

        It is done before the new call is answered, but never holds it up for long.
        """
        now = self._services.clock()
        lost = partial(lost_calls, number=number, now=now, quiet_since=now - LOST_AFTER)
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                for call_id in await self._services.storage.read(lost):
                    if call_id not in self._live and not await self.reaching.is_waiting(call_id):
                        await self._close(call_id)
        except (TimeoutError, FirstringError) as problem:  # tidying comes to it
            log.warning("call.not_closed_yet", kind=type(problem).__name__)

    async def _close(self, call_id: str) -> None:
        """Takes the call over, so that a turn still on its way to the database is not missed, and ends it."""
        services = self._services

        def work(session: Session) -> records.StoredCall | None:
            stored = records.load_call(session, call_id)
            if stored is None or stored.ended:
                return None
            return records.take_over(session, call_id, owner=services.owner, at=services.clock())

        await services.keeper.settle(call_id, taken_elsewhere_too=True)
        stored = await services.storage.write(work)
        alone = await self.reaching.caller_left(call_id)
        if stored is not None:
            log.info("call.closed_late", call_id=call_id)
            await Conversation(services, stored).hang_up(alone=alone)


def _was_reached(form: Mapping[str, str]) -> bool:
    """Whether a dialled telephone was answered by somebody who took the call."""
    return form.get("DialCallStatus") in ("completed", "answered") and form.get("DialBridged") != "false"


def _said_goodbye(stored: records.StoredCall) -> bool:
    """The process died after the dialog had ended and before the record was closed."""
    return stored.state is not None and dialog.from_json(stored.state).phase is Phase.ENDED
