"""Who is calling: "my name is Susan Miller", against the roster by spelling and sound.

A name like none on the roster is kept as it was said. The roster is for hearing only: what is spoken
back to a caller is the dialog's decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intents.readers.calendar import MONTHS, WEEKDAYS
from intents.readers.corrections import is_replaced
from intents.readers.hearing import all_heard
from intents.readers.symptoms import read_symptom
from models.domain import Entity
from words.common import COMMON
from words.letters import parse_spelling
from words.names import same_family_name, same_person_name
from words.numbers import TENS, UNITS
from words.tokens import Token, longest_at, phrases, span, starts_with, word_set

ROSTER_FLOOR = 0.84  # at least so alike before a roster name stands for what was heard
_CUES = phrases(
    "my name is|my name's|my full name is|name is|name's|the name is|this is|i am|i'm|it is|it's"
    "|it's for|that's|calling for|for my wife|for my husband|for my mother|for my father|for my son"
    "|for my daughter|patient is|patient's name is|first name is|first name|given name|her name is"
    "|his name is|on behalf of|call me|speaking"
)
_OPEN_CUES = phrases(
    "my name is|my name's|my full name is|the name is|name is|this is|i am|i'm|patient is"
    "|patient's name is|her name is|his name is|first name is|first name"
)
_FAMILY_CUES = phrases("last name is|last name|family name is|family name|surname is|surname|maiden name")
_NUMBER_WORDS = frozenset(UNITS) | frozenset(TENS) | word_set("first second third fourth fifth oh hundred")
_NO_NAME_WORDS = word_set(
    "uh um er hmm ah sure not dizzy bleeding having afraid looking trying wondering allergic"
)
_GIVEN_NAMES_TOO = word_set("april june may will august mark art")
_NOT_NAMES = (
    COMMON | frozenset(WEEKDAYS) | frozenset(MONTHS) | _NUMBER_WORDS | _NO_NAME_WORDS
) - _GIVEN_NAMES_TOO  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Said:
    """A name as said by words [at, after), "given family" in lower case."""

    name: str
    at: int
    after: int


def read_name(
    text: str, roster: Sequence[str] = (), likely: Sequence[str] = (), *, expected: bool = False
) -> Entity | None:
    """Entity of "Given Family", or None. ``likely``: names on file at the caller's number, tried first."""
    found = all_heard(text)
    words = [token.text for token in found]
    said = _said(words, expected)
    if expected or said:
        on_roster = _on_roster(words, said, roster, likely, expected)
        if on_roster:
            return _roster_entity(on_roster, said, found)
    return _free_entity(said, found) if said else None


def _said(words: Sequence[str], expected: bool) -> _Said | None:
    """The name after the last cue that has one, or the bare answer to a question for it."""
    candidates = [name for at in range(len(words)) if (name := _after_cue(words, at, expected))]
    candidates += _signed_on(words)
    bare = _bare(words) if expected else None
    if bare and (not candidates or is_replaced(words, candidates[-1].after, bare.at)):
        candidates.append(bare)
    return candidates[-1] if candidates else None


def _signed_on(words: Sequence[str]) -> list[_Said]:
    """ "John Miller here", "hello, Ann Quill here": the whole sentence, or the beginning of one."""
    at = next((at for at, word in enumerate(words) if word not in ("hi", "hello", "hey", "yes", "yeah")), 0)
    said = _collect(words, at) if words else None
    if read_symptom(" ".join(words)):
        return []  # "terrible headache here"
    here = said is not None and said.after < len(words) and words[said.after] == "here"
    return [said] if said and here and said.name.count(" ") == 1 else []


def _after_cue(words: Sequence[str], at: int, expected: bool) -> _Said | None:
    cues = _CUES if expected else _OPEN_CUES
    size = longest_at(words, at, cues)
    if not size or (at and starts_with(words, at - 1, ("last", "name"))):
        return None
    said = _collect(words, at + size)
    return said if said and (expected or " " in said.name) else None


def _bare(words: Sequence[str]) -> _Said | None:
    """The longest run of words that may be names."""
    runs = [
        said
        for at in range(len(words))
        if (at == 0 or _is_no_name(words[at - 1])) and (said := _collect(words, at))
    ]
    return max(runs, key=lambda said: (said.name.count(" "), said.at), default=None)


