"""A check-in by questionnaire: its signed questions one at a time, then what its signed rules say is due.

No advice, no diagnosis, no "you're fine": an answer is kept, a rule is matched, a person is told. Scores and
their published names go to staff, never to the caller (domain rules sections 5.1, 5.2 and 5.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

from dialog import emergency
from dialog.flows.checkin import IF_YOU_GET_WORSE, WILL_CALL
from dialog.flows.message import KINDS
from dialog.flows.questionnaire_answers import file, reported, slots_of
from dialog.flows.questionnaire_choosing import WORDS, picked
from dialog.flows.questionnaire_hearing import STOPPED, also, hear, presumed
from dialog.flows.questionnaire_hearing import absorb as absorb_answers
from dialog.flows.questionnaire_rules import (
    QUOTE,
    UNASKED,
    answers,
    at_once,
    chosen,
    danger_questions,
    holds,
    is_about,
    is_due,
    matched,
)
from dialog.reading import value
from dialog.safety import Code
from dialog.speech import either, quoted
from dialog.steps import Flow, Step, expect_open, expect_yes_no
from dialog.tasks import not_saved, open_task
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    CheckinRule,
    CheckinStatus,
    Choice,
    Disposition,
    Entity,
    Expectation,
    ExpectationKind,
    Intent,
    Priority,
    Question,
    QuestionKind,
    Questionnaire,
    RedFlagRaised,
    Result,
    TaskKind,
    Transcript,
    Understanding,
)

NAME = "questionnaire"
INTRO = "I have a few short questions about how you've been."
GO_ON = "Let's go on with your questions."
PASS_TO_TEAM = "I'll pass this to your care team."
NOTED = "I'll note that."
STOPPING = "All right, we'll stop here."
_SENT = "questionnaire.sent"
_ALSO = "also"
_LONG_QUOTE = 300  # characters
_ACT = ""  # the name of a step that asks nothing: no question may have it
_READ = "read."  # slots of what was measured, told before the questions began
_READINGS = ("blood_pressure", "glucose", "weight", "temperature", "pulse", "oxygen")
_NO_SIGN = "check-in"  # the id of a danger that is a rule's own, and no sign of the catalogue
_PRIORITY = {"D2": Priority.URGENT, "D3": Priority.ROUTINE}


# --------------------------------------------------------------------------- beginning


def _start(turn: Turn) -> Turn:
    """The one that fits, with what was told already; a message where none does."""
    found = picked(turn)
    if found is None:
        kind, priority = KINDS[Intent.CHECKIN_RETURN]
        words = {WORDS: turn.slot(WORDS)} if turn.has(WORDS) else {}
        return turn.begin("message", kind=kind.value, priority=priority.value, **words)
    turn = turn.put(questionnaire=found.canonical)
    view = turn.patient
    before = view.open_checkin if view else None
    if before and before.questionnaire == found.canonical and before.answers:
        turn = turn.put(**{**slots_of(before), **turn.state.slots}).say(GO_ON)
    else:
        turn = turn.say(*(found.opening or (INTRO,)))
    return _with_told(turn)


def _with_told(turn: Turn) -> Turn:
    """What the caller said on asking for it answers questions too."""
    if not turn.has(WORDS):
        return turn
    slots = turn.state.slots.items()
    read = {name.removeprefix(_READ): str(value) for name, value in slots if name.startswith(_READ)}
    entities = {name: Entity(value, (0, 0), 1.0) for name, value in read.items()}
    before, heard = turn, Understanding(Transcript(turn.slot(WORDS)), entities=entities)
    turn = absorb_answers(turn, heard, "")
    is_new = turn.has("symptom") and answers(turn) == answers(before)
    return turn.put(**{_ALSO: turn.slot(WORDS)}) if is_new else turn


def opening_slots(heard: Understanding) -> dict[str, str | bool]:
    """What the sentence that asked for a check-in gives."""
    slots: dict[str, str | bool] = {WORDS: quoted(heard.text)} if heard.text.strip() else {}
    slots |= {_READ + name: value(heard, name) for name in _READINGS if name in heard.entities}
    return {**slots, "symptom": True} if "symptom" in heard.entities else slots


def absorb(turn: Turn, heard: Understanding) -> Turn:
    questionnaire = chosen(turn)
    if questionnaire is None:
        return turn
    asking = turn.state.asking.removeprefix(f"{NAME}.")
    question = next((one for one in questionnaire.questions if one.link_id == asking), None)
    after = absorb_answers(turn, heard, asking)
    more = also(after, turn, heard, question)
    if not more:
        return after
    told = " / ".join(filter(None, (after.slot(_ALSO), more)))
    return after.put(**{_ALSO: quoted(told)}).say(NOTED)


# --------------------------------------------------------------------------- the questions as steps


def steps_now(turn: Turn) -> Sequence[Step]:
    """The steps of the questionnaire that was chosen."""
    questionnaire = chosen(turn)
    return _steps(questionnaire) if questionnaire else (_START,)


@lru_cache(maxsize=64)
def _steps(questionnaire: Questionnaire) -> tuple[Step, ...]:
    at_first = Step(_ACT, _raise, due=lambda turn: at_once(turn) is not None)
    questions = tuple(_step(question, questionnaire) for question in questionnaire.questions)
    return (at_first, *questions, Step(_ACT, _finish))


def _step(question: Question, questionnaire: Questionnaire) -> Step:
    return Step(
        question.link_id,
        question.text,
        due=lambda turn: not turn.has(STOPPED) and is_due(question, turn, questionnaire),
        hear=partial(_heard, question),
        expect=partial(_expectation, question),
        reasks=question.reasks or reasks(question),
    )


def _heard(question: Question, turn: Turn, heard: Understanding) -> Turn | None:
    """The answer, and what was told beside it to a question that only this answer makes due."""
    after = hear(question, turn, heard)
    return absorb_answers(after, heard, question.link_id) if after else None


def _expectation(question: Question, turn: Turn) -> Expectation:
    match question.kind:
        case QuestionKind.YES_NO:
            return expect_yes_no(turn)
        case QuestionKind.CHOICE:
            choices = tuple(Choice(one.code, (one.display, *one.spoken)) for one in question.options)
            return Expectation(ExpectationKind.CHOICE, choices, digits=1)
        case QuestionKind.NUMBER:
            return Expectation(ExpectationKind.NUMBER, digits=3)
        case QuestionKind.PRESSURE:
            return Expectation(ExpectationKind.NUMBER, digits=6)
    return expect_open(turn)


@lru_cache(maxsize=512)
def reasks(question: Question) -> tuple[str, ...]:
    """The same in other words, then the keys."""
    if question.kind is QuestionKind.CHOICE:
        named = [option.display.lower() for option in question.options]
        keys = [f"{number} for {name}" for number, name in enumerate(named, start=1)]
        return f"Please say {either(named)}.", f"Press {either(keys)}."
    return _REASKS[question.kind]


_REASKS: dict[QuestionKind, tuple[str, ...]] = {
    QuestionKind.YES_NO: ("Is that a yes or a no?", "Press 1 for yes, or 2 for no."),
    QuestionKind.NUMBER: ("Please say just the number.", "You can press the number on your keys."),
    QuestionKind.PRESSURE: (
        "Please say both numbers, like one thirty over eighty.",
        "You can press the upper number, then the lower one.",
    ),
    QuestionKind.DAY: ("Which day is it, with the month?", "You can say a day, like December third."),
    QuestionKind.WORDS: ("Please tell me in a few words.", "For example, say it hurts less than before."),
}


# --------------------------------------------------------------------------- a danger


def danger_asked(turn: Turn) -> Question | None:
    """The open question, where anything but a clear "no" counts as a yes."""
    questionnaire, asking = chosen(turn), turn.state.asking
    if questionnaire is None or not asking.startswith(f"{NAME}."):
        return None
    found = (one for one in questionnaire.questions if asking == f"{NAME}.{one.link_id}")
    return next((one for one in found if one.link_id in danger_questions(questionnaire)), None)


def answers_with_danger(turn: Turn, heard: Understanding) -> bool:
    """Whether the words answer the open question so that a rule cannot wait: no further question is due."""
    asking = turn.state.asking
    questionnaire = chosen(turn)
    if questionnaire is None or not asking.startswith(f"{NAME}."):
        return False
    question = next((one for one in questionnaire.questions if asking == f"{NAME}.{one.link_id}"), None)
    kept = absorb(turn, heard)
    return at_once((_heard(question, kept, heard) if question else None) or kept) is not None


def silent(turn: Turn, question: Question) -> Turn:
    return presumed(turn, question, "")


def _raise(turn: Turn) -> Turn:
    """A rule that cannot wait: its fixed words at once, the page, the task; the answers are kept."""
    rule, questionnaire = at_once(turn), chosen(turn)
    if rule is None or questionnaire is None:
        return turn
    flag = _flag(turn, rule, questionnaire)
    code, before = Code(rule.code), turn
    turn = emergency.recorded(turn, [flag])
    turn = emergency.nurse_now(turn, flag) if code is Code.D1 else emergency.begin(turn, flag, code)
    return file(before, turn, CheckinStatus.STOPPED, rule.code)


def _flag(turn: Turn, rule: CheckinRule, questionnaire: Questionnaire) -> RedFlagRaised:
    """The sign, with the questions that raised it and the caller's own answers."""
    given, words = answers(turn), []
    for question in questionnaire.questions:
        terms = (term for term in (*rule.all_of, *rule.any_of) if is_about(term, question))
        if any(holds(term, given, questionnaire) for term in terms):
            words.append(_words(turn, question))
    sign = rule.red_flag_id or _NO_SIGN
    return RedFlagRaised(sign, Code(rule.code).kind, quoted(" / ".join(dict.fromkeys(words)), _LONG_QUOTE))


