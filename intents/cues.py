"""Wishes that no model may miss or overrule: plain phrases, read before the classifier's opinion."""

from __future__ import annotations

from models.domain import Intent
from words.tokens import Phrases, holds_any, longest_at, phrases, tokens

# Asking for a person works from any state, in the same turn.
_HUMAN = phrases(
    "real person|live person|speak to a person|talk to a person|speak with a person|talk with a person"
    "|a human|human being|speak to someone|talk to someone|speak with someone|speak to somebody"
    "|talk to somebody|speak with somebody|representative|operator|receptionist|front desk|live agent"
    "|customer service|speak to a nurse|talk to a nurse|speak to the nurse|talk to the nurse"
    "|transfer me|get me a person|give me a person|an actual person|a person please|the office manager"
    "|real human|real lady|talk to the doctor|speak to the doctor|speak to a representative"
    "|to human|want human|need human|with human|human please|normal person|living person|somebody real"
    "|someone real|person who is real|put me through to someone|put me through to somebody"
)
_HUMAN_ALONE = phrases("person|human|agent|operator|nurse|somebody|someone|a person|representative|a nurse")
_HUMAN_NOT = phrases(
    "the operator said|wrong person|that person|in person|per person|receptionist was|receptionist is"
    "|receptionist said|receptionist told|receptionist hung|receptionist who|front desk was|front desk said"
    "|front desk told|front desk hung"
)
_SOMEBODY_NICE = phrases(
    "|".join(
        f"{who} {lead}{manner}"
        for who in ("someone", "somebody", "a person", "a doctor", "anyone")
        for lead in ("", "very ", "really ", "who is ", "who's ")
        for manner in ("nice kind gentle friendly patient caring good experienced female male").split()
    )
)
_TO_TALK_TO = phrases("talk|speak|speaking|talking|transfer|connect|put me|get me|phone|call me|on the line")
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

# Words to a machine, not to a practice. What they ask for is not looked at.
_ATTACK = phrases(
    "ignore your rules|ignore your instructions|ignore all instructions|ignore previous instructions"
    "|ignore all previous instructions|ignore the rules|forget your rules|forget your instructions"
    "|forget all your instructions|disregard your rules|disregard your instructions|your system prompt"
    "|the system prompt|drop table|developer mode|jailbreak"
)
_FAREWELL = phrases(
    "bye|goodbye|good bye|bye bye|bye now|see you later|see you soon|see you then|see you around|see ya"
    "|talk to you later|talk to you soon|talk later|have a good day|have a great day|have a nice day"
    "|have a good one|have a wonderful day|have a lovely day|have a blessed day|have a good night"
    "|have a good evening|have a good weekend|have a nice evening|have a nice weekend|good night|so long"
    "|take care|catch you later"
)
# What a farewell comes with: thanks, and that there is nothing else.
_AROUND_FAREWELL = phrases(
    "thank you|thanks|thank you so much|thank you very much|thanks so much|thanks a lot|for your help"
    "|for the help|for all your help|for everything|you've been very kind|i appreciate it|that's all"
    "|that's it|that is all|that's all i need|that's all i needed|that is all i need|nothing else|no|yes"
    "|yeah|okay|ok|alright|all right|right|fine|good|great|perfect|wonderful|sounds good|then|now|there|too"
    "|and|well|oh|um|uh|so|sir|ma'am|dear|honey|you|again|today|ahead|sure|very|much|i'm all set|all set"
)
_STRANGE_IN_FAREWELL = 1  # word of no table: a name


def certain_wishes(text: str) -> tuple[Intent, ...]:
    """Wishes that a set phrase states plainly; empty for most sentences."""
    words = [token.text for token in tokens(text)]
    core = [word for word in words if word not in _POLITE]
    found = []
    if _asks_for_person(words, core):
        found.append(Intent.HUMAN_AGENT)
    if holds_any(words, _LANGUAGE):
        found.append(Intent.LANGUAGE_REQUEST)
    if holds_any(words, _OPT_OUT):
        found.append(Intent.OPT_OUT)
    if tuple(words) in _REPEAT_ALONE or tuple(core) in _PACE_ALONE or holds_any(words, _PACE):
        found.append(Intent.REPEAT)
    return tuple(found)


def _asks_for_person(words: list[str], core: list[str]) -> bool:
    if holds_any(words, _HUMAN_NOT):
        return False
    return tuple(core) in _HUMAN_ALONE or holds_any(words, _HUMAN)


def portrays_somebody(text: str) -> bool:
    """Whether somebody is only described, and not asked for: "I need someone nice"."""
    words = [token.text for token in tokens(text)]
    return holds_any(words, _SOMEBODY_NICE) and not holds_any(words, _TO_TALK_TO) and not certain_wishes(text)


def is_attack(text: str) -> bool:
    """Whether somebody tries to talk a machine out of its rules."""
    return holds_any([token.text for token in tokens(text)], _ATTACK)


def is_farewell(text: str) -> bool:
    """Whether somebody says goodbye and nothing else but thanks and a name: "okay thank you susan bye"."""
    words = [token.text for token in tokens(text) if token.text[0].isalnum()]
    rest = _without(words, _FAREWELL)
    return len(rest) < len(words) and len(_without(rest, _AROUND_FAREWELL)) <= _STRANGE_IN_FAREWELL


def _without(words: list[str], table: Phrases) -> list[str]:
    """The words that belong to no phrase of a table; of two phrases at a place the longer counts."""
    rest, at = [], 0
    while at < len(words):
        size = longest_at(words, at, table)
        if not size:
            rest.append(words[at])
        at += size or 1
    return rest
