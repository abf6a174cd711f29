"""What our own summing-up of a call may say: no number, day, drug or symptom that was not spoken of in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ehr_writeback import assertions
from ehr_writeback.evidence import Evidence, facts_of, unsaid_numbers
from ehr_writeback.plain_words import flat
from models.domain import TYPES, FileCheckin, VerifyIdentity
from words import formulary

# Endings that mark a substance name as a drug: a selection of the WHO's stems for nonproprietary names,
# https://www.who.int/teams/health-product-and-policy-standards/inn/stembook
_DRUG_STEMS = (
    "azepam|azolam|caine|cillin|cycline|dipine|formin|floxacin|gliflozin|gliptin|glutide|mycin|olol|olone"
    "|oxetine|parin|prazole|pril|sartan|semide|sone|statin|thiazide|tidine|triptan|triptyline|vastatin|xaban|zosin"
)
_DRUG = re.compile(rf"[a-z]{{3,}}(?:{_DRUG_STEMS})")
_WORD = re.compile(r"[a-z][a-z'-]+")
# "may" is left out: it is a verb too.
_DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday yesterday tomorrow tonight"
    " january february march april june july august september october november december".split()
)
_SIGN = re.compile(r"\bRF\d\d [^\n]*?Caller's words: ")  # the catalogue's name of a danger sign
_SIGN_ID = re.compile(r"\bRF\d\d\b")
_AGE = re.compile(r"\bPatient of (\d+) called alone\b")
_SAYS_NO = re.compile(r"\bSays no ([^.]+)\.")
_LISTED = re.compile(r",| or | and ")


def summary_holds(words: str, seen: Evidence, number: int) -> bool:
    """Whether a summing-up says only what was spoken of up to turn ``number``, or filed in a check-in."""
    words = words.replace(TYPES, "")  # what the line's tones told
    signs = {flag.red_flag_id for flag in seen.record.red_flags}
    if not signs.issuperset(_SIGN_ID.findall(words)):
        return False
    body = _AGE.sub(lambda found: "" if int(found[1]) in _ages(seen) else found[0], words)
    body = _SIGN_ID.sub("", _SIGN.sub("", body))
    spoken = seen.spoken_by(number)
    filed = " . ".join(_filed(seen))
    own = seen.medicine_names
    named = {*_claims(spoken, own), *_claims(flat(filed), own)}
    loose = [claim for claim in _claims(flat(body), own) if claim not in named]
    return not loose and not unsaid_numbers(body, spoken, filed) and _denials_hold(body, seen, number)


def _ages(seen: Evidence) -> set[int]:
    """In years on the day of the call, by the birth dates that were told."""
    day = seen.record.started.date()
    born = [done.action.dob for done in seen.record.done if isinstance(done.action, VerifyIdentity)]
    return {day.year - one.year - ((day.month, day.day) < (one.month, one.day)) for one in born}


def _filed(seen: Evidence) -> Iterator[str]:
    """What stands on file: check-ins, and what the chart answered on this call."""
    for done in seen.record.done:
        yield from facts_of(done.result)
        if isinstance(done.action, FileCheckin):
            yield from facts_of(done.action)


def _claims(text: str, medicines: frozenset[str]) -> Iterator[str]:
    """Drugs, days and symptoms, each by one name."""
    families = _symptoms()
    for word in _WORD.findall(text):
        for part in (word, *word.split("-")):
            if part in families:
                yield families[part]
            elif part in _DAYS or part in _drugs() or part in medicines or _DRUG.fullmatch(part):
                yield part


def _denials_hold(body: str, seen: Evidence, number: int) -> bool:
    """ "Says no chest pain": asked of, and answered with a no."""
    named = [name.strip() for found in _SAYS_NO.finditer(body) for name in _LISTED.split(found[1])]
    return all(
        any(assertions.denies(said) or said == "2" for _, said in seen.answers_to(name, number))
        for name in named
    )


@cache
def _symptoms() -> dict[str, str]:
    lines = Path(__file__).with_name("symptom_words.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines if line and not line.startswith("#"))
    return {word: row[0] for row in rows for word in row}


@cache
def _drugs() -> frozenset[str]:
    names = (name.casefold() for name in formulary.drug_names())
    return frozenset(name for name in names if " " not in name and len(name) > 4)
