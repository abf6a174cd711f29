"""What a stage needs from others, handed to it as an argument."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from models.domain.actions import (
    AddToRefill,
    CheckCode,
    OpenTask,
    PageStaff,
    RecordPermission,
    RequestRefill,
    SendCode,
    VerifyIdentity,
)
from models.domain.checkin_answers import CheckinFiled, FileCheckin
from models.domain.events import RedFlagRaised
from models.domain.facts import IdentityLevel, PatientView
from models.domain.results import (
    CallRated,
    CodeNotSent,
    CodeRefused,
    CodeSent,
    IdentityRefused,
    IdentityVerified,
    OfferRefused,
    OpeningGone,
    OpeningHeld,
    OpeningsFound,
    PermissionRecorded,
    RefillAdded,
    RefillAnswered,
    RegistrationPending,
    StaffPaged,
    TaskOpened,
    TextsStopped,
    VisitBooked,
    VisitCancelled,
    VisitConfirmed,
    WaitlistJoined,
    WaitlistLeft,
)
from models.domain.visit_actions import (
    AcceptOffer,
    BookOpening,
    CancelVisit,
    ConfirmVisit,
    FindOpenings,
    HoldOpening,
    JoinWaitlist,
    LeaveWaitlist,
    MoveVisit,
    RefuseOffer,
    RegisterPatient,
)


class Screen(Protocol):
    """The danger screen, handed to stages that may not import it."""

    def __call__(self, texts: Sequence[str]) -> RedFlagRaised | None: ...


class Directory(Protocol):
    """Who is calling. Raises ``AgentError`` kinds only."""

    async def names_at(self, caller_number: str) -> tuple[str, ...]: ...

    async def verify(
        self, claim: VerifyIdentity, *, caller_number: str, call_id: str
    ) -> IdentityVerified | IdentityRefused: ...

    async def locked(self, caller_number: str) -> bool: ...

    async def view(self, patient_id: str, level: IdentityLevel, *, by_proxy: bool = False) -> PatientView: ...

    async def send_code(self, wish: SendCode, *, call_id: str) -> CodeSent | CodeNotSent: ...

    async def check_code(
        self, wish: CheckCode, *, caller_number: str, call_id: str
    ) -> IdentityVerified | CodeRefused: ...

    async def record_permission(self, wish: RecordPermission, *, call_id: str) -> PermissionRecorded: ...


class Scheduling(Protocol):
    async def find(self, wish: FindOpenings) -> OpeningsFound: ...

    async def hold(self, wish: HoldOpening, *, call_id: str) -> OpeningHeld | OpeningGone: ...

    async def book(self, wish: BookOpening, *, call_id: str) -> VisitBooked | OpeningGone: ...

    async def move(self, wish: MoveVisit, *, call_id: str) -> VisitBooked | OpeningGone: ...

    async def cancel(self, wish: CancelVisit, *, call_id: str) -> VisitCancelled: ...

    async def confirm(self, wish: ConfirmVisit, *, call_id: str) -> VisitConfirmed: ...

    async def register(self, wish: RegisterPatient, *, call_id: str) -> RegistrationPending | OpeningGone: ...

    async def release(self, *, call_id: str) -> None: ...


class Waitlist(Protocol):
    """Who would come sooner. Raises ``AgentError`` kinds only."""

    async def join(self, wish: JoinWaitlist, *, call_id: str) -> WaitlistJoined: ...

    async def leave(self, wish: LeaveWaitlist, *, call_id: str) -> WaitlistLeft: ...

    async def accept(self, wish: AcceptOffer, *, call_id: str) -> VisitBooked | OpeningGone: ...

    async def refuse(self, wish: RefuseOffer, *, call_id: str) -> OfferRefused: ...


class Pharmacy(Protocol):
    async def request_refill(self, wish: RequestRefill, *, call_id: str) -> RefillAnswered: ...

    async def add_to_refill(self, wish: AddToRefill, *, call_id: str) -> RefillAdded: ...


class Desk(Protocol):
    """The staff's queue."""

    async def open_task(self, wish: OpenTask, *, call_id: str) -> TaskOpened: ...

    async def page(self, wish: PageStaff, *, call_id: str) -> StaffPaged: ...

    async def rate_call(self, score: int, *, call_id: str) -> CallRated: ...

    async def stop_texts(self, number: str) -> TextsStopped: ...


class Checkins(Protocol):
    """Where the answers of check-ins are kept."""

    async def file(self, wish: FileCheckin, *, call_id: str) -> CheckinFiled: ...


class Clock(Protocol):
    """Aware UTC now. Injected everywhere, so that tests and demos may pin it."""

    def __call__(self) -> datetime: ...


class Remote(Protocol):
    """A service in a worker process. Raises ``WorkerError`` when it died, hung or is not there."""

    async def __call__(self, method: str, *args: object) -> Any: ...
