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
    return next((_SAME.get(match["relation"], match["relation"]) for match in found if match), "")


def lets_speak(heard: Understanding) -> bool:
    """ "I give my daughter permission to speak for me"."""
    return says(heard, _LETS_SPEAK)


def is_relative(word: str) -> bool:
    """ "mother", "mom"."""
    return bool(_RELATIVE.fullmatch(word))
