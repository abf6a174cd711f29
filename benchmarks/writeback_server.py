"""A FHIR server that counts, in a process of its own: what it made stands in a journal that outlives it.

It keeps what its mode advertises (conditional create, transaction) and fails on real sockets, by a seed: it
resets connections, answers 500, 429, 412 and 401, falls silent after the commit, carries out half of a
transaction, and goes away for a moment. For measurements, never for patients.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from ehr_writeback.faulty_server import TYPES, Mode

Json = dict[str, Any]
AWAY_S = 0.3
KEPT = ("identifier", "target", "recorded", "agent")  # by what a sender knows its own again
SILENCE_S = 60.0  # longer than any client waits
CREATES = "POST"


class Trouble(StrEnum):
    """What may happen to one request."""

    REFUSED = "refused"  # nobody listens for a moment; this request is reset
    RESET = "reset"  # before it is carried out
    RESET_AFTER = "reset after commit"
    ERROR = "500"
    ERROR_AFTER = "500 after commit"
    BUSY = "429"
    SILENT_AFTER = "time-out after commit"
    HALF = "half a transaction"
    PRECONDITION = "412"  # once for each resource
    EXPIRED = "expired token"


@dataclass(frozen=True)
class Plan:
    """``share`` of the requests fare ill, in ways that ``seed`` brings back."""

    port: int
    journal: Path
    mode: Mode = Mode.TRANSACTION
    share: float = 0.0
    seed: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"


@dataclass
class Request:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Reset(Exception):
    """The connection ends without an answer."""


@dataclass
class Store:
    """What the server holds: found by identifier (Provenance: by its first target), made once a line."""

    journal: Path
    found: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self._file = os.open(self.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for line in self.journal.read_bytes().splitlines():
            self._index(orjson.loads(line))

    def make(self, resource: Json) -> Json:
        """Stored before anybody is told: one write, which a kill of this process cannot tear."""
        name, kind = name_of(resource), resource["resourceType"]
        made = {"resourceType": kind, "id": f"{kind.lower()}-{self.count + 1}", "meta": {"versionId": "1"}}
        made |= {key: resource[key] for key in KEPT if key in resource}
        line = {"name": name, "made": made, "references": sorted(_references(resource))}
        os.write(self._file, orjson.dumps(line) + b"\n")
        self._index(line)
        return made

    def search(self, kind: str, query: str) -> list[Json]:
        values = parse_qs(query)
        (value,) = values.get("identifier") or values.get("target") or [""]
        return list(self.found.get((kind, value), []))

    def _index(self, line: Json) -> None:
        self.count += 1
        self.found.setdefault((line["made"]["resourceType"], line["name"]), []).append(line["made"])


def name_of(resource: Json) -> str:
    """ "system|value" of its identifier; a Provenance goes by its first target."""
    if "identifier" not in resource:
        return str(resource["target"][0]["reference"])
    return "{system}|{value}".format(**resource["identifier"][0])


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*(_references(item) for item in node)) if node else set()
    if not isinstance(node, dict):
        return set()
    own = {node["reference"]} if isinstance(node.get("reference"), str) else set()
    return own.union(*(_references(value) for value in node.values()))


class CountingServer:
    """One server process. ``ill`` counts what befell requests, by name."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._store = Store(plan.journal)
        self._chance = random.Random(plan.seed)
        self._conflicted: set[str] = set()
        self._token = "token-1"
        self._listener: asyncio.Server | None = None

    async def run(self) -> None:
        await self._listen()
        await asyncio.Event().wait()

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", self._plan.port)

    async def _go_away(self) -> None:
        listener, self._listener = self._listener, None
        if listener is None:
            return  # away already
        listener.close()
        await asyncio.sleep(AWAY_S)
        await self._listen()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read(reader):
                status, headers, body = await self._answer(request)
                lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
                writer.write("\r\n".join(lines).encode() + body)
                await writer.drain()
        except (Reset, ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.transport.abort()

    async def _answer(self, request: Request) -> tuple[int, list[str], bytes]:
        if request.path == "/token":
            self._token = f"token-{self._chance.random()}"
            return _json(200, {"access_token": self._token})
        trouble = self._draw(request)
        await self._before(trouble, request)
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return _json(401, {})
        if trouble is Trouble.ERROR:
            return _json(500, {})
        if trouble is Trouble.BUSY:
            return _json(429, {}, "Retry-After: 1")
        if trouble is Trouble.PRECONDITION:
            return _json(412, {})
        answer = self._serve(request, half=trouble is Trouble.HALF)
        await self._after(trouble)
        return _json(500, {}) if trouble in (Trouble.ERROR_AFTER, Trouble.HALF) else answer

    def _draw(self, request: Request) -> Trouble | None:
        if self._chance.random() >= self._plan.share:
            return None
        drawn = self._chance.choice(list(Trouble))
        if drawn is Trouble.HALF and request.path.strip("/") != "fhir":
            return None
        if drawn is Trouble.PRECONDITION and not self._first_conflict(request):
            return None
        return drawn

    def _first_conflict(self, request: Request) -> bool:
        """A conflict is over once it was read again: each resource meets one at most."""
        if request.method != CREATES or request.path.strip("/") == "fhir":
            return False
        name = name_of(orjson.loads(request.body))
        if name in self._conflicted:
            return False
        self._conflicted.add(name)
        return True

    async def _before(self, trouble: Trouble | None, request: Request) -> None:
        if trouble is Trouble.REFUSED:
            asyncio.get_running_loop().create_task(self._go_away())
        if trouble in (Trouble.REFUSED, Trouble.RESET):
            raise Reset
        if trouble is Trouble.EXPIRED:
            self._token = "none"

    async def _after(self, trouble: Trouble | None) -> None:
        if trouble is Trouble.RESET_AFTER:
            raise Reset
        if trouble is Trouble.SILENT_AFTER:
            await asyncio.sleep(SILENCE_S)
            raise Reset

    def _serve(self, request: Request, *, half: bool) -> tuple[int, list[str], bytes]:
        path = request.path.removeprefix("/fhir").strip("/")
        if request.method == "GET":
            return _json(
                200, _capabilities(self._plan.mode) if path == "metadata" else self._search(path, request)
            )
        body = orjson.loads(request.body)
        if not path:
            return _json(200, self._transaction(body, half=half))
        condition = request.headers.get("if-none-exist", "") if self._plan.mode is not Mode.PLAIN else ""
        status, made = self._create(body, condition)
        return _json(status, made, f"Location: {self._plan.url}/{path}/{made['id']}/_history/1")

    def _search(self, kind: str, request: Request) -> Json:
        entries = [{"resource": item} for item in self._store.search(kind, request.query)]
        return {"resourceType": "Bundle", "type": "searchset", "entry": entries}

    def _create(self, body: Json, condition: str) -> tuple[int, Json]:
        existing = self._store.search(body["resourceType"], condition) if condition else []
        return (200, existing[0]) if existing else (201, self._store.make(body))

    def _transaction(self, bundle: Json, *, half: bool) -> Json:
        """``half``: the machine stops after half of the entries and keeps those, as no server should."""
        count = len(bundle["entry"])
        text, entries = orjson.dumps(bundle["entry"]).decode(), []
        for index in range(count // 2 if half else count):
            entry = orjson.loads(text)[index]
            status, made = self._create(entry["resource"], entry["request"]["ifNoneExist"])
            reference = f"{made['resourceType']}/{made['id']}"
            text = text.replace(f'"{entry["fullUrl"]}"', f'"{reference}"')
            entries.append({"response": {"status": f"{status}", "location": f"{reference}/_history/1"}})
        return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, target, _ = head[0].split(" ", 2)
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, parts.path, parts.query, headers, body)


def _json(status: int, body: Json, *headers: str) -> tuple[int, list[str], bytes]:
    return status, ["Content-Type: application/fhir+json", *headers], orjson.dumps(body)


def _capabilities(mode: Mode) -> Json:
    interactions = [{"code": code} for code in ("read", "search-type", "create")]
    conditional = mode is not Mode.PLAIN
    resources = [
        {"type": kind, "interaction": interactions, "conditionalCreate": conditional} for kind in TYPES
    ]
    rest: Json = {"mode": "server", "resource": resources}
    if mode is Mode.TRANSACTION:
        rest["interaction"] = [{"code": "transaction"}]
    return {"resourceType": "CapabilityStatement", "status": "active", "rest": [rest]}


def serve(plan: Plan) -> None:
    """Until it is killed."""
    asyncio.run(CountingServer(plan).run())
