"""`firstring understand`: what a line of words means, with the danger screen, as JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from agent import settings as settings_module
from agent.lines import Line
from agent.preparing import practice_of
from agent.settings import Settings
from agent.worker_services import mind_service
from dialog.safety import Assessment, assess
from intents.understand import MAX_CHARACTERS, MindService
from models.domain import Context, Expectation, ExpectationKind, Transcript, Understanding
from models.errors import SettingsError

Answer = dict[str, Any]
TOO_LONG = f"longer than a turn: only the danger screen read beyond {MAX_CHARACTERS} characters"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked before, the day it is, and how much is told."""

    expect: str = ExpectationKind.OPEN.value
    asked: str = ""
    today: str = ""  # as 2026-12-01; "" is the clock's day
    detail: bool = False  # the classifier's own opinion too, and all that the danger screen found


def kind_of(name: str) -> ExpectationKind:
    try:
        return ExpectationKind(name)
    except ValueError as problem:
        kinds = ", ".join(kind.value for kind in ExpectationKind)
        raise SettingsError(f"--expect {name!r} is not known", fix=f"It is one of: {kinds}.") from problem


def run(chosen: Settings, question: Question, lines: Iterable[Line]) -> Iterator[Answer]:
    """One JSON value per input line, on the practice's own lists. No line ends the run.

    Raises SettingsError for a kind of question or a day that is none.
    """
    expectation = Expectation(kind_of(question.expect), asked=question.asked)
    context = context_of(chosen, question.today)
    mind = mind_service(chosen)
    mind.load()
    for line in lines:
        yield answer_to(mind, line, expectation, context, detail=question.detail)


def context_of(chosen: Settings, today: str) -> Context:
    """The practice now, or at noon of a day. Raises SettingsError."""
    now, practice = settings_module.clock_of(chosen)(), practice_of(chosen)
    if today:
        now = datetime.combine(_day(today), time(12), ZoneInfo(practice.timezone))
    return Context(now=now, practice=practice.facts(now))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise SettingsError(f"--today {text!r} is no day", fix="Write it as 2026-12-01.") from problem


def answer_to(
    mind: MindService, line: Line, expectation: Expectation, context: Context, *, detail: bool = False
) -> Answer:
    """What one line means. A fault of ours is an answer as well: the danger screen has read the line."""
    found, opinion = assess([line.text], added=context.practice.danger_phrases), {}
    understood = Understanding(Transcript(line.text, 1.0, engine="keyboard"))
    problems = [line.problem, TOO_LONG if len(line.text) > MAX_CHARACTERS else ""]
    try:
        understood = mind.understand(understood.transcript, expectation, context)
        opinion = mind.opinion(line.text, expectation.kind) if detail else {}
    except Exception as fault:  # whatever one line does, the next ones are read
        problems.append(f"could not be understood ({type(fault).__name__}): report this line as a defect")
    said = "; ".join(filter(None, problems))
    told = as_json(understood, found) | ({"problem": said} if said else {})
    return told | {"classifier": opinion, "danger": _danger(found, understood.suspected)} if detail else told


def as_json(understanding: Understanding, found: Assessment) -> Answer:
    flag = found.flag
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


def _danger(found: Assessment, suspected: str) -> Answer:
    """All that the screen found, also what it would ask about, what needs nothing; what the network adds."""
    return {
        "raised": [one.red_flag_id for one in found.raised],
        "asks about": found.doubt.id if found.doubt else None,
        "network suspects": suspected or None,
        "denied": list(found.denied),
        "past": sorted({one.flag.id for one in found.history}),
    }


def readable(told: Answer) -> str:
    """The same for a person."""
    sure = f" ({told['confidence']:.0%} sure)" if told["intent"] else ""
    lines = [f"wants: {', '.join(told['intents']) or 'nothing that is known'}{sure}"]
    for name, entity in told["entities"].items():
        words = _printable(told["text"][slice(*entity["span"])])
        lines.append(f'  {name}: {entity["value"]}, from "{words}" ({entity["certainty"]:.0%})')
    if told["red_flag"]:
        lines.append(f"  DANGER: {told['red_flag']['id']}, {told['red_flag']['disposition']}")
    lines += [f"  {name}: {told[name]}" for name in ("classifier", "danger", "problem") if told.get(name)]
    return "\n".join(lines)


def _printable(text: str) -> str:
    """Without what a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)
