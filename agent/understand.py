"""`firstring understand`: what a line of words means, with the danger screen, as JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from agent import settings as settings_module
from agent.preparing import practice_of
from agent.services import mind_service
from agent.settings import Settings
from dialog.safety import screen
from models.domain import Context, DangerPhrase, Expectation, ExpectationKind, Transcript, Understanding
from models.errors import SettingsError


def kind_of(name: str) -> ExpectationKind:
    try:
        return ExpectationKind(name)
    except ValueError as problem:
        kinds = ", ".join(kind.value for kind in ExpectationKind)
        raise SettingsError(f"--expect {name!r} is not known", fix=f"It is one of: {kinds}.") from problem


def run(chosen: Settings, expect: str, asked: str, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One JSON value per input line, on the practice's own lists."""
    expectation = Expectation(kind_of(expect), asked=asked)
    now = settings_module.clock_of(chosen)()
    context = Context(now=now, practice=practice_of(chosen).facts(now))
    mind = mind_service(chosen)
    mind.load()
    for line in lines:
        text = line.rstrip("\n")
        understanding = mind.understand(Transcript(text, 1.0, engine="keyboard"), expectation, context)
        yield as_json(understanding, context.practice.danger_phrases)


def as_json(understanding: Understanding, added: tuple[DangerPhrase, ...] = ()) -> dict[str, Any]:
    flag = screen([understanding.text, *understanding.transcript.alternatives], added)
    return {
        "text": understanding.text,
        "intent": understanding.intent.value if understanding.intent else None,
        "intents": [intent.value for intent in understanding.intents],
        "confidence": round(understanding.confidence, 4),
        "entities": {
            name: {"value": entity.value, "span": list(entity.span), "certainty": round(entity.certainty, 4)}
            for name, entity in understanding.entities.items()
        },
        "red_flag": {"id": flag.red_flag_id, "disposition": flag.disposition} if flag else None,
    }
