"""One resource, or one Bundle, to one FHIR server: exactly one copy there, whatever the server offers.

Three ways, by its CapabilityStatement: a transaction with ``ifNoneExist`` per entry, ``If-None-Exist`` per
resource, or search by identifier before every POST. A repeated attempt always looks first: the one before may
have been carried out without our hearing of it. https://hl7.org/fhir/R4/http.html#ccreate
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ehr_writeback.planned import Json, identifier_query, identifier_token
from fhir.capability import Capabilities
from fhir.client import FhirClient, Stored, reference_in
from fhir.errors import Conflicting, FhirError, NetworkAmbiguous, error_for
from fhir.outcome import issues_of

HELD_FOR_REVIEW = 202


class Sender:
    """Speaks to one server with what it is known to offer."""

    def __init__(self, client: FhirClient, capabilities: Capabilities) -> None:
        self._client = client
        self._capabilities = capabilities

    def takes(self, resource: Mapping[str, Any]) -> bool:
        return bool(self._capabilities.can("create", str(resource["resourceType"])))

    def bundles(self, resources: Sequence[Mapping[str, Any]]) -> bool:
        """Whether these may go as one transaction: only if each entry can be repeated without harm."""
        return self._capabilities.transaction and all(self._conditional(resource) for resource in resources)

    def _conditional(self, resource: Mapping[str, Any]) -> bool:
        named = str(resource["resourceType"]) in self._capabilities.conditional_create
        return named and bool(identifier_query(resource))

    async def find(self, resource: Json) -> Stored | None:
        """The copy that the server holds already, None when there is none. Raises `FhirError`."""
        kind = str(resource["resourceType"])
        if token := identifier_token(resource):
            found = await self._client.search(kind, {"identifier": token})
            same = [item for item in found if _has_identifier(item, resource)]
        else:
            target = str(resource["target"][0]["reference"])
            found = await self._client.search(kind, {"target": target})
            same = [item for item in found if _same_provenance(item, resource)]
        # Should there be several after all, everybody picks the same one.
        same.sort(
            key=lambda item: (str((item.get("meta") or {}).get("lastUpdated", "")), str(item.get("id")))
        )
        return _as_stored(same[0]) if same else None

    async def send(self, resource: Json, *, repeated: bool) -> Stored:
        """Create it unless it is there. Raises `FhirError`; `NetworkAmbiguous` when nobody can tell."""
        conditional = self._conditional(resource)
        if (repeated or not conditional) and (found := await self.find(resource)):
            return found
        try:
            stored = await self._client.create(
                resource, if_none_exist=identifier_query(resource) if conditional else ""
            )
        except Conflicting:
            # Several match already, or another writer was faster: whichever stands there is the one.
            if found := await self.find(resource):
                return found
            raise
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
    response = outcome.get("response") or {}
    interaction = f"create {resource['resourceType']} in a transaction"
    try:
        status = int(str(response.get("status", "")).split(" ", 1)[0])
    except ValueError:
        return NetworkAmbiguous(f"{interaction} (no status)")
    if status >= 300:
        return error_for(interaction, status, issues_of(response.get("outcome")))
    stored = _as_stored(outcome.get("resource") or {})
    reference = reference_in(str(response.get("location", "")), base_url) or stored.reference
    if not reference and status != HELD_FOR_REVIEW:
        return NetworkAmbiguous(f"{interaction} (the server named no id)")
    return Stored(reference=reference, etag=str(response.get("etag", "")) or stored.etag, status=status)


def _as_stored(resource: Mapping[str, Any]) -> Stored:
    """From a resource's own words."""
    version = str((resource.get("meta") or {}).get("versionId", ""))
    reference = f"{resource.get('resourceType')}/{resource['id']}" if resource.get("id") else ""
    return Stored(reference=reference, etag=f'W/"{version}"' if version else "", status=200)


def _has_identifier(found: Mapping[str, Any], wanted: Json) -> bool:
    """Servers that ignore a search parameter return everything: believe only the identifier itself."""
    mine = wanted["identifier"][0]
    return any(
        item.get("system") == mine["system"] and item.get("value") == mine["value"]
        for item in found.get("identifier") or []
    )


def _same_provenance(found: Mapping[str, Any], wanted: Json) -> bool:
    """Ours, when it names our first target and the same instant of recording."""
    target = wanted["target"][0]["reference"]
    named = any(str(item.get("reference", "")).endswith(target) for item in found.get("target") or [])
    return named and _instant(found.get("recorded")) == _instant(wanted["recorded"])


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
