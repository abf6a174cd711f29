"""The chart servers that the contract is held against, each as a place that one can look into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from ehr_writeback.faulty_server import ALL_TYPES, FaultyFhirServer, Mode
from ehr_writeback.vendor_server import VendorServer
from ehr_writeback.vendors import Vendor
from fhir.client import FhirClient, FixedToken

Json = dict[str, Any]


@dataclass(frozen=True)
class Site:
    """``vendor`` names the rows of the table that hold for it."""

    name: str
    base_url: str
    http: httpx.AsyncClient
    vendor: Vendor = Vendor.OTHER

    def client(self) -> httpx.AsyncClient:
        return self.http

    @property
    def fhir(self) -> FhirClient:
        return FhirClient(self.base_url, FixedToken("secret"), self.http)

    async def of_call(self, kind: str, call_id: str) -> list[Json]:
        """What the server holds of a type for a call, by our identifiers, in the order of those."""
        named = [(value, one) for one in await self._all(kind) for value in _values(one)]
        return [one for value, one in sorted(named, key=lambda pair: pair[0]) if call_id in value.split("/")]

    async def holds(self, reference: str) -> bool:
        kind, _, identity = reference.partition("/")
        return any(one["id"] == identity for one in await self._all(kind))

    async def _all(self, kind: str) -> list[Json]:
        """Past the vendor's rules: a stub lets its keeper see everything."""
        transport = self.http._transport
        if isinstance(transport, Inspectable):
            found: list[Json] = transport.server.all(kind)
            return found
        return await self.fhir.search(kind, {"_count": "1000"})


class Inspectable(httpx.MockTransport):
    """A server in memory whose contents may be looked at."""

    def __init__(self, server: FaultyFhirServer) -> None:
        super().__init__(server.handle)
        self.server = server


def in_memory(name: str) -> Site:
    """One of the shipped stand-ins."""
    server = _stand_in(name)
    vendor = server.vendor if isinstance(server, VendorServer) else Vendor.OTHER
    http = httpx.AsyncClient(transport=Inspectable(server))
    return Site(name, server.base_url, http, vendor)


@cache
def _stand_in(name: str) -> FaultyFhirServer:
    return STAND_INS[name]()


def _values(resource: Json) -> Iterator[str]:
    identifiers = resource.get("identifier") or []
    for item in identifiers if isinstance(identifiers, list) else [identifiers]:
        yield str(item["value"])


STAND_INS: dict[str, Callable[[], FaultyFhirServer]] = {
    "generic R4, transactions": lambda: FaultyFhirServer(Mode.TRANSACTION, types=ALL_TYPES),
    "generic R4, conditional create": lambda: FaultyFhirServer(Mode.CONDITIONAL, types=ALL_TYPES),
    "generic R4, plain": lambda: FaultyFhirServer(Mode.PLAIN, types=ALL_TYPES),
    "Epic": lambda: VendorServer(Vendor.EPIC),
    "Oracle Health": lambda: VendorServer(Vendor.ORACLE),
    "athenahealth": lambda: VendorServer(Vendor.ATHENA),
}
NAMES = ("embedded", "Medplum", *STAND_INS)