def _collect(words: Sequence[str], at: int) -> _Said | None:
    """Up to four words of a name from a place on; a spelling right after it corrects its last word."""
    while at < len(words) and words[at] in ("uh", "um", "er", "mister", "mrs", "ms", "mr", "miss", "doctor"):
        at += 1
    end = at
    while end < len(words) and end - at < 4 and not _is_no_name(words[end]) and len(words[end]) > 1:
        end += 1
    parts, after = list(words[at:end]), end
    family = _family_after(words, end)
    if family and len(parts) == 1:
        parts, after = [*parts, *family[0].split()], family[1]
    spelling = parse_spelling(words, after) if parts else None
    if spelling and len(spelling[0]) >= 3:
        parts[-1], after = spelling[0].lower(), spelling[1]
    return _Said(" ".join(parts), at, after) if parts else None


def _family_after(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """ "first name Susan, last name Miller"."""
    place = at + 1 if at < len(words) and words[at] in ("and", "my", "the") else at
    size = longest_at(words, place, _FAMILY_CUES)
    if not size or place + size >= len(words):
        return None
    spelling = parse_spelling(words, place + size)
    if spelling and len(spelling[0]) >= 3:
        return spelling[0].lower(), spelling[1]
    word = words[place + size]
    return None if _is_no_name(word) else (word, place + size + 1)


def _is_no_name(word: str) -> bool:
    return word in _NOT_NAMES or not word[0].isalpha()


def _on_roster(
    words: Sequence[str], said: _Said | None, roster: Sequence[str], likely: Sequence[str], expected: bool
) -> list[tuple[str, float, int, int]]:
    """Roster names heard, best first: (name, likeness, first word, after)."""
    places = [(said.name, said.at, said.after)] if said else []
    if expected:
        places += [
            (" ".join(words[at : at + size]), at, at + size)
            for size in (2, 3)
            for at in range(len(words) - size + 1)
            if not (_is_no_name(words[at]) and _is_no_name(words[at + size - 1]))
        ]
    known = dict.fromkeys([*likely, *roster])
    hits = [_best_place(name, places, name in likely) for name in known] if places else []
    return sorted((hit for hit in hits if hit[1] >= ROSTER_FLOOR), key=lambda hit: -hit[1])


def _best_place(
    name: str, places: Sequence[tuple[str, int, int]], is_likely: bool
) -> tuple[str, float, int, int]:
    scored = [(same_person_name(heard, name), at, after) for heard, at, after in places]
    score, at, after = max(scored, key=lambda place: (place[0], place[1]))
    return name, min(1.0, score + (0.03 if is_likely and score < 1 else 0.0)), at, after


def _roster_entity(
    hits: list[tuple[str, float, int, int]], said: _Said | None, found: tuple[Token, ...]
) -> Entity:
    name, score, at, after = hits[0]
    rivals = [hit[0] for hit in hits[1:4] if hit[1] > score - 0.1]
    as_said = _cased(said.name) if said and " " in said.name else name
    if as_said.lower() != name.lower():
        rivals.append(as_said)
    tie = any(hit[1] > score - 0.03 for hit in hits[1:])
    return Entity(
        name, span(found, at, after), round(min(0.97, score, 0.6 if tie else 1.0), 3), tuple(rivals)
    )


def _free_entity(said: _Said, found: tuple[Token, ...]) -> Entity:
    """Not on the roster: as said. One word alone is half a name."""
    certainty = 0.6 if " " in said.name else 0.35
    return Entity(_cased(said.name), span(found, said.at, said.after), certainty)


def matching_family(text: str, roster: Sequence[str]) -> tuple[str, ...]:
    """Roster names whose family name a spelled or single word matches, best first."""
    scored = [(same_family_name(text, name.split()[-1]), name) for name in roster if name]
    return tuple(name for score, name in sorted(scored, reverse=True) if score >= ROSTER_FLOOR)


def _cased(name: str) -> str:
    return " ".join("-".join(half.capitalize() for half in part.split("-")) for part in name.split())
