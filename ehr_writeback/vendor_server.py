"""Stub servers that take and refuse what the table of `ehr_writeback.vendors` says: never for patients.

A stub is as strict as its vendor's rows and no kinder than R4: what the table does not name is refused. It
shows how our side behaves towards such a server; **it is not the vendor's server**.
"""

from __future__ import annotations

from urllib.parse import parse_qs

import httpx
import orjson

from ehr_writeback.demands import unmet
from ehr_writeback.faulty_server import Fault, FaultyFhirServer, Json, Mode, outcome
from ehr_writeback.vendors import BY_PLACE, Vendor, cells_of
from fhir import codes
from fhir.matching import GRADE

NAMES: dict[Vendor, Json] = {
    Vendor.EPIC: {"software": {"name": "Epic", "version": "May 2026"}},
    Vendor.ORACLE: {"publisher": "Cerner"},
    Vendor.ATHENA: {"publisher": "athenahealth"},
}


class VendorServer(FaultyFhirServer):
    """In memory, in the shape of one vendor's published rows; a script of faults may come on top."""

    def __init__(self, vendor: Vendor, script: list[Fault] | None = None) -> None:
        creatable = [cell.resource_type for cell in cells_of(vendor) if cell.creates]
        super().__init__(Mode.PLAIN, script or [], types=creatable)
        self.vendor = vendor

    def _serve(self, request: httpx.Request) -> httpx.Response:
        kind, _, rest = request.url.path.removeprefix("/fhir").strip("/").partition("/")
        cell = BY_PLACE.get((self.vendor, kind))
        if cell and rest.startswith("$") and rest[1:] in cell.operations.split():
            return httpx.Response(200, json=self._match(orjson.loads(request.content)))
        if kind == "metadata" or self._offers(request.method, kind, rest):
            return super()._serve(request)
        # https://hl7.org/fhir/R4/http.html#Status-Codes: 405 where a known type takes no such interaction.
        status = 405 if cell else 404
        return httpx.Response(status, json=outcome("not-supported"))

    def _search(self, kind: str, query: str) -> list[Json]:
        """Patients by their date of birth: the rest is for whoever asks to compare."""
        if kind != "Patient":
            return super()._search(kind, query)
        born = parse_qs(query)["birthdate"][0]
        return [one for one in self.all(kind) if one.get("birthDate") == born]

    def _match(self, parameters: Json) -> Json:
        """``Patient/$match``: certain of the same name, date of birth and number, and of nobody else."""
        asked = next(one["resource"] for one in parameters["parameter"] if one["name"] == "resource")
        alike = [
            one
            for one in self.all("Patient")
            if all(one.get(name) == asked[name] for name in ("name", "birthDate", "telecom"))
        ]
        grade = [{"url": GRADE, "valueCode": "certain"}]
        entries = [{"resource": one, "search": {"mode": "match", "extension": grade}} for one in alike]
        return {"resourceType": "Bundle", "type": "searchset", "entry": entries}

    def _offers(self, method: str, kind: str, rest: str) -> bool:
        cell = BY_PLACE.get((self.vendor, kind))
        reading = "read" if rest else "search-type"
        wanted = {"GET": reading, "POST": "create", "PUT": "update"}.get(method, "")
        wanted = "search-type" if rest == "_search" else wanted
        return cell is not None and wanted in cell.interactions.split()

    def _create(self, body: Json, condition: str) -> tuple[int, Json]:
        problems = [*codes.check(body), *unmet(BY_PLACE[self.vendor, body["resourceType"]].demands, body)]
        if problems:
            return 422, outcome("business-rule", "; ".join(problems))
        return super()._create(body, condition)

    def _capabilities(self) -> Json:
        resources = [
            {
                "type": cell.resource_type,
                "interaction": [{"code": code} for code in cell.interactions.split()],
                "conditionalCreate": False,
                "operation": [{"name": name} for name in cell.operations.split()],
            }
            for cell in cells_of(self.vendor)
            if cell.interactions
        ]
        rest = {"mode": "server", "resource": resources}
        return {
            "resourceType": "CapabilityStatement",
            "status": "active",
            **NAMES[self.vendor],
            "rest": [rest],
        }
