"""Actions to backends: what the dialog decided is done here, and its outcome comes back as a value.

Nothing raises but cancellation: a failed or slow backend is the outcome ``ActionFailed``, which the dialog
can speak to honestly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from agent.instants import monotonic_ms
from agent.logs import log
from agent.stages import Stages
from models.domain import (
    AcceptOffer,
    Action,
    ActionFailed,
    AddToRefill,
    BookOpening,
    CallTransferred,
    CancelVisit,
    CheckCode,
    Checkins,
    ConfirmVisit,
    Desk,
    Directory,
    FileCheckin,
    FindOpenings,
    HangUp,
    HoldOpening,
    JoinWaitlist,
    LeaveWaitlist,
    MoveVisit,
    OpenTask,
    PageStaff,
    Pharmacy,
    RateCall,
    RecordingStopped,
    RecordPermission,
    RefuseOffer,
    RegisterPatient,
    RequestRefill,
    Result,
    Scheduling,
    SendCode,
    StopRecording,
    StopTexts,
    StopTranscript,
    TranscriptStopped,
    TransferCall,
    VerifyIdentity,
    Waitlist,
)
from models.errors import FirstringError

LIMIT_S = 12.0
PAGE_LIMIT_S = 3.0  # a caller in danger: then staff are told past the database, see agent/last_resort.py


class Backends(Protocol):
    @property
    def directory(self) -> Directory: ...
    @property
    def scheduling(self) -> Scheduling: ...
    @property
    def waitlist(self) -> Waitlist: ...
    @property
    def pharmacy(self) -> Pharmacy: ...
    @property
    def checkins(self) -> Checkins: ...
    @property
    def desk(self) -> Desk: ...


def _limit_s(action: Action) -> float | None:
    match action:
        case TransferCall():
            return None
        case PageStaff():
            return PAGE_LIMIT_S
    return LIMIT_S


@dataclass(frozen=True, slots=True)
class Performer:
    """Does one call's actions. ``transfer`` is the carrier's part; None where there is no line (chat).

    ``stop_recording`` removes what was recorded; None where nothing is.
    """

    backends: Backends
    call_id: str
    caller_number: str
    transfer: Callable[[], Awaitable[bool]] | None = None
    stop_recording: Callable[[], Awaitable[None]] | None = None
    stages: Stages = field(default_factory=Stages)

    async def perform(self, action: Action) -> Result | None:
        """The action's result; None for HangUp, which has none.

        Every backend call has a time limit; a late one is reported as failed, and the backend's own
        idempotency (one effect per call and action id) keeps a repeat from doing it twice. A transfer
        waits for what is being said, which has a limit of its own.
        """
        since_ms = monotonic_ms()
        result = await self._perform(action)
        if not isinstance(action, HangUp):
            ended = "failed" if isinstance(result, ActionFailed) else "done"
            self.stages.acted(type(action).__name__, ended, since_ms)
        return result

    async def _perform(self, action: Action) -> Result | None:
        try:
            return await asyncio.wait_for(self._do(action), _limit_s(action))
        except TimeoutError:
            return self._failed(action, "backend-timeout")
        except FirstringError as problem:
            return self._failed(action, problem.code)
        except Exception as problem:  # a defect in a backend must not end the call
            return self._failed(action, f"defect-{type(problem).__name__}")

    def _failed(self, action: Action, code: str) -> ActionFailed:
        log.warning("action.failed", call_id=self.call_id, action=type(action).__name__, code=code)
        return ActionFailed(code)

    async def _do(self, action: Action) -> Result | None:
        schedule, call_id = self.backends.scheduling, self.call_id
        match action:
            case VerifyIdentity() | SendCode() | CheckCode() | RecordPermission():
                return await self._identify(action)
            case RequestRefill():
                return await self.backends.pharmacy.request_refill(action, call_id=call_id)
            case AddToRefill():
                return await self.backends.pharmacy.add_to_refill(action, call_id=call_id)
            case FindOpenings():
                return await schedule.find(action)
            case HoldOpening():
                return await schedule.hold(action, call_id=call_id)
            case BookOpening():
                return await schedule.book(action, call_id=call_id)
            case MoveVisit():
                return await schedule.move(action, call_id=call_id)
            case CancelVisit():
                return await schedule.cancel(action, call_id=call_id)
            case ConfirmVisit():
                return await schedule.confirm(action, call_id=call_id)
            case RegisterPatient():
                return await schedule.register(action, call_id=call_id)
            case JoinWaitlist() | LeaveWaitlist() | AcceptOffer() | RefuseOffer():
                return await self._wait(action)
            case OpenTask():
                return await self.backends.desk.open_task(action, call_id=call_id)
            case PageStaff():
                return await self.backends.desk.page(action, call_id=call_id)
            case TransferCall():
                return await self._transfer()
            case FileCheckin():
                return await self.backends.checkins.file(action, call_id=call_id)
            case StopRecording():
                if self.stop_recording:
                    await self.stop_recording()
                return RecordingStopped()
            case StopTranscript():
                return TranscriptStopped()  # the conversation keeps no words from the order on
            case RateCall(score=score):
                return await self.backends.desk.rate_call(score, call_id=call_id)
            case StopTexts():
                return await self.backends.desk.stop_texts(self.caller_number)
            case HangUp():
                return None

    async def _wait(self, action: JoinWaitlist | LeaveWaitlist | AcceptOffer | RefuseOffer) -> Result:
        waitlist, call_id = self.backends.waitlist, self.call_id
        match action:
            case JoinWaitlist():
                return await waitlist.join(action, call_id=call_id)
            case LeaveWaitlist():
                return await waitlist.leave(action, call_id=call_id)
            case AcceptOffer():
                return await waitlist.accept(action, call_id=call_id)
            case RefuseOffer():
                return await waitlist.refuse(action, call_id=call_id)

    async def _identify(self, action: VerifyIdentity | SendCode | CheckCode | RecordPermission) -> Result:
        directory, call_id, number = self.backends.directory, self.call_id, self.caller_number
        match action:
            case VerifyIdentity():
                return await directory.verify(action, caller_number=number, call_id=call_id)
            case SendCode():
                return await directory.send_code(action, call_id=call_id)
            case CheckCode():
                return await directory.check_code(action, caller_number=number, call_id=call_id)
            case RecordPermission():
                return await directory.record_permission(action, call_id=call_id)

    async def _transfer(self) -> Result:
        if self.transfer is None:
            return CallTransferred()  # by keyboard: the person at the desk is the one typing
        return CallTransferred() if await self.transfer() else ActionFailed("transfer-refused")
