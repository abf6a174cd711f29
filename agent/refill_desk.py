"""Refill requests for the console: read from our own papers, decided where the chart is our own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from agent.services import Services
from backends.refill_case import PastRefill, RefillCase
from backends.refill_ruling import Ruling
from backends.refusals import ChartRefusal
from backends.script_messages import ResponseKind
from console.refills import RefillOrder
from models.errors import NotFound
from models.tables import StaffTask
from models.task_rules import TaskRefused

ELSEWHERE = "The charts are in another system: decide there, then close the task."


class RefillDesk:
    """`console.refills.Refills`. With another system's charts an order of ours would reach nobody: the
    requests are shown, and decided there."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._queue = services.backends.refill_queue

    @property
    def elsewhere(self) -> bool:
        return bool(self._services.settings.fhir_base_url)

    def waiting(
        self, session: Session, roles: frozenset[str], now: datetime, limit: int
    ) -> tuple[Sequence[RefillCase], int]:
        return self._queue.waiting(session, roles, now, limit)

    def decided(self, session: Session, since: datetime) -> Sequence[PastRefill]:
        return self._queue.decided(session, since)

    def one(self, session: Session, task_id: str, roles: frozenset[str], now: datetime) -> RefillCase:
        return self._queue.one(session, task_id, roles, now)

    def history(self, session: Session, patient_id: str, limit: int) -> Sequence[PastRefill]:
        return self._queue.history(session, patient_id, limit)

    def awaits_decision(self, session: Session, task: StaffTask) -> bool:
        return not self.elsewhere and self._queue.awaits_decision(session, task)

    async def decide(self, order: RefillOrder) -> None:
        """Raises `NotFound` and `TaskRefused`."""
        if self.elsewhere:
            raise TaskRefused(ELSEWHERE)
        services = self._services
        reference = await services.storage.read(lambda session: _reference(session, order.task_id))
        try:
            await services.backends.refill_decisions.decide(reference, _ruling(order), services.task_moved)
        except ChartRefusal as refusal:
            raise TaskRefused(refusal.issues[0].diagnostics.capitalize() + ".") from refusal


def _reference(session: Session, task_id: str) -> str:
    row = session.get(StaffTask, task_id)
    if row is None or not row.resource_ref:
        raise NotFound("no such refill request")
    return row.resource_ref


def _ruling(order: RefillOrder) -> Ruling:
    changed = order.days_supply is not None or order.quantity is not None
    kinds = {
        "approve": ResponseKind.APPROVED,
        "change": ResponseKind.APPROVED_WITH_CHANGES if changed else ResponseKind.APPROVED,
        "deny": ResponseKind.DENIED,
    }
    return Ruling(
        kinds[order.deed],
        order.who,
        order.note,
        order.days_supply,
        order.quantity,
        order.roles,
        order.version,
        order.visit,
        order.tell,
    )
