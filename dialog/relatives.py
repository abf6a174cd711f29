"""Words by which callers say that they speak for somebody else, or let somebody speak for them."""

from __future__ import annotations

import re

from dialog.reading import says
from models.domain import Understanding

_RELATIVES = (
    r"(?:mother|father|sister|brother|son|daughter)[ -]in[ -]law"
    r"|mother|mom|mum|mama|father|dad|papa|parents?|husband|wife|spouse|partner|fiancee?|boyfriend|girlfriend"
    r"|son|daughter|child|kids?|baby|toddler|brother|sister|twins?"
    r"|grand(?:mother|father|ma|pa|son|daughter|child)"
    r"|granny|aunt|uncle|niece|nephew|cousin|friend|neighbou?r|patient|client|ward|step(?:son|daughter)"
)
_WHOSE = r"(?:my|our|his|her|their|the|a)\s+(?:\w+[ -]){0,2}?"
_THEIRS = rf"{_WHOSE}(?P<relation>{_RELATIVES})"
_WANTS = (
    r"(?:needs?|wants?|would like|has to|is (?:out of|running|due)|ran out|takes?|cannot|can't|is unable"
    r"|asked me)"
)
_MATTERS = (
    r"(?:refills?|prescriptions?|appointments?|visits?|medications?|medicines?|pills?|meds|check-?up"
    r"|physical)"
)
_CARERS = r"(?:care ?giver|care ?taker|carer|home aide|legal guardian)"
_I_AM = r"\bi(?:'m| am) (?:the |a |his |her |their )?"
_SPEAKS_FOR = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:for|on behalf of|regarding|about) {_THEIRS}\b",
        rf"\b{_THEIRS} {_WANTS}\b",
        rf"\b{_THEIRS}'?s (?:\w+ )?{_MATTERS}\b",
        rf"\bi(?:'m| am) (?:his|her|their|the patient's) (?P<relation>{_RELATIVES}|guardian|{_CARERS})\b",
        rf"{_I_AM}(?P<relation>{_CARERS})\b",
        r"\b(?:on behalf of|calling for) (?P<relation>someone|somebody|another person|a family member)\b",
    )
)
_NAMED = r"(?:,? (?!says?\b|said\b|told\b|thinks\b|tells\b|and\b|that\b|who\b)[a-z'-]+){0,2}?,?"
# "My wife Katherine has an appointment", "my son has a fever, we've never been there".
_HAS = re.compile(rf"\b{_THEIRS}{_NAMED} (?:has(?! (?:told|been|asked|said))|is having|{_WANTS})\b")
_MINE_TOO = re.compile(
    r"\b(?:i|i've|i'm) (?:also |now |think i |might |may )*(?:have|feel|feeling|got|caught|am (?:sick|ill))\b"
    r"|\bi (?:need|want|take|ran out)\b.*\b(?:my|me|myself)\b"
    r"|\bmy (?:\w+ )?(?:refill|prescription|appointment)"
)
# "I look in on Dorothy Hill, she's out of her omeprazole".
_CARES = r"(?:look(?:ing)? (?:in on|after)|tak(?:e|ing) care of|car(?:e|ing) for|check(?:ing)? in on)"
_CARES_FOR = re.compile(
    rf"\bi(?:'m| am)?(?: just)? {_CARES} (?!my\b|me\b|myself\b|it\b).*\b(?:she|he|her|his|him|they|them)\b"
)
_FOR_ME = re.compile(r"\bfor (me|myself)\b")
_GIVES = (
    r"(?:i (?:give|allow|let|want|authori[sz]e)|permission for|it'?s (?:ok|okay|all right|fine) for)"
    r" (?:\w+ ){0,3}?"
)
_SPEAKS = r"(?:speak|talk|act|handle|do|take|ask|deal)"
_LETS_SPEAK = re.compile(
    rf"\b{_GIVES}(?:my|our) (?:\w+ )?(?:{_RELATIVES})\b.*\b(?:{_SPEAKS}|permission)\b"
    rf"|\bpermission (?:to|for) (?:my|our) (?:\w+ )?(?:{_RELATIVES})\b"
    rf"|\bmy (?:\w+ )?(?:{_RELATIVES}) (?:may|can|will|is allowed to) (?:\w+ )?{_SPEAKS}\b"
)
_RELATIVE = re.compile(_RELATIVES)
_SAME = {
    "mom": "mother",
    "mum": "mother",
    "mama": "mother",
    "dad": "father",
    "papa": "father",
    "kid": "child",
}


def relation_in(heard: Understanding) -> str:
    """For whom the words are said, in the caller's own word ("mother"); "" when they speak for themselves."""
    text = heard.text.lower()
    if _FOR_ME.search(text) or lets_speak(heard):
        return ""
    found = (pattern.search(text) for pattern in _SPEAKS_FOR)
    relation = next((match["relation"] for match in found if match), "") or _by_state(text)
    return _SAME.get(relation, relation)


def _by_state(text: str) -> str:
    """By what the other has or lacks, when nothing in the words is the caller's own."""
    if has := _HAS.search(text):
        return "" if _MINE_TOO.search(text) else has["relation"]
    return "someone" if _CARES_FOR.search(text) else ""


def lets_speak(heard: Understanding) -> bool:
    """ "I give my daughter permission to speak for me"."""
    return says(heard, _LETS_SPEAK)


def is_relative(word: str) -> bool:
    """ "mother", "mom"."""
    return bool(_RELATIVE.fullmatch(word))
