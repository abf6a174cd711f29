"""What a patient's past visits say about the next one: who saw them, how lately, and visits not kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from backends.fhir_time import FhirTimeError, fhir_instant, instant
from backends.refusals import Json
from backends.store import ChartStore

# Whoever was not seen for so long is a new patient again (Current Procedural Terminology, new patient rule).
ESTABLISHED = timedelta(days=3 * 365 + 1)
TEAM_TIME = timedelta(days=2 * 365)
NO_SHOW_TIME = timedelta(days=365)
MAX_NO_SHOWS = 3  # in that time; then staff book (domain rules section 4)
_CALL = "VR"  # an Encounter by telephone is no visit
_KEPT = ("arrived", "fulfilled", "checked-in")


@dataclass(frozen=True, slots=True)
class History:
    care_team: tuple[str, ...]
    established: bool
    no_shows: int


def history_of(store: ChartStore, session: Session, patient_id: str, now: datetime) -> History:
    """Read from the chart's Encounters and Appointments."""
    mine, since = ("patient", f"Patient/{patient_id}"), f"ge{fhir_instant(now - ESTABLISHED)}"
    visits = [*store.all(session, "Encounter", mine, ("date", since))]
    visits = [one for one in visits if one.get("status") == "finished" and is_visit(one)]
    kept = store.all(session, "Appointment", mine, ("status", ",".join(_KEPT)), ("date", since))
    seen = sorted(((at, one) for one in (*visits, *kept) if (at := _start(one))), key=lambda v: v[0])
    lately = [who for at, one in reversed(seen) if at > now - TEAM_TIME for who in _providers(one)]
    return History(
        care_team=tuple(dict.fromkeys(lately)),
        established=bool(seen),
        no_shows=no_shows(store, session, patient_id, now),
    )


def is_visit(encounter: Json) -> bool:
    """In person or by video: a telephone call with us is none."""
    by_video = "telehealth" in str(encounter.get("type", "")).lower()
    return encounter.get("class", {}).get("code") != _CALL or by_video


def no_shows(store: ChartStore, session: Session, patient_id: str, now: datetime) -> int:
    """Visits of the last twelve months that the patient did not come to."""
    since = f"ge{fhir_instant(now - NO_SHOW_TIME)}"
    mine = ("patient", f"Patient/{patient_id}")
    return len(store.all(session, "Appointment", mine, ("status", "noshow"), ("date", since)))


def _start(document: Json) -> datetime | None:
    text = document.get("period", {}).get("start") or document.get("start", "")
    try:
        return instant(text)
    except FhirTimeError:
        return None


def _providers(document: Json) -> list[str]:
    """Ids of the practitioners of an Encounter or an Appointment."""
    parts = document.get("participant", [])
    references = [(p.get("individual") or p.get("actor") or {}).get("reference", "") for p in parts]
    return [ref.removeprefix("Practitioner/") for ref in references if ref.startswith("Practitioner/")]
