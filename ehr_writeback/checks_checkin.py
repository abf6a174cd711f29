"""What a note may say of a check-in: its name, its scores, each answer as the caller's words bear it out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ehr_writeback import assertions
from ehr_writeback.evidence import Evidence
from ehr_writeback.heard_numbers import numbers_in
from ehr_writeback.plain_words import flat
from ehr_writeback.titles import NO_ANSWER
from models.domain import CheckinAnswer, DoneAction, FileCheckin, QuestionKind, TurnRecord

_TAGGED = re.compile(r"(.+) \[t(\d+)\]")
_SCORE = re.compile(r"score (\S+): (\d+)(?: \((.+)\))?")
_ANSWER = re.compile(
    r'(.+?)(?:: | = (.+?), | (declined to answer|not known to caller), )(?:"([^"]*)"|keys ([\d*#]+))'
)
EARLIER = "answered on an earlier call"
_SENTENCE_WORDS = 4
_DIGITS = re.compile(r"\d+")
_ABSENT = {words: code for code, words in NO_ANSWER.items()}


def checkin_line(line: str, seen: Evidence) -> bool:
    """A line of the check-in's section, with the turn in which it was filed or answered."""
    if line.endswith(f": {EARLIER}"):
        return any(answered_earlier(line, one, seen) for filed in _all(seen) for one in filed.answers)
    found = _TAGGED.fullmatch(line)
    if not found:
        return False
    text, number = found[1], int(found[2])
    if answer := _ANSWER.fullmatch(text):
        return any(
            _answer(answer, one, seen, number) and answers_it(one, filed, seen, number)
            for filed in _all(seen)
            for one in filed.answers
        )
    return any(_of_whole(text, done.action, seen) for done in seen.done_in(number))


def _all(seen: Evidence) -> Iterator[FileCheckin]:
    yield from (done.action for done in seen.record.done if isinstance(done.action, FileCheckin))


def _of_whole(text: str, filed: DoneAction | object, seen: Evidence) -> bool:
    """A score and a rule rest on answers: where one of those has no source, neither has a source."""
    if not isinstance(filed, FileCheckin):
        return False
    if found := _SCORE.fullmatch(text):
        told = (found[1], int(found[2]), found[3] or "")
        scored = [answer for answer in filed.answers if answer.score is not None]
        adds_up = max(score.total for score in filed.scores) == sum(one.score or 0 for one in scored)
        same = told in [(score.name, score.total, score.band) for score in filed.scores]
        return same and adds_up and _all_borne(scored, filed, seen)
    if text in [f"rule met: {reason}" for reason in filed.reasons]:
        return _all_borne(filed.answers, filed, seen)
    return text == f"{filed.title}, {filed.questionnaire}, {filed.status.value}"


def _all_borne(answers: Collection[CheckinAnswer], filed: FileCheckin, seen: Evidence) -> bool:
    return all(_is_borne(one, filed, seen) for one in answers)


def _is_borne(answer: CheckinAnswer, filed: FileCheckin, seen: Evidence) -> bool:
    """Whether the answer was given to its question on this call, or on an earlier one, and has its value."""
    if not value_stands(answer, seen):
        return False
    given = (turn for turn in seen.record.turns if _gave(answer, turn, seen))
    told = any(answers_it(answer, filed, seen, turn.number) for turn in given)
    return told or not seen.was_asked(answer.text)


def _gave(answer: CheckinAnswer, turn: TurnRecord, seen: Evidence) -> bool:
    return seen.caller_said(answer.quote, turn.number) if answer.quote else bool(turn.keys)


def _answer(found: re.Match[str], answer: CheckinAnswer, seen: Evidence, number: int) -> bool:
    name, value, absent, quote, keys = found.groups()
    if name != (answer.finding or answer.text) or _ABSENT.get(absent or "", "") != answer.absent:
        return False
    if keys:
        turn = seen.turn(number)
        return not value and turn is not None and turn.keys == keys and not answer.quote
    said = flat(quote) == flat(answer.quote) and seen.caller_said(quote, number)
    return said and (not value or (value == shown(answer) and bears(answer, quote)))


def answered_earlier(line: str, answer: CheckinAnswer, seen: Evidence) -> bool:
    """Whether a check-in begun on an earlier call has this answer from there; nothing is told of it."""
    named = line == f"{answer.finding or answer.text}: {EARLIER}"
    return named and not seen.was_asked(answer.text)


def answers_it(answer: CheckinAnswer, filed: FileCheckin, seen: Evidence, number: int) -> bool:
    """Whether the turn answers this very question; what is told unasked takes a whole sentence."""
    asked = seen.answers_question(number, answer.text, [one.text for one in filed.answers])
    told = len(answer.quote.split()) >= _SENTENCE_WORDS and answer.kind is not QuestionKind.CHOICE
    return asked or told


def shown(answer: CheckinAnswer) -> str:
    """An answer's value as the note shows it."""
    return f"{answer.display or answer.value}{f' {answer.unit}' if answer.unit else ''}"


def value_stands(answer: CheckinAnswer, seen: Evidence) -> bool:
    """Whether the words (or keys) can mean the value: a number is in them, a "no" is no "yes".

    What was understood from words that do not say it (an option, a day) is marked so: `is_understood`.
    """
    if answer.absent or answer.kind in (QuestionKind.CHOICE, QuestionKind.DAY):
        return True
    if answer.kind is QuestionKind.YES_NO:
        return not answer.quote or assertions.denies(answer.quote) is (answer.value == "no")
    return bears(answer, answer.quote) or (not answer.quote and _pressed(answer, seen))


def _pressed(answer: CheckinAnswer, seen: Evidence) -> bool:
    """Whether the keys in answer to its question are the number itself."""
    pressed = [turn.keys for turn in seen.record.turns if turn.keys]
    return _DIGITS.findall(answer.value) in [_DIGITS.findall(keys) for keys in pressed]


def is_understood(answer: CheckinAnswer) -> bool:
    """Whether the value was understood from words that do not say it themselves."""
    takes_reading = answer.kind in (QuestionKind.CHOICE, QuestionKind.DAY)
    return takes_reading and not answer.absent and not bears(answer, answer.quote)


def unsaid_values(seen: Evidence) -> Iterator[tuple[FileCheckin, CheckinAnswer]]:
    """Answers whose value is not in the caller's words, which stand without it."""
    for filed in _all(seen):
        yield from ((filed, one) for one in filed.answers if not value_stands(one, seen))


def bears(answer: CheckinAnswer, words: str) -> bool:
    """Whether the caller's words say the value itself: its numbers, its option by name; no inference."""
    said = flat(words)
    if answer.kind in (QuestionKind.NUMBER, QuestionKind.PRESSURE):
        spoken = numbers_in(words)
        return bool(answer.value) and all(
            part.removesuffix(".0") in spoken for part in answer.value.split("/")
        )
    if answer.kind is QuestionKind.CHOICE:
        return bool(answer.display) and flat(answer.display) in said
    return answer.kind is QuestionKind.WORDS and bool(answer.value) and flat(answer.value) in said
