"""A check-in in the note: what was reported, denied and not asked, each answer with the caller's words."""

from __future__ import annotations

from collections.abc import Iterator

from ehr_writeback.checks_checkin import EARLIER, bears, shown
from ehr_writeback.note_lines import NoteLines
from ehr_writeback.titles import NO_ANSWER
from models.domain import CallRecord, CheckinAnswer, FileCheckin


class CheckinLines:
    """The lines of all check-ins of one call."""

    def __init__(self, record: CallRecord, lines: NoteLines) -> None:
        self._filed = [
            (done.turn_number, done.action) for done in record.done if isinstance(done.action, FileCheckin)
        ]
        self._lines = lines

    def findings(self, *, present: bool) -> list[str]:
        """Findings that were reported, or denied."""
        given = (answer for _, filed in self._filed for answer in filed.answers)
        return [self.answer(one) for one in given if one.present is present]

    def answer(self, one: CheckinAnswer) -> str:
        """One answer: a finding by its name, another with its value where the caller's words say it."""
        if one.present is not None:
            return f"- {one.finding}: {self._said(one)}"
        return f"- {one.finding or one.text}{self._told(one)}"

    def not_asked(self) -> list[str]:
        return [f"- {name}" for _, filed in self._filed for name in filed.not_asked]

    def answers(self) -> list[str]:
        """Which questionnaire, how far, scores, and every answer that is no finding."""
        return [line for number, filed in self._filed for line in self._of(number, filed)]

    def _of(self, number: int, filed: FileCheckin) -> Iterator[str]:
        tag = self._lines.tag(number)
        yield f"- {filed.title}, {filed.questionnaire}, {filed.status.value} {tag}"
        for score in filed.scores:
            yield f"- score {score.name}: {score.total}{f' ({score.band})' if score.band else ''} {tag}"
        yield from (self.answer(one) for one in filed.answers if one.present is None)
        for reason in filed.reasons:
            yield f"- rule met: {reason} {tag}"

    def _told(self, answer: CheckinAnswer) -> str:
        said = self._said(answer)
        return f": {said}" if said == EARLIER else f"{self._value(answer)}{said}"

    def _value(self, answer: CheckinAnswer) -> str:
        """The value where the caller's own words say it; else their words stand alone."""
        if answer.absent:
            return f" {NO_ANSWER.get(answer.absent, answer.absent)}, "
        said = bears(answer, answer.quote) and self._lines.spans.said(answer.quote)
        return f" = {shown(answer)}, " if said else ": "

    def _said(self, answer: CheckinAnswer) -> str:
        if not answer.quote and (turn := self._lines.spans.pressed(answer.text)):
            return f"keys {turn.keys} {self._lines.tag(turn.number)}"
        if not self._lines.answer_to(answer.text, answer.quote) and not self._lines.spans.was_asked(
            answer.text
        ):
            return EARLIER
        turn = self._lines.answer_to(answer.text, answer.quote) if answer.quote else None
        return f"{self._lines.quote(answer.quote)} {self._lines.tag(turn.number if turn else None)}"
