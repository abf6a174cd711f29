"""Refuses a note that says what nobody said: drugs, dates, numbers and turn tags need a source in the call.

Compares tokens, not meaning. It catches an invented dose or date, not a wrong verb: the note is a template
for that reason, and a person reviews it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime, tzinfo

from ehr_writeback.times import stamp, to_minute, zone_named
from models.domain import CallRecord

# Endings that mark a substance name as a drug: a selection of the WHO's stems for nonproprietary names,
# https://www.who.int/teams/health-product-and-policy-standards/inn/stembook
DRUG_STEMS = (
    "azepam|azolam|caine|cillin|cycline|dipine|formin|floxacin|gliflozin|gliptin|glutide|mycin|olol|olone"
    "|oxetine|parin|prazole|pril|sartan|semide|sone|statin|thiazide|tidine|triptan|triptyline|vastatin|xaban|zosin"
)
_DRUG = re.compile(rf"\b[a-z]{{3,}}(?:{DRUG_STEMS})\b")
_NUMBER = re.compile(r"\d+(?:[.:/-]\d+)*")
_TAG = re.compile(r"\[t(\d+)\]")
_WORD = re.compile(r"[a-z]+")

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = {
    **{word: value for value, word in enumerate(_ONES.split())},
    **dict(zip(_TENS.split(), range(20, 100, 10), strict=True)),
    "hundred": 100,
    "thousand": 1000,
}
# "may" is left out: it is a verb too.
_MONTHS = "january february march april june july august september october november december"
MONTHS = frozenset(_MONTHS.split())
# What the dialog sums up in its own words is a claim to check, not a source.
_NO_SOURCE = frozenset({"caller_number", "reason", "symptoms_present", "symptoms_denied"})


def unsupported(note: str, record: CallRecord, medicine_names: Collection[str] = ()) -> tuple[str, ...]:
    """What stands in the note without a source, each once, in the note's order; empty when all is well."""
    known_turns = {str(turn.number) for turn in record.turns}
    bad_tags = [f"[t{number}]" for number in _TAG.findall(note) if number not in known_turns]
    source = "\n".join(_sources(record)).casefold()
    supported = set(_claims(source, medicine_names))
    body = _TAG.sub(" ", note).casefold()
    claims = [claim for claim in _claims(body, medicine_names) if claim not in supported]
    return tuple(dict.fromkeys([*bad_tags, *claims]))


def _claims(text: str, medicine_names: Collection[str]) -> Iterator[str]:
    """Every drug, month and number in a text. A spelled number counts as its digits."""
    yield from _NUMBER.findall(text)
    for word in _WORD.findall(text):
        if word in NUMBER_WORDS:
            yield str(NUMBER_WORDS[word])
        elif word in MONTHS:
            yield word
    yield from _DRUG.findall(text)
    for name in medicine_names:
        if re.search(rf"\b{re.escape(name.casefold())}\b", text):
            yield name.casefold()


def _sources(record: CallRecord) -> Iterator[str]:
    """Every fact of the call as text, instants also as the note writes them."""
    zone = zone_named(record.practice_timezone)
    yield from _texts(record, zone)
    yield record.caller_number[-4:]
    if record.turns:
        yield f"{record.turns[0].number} {record.turns[-1].number}"


def _texts(value: object, zone: tzinfo) -> Iterator[str]:
    if isinstance(value, datetime):
        yield f"{stamp(value, zone)} {to_minute(value, zone)}"
    elif isinstance(value, date):
        yield value.isoformat()
    elif isinstance(value, str | int | float):
        yield str(value)
    elif is_dataclass(value):
        for item in fields(value):
            if item.name not in _NO_SOURCE:
                yield from _texts(getattr(value, item.name), zone)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (str(key), *_texts(item, zone))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item, zone)
