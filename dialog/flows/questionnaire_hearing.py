"""What an answer to a question of a check-in does: a value, a refusal, "I don't know", back, or the end."""

from __future__ import annotations

import re

from dialog import wording
from dialog.flows.questionnaire_answers import put
from dialog.flows.questionnaire_reading import (
    gain,
    has_weight_unit,
    in_unit,
    is_loss,
    mentioned,
    numbers,
    option_said,
    pressure,
)
from dialog.flows.questionnaire_rules import (
    ANSWER,
    DECLINED,
    QUOTE,
    UNASKED,
    UNKNOWN,
    answers,
    chosen,
    danger_questions,
    last_answered,
    left,
)
from dialog.reading import says, value, word_count, yes
from dialog.turn import Turn
from models.domain import Intent, Question, QuestionKind, Questionnaire, Understanding

_REFUSED = re.compile(
    r"\b(rather not|prefer not|(don't|do not) (want|wish|like) to (say|answer|tell|talk|share|discuss)"
    r"|won't (say|answer)|not (going to|gonna) (say|answer|tell)|none of your business|no comment|i refuse"
    r"|skip (it|that|this|the question)|next question|not comfortable (saying|answering))\b|^(skip|pass)\W*$"
)
_NOT_KNOWN = re.compile(
    r"\b((don't|do not|didn't) (know|remember|recall)|not (really )?sure|no (idea|clue)|couldn't (say|tell)"
    r"|can't (say|tell|remember|recall)|hard to (say|tell)|(haven't|have not|didn't|did not) (yet )?"
    r"(check|checked|measure|measured|weigh|weighed|take|taken)|(don't|do not) have (one|it|a \w+)"
    r"|no (scale|meter|cuff|monitor|thermometer|second reading))\b"
)
_BACK = re.compile(r"\b(go|going|take me) back( one)?\b|\b(previous|last|earlier) question\b")
_STOP = re.compile(
    r"\b(stop (the|these|asking|with)|quit (the|asking)|no more questions|enough questions|that's enough"
    r"|(i|i've) (have|need|got|gotta) (to )?(go|run|leave)( now)?|let's stop|can we stop|want to stop)\b"
)
_CORRECTS = re.compile(r"^(no|nope|sorry|wait|oh|actually|i mean|i meant|correction|make that)\b")
_A_LITTLE = re.compile(
    r"\b(a (little|bit|tad|touch)|some|somewhat|sometimes|kind of|kinda|sort of|slightly|i guess( so)?|maybe"
    r"|i think so|not much but|now and then|on and off|once or twice)\b"
)
_NONE = re.compile(r"\b(none|nothing|zero|no|same|no change|unchanged|not any|nope|haven't)\b")
_NOBODY = re.compile(r"\b(nobody|no ?one|not anyone|no person)\b")
_WELL = re.compile(
    r"^(well |oh )?(i'm|i am|i feel|i'm feeling|it's|it is|all|doing|feeling)? ?(just )?"
    r"(fine|good|okay|ok|great|well|alright|all right)\b(?!.*\b(yes|no|not|but)\b)"
)
STOPPED = "stopped"
_SHORT_NO = 3  # words
_SHORT = 6  # words: "none of them" is no count, in a story it says nothing


def hear(question: Question, turn: Turn, heard: Understanding) -> Turn | None:
    """The turn with the answer kept; None when this was none."""
    questionnaire = chosen(turn)
    if questionnaire is None:
        return None
    if says(heard, _STOP):
        return turn.put(**{STOPPED: True})
    moved = _back(turn, heard) or _corrected(turn, heard, question, questionnaire)
    if moved is not None:
        return moved
    if says(heard, _REFUSED):
        return put(turn, question, DECLINED, heard.text)
    if dated := _with_day(turn, heard, question, questionnaire):
        return dated
    answer = _READERS[question.kind](question, heard)
    if answer:
        return put(turn, question, answer, heard.text)
    return _without_value(question, turn, heard, questionnaire)


