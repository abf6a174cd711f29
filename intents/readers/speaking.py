"""For whom the words are said: "it's for my dad", "I'm her daughter", "my daughter may speak for me".

``relation`` names whom the caller speaks for; ``other_person`` only points away from the caller ("she needs
her pills"), so that one asks; ``lets_speak`` names who may speak for the caller; ``for_self`` says that
nobody else is meant.
"""

from __future__ import annotations

import re

from models.domain import Entity
from words.relatives import CARERS, PATIENTS, RELATIVES, plain_relation

_PATIENTS = rf"(?:{'|'.join(sorted(PATIENTS))})\b"
_WHOSE = r"(?:my|our|his|her|their|the|a)\s+(?:\w+[ -]){0,2}?"
# Bare, where these can be nobody else's: "an appointment for mother".
_BARE = r"(?:mother|mom|mum|father|dad|grandma|grandpa)"
_THEIRS = rf"(?:{_WHOSE}(?P<relation>{RELATIVES})|(?P<bare>{_BARE}))"
_OUT = r"is (?:all |almost |completely )?out (?:\w+ )?of (?!town|the (?:house|country|office|hospital|state))"
_WANTS = (
    rf"(?:needs?|wants?|would like|has to|{_OUT}|is (?:running|due)|ran out|takes?|cannot|can't|is unable"
    r"|asked me)"
)
_MATTERS = (
    r"(?:refills?|prescriptions?|appointments?|visits?|medications?|medicines?|pills?|tablets?|inhalers?|meds"
    r"|check-?up|physical)"
)
_I_AM = r"\bi(?:'m| am) (?:the |a |his |her |their )?"
_SPEAKS_FOR = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:for|on behalf of|regarding|about) {_THEIRS}\b",
        rf"\b{_THEIRS} {_WANTS}\b",
        rf"\b{_THEIRS}'?s (?:\w+ ){{0,2}}{_MATTERS}\b",
        rf"\bi(?:'m| am) (?:his|her|their|the patient's) (?P<relation>{RELATIVES}|guardian|{CARERS})\b",
        rf"{_I_AM}(?P<relation>{CARERS})\b",
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
_POINTS = re.compile(
    rf"\b(?:she|he)(?:'s| is)? (?:{_WANTS}|(?:all |almost )?out of|has (?:an?|no|not|run)\b)(?!.*\bme\b)"
    rf"|\b(?:her|his) (?:\w+ )?{_MATTERS}\b|\bfor (?:her|him)\b"
    r"|\b(?!(?:i|who|this|that|it|here)\b)\w+ is the patient\b"
)
# A small word was lost or misheard: "an appointment my wife", "main wife has an appointment".
_POINTS_IN_PART = re.compile(
    rf"\b{_MATTERS} (?!(?:\w+ )?my \w+ (?:made|said|says|told|booked|set))"
    rf"(?:\w+ )?my (?:\w+ )?(?:{RELATIVES})\b"
    rf"|\b(?!{_PATIENTS})(?:{RELATIVES}) (?:\w+ )?(?:has an?\b|{_WANTS})"
)
# Whose pronoun it may be: "I spoke to a nurse and she needs my date of birth".
_STAFF = re.compile(r"\b(?:doctors?|dr|nurses?|pharmac\w+|receptionist|assistant|lady|guy|provider|desk)\b")
_FOR_ME = re.compile(
    r"\bfor (?:me|myself)\b|^(?:yes |yeah |just |only |it's |that's )*(?:me|myself)[.!]?$"
    r"|\bi(?:'m| am) the patient\b"
)
_GIVES = (
    r"(?:i (?:give|allow|let|want|authori[sz]e)|permission for|it'?s (?:ok|okay|all right|fine) for)"
    r" (?:\w+ ){0,3}?"
)
_SPEAKS = r"(?:speak|talk|act|handle|do|take|ask|deal)"
_LETS_SPEAK = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_GIVES}(?:my|our) (?:\w+ )?(?P<relation>{RELATIVES})\b.*\b(?:{_SPEAKS}|permission)\b",
        rf"\bpermission (?:to|for) (?:my|our) (?:\w+ )?(?P<relation>{RELATIVES})\b",
        rf"\bmy (?:\w+ )?(?P<relation>{RELATIVES}) (?:may|can|will|is allowed to) (?:\w+ )?{_SPEAKS}\b",
    )
)


def read_speaking(text: str) -> dict[str, Entity | None]:
    """The entities of this page; a caller who lets another speak, or is the patient, speaks for nobody."""
    said = text.lower().replace("’", "'")
    lets, own = _first(_LETS_SPEAK, said), _FOR_ME.search(said)
    relation = None if lets or own else _relation(said)
    return {
        "lets_speak": _entity(lets),
        "for_self": Entity(True, own.span(), 0.9) if own else None,
        "relation": relation,
        "other_person": None if lets or own or relation else _points(said),
    }


def _relation(said: str) -> Entity | None:
    found = _first(_SPEAKS_FOR, said)
    if found:
        return _entity(found)
    if has := _HAS.search(said):
        return None if _MINE_TOO.search(said) else _entity(has)
    cares = _CARES_FOR.search(said)
    return Entity("someone", cares.span(), 0.8) if cares else None


def _points(said: str) -> Entity | None:
    found = _POINTS.search(said) or _POINTS_IN_PART.search(said)
    beside = said[: found.start()] + said[found.end() :] if found else said
    is_other = found and not _STAFF.search(said) and not _MINE_TOO.search(beside)
    return Entity(True, found.span(), 0.6) if found and is_other else None


def _first(patterns: tuple[re.Pattern[str], ...], said: str) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := pattern.search(said))), None)


def _entity(found: re.Match[str] | None) -> Entity | None:
    """The word for the other, in its plainest form; the patient's own word for who it is stays as said."""
    if found is None:
        return None
    groups = found.groupdict()
    word = groups.get("relation") or groups.get("bare") or ""
    return Entity(plain_relation(word), found.span(), 0.9)
