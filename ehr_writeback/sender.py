"""One resource, or one Bundle, to one FHIR server: exactly one copy there, whatever the server offers.

Three ways, by its CapabilityStatement: a transaction with ``ifNoneExist`` per entry, ``If-None-Exist`` per
resource, or search by identifier before every POST. A repeated attempt always looks first: the one before may
have been carried out without our hearing of it. https://hl7.org/fhir/R4/http.html#ccreate
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ehr_writeback.fitting import Unfit, fitted
from ehr_writeback.planned import Json, identifier_query, identifier_token, identifiers, is_change
from ehr_writeback.vendors import BY_PLACE, Vendor, vendor_of
from fhir.capability import Capabilities
from fhir.client import FhirClient, Stored, reference_in
from fhir.errors import (
    Conflicting,
    FhirError,
    NetworkAmbiguous,
    RefusedDespiteSuccess,
    Unverifiable,
    WrongAnswer,
    error_for,
)
from fhir.matching import Match, Person, match_patient
from fhir.outcome import issues_of
from fhir.shapes import object_of, objects_of

HELD_FOR_REVIEW = 202


class Sender:
    """Speaks to one server with what it is known to offer.

    ``practitioner_ref`` stands in where a server wants a person as author or sender, "" when nobody may.
    """

    def __init__(self, client: FhirClient, capabilities: Capabilities, practitioner_ref: str = "") -> None:
        self._client = client
        self._capabilities = capabilities
        self._vendor: Vendor = vendor_of(capabilities.software)
        self._practitioner_ref = practitioner_ref

    def fit(self, resource: Json) -> Json | Unfit:
        """The resource in the form that this server takes, or why it takes none."""
        kind = str(resource["resourceType"])
        if is_change(resource):
            return resource if self._changes(kind) else Unfit(f"the server changes no {kind}")
        if not self._capabilities.can("create", kind):
            return Unfit(f"the server takes no {kind}")
        return fitted(resource, self._vendor, self._practitioner_ref)

    def _changes(self, kind: str) -> bool:
        cell = BY_PLACE.get((self._vendor, kind))
        listed = cell is None or "update" in cell.interactions.split()
        return listed and self._capabilities.can("update", kind)

    async def change(self, wish: Json) -> Stored:
        """Set what is to be set in the resource that stands there, in the version that was read; once.

        Raises `FhirError`; `Conflicting` when somebody else changed it meanwhile, `Unverifiable` when what is
        named by identifier is not found.
        """
        found = None if "target" in wish else await self.find(wish)
        if found is None and "target" not in wish:
            raise Unverifiable(f"find the {wish['resourceType']} to change")
        stands = await self._client.read(found.reference if found else wish["target"]["reference"])
        now = stands.resource or {}
        if all(now.get(name) == value for name, value in wish["set"].items()):
            return stands
        changed = await self._client.update({**now, **wish["set"]}, if_match=stands.etag)
        return changed if changed.reference else stands

    async def match(self, person: Person) -> Match:
        """The chart there that is certainly this person's. Raises `FhirError`."""
        return await match_patient(self._client, self._capabilities, person)

    def bundles(self, resources: Sequence[Mapping[str, Any]]) -> bool:
        """Whether these may go as one transaction: only if each entry can be repeated without harm."""
        return self._capabilities.transaction and all(self._conditional(resource) for resource in resources)

    def _conditional(self, resource: Mapping[str, Any]) -> bool:
        named = str(resource["resourceType"]) in self._capabilities.conditional_create
        return named and bool(identifier_query(resource))

    async def find(self, resource: Json) -> Stored | None:
        """The copy that the server holds already, None when there is none. Raises `FhirError`."""
        kind = str(resource["resourceType"])
        question = self._question(resource)
        if question is None:
            return None
        found = await self._client.search(kind, question)
        alike = _has_identifier if identifier_token(resource) else _same_record
        same = [item for item in found if alike(item, resource)]
        # Should there be several after all, everybody picks the same one.
        same.sort(
            key=lambda item: (str(object_of(item.get("meta")).get("lastUpdated", "")), str(item.get("id")))
        )
        return _as_stored(same[0]) if same else None

    def _question(self, resource: Json) -> dict[str, str] | None:
        """What to search by for a copy, None when the server answers no such search."""
        kind = str(resource["resourceType"])
        token = identifier_token(resource)
        if token and self._capabilities.finds_by("identifier", kind):
            return {"identifier": token}
        if not token:
            name, references = _named(resource)
            return {name: references[0]} if self._capabilities.finds_by(name, kind) else None
        # Some find by patient only: then what carries our identifier is picked out here.
        patient = str((resource.get("subject") or resource.get("patient") or {}).get("reference", ""))
        return {"patient": patient} if patient and self._capabilities.finds_by("patient", kind) else None

    async def send(self, resource: Json, *, repeated: bool) -> Stored:
        """Create it unless it is there. Raises `FhirError`; `NetworkAmbiguous` when nobody can tell.

        Raises `Unverifiable` where an attempt was made before and the server lets nobody look for a copy.
        """
        if repeated and self._question(resource) is None:
            raise Unverifiable(f"look for {resource['resourceType']} after an attempt without an answer")
        conditional = self._conditional(resource)
        if (repeated or not conditional) and (found := await self.find(resource)):
            return found
        try:
            stored = await self._client.create(
                resource, if_none_exist=identifier_query(resource) if conditional else ""
            )
        except (Conflicting, RefusedDespiteSuccess):
            # Several match already, or another writer was faster: whichever stands there is the one.
            if found := await self.find(resource):
                return found
            raise
        except WrongAnswer as error:
            # Something was done, nobody knows what: to send it again might make a second one.
            if found := await self.find(resource):
                return found
            raise Unverifiable(error.interaction, status=error.status) from error
        return await self._located(resource, stored)

    async def _located(self, resource: Json, stored: Stored) -> Stored:
        if stored.reference or stored.status == HELD_FOR_REVIEW:
            return stored
        if found := await self.find(resource):
            return found
        raise NetworkAmbiguous(f"create {resource['resourceType']} (the server named no id)")

    async def send_bundle(self, entries: Sequence[tuple[str, Json]]) -> list[Stored | FhirError]:
        """One transaction of (fullUrl, resource); one outcome per entry, in order. Raises `FhirError`.

        Entries are judged one by one: some servers keep the good ones of a transaction that failed.
        """
        answer = await self._client.transaction(_bundle(entries))
        outcomes = [item if isinstance(item, dict) else {} for item in answer.get("entry") or []]
        if len(outcomes) != len(entries):
            raise NetworkAmbiguous("transaction (the answer does not match the entries)")
        pairs = zip(entries, outcomes, strict=True)
        return [_entry_outcome(resource, outcome, self._client.base_url) for (_, resource), outcome in pairs]


