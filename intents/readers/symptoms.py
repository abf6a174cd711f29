"""Which complaint a caller names, for the note and the question that follows. Danger is judged elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intents.readers.hearing import heard
from models.domain import Entity
from words.tokens import Phrases, find_phrase, phrases, span, word_set

_TABLE = Path(__file__).with_name("symptoms.txt")
_DENIALS = word_set("no not don't without never denies isn't hasn't haven't didn't doesn't nor any")
_DENIALS_END = word_set("but however except though although i i'm i've")
_REACH = 4  # words a denial reaches over


def _parse(table: str) -> tuple[tuple[str, Phrases], ...]:
    lines = table.replace("\n    |", "|").strip().splitlines()
    pairs = (line.split("=", 1) for line in lines if not line.startswith("#"))
    return tuple((name.strip(), phrases(said)) for name, said in pairs)


_SYMPTOMS = _parse(_TABLE.read_text(encoding="utf-8"))


def read_symptom(text: str) -> Entity | None:
    """The complaint named first (others stand as alternatives), or None. Denied ones are left out."""
    found = heard(text)
    words = [token.text for token in found]
    hits: list[tuple[int, int, str]] = []
    for name, said in _SYMPTOMS:
        if said.by_first.keys().isdisjoint(words):
            continue
        places = [(at, len(phrase)) for phrase in said if (at := find_phrase(words, phrase)) is not None]
        affirmed = [(at, size) for at, size in places if not _is_denied(words, at)]
        if affirmed:
            at, size = max(affirmed, key=lambda place: place[1])
            hits.append((at, -size, name))
    hits = [hit for hit in hits if not _is_inside_longer(hit, hits)]
    if not hits:
        return None
    at, size, name = min(hits)
    others = tuple(other for _, _, other in sorted(hits)[1:])
    return Entity(name, span(found, at, at - size), 0.85, others)


def _is_denied(words: Sequence[str], at: int) -> bool:
    for place in range(at - 1, max(-1, at - 1 - _REACH), -1):
        if words[place] in _DENIALS_END:
            return False
        if words[place] in _DENIALS:
            return words[place] != "any"
    return False


def _is_inside_longer(hit: tuple[int, int, str], hits: list[tuple[int, int, str]]) -> bool:
    """ "pain" within "chest pain" is no second complaint."""
    start, after = hit[0], hit[0] - hit[1]
    longer = (other for other in hits if other[1] < hit[1])
    return any(other[0] <= start and after <= other[0] - other[1] for other in longer)
