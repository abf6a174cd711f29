"""What this chart can do: its CapabilityStatement, https://hl7.org/fhir/R4/capabilitystatement.html."""

from __future__ import annotations

from datetime import datetime

from backends.checking import RESOURCE_TYPES
from backends.fhir_time import fhir_instant
from backends.index import Kind, parameters
from backends.refusals import Json

FHIR_VERSION = "4.0.1"
SOFTWARE = "Firstring embedded chart"

_IHE = "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment"
_OPERATIONS = ("find", "hold", "book")
_SEARCH_TYPES = {
    Kind.TOKEN: "token",
    Kind.IDENTIFIER: "token",
    Kind.TELECOM: "token",
    Kind.NAME: "string",
    Kind.REFERENCE: "reference",
    Kind.DATE: "date",
    Kind.BIRTHDATE: "date",
}


def capability_statement(now: datetime, with_operations: bool = False) -> Json:
    """The statement that ``/metadata`` serves; ``with_operations``: scheduling's, as IHE defines them."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": fhir_instant(now),
        "kind": "instance",
        "software": {"name": SOFTWARE},
        "implementation": {"description": "The chart of one medical practice"},
        "fhirVersion": FHIR_VERSION,
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "A bearer token is needed for everything but this statement."},
                "resource": [_resource(name, with_operations) for name in RESOURCE_TYPES],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


def _resource(resource_type: str, with_operations: bool) -> Json:
    interactions = ("read", "vread", "update", "history-instance", "create", "search-type")
    common = [{"name": "_id", "type": "token"}, {"name": "_lastUpdated", "type": "date"}]
    own = [
        {"name": name, "type": _SEARCH_TYPES[parameter.kind]}
        for name, parameter in sorted(parameters(resource_type).items())
    ]
    document: Json = {
        "type": resource_type,
        "interaction": [{"code": code} for code in interactions],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "searchParam": common + own,
    }
    if with_operations and resource_type == "Appointment":
        document["operation"] = [{"name": name, "definition": f"{_IHE}-{name}"} for name in _OPERATIONS]
    return document