def _with_day(
    turn: Turn, heard: Understanding, question: Question, questionnaire: Questionnaire
) -> Turn | None:
    """ "Yes, on December third", where the day would be asked for after a yes."""
    day = value(heard, "date")
    if not day or question.kind is not QuestionKind.YES_NO or yes(heard) is False:
        return None
    after = put(turn, question, "yes", heard.text)
    due = {one.link_id for one in left(turn, questionnaire)}
    follows = (
        one for one in left(after, questionnaire) if one.kind is QuestionKind.DAY and one.link_id not in due
    )
    asked = next(follows, None)
    return put(after, asked, day, heard.text) if asked else None


def _without_value(
    question: Question, turn: Turn, heard: Understanding, questionnaire: Questionnaire
) -> Turn | None:
    """Not known, or not clear: at a question of danger the second such answer counts as a yes."""
    if question.link_id in danger_questions(questionnaire):
        unclear = turn.state.misses > 0 and bool(heard.text.strip())
        return presumed(turn, question, heard.text) if unclear else None
    is_short = word_count(heard.text) <= _SHORT_NO
    none = question.kind is QuestionKind.PRESSURE and is_short and says(heard, _NONE)
    unknown = none or heard.intent is Intent.DONT_KNOW or says(heard, _NOT_KNOWN)
    return put(turn, question, UNKNOWN, heard.text) if unknown else None


def presumed(turn: Turn, question: Question, words: str) -> Turn:
    """No clear "no" to a question of danger, twice."""
    return put(turn, question, "yes", words or "(silence)")


# --------------------------------------------------------------------------- moves within


def _back(turn: Turn, heard: Understanding) -> Turn | None:
    last = last_answered(turn)
    if not last or not says(heard, _BACK):
        return None
    return turn.drop(ANSWER + last, QUOTE + last, UNASKED + last)


def _corrected(
    turn: Turn, heard: Understanding, question: Question, questionnaire: Questionnaire
) -> Turn | None:
    """ "No, three pounds", while the next question is open: the answer before is another one."""
    last = last_answered(turn)
    before = next((one for one in questionnaire.questions if one.link_id == last), None)
    if before is None or before is question or not says(heard, _CORRECTS):
        return None
    if before.kind is QuestionKind.NUMBER and _is_of(before, question, heard.text):
        number = read_number(before, heard)
        return put(turn, before, number, heard.text).say(wording.ALL_RIGHT) if number else None
    if before.kind is QuestionKind.PRESSURE and (both := _pressure(before, heard)):
        return put(turn, before, both, heard.text).say(wording.ALL_RIGHT)
    return None


def _is_of(before: Question, question: Question, text: str) -> bool:
    """A number for the question before: in its unit, or at a question that asks for none."""
    if not numbers(text):
        return False
    return question.kind is not QuestionKind.NUMBER or (before.unit == "[lb_av]" and has_weight_unit(text))


# --------------------------------------------------------------------------- by kind


def _yes_no(question: Question, heard: Understanding) -> str:
    answer = plain_yes(heard)
    if answer is None and question.heard:
        answer = mentioned(heard.text, question.heard)
        if question.finding_when == "no" and answer is not None:
            answer = not answer
    if answer is None and says(heard, _A_LITTLE):
        answer = True
    return "" if answer is None else "yes" if answer else "no"


def plain_yes(heard: Understanding) -> bool | None:
    """A yes or no that is in the words: "I'm fine" is neither, whatever it was taken for."""
    if "yes_no" not in heard.entities or says(heard, _WELL):
        return None
    return yes(heard)


def _choice(question: Question, heard: Understanding) -> str:
    if not heard.text:
        return value(heard, "choice")  # keys
    said = option_said(heard.text, question.options)
    plain_no = yes(heard) is False and word_count(heard.text) <= 3
    none = next((option.code for option in question.options if option.score == 0), "")
    return said or (none if plain_no else "")


def read_number(question: Question, heard: Understanding) -> str:
    """A number within what a living person may have, in the question's unit; "" for none or several."""
    number = _number(question, heard)
    fits = number is not None and question.least <= number <= question.most
    return f"{number:g}" if fits else ""


