"""What the chart has about many refill requests at once, with a few statements: read, nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from backends.fhir_time import FhirTimeError, day
from backends.identity import spoken_name
from backends.medicines import label_of, supply_days
from backends.patient_state import why_closed
from backends.refill_answers import answer_of
from backends.refill_case import LabFound, Patient, Said, Supply
from backends.refill_facts import PHONE_CLASS
from backends.refill_policy import DrugFacts, LabNeed, Policy, drug_facts
from backends.refill_rules import within
from backends.refusals import Json
from backends.store import ChartStore
from models.codec import from_json
from models.domain import RequestRefill
from models.tables import DoneActionRow, StaffTask

ADDED = ("reason for an early refill", "supply, as the caller says")  # as backends.refill_adding names them
GONE = "no longer here"
ORDER, PHARMACY = "MedicationRequest/", "Organization/"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Documents by id; ``fills`` by order, ``visits`` by patient, ``results`` by patient and LOINC code: the
    latest of each. ``wishes``: what calls ordered, by call and action."""

    orders: Mapping[str, Json]
    people: Mapping[str, Patient]
    pharmacies: Mapping[str, Json]
    drugs: Mapping[str, DrugFacts]
    fills: Mapping[str, Json]
    visits: Mapping[str, Json]
    results: Mapping[tuple[str, str], Json]
    issues: Mapping[str, tuple[str, ...]]
    wishes: Mapping[tuple[str, str], tuple[RequestRefill, int]]

    def asked(self, task: Json) -> Json:
        """The proposal, or the order where there is none."""
        return self.orders.get(focus_of(task), {})

    def before(self, task: Json) -> Json:
        """The order that a proposal renews."""
        asked = self.asked(task)
        return self.orders.get(_prior(asked), {}) or asked

    def patient(self, patient_id: str) -> Patient:
        return self.people.get(patient_id) or Patient(patient_id, "", "", GONE)

    def pharmacy(self, order: Json) -> str:
        performer = order.get("dispenseRequest", {}).get("performer", {})
        known = self.pharmacies.get(_id(str(performer.get("reference", ""))), {})
        return str(known.get("name") or performer.get("display", ""))

    def said(self, row: StaffTask, texts: Mapping[str, str]) -> Said:
        more = tuple(text for name, text in texts.items() if name.startswith(ADDED))
        if (row.call_id, row.action_id) not in self.wishes:
            return Said(more=more)
        wish, turn = self.wishes[row.call_id, row.action_id]
        return Said(
            medicine=wish.said,
            taking=wish.taking,
            beside=wish.beside,
            pharmacy=wish.pharmacy,
            problem=wish.problem if wish.new_problem else "",
            days_left=wish.days_left,
            more=more,
            turn=turn,
        )

    def supply(self, order: Json, today: date) -> Supply:
        """By the last fill; by the order where none is on record."""
        ordered = supply_days(order.get("dispenseRequest", {}).get("expectedSupplyDuration"))
        fill = self.fills.get(order.get("id", ""))
        if fill is None:
            return _supply(_day(order.get("authoredOn")), ordered, today, estimated=True)
        days = supply_days(fill.get("daysSupply")) or ordered
        return _supply(_day(fill.get("whenHandedOver")), days, today, estimated=False)

    def last_visit(self, patient_id: str) -> date | None:
        return _day(self.visits.get(patient_id, {}).get("period", {}).get("start"))

    def labs(self, patient_id: str, drug: DrugFacts, today: date) -> tuple[LabFound, ...]:
        return tuple(self._lab(patient_id, need, today) for need in drug.labs)

    def _lab(self, patient_id: str, need: LabNeed, today: date) -> LabFound:
        found = [self.results[patient_id, code] for code in need.loinc if (patient_id, code) in self.results]
        dated = [(taken, one) for one in found if (taken := _day(one.get("effectiveDateTime")))]
        if not dated:
            return LabFound(need.name, None, "", need.months, recent=False)
        taken, result = max(dated, key=lambda pair: pair[0])
        return LabFound(need.name, taken, _value(result), need.months, within(taken, today, need.months))


def gather(
    store: ChartStore, session: Session, asked: Sequence[tuple[StaffTask, Json]], policy: Policy
) -> Gathered:
    """``asked``: rows of the queue with their Tasks in the chart."""
    rows = [row for row, _ in asked]
    orders = store.several(session, "MedicationRequest", [focus_of(task) for _, task in asked])
    orders |= store.several(session, "MedicationRequest", [_prior(one) for one in orders.values()])
    labels = {label_of(orders.get(focus_of(task), {})) or answer_of(task).medicine for _, task in asked}
    drugs = {label: drug_facts(label, policy) for label in labels}
    patients = sorted({row.patient_id for row in rows if row.patient_id})
    return Gathered(
        orders=orders,
        people=patients_of(store, session, patients),
        pharmacies=store.several(session, "Organization", list(_pharmacies(orders.values()))),
        drugs=drugs,
        fills=_fills(store, session, list(orders)),
        visits=_visits(store, session, patients),
        results=_results(store, session, patients, drugs.values()),
        issues=issues_of(store, session, patients),
        wishes=_wishes(session, rows),
    )


