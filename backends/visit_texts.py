"""A text with date and time of a visit: only to who agreed to such texts, queued with the booking itself."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from backends.identity import phones_of
from backends.practice import Practice
from backends.refusals import Json
from backends.store import ChartStore, Stored
from backends.waitlist_replies import Replies
from models.contact_tables import TextMessage, TextState
from models.texts import queue_text

PURPOSE = "visit"
_CONSENT = "StructureDefinition/visit-texts"  # Patient.extension, valueBoolean, below our system's address


class VisitTexts:
    """Queues confirmations within the caller's transaction."""

    def __init__(self, store: ChartStore, practice: Practice, system_url: str) -> None:
        self._store = store
        self._words = Replies(practice)
        self._consent = consent_url(system_url)

    def confirm(
        self, session: Session, stored: Stored, patient_id: str, start: datetime, at: datetime
    ) -> None:
        """Queue the text of a booked Appointment, once; nothing without consent or a number on file."""
        patient = self._store.find(session, "Patient", patient_id)
        number = self._number(patient.body) if patient else ""
        if number:
            key, body = _key(stored.body["id"]), self._words.booked(start)
            queue_text(session, key=key, to_number=number, body=body, purpose=PURPOSE, at=at)

    def is_queued(self, session: Session, appointment_id: str) -> bool:
        """Whether the text of an Appointment is on its way, or was sent."""
        row = session.exec(select(TextMessage).where(TextMessage.key == _key(appointment_id))).first()
        return row is not None and row.state in (TextState.QUEUED.value, TextState.SENT.value)

    def _number(self, patient: Json) -> str:
        """The number on file that takes texts best, "" without consent."""
        agreed = any(
            extension.get("url") == self._consent and extension.get("valueBoolean") is True
            for extension in patient.get("extension", [])
        )
        numbers = phones_of(patient) if agreed else set()
        mobile = {item.get("value") for item in patient.get("telecom", []) if item.get("use") == "mobile"}
        return min(numbers & mobile or numbers, default="")


def consent_url(system_url: str) -> str:
    """The extension of a Patient who agreed to texts about visits."""
    return f"{system_url.rstrip('/')}/{_CONSENT}"


def _key(appointment_id: str) -> str:
    return f"visit/{appointment_id}"
