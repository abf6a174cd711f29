"""What a reply may be like, whatever was said: how long, how truthful, how plain."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialog.state import DialogState
from dialog.wording_rules import faults, prescribed, says_done, sentences
from models.domain import ActionFailed, CallStarted, Decision, Event, Heard, Outcome, PracticeFacts

MOST_STATEMENTS = 2  # besides one question, until the caller speaks again


def statements(said: Iterable[str], practice: PracticeFacts) -> int:
    """How many sentences are told: all but questions and what is prescribed word for word."""
    free = prescribed(practice)
    parts = [part for text in said if text not in free for part in sentences(text)]
    return sum(not part.endswith("?") for part in parts)


def questions(said: Iterable[str]) -> int:
    return sum(text.count("?") for text in said)


def claims(said: Iterable[str]) -> list[str]:
    """Sentences that say something was done."""
    return [text for text in said if says_done(text)]


def succeeded(event: Event) -> bool:
    return isinstance(event, Outcome) and not isinstance(event.result, ActionFailed)


def texts(decision: Decision[DialogState]) -> tuple[str, ...]:
    return tuple(sentence.text for sentence in decision.say)


def meant(decision: Decision[DialogState], practice: PracticeFacts) -> list[str]:
    """What was said, a signed Spanish wording by the English that it stands for."""
    english = {spanish: text for text, spanish in practice.spanish.said} if practice.spanish else {}
    return [english.get(text, text) for text in texts(decision)]


def begins_anew(event: Event) -> bool:
    """On a new stream what was lost is said again."""
    return isinstance(event, CallStarted)


class Ear:
    """Listens to one call's agent: every sentence is plain and in bounds, and true when it is said.

    The caller's own words, read back to them, are the caller's.
    """

    def __init__(self) -> None:
        self._words: list[str] = []
        self._told: set[str] = set()

    def note(self, words: str) -> None:
        """Something that the caller said."""
        if words.strip():
            self._words.append(" ".join(words.split()))

    def listen(self, event: Event, decision: Decision[DialogState], practice: PracticeFacts) -> None:
        if isinstance(event, Heard):
            self.note(event.understanding.text)
        for text in meant(decision, practice):
            self.is_plain(text, practice)
            if says_done(text):
                assert succeeded(event) or text in self._told, (text, event)
                self._told.add(text)
        if succeeded(event):
            self._told.update(decision.state.owed)  # what is too much for this reply is true in the next

    def is_plain(self, text: str, practice: PracticeFacts) -> None:
        if not faults(text, practice):
            return  # the caller may have said the words of an answer that we name
        for words in sorted(self._words, key=len, reverse=True):
            text = re.sub(rf"\b{re.escape(words.rstrip('.!?'))}\b", "that", text)
        assert not faults(text, practice), (faults(text, practice), text)
