"""One call, as one line: audio -> words -> meaning -> decision -> deed -> decision -> speech -> audio.

Nothing is decided here. The dialog decides; this file carries events to it and its decisions out, on audio
and clock, and makes sure that whatever happens the call is stored and closed.
"""

from __future__ import annotations

import asyncio
import math
from functools import partial

import dialog
from agent.conversation import TURN_STARTERS, Conversation
from agent.first_words import FirstWords
from agent.foresight import Foresight
from agent.hearing import Hearing
from agent.instants import monotonic_ms
from agent.keypad import is_complete
from agent.leaving import CallOver, Leaving, nobody_to_hand_to
from agent.line_watch import LineWatch
from agent.listening_in import Listeners, Tap
from agent.logs import log
from agent.perform import Performer
from agent.recording import Recorder
from agent.services import Services
from agent.speaking import Speaking
from agent.turn_times import TurnTimes
from dialog import DialogState
from dialog.safety import screen
from models.domain import (
    Action,
    CallerAudio,
    CallStarted,
    Decision,
    Event,
    ExpectationKind,
    HangUp,
    Heard,
    Interrupted,
    Keys,
    NoInput,
    Outcome,
    StaffOrdered,
    Transcript,
    TransferCall,
    Waiting,
)
from models.records import TRY_LINE
from telephony.events import KeyPressed, MarkReached, StreamStopped
from telephony.media_stream import MediaStream
from telephony.playback import Playback

NO_INPUT_S = 7.0
NO_INPUT_PATIENT_S = 11.0
PATIENT_KINDS = frozenset(
    {ExpectationKind.DOB, ExpectationKind.PHONE, ExpectationKind.NUMBER, ExpectationKind.SPELLING}
)
WAITING_S = 1.5
WAITING_AGAIN_S = 6.0
KEY_PAUSE_S = 2.5
LAST_HEARING_S = 5.0
END_LIMIT_S = 1.0
TICK_S = 0.1
MOST_EVENTS = 1_000  # that wait to be decided on; a stream with more is broken: it ends, the call comes back


