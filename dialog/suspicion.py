"""When the network's suspicion of a danger needs no question, and when the question is only put again."""

from __future__ import annotations

import re

from dialog import safety
from dialog.engine import MORE, OPEN
from dialog.reading import hints_at, says, word_count
from dialog.safety.vocabulary_signs import SIGNS
from dialog.turn import Turn
from models.domain import (
    SURE,
    Entity,
    Hint,
    Intent,
    Understanding,
)

_NO_SIGN = "RF26"  # distress of any kind: the network names no sign of its own
_ANSWERS = {  # what answers a question, by the end of its name
    "pharmacy": {"pharmacy"},
    "name": {"name"},
    "dob": {"dob"},
    "kind": {"choice", "visit_type"},
    "which": {"choice", "date", "weekday"},
    "when": {"choice", "date", "weekday", "time", "daypart"},
    "pick": {"choice", "date", "weekday", "time", "daypart"},
}
_SCRAP = 2  # words
_WHOLE = 4  # words: a sentence
_CLEAR = 0.8  # confidence in a wish
_EVERYDAY = frozenset(
    {Intent.REFILL_REQUEST, Intent.REFILL_STATUS, Intent.SCHEDULE_BOOK, Intent.SCHEDULE_RESCHEDULE}
    | {Intent.SCHEDULE_CANCEL, Intent.SCHEDULE_LOOKUP, Intent.OFFICE_INFO, Intent.BILLING_QUESTION}
)
_LONG = 14  # words: more than an answer
_OF_NO_SIGN = frozenset({"they"})  # stands in the lexicon for whose sign it is
_LEXICON = frozenset(w for wordings in SIGNS.values() for w in wordings if " " not in w) - _OF_NO_SIGN
_CALLS_FOR_HELP = re.compile(r"\b(help|emergency|urgent|911|ambulance|something|wrong|dying|die|scared)\b")
_AGAIN = re.compile(
    r"((sorry|pardon|excuse me|um|uh|wait|i'm sorry|hm|oh)[ ,.?]*)*"
    r"(sorry|pardon( me)?|excuse me|what|huh|come again|what('s| was) that|what did you (say|ask)"
    r"|say (that|it) again|((can|could|would) you )?(please )?(repeat|say) (that|it|the question)( again)?"
    r"|one more time)( again| please| for me)*[ .?!]*"
)


def asks_again(heard: Understanding) -> bool:
    """ "What was that?": nothing else is in the words, and the question was not heard."""
    return bool(_AGAIN.fullmatch(heard.text.lower().replace(",", "").strip()))


def is_answered(turn: Turn, heard: Understanding, found: safety.Assessment) -> bool:
    """A suspicion of no sign, in words that were read as what was asked for and hold no word of danger.

    Who is late says so in answer to any question.
    """
    if heard.suspected != _NO_SIGN or found != safety.Assessment():
        return False
    plain = word_count(heard.text) <= _LONG and not says(heard, _CALLS_FOR_HELP)
    if plain and _is_scrap(turn, heard):
        return True
    answers = _ANSWERS.get(turn.state.asking.rpartition(".")[2], set())
    read = [e for n, e in heard.entities.items() if n in answers and e.certainty >= SURE]
    told = bool(read) or hints_at(heard, Hint.LATE)
    return plain and told and "symptom" not in heard.entities and not _names_danger(heard, read)


def _is_scrap(turn: Turn, heard: Understanding) -> bool:
    """ "Weeks please" to a yes-or-no question: a misheard answer, in which no word sounds of danger."""
    asked = turn.state.asked.endswith("?") and turn.state.asking not in (OPEN, MORE)
    return asked and word_count(heard.text) <= _SCRAP and not _names_danger(heard, [])


def goes_on(turn: Turn, heard: Understanding) -> bool:
    """Whether a whole sentence that answers the question of no sign plainly asks for something everyday."""
    everyday = heard.intent in _EVERYDAY and heard.confidence >= _CLEAR and set(heard.intents) <= _EVERYDAY
    whole = word_count(heard.text) >= _WHOLE and not says(heard, _CALLS_FOR_HELP)
    return (
        turn.known("doubt") == _NO_SIGN
        and everyday
        and whole
        and not heard.suspected
        and ("symptom" not in heard.entities and not _names_danger(heard, []))
    )


def _names_danger(heard: Understanding, read: list[Entity]) -> bool:
    """A word of the danger lexicon beside what was read: "Oak Drugs" is a name."""
    text = heard.text.lower()
    for entity in read:
        start, end = entity.span
        text = text[:start] + " " * (end - start) + text[end:]
    return not _LEXICON.isdisjoint(re.findall(r"[a-z']+", text))
