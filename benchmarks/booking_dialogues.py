"""Human booking dialogues replayed against the whole dialog: was the visit booked that its caller wanted?

    python -m benchmarks.booking_dialogues [--half mend|score|all] [--only ID ...] [--failures]

Reads ../shared/evaldata/dialogues where it is present. Half of the dialogues, by a hash of their name, may be
looked at to mend the product (``mend``); the other half is only scored. ``--failures`` shows a failed
dialogue's questions, by their names, never its sentences.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import logging
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.chat import Keyboard
from agent.conversation import Conversation
from agent.logs import configure
from agent.services import Services
from agent.workers import local
from benchmarks.booking_caller import Scene, same, scene
from benchmarks.booking_world import NUMBER, empty_practice, open_scene
from intents.understand import MindService
from models.domain import ActionFailed, CallStarted, OpenTask, Remote, TransferCall, VisitBooked

ROWS = Path(__file__).resolve().parents[2] / "shared/evaldata/dialogues/appointment_dialogues.jsonl"
MOST_TURNS = 16
RIGHT, WRONG, DANGER = "booked right", "booked WRONG", "not booked: danger sign"
# Dialogues whose caller tells of a danger sign, by reading them: these are rightly not booked.
TELLS_DANGER: frozenset[str] = frozenset()


@dataclass
class Played:
    """What came of one dialogue. ``asked``: the names of the questions, in order."""

    scene: Scene
    outcome: str
    asked: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)  # caller, agent: for looking at one dialogue
    utterances: int = 0  # of the caller's own, identity left out


async def play(scene: Scene, services: Services) -> Played:
    """One dialogue from the greeting to a booking, or to where it fails."""
    conversation = await Conversation.open(services, "CA" + "0" * 32, NUMBER)
    keyboard = Keyboard(services, conversation)
    played = Played(scene, "")
    await keyboard.take(CallStarted())
    while not played.outcome:
        state = conversation.state
        played.asked.append(state.asking)
        text = scene.reply(state.asking, state.offers, str(state.slots.get("picked") or ""))
        if text is None:
            played.outcome = f"failed: no sentence of theirs answers {_step(state.asking)}"
            break
        decisions = await keyboard.hear(text)
        reply = " ".join(sentence.text for decision in decisions for sentence in decision.say)
        played.said.append((text, reply))
        played.utterances += text not in scene.ours
        played.outcome = _outcome(scene, conversation, len(played.asked))
    await conversation.hang_up()
    return played


def _outcome(scene: Scene, conversation: Conversation, turns: int) -> str:
    """ "" while the call goes on."""
    for action, result in conversation.done:
        if isinstance(result, VisitBooked):
            right = any(same(result.visit, wanted) for wanted in scene.wanted)  # type: ignore[arg-type]
            return RIGHT if right else WRONG
        if isinstance(result, ActionFailed):
            return f"failed: {type(action).__name__} {result.code}"
    if conversation.state.red_flags:
        sign = conversation.state.red_flags[0].red_flag_id
        return DANGER if scene.name in TELLS_DANGER else f"failed: taken for the danger sign {sign}"
    for action, _ in conversation.done:
        if isinstance(action, TransferCall | OpenTask):
            return f"failed: given to staff ({type(action).__name__})"
    asking = conversation.state.asking
    if asking == "repair.offer":
        return f"failed: not understood at {_step(conversation.state.known.get('offered_from'))}"
    return f"failed: too long, at {_step(asking)}" if turns >= MOST_TURNS else ""


def _step(asking: object) -> str:
    return str(asking).rpartition(".")[2] or "nothing"


def half_of(name: str) -> str:
    return "mend" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "score"


def scenes(rows: Iterable[str]) -> Iterator[Scene]:
    for line in rows:
        found = scene(json.loads(line))
        if found is not None:
            yield found


async def play_all(wanted: list[Scene], mind: Remote) -> list[Played]:
    played: list[Played] = []
    with tempfile.TemporaryDirectory() as name:
        practices = empty_practice(Path(name))
        for number, one in enumerate(wanted):
            async with open_scene(one, practices, Path(name) / str(number), mind) as services:
                played.append(await play(one, services))
    return played


def table(played: list[Played]) -> str:
    """Outcomes by half, and the share that the target speaks of."""
    counts: dict[str, Counter[str]] = {}
    for one in played:
        counts.setdefault(half_of(one.scene.name), Counter())[one.outcome] += 1
    halves = sorted(counts)
    names = sorted({one.outcome for one in played}, key=lambda name: (name.startswith("failed"), name))
    rows = [(name, [str(counts[half][name]) for half in halves]) for name in names]
    rows.append(("**right, of those without a danger sign**", [_share(counts[half]) for half in halves]))
    lines = [f"| outcome | {' | '.join(halves)} |", "| --- |" + " --- |" * len(halves)]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)])


def _share(count: Counter[str]) -> str:
    of = sum(count.values()) - count[DANGER]
    return f"{count[RIGHT]} of {of} ({100 * count[RIGHT] / of:.0f} %)" if of else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("mend", "score", "all"), default="all")
    parser.add_argument("--only", nargs="*", default=(), help="some dialogues, by name")
    parser.add_argument(
        "--failures", action="store_true", help="names of failed dialogues with their questions"
    )
    parser.add_argument("--most", type=int, default=0, help="that many dialogues only")
    parser.add_argument(
        "--log", type=Path, help="writes every dialogue as played: for your eyes, not for the project"
    )
    chosen = parser.parse_args()
    if not ROWS.exists():
        print(f"{ROWS} is not there: the dialogues are not part of the project")
        return
    configure(logging.ERROR)
    service = MindService()
    service.load()
    wanted = [
        one
        for one in scenes(ROWS.read_text().splitlines())
        if chosen.half in ("all", half_of(one.name)) and (not chosen.only or one.name in chosen.only)
    ]
    played = asyncio.run(play_all(wanted[: chosen.most or None], local(service)))
    print(table(played))
    right = sorted(one.utterances for one in played if one.outcome == RIGHT)
    if right:
        print(
            f"\nUtterances to a booking, identity left out: median {right[len(right) // 2]}, most {right[-1]}"
        )
    if chosen.failures:
        _show(played)
    if chosen.log:
        chosen.log.write_text(json.dumps([_logged(one) for one in played], indent=1))


def _show(played: list[Played]) -> None:
    for one in played:
        if one.outcome != RIGHT:
            print(f"{one.scene.name}: {one.outcome}: {' '.join(one.asked)}")


def _logged(one: Played) -> dict[str, Any]:
    wanted = [f"{w.provider} {w.start}" for w in one.scene.wanted]
    return {
        "name": one.scene.name,
        "outcome": one.outcome,
        "wanted": wanted,
        "asked": one.asked,
        "said": one.said,
    }


if __name__ == "__main__":
    main()