def _words(turn: Turn, question: Question) -> str:
    """An answer with its question; what was told unasked stands alone."""
    said = turn.slot(QUOTE + question.link_id)
    return said if turn.has(UNASKED + question.link_id) else f"{question.text} {said}"


# --------------------------------------------------------------------------- the end


def _finish(turn: Turn) -> Turn:
    """Every question has its answer, or the caller stops: tasks by type, and the answers are kept."""
    early = turn.has(STOPPED)
    if early:
        turn = turn.say(STOPPING)
    status = CheckinStatus.STOPPED if early else CheckinStatus.COMPLETED
    return _order(turn, _SENT, status).wait()


def _order(turn: Turn, name: str, status: CheckinStatus) -> Turn:
    questionnaire = chosen(turn)
    if questionnaire is None:
        return turn
    rules = tuple(rule for rule in matched(turn, questionnaire) if rule.code in _PRIORITY)
    code = "D2" if turn.has(_ALSO) or any(rule.code == "D2" for rule in rules) else "D3"
    turn = file(turn, turn.put(code=code), status, code)
    for kind, (priority, reasons) in _tasks(turn, rules, status).items():
        summary = f"{questionnaire.title}: {'; '.join(reasons)}. Answers: {reported(turn, questionnaire)}"
        turn = open_task(turn, name, kind, priority, summary)
    return turn


