"""Stand-in calls for the write-back: finished, numbered, of three kinds, promised as the product does it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from ehr_writeback import WritebackConfig, enqueue, plan
from ehr_writeback.planned import DEVICE, PlannedResource, identifier_token
from models.calls import open_call
from models.domain import CallRecord
from tests.ehr_writeback.records import BOOKING, RED_FLAG, REFILL

KINDS = (REFILL, BOOKING, RED_FLAG)
TARGET = "benchmark"
CONFIG = WritebackConfig(system_url="https://cedar.example", practice_name="Cedar Family Practice")


def call(number: int, ended: datetime) -> CallRecord:
    """The call of this number; its kind follows from it."""
    kind = KINDS[number % len(KINDS)]
    return replace(kind, call_id=call_id(number), started=ended - (kind.ended - kind.started), ended=ended)


def call_id(number: int) -> str:
    return f"CA{number:06d}"


def promise(session: Session, number: int, ended: datetime, target: str = TARGET) -> None:
    """Ends the call: its record and the promise of its write-back, in the caller's transaction."""
    record = call(number, ended)
    open_call(
        session, record.call_id, caller_number=record.caller_number, called_number="", at=record.started
    )
    enqueue(session, record, target, CONFIG)


def promised(numbers: Iterable[int], ended: datetime) -> dict[str, list[str]]:
    """Call id -> what must stand in the chart ("CA000001/note", ".../prov"), less the Device of all calls."""
    calls = (call(number, ended) for number in numbers)
    return {
        one.call_id: [_name(one, item) for item in plan(one, CONFIG) if item.kind != DEVICE] for one in calls
    }


def _name(record: CallRecord, item: PlannedResource) -> str:
    """As its identifier says; a Provenance has none."""
    token = identifier_token(item.resource)
    return token.split("|", 1)[1] if token else f"{record.call_id}/{item.key}"
