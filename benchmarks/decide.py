"""How long `decide` takes: every event of real conversations of every flow, decided again and again.

    python -m benchmarks.decide [--rounds 20] [--patients 5000]

The conversations are held by text with the demo practice (real understanding, real backends); what is timed
is the decision alone, in processor time (other programs on the machine do not count), with the practice's
roster as it is and with as many patients as asked.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import dialog
from agent.chat import Keyboard
from agent.conversation import Conversation
from agent.local_server import demo_settings
from agent.logs import configure
from agent.preparing import prepare_tool
from agent.services import Services, open_local
from agent.settings import Settings, with_secrets
from models.domain import CallStarted, Context, Decision, Event

P99_MS = 2.0
MARIA, JAMES, BOB = "+16175550123", "+16175550144", "+16175550131"
_MARIA, _JAMES = "Maria Lopez / March 5th 1981", "James Walker / March 3rd 1958"
# flow: whose telephone, and what is said, a line a turn
CALLS: Mapping[str, tuple[str, str]] = {
    "refill": (
        MARIA,
        f"I need a refill of my lisinopril / {_MARIA} / ten milligrams / Main Street / no / yes / no",
    ),
    "book": (
        MARIA,
        f"I'd like to book a follow up visit / {_MARIA} / Thursday afternoon please / the first one / "
        "no, the second / yes / no",
    ),
    "move": (
        JAMES,
        f"I have to move my appointment / {_JAMES} / not on a Friday / later / the second one / yes / no",
    ),
    "cancel": (JAMES, f"please cancel my visit / {_JAMES} / yes / goodbye"),
    "lookup": (JAMES, f"when is my appointment / {_JAMES} / no"),
    "waitlist": (
        MARIA,
        f"put me on the waiting list to see Chen / {_MARIA} / tuesday mornings / yes / yes / no",
    ),
    "checkin": (
        MARIA,
        f"I've been coughing for a week / {_MARIA} / last Monday / a four / no / no / yes / no",
    ),
    "message": (
        MARIA,
        "I want to leave a message / please tell her the form has come / yes / no",
    ),
    "info": (MARIA, "what are your hours / and where are you / no thanks"),
    "person": (MARIA, "can I speak to a person"),
    "nonsense": (BOB, "purple elephants / seven bicycles /  /  / hm"),
    "two wishes": (
        MARIA,
        f"a refill of lisinopril and book a physical / {_MARIA} / ten milligrams / Main Street / no / yes / "
        "any time / the first / yes",
    ),
    "danger": (MARIA, "I have chest pain and I can't breathe / yes / okay"),
}


@dataclass(frozen=True)
class Decided:
    """One decision of a recorded conversation, to be taken again."""

    flow: str
    state: dialog.DialogState
    event: Event
    context: Context


async def record(services: Services) -> list[Decided]:
    """Every decision of every conversation."""
    found: list[Decided] = []
    for flow, (number, lines) in CALLS.items():
        conversation = await Conversation.open(services, f"CAdecide{len(found)}", number)
        recorded = _Recorded(conversation, flow, found)
        keyboard = Keyboard(services, conversation)
        conversation.step = recorded.step  # type: ignore[method-assign]
        await keyboard.take(CallStarted())
        for line in lines.split(" / "):
            if not keyboard.ended:
                await keyboard.hear(line)
        await conversation.hang_up()
    return found


class _Recorded:
    """A conversation's steps, kept as they are taken."""

    def __init__(self, conversation: Conversation, flow: str, found: list[Decided]) -> None:
        self._conversation = conversation
        self._step = conversation.step
        self._flow = flow
        self._found = found

    async def step(
        self, event: Event, timings: Mapping[str, float] | None = None
    ) -> Decision[dialog.DialogState]:
        state = self._conversation.state
        decision = await self._step(event, timings)
        self._found.append(Decided(self._flow, state, event, await self._conversation.context()))
        return decision


def timed_ms(decided: Sequence[Decided], rounds: int) -> list[float]:
    """Processor milliseconds of each decision, ``rounds`` times, after a round that does not count."""
    taken: list[float] = []
    for number in range(rounds + 1):
        for one in decided:
            began = time.thread_time()
            dialog.decide(one.state, one.event, one.context)
            if number:
                taken.append((time.thread_time() - began) * 1_000)
    return taken


def with_patients(decided: Sequence[Decided], patients: int) -> list[Decided]:
    """The same with so many names on the roster."""
    names = tuple(f"{_GIVEN[n % 8]} {_FAMILY[n // 8 % 8]}{n}" for n in range(patients))
    return [replace(one, context=_with_roster(one.context, names)) for one in decided]


def _with_roster(context: Context, names: tuple[str, ...]) -> Context:
    return replace(context, practice=replace(context.practice, roster_names=names))


_GIVEN = ("Ann", "Ben", "Carla", "Dev", "Elena", "Femi", "Grace", "Hugo")
_FAMILY = ("Adler", "Brook", "Castro", "Dahl", "Endo", "Frost", "Gupta", "Hale")


def row(name: str, taken: Sequence[float]) -> str:
    cuts = statistics.quantiles(taken, n=100)
    return f"| {name} | {len(taken)} | {cuts[49]:.2f} | {cuts[98]:.2f} | {max(taken):.2f} |"


def recorded_calls(folder: Path) -> list[Decided]:
    """The conversations of `CALLS`, held with a demo practice in this folder."""
    settings = demo_settings(folder / "data")
    prepare_tool(settings)
    return asyncio.run(_held(with_secrets(settings)))


async def _held(settings: Settings) -> list[Decided]:
    async with open_local(settings) as services:
        return await record(services)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--patients", type=int, default=5_000)
    chosen = parser.parse_args()
    configure(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        decided = recorded_calls(Path(folder))
    gc.freeze()
    print("| decide, ms of processor time | decisions | p50 | p99 | max |\n| --- | --- | --- | --- | --- |")
    for flow in CALLS:
        print(row(flow, timed_ms([one for one in decided if one.flow == flow], chosen.rounds)))
    print(row("**all**", timed_ms(decided, chosen.rounds)))
    many = timed_ms(with_patients(decided, chosen.patients), chosen.rounds)
    print(row(f"**all, {chosen.patients} patients**", many))
    print(f"\nTo reach: p99 <= {P99_MS:.0f} ms.")


if __name__ == "__main__":
    main()
