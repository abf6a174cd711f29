"""A round of adversaries' calls: a practice of its own with a generated roster, and its callers one by one.

Two things are spared that nothing counted here depends on, and that would take half of the time: the network
is asked once for a sentence that many callers say, and the turns of a call are stored when it ends, not one
by one before each reply.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from agent import audio_time
from agent.conversation import Conversation
from agent.rehearsal.facts import Facts
from agent.rehearsal.scenario import Expected, Scenario
from agent.rehearsal.stage import Opened, Stage, open_practice
from agent.rehearsal.text_calls import converse
from agent.workers import local
from backends.seed_patients import chart_of
from benchmarks.adversary_callers import Callers
from benchmarks.adversary_judging import Entry, Requests, judged, requested
from benchmarks.adversary_rosters import Roster
from intents.understand import MindService
from models.domain import Remote

CALLS_A_ROUND: Final = 120
NOISY: Final = 0.3  # of calls, with NOISE of their words misheard
NOISE: Final = 0.05
Keep = Callable[[Entry], None]


def remembering_mind() -> Remote:
    """The product's, which asks its network once for each sentence and kind of question."""
    service = MindService()
    service.load()
    service.classifier.score = cache(service.classifier.score)  # type: ignore[method-assign]
    return local(service)


def play_round(
    stage: Stage, seed: int, deadline_s: float, calls: int = CALLS_A_ROUND, keep: Keep | None = None
) -> list[Entry]:
    """All calls of one roster; fewer when time is up. ``keep`` has each as soon as it was played."""
    dice = random.Random(seed)
    roster = Roster(dice)
    callers = Callers(roster)
    made = [callers.next(seed * CALLS_A_ROUND + place) for place in range(calls)]
    rows = [(caller, NOISE if dice.random() < NOISY else 0.0) for caller in made]
    chosen = stage.fresh(Scenario("round", "", "", "", ("book",), ("plain",), Facts(), Expected()))
    found: list[Entry] = []
    asked: Requests = set()

    async def run() -> None:
        async with open_practice(chosen, stage.mind) as opened:
            await _load(opened, roster)
            for number, (caller, noise) in enumerate(rows):
                if time.monotonic() > deadline_s:
                    return
                call_id = f"CAadv{seed}x{number}"
                played = await converse(opened, caller.scenario, seed, noise, call_id)
                found.append({"seed": seed, "number": number, **judged(roster, caller, played, asked)})
                asked.update(requested(played))
                if keep:
                    keep(found[-1])

    try:
        with turns_stored_at_the_end():
            audio_time.run(run())
    finally:
        stage.done(chosen)
    return found


async def _load(opened: Opened, roster: Roster) -> None:
    chart, today = opened.services.backends.chart, opened.services.clock().date()
    resources = [one for person in roster.people for one in chart_of(person, today, "urn:firstring:install")]
    await chart.storage.write(lambda session: chart.store.add_missing(session, resources))


@contextlib.contextmanager
def turns_stored_at_the_end() -> Iterator[None]:
    """A call that follows another from the same number finds it as it was left, as ever."""
    store, close = Conversation._store, Conversation.close

    async def later(self: Conversation) -> None:
        return

    async def stored_and_closed(self: Conversation) -> None:
        await store(self)
        await close(self)

    Conversation._store, Conversation.close = later, stored_and_closed  # type: ignore[method-assign]
    try:
        yield
    finally:
        Conversation._store, Conversation.close = store, close  # type: ignore[method-assign]
