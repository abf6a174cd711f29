"""Which sentences never vary: they are rendered ahead of the call and spoken from the cache."""

from __future__ import annotations

from functools import lru_cache

from dialog import emergency, identity, safety, wording
from dialog.flows import FLOWS, questionnaire
from dialog.repair import REASKS
from dialog.steps import Step
from models.domain import Pace, PracticeFacts, Sentence


def sentence(text: str, practice: PracticeFacts, pace: Pace = Pace.NORMAL) -> Sentence:
    return Sentence(text, fixed=text in _constant() or text in _of_practice(practice), pace=pace)


def fixed_sentences(practice: PracticeFacts) -> tuple[str, ...]:
    """Every sentence that can be rendered before a call comes in, each once."""
    return tuple(dict.fromkeys((*_of_practice(practice), *_constant())))


@lru_cache(maxsize=8)
def _of_practice(practice: PracticeFacts) -> tuple[str, ...]:
    topics = (topic.answer for topic in practice.office_info)
    facts = (*wording.about_practice(practice).values(), *topics)
    lines = (line.greeting for line in practice.lines if line.greeting)
    return (
        *wording.greeting(practice),
        *lines,
        *wording.closing(practice),
        *facts,
        wording.call_us(practice),
        *_asked(practice),
    )


def _asked(practice: PracticeFacts) -> tuple[str, ...]:
    """What the practice's check-ins ask."""
    found: list[str] = []
    for one in practice.questionnaires:
        found += one.opening
        for question in one.questions:
            found += (question.text, *(question.reasks or questionnaire.reasks(question)))
    return tuple(found)


@lru_cache(maxsize=1)
def _constant() -> dict[str, None]:
    """A dict for its order and its quick look-up."""
    found = [*wording.constants(), *safety.all_sentences(), *emergency.CONSTANTS, *identity.CONSTANTS]
    for step in (*identity.STEPS, *(step for flow in FLOWS.values() for step in flow.steps)):
        found += _of_step(step)
    for flow in FLOWS.values():
        found += [text for text in (flow.back, flow.then, *flow.constants) if text]
    found += [text for reasks in REASKS.values() for text in reasks]
    return dict.fromkeys(found)


def _of_step(step: Step) -> tuple[str, ...]:
    return (*((step.ask,) if isinstance(step.ask, str) else ()), *step.reasks)
