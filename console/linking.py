"""Calls that are in no chart of the EHR: what staff are shown to find the right one, and what they decide.

Shown is what tells people apart and no more. Nothing is chosen for anybody: a person links the call, or says
that no chart there is this patient's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from fastapi import HTTPException
from sqlmodel import Session

from models.domain import Clock
from models.errors import FirstringError
from models.storage import Storage

NONE_FOUND = "No chart there shares two things with our record. If you find it in the EHR, give its id below."
NOBODY_KNOWN = (
    "Nobody was identified in this call. Listen to it, find the chart in the EHR, and give its id below."
)
NOT_ASKED = (
    "The chart server could not be asked just now. You may still give a chart's id, or come back later."
)
NOT_SURE = "This chart differs in what should not differ. Look at it in the EHR, and tick that you are sure."


class Waiting(Protocol):
    """A call that waits for a chart. ``patient_id`` is our own patient's, "" where nobody was identified."""

    @property
    def call_id(self) -> str: ...
    @property
    def ended(self) -> datetime: ...
    @property
    def patient_id(self) -> str: ...
    @property
    def why(self) -> str: ...


class Chart(Protocol):
    """A chart of the EHR, as it is compared with our own record."""

    @property
    def reference(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def birth_date(self) -> str: ...
    @property
    def phone_end(self) -> str: ...
    @property
    def agreement(self) -> Mapping[str, str]: ...
    @property
    def closed(self) -> str: ...
    @property
    def contradicts(self) -> bool: ...


class Charts(Protocol):
    """The EHR and the write-back, as far as this needs them. Raise `FirstringError` where they cannot."""

    def waiting(self, session: Session) -> Sequence[Waiting]: ...
    async def alike(self, patient_id: str) -> Sequence[Chart]: ...
    async def named(self, patient_id: str, reference: str) -> Chart: ...
    def link(self, session: Session, call_id: str, reference: str, who: str, at: datetime) -> int: ...
    def leave(self, session: Session, call_id: str, who: str, at: datetime) -> None: ...


@dataclass(frozen=True)
class WaitingView:
    call_id: str
    ended: str
    why: str
    known: bool  # our own patient; otherwise nobody was identified


@dataclass(frozen=True)
class ChartView:
    """``same`` and ``other`` name what was compared; ``doubt`` is why a person must be sure, "" for none."""

    reference: str
    name: str
    born: str
    phone: str
    same: str
    other: str
    doubt: str


@dataclass(frozen=True)
class LinkView:
    call: WaitingView
    charts: tuple[ChartView, ...]
    remark: str  # why there are none, "" where there are


class LinkDesk:
    """``charts`` None: the chart is our own, and no call is ever unlinked."""

    def __init__(self, storage: Storage, clock: Clock, zone: ZoneInfo, charts: Charts | None) -> None:
        self._storage, self._clock, self._zone, self._charts = storage, clock, zone, charts

    async def calls(self) -> tuple[WaitingView, ...]:
        """The longest waiting first."""
        if self._charts is None:
            return ()
        found = await self._storage.read(self._charts.waiting)
        return tuple(_waiting(one, self._zone) for one in found)

    async def show(self, call_id: str) -> LinkView:
        """The charts that may be this caller's. Raises HTTPException 404 where the call waits for none."""
        call = await self._call(call_id)
        view = _waiting(call, self._zone)
        if not call.patient_id:
            return LinkView(view, (), NOBODY_KNOWN)
        try:
            found = await self._open().alike(call.patient_id)
        except FirstringError:
            return LinkView(view, (), NOT_ASKED)
        return LinkView(view, tuple(map(_chart, found)), "" if found else NONE_FOUND)

    async def link(self, who: str, call_id: str, reference: str, *, sure: bool) -> int:
        """How many resources are written there now. The chart is looked at once more before.

        Raises HTTPException: 404 no such call, 422 no such chart, 409 in doubt or decided by a colleague.
        """
        call, charts = await self._call(call_id), self._open()
        try:
            chart = await charts.named(call.patient_id, reference)
        except FirstringError as problem:
            raise HTTPException(422, f"{problem}. {problem.fix}") from problem
        if _doubt(chart) and not sure:
            raise HTTPException(409, NOT_SURE)
        now = self._clock()
        try:
            return await self._storage.write(
                lambda session: charts.link(session, call_id, chart.reference, who, now)
            )
        except FirstringError as problem:
            raise HTTPException(409, f"{problem}. {problem.fix}") from problem

    async def leave(self, who: str, call_id: str) -> None:
        """None of them: the call stays here. Raises HTTPException as `link`."""
        await self._call(call_id)
        now, charts = self._clock(), self._open()
        try:
            await self._storage.write(lambda session: charts.leave(session, call_id, who, now))
        except FirstringError as problem:
            raise HTTPException(409, f"{problem}. {problem.fix}") from problem

    async def _call(self, call_id: str) -> Waiting:
        found = await self._storage.read(self._open().waiting)
        call = next((one for one in found if one.call_id == call_id), None)
        if call is None:
            raise HTTPException(404, "This call waits for no chart: it was linked, or left, already.")
        return call

    def _open(self) -> Charts:
        if self._charts is None:
            raise HTTPException(404, "There is nothing here.")
        return self._charts


def _waiting(call: Waiting, zone: ZoneInfo) -> WaitingView:
    return WaitingView(
        call.call_id, f"{call.ended.astimezone(zone):%Y-%m-%d %H:%M}", call.why, bool(call.patient_id)
    )


def _chart(chart: Chart) -> ChartView:
    return ChartView(
        reference=chart.reference,
        name=chart.name,
        born=chart.birth_date or "not on record",
        phone=f"…{chart.phone_end}" if chart.phone_end else "not on record",
        same=_those(chart, "same"),
        other=_those(chart, "other"),
        doubt=_doubt(chart),
    )


def _those(chart: Chart, said: str) -> str:
    return ", ".join(what for what, found in chart.agreement.items() if found == said)


def _doubt(chart: Chart) -> str:
    if chart.closed:
        return f"this chart is {chart.closed}"
    return "another date of birth" if chart.contradicts else ""
