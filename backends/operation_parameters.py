"""What a FHIR client asks of ``$find``, ``$hold`` and ``$book``: Parameters, read and checked. Pure.

https://hl7.org/fhir/R4/parameters.html; names as in IHE ITI Scheduling 1.0, and as Argonaut had them before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from backends.appointments import CANCELLATION_REASONS, patient_of, slots_of, type_code
from backends.checking import check_structure
from backends.fhir_time import FhirTimeError, day, instant
from backends.refusals import Json, refuse

MOST_FOUND = 100
# Known to the profile, of no meaning for one practice's own schedule: a client is told that they change
# nothing.
PASSED_OVER = frozenset(
    """specialty organization location-string patient-reference patient-resource reason referral-identifier
    timing insurance-reference comment""".split()
)
_KINDS = ("service-type", "visit-type")
_PLACES = ("location-reference", "location")
_APPOINTMENT = ("appointment-reference", "appt-reference")
_RESOURCE = ("appointment-resource", "appt-resource")
STATUSES = ("proposed", "pending", "booked", "cancelled")


@dataclass(frozen=True, slots=True)
class FindAsked:
    """What ``$find`` asks for. ``passed_over``: names of parameters that changed nothing."""

    start: datetime
    end: datetime
    kind: str = ""
    provider_ids: tuple[str, ...] = ()
    location_ids: tuple[str, ...] = ()
    count: int = MOST_FOUND
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BookAsked:
    """What ``$hold`` or ``$book`` is about: an Appointment, by id or slot, and what is wanted of it."""

    appointment_id: str = ""
    status: str = ""
    slot_id: str = ""
    kind: str = ""
    patient_id: str = ""
    reason: str = ""
    cancel_reason: str = "pat"


def from_query(pairs: Sequence[tuple[str, str]]) -> Json:
    """The Parameters that a GET's query says; only ``$find`` may be asked for so."""
    return {"resourceType": "Parameters", "parameter": [_from_pair(name, text) for name, text in pairs]}


def _from_pair(name: str, text: str) -> Json:
    if name in ("practitioner", *_PLACES):
        return {"name": name, "valueReference": {"reference": text}}
    return {"name": name, "valueString": text}


def read_find(body: object, zone: ZoneInfo) -> FindAsked:
    """Raises `ChartRefusal` 400 naming the parameter. A date without time is a day in ``zone``."""
    given = _Given(body)
    given.only({"start", "end", "practitioner", "_count", *_KINDS, *_PLACES, *PASSED_OVER})
    start, end = given.moment("start", zone, time.min), given.moment("end", zone, time.max)
    return FindAsked(
        start,
        end,
        kind=given.code(*_KINDS),
        provider_ids=given.references("Practitioner", "practitioner"),
        location_ids=given.references("Location", *_PLACES),
        count=given.count(),
        passed_over=tuple(sorted(PASSED_OVER & given.names)),
    )


def read_book(body: object) -> BookAsked:
    """Raises `ChartRefusal` 400 naming the parameter, 422 for an Appointment that is no valid FHIR."""
    given = _Given(body)
    given.only({*_APPOINTMENT, *_RESOURCE, *PASSED_OVER})
    references = given.references("Appointment", *_APPOINTMENT)
    patients = given.references("Patient", "patient-reference")
    appointment = given.resource(*_RESOURCE)
    if not references and appointment is None:
        raise refuse(400, "required", "which appointment?", "appointment-reference")
    asked = appointment or {}
    status = asked.get("status", "")
    if status not in ("", *STATUSES):
        raise refuse(400, "not-supported", f"one of {', '.join(STATUSES)} is needed", "Appointment.status")
    return BookAsked(
        appointment_id=references[0] if references else asked.get("id", ""),
        status=status,
        slot_id=next(iter(slots_of(asked)), ""),
        kind=type_code(asked),
        patient_id=patients[0] if patients else patient_of(asked) if asked else "",
        reason=asked.get("description", ""),
        cancel_reason=_cancel_reason(asked),
    )


def _cancel_reason(asked: Json) -> str:
    codings = asked.get("cancelationReason", {}).get("coding", [])
    known = (one.get("code", "") for one in codings if one.get("system") == CANCELLATION_REASONS)
    return next(known, "") or "pat"


class _Given:
    """The parameters by name."""

    def __init__(self, body: object) -> None:
        if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
            raise refuse(400, "structure", "the body is not a Parameters resource")
        check_structure("Parameters", body)
        self._parts: list[Json] = body.get("parameter", [])

    @property
    def names(self) -> set[str]:
        return {part["name"] for part in self._parts}

    def only(self, known: set[str]) -> None:
        for name in sorted(self.names - known):
            raise refuse(400, "not-supported", "this operation has no such parameter", name[:64])

    def _values(self, *names: str) -> list[Any]:
        return [
            part[key]
            for part in self._parts
            if part["name"] in names
            for key in part
            if key.startswith("value")
        ]

    def moment(self, name: str, zone: ZoneInfo, at: time) -> datetime:
        """A required dateTime."""
        values = self._values(name)
        if len(values) != 1 or not isinstance(values[0], str):
            raise refuse(400, "required", "one date or time is needed", name)
        text = values[0]
        try:
            return instant(text) if "T" in text else datetime.combine(day(text), at, zone)
        except FhirTimeError:
            raise refuse(400, "value", "not a FHIR date or time", name) from None

    def code(self, *names: str) -> str:
        """The first code, out of "system|code", a Coding or a CodeableConcept; "" when none is given."""
        for value in self._values(*names):
            if isinstance(value, str):
                return value.rpartition("|")[2]
            codings = value.get("coding", [value]) if isinstance(value, dict) else []
            return str(next((one["code"] for one in codings if one.get("code")), ""))
        return ""

    def references(self, resource_type: str, *names: str) -> tuple[str, ...]:
        """The ids that references name, relative or whole."""
        found: list[str] = []
        for value in self._values(*names):
            text = value.get("reference", "") if isinstance(value, dict) else ""
            kind, _, resource_id = "/".join(text.rsplit("/", 2)[-2:]).partition("/")
            if kind != resource_type or not resource_id:
                raise refuse(400, "value", f"a reference such as {resource_type}/1 is needed", names[0])
            found.append(resource_id)
        return tuple(found)

    def resource(self, *names: str) -> Json | None:
        parts = [part["resource"] for part in self._parts if part["name"] in names and "resource" in part]
        if not parts:
            return None
        if parts[0].get("resourceType") != "Appointment":
            raise refuse(400, "invariant", "an Appointment is needed", names[0])
        return dict(parts[0])

    def count(self) -> int:
        values = self._values("_count")
        if not values:
            return MOST_FOUND
        text = str(values[0])
        if not (text.isascii() and text.isdigit() and 0 < len(text) < 6):
            raise refuse(400, "value", "_count must be a whole number", "_count")
        return min(int(text), MOST_FOUND)
