"""A whole practice in this process and loop: the real web application and engines, called by the double.

Nothing listens on a port and no worker is started. Together with `agent.audio_time` a call of a minute
takes as long as its recognising: for tests, and to look into a call again.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import httpx
from sqlmodel import Session

from agent import audio_time
from agent import settings as settings_module
from agent.answering import Answering
from agent.chart_app import chart_transport
from agent.demo import CALLED_NUMBER, resources_of
from agent.ear_services import ear_service
from agent.preparing import backends_of, keyring_of
from agent.services import CHART_LIMIT_S, Services, assemble
from agent.settings import Settings
from agent.web import answering_of, public_app
from agent.worker_services import mouth_voice
from agent.workers import local
from intents.understand import MindService
from models import desk, records
from models.desk_tables import StaffTask
from models.domain import Clock, Remote
from models.storage import Storage
from telephony.double import Caller, CallResult, Double, Manner, Step
from telephony.double.ways import InProcess
from voice.ears import Ears
from voice.mouth import Mouth, MouthConfig

T = TypeVar("T")
ADDRESS, CHART = "http://in-process", "http://chart/fhir"


@dataclass(frozen=True)
class Engines:
    """What takes seconds to load and serves any number of practices, one after the other."""

    ears: tuple[Remote, ...]
    mind: Remote
    mouth: Mouth  # remembers its sentences: no voice makes the same sound twice

    @classmethod
    def load(cls, chosen: Settings) -> Engines:
        """Those of the settings. Raises what the engines raise that cannot be loaded."""
        ear, mind = ear_service(chosen), MindService()
        ear.load()
        mind.load()
        return cls((local(ear),), local(mind), Mouth(None, MouthConfig(voice=mouth_voice(chosen))))


class AtOnce(Storage):
    """Waits for its threads where it is asked, so that audio time cannot pass meanwhile."""

    async def write(self, work: Callable[[Session], T]) -> T:
        return self.write_now(work)

    async def read(self, work: Callable[[Session], T]) -> T:
        return self.read_now(work)


@dataclass(frozen=True)
class PlacedCall:
    """A call as its caller, its record and the staff know it."""

    result: CallResult
    stored: records.StoredCall
    tasks: list[StaffTask]
    written: list[dict[str, Any]]  # the chart's resources of this call

    @property
    def said(self) -> list[str]:
        """The agent's side, turn by turn."""
        return [turn.agent_text for turn in self.stored.turns]

    @property
    def understood(self) -> list[str]:
        """The caller's side, turn by turn, as it was stored; "" where nothing was said."""
        return [turn.caller_text for turn in self.stored.turns]

    @property
    def heard(self) -> list[str]:
        """What the caller heard of each turn's reply."""
        return [turn.heard_to for turn in self.stored.turns]


@dataclass
class InProcessPractice:
    services: Services
    answering: Answering
    double: Callable[[str, Manner], Double]
    chart: httpx.AsyncClient

    async def call(
        self, number: str, steps: Sequence[Step] | Caller, *, manner: Manner | None = None, call_sid: str = ""
    ) -> PlacedCall:
        """One call from ring to end, written back to the chart."""
        caller = steps if isinstance(steps, Caller) else Caller(tuple(steps))
        double = self.double(number, manner or Manner(unhurried=False))
        result = await double.place_call(caller, call_sid=call_sid)
        await self.services.dispatcher.drain_once()
        read = self.services.storage.read
        stored = await read(lambda session: records.require_call(session, result.call_sid))
        tasks = await read(lambda session: desk.tasks_of(session, result.call_sid))
        return PlacedCall(result, stored, tasks, await resources_of(self.chart, result.call_sid))


@contextlib.asynccontextmanager
async def open_in_process(chosen: Settings, engines: Engines) -> AsyncIterator[InProcessPractice]:
    """A practice whose database exists (`preparing.prepare_tool`); its clock is the loop's, from NOW on."""
    clock = _clock(chosen)
    storage = AtOnce.open(chosen.database, keyring_of(chosen), server=True)
    try:
        chart = chart_transport(backends_of(chosen, storage, clock), chosen.fhir_token)
        token = {"Authorization": f"Bearer {chosen.fhir_token}"}
        async with httpx.AsyncClient(
            transport=chart, base_url=CHART, headers=token, timeout=CHART_LIMIT_S
        ) as http:
            ears, mouth, mind = Ears(engines.ears), engines.mouth, engines.mind
            services = assemble(chosen, storage, CHART, http, ears, mouth, mind, clock)
            answering = answering_of(services)
            await answering.look_at_models()
            way = InProcess(public_app(services, answering))

            def double(number: str, manner: Manner) -> Double:
                return Double(
                    ADDRESS, chosen.public_url, chosen.twilio_auth_token, chosen.twilio_account_sid,
                    number, CALLED_NUMBER, manner=manner, way=way,
                )  # fmt: skip

            yield InProcessPractice(services, answering, double, http)
    finally:
        storage.close()


def _clock(chosen: Settings) -> Clock:
    """The settings' clock, going as the loop's does where it starts at NOW."""
    if not chosen.now:
        return settings_module.clock_of(chosen)
    return audio_time.clock_from(datetime.fromisoformat(chosen.now))
