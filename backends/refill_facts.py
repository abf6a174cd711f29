"""What the chart knows about one refill request, gathered for `refill_rules`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from backends.fhir_time import FhirTimeError, day, fhir_instant
from backends.medicines import label_of, ordered_taking, pharmacy_of_order, prescriber_id, supply_days
from backends.practice import Practice
from backends.refill_policy import DrugFacts, Policy, drug_facts
from backends.refill_rules import RefillFacts
from backends.refusals import Json
from backends.store import ChartStore
from models.domain import RequestRefill
from models.errors import NotFound
from models.tables import IdentityAttempt

PHONE_CLASS = "VR"  # a call is no visit
OPEN_TASK_STATUSES = "requested,received,accepted,ready,in-progress,on-hold"


@dataclass(frozen=True, slots=True)
class Fills:
    """What is on record of an order's fills."""

    count: int | None
    last: date | None
    days: int | None
    estimated: bool = False


class FactFinder:
    """Reads the chart within the caller's transaction."""

    def __init__(self, store: ChartStore, practice: Practice, policy: Policy) -> None:
        self._store = store
        self._practice = practice
        self._policy = policy

    def order(self, session: Session, wish: RequestRefill) -> Json:
        """The patient's own order, locked until the transaction ends. Raises `NotFound` for any other."""
        stored = self._store.find(session, "MedicationRequest", wish.order_id, lock=True)
        subject = stored.body["subject"].get("reference") if stored else ""
        if stored is None or subject != f"Patient/{wish.patient_id}" or stored.body["intent"] == "proposal":
            raise NotFound("no such order for this patient")
        return stored.body

    def facts(
        self, session: Session, wish: RequestRefill, order: Json, call_id: str, now: datetime
    ) -> RefillFacts:
        """Everything the rules ask about."""
        label = label_of(order)
        drug = drug_facts(label, self._policy)
        fills = self._fills(session, order)
        repeats = order.get("dispenseRequest", {}).get("numberOfRepeatsAllowed")
        return RefillFacts(
            today=now.astimezone(self._practice.zone).date(),
            drug=drug,
            label=label,
            said=wish.said,
            taking=wish.taking,
            described=wish.described,
            ordered_taking=ordered_taking(order),
            days_left=wish.days_left,
            identified=_identified(session, call_id),
            order_active=order["status"] == "active",
            new_problem=wish.new_problem,
            prescriber_here=self._prescriber_here(session, order),
            ordered_on=_day_of(order.get("authoredOn")),
            fills_allowed=None if repeats is None else int(repeats) + 1,
            fills_made=fills.count,
            last_fill=fills.last,
            last_fill_days=fills.days,
            last_fill_estimated=fills.estimated,
            last_visit=self._last_visit(session, wish.patient_id),
            labs=self._labs(session, wish.patient_id, drug),
            pharmacy_said=wish.pharmacy,
            pharmacy_on_file=pharmacy_of_order(self._store, session, order),
            open_request=self.open_request(session, wish, now)[0],
        )

    def open_request(self, session: Session, wish: RequestRefill, now: datetime) -> tuple[str, Json | None]:
        """(reference, Task) of an open request of the last days for this order, ("", None) without one."""
        since = now - timedelta(days=self._policy.dedupe_days)
        tasks = self._store.all(
            session,
            "Task",
            ("patient", f"Patient/{wish.patient_id}"),
            ("status", OPEN_TASK_STATUSES),
            ("authored-on", f"ge{fhir_instant(since)}"),
        )
        for task in tasks:
            focus = task.get("focus", {}).get("reference", "")
            if wish.order_id in (_id(focus), self._prior_order(session, focus)):
                return f"Task/{task['id']}", task
        return "", None

    def _prior_order(self, session: Session, reference: str) -> str:
        """The order that a proposal renews."""
        if not reference.startswith("MedicationRequest/"):
            return ""
        stored = self._store.find(session, "MedicationRequest", _id(reference))
        return _id(stored.body.get("priorPrescription", {}).get("reference", "")) if stored else ""

    def _fills(self, session: Session, order: Json) -> Fills:
        found = self._store.all(
            session,
            "MedicationDispense",
            ("prescription", f"MedicationRequest/{order['id']}"),
            ("status", "completed"),
        )
        dated = [(handed, item) for item in found if (handed := _day_of(item.get("whenHandedOver")))]
        if dated:
            last, item = max(dated, key=lambda pair: pair[0])
            days = supply_days(item.get("daysSupply")) or _ordered_days(order)
            return Fills(len(dated), last, days)
        return Fills(None, _day_of(order.get("authoredOn")), _ordered_days(order), estimated=True)

    def _prescriber_here(self, session: Session, order: Json) -> bool | None:
        provider_id = prescriber_id(order)
        if not provider_id:
            return None
        stored = self._store.find(session, "Practitioner", provider_id)
        active = stored is not None and stored.body.get("active") is not False
        return bool(self._practice.provider_name(provider_id)) and active

    def _last_visit(self, session: Session, patient_id: str) -> date | None:
        visits = self._store.all(
            session, "Encounter", ("patient", f"Patient/{patient_id}"), ("status", "finished")
        )
        seen = (visit for visit in visits if visit.get("class", {}).get("code") != PHONE_CLASS)
        return _newest(_day_of(visit.get("period", {}).get("start")) for visit in seen)

    def _labs(self, session: Session, patient_id: str, drug: DrugFacts) -> dict[str, date]:
        newest: dict[str, date] = {}
        for need in drug.labs:
            results = self._store.all(
                session,
                "Observation",
                ("patient", f"Patient/{patient_id}"),
                ("code", ",".join(need.loinc)),
                ("status", "final,amended,corrected"),
            )
            taken = _newest(_day_of(result.get("effectiveDateTime")) for result in results)
            if taken:
                newest[need.name] = taken
        return newest


def _identified(session: Session, call_id: str) -> bool | None:
    """True when somebody was verified in this call; otherwise not known here."""
    good = select(IdentityAttempt.id).where(
        IdentityAttempt.call_id == call_id, col(IdentityAttempt.ok).is_(True)
    )
    return True if session.exec(good).first() is not None else None


def _ordered_days(order: Json) -> int | None:
    return supply_days(order.get("dispenseRequest", {}).get("expectedSupplyDuration"))


def _newest(days: Iterable[date | None]) -> date | None:
    return max((found for found in days if found), default=None)


def _day_of(text: str | None) -> date | None:
    try:
        return day(text) if text else None
    except FhirTimeError:
        return None


def _id(reference: str) -> str:
    return reference.rpartition("/")[2]
