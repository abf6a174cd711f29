"""How somebody says they take a medicine ("two of the ten milligram, twice a day") and what is left of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from words.numbers import parse_cardinal
from words.strengths import strengths

_COUNT = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|a half|one and a half)"
_PIECE = r"(?:pills?|tablets?|tabs?|capsules?|caps?|puffs?|of (?:the|them|those|my|these))"
_EACH = re.compile(rf"\b({_COUNT}) (?:a |\d+ )?{_PIECE}\b(?! left| remaining)")
_TIMES = {
    "once": 1.0,
    "one time": 1.0,
    "twice": 2.0,
    "two times": 2.0,
    "2 times": 2.0,
    "three times": 3.0,
    "3 times": 3.0,
    "four times": 4.0,
    "4 times": 4.0,
}
_OFTEN = re.compile(rf"\b({'|'.join(_TIMES)}) (?:a|per|every|each) day\b|\b({'|'.join(_TIMES)}) daily\b")
_OTHER_DAY = re.compile(r"\bevery other day\b")
_LEFT = re.compile(
    rf"\b({_COUNT}|a couple|a few|a)(?: more)?(?: of)?"
    r"(?: (days?|weeks?|months?|pills?|tablets?|capsules?|doses?|puffs?))?(?: \w+)?(?: worth)?"
    r" (?:left|remaining)\b"
)
_LEFT_ENDS = re.compile(
    rf"\b(?:left|only have|only got|just have|down to|last) (?:is |my |the )?(?:last )?({_COUNT})\b"
    r"(?! (?:week|month|year|refill))"
)
_HAVE = re.compile(
    rf"\b(?:have|got) (?:like |about |maybe |only |just )*({_COUNT}|a couple|a few)(?: more)?(?: of)?"
    r" (days?|pills?|tablets?|capsules?|doses?|puffs?)\b(?! (?:a|an|per|every|each|of|in|at|before|ago))"
)
_NONE_LEFT = re.compile(
    r"\b(?:i'm|i am|we're|he's|she's|all|completely|already|just) out\b(?! of (?:town|the|state|refills))"
    r"|\b(?:ran|have run) out\b|\bout of (?:my |the |his |her )?(?:\w+ )?"
    r"(?:pills?|medicines?|medications?|meds?|insulin|tablets?)\b"
    r"|\b(?:none|nothing|no more) left\b|\bhave no more\b|\bdo(?:n't|nt| not) have any left\b"
    r"|\btook (?:my|the) last\b"
)
_TODAY = re.compile(r"\b(?:run|runs|running) out (?:today|tonight|this (?:morning|afternoon|evening))\b")
_TOMORROW = re.compile(
    r"\b(?:run|runs|running|be) out (?:by )?(?:tomorrow|before then|before that|very soon|sooner)\b"
    r"|\b(?:will|i'll|i'd|would|going to|might|may) run out\b|\b(?:almost|nearly) out\b"
    r"|\blast (?:pill|one|dose|tablet)\b"
    r"|\b(?:won't|wont|will not|not going to|not gonna) last\b"
    r"|\bdo(?:n't|nt| not) have enough\b"
    r"|\bout (?:by|before|on) (?:then|that|the weekend|(?:this |next )?\w+day)\b"
)
_IN_DAYS = re.compile(
    rf"\b(?:run|runs|running|be) out in (?:about )?({_COUNT}|a couple of|a few|a) (day|week|month)s?\b"
)
_UNITS = {"day": 1.0, "week": 7.0, "month": 30.0}
_PER_PILL = 0.5
_VAGUE = {"a couple": 2, "a couple of": 2, "a few": 3, "a": 1}


@dataclass(frozen=True, slots=True)
class Taking:
    """``each``: how many at a time; ``times``: how often a day. None where it was not said."""

    each: float | None = None
    times: float | None = None


def taking(text: str) -> Taking:
    """What a caller says of how they take it."""
    words = text.lower()
    each = _EACH.search(words)
    often = _OFTEN.search(words)
    times = _TIMES[often.group(1) or often.group(2)] if often else None
    if times is None and _OTHER_DAY.search(words):
        times = 0.5
    return Taking(_number(each.group(1)) if each else None, times)


def tells_of_taking(text: str) -> bool:
    """Whether a text says a strength, a number of pills at a time, or how often."""
    return bool(strengths(text)) or taking(text) != Taking()


def days_left(text: str) -> int | None:
    """Days for which there is medicine left, as a caller tells it; 0: none. None: nothing is told of it.

    Pills are counted at two a day, for who takes one may wait longer than thought, and nobody shorter.
    """
    words = text.lower().replace("’", "'")
    if _NONE_LEFT.search(words) or _TODAY.search(words):
        return 0
    if found := _IN_DAYS.search(words):
        return _counted(found.group(1), found.group(2))
    if found := _LEFT.search(words):
        return _counted(found.group(1), (found.group(2) or "pill").rstrip("s"))
    if found := _HAVE.search(words):
        return _counted(found.group(1), found.group(2).rstrip("s"))
    if found := _LEFT_ENDS.search(words):
        return _counted(found.group(1), "pill")
    return 1 if _TOMORROW.search(words) else None


def _counted(number: str, unit: str) -> int:
    return int(_VAGUE.get(number, _number(number)) * _UNITS.get(unit, _PER_PILL))


def _number(text: str) -> float:
    if text in ("half", "a half"):
        return 0.5
    if text == "one and a half":
        return 1.5
    if text.isdigit():
        return float(text)
    whole = parse_cardinal(text.split(), 0)
    return float(whole[0]) if whole else 1.0
