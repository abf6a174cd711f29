"""What a reply may be like, whatever was said: how long, how truthful, and never the same twice running."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialog import safety, wording
from dialog.state import DialogState
from models.domain import ActionFailed, CallStarted, Decision, Event, Outcome, PracticeFacts

MOST_STATEMENTS = 2  # besides one question
MOST_AFTER_NEWS = 4  # an outcome is told, and what was asked meanwhile is answered at once
# Nothing is said to be done but by the outcome that did it.
DONE = re.compile(
    r"\b(is|are|was|been|have|i've|we've) (now )?"
    r"(booked|cancelled|sent|passed|moved|transferred|saved|deleted)\b"
    r"|\bpassed it on\b|\byou're (booked|all set)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.?!]+[.?!]+")


def prescribed(practice: PracticeFacts) -> frozenset[str]:
    """Sentences that stand in the rules word for word, however long they make a reply."""
    texts = (*wording.greeting(practice), *wording.closing(practice), *safety.all_sentences())
    return frozenset(texts)


def split(text: str) -> list[str]:
    """A text's sentences. An hour's or a title's full stop does not occur: they are written out."""
    return [part.strip() for part in _SENTENCE.findall(text)] or [text]


def statements(said: Iterable[str], asked: str, practice: PracticeFacts) -> int:
    """How many sentences are told. One that the open question reads out belongs to the question."""
    free = prescribed(practice)
    told = [part for text in said if text not in free for part in split(text) if not part.endswith("?")]
    return len(told) - any(part in asked for part in told)


def most_statements(event: Event) -> int:
    return MOST_AFTER_NEWS if isinstance(event, Outcome) else MOST_STATEMENTS


def questions(said: Iterable[str]) -> int:
    return sum(text.count("?") for text in said)


def claims(said: Iterable[str]) -> list[str]:
    """Sentences that say something was done."""
    return [text for text in said if DONE.search(text)]


def succeeded(event: Event) -> bool:
    return isinstance(event, Outcome) and not isinstance(event.result, ActionFailed)


def texts(decision: Decision[DialogState]) -> tuple[str, ...]:
    return tuple(sentence.text for sentence in decision.say)


def begins_anew(event: Event) -> bool:
    """On a new stream what was lost is said again."""
    return isinstance(event, CallStarted)