def _tasks(
    turn: Turn, rules: tuple[CheckinRule, ...], status: CheckinStatus
) -> dict[TaskKind, tuple[Priority, list[str]]]:
    """One task of a kind, with every reason for it; the most urgent reason comes first."""
    found: dict[TaskKind, tuple[Priority, list[str]]] = {}
    if turn.has(_ALSO):
        found[TaskKind.SAME_DAY_CALLBACK] = (Priority.URGENT, [f"also told: {turn.slot(_ALSO)}"])
    for rule in rules:
        found.setdefault(rule.task, (_PRIORITY[rule.code], []))[1].append(rule.reason)
    if status is not CheckinStatus.COMPLETED:
        found.setdefault(TaskKind.ROUTINE_MESSAGE, (Priority.ROUTINE, []))[1].append("not finished")
    return found or {TaskKind.ROUTINE_MESSAGE: (Priority.ROUTINE, ["no rule was met"])}


def _sent(turn: Turn, result: Result) -> Turn:
    if isinstance(result, ActionFailed):
        return not_saved(turn).done()
    if _SENT in turn.state.pending.values():
        return turn.wait()
    said = (WILL_CALL, IF_YOU_GET_WORSE) if turn.slot("code") == "D2" else (PASS_TO_TEAM,)
    return turn.say(*said).settle(Disposition.COMPLETED).note(served=True).done()


def _filed(turn: Turn, result: Result) -> Turn:
    """Said by nobody: the task and the note hold the answers too."""
    return turn.wait() if turn.state.flow == NAME else turn.stop()


def leave(turn: Turn, status: CheckinStatus = CheckinStatus.IN_PROGRESS) -> Turn:
    """Cut short: what was answered is kept, and somebody is told."""
    if turn.has("filed") or (not answers(turn) and not turn.has(WORDS)):
        return turn
    if not answers(turn):
        words = f"Called for a check-in and was cut off. Caller's words: {turn.slot(WORDS)}"
        return open_task(turn, "desk.quiet", TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, words)
    turn = _order(turn, "desk.quiet", status)
    return turn.put(filed=True).settle(Disposition.MESSAGE_TAKEN)


def put_down(turn: Turn, told: bool) -> Turn:
    """Given up: what was answered is kept for whoever goes on, who may hear of the call in another way."""
    if not told:
        return leave(turn, CheckinStatus.STOPPED)
    if not answers(turn) or turn.has("filed"):
        return turn
    questionnaire = chosen(turn)
    code = matched(turn, questionnaire)[0].code if questionnaire and matched(turn, questionnaire) else ""
    return file(turn, turn, CheckinStatus.STOPPED, code)


_START = Step("start", _start)
QUESTIONNAIRE = Flow(
    NAME,
    (_START,),
    steps_now=steps_now,
    back="Back to your questions.",
    then="Now, your check-in.",
    identified=True,
    absorb=absorb,
    outcomes={_SENT: _sent, "questionnaire.filed": _filed},
    leave=leave,
    put_down=put_down,
    constants=(
        INTRO,
        GO_ON,
        NOTED,
        PASS_TO_TEAM,
        STOPPING,
        *(text for texts in _REASKS.values() for text in texts),
    ),
)
