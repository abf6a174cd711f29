"""The practice's own schedule for the console, where calls book on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agent.preparing import SYSTEM_URL
from agent.services import Services
from backends.day_sheet import Sheets
from backends.desk_blocks import DeskBlocks
from backends.desk_openings import DeskOpenings
from backends.desk_visits import DeskVisits
from backends.desk_waitlist import DeskWaitlist
from backends.embedded import EmbeddedBackends
from backends.opening_file import read_plans
from models.domain import VisitType
from models.schedule import ReadPlans, Sheet
from models.task_deeds import TaskMoved

BOOKED_THERE = "The schedule is kept in the EHR, and calls book there. Please look at it and change it there."
KEPT_THERE = (
    "The schedule is kept in the EHR, and calls may not read it: who wants a visit becomes a task of yours."
)
BOTH = (
    "Calls book on this schedule, and what they book is sent to the EHR too. "
    "What you do here at the desk is not: enter it there as well."
)


class OwnSchedule:
    """`console.schedule_port.Schedule` on the embedded chart; ``moved`` is told of tasks that move on."""

    def __init__(self, own: EmbeddedBackends, system_url: str, moved: TaskMoved | None = None) -> None:
        self._chart, self._practice = own.chart, own.practice
        self._sheets = Sheets(own.chart.store, own.practice, system_url)
        visits = DeskVisits(own.chart, own.practice, own.scheduling, system_url)
        self.people, self.openings, self.book = visits.people, visits.openings, visits.book
        self.visit, self.cancel, self.move = visits.visit, visits.cancel, visits.move
        blocks = DeskBlocks(own.chart, own.practice, system_url, moved)
        self.preview, self.block = blocks.preview, blocks.block
        self.unblock, self.withdraw = blocks.unblock, blocks.withdraw
        publishing = DeskOpenings(own.chart, own.practice, system_url)
        self.preview_plans, self.publish_plans = publishing.preview_plans, publishing.publish_plans
        waitlist = DeskWaitlist(own.chart, own.practice, own.waitlist, own.offers)
        self.waiting, self.offer = waitlist.waiting, waitlist.offer
        self.take, self.pass_on, self.remove = waitlist.take, waitlist.pass_on, waitlist.remove

    def providers(self) -> Sequence[tuple[str, str]]:
        return [(each.provider.provider_id, each.provider.name) for each in self._practice.clinicians]

    def visit_types(self) -> Sequence[VisitType]:
        return [rule.visit_type for rule in self._practice.visit_rules]

    def hours(self, day: date) -> str:
        practice = self._practice
        closed = next((one for one in practice.closures if one.day == day), None)
        if closed is not None:
            return f"Closed: {closed.reason}" if closed.reason else "Closed"
        spans = [h for h in practice.hours if h.weekday == day.weekday()]
        return f"Open {', '.join(f'{h.opens:%H:%M}–{h.closes:%H:%M}' for h in spans)}" if spans else "Closed"

    def read_plans(self, text: str) -> ReadPlans:
        today = self._chart.clock().astimezone(self._practice.zone).date()
        return read_plans(text, self._practice, today)

    async def sheets(self, first: date, days: int, provider_id: str = "") -> Sequence[Sheet]:
        now = self._chart.clock()
        return await self._chart.storage.read(lambda s: self._sheets.read(s, first, days, now, provider_id))


def schedule_of(services: Services) -> OwnSchedule | None:
    """None where calls act on another system's charts: our own schedule is then nobody's truth."""
    if services.reading is not None:
        return None
    return OwnSchedule(services.backends, SYSTEM_URL, services.task_moved)


def elsewhere(services: Services) -> str:
    """What staff are told where the schedule is not kept here."""
    if services.reading is None:
        return ""
    return BOOKED_THERE if "appointments" in services.settings.read_parts else KEPT_THERE


def note(services: Services) -> str:
    """What staff should know where both have one."""
    return BOTH if services.reading is None and services.settings.fhir_base_url else ""
