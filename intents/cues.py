"""Wishes that no model may miss or overrule: plain phrases, read before the classifier's opinion."""

from __future__ import annotations

from models.domain import Intent
from words.tokens import find_phrase, phrases, tokens

# Asking for a person works from any state, in the same turn.
_HUMAN = phrases(
    "real person|live person|speak to a person|talk to a person|speak with a person|talk with a person"
    "|a human|human being|speak to someone|talk to someone|speak with someone|speak to somebody"
    "|talk to somebody|speak with somebody|representative|operator|receptionist|front desk|live agent"
    "|customer service|speak to a nurse|talk to a nurse|speak to the nurse|talk to the nurse"
    "|transfer me|get me a person|give me a person|an actual person|a person please|the office manager"
    "|real human|real lady|talk to the doctor|speak to the doctor|speak to a representative"
)
_HUMAN_ALONE = phrases("person|human|agent|operator|nurse|somebody|someone|a person|representative|a nurse")
_HUMAN_NOT = phrases("the operator said|wrong person|that person|in person|per person")
_LANGUAGE = phrases(
    "speak spanish|speaks spanish|habla espanol|en espanol|espanol|hablo ingles|hablar espanol"
    "|interpreter|translator|español|inglés|no speak english|don't speak english|doesn't speak english"
    "|not speak english|spanish please"
)
_OPT_OUT = phrases(
    "stop calling me|stop texting me|take me off your list|do not call list|remove me from your list"
)
_REPEAT_ALONE = phrases(
    "what|huh|pardon|pardon me|what was that|come again|say what|excuse me what|sorry what|repeat"
)
# How fast we are to speak. Alone "slower" may tell of a symptom; these tell of our speech.
_PACE = phrases(
    "slower please|please slow down|can you slow down|could you slow down|slow down please|speak slower"
    "|talk slower|go slower|speak more slowly|talk more slowly|say it slower|say that slower|too fast for me"
    "|talking too fast|speaking too fast|talk too fast|speak too fast|going too fast|not so fast"
    "|faster please|speak faster|talk faster|go faster|a little faster|talking too slow|speaking too slow"
    "|speaking too slowly|talking too slowly|speak normally|talk normally|normal speed|regular speed"
)
_PACE_ALONE = phrases("slower|slow down|more slowly|faster|speed up|too fast|too slow")
_POLITE = frozenset({"please", "um", "uh", "thanks", "hi", "hello", "yes", "no", "i", "want", "need", "just"})


def certain_wishes(text: str) -> tuple[Intent, ...]:
    """Wishes that a set phrase states plainly; empty for most sentences."""
    words = [token.text for token in tokens(text)]
    core = [word for word in words if word not in _POLITE]
    found = []
    if _asks_for_person(words, core):
        found.append(Intent.HUMAN_AGENT)
    if _any(words, _LANGUAGE):
        found.append(Intent.LANGUAGE_REQUEST)
    if _any(words, _OPT_OUT):
        found.append(Intent.OPT_OUT)
    if tuple(words) in _REPEAT_ALONE or tuple(core) in _PACE_ALONE or _any(words, _PACE):
        found.append(Intent.REPEAT)
    return tuple(found)


def _asks_for_person(words: list[str], core: list[str]) -> bool:
    if _any(words, _HUMAN_NOT):
        return False
    return tuple(core) in _HUMAN_ALONE or _any(words, _HUMAN)


def _any(words: list[str], table: tuple[tuple[str, ...], ...]) -> bool:
    return any(find_phrase(words, phrase) is not None for phrase in table)