class Call:
    def __init__(
        self,
        media: MediaStream,
        conversation: Conversation,
        services: Services,
        first_words: FirstWords | None = None,
    ) -> None:
        self._media = media
        self._conversation = conversation
        self._services, stages = services, conversation.stages
        self._foresight = Foresight(conversation.understand)
        self._events: asyncio.Queue[Event] = asyncio.Queue(MOST_EVENTS)
        began = first_words or FirstWords(Playback(media.codec, keep_played=services.settings.record_calls))
        playback, replied, lost = began.playback, services.admission.replied, self._voice_lost
        self._speaking = Speaking(playback, services.mouth, media.send, lost, replied, stages, began.said)
        self._recorder = Recorder(services, conversation.call_id, playback)
        self._listeners = Listeners()
        self._tap = Tap(playback, self._listeners)
        self._times = TurnTimes(self._recorder.place_ms, stages)
        self._line = LineWatch(self._events.put_nowait)
        self._leaving = Leaving(self._speaking, self._line, lambda: self._answering)
        transfer = self._leaving.hand_over if conversation.line != TRY_LINE else nobody_to_hand_to
        call_id, number = conversation.call_id, conversation.caller_number
        self._performer = Performer(services.acting, call_id, number, transfer, self._recorder.delete, stages)
        self._pending: dict[str, float] = {}
        self._keys = ""
        self._keys_at_ms = 0.0
        self._no_input_at_ms = 0.0
        self._deciding = False
        self._left_over = conversation.ordered  # by a process that lost this call
        self._noted = ""  # what is stored of the reply as heard

    async def run(self, *, resumed: bool) -> None:
        """Serves the call until it ends, by whichever side and for whatever reason."""
        self._events.put_nowait(CallStarted(resumed, unheard=resumed and self._conversation.unheard))
        live, call_id = self._services.live, self._conversation.call_id
        try:
            with live.led(call_id, self._events.put_nowait, self._listeners, self._move):
                await self._serve()
        except* CallOver:
            pass
        except* (ConnectionError, OSError) as group:
            log.info("call.line_lost", call_id=call_id, kind=type(group.exceptions[0]).__name__)
        finally:
            await asyncio.shield(self._end())

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            self._hearing = Hearing(
                self._conversation.call_id,
                self._services.ears,
                tasks,
                heard=self._heard,
                noted=self._ended,
                took_floor=self._yield_floor,
                floor=self._speaking,
                screen=partial(screen, added=self._services.practice.danger_phrases),
                whole=self._foresight.whole,
                means=self._foresight.means_something,
            )
            speaking, recorder = self._speaking, self._recorder
            own = (self._listen, self._converse, self._watch)
            for work in (*own, speaking.render, speaking.pump, recorder.run):
                tasks.create_task(work(), name=work.__name__)

    # ------------------------------------------------------------------ what comes in

    async def _listen(self) -> None:
        async for event in self._media:
            match event:
                case CallerAudio(mulaw=mulaw):
                    self._recorder.caller(event)
                    self._hearing.audio(mulaw)
                    self._line.audio(mulaw)
                    self._tap.caller(mulaw)
                case KeyPressed(digit=digit):
                    await self._key(digit)
                case MarkReached(name=name):
                    self._speaking.marked(name)
                case StreamStopped():
                    self._leaving.caller_left = True
                    await self._hear_last_words()
        raise CallOver

    async def _hear_last_words(self) -> None:
        """What was said right before hanging up still counts: it may be a danger sign."""
        self._hearing.flush()
        deadline_ms = monotonic_ms() + LAST_HEARING_S * 1_000
        while self._working and monotonic_ms() < deadline_ms:
            await asyncio.sleep(TICK_S)

    @property
    def _working(self) -> bool:
        """Something said or ordered is not yet through."""
        return self._answering or bool(self._pending)

    @property
    def _answering(self) -> bool:
        """Something said or pressed is being heard, or waits for its answer: it may be a danger sign."""
        return self._hearing.busy or self._deciding or not self._events.empty()

    async def _heard(self, transcript: Transcript) -> None:
        if transcript.text or transcript.failure:  # else a cough, a door: silence goes on counting
            since_ms = monotonic_ms()
            meaning = await self._foresight.understand(transcript)
            self._times.understood(transcript, meaning, since_ms)
            self._events.put_nowait(Heard(meaning))

    async def _ended(self, transcript: Transcript, from_ms: float, to_ms: float) -> None:
        self._times.spoken(transcript, from_ms, to_ms)
        await self._recorder.utterance(transcript, from_ms, to_ms)
        self._line.utterance(to_ms - from_ms)

    async def _yield_floor(self) -> None:
        """Barge-in: our reply is over; the dialog learns how much of it was heard."""
        heard_to = await self._speaking.stop()
        await self._note_heard(heard_to)
        self._events.put_nowait(Interrupted(heard_to))

    async def _note_heard(self, heard_to: str) -> None:
        """Stores what the caller has heard of the reply, where that is news."""
        if heard_to and heard_to != self._noted:
            self._noted = heard_to
            await self._conversation.note_heard(heard_to, self._times.reply(self._speaking))

    async def _key(self, digit: str) -> None:
        """Collects keys until they are an answer, or nothing more follows (`_watch`)."""
        if self._speaking.playing:
            await self._yield_floor()
        self._keys, self._keys_at_ms = self._keys + digit, monotonic_ms()
        if is_complete(self._keys, self._conversation.expectation.digits):
            self._send_keys()

    def _send_keys(self) -> None:
        keys, self._keys = self._keys.rstrip("#"), ""
        if keys:
            self._events.put_nowait(Keys(keys))

    # ------------------------------------------------------------------ what is decided and done

    async def _converse(self) -> None:
        while True:
            event = await self._events.get()
            self._deciding = True
            if isinstance(event, StaffOrdered):
                await self._obey(event)
                continue
            if isinstance(event, TURN_STARTERS) and not isinstance(event, CallStarted):
                await self._note_heard(self._speaking.heard_so_far())
                self._speaking.start_reply()
                self._noted = ""
            await self._carry_out(await self._conversation.step(event, self._times.of(event)))
            self._take_up_left_over()
            self._deciding = False

    async def _obey(self, order: StaffOrdered) -> None:
        """Staff want something of this call: where it is done we stop in mid-sentence, but a caller in danger
        hears to its end what they are to do."""
        decision = await self._conversation.step(order)
        state = self._conversation.state
        if decision.say and not dialog.glance(state).in_danger:
            await self._speaking.stop()
        await self._carry_out(decision)
        self._deciding = False
        await self._services.live.answer(order, obeyed=dialog.obeyed(state, order))

    async def _carry_out(self, decision: Decision[DialogState]) -> None:
        (self._leaving.stay if decision.say else self._speaking.waits)()
        self._foresight.forget()
        self._hearing.expect(decision.expectation)
        self._speaking.say(decision.say, self._conversation.turn_number)
        self._no_input_at_ms = monotonic_ms()
        for action in decision.actions:
            self._order(action)

    def _take_up_left_over(self) -> None:
        """A former process ordered it and died: it is done now, or its outcome is told if it was done."""
        left_over, self._left_over = self._left_over, ()
        for action in left_over:
            self._order(action)

    def _order(self, action: Action) -> None:
        if isinstance(action, HangUp):
            self._leaving.hang_up(self._tasks)
            return
        # A transfer waits for our own last words: nobody is to be told that it takes a moment.
        patience_s = math.inf if isinstance(action, TransferCall) else WAITING_S
        self._pending[action.action_id] = monotonic_ms() + patience_s * 1_000
        self._tasks.create_task(self._perform(action))

    async def _perform(self, action: Action) -> None:
        result = self._conversation.result_of(action) or await self._performer.perform(action)
        self._pending.pop(action.action_id, None)
        if result is None:
            return
        await self._conversation.note_done(action, result)
        self._events.put_nowait(Outcome(action.action_id, result))
        self._leaving.handed_over(result, self._tasks)

    def _move(self) -> None:
        """To another process; what somebody in danger is to do is not broken off for that."""
        glance, conversation = dialog.glance, self._conversation
        self._leaving.move(self._tasks, lambda: self._working or glance(conversation.state).in_danger)

    def _voice_lost(self) -> None:
        """No engine speaks any more: a recorded sentence says so, and the practice takes the call."""
        order = TransferCall(f"{self._conversation.call_id}-voice", "No speech engine works")
        self._tasks.create_task(self._perform(order))

    # ------------------------------------------------------------------ time

    async def _watch(self) -> None:
        """Silence, unfinished key presses and slow backends, each turned into its event."""
        while True:
            await asyncio.sleep(TICK_S)
            now_ms = monotonic_ms()
            if self._keys and now_ms - self._keys_at_ms > KEY_PAUSE_S * 1_000:
                self._send_keys()
            for action_id, due_ms in list(self._pending.items()):
                if now_ms > due_ms and not self._speaking.playing:
                    self._pending[action_id] = now_ms + WAITING_AGAIN_S * 1_000
                    self._events.put_nowait(Waiting(action_id))
            self._mind_silence(now_ms)
            if not self._speaking.playing:
                await self._note_heard(self._speaking.heard_so_far())

    def _mind_silence(self, now_ms: float) -> None:
        if self._working or self._speaking.playing or self._keys:
            self._no_input_at_ms = now_ms
        patient = self._conversation.expectation.kind in PATIENT_KINDS
        if now_ms - self._no_input_at_ms > (NO_INPUT_PATIENT_S if patient else NO_INPUT_S) * 1_000:
            self._no_input_at_ms = now_ms
            self._events.put_nowait(NoInput())

    # ------------------------------------------------------------------ the end

    async def _end(self) -> None:
        """Whatever happened: the call is stored, and closed if it is over for good."""
        ending = asyncio.create_task(self._store_end())
        await asyncio.wait({ending}, timeout=END_LIMIT_S)
        # The carrier asks how to go on: a database must not keep the caller waiting.
        await self._media.close()
        await ending

    async def _store_end(self) -> None:
        self._recorder.stream_ended()
        await self._note_heard(self._speaking.heard_so_far())
        if self._leaving.is_over:
            await self._conversation.hang_up(self._performer)
        await self._recorder.close(over=self._leaving.is_over)
