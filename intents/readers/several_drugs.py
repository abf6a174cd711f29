"""Several medicines in one sentence: "lisinopril and metformin, and also my water pill".

Each part of the sentence is read by itself, so that the parts are no rivals of one another. One name may hold
an "and" ("amlodipine and benazepril" on the patient's own list): then it stays one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from intents.readers.corrections import is_replaced
from intents.readers.drugs import Listed, read_drug
from intents.readers.hearing import MAX_CHARACTERS
from models.domain import Entity
from words.formulary import by_name
from words.tokens import tokens

MOST = 16  # medicines read from one sentence
_JOINED = re.compile(r"[,;&]|\b(?:and|plus|also|as well as|along with|then)\b", re.IGNORECASE)
_SURE_AS_FURTHER = 0.55  # of a further medicine of the sentence; below it the words are taken for others
_SURE_WITHOUT_AND = 0.85  # the same where nothing stands between two names


def read_drugs(
    text: str, listed: Sequence[Listed] = (), more_names: Sequence[str] = (), *, expected: bool = False
) -> dict[str, Entity | None]:
    """``drug``, and ``drug_2``, ``drug_3`` ... for further medicines of the sentence, in order."""
    text = text[:MAX_CHARACTERS]
    whole = read_drug(text, listed, more_names, expected=expected)
    if whole is None or _JOINED.search(text[slice(*whole.span)]):
        return {"drug": whole}
    found = _unreplaced(text, list(_each(text, listed, more_names, expected)))
    if len(found) < 2:
        return {"drug": whole}
    return {"drug" if n == 1 else f"drug_{n}": entity for n, entity in enumerate(found[:MOST], start=1)}


def _each(text: str, listed: Sequence[Listed], names: Sequence[str], expected: bool) -> Iterator[Entity]:
    known: set[object] = set()
    for start, end in _parts(text):
        for entity in _in_part(text, start, end, listed, names, expected):
            if entity.value not in known:
                known.add(entity.value)
                yield entity


def _parts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for joint in _JOINED.finditer(text):
        yield start, joint.start()
        start = joint.end()
    yield start, len(text)


def _in_part(
    text: str, start: int, end: int, listed: Sequence[Listed], names: Sequence[str], expected: bool
) -> Iterator[Entity]:
    """The medicine of a part, and those before and after it that are named as plainly as can be."""
    entity = _read(text, start, end, listed, names, expected)
    if entity is None or entity.certainty < _SURE_AS_FURTHER:
        return
    sides = ((start, entity.span[0]), (entity.span[1], end))
    before, after = (_plain(text, _in_part(text, *side, listed, names, expected)) for side in sides)
    alone = _read(text, *entity.span, listed, names, expected) if before or after else None
    yield from (*before, alone or entity, *after)


def _plain(text: str, found: Iterator[Entity]) -> list[Entity]:
    """Those heard for sure, or letter by letter as they are written."""
    return [e for e in found if e.certainty >= _SURE_WITHOUT_AND or by_name(text[slice(*e.span)])]


def _read(
    text: str, start: int, end: int, listed: Sequence[Listed], names: Sequence[str], expected: bool
) -> Entity | None:
    entity = read_drug(text[start:end], listed, names, expected=expected) if text[start:end].strip() else None
    return replace(entity, span=(entity.span[0] + start, entity.span[1] + start)) if entity else None


def _unreplaced(text: str, found: list[Entity]) -> list[Entity]:
    """ "Lisinopril, no, metformin" is metformin."""
    kept: list[Entity] = []
    for entity in found:
        if kept:
            between = [token.text for token in tokens(text[kept[-1].span[1] : entity.span[0]])]
            kept = [] if is_replaced(between, 0, len(between)) else kept
        kept.append(entity)
    return kept