def patients_of(store: ChartStore, session: Session, ids: Sequence[str]) -> dict[str, Patient]:
    """Everyone of ``ids``, also who is not in the chart any more."""
    found = store.several(session, "Patient", ids)
    return {one: _patient(one, found.get(one)) for one in ids}


def _patient(patient_id: str, body: Json | None) -> Patient:
    if body is None:
        return Patient(patient_id, "", "", GONE)
    return Patient(patient_id, spoken_name(body), str(body.get("birthDate", "")), why_closed(body))


def _fills(store: ChartStore, session: Session, orders: Sequence[str]) -> dict[str, Json]:
    refs, done = [f"{ORDER}{one}" for one in orders], {"status": ["completed"]}
    found = store.latest_of_each(session, "MedicationDispense", "prescription", refs, "whenhandedover", done)
    return {_id(ref): fill for (ref, _), fill in found.items()}


def _visits(store: ChartStore, session: Session, patients: Sequence[str]) -> dict[str, Json]:
    done, but = {"status": ["finished"]}, ("class", PHONE_CLASS)
    found = store.latest_of_each(session, "Encounter", "patient", _refs(patients), "date", done, but)
    return {_id(ref): visit for (ref, _), visit in found.items()}


def _results(
    store: ChartStore, session: Session, patients: Sequence[str], drugs: Iterable[DrugFacts]
) -> dict[tuple[str, str], Json]:
    codes = sorted({code for drug in drugs for need in drug.labs for code in need.loinc})
    wanted = {"code": codes, "status": ["final", "amended", "corrected"]}
    if not codes:
        return {}
    found = store.latest_of_each(session, "Observation", "patient", _refs(patients), "date", wanted)
    return {(_id(ref), code): result for (ref, code), result in found.items()}


def issues_of(store: ChartStore, session: Session, patients: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What the screen of pairs has found and nobody has dismissed."""
    if not patients:
        return {}
    mine = ("patient", ",".join(_refs(patients)))
    found: dict[str, tuple[str, ...]] = {}
    for issue in store.all(session, "DetectedIssue", mine, ("status", "preliminary,final")):
        whose = _id(str(issue.get("patient", {}).get("reference", "")))
        detail = str(issue.get("detail", "")).partition("; found by")[0]
        found[whose] = (*found.get(whose, ()), detail)
    return found


def _wishes(session: Session, rows: Sequence[StaffTask]) -> dict[tuple[str, str], tuple[RequestRefill, int]]:
    """What the callers ordered, with the turn."""
    calls, actions = {row.call_id for row in rows if row.call_id}, {row.action_id for row in rows}
    query = select(DoneActionRow).where(
        col(DoneActionRow.call_id).in_(calls), col(DoneActionRow.action_id).in_(actions)
    )
    found: dict[tuple[str, str], tuple[RequestRefill, int]] = {}
    for done in session.exec(query).all():
        wish = from_json(done.action)
        if isinstance(wish, RequestRefill):
            found[done.call_id, done.action_id] = (wish, done.turn_number)
    return found


def _refs(patients: Sequence[str]) -> list[str]:
    return [f"Patient/{one}" for one in patients]


def _pharmacies(orders: Iterable[Json]) -> Iterable[str]:
    for order in orders:
        reference = str(order.get("dispenseRequest", {}).get("performer", {}).get("reference", ""))
        if reference.startswith(PHARMACY):
            yield _id(reference)


def focus_of(task: Json) -> str:
    """The id of the order or proposal that a Task is about, "" for none."""
    reference = str(task.get("focus", {}).get("reference", ""))
    return _id(reference) if reference.startswith(ORDER) else ""


def _prior(order: Json) -> str:
    return _id(str(order.get("priorPrescription", {}).get("reference", "")))


def _supply(last: date | None, days: int | None, today: date, *, estimated: bool) -> Supply:
    left = None if last is None or days is None else days - (today - last).days
    return Supply(last, days, left, estimated)


def _value(result: Json) -> str:
    """ "4.2 mmol/L", "" where the result is no quantity."""
    quantity = result.get("valueQuantity", {})
    if not isinstance(quantity.get("value"), int | float):
        return ""
    return f"{quantity['value']:g} {quantity.get('unit', '')}".strip()


def _day(text: str | None) -> date | None:
    try:
        return day(text) if text else None
    except FhirTimeError:
        return None


def _id(reference: str) -> str:
    return reference.rpartition("/")[2]