def _bundle(entries: Sequence[tuple[str, Json]]) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": full_url,
                "resource": resource,
                "request": {
                    "method": "POST",
                    "url": resource["resourceType"],
                    "ifNoneExist": identifier_query(resource),
                },
            }
            for full_url, resource in entries
        ],
    }


def _entry_outcome(resource: Json, outcome: Mapping[str, Any], base_url: str) -> Stored | FhirError:
    response = object_of(outcome.get("response"))
    interaction = f"create {resource['resourceType']} in a transaction"
    try:
        status = int(str(response.get("status", "")).split(" ", 1)[0])
    except ValueError:
        return NetworkAmbiguous(f"{interaction} (no status)")
    if status >= 300:
        return error_for(interaction, status, issues_of(response.get("outcome")))
    stored = _as_stored(object_of(outcome.get("resource")))
    reference = reference_in(str(response.get("location", "")), base_url) or stored.reference
    if reference and not reference.startswith(f"{resource['resourceType']}/"):
        return WrongAnswer(interaction, status=status)
    if not reference and status != HELD_FOR_REVIEW:
        return NetworkAmbiguous(f"{interaction} (the server named no id)")
    return Stored(reference=reference, etag=str(response.get("etag", "")) or stored.etag, status=status)


def _as_stored(resource: Mapping[str, Any]) -> Stored:
    """From a resource's own words."""
    version = str(object_of(resource.get("meta")).get("versionId", ""))
    reference = f"{resource.get('resourceType')}/{resource['id']}" if resource.get("id") else ""
    return Stored(reference=reference, etag=f'W/"{version}"' if version else "", status=200)


def _has_identifier(found: Mapping[str, Any], wanted: Json) -> bool:
    """Servers that ignore a search parameter return everything: believe only the identifier itself."""
    (mine, *_) = identifiers(wanted)
    return any(
        item.get("system") == mine["system"] and item.get("value") == mine["value"]
        for item in identifiers(found)
    )


def _named(resource: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What a Provenance or an AuditEvent is about, and the search parameter that finds it by that."""
    if resource["resourceType"] == "AuditEvent":
        about = [object_of(item.get("what")) for item in objects_of(resource.get("entity"))]
        return "entity", [str(item.get("reference", "")) for item in about]
    return "target", [str(item.get("reference", "")) for item in objects_of(resource.get("target"))]


def _same_record(found: Mapping[str, Any], wanted: Json) -> bool:
    """Ours, when it names what ours names first the same instant of recording, and the same part in it."""
    first = _named(wanted)[1][0]
    named = any(reference.endswith(first) for reference in _named(found)[1])
    same_time = _instant(found.get("recorded")) == _instant(wanted["recorded"])
    return named and same_time and _part(found) == _part(wanted)


def _part(record: Mapping[str, Any]) -> str:
    """What the first agent did: "author", "attester"."""
    kinds = [object_of(agent.get("type")) for agent in objects_of(record.get("agent"))]
    codings = [coding for kind in kinds[:1] for coding in objects_of(kind.get("coding"))]
    return str(codings[0].get("code", "")) if codings else ""


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
