"""Who may speak for a patient: RelatedPerson and Consent of the chart.

https://hl7.org/fhir/R4/relatedperson.html and https://hl7.org/fhir/R4/consent.html. An adult needs a Consent
in force whose provision names the person and one of our scopes; a Consent without them is somebody's to read,
not ours to interpret. A parent or guardian on file of a patient under 18 needs none (45 CFR 164.502(g)(3)).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from backends.fhir_time import FhirTimeError, fhir_instant, interval, sortable
from backends.identity import Likeness, name_matches, names_of
from backends.refusals import Json
from backends.store import ChartStore
from models.domain import Authority, ProxyScope, RecordPermission

ADULT_YEARS = 18
ROLE_CODES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
# Parents and guardians, https://terminology.hl7.org/ValueSet-v3-PersonalRelationshipRoleType.html
_GUARDIANS = frozenset(
    {
        *("PRN", "PRNFOST", "FTH", "FTHFOST", "NFTH", "NFTHF", "STPFTH", "MTH", "MTHFOST", "NMTH", "STPMTH"),
        *("ADOPTP", "ADOPTF", "ADOPTM", "NPRN", "STPPRN", "GUARD", "GUADLTM", "HPOWATT"),
    }
)


def authority_of(
    store: ChartStore,
    session: Session,
    patient: Json,
    caller_names: Sequence[str],
    now: datetime,
    scope_system: str,
) -> Authority | None:
    """What the one related person of these names may do for the patient now; None for nobody or several."""
    people = store.all(session, "RelatedPerson", ("patient", f"Patient/{patient['id']}"))
    person = _only_fitting([p for p in people if _is_current(p, now)], caller_names)
    if person is None:
        return None
    if age_years(patient, now.date()) < ADULT_YEARS and _codes(person) & _GUARDIANS:
        return Authority((ProxyScope.ALL,), f"RelatedPerson/{person['id']}", relationship_of(person))
    consents = store.all(session, "Consent", ("patient", f"Patient/{patient['id']}"), ("status", "active"))
    scopes = dict.fromkeys(s for consent in consents for s in _scopes(consent, person, now, scope_system))
    basis = f"RelatedPerson/{person['id']}"
    return Authority(tuple(scopes), basis, relationship_of(person)) if scopes else None


def age_years(patient: Json, today: date) -> int:
    """Whole years; of a chart without an exact birth date 0, so that it counts as a child's."""
    try:
        born = date.fromisoformat(str(patient.get("birthDate", "")))
    except ValueError:
        return 0
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def relationship_of(person: Json) -> str:
    """As the chart words it: "daughter"."""
    concepts = person.get("relationship", [])
    texts = [str(concept.get("text", "")) for concept in concepts]
    displays = [str(coding.get("display", "")) for c in concepts for coding in c.get("coding", [])]
    return next((text for text in (*texts, *displays) if text), "")


def permission(
    wish: RecordPermission, now: datetime, day_end: datetime, system_url: str, call_id: str
) -> Json:
    """The Consent for a permission given by the patient's own voice; in force until the end of the day."""
    relationship = f", {wish.relationship}" if wish.relationship else ""
    return {
        "resourceType": "Consent",
        "identifier": [{"system": f"{system_url}/call", "value": f"{call_id}/consent/{wish.action_id}"}],
        "status": "active",
        "scope": _concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "category": [_concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "INFA")],
        "patient": {"reference": f"Patient/{wish.patient_id}"},
        "dateTime": fhir_instant(now),
        "policyRule": {"text": "Permission by the patient's voice on a telephone call"},
        "verification": [
            {
                "verified": True,
                "verifiedWith": {"reference": f"Patient/{wish.patient_id}"},
                "verificationDate": fhir_instant(now),
            }
        ],
        "provision": {
            "type": "permit",
            "period": {"start": fhir_instant(now), "end": fhir_instant(day_end)},
            "actor": [
                {
                    "role": _concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "DELEGATEE"),
                    "reference": {"display": f"{wish.caller_name}{relationship}"},
                }
            ],
            "code": [_concept(f"{system_url}/cs/proxy-scope", ProxyScope.ALL.value)],
        },
    }


def _concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _only_fitting(people: Sequence[Json], caller_names: Sequence[str]) -> Json | None:
    """Names as spelled go before names that sound alike."""
    for likeness in Likeness:
        fitting = [person for person in people if name_matches(caller_names, names_of(person), likeness)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _is_current(person: Json, now: datetime) -> bool:
    return person.get("active") is not False and _in_force(person.get("period"), now)


def _in_force(period: Any, now: datetime) -> bool:
    """An absent period is open; one that cannot be read is not in force."""
    if period is None:
        return True
    try:
        low, high = interval(period)
    except FhirTimeError:
        return False
    return low <= sortable(now) < high


def _codes(person: Json) -> frozenset[str]:
    concepts = person.get("relationship", [])
    return frozenset(str(coding.get("code", "")) for c in concepts for coding in c.get("coding", []))


def _scopes(consent: Json, person: Json, now: datetime, scope_system: str) -> Iterator[ProxyScope]:
    """The scopes that a consent in force gives this person."""
    provision = consent.get("provision", {})
    named = {actor.get("reference", {}).get("reference") for actor in provision.get("actor", [])}
    permits = provision.get("type") == "permit" and _in_force(provision.get("period"), now)
    if not permits or f"RelatedPerson/{person['id']}" not in named:
        return
    known = {scope.value: scope for scope in ProxyScope}
    for concept in provision.get("code", []):
        for coding in concept.get("coding", []):
            if coding.get("system") == scope_system and coding.get("code") in known:
                yield known[coding["code"]]
