"""One call's dialog: an event in, a decision out, committed before anybody hears it.

Shared by the telephone (agent/call.py) and the keyboard (agent/chat.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from sqlmodel import Session

import dialog
import ehr_writeback
from agent import gaps, last_resort
from agent.instants import monotonic_ms
from agent.kept import Kept, KeptDeed, KeptHeard, KeptTurn
from agent.known_caller import KnownCaller
from agent.logs import log
from agent.patience import in_time
from agent.perform import Performer
from agent.ringing_back import kept_for
from agent.services import Services
from agent.stages import Stages
from agent.turns import as_kept, begun, ending_of, failed_for_staff, without_card, without_model, wordless
from models import records
from models.call_orders import lose_orders
from models.domain import (
    Action,
    ActionFailed,
    CallStarted,
    Context,
    Decision,
    DoneAction,
    Event,
    Expectation,
    HangUp,
    Heard,
    HungUp,
    Keys,
    NoInput,
    NoPause,
    Outcome,
    Phase,
    Result,
    ToneHeard,
    Transcript,
    TransferCall,
    TurnRecord,
    Understanding,
)
from models.errors import BackendError, FirstringError, StorageError, WorkerError

# These begin a turn; every other event adds to the turn that is open.
TURN_STARTERS = (CallStarted, Heard, Keys, NoInput, NoPause, ToneHeard)


OPEN_LIMIT_S = 2.5  # a process that was just started may need it; then the carrier is told to go on


def _to_hear_with(context: Context) -> Context:
    """What another process needs to understand a sentence: no questionnaire, which is long."""
    return replace(context, practice=replace(context.practice, questionnaires=()))


class Conversation:
    """The state of one call and the rule that a turn is stored before it is spoken."""

    def __init__(
        self, services: Services, stored: records.StoredCall, kept: dialog.Kept | None = None
    ) -> None:
        self._services = services
        self.stages = Stages()
        self.call_id = stored.call_id
        self.caller_number = stored.caller_number
        self.line = stored.line
        self.state = (
            dialog.start(stored.call_id, kept) if stored.state is None else dialog.from_json(stored.state)
        )
        self.turn_number = max((turn.number for turn in stored.turns), default=-1)
        self.expectation = Expectation()
        self.done: list[tuple[Action, Result]] = []  # on this stream
        self.ordered = stored.ordered  # actions whose outcome the dialog has not heard of
        self._results = {done.action.action_id: done.result for done in stored.done}
        self._failed = failed_for_staff(stored.done)
        self._alarm: asyncio.Task[int] | None = None  # to staff, past the database
        self._epoch = stored.epoch
        self._turn = stored.turns[-1] if stored.turns else TurnRecord(0, stored.started, "", "")
        self.unheard = self._turn.heard_to != self._turn.agent_text  # our last words were lost, perhaps
        self._detail: records.TurnDetail | None = None  # of the turn under way, once one began here
        self._continues = self.state.continues
        summary = dialog.summary(self.state)
        self._caller = KnownCaller(services, stored.call_id, stored.caller_number, summary)

    @classmethod
    async def open(
        cls, services: Services, call_id: str, caller_number: str, called: str = ""
    ) -> Conversation:
        """A new call, or the same one taken over, where it was. A new one may follow a lost one.

        Raises `StorageError` where the database cannot be had in time.
        """
        await services.refresh_practice()
        now, owner = services.clock(), services.owner

        def work(session: Session) -> tuple[records.StoredCall, dialog.Kept | None]:
            if resumed := records.resume_begun(session, call_id, owner=owner, at=now):
                return resumed, None
            stored = records.load_call(session, call_id) or records.open_call(
                session, call_id, caller_number=caller_number, called_number=called, at=now, owner=owner
            )
            return stored, kept_for(session, stored, now)

        async def opened() -> tuple[records.StoredCall, dialog.Kept | None]:
            await services.keeper.settle(call_id, taken_elsewhere_too=True)  # of its last stream here
            return await services.storage.write(work)

        return cls(services, *await in_time(opened(), OPEN_LIMIT_S))

    @property
    def is_new(self) -> bool:
        return self.turn_number < 0

    async def understand(self, transcript: Transcript) -> Understanding:
        """Meaning of the words. Without the intent model plain answers and plain wishes are still read."""
        transcript, context = without_card(transcript), _to_hear_with(await self.context())
        try:
            understanding: Understanding = await self._services.mind(
                "understand", transcript, self.expectation, context
            )
        except WorkerError as problem:
            log.warning("mind.unavailable", call_id=self.call_id, code=problem.code)
            return without_model(transcript, self.expectation, context)
        return understanding

    async def step(
        self, event: Event, timings: Mapping[str, float] | None = None
    ) -> Decision[dialog.DialogState]:
        """Decides on one event and commits turn and state; only then may the reply be spoken.

        ``timings``: of hearing and understanding it, in milliseconds, see `agent.turn_times`.
        A database that refuses or hangs does not silence the call: the decision stands, and what is to be
        stored is kept until it can be, see `agent.keeping`.
        """
        started_ms, flags_before = monotonic_ms(), len(self.state.red_flags)
        self._caller.learn(event)
        decision = dialog.decide(self.state, event, await self.context())
        decided_ms, self.state = monotonic_ms(), decision.state
        if self.state.phase is Phase.ENDED and dialog.keeps_no_words(self.state):
            self.state = dialog.without_words(self.state)
        if not isinstance(event, HungUp):
            self.expectation = decision.expectation
        self._note_turn(event, decision, {**(timings or {}), "decide_ms": decided_ms - started_ms})
        self.stages.decided(started_ms, decided_ms, self.state.phase, self.state.red_flags[flags_before:])
        self._note_orders(event, decision.actions)
        await self._store()
        self.stages.committed(decided_ms, speaks=bool(decision.say))
        return decision

    def _note_turn(
        self, event: Event, decision: Decision[dialog.DialogState], timings: Mapping[str, float]
    ) -> None:
        if isinstance(event, TURN_STARTERS) or self.is_new:
            self.turn_number += 1
            self._turn, self._detail = begun(self.turn_number, self._services.clock(), event)
            self.stages.turn(self.turn_number, event)
        said = " ".join(sentence.text for sentence in decision.say)
        self._turn = replace(
            self._turn,
            agent_text=f"{self._turn.agent_text} {said}".strip(),
            phase=self.state.phase.value,
        )
        if dialog.keeps_no_words(self.state):
            self._turn, self._detail = wordless(self._turn, self._detail)
        if self._detail:
            timings = {**self._detail.timings, **timings}
            expected = None if dialog.keeps_no_words(self.state) else as_kept(self.expectation)
            self._detail = replace(self._detail, expectation=expected, timings=timings)

    def _note_orders(self, event: Event, actions: tuple[Action, ...]) -> None:
        """Orders are stored with the turn that gave them: a process that dies leaves none undone."""
        told = event.action_id if isinstance(event, Outcome) else ""
        left = [action for action in (*self.ordered, *actions) if action.action_id != told]
        if self.state.phase is Phase.ENDED:
            self.ordered = tuple(action for action in left if not isinstance(action, HangUp))
        else:
            self.ordered = tuple(action for action in left if action.action_id in self.state.pending)

    async def _store(self) -> None:
        before, self._continues = self._continues, self.state.continues
        kept = KeptTurn(
            self._turn,
            self._detail,
            dialog.to_json(self.state),
            self.ordered,
            self._epoch,
            continues=self._continues if self._continues != before else None,
        )
        await self._services.keeper.keep(self.call_id, kept)

    async def note_heard(self, heard_to: str, timings: Mapping[str, float] | None = None) -> None:
        """Stores how much of the last reply the caller heard before speaking over it; ``timings``: of it."""
        if dialog.keeps_no_words(self.state):
            return
        await self._note(KeptHeard(self.turn_number, heard_to, timings, self._epoch))

    async def note_done(self, action: Action, result: Result) -> None:
        """Stores what was done; refreshes what we know of the patient, which it may have changed."""
        self._caller.look_again()
        self.done.append((action, result))
        self._results[action.action_id] = result
        if last_resort.is_needed(action, result):
            self._alarm = asyncio.create_task(last_resort.tell_staff(self._services, self.call_id))
        self._failed = {**self._failed, **failed_for_staff([DoneAction(self.turn_number, action, result)])}
        if not isinstance(result, ActionFailed):
            self._failed.pop(action.action_id, None)
        await self._note(KeptDeed(self.turn_number, action, result))

    def result_of(self, action: Action) -> Result | None:
        """What came of an action, where that is stored: it is not done a second time."""
        return self._results.get(action.action_id)

    async def _note(self, kept: Kept) -> None:
        try:
            await self._services.keeper.keep(self.call_id, kept)
        except FirstringError as problem:
            log.error("note.not_stored", call_id=self.call_id, turn=self.turn_number, code=problem.code)

    async def context(self) -> Context:
        """What a decision may know besides the state: the practice, the caller's line, the patient's view."""
        return await self._caller.context(self.line)

    async def hang_up(self, performer: Performer | None = None, *, alone: bool = False) -> None:
        """The call is over: what the dialog still promised is done, its holds are freed, its record closed.

        ``alone``: the caller left while waiting for a person. Safe to repeat.
        """
        performer = performer or Performer(self._services.acting, self.call_id, self.caller_number)
        try:
            await self._catch_up(performer)
            await self.take(HungUp(alone), performer)
            await self._services.keeper.settle(self.call_id)
            await self._make_up(performer)
            await self._tell_of_gaps(performer)
        finally:
            await self._let_go()
        await self.close()

    async def _let_go(self) -> None:
        """Of what the call holds; it ends by itself after some minutes too."""
        try:
            await self._services.acting.scheduling.release(call_id=self.call_id)
        except (BackendError, StorageError) as problem:
            log.warning("holds.not_released", call_id=self.call_id, code=problem.code)

    async def _make_up(self, performer: Performer) -> None:
        """Staff learn now of what the database would not take in the call: a page or task is not lost."""
        for action in list(self._failed.values()):
            result = await performer.perform(action)
            if result is not None:
                await self.note_done(action, result)

    async def _tell_of_gaps(self, performer: Performer) -> None:
        """A call whose record lacks a turn is a task for staff, as soon as the database takes one."""
        if self.call_id in self._services.missing:
            for order, result in await gaps.tell_of(self._services, self.call_id, performer):
                await self.note_done(order, result)

    async def _catch_up(self, performer: Performer) -> None:
        """Does what was ordered and never done. Who waited for a person can only be called back now."""
        for action in self.ordered:
            result = self.result_of(action)
            if isinstance(action, TransferCall):
                result = result or ActionFailed("caller-gone")
            elif result is None:
                result = await performer.perform(action)
            if result is not None:
                await self.note_done(action, result)
                await self.take(Outcome(action.action_id, result), performer)

    async def take(self, event: Event, performer: Performer) -> list[Decision[dialog.DialogState]]:
        """Decides on an event and on every outcome that follows from it, each action awaited."""
        decisions = [await self.step(event)]
        for action in decisions[0].actions:
            result = await performer.perform(action)
            if result is not None:
                await self.note_done(action, result)
                decisions += await self.take(Outcome(action.action_id, result), performer)
        return decisions

    async def close(self) -> None:
        """Ends the call's record and promises its note, in one transaction. Safe to repeat.

        Raises `StorageError` where something of the call, or this, cannot be stored: `tidy` comes to it.
        """
        services, call_id = self._services, self.call_id
        ending, now, versions = ending_of(self.state), services.clock(), services.versions()
        zone, writeback = services.practice.timezone, services.writeback
        await services.keeper.settle(call_id)

        def work(session: Session) -> bool:
            if not records.close_call(session, call_id, now, ending):
                return False  # it was closed before
            lose_orders(session, call_id, now)
            record = records.call_record(session, call_id, practice_timezone=zone, models=versions)
            ehr_writeback.enqueue(session, record, config=writeback)
            ehr_writeback.catch_up(session, call_id, now, writeback)
            return True

        if await services.storage.write(work):
            services.dispatcher.nudge()
