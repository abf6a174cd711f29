"""Whether words of the caller say that something is so, that it is not, or that it is somebody else's.

A small reading after NegEx (https://doi.org/10.1006/jbin.2001.1029), apart from the dialog's own on purpose:
the note's checker must not share an error with what it checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# "can't" is left out: "I can't breathe" is a complaint.
_NO = re.compile(
    r"\b(?:(?<!\boh )no|not|nope|nah|naw|never|none|nothing|neither|nor|without|denies|denied)\b"
    r"|n't\b(?<!can't)(?<!won't)"
)
# A "no" that complains: of what is missing, or does not work.
_FAILS = (
    r"feel\w*|eat\w*|sle\w+|drink\w*|breath\w*|respond\w*|mov\w+|pee\w*|urinat\w*|get\w* (?:better|up)"
    r"|go\w* away|work\w*|help\w*|keep\w*|wak\w+|stop\w*|know"
)
_COMPLAINT = re.compile(
    r"\b(?:no|without) (?:energy|strength|appetite|sleep|urine|feeling|sensation|relief|vision|pulse)\b"
    rf"|(?:\bnot|n't|\bnever) (?:been )?(?:{_FAILS}|able|right|well|good|better|want to (?:live|be here))\b"
)
_YES = re.compile(r"\b(?:yes|yeah|yep|yup|sure|correct|right|okay|ok|i do|i have|i am|it is|please)\b")
_FILLER = re.compile(r"(?:u[mh]+|er+|oh|well|hm+|ah|so|like|you know|let me (?:see|think)|sorry|actually)")
_CLAUSE = re.compile(r"[,.;:!?]+|\b(?:but|however|except|though|although|and|while)\b")
_OWN_VERB = re.compile(
    r"\b(?:i|i'm|i've|my|me|it|it's|is|are|am|was|have|has|had|feel|feels|can't|yes|yeah)\b"
)
_RELATIVE = re.compile(
    r"\b(?:my|his|her|our|the|a) (?:\w+ )?"
    r"(?:mother|father|mom|mum|dad|wife|husband|partner|son|daughter|sister|brother|friend|child|kid|baby|toddler"
    r"|infant|aunt|uncle|cousin|neighbou?r|roommate|grand\w+)\b"
)
_NOT_FACT = re.compile(r"\b(?:what if|in case|if i (?:get|had|have|start|feel|take)|should i (?:get|have))\b")
_CONTRAST = re.compile(r"\b(?:but|however|except|though|although|yes|yeah)\b")


@dataclass(frozen=True, slots=True)
class Clause:
    start: int
    end: int
    negated: bool
    other: bool  # somebody else's: "my mother had a stroke"
    fact: bool


def clauses(text: str) -> list[Clause]:
    """The clauses of one utterance. "no chest pain, dizziness": a bare clause goes on with the negation."""
    found: list[Clause] = []
    for start, end in _spans(text):
        words = _COMPLAINT.sub(" ", text[start:end].casefold())
        bare = not _OWN_VERB.search(words) and not _CONTRAST.search(text[:start].casefold()[-12:])
        negated = bool(_NO.search(words)) or (bare and bool(found) and found[-1].negated)
        fact = not _NOT_FACT.search(words)
        found.append(Clause(start, end, negated, bool(_RELATIVE.search(words)), fact))
    return found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for mark in _CLAUSE.finditer(text.casefold()):
        if text[at : mark.start()].strip():
            yield at, mark.start()
        at = mark.end()
    if text[at:].strip():
        yield at, len(text)


def asserted(utterance: str, quote: str, *, others_too: bool) -> bool:
    """Whether ``utterance`` says what is quoted of it as a fact of the patient.

    ``others_too``: the caller speaks for the patient, so "my mother" is the patient.
    """
    return any(
        clause.fact and (others_too or not clause.other) and not clause.negated
        for clause in _touched(utterance, quote)
    )


def of_another(utterance: str, quote: str) -> bool:
    """Whether what is quoted is told of somebody else only."""
    touched = _touched(utterance, quote)
    return bool(touched) and all(clause.other for clause in touched)


def negated(utterance: str, quote: str) -> bool:
    """Whether everything that is quoted of ``utterance`` is denied in it."""
    touched = _touched(utterance, quote)
    return bool(touched) and all(clause.negated for clause in touched)


def denials(utterance: str, quote: str) -> list[str]:
    """The parts of a quote that deny something, as they stand: "no chest pain" of "no chest pain but"."""
    parts: list[tuple[int, int]] = []
    for clause in _touched(utterance, quote):
        if clause.negated and parts and not _says_more(utterance[parts[-1][1] : clause.start]):
            parts[-1] = (parts[-1][0], clause.end)
        elif clause.negated:
            parts.append((clause.start, clause.end))
    return [utterance[start:end].strip() for start, end in parts]


def _says_more(between: str) -> bool:
    """Whether a clause stands between two others, not just a comma or an "and"."""
    return bool(_CLAUSE.sub("", between.casefold()).strip())


def denies(answer: str) -> bool:
    """Whether an answer to "do you have ...?" is a no: "no", "none", "no I'm not", "not at all"."""
    said = [
        one
        for one in clauses(answer)
        if not _FILLER.fullmatch(answer[one.start : one.end].strip().casefold())
    ]
    return bool(said and said[0].negated) and not _CONTRAST.search(answer.casefold())


def affirms(answer: str) -> bool:
    """Whether an answer is a yes, or says something at all without a no."""
    return bool(answer.strip()) and (
        bool(_YES.search(answer.casefold())) or not _NO.search(answer.casefold())
    )


def _touched(utterance: str, quote: str) -> list[Clause]:
    """The clauses that a quote lies in, each only as far as its words bear on the quote."""
    flat, wanted = utterance.casefold(), quote.casefold()
    at = flat.find(wanted)
    if at < 0:
        return []
    return [clause for clause in clauses(utterance) if clause.start < at + len(wanted) and at < clause.end]


def turned(utterance: str, quote: str) -> bool:
    """Whether what was left out before a quote denies it, or tells it of somebody else."""
    flat_text, wanted = utterance.casefold(), quote.casefold()
    at = flat_text.find(wanted)
    for clause in _touched(utterance, quote)[:1]:
        before = utterance[clause.start : at].casefold() if at > clause.start else ""
        return bool(_NO.search(before) or _RELATIVE.search(before) or _NOT_FACT.search(before))
    return False
