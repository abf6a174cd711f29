"""What staff do with a note, told as what goes to the chart server: every body that is sent, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import orjson
from sqlmodel import Session

from ehr_writeback import enqueue
from ehr_writeback.faulty_server import ALL_TYPES, FaultyFhirServer
from ehr_writeback.note_form import text_in
from ehr_writeback.revisions import amend_note, retract_note, sign_note
from models.calls import open_call
from models.corrections import WORDS
from models.storage import Storage
from models.tables import Correction
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import ENDED, REFILL

Json = dict[str, Any]
Deed = Callable[[Session, str, str], object]
LATER = ENDED + timedelta(hours=2)


class HeardServer(FaultyFhirServer):
    """Keeps what was sent to it."""

    def __init__(self) -> None:
        super().__init__(types=ALL_TYPES)
        self.heard: list[Json] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        if request.method in ("POST", "PUT"):
            path = request.url.path.removeprefix("/fhir").strip("/")
            told = {"If-Match": match} if (match := request.headers.get("If-Match")) else {}
            self.heard.append(_sent(f"{request.method} /{path}", told, orjson.loads(request.content)))
        return super().handle(request)


def _sent(kind: str, told: Json, body: Json) -> Json:
    """With the words of its notes beside it, for whoever reads the file."""
    notes = {"notes": words} if (words := [text_in(one).splitlines() for one in _notes(body)]) else {}
    return {"kind": kind, **told, "resource": body, **notes}


def _notes(body: Json) -> Iterable[Json]:
    inner = [entry["resource"] for entry in body.get("entry") or []]
    return [one for one in (body, *inner) if one["resourceType"] == "DocumentReference"]


def sign(session: Session, call_id: str, target: str) -> object:
    return sign_note(session, call_id, "Kim Ortiz", LATER, target)


def amend(session: Session, call_id: str, target: str) -> object:
    return amend_note(session, call_id, "Kim Ortiz", LATER, "She asked for the 20 mg tablets.", target)


def retract(session: Session, call_id: str, target: str) -> None:
    retract_note(session, call_id, "Lee Park", LATER, "another patient's call", target)


def correct(session: Session, call_id: str, target: str) -> object:
    """A turn was misheard: what the caller really said is in the next version."""
    row = Correction(call_id=call_id, turn_number=1, field=WORDS, who="Kim Ortiz", at=LATER)
    row.before, row.after = REFILL.turns[1].caller_text, "Hi, I need my losartan refilled"
    session.add(row)
    session.flush()
    return amend_note(session, call_id, "Kim Ortiz", LATER, "", target)


DEEDS: dict[str, Sequence[Deed]] = {
    "CA-signed": (sign,),
    "CA-amended": (sign, amend, sign),
    "CA-corrected": (correct,),
    "CA-retracted": (retract,),
}


def begun(storage: Storage, call_id: str) -> Bench[HeardServer]:
    """A call of this very id, ended and promised to a server of its own."""
    bench = make_bench(storage, HeardServer())
    record = replace(REFILL, call_id=call_id)

    def work(session: Session) -> None:
        open_call(session, call_id, caller_number="", called_number="", at=record.started)
        enqueue(session, record, bench.target, bench.config)

    storage.write_now(work)
    return bench


async def sent(storage: Storage, call_id: str) -> list[Json]:
    """All that reaches the chart server of a call and of what staff did with its note."""
    bench = begun(storage, call_id)
    await bench.settle()
    for deed in DEEDS[call_id]:
        bench.clock.now = max(bench.clock.now, LATER)
        storage.write_now(lambda session, deed=deed: deed(session, call_id, bench.target))  # type: ignore[misc]
        await bench.settle()
    return bench.server.heard