def _number(question: Question, heard: Understanding) -> float | None:
    if not heard.text:
        keyed = value(heard, "number")
        return float(keyed) if keyed else None
    if (period := gain(heard.text).get(question.measure)) is not None:
        return period
    measured = value(heard, question.measure) if question.measure else ""
    said = {float(part) for part in measured.split()[:1] if part.replace(".", "").isdigit()}
    said = said or set(numbers(heard.text))
    if len(said) == 1:
        number = in_unit(said.pop(), question.unit, f"{heard.text} {measured}")
        return -number if question.least < 0 and is_loss(heard.text) else number
    plainly_none = not said and question.least <= 0 and says(heard, _NONE)
    return 0.0 if plainly_none and word_count(heard.text) <= _SHORT else None


def _pressure(question: Question, heard: Understanding) -> str:
    """ "200/110" where both are within what a living person may have, the upper one above."""
    both = _keyed_pressure(heard) if not heard.text else value(heard, "blood_pressure").partition(" ")[0]
    both = both or pressure(heard.text)
    upper, slash, lower = both.partition("/")
    if not slash or not question.least <= int(lower) < int(upper) <= question.most:
        return ""
    return both


def _keyed_pressure(heard: Understanding) -> str:
    """Keys 200110 or 14090: three for the upper number, the rest for the lower."""
    keyed = value(heard, "number")
    return f"{keyed[:3]}/{keyed[3:]}" if len(keyed) in (5, 6) else ""


def _day(question: Question, heard: Understanding) -> str:
    return value(heard, "date")


def _words(question: Question, heard: Understanding) -> str:
    """The caller's own words. Short ones that name nobody are "no"; short ones that do not know are none."""
    is_short = 0 < word_count(heard.text) <= _SHORT
    if is_short and (yes(heard) is False or says(heard, _NOBODY)):
        return "no"
    if yes(heard) is not None or (is_short and says(heard, _NOT_KNOWN)):
        return ""
    return " ".join(heard.text.split())[:160]


_READERS = {
    QuestionKind.YES_NO: _yes_no,
    QuestionKind.CHOICE: _choice,
    QuestionKind.NUMBER: read_number,
    QuestionKind.PRESSURE: _pressure,
    QuestionKind.DAY: _day,
    QuestionKind.WORDS: _words,
}


# --------------------------------------------------------------------------- said before it was asked


def absorb(turn: Turn, heard: Understanding, asking: str) -> Turn:
    """Keep what a sentence says beyond the question that is open: none of it is asked again."""
    questionnaire = chosen(turn)
    if questionnaire is None or not heard.text:
        return turn
    dangerous = danger_questions(questionnaire)
    for question in left(turn, questionnaire):
        found = "" if question.link_id == asking else _volunteered(question, heard)
        if found and not (
            question.link_id in dangerous and found == "no"
        ):  # a "no" has to be to the question
            turn = put(turn, question, found, heard.text, unasked=True)
    return turn


def _volunteered(question: Question, heard: Understanding) -> str:
    if question.kind is QuestionKind.PRESSURE and question.measure in heard.entities:
        return _pressure(question, heard)
    if question.kind is QuestionKind.NUMBER and _is_measured(question, heard):
        return read_number(question, heard)
    if question.kind is not QuestionKind.YES_NO or not question.heard:
        return ""
    said = mentioned(heard.text, question.heard)
    if said is None:
        return ""
    return question.finding_when if said else {"yes": "no", "no": "yes"}[question.finding_when]


def _is_measured(question: Question, heard: Understanding) -> bool:
    return bool(question.measure) and (
        question.measure in heard.entities or question.measure in gain(heard.text)
    )


def also(turn: Turn, before: Turn, heard: Understanding, question: Question | None) -> str:
    """A symptom that no question is about, in the caller's words; "" for none."""
    questionnaire = chosen(turn)
    if questionnaire is None or "symptom" not in heard.entities or answers(turn) != answers(before):
        return ""
    known = (mentioned(heard.text, one.heard) for one in questionnaire.questions if one.heard)
    told = question is None or question.kind is not QuestionKind.WORDS
    denied = yes(heard) is False and "but" not in heard.text.lower().split()
    return heard.text if told and not denied and all(one is None for one in known) else ""
