"""Common search parameters that FHIR R4 does not define for a type: the chart neither keeps nor names them.

Read from https://hl7.org/fhir/R4/searchparameter-registry.html; a test holds it against HL7's definitions.
"""

from __future__ import annotations

_BY_TYPE = {
    "AllergyIntolerance": "status",
    "AuditEvent": "identifier status",
    "Binary": "identifier status subject patient encounter code category",
    "CarePlan": "code",
    "CareTeam": "code",
    "CommunicationRequest": "code",
    "Composition": "code",
    "Condition": "status",
    "Endpoint": "subject patient encounter code category",
    "EpisodeOfCare": "subject encounter code category",
    "FamilyMemberHistory": "subject encounter category",
    "Flag": "status code category",
    "Goal": "status encounter code",
    "Group": "status subject patient encounter category",
    "HealthcareService": "status subject patient encounter code category",
    "ImagingStudy": "code category",
    "List": "category",
    "Media": "code category",
    "Medication": "subject patient encounter category",
    "MedicationAdministration": "category",
    "MedicationDispense": "category",
    "Organization": "status",
    "Patient": "status",
    "Practitioner": "status birthdate",
    "PractitionerRole": "status",
    "Provenance": "identifier status",
    "Questionnaire": "subject patient encounter category",
    "RelatedPerson": "status family given",
    "Schedule": "status",
    "Specimen": "encounter code category",
    "SupplyDelivery": "subject encounter code category",
}
NOT_SEARCHABLE = {kind: frozenset(names.split()) for kind, names in _BY_TYPE.items()}
