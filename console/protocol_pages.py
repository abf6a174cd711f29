"""Protocols: the check-ins that patients are asked, who signed them, and their versions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Form, HTTPException, Path, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from console import protocol_desk, wording
from console.desk import Desk, FormText, SignedIn
from console.protocol_port import CheckinProtocol, Document, Protocols
from console.users import Staff
from models.errors import Conflict
from models.practice import newest_versions

ProtocolName = Annotated[str, Path(pattern=r"^[A-Za-z0-9.-]{1,64}$")]
BasedOn = Annotated[int, Form(ge=0, le=2**31 - 1)]
Json = Annotated[str, Form(max_length=200_000)]
Ticked = Annotated[str, Form(max_length=8)]
CHANGED = "A colleague was faster: it has changed since you opened the page. Please read it again."
NOT_READ = "Please say that you have read every question and rule."
NO_NAME = "Please write your full name and title: they stand under what you sign."
SAME_VERSION = "It differs from version {0}, and says that it is version {0}: give it a version of its own."
OTHER_NAME = "Its id is {0}, not {1}: take it as a protocol of its own."
THERE = "There is a protocol of this id: open it, and take the new version there."


class ProtocolPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /protocols": self.overview,
            "POST /protocols": self.add,
            "GET /protocols/{protocol}": self.show,
            "POST /protocols/{protocol}": self.take,
            "POST /protocols/{protocol}/versions/{number}": self.go_back,
            "POST /protocols/{protocol}/sign": self.sign,
            "POST /protocols/{protocol}/withdraw": self.withdraw,
        }

    async def overview(self, staff: SignedIn) -> Response:
        return self._list(staff)

    async def add(self, staff: SignedIn, document: Json) -> Response:
        port = self._port()
        found, faults = port.read(document)
        if not faults and any(each.name == found["id"] for each in port.known()):
            faults = [THERE]
        if faults:
            return self._list(staff, document, faults)
        unreadable = protocol_desk.DOCUMENT + str(found["id"])  # there is none, or none that can be read
        based_on = await self._desk.storage.read(lambda s: newest_versions(s).get(unreadable, 0))
        return await self._take(staff, port, None, found, based_on)

    async def show(self, staff: SignedIn, protocol: ProtocolName) -> Response:
        return await self._page(staff, protocol)

    async def take(
        self, staff: SignedIn, protocol: ProtocolName, document: Json, based_on: BasedOn
    ) -> Response:
        port, present = self._find(protocol)
        found, faults = port.read(document)
        faults = faults or _unlike(found, present, port)
        if faults:
            return await self._page(staff, protocol, document, faults, status=422)
        return await self._take(staff, port, present, found, based_on)

    async def go_back(
        self, staff: SignedIn, protocol: ProtocolName, number: Annotated[int, Path(ge=1)], based_on: BasedOn
    ) -> Response:
        port, present = self._find(protocol)
        found = await self._desk.storage.read(lambda s: protocol_desk.document_at(s, protocol, number))
        if found is None:
            raise HTTPException(404, "There is no such version.")
        return await self._take(staff, port, present, found, based_on)

    async def sign(
        self,
        staff: SignedIn,
        protocol: ProtocolName,
        digest: Annotated[str, Form(max_length=64)],
        based_on: BasedOn,
        full_name: FormText = "",
        read: Ticked = "",
    ) -> Response:
        """Of exactly what the page showed."""
        port, present = self._find(protocol)
        name = " ".join(full_name.split())
        faults = [*([] if read else [NOT_READ]), *([] if name else [NO_NAME])]
        if faults:
            return await self._page(staff, protocol, faults=faults, status=422, full_name=name)
        if digest != present.digest:
            raise HTTPException(409, CHANGED)
        at, zone = self._desk.clock(), self._desk.zone
        await self._write(lambda s: protocol_desk.sign(s, staff, present, name, based_on, at, zone))
        await port.changed()
        return RedirectResponse(f"/protocols/{protocol}", 303)

    async def withdraw(
        self, staff: SignedIn, protocol: ProtocolName, based_on: BasedOn, why: FormText = ""
    ) -> Response:
        port, present = self._find(protocol)
        at, said = self._desk.clock(), " ".join(why.split())
        await self._write(lambda s: protocol_desk.take_back(s, staff, present, said, based_on, at))
        await port.changed()
        return RedirectResponse(f"/protocols/{protocol}", 303)

    # ----------------------------------------------------------------------- work

    def _port(self) -> Protocols:
        if self._desk.ports.protocols is None:
            raise HTTPException(404, "This installation asks no check-ins.")
        return self._desk.ports.protocols

    def _find(self, name: str) -> tuple[Protocols, CheckinProtocol]:
        port = self._port()
        found = next((each for each in port.known() if each.name == name), None)
        if found is None:
            raise HTTPException(404, "There is no such protocol.")
        return port, found

    async def _take(
        self,
        staff: Staff,
        port: Protocols,
        present: CheckinProtocol | None,
        document: Document,
        based_on: int,
    ) -> Response:
        at = self._desk.clock()
        await self._write(lambda s: protocol_desk.take(s, staff, present, document, based_on, at))
        await port.changed()
        return RedirectResponse(f"/protocols/{document['id']}", 303)

    async def _write(self, work: Callable[[Session], None]) -> None:
        try:
            await self._desk.storage.write(work)
        except Conflict:
            raise HTTPException(409, CHANGED) from None

    # ----------------------------------------------------------------------- pages

    def _list(self, staff: Staff, document: str = "", faults: Sequence[str] = ()) -> Response:
        port = self._desk.ports.protocols
        return self._desk.render(
            "protocols.html",
            staff,
            422 if faults else 200,
            protocols=port.known() if port else (),
            refill_rules=port.refill_rules() if port else (),
            languages=port.languages() if port else "",
            document=document,
            faults=faults,
        )

    async def _page(
        self,
        staff: Staff,
        name: str,
        document: str = "",
        faults: Sequence[str] = (),
        status: int = 200,
        full_name: str = "",
    ) -> Response:
        port, present = self._find(name)

        def work(session: Session) -> tuple[int, int, tuple[protocol_desk.Happened, ...]]:
            versions = (
                protocol_desk.newest(session, prefix + name) for prefix in ("protocol/", "signature/")
            )
            taken, signed = versions
            return taken, signed, protocol_desk.life(session, name, port)

        taken, signed, life = await self._desk.storage.read(work)
        return self._desk.render(
            "protocol.html",
            staff,
            status,
            protocol=present,
            document=document or json.dumps(dict(present.document), indent=2, ensure_ascii=False),
            taken=taken,
            signatures=signed,
            life=[(step, wording.when(step.at, self._desk.zone)) for step in life],
            faults=faults,
            full_name=full_name,
        )


def _unlike(found: Document, present: CheckinProtocol, port: Protocols) -> list[str]:
    """What must hold between a version and the next: responses name the version that was asked."""
    if found["id"] != present.name:
        return [OTHER_NAME.format(found["id"], present.name)]
    differs = port.sentences(found) != port.sentences(present.document)
    if differs and found["version"] == present.version:
        return [SAME_VERSION.format(present.version)]
    return []
