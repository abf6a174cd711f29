"""Things from a closed list: providers, visit types, pharmacies. Never a value from outside the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from intents.readers.corrections import is_refused, last_correction
from intents.readers.hearing import heard
from intents.readers.kin import KIN
from intents.readers.likeness import alike, likely_places
from models.domain import Entity, Provider, VisitType
from words.numbers import ordinal_words
from words.tokens import Token, span, tokens, word_at, word_set

_TITLES = {
    "dr": "doctor",
    "doc": "doctor",
    "doctor's": "doctor",
    "st": "street",
    "ave": "avenue",
    "rd": "road",
}
_EMPTY = word_set(
    "the a an of at on in and my with for to is by visit appointment pharmacy doctor street store"
)


@dataclass(frozen=True, slots=True)
class Match:
    """``value`` was said by words [at, after), ``score`` 0..1 alike."""

    value: str
    at: int
    after: int
    score: float

    @property
    def rank(self) -> tuple[float, int]:
        return round(self.score, 2), self.after - self.at


def read_provider(text: str, providers: Sequence[Provider], *, expected: bool = False) -> Entity | None:
    """``provider_id`` of a named provider. A bare family name counts where a provider was asked for."""
    return _read(text, _all_provider_forms(providers, expected), floor=0.8)


def read_refused_provider(text: str, providers: Sequence[Provider]) -> Entity | None:
    """``provider_id`` of a provider who is named only to be turned down: "anyone but Doctor Chen"."""
    found = heard(text)
    words = [_TITLES.get(token.text, token.text) for token in found]
    matches = _matches(words, _all_provider_forms(providers, False), 0.8)
    no = [match for match in matches if is_refused(words, match.at)]
    return _entity(no, found)


def _all_provider_forms(providers: Sequence[Provider], with_bare_name: bool) -> list[tuple[str, str]]:
    return [
        (provider.provider_id, form)
        for provider in providers
        for form in _provider_forms(provider, with_bare_name=with_bare_name)
    ]


def read_visit_type(text: str, visit_types: Sequence[VisitType]) -> Entity | None:
    """``code`` of a visit type by its name or spoken forms."""
    forms = [(kind.code, form) for kind in visit_types for form in (kind.name, *kind.spoken)]
    return _read(text, forms, floor=0.87)


def read_pharmacy(text: str, pharmacies: Sequence[str], *, expected: bool = False) -> Entity | None:
    """A pharmacy of the list: by its whole name, or by the words that tell it from the others."""
    forms = [(name, form) for name in pharmacies for form in _pharmacy_forms(name, pharmacies)]
    return _read(text, forms, floor=0.8 if expected else 0.86)


def _provider_forms(provider: Provider, *, with_bare_name: bool) -> Iterable[str]:
    names = (provider.name, *provider.spoken)
    families = dict.fromkeys(name.replace(".", "").split()[-1] for name in names if name)
    yield from names
    yield from (f"doctor {family}" for family in families)
    if with_bare_name:
        yield from families


def _pharmacy_forms(name: str, all_names: Sequence[str]) -> Iterable[str]:
    """The name, and each of its words that no other pharmacy of the list has."""
    yield name
    own = [word for word in _plain(name) if word not in _EMPTY]
    others = {word for other in all_names if other != name for word in _plain(other)}
    telling = [word for word in own if word not in others and len(word) > 2]
    yield from telling
    if own:
        yield " ".join(own)


def _read(text: str, forms: Sequence[tuple[str, str]], *, floor: float) -> Entity | None:
    found = heard(text)
    words = [_TITLES.get(token.text, token.text) for token in found]
    matches = _matches(words, forms, floor)
    no = [match for match in matches if is_refused(words, match.at) or word_at(words, match.at - 1) in KIN]
    kept = [match for match in matches if not any(match.at < n.after and n.at < match.after for n in no)]
    return _entity(_unreplaced(kept, words), found)


def _matches(words: Sequence[str], forms: Sequence[tuple[str, str]], floor: float) -> list[Match]:
    """Places where forms are said, by sound and spelling, at least ``floor`` alike."""
    wanted = [_plain(form) for _, form in forms]
    most = max((len(said) for said in wanted), default=0) + 1
    return [
        Match(value, at, at + size, score)
        for (value, _), said, places in zip(
            forms, wanted, likely_places(words, wanted, most, floor), strict=True
        )
        for at, size in places
        if said and abs(size - len(said)) <= 1
        if words[at] not in _EMPTY or words[at] == said[0]
        if words[at + size - 1] not in _EMPTY or words[at + size - 1] == said[-1]
        if (score := alike(tuple(words[at : at + size]), said, floor)) >= floor
    ]


def _unreplaced(matches: list[Match], words: Sequence[str]) -> list[Match]:
    """Without what a correction took back."""
    last = max((match.at for match in matches), default=0)
    taken_back = last_correction(words, last)
    return [match for match in matches if match.after > last or match.after > taken_back]


def _entity(matches: list[Match], found: tuple[Token, ...]) -> Entity | None:
    if not matches:
        return None
    best: dict[str, Match] = {}
    for match in matches:
        if match.value not in best or match.rank > best[match.value].rank:
            best[match.value] = match
    first, *others = sorted(best.values(), key=lambda match: match.rank, reverse=True)
    rivals = [match for match in others if match.score > first.score - 0.12]
    is_tie = any(match.rank == first.rank for match in rivals)
    certainty = 0.5 if is_tie else min(0.97, first.score * (0.9 if rivals else 1.0))
    values = tuple(match.value for match in rivals[:3])
    return Entity(first.value, span(found, first.at, first.after), round(certainty, 3), values)


@lru_cache(maxsize=2_048)
def _plain(text: str) -> tuple[str, ...]:
    """As it is said: "5th St." is "fifth street"."""
    said = (_as_said(token.text) for token in tokens(text) if token.text[0].isalnum())
    return tuple(word for words in said for word in words.split())


def _as_said(word: str) -> str:
    number = word[:-2]
    is_ordinal = number.isascii() and number.isdigit() and len(number) < 3 and int(number) > 0
    return ordinal_words(int(number)) if is_ordinal and not word.isdigit() else _TITLES.get(word, word)
