"""The coded values of what we write, each with the page that defines it."""

from __future__ import annotations

from typing import Any

from models.domain import TaskKind

Json = dict[str, Any]

# https://terminology.hl7.org/CodeSystem-v3-ActCode.html: R4 has no class for a phone call; VR is "virtual".
VIRTUAL: Json = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "VR",
    "display": "virtual",
}
# https://browser.ihtsdotools.org/?conceptId1=185317003
TELEPHONE_ENCOUNTER: Json = {
    "system": "http://snomed.info/sct",
    "code": "185317003",
    "display": "Telephone encounter",
}
# https://loinc.org/34748-4
TELEPHONE_NOTE: Json = {
    "system": "http://loinc.org",
    "code": "34748-4",
    "display": "Telephone encounter Note",
}
# https://hl7.org/fhir/us/core/STU6.1/CodeSystem-us-core-documentreference-category.html
CLINICAL_NOTE: Json = {
    "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
    "code": "clinical-note",
    "display": "Clinical Note",
}
# "Artificial Intelligence asserted", https://build.fhir.org/ig/HL7/aitransparency-ig/
AI_ASSERTED: Json = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "AIAST"}
# "Patient asserted", https://terminology.hl7.org/CodeSystem-v3-ObservationValue.html
PATIENT_ASSERTED: Json = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "PATAST",
}
# https://terminology.hl7.org/CodeSystem-observation-category.html
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
AI_DEVICE: Json = {
    "system": "http://hl7.org/fhir/uv/aitransparency/CodeSystem/AIdeviceTypeCS",
    "code": "Artificial-Intelligence",
}
# https://terminology.hl7.org/CodeSystem-communication-category.html
NOTIFICATION: Json = {
    "system": "http://terminology.hl7.org/CodeSystem/communication-category",
    "code": "notification",
}
# https://terminology.hl7.org/CodeSystem-v3-ParticipationMode.html
BY_PHONE: Json = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "code": "PHONE"}

# https://hl7.org/fhir/us/core/STU6.1/
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
# https://terminology.hl7.org/CodeSystem-appointment-cancellation-reason.html
CANCELLATION = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
# https://hl7.org/fhir/R4/rxnorm.html
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
# https://terminology.hl7.org/CodeSystem-audit-event-type.html, https://hl7.org/fhir/R4/codesystem-restful-interaction.html
REST: Json = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"}
CREATE: Json = {"system": "http://hl7.org/fhir/restful-interaction", "code": "create"}
# https://terminology.hl7.org/CodeSystem-object-role.html
ROLE_PATIENT: Json = {"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1"}
ROLE_DOMAIN_RESOURCE: Json = {"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "4"}
# "Source Role ID", DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_402.html
SOURCE_ROLE: Json = {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110153"}
TREATMENT: Json = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "TREAT"}
# "mimeType Sufficient": the text is what it says it is, http://profiles.ihe.net/fhir/ihe.formatcode.fhir/
PLAIN_FORMAT: Json = {
    "system": "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
    "code": "urn:ihe:iti:xds:2017:mimeTypeSufficient",
}
# https://hl7.org/fhir/R4/codesystem-task-code.html
TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
# https://terminology.hl7.org/CodeSystem-provenance-participant-type.html
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

_HOUR_S = 3_600
# How long a task may wait before somebody is told again; the practice's own hours are not counted here.
DUE_AFTER_S: dict[TaskKind, int] = {
    TaskKind.RED_FLAG_911: 300,
    TaskKind.NURSE_NOW: 300,
    TaskKind.SAME_DAY_CALLBACK: 4 * _HOUR_S,
    TaskKind.REFILL_REVIEW: 48 * _HOUR_S,
    TaskKind.CONTROLLED_REFILL: 48 * _HOUR_S,
}
DUE_AFTER_ROUTINE_S = 24 * _HOUR_S
APPROVALS = frozenset({TaskKind.REFILL_REVIEW, TaskKind.CONTROLLED_REFILL, TaskKind.MED_CHANGE_REQUEST})


def participant(code: str) -> Json:
    return {"coding": [{"system": PARTICIPANT, "code": code}]}
