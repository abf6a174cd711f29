"""What a server says that it can do, from its CapabilityStatement.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fhir.shapes import objects_of

Named = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """``interactions``: resource type -> codes ("create", "read"...). Empty: the server did not say.

    ``conditional_create`` holds the types that take If-None-Exist; ``search_params`` and ``operations`` names
    by type; ``software`` what the server calls itself.
    """

    transaction: bool = False
    conditional_create: frozenset[str] = frozenset()
    interactions: Named = field(default_factory=dict)
    search_params: Named = field(default_factory=dict)
    operations: Named = field(default_factory=dict)
    software: str = ""

    def can(self, interaction: str, resource_type: str) -> bool:
        """Whether to try. A server that published no list at all is given the benefit of the doubt."""
        return not self.interactions or interaction in self.interactions.get(resource_type, frozenset())

    def finds_by(self, parameter: str, resource_type: str) -> bool:
        """Whether to search so. A type without a list of parameters is given the benefit of the doubt."""
        names = self.search_params.get(resource_type, frozenset())
        return self.can("search-type", resource_type) and (not names or parameter in names)

    def offers(self, operation: str, resource_type: str) -> bool:
        """Whether ``$operation`` is named for the type: an operation is never tried on the off chance."""
        return operation in self.operations.get(resource_type, frozenset())


def read_capabilities(statement: object) -> Capabilities:
    """From a CapabilityStatement. Anything else, or a malformed one, promises nothing. Never raises."""
    if not isinstance(statement, Mapping) or statement.get("resourceType") != "CapabilityStatement":
        return Capabilities()
    rest = _server_part(statement)
    resources = [item for item in objects_of(rest.get("resource")) if isinstance(item.get("type"), str)]
    conditional = (item["type"] for item in resources if item.get("conditionalCreate") is True)
    return Capabilities(
        transaction="transaction" in _codes(rest),
        conditional_create=frozenset(conditional),
        interactions={item["type"]: _codes(item) for item in resources},
        search_params={item["type"]: _names(item, "searchParam") for item in resources},
        operations={item["type"]: _names(item, "operation") for item in resources},
        software=_software(statement),
    )


def _server_part(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(
        (rest for rest in objects_of(statement.get("rest")) if rest.get("mode", "server") == "server"), {}
    )


def _software(statement: Mapping[str, Any]) -> str:
    """The name and the publisher: vendors fill in one or the other."""
    software = statement.get("software")
    named = software.get("name") if isinstance(software, Mapping) else None
    return " / ".join(text for text in (named, statement.get("publisher")) if isinstance(text, str) and text)


def _codes(part: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(item.get("code", "")) for item in objects_of(part.get("interaction")))


def _names(part: Mapping[str, Any], what: str) -> frozenset[str]:
    return frozenset(str(item.get("name", "")).removeprefix("$") for item in objects_of(part.get(what)))
