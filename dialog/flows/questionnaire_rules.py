"""What follows from the answers so far: which question is due, which rule holds, what the scores are.

Nothing here weighs or infers: terms are compared as the signed questionnaire states them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from dialog.turn import Turn
from models.domain import (
    AT_ONCE,
    CODES,
    CheckinRule,
    CheckinScore,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    ScoreRule,
    Term,
)

ANSWER = "a."  # slots "a.<link id>": the answer; "q.<link id>": the caller's words for it
QUOTE = "q."
UNASKED = "u."  # told before the question was put
DECLINED, UNKNOWN = "declined", "unknown"
UPPER, LOWER = "-systolic", "-diastolic"
_ORDERED: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def chosen(turn: Turn) -> Questionnaire | None:
    """The questionnaire under way; None before the first question, and where it may no longer run."""
    wanted = turn.slot("questionnaire")
    return next((one for one in turn.practice.questionnaires if one.canonical == wanted), None)


def answers(turn: Turn) -> dict[str, str]:
    """Link id -> answer, in the order in which they were given."""
    slots = turn.state.slots.items()
    return {name.removeprefix(ANSWER): str(value) for name, value in slots if name.startswith(ANSWER)}


def last_answered(turn: Turn) -> str:
    return next(reversed(answers(turn)), "")


# --------------------------------------------------------------------------- terms


def holds(term: Term, given: Mapping[str, str], questionnaire: Questionnaire) -> bool:
    """Whether an answer compares as the term says. What was not answered compares as nothing."""
    if term.name.startswith("score."):
        return _compares(term, str(total(_score(questionnaire, term.name), given, questionnaire)))
    answer = _part(term.name, given)
    return bool(answer) and _compares(term, answer)


def is_about(term: Term, question: Question) -> bool:
    """Whether a term compares the answer to a question, or one of its two numbers."""
    return term.name in (question.link_id, question.link_id + UPPER, question.link_id + LOWER)


def _compares(term: Term, answer: str) -> bool:
    if term.operator == "=":
        return answer == term.value
    if term.operator == "!=":
        return answer not in (term.value, DECLINED, UNKNOWN)
    if answer in (DECLINED, UNKNOWN):
        return False
    return _ORDERED[term.operator](float(answer), float(term.value))


def _part(name: str, given: Mapping[str, str]) -> str:
    """The answer, or the upper or lower number of a blood pressure."""
    for end, place in ((UPPER, 0), (LOWER, 1)):
        whole = given.get(name.removesuffix(end), "") if name.endswith(end) else ""
        if "/" in whole:
            return whole.split("/")[place]
    return given.get(name, "")


def _score(questionnaire: Questionnaire, name: str) -> ScoreRule:
    return next(score for score in questionnaire.scores if score.name == name.removeprefix("score."))


# --------------------------------------------------------------------------- questions


def is_due(question: Question, turn: Turn, questionnaire: Questionnaire) -> bool:
    """Not answered yet, and asked of who answered so far as this caller did."""
    given = answers(turn)
    return question.link_id not in given and is_wanted(question, given, questionnaire)


def is_wanted(question: Question, given: Mapping[str, str], questionnaire: Questionnaire) -> bool:
    met = [holds(term, given, questionnaire) for term in question.ask_when]
    return not met or (any(met) if question.ask_when_any else all(met))


def left(turn: Turn, questionnaire: Questionnaire) -> tuple[Question, ...]:
    return tuple(one for one in questionnaire.questions if is_due(one, turn, questionnaire))


@lru_cache(maxsize=64)
def danger_questions(questionnaire: Questionnaire) -> frozenset[str]:
    """Questions of which one answer alone is an emergency: only a clear "no" is a no."""
    grave = (rule for rule in questionnaire.rules if rule.code.startswith("D0") and rule.count == 1)
    terms = tuple(term for rule in grave for term in rule.any_of)
    return frozenset(q.link_id for q in questionnaire.questions if any(_is_danger(q, one) for one in terms))


def _is_danger(question: Question, term: Term) -> bool:
    if term.name != question.link_id:
        return False
    if question.kind is QuestionKind.CHOICE:
        return term.operator == "!="
    return question.kind is QuestionKind.YES_NO and term.value == question.finding_when


# --------------------------------------------------------------------------- rules and scores


def matched(turn: Turn, questionnaire: Questionnaire) -> tuple[CheckinRule, ...]:
    """Every rule that holds, the most urgent first."""
    given = answers(turn)
    found = (rule for rule in questionnaire.rules if rule_holds(rule, given, questionnaire))
    return tuple(sorted(found, key=lambda rule: CODES.index(rule.code)))


def rule_holds(rule: CheckinRule, given: Mapping[str, str], questionnaire: Questionnaire) -> bool:
    if not all(holds(term, given, questionnaire) for term in rule.all_of):
        return False
    if not rule.any_of:
        return bool(rule.all_of)
    return sum(holds(term, given, questionnaire) for term in rule.any_of) >= rule.count


def at_once(turn: Turn) -> CheckinRule | None:
    """The rule that ends the questions now, None where they may go on."""
    questionnaire = chosen(turn)
    if questionnaire is None or turn.has("filed"):
        return None
    return next((rule for rule in matched(turn, questionnaire) if rule.code in AT_ONCE), None)


def option_of(question: Question, code: str) -> Option | None:
    return next((option for option in question.options if option.code == code), None)


def total(score: ScoreRule, given: Mapping[str, str], questionnaire: Questionnaire) -> int:
    """The sum of what was answered; an answer that is missing counts nothing."""
    return sum(points for points in _points(score, given, questionnaire) if points is not None)


def scores(turn: Turn, questionnaire: Questionnaire) -> tuple[CheckinScore, ...]:
    """The scores of which every answer was given, with their published names."""
    given = answers(turn)
    found = []
    for score in questionnaire.scores:
        if all(points is not None for points in _points(score, given, questionnaire)):
            value = total(score, given, questionnaire)
            band = next((band.name for band in reversed(score.bands) if value >= band.least), "")
            found.append(CheckinScore(score.name, value, band, score.coding))
    return tuple(found)


def _points(score: ScoreRule, given: Mapping[str, str], questionnaire: Questionnaire) -> Iterator[int | None]:
    by_id = {question.link_id: question for question in questionnaire.questions}
    for link_id in score.link_ids:
        option = option_of(by_id[link_id], given.get(link_id, ""))
        yield option.score if option else None
