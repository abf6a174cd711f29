"""A first visit of somebody whom the chart does not know: held for a day, and left to staff to confirm.

No chart is made for a voice on the telephone (domain rules section 1.8): staff make it, and book.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from backends import cells
from backends.openings import Openings
from backends.practice import Practice
from backends.schedule_rules import Candidate
from backends.staff_tasks import StaffTasks, TaskOrder
from models.domain import (
    OpenTask,
    Priority,
    RegisterPatient,
    RegistrationPending,
    TaskKind,
)

HELD_FOR = timedelta(hours=24)


class Registrations:
    """Takes them within the caller's transaction."""

    def __init__(self, openings: Openings, tasks: StaffTasks, practice: Practice) -> None:
        self._openings = openings
        self._tasks = tasks
        self._practice = practice

    def take(
        self, session: Session, wish: RegisterPatient, call_id: str, now: datetime
    ) -> RegistrationPending:
        """Hold the time for a day, past the end of the call, and ask staff to confirm; once for each action.

        Raises `cells.Gone` when the time is somebody else's.
        """
        before = self._tasks.opened(session, call_id, wish.action_id)
        if before is not None:
            return RegistrationPending(before.id, before.created_at + HELD_FOR)
        opening = self._openings.read(session, wish.opening_id, now, wish.visit_type)
        cells.free_call(session, call_id)  # what this very call held is the time that is wanted
        cells.hold(session, opening, f"new/{wish.action_id}", now, now + HELD_FOR)
        task = self._tasks.open(session, TaskOrder(self._order(wish, opening), call_id), now)
        return RegistrationPending(task.id, now + HELD_FOR)

    def _order(self, wish: RegisterPatient, opening: Candidate) -> OpenTask:
        when = opening.start.astimezone(self._practice.zone)
        provider = self._practice.provider_name(opening.provider_id)
        asked = f"{provider}, {when:%a %b %d %Y %H:%M}, {opening.minutes} minutes"
        kind = TaskKind.PENDING_REGISTRATION
        summary = _summary(wish, asked)
        return OpenTask(wish.action_id, kind, Priority.ROUTINE, summary, callback_number=wish.phone)


def _summary(wish: RegisterPatient, asked: str) -> str:
    told = {
        "Name": wish.name,
        "born": wish.born.isoformat(),
        "phone": wish.phone,
        "insurance": wish.insurance,
        "sent by": wish.referral,
        "reason": wish.reason,
        "needs": wish.needs,
    }
    facts = "; ".join(f"{name} {value}" for name, value in told.items() if value)
    return f"New patient, not booked yet: {asked}, held for 24 hours. {facts}"
