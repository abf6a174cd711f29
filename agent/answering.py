"""What the practice's number does when it rings, when a stream ends, and when a call is over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

import dialog
from agent.call import Call
from agent.clocks import Clocks
from agent.conversation import Conversation
from agent.draining import Standing
from agent.elsewhere import Elsewhere
from agent.excess import Excess
from agent.first_words import FirstWords, parameters_of
from agent.line_modes import line_called, rings_first
from agent.logs import log
from agent.measuring import Measuring
from agent.metrics import CALLS, LIVE_CALLS
from agent.paging import Paging
from agent.reaching import Reaching
from agent.sending import Sender
from agent.services import Services
from agent.texting import Texting
from agent.tidying import Tidying
from agent.tries import Tries
from backends.lines import line_of
from dialog.safety import screen
from models import records
from models.domain import CallTransferred, Phase
from models.errors import FirstringError
from telephony import twiml
from telephony.config import ASK_AGAIN, UNSERVED, TelephonyConfig
from telephony.doors import Door
from telephony.handlers import ArrivingCall, arriving_call, was_reached
from telephony.media_stream import MediaStream
from telephony.tokens import StreamTokens

MAX_RESUMPTIONS = 4  # without a word of the caller in between: such a line goes to the practice
MODELS_EVERY_S = 0.25
RESUME = "/twilio/resume"
UNANSWERED = "/twilio/line/unanswered"
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
        self._tries = Tries()
        self._measuring = Measuring(services)
        self.reaching = Reaching(services, config, self._connect, self._dial)
        self.tidying = Tidying(services, self._live, self.reaching)
        self._elsewhere = Elsewhere(services, self.tidying.close)
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
        otherwise = twiml.go_to(self.config.url(UNSERVED) + ASK_AGAIN)
        return {**doors, "line": Door(self._unanswered, otherwise)}

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
        if was_reached(form):
            return twiml.hang_up()
        call = arriving_call(form)
        if not self.ready():
            return await self._excess.pass_on(call, "not-ready")
        if refusal := self._services.admission.refusal(self.live_calls):
            return await self._excess.turn_away(call, refusal, has_rung=True)
        return await self._answer(call)

    async def _answer(self, call: ArrivingCall) -> str:
        """Stored first. A repeat takes the call from nobody, and does not revive one that is over."""
        self._services.admission.answered(call.call_sid)
        self._measuring.rings(call.call_sid)
        await self.tidying.close_lost(call.from_number)
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
        stored = await self._services.storage.read(
            lambda session: records.load_call(session, call_sid, newest=0)
        )
        if stored and not stored.ended and (document := await self.reaching.resumed(stored, form)):
            return document
        call = arriving_call({**form, "CallSid": call_sid})
        if form.get("DialCallStatus"):
            return twiml.hang_up() if was_reached(form) else await self._nobody_there(call, stored)
        if stored is None:
            return await self._pass_on("unknown-call", call)
        if stored.ended or _said_goodbye(stored):
            await self.tidying.close(call_sid)
            return twiml.hang_up()
        was_transferred = any(isinstance(done.result, CallTransferred) for done in stored.done)
        if was_transferred and not await self.reaching.came_back(stored):
            circle = call.forwarded_from == self.config.practice_number
            return await self._nobody_there(call, stored) if circle else self._dial()
        if not self._tries.asked(call_sid, stored.epoch):
            return await self._pass_on("no-stream", call)
        if stored.stalled >= MAX_RESUMPTIONS:
            return await self._pass_on("stalled", call)
        return self._connect(call_sid, {} if was_transferred else parameters_of(stored))

    async def _nobody_there(self, call: ArrivingCall, stored: records.StoredCall | None) -> str:
        """At the practice's telephone: the dialog apologises, where it can be had; else staff call back."""
        if stored and not stored.ended and self._tries.asked(call.call_sid, stored.epoch):
            return self._connect(call.call_sid)
        return await self._excess.call_back(call)

    def _connect(self, call_sid: str, parameters: Mapping[str, str] | None = None) -> str:
        stream_url = self.config.stream_url(self._tokens.mint(call_sid))
        return twiml.connect_stream(stream_url, self.config.url(RESUME) + ASK_AGAIN, parameters)

    async def _pass_on(self, reason: str, call: ArrivingCall) -> str:
        return await self._excess.pass_on(call, reason, self._dial())

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
            await self.tidying.close(call_sid)

    async def sms(self, form: Mapping[str, str]) -> str:
        return await self._texting.reply(form)

    async def stream(self, media: MediaStream) -> None:
        """One media stream: the whole call, or its continuation."""
        call_id = media.started.call_sid
        self._live.add(call_id)
        self._services.admission.begun(call_id)
        LIVE_CALLS.inc()
        try:
            async with FirstWords.on(media, self._services) as first_words:
                conversation = await Conversation.open(self._services, call_id, "")
            with self._measuring.stream(conversation, media):
                call = Call(media, conversation, self._services, first_words)
                await call.run(resumed=not conversation.is_new or bool(first_words.said))
        finally:
            LIVE_CALLS.dec()
            CALLS.labels(ended=str(media.ended or "unknown")).inc()
            self._live.discard(call_id)
            if call_id in self._over:
                self._over.discard(call_id)
                await self.tidying.close(call_id)

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


def _said_goodbye(stored: records.StoredCall) -> bool:
    """The process died after the dialog had ended and before the record was closed."""
    return stored.state is not None and dialog.from_json(stored.state).phase is Phase.ENDED
