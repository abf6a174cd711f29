"""The words of a note: quotes with the turns that they stand in, questions with their answers, instants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ehr_writeback.assertions import denials, of_another
from ehr_writeback.plain_words import CUT, quoted
from ehr_writeback.spans import Spans
from ehr_writeback.times import stamp, zone_named
from models.domain import CallRecord, TurnRecord, VerifyIdentity

MAX_QUOTE_CHARS = 500


class NoteWords:
    """Quotes from one call; holds its record and the practice's zone."""

    def __init__(self, record: CallRecord) -> None:
        self.record = record
        self.zone = zone_named(record.practice_timezone)
        self.spans = Spans(record)
        self.for_another = not record.patient_id or any(
            isinstance(done.action, VerifyIdentity) and done.action.caller_names for done in record.done
        )

    def stamp(self, at: datetime) -> str:
        return stamp(at, self.zone)

    def tag(self, turn_number: int | None) -> str:
        return "[turn not recorded]" if turn_number is None else f"[t{turn_number}]"

    def quote(self, words: str) -> str:
        """As said, on one line, in quotation marks."""
        whole = quoted(words)
        cut = whole if len(whole) <= MAX_QUOTE_CHARS else whole[:MAX_QUOTE_CHARS] + CUT
        return f'"{cut}"'

    def said(self, words: str, *, denied: bool = False) -> str:
        """A quote with the turn in which the caller said it, or our question with their answer."""
        if turn := self.turn_with(words):
            return f"{self.quote(words)} {self.tag(turn.number)}"
        if pairs := self._answered(words):
            return " / ".join(pairs)
        if pair := self.spans.agreed(words, denied=denied):
            return self._asked(words, *pair)
        if turns := self.spans.in_a_row(words.split(" / ")):
            quotes = zip(words.split(" / "), turns, strict=True)
            return " / ".join(f"{self.quote(part)} {self.tag(turn.number)}" for part, turn in quotes)
        return f"{self.quote(words)} {self.tag(None)}"

    def _answered(self, words: str) -> list[str]:
        """Each "question answer" of a list as question and answer, [] when one of them was not asked."""
        parts = words.split(" / ")
        pairs = [(part, pair) for part in parts if (pair := self.spans.answered(part))]
        if len(pairs) < len(parts):
            return []
        return [
            self._asked(part[: len(part) - len(pair[1].caller_text)].strip(), *pair) for part, pair in pairs
        ]

    def _asked(self, question: str, asked: TurnRecord, answer: TurnRecord) -> str:
        words = f"asked: {self.quote(question)} {self.tag(asked.number)}"
        return f"{words}, caller: {self.quote(answer.caller_text)} {self.tag(answer.number)}"

    def reported(self, symptoms: Sequence[str]) -> Iterator[str]:
        """What the caller reported; what they told of somebody else is marked so."""
        for words in symptoms:
            turn = None if self.for_another else self.turn_with(words)
            other = turn and of_another(turn.caller_text, words)
            yield f"- {'about another person: ' if other else ''}{self.said(words)}"

    def denied(self, symptoms: Sequence[str]) -> Iterator[str]:
        """What the caller denied, and no more of the sentence; what we named and they said no to by name."""
        for words in symptoms:
            turn = self.turn_with(words)
            parts = denials(" ".join(turn.caller_text.split()), words) if turn else []
            yield from (f"- {self.quote(part)} {self.tag(turn.number)}" for part in parts if turn)
            if not parts:
                line, asked = self.said(words, denied=True), f"asked: {self.quote(words)}"
                named = line.startswith(asked)
                yield f"- {words}: asked{line.removeprefix(asked)}" if named else f"- {line}"

    def turn_with(self, words: str) -> TurnRecord | None:
        """The first turn in which the caller said ``words``."""
        return self.spans.said(words)

    def answer_to(self, question: str, words: str) -> TurnRecord | None:
        """The turn in which ``words`` answered a question, else the first in which they were said."""
        return self.spans.answer(question, words) or self.turn_with(words)
