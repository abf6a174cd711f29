"""What US Core 6.1.0 wants supported of the resources that we write, element by element, read by hand.

Source: the profile pages under https://hl7.org/fhir/us/core/STU6.1/. "Must support" binds whoever has the
data: an element that we leave out has its reason here.
"""

from __future__ import annotations

FILLED = ""
_NOT_KNOWN = "a telephone call has none"
_NO_DEVICE = "R4 allows no Device here: who answered stands in author and Provenance"
_PRESCRIBER = "for the prescriber to say: a proposal orders nothing"

# (profile, element) -> FILLED, or why not
MUST_SUPPORTS: dict[tuple[str, str], str] = {
    ("Encounter", "identifier.system"): FILLED,
    ("Encounter", "identifier.value"): FILLED,
    ("Encounter", "status"): FILLED,
    ("Encounter", "class"): FILLED,
    ("Encounter", "type"): FILLED,
    ("Encounter", "subject"): FILLED,
    ("Encounter", "participant"): _NO_DEVICE,
    ("Encounter", "period"): FILLED,
    ("Encounter", "reasonCode"): FILLED,
    ("Encounter", "reasonReference"): "the reason is the caller's words, not a Condition",
    ("Encounter", "hospitalization"): _NOT_KNOWN,
    ("Encounter", "location"): _NOT_KNOWN,
    ("Encounter", "serviceProvider"): FILLED,
    ("DocumentReference", "identifier"): FILLED,
    ("DocumentReference", "status"): FILLED,
    ("DocumentReference", "type"): FILLED,
    ("DocumentReference", "category"): FILLED,
    ("DocumentReference", "subject"): FILLED,
    ("DocumentReference", "date"): FILLED,
    ("DocumentReference", "author"): FILLED,
    ("DocumentReference", "content.attachment.contentType"): FILLED,
    ("DocumentReference", "content.attachment.data"): FILLED,
    ("DocumentReference", "content.attachment.url"): "the text travels inside (data)",
    ("DocumentReference", "content.format"): FILLED,
    ("DocumentReference", "context.encounter"): FILLED,
    ("DocumentReference", "context.period"): FILLED,
    ("Provenance", "target.reference"): FILLED,
    ("Provenance", "recorded"): FILLED,
    ("Provenance", "agent.type"): FILLED,
    ("Provenance", "agent.who"): FILLED,
    ("Provenance", "agent.onBehalfOf"): FILLED,
    ("MedicationRequest", "status"): FILLED,
    ("MedicationRequest", "intent"): FILLED,
    ("MedicationRequest", "category"): _PRESCRIBER,
    ("MedicationRequest", "reportedBoolean"): "it is no report of what somebody else ordered",
    ("MedicationRequest", "medicationCodeableConcept"): FILLED,
    ("MedicationRequest", "subject"): FILLED,
    ("MedicationRequest", "encounter"): FILLED,
    ("MedicationRequest", "authoredOn"): FILLED,
    ("MedicationRequest", "requester"): FILLED,
    ("MedicationRequest", "reasonCode"): _PRESCRIBER,
    ("MedicationRequest", "dosageInstruction"): _PRESCRIBER,
    ("MedicationRequest", "dispenseRequest.numberOfRepeatsAllowed"): _PRESCRIBER,
    ("MedicationRequest", "dispenseRequest.quantity"): _PRESCRIBER,
    ("QuestionnaireResponse", "identifier"): FILLED,
    ("QuestionnaireResponse", "questionnaire"): FILLED,
    ("QuestionnaireResponse", "status"): FILLED,
    ("QuestionnaireResponse", "subject"): FILLED,
    ("QuestionnaireResponse", "authored"): FILLED,
    ("QuestionnaireResponse", "author"): FILLED,
    ("QuestionnaireResponse", "item.linkId"): FILLED,
    ("QuestionnaireResponse", "item.text"): FILLED,
    ("QuestionnaireResponse", "item.answer"): FILLED,
    ("Observation", "status"): FILLED,
    ("Observation", "category"): FILLED,
    ("Observation", "code"): FILLED,
    ("Observation", "subject"): FILLED,
    ("Observation", "effectiveDateTime"): FILLED,
    ("Observation", "performer"): _NO_DEVICE,
    ("Observation", "derivedFrom"): FILLED,
    ("Observation", "hasMember"): "scores point at the answers they come from (derivedFrom)",
    ("Observation", "dataAbsentReason"): "what was not answered makes no Observation; the answers say why",
}
