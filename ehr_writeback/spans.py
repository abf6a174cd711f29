"""Where in a call words were said: by the caller, by us, or as a question that the caller answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ehr_writeback.assertions import denies
from ehr_writeback.plain_words import uncut
from models.domain import CallRecord, TurnRecord

Pair = tuple[TurnRecord, TurnRecord]  # the turn of our question, the turn of the answer


class Spans:
    """Searches the turns of one call, earliest first."""

    def __init__(self, record: CallRecord) -> None:
        self._turns = record.turns

    def said(self, words: str) -> TurnRecord | None:
        """The first turn in which the caller said ``words``."""
        wanted = uncut(words)
        said = (turn for turn in self._turns if wanted in uncut(turn.caller_text))
        return next(said, None) if wanted else None

    def spoken(self, words: str) -> bool:
        """Whether anybody said ``words``."""
        wanted = uncut(words)
        return any(
            wanted in uncut(turn.caller_text) or wanted in uncut(turn.agent_text) for turn in self._turns
        )

    def was_asked(self, question: str) -> bool:
        """Whether we asked it on this call."""
        wanted = uncut(question)
        return any(wanted in uncut(turn.agent_text) for turn in self._turns)

    def answer(self, question: str, words: str) -> TurnRecord | None:
        """The first turn after ``question`` in which ``words`` were said: it may have been asked twice."""
        wanted = uncut(words)
        for asked, _ in self._asked(question):
            later = (turn for turn in self._turns if turn.number > asked.number)
            if found := next((turn for turn in later if wanted in uncut(turn.caller_text)), None):
                return found
        return None

    def pressed(self, question: str) -> TurnRecord | None:
        """The turn in which ``question`` was answered by keys."""
        return next((after for _, after in self._asked(question) if after.keys), None)

    def in_a_row(self, parts: Sequence[str]) -> list[TurnRecord]:
        """The turns in which the caller said one part after the other, [] when one of them was not said."""
        found: list[TurnRecord] = []
        for part in parts:
            after = found[-1].number if found else -1
            later = (turn for turn in self._turns if turn.number > after)
            turn = next(
                (turn for turn in later if uncut(part) and uncut(part) in uncut(turn.caller_text)), None
            )
            if turn is None:
                return []
            found.append(turn)
        return found

    def answered(self, words: str) -> Pair | None:
        """Question and answer where ``words`` are both, one after the other."""
        wanted = uncut(words)
        for before, after in self._pairs():
            answer = uncut(after.caller_text)
            question = wanted.removesuffix(answer).strip()
            if answer and wanted.endswith(answer) and question and question in uncut(before.agent_text):
                return before, after
        return None

    def agreed(self, words: str, *, denied: bool) -> Pair | None:
        """Where we asked about ``words`` and the caller said no (``denied``), or did not; the last time."""
        pairs = [pair for pair in self._asked(words) if pair[1].caller_text]
        return next((pair for pair in reversed(pairs) if denies(pair[1].caller_text) is denied), None)

    def _asked(self, question: str) -> Iterator[Pair]:
        wanted = uncut(question)
        return (
            (before, after)
            for before, after in self._pairs()
            if wanted and wanted in uncut(before.agent_text)
        )

    def _pairs(self) -> Iterator[Pair]:
        """Each turn with the next in which the caller said or pressed something."""
        for at, before in enumerate(self._turns):
            later = (turn for turn in self._turns[at + 1 :] if turn.caller_text or turn.keys)
            if after := next(later, None):
                yield before, after
