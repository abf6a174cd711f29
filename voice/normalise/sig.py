"""Directions on a prescription ("sig"): "1 tab po bid prn" -> "one tablet by mouth twice a day as needed".

Meanings: HL7 v3 code systems GTSAbbreviation (BID, TID, QID, QD, QOD, Q4H, Q6H, BED) and TimingEvent
(AC, PC, HS), and the intended meanings in ISMP's List of Error-Prone Abbreviations (qd, qod, qhs, q6PM, hs,
SL, NPO). Codes that are also words or other abbreviations ("bid", "PC") count only right after an amount, a
form or another code.
"""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.rules import Rule, alternatives, apply
from words.numbers import cardinal_words

# Never an English word: read wherever they stand alone.
_CERTAIN: Final = {
    "tid": "three times a day", "qid": "four times a day", "qd": "once a day", "qod": "every other day",
    "qhs": "every night at bedtime", "qam": "every morning", "qpm": "every evening", "qwk": "once a week",
    "prn": "as needed", "npo": "nothing by mouth",
}  # fmt: skip
_DOTTED: Final = {
    "b.i.d.": "twice a day", "t.i.d.": "three times a day", "q.i.d.": "four times a day",
    "q.d.": "once a day", "q.o.d.": "every other day", "q.h.s.": "every night at bedtime",
    "p.r.n.": "as needed", "p.o.": "by mouth", "a.c.": "before meals", "p.c.": "after meals",
    "h.s.": "at bedtime", "s.l.": "under the tongue",
}  # fmt: skip
_IN_CONTEXT: Final = {
    "bid": "twice a day", "po": "by mouth", "ac": "before meals", "pc": "after meals", "hs": "at bedtime",
    "sl": "under the tongue", "subq": "under the skin",
}  # fmt: skip
# In small letters these are what a caller's words look like: "two pills im taking".
_CAPITALS: Final = {
    "IM": "into the muscle", "SC": "under the skin", "SQ": "under the skin", "IV": "into the vein",
    "PR": "rectally",
}  # fmt: skip
_NEEDED_FOR: Final = (
    "pain|itching|itch|nausea|vomiting|anxiety|sleep|insomnia|cough|fever|wheezing|headache|spasms?|allergies|"
    "constipation|diarrhea|heartburn|swelling|dizziness|migraine|congestion|shortness"
)
_LEADS: Final = (
    "milligrams?|micrograms?|grams?|milliliters?|units?|tablets?|capsules?|drops?|teaspoons?|tablespoons?|"
    "pills?|puffs?|patch(?:es)?|sprays?|ounces?|doses?|by mouth|a day|other day|bedtime|morning|evening|"
    "as needed|meals|hours?|the tongue|the skin|the muscle|daily|weekly|nightly"
)
_MOST_CODES: Final = 6  # in a row


def _hours(found: re.Match[str]) -> str:
    first, last = found[1], found[2]
    if last is None:
        return "every hour" if int(first) == 1 else f"every {cardinal_words(int(first))} hours"
    return f"every {cardinal_words(int(first))} to {cardinal_words(int(last))} hours"


def _for_days(found: re.Match[str]) -> str:
    return f"for {found[1]}"


# Before numbers are said: codes that hold one.
NUMBERED: Final[tuple[Rule, ...]] = (
    (re.compile(r"\bq\s?(\d{1,2})(?:-(\d{1,2}))?\s?(?:h|hrs?|hours?)\b\.?", re.I | re.ASCII), _hours),
    (re.compile(r"\bx\s?(\d{1,3}\s?(?:days?|weeks?|wks?|months?))\b", re.I | re.ASCII), _for_days),
)
_ALONE: Final[tuple[Rule, ...]] = (
    (re.compile(rf"(?<!\w)({alternatives(_DOTTED)})", re.I), lambda m: _DOTTED[m[1].lower()]),
    (
        re.compile(rf"(?<![\w'@.-])({alternatives(_CERTAIN)})(?![\w'@-])", re.I),
        lambda m: _CERTAIN[m[1].lower()],
    ),
    (re.compile(rf"\bas needed (?=(?:{_NEEDED_FOR})\b)", re.I), lambda _: "as needed for "),
)
_AFTER: Final = re.compile(
    rf"\b((?i:{_LEADS}))(,? )((?i:{alternatives(_IN_CONTEXT)})|{alternatives(_CAPITALS)})(?![\w'@-])"
)
_BEFORE: Final = re.compile(
    r"(?<![\w'@.-])po(?= (?:twice a|three times|four times|once a|every|as needed)\b)"
)


def _code_after(found: re.Match[str]) -> str:
    said = _IN_CONTEXT.get(found[3].lower()) or _CAPITALS[found[3]]
    return f"{found[1]}{found[2]}{said}"


def spoken_sig(text: str) -> str:
    """The text with sig codes in words, where they stand as such."""
    text = _BEFORE.sub("by mouth", apply(_ALONE, text))
    for _ in range(_MOST_CODES):
        said = _AFTER.sub(_code_after, text)
        if said == text:
            break
        text = said
    return text
