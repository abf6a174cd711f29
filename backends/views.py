"""The part of a chart that a call may know of, by identity level and by who speaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from backends.appointments import Appointments, booked_visit, type_code
from backends.checkins import EmbeddedCheckins
from backends.confidential import is_confidential_medicine, is_confidential_visit, is_part_2
from backends.fhir_time import FhirTimeError, day, fhir_instant, instant
from backends.identity import is_current, spoken_name
from backends.medicines import active_orders, medicine, pharmacy_of_order
from backends.practice import Practice
from backends.refill_requests import open_requests
from backends.refusals import Json
from backends.store import ChartStore
from backends.visit_history import history_of, is_visit
from models.domain import IdentityLevel, OpenRequest, PastVisit, PatientView, WaitlistPlace
from models.errors import NotFound

Places = Callable[[Session, str, datetime], tuple[WaitlistPlace, ...]]


class Views:
    """Makes patients' views within the caller's transaction."""

    def __init__(
        self,
        store: ChartStore,
        practice: Practice,
        system_url: str,
        places: Places,
        checkins: EmbeddedCheckins,
    ) -> None:
        self._checkins = checkins
        self._store = store
        self._places = places
        self._practice = practice
        self._appointments = Appointments(store, practice, system_url)

    def view(
        self, session: Session, patient_id: str, level: IdentityLevel, now: datetime, *, by_proxy: bool
    ) -> PatientView:
        """Raises `NotFound` for a patient who is not there, or not any more."""
        stored = self._store.find(session, "Patient", patient_id)
        if stored is None or not is_current(stored.body):
            raise NotFound("no such patient")
        orders = active_orders(self._store, session, patient_id)
        visits = self._appointments.upcoming(session, patient_id, now)
        part_2 = any(map(is_part_2, (stored.body, *orders)))
        if by_proxy:
            orders = [o for o in orders if not is_confidential_medicine(o, medicine(o).name)]
            visits = [visit for visit in visits if not self._is_confidential(visit)]
        provider_id = _usual_provider(stored.body)
        pharmacies = (pharmacy_of_order(self._store, session, order) for order in orders)
        history = history_of(self._store, session, patient_id, now)
        at_l2 = level is IdentityLevel.L2
        return PatientView(
            patient_id=patient_id,
            given_name=spoken_name(stored.body).split(" ")[0],
            level=level,
            medicines=tuple(medicine(order) for order in orders),
            visits=tuple(booked_visit(visit, self._practice) for visit in visits),
            pharmacy_name=next((name for name in pharmacies if name), ""),
            provider_id=provider_id,
            provider_name=self._practice.provider_name(provider_id),
            last_visit=self._last_visit(session, patient_id, now, by_proxy) if at_l2 else None,
            waitlist=self._places(session, patient_id, now),
            open_requests=self._requests(session, patient_id, now, orders if by_proxy else None),
            may_be_read_out=at_l2 and not part_2,
            checkins=self._checkins.fitting(session, patient_id, now, by_proxy=by_proxy),
            open_checkin=None if by_proxy else self._checkins.begun(session, patient_id, now),
            care_team=tuple(who for who in history.care_team if self._practice.provider_name(who)),
            established=history.established,
            no_shows=history.no_shows,
        )

    def _requests(
        self, session: Session, patient_id: str, now: datetime, orders: list[Json] | None
    ) -> tuple[OpenRequest, ...]:
        """Of the orders that may be known of; None: of all."""
        found = open_requests(self._store, session, patient_id, now, self._practice.zone)
        known = None if orders is None else {order["id"] for order in orders}
        return tuple(one for one in found if known is None or one.order_id in known)

    def _is_confidential(self, visit: Json) -> bool:
        return is_confidential_visit(visit, type_code(visit), self._practice.confidential_visit_types)

    def _last_visit(
        self, session: Session, patient_id: str, now: datetime, by_proxy: bool
    ) -> PastVisit | None:
        """The newest visit that has ended; a marked one is left out for who speaks for the patient."""
        found = self._store.all(
            session,
            "Encounter",
            ("patient", f"Patient/{patient_id}"),
            ("status", "finished"),
            ("date", f"le{fhir_instant(now)}"),
        )
        visits = [v for v in found if is_visit(v) and not (by_proxy and self._is_confidential(v))]
        days = [(_day(visit, self._practice.zone), visit) for visit in visits]
        dated = [(when, visit) for when, visit in days if when is not None]
        if not dated:
            return None
        when, visit = max(dated, key=lambda pair: pair[0])
        return PastVisit(when, self._practice.provider_name(_seen_by(visit)))


def _day(encounter: Json, zone: ZoneInfo) -> date | None:
    start = str(encounter.get("period", {}).get("start", ""))
    try:
        return instant(start).astimezone(zone).date() if "T" in start else day(start)
    except FhirTimeError:
        return None


def _seen_by(encounter: Json) -> str:
    people = (item.get("individual", {}).get("reference", "") for item in encounter.get("participant", []))
    mine = (ref.removeprefix("Practitioner/") for ref in people if ref.startswith("Practitioner/"))
    return str(next(mine, ""))


def _usual_provider(patient: Json) -> str:
    references = (item.get("reference", "") for item in patient.get("generalPractitioner", []))
    mine = (ref.removeprefix("Practitioner/") for ref in references if ref.startswith("Practitioner/"))
    return str(next(mine, ""))
