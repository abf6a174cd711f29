"""The answers of a check-in as they are filed, and back into slots for who calls again."""

from __future__ import annotations

from collections.abc import Mapping

from dialog.flows.questionnaire_rules import (
    ANSWER,
    DECLINED,
    QUOTE,
    UNASKED,
    UNKNOWN,
    answers,
    chosen,
    is_wanted,
    matched,
    option_of,
    scores,
)
from dialog.turn import Turn
from models.domain import (
    CheckinAnswer,
    CheckinStatus,
    FileCheckin,
    JsonScalar,
    OpenCheckin,
    Question,
    QuestionKind,
    Questionnaire,
)

FILED = "questionnaire.filed"
ABSENT = {DECLINED: "asked-declined", UNKNOWN: "asked-unknown"}
_BACK = {absent: answer for answer, absent in ABSENT.items()}
_QUOTE_LIMIT = 160


def put(turn: Turn, question: Question, value: str, words: str, *, unasked: bool = False) -> Turn:
    """Keep an answer with the caller's words; an earlier one to the same question goes.

    ``unasked``: they told it before the question was put.
    """
    name = question.link_id
    turn = turn.drop(ANSWER + name, QUOTE + name, UNASKED + name)
    turn = turn.put(**{UNASKED + name: True}) if unasked else turn
    return turn.put(**{ANSWER + name: value, QUOTE + name: " ".join(words.split())[:_QUOTE_LIMIT]})


def file(before: Turn, after: Turn, status: CheckinStatus, code: str) -> Turn:
    """Order on ``after`` that the answers of ``before`` are kept; nothing where there are none."""
    questionnaire = chosen(before)
    if questionnaire is None or not answers(before) or before.has("filed"):
        return after
    ordered = after.act(FILED, lambda id_: _filing(before, questionnaire, id_, status, code))
    return ordered.put(filed=True) if ordered.state.flow == before.state.flow else ordered


def _filing(
    turn: Turn, questionnaire: Questionnaire, action_id: str, status: CheckinStatus, code: str
) -> FileCheckin:
    given = answers(turn)
    asked = [question for question in questionnaire.questions if question.link_id in given]
    return FileCheckin(
        action_id,
        turn.state.patient_id,
        questionnaire.canonical,
        questionnaire.title,
        status,
        code,
        tuple(_answer(turn, question, given[question.link_id]) for question in asked),
        tuple(q.finding or q.text for q in questionnaire.questions if _was_left(q, given, questionnaire)),
        scores(turn, questionnaire),
        tuple(rule.reason for rule in matched(turn, questionnaire)),
    )


def _was_left(question: Question, given: Mapping[str, str], questionnaire: Questionnaire) -> bool:
    return question.link_id not in given and is_wanted(question, given, questionnaire)


def _answer(turn: Turn, question: Question, answer: str) -> CheckinAnswer:
    absent, option = ABSENT.get(answer, ""), option_of(question, answer)
    return CheckinAnswer(
        link_id=question.link_id,
        text=question.text,
        kind=question.kind,
        value="" if absent else answer,
        unit=question.unit,
        display=option.display if option else "",
        system=option.system if option else "",
        score=option.score if option else None,
        absent=absent,
        quote=turn.slot(QUOTE + question.link_id),
        finding=question.finding,
        present=_present(question, answer),
        coding=question.coding,
    )


def _present(question: Question, answer: str) -> bool | None:
    """Whether the finding was reported; None where the answer tells neither."""
    if not question.finding or question.kind is not QuestionKind.YES_NO or answer in ABSENT:
        return None
    return answer == question.finding_when


def reported(turn: Turn, questionnaire: Questionnaire) -> str:
    """What was answered, for a task: findings by name, numbers and words as given."""
    given = answers(turn)
    parts = [_line(turn, q, given[q.link_id]) for q in questionnaire.questions if q.link_id in given]
    totals = [f"{score.name} {score.total} {score.band}".strip() for score in scores(turn, questionnaire)]
    return "; ".join([*totals, *filter(None, parts)])


def _line(turn: Turn, question: Question, answer: str) -> str:
    name = question.finding or question.link_id
    if question.kind is QuestionKind.YES_NO and answer not in ABSENT:
        return name if _present(question, answer) else ""
    option = option_of(question, answer)
    return f"{name}: {option.display if option else answer}"


def slots_of(before: OpenCheckin) -> dict[str, JsonScalar]:
    """The slots of a check-in that was begun earlier today."""
    slots: dict[str, JsonScalar] = {}
    for answer in before.answers:
        slots[ANSWER + answer.link_id] = _BACK.get(answer.absent, answer.value)
        slots[QUOTE + answer.link_id] = answer.quote
    return slots
