"""What a note may rest on: the words of each turn, the actions with their outcomes, the call's own record."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum

from ehr_writeback.heard_numbers import numbers_in
from ehr_writeback.plain_words import flat, uncut
from models.domain import CallRecord, DoneAction, TranscriptStopped, TurnRecord, VerifyIdentity

UNKEPT = "words not kept, as the caller asked"


class Evidence:
    """The record of one call, asked in the way a checker asks."""

    def __init__(self, record: CallRecord, medicine_names: Collection[str] = ()) -> None:
        self.record = record
        self.medicine_names = frozenset(name.casefold() for name in medicine_names)
        self._turns = {turn.number: turn for turn in record.turns}
        spoken_for = any(
            isinstance(done.action, VerifyIdentity) and done.action.caller_names for done in record.done
        )
        self.for_another = spoken_for or not record.patient_id

    def turn(self, number: int) -> TurnRecord | None:
        return self._turns.get(number)

    def caller_said(self, words: str, number: int) -> bool:
        """Whether these very words stand in what the caller said in a turn; a cut quote is its beginning."""
        turn = self.turn(number)
        return turn is not None and _holds(turn.caller_text, words)

    def agent_said(self, words: str, number: int) -> bool:
        """Whether the caller heard these very words from us in a turn."""
        turn = self.turn(number)
        return turn is not None and _holds(turn.heard_to or turn.agent_text, words)

    def utterance(self, number: int) -> str:
        turn = self.turn(number)
        return flat(turn.caller_text) if turn else ""

    def done_in(self, number: int) -> Iterator[DoneAction]:
        return (done for done in self.record.done if done.turn_number == number)

    def keeps_words(self, number: int) -> bool:
        """Whether the words of a turn were kept: none are from the one on in which the caller said so."""
        return keeps_words(self.record, number)

    def spoken_by(self, number: int) -> str:
        """All that both have said up to a turn."""
        turns = [turn for turn in self.record.turns if turn.number <= number]
        return flat(" . ".join(f"{turn.caller_text} . {turn.agent_text}" for turn in turns))

    def caller_by(self, number: int) -> str:
        """All that the caller has said up to a turn."""
        return flat(" . ".join(turn.caller_text for turn in self.record.turns if turn.number <= number))

    def answers_to(self, question: str, upto: int) -> Iterator[tuple[int, str]]:
        """What the caller answered where we asked ``question``: turn and words, the latest first."""
        asked, found = flat(question), []
        for before, after in zip(self.record.turns, self.record.turns[1:], strict=False):
            if after.number <= upto and asked in flat(before.agent_text):
                found.append((after.number, after.caller_text or after.keys))
        return reversed(found)

    def was_asked(self, question: str) -> bool:
        """Whether we asked it on this call."""
        return any(flat(question) in flat(turn.agent_text) for turn in self.record.turns)

    def answers_question(self, number: int, question: str, others: Collection[str]) -> bool:
        """Whether of all these questions ``question`` was the last one asked before a turn."""
        texts = {flat(question): True} | {flat(one): one == question for one in others}
        for turn in reversed([turn for turn in self.record.turns if turn.number < number]):
            said = flat(turn.agent_text)
            asked = [mine for text, mine in texts.items() if text in said]
            if asked:
                return any(asked)
        return False


def keeps_words(record: CallRecord, number: int) -> bool:
    """False from the turn on in which the caller chose that nothing is written down."""
    stopped = [done.turn_number for done in record.done if isinstance(done.result, TranscriptStopped)]
    return number < min(stopped, default=number + 1)


def _holds(text: str, words: str) -> bool:
    wanted = uncut(words)
    return bool(wanted) and wanted in flat(text)


def facts_of(value: object) -> Iterator[str]:
    """Every fact of an action or a result, as text."""
    if isinstance(value, Enum):
        yield str(value.value)
    elif isinstance(value, datetime | date):
        yield value.isoformat()
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, str | int | float):
        yield str(value)
    elif is_dataclass(value):
        for item in fields(value):
            yield from facts_of(getattr(value, item.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from facts_of(item)


def unsaid_numbers(words: str, *sources: str) -> list[str]:
    """Numbers of ``words`` that stand in none of the sources."""
    known = frozenset[str]().union(*(numbers_in(source) for source in sources))
    return sorted(number for number in numbers_in(words) if number not in known)
