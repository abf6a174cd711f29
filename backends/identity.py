"""Is this name that patient's? Pure comparisons on FHIR Patients; birth date and number stay exact."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import IntEnum

from backends.refusals import Json
from words.names import nicknames
from words.phonetic import similarity

SOUNDS_ALIKE = 0.85  # of words.phonetic: about 0.9 is the same sound
MISTAKEN = 0.6  # a recogniser takes one such first name for the other: Helen and Ellen, Hannah and Anna
FullName = tuple[tuple[str, ...], tuple[str, ...]]  # given names, words of the family name


class Likeness(IntEnum):
    """How near a name must come, the nearest first: who is spelled so goes before who is also called so."""

    SPELLED = 0
    GOES_BY = 1  # "Bill" is William
    SOUNDS = 2


def letters(text: str) -> str:
    """Lower case ASCII letters and spaces: "O'Brien-Díaz" becomes "obrien diaz"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^a-z\s-]", "", plain).replace("-", " ").split())


def names_of(patient: Json) -> list[FullName]:
    """Every name that a patient has or had: official, maiden, nickname."""
    found: list[FullName] = []
    for name in patient.get("name", []):
        given = tuple(word for part in name.get("given", []) for word in letters(part).split())
        family = tuple(letters(name.get("family", "")).split())
        if given and family:
            found.append((given, family))
    givens = tuple(dict.fromkeys(word for given, _ in found for word in given))
    return [(givens, family) for _, family in dict.fromkeys(found)]


def spoken_name(patient: Json) -> str:
    """ "Maria Lopez": the official name, without middle names."""
    names = sorted(patient.get("name", []), key=lambda name: name.get("use") != "official")
    first = names[0] if names else {}
    return " ".join([*first.get("given", [])[:1], first.get("family", "")]).strip()


def is_current(patient: Json) -> bool:
    """Whether the chart is in use and its patient alive."""
    dead = patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient
    return patient.get("active") is not False and not dead


def phones_of(patient: Json) -> set[str]:
    """The numbers on file, E.164, that are in use."""
    return {
        item["value"]
        for item in patient.get("telecom", [])
        if item.get("system") in ("phone", "sms") and item.get("use") != "old" and item.get("value")
    }


def zip_matches(patient: Json, zip_code: str) -> bool:
    """Whether the first five digits are those of an address on file."""
    wanted = zip_code.strip()[:5]
    addresses = (item for item in patient.get("address", []) if item.get("use") != "old")
    return len(wanted) == 5 and any(str(item.get("postalCode", ""))[:5] == wanted for item in addresses)


def name_matches(
    heard: Sequence[str], names: Sequence[FullName], likeness: Likeness, *, spelled: bool = False
) -> bool:
    """Whether any of the names as heard is one of a patient's. ``spelled``: the first word was, letter by
    letter, so that nothing that merely sounds like it will do.
    """
    given = min(likeness, Likeness.GOES_BY) if spelled else likeness
    return any(_same(letters(text).split(), name, given, likeness) for text in heard for name in names)


def may_be_mistaken(heard: Sequence[str], names: Sequence[FullName]) -> bool:
    """Whether any of the names as heard may be a patient's that was misheard: family names sound alike, and
    first names enough for a recogniser to take one for the other.
    """
    return any(_may_be(letters(text).split(), name) for text in heard for name in names)


def _may_be(words: list[str], name: FullName) -> bool:
    given, family = name
    near = len(words) >= 2 and any(similarity(words[0], known) >= MISTAKEN for known in given)
    return near and _is_family(words, family, Likeness.SOUNDS)


def _same(words: list[str], name: FullName, likeness: Likeness, of_family: Likeness) -> bool:
    """First word: a given name or its short form; last words: the family name, or half of a double one.

    Words between are taken for middle names; "O Brien" and "Keller Jones" count as said in one.
    """
    given, family = name
    if len(words) < 2 or not any(_given(words[0], known, likeness) for known in given):
        return False
    return _is_family(words, family, of_family)


def _is_family(words: list[str], family: tuple[str, ...], likeness: Likeness) -> bool:
    endings = ["".join(words[start:]) for start in range(1, len(words))]
    return any(_word(said, part, likeness) for said in endings for part in ("".join(family), *family))


def _given(said: str, known: str, likeness: Likeness) -> bool:
    goes_by = likeness >= Likeness.GOES_BY and known in nicknames(said)
    return goes_by or _word(said, known, likeness)


def _word(said: str, known: str, likeness: Likeness) -> bool:
    by_sound = likeness is Likeness.SOUNDS
    return said == known or (by_sound and similarity(said, known) >= SOUNDS_ALIKE)
