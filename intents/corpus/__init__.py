"""What callers say, written for this project: one table a label, and templates for names, drugs and dates.

Each row has a family: sentences of one way of putting it. Training and test never share a family. The
tables of the folder ``wide`` are learned from as well, but are no part of the recogniser's language model.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from intents.corpus import templates
from models.domain import Intent
from words.numbers import cardinal_words, digit_words, ordinal_words

_FOLDER = Path(__file__).parent
_WIDE = _FOLDER / "wide"
_TEST_EVERY = 8  # one family in eight is held out
_ORDINAL_FIGURE = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
_FIGURE = re.compile(r"\d+")
_NOT_SPOKEN = re.compile(r"[^a-z' ]+")
EMPTY_WORDS = frozenset("um uh er hm hmm well so oh please just like okay ok yeah hi hello".split())


@dataclass(frozen=True, slots=True)
class Example:
    """One caller sentence. ``intents`` is empty for a bare value or noise: nothing is asked for."""

    text: str
    intents: tuple[Intent, ...]
    family: str
    is_test: bool


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    """The whole corpus, with the same split into families every time. A wide sentence that stands
    elsewhere already, give or take words that mean nothing, is left out: it counts once."""
    told = {_told(example.text) for example in _base()}
    wide = []
    for example in _read(_WIDE, "wide/"):
        if (key := _told(example.text)) not in told:
            told.add(key)
            wide.append(example)
    return (*_base(), *wide)


@lru_cache(maxsize=1)
def _base() -> tuple[Example, ...]:
    return tuple(_read(_FOLDER, ""))


def _read(folder: Path, place: str) -> Iterator[Example]:
    for path in sorted(folder.glob("*.tsv")):
        rows, table = list(_rows(path)), f"{place}{path.stem}"
        held = held_out(table, [family for family, _, _ in rows])
        for family, names, text in rows:
            yield Example(text, _intents(names), f"{table}/{family}", family in held)


def _told(text: str) -> tuple[str, ...]:
    """What near-duplicates share: the words, less those that mean nothing."""
    said = as_spoken(text).split()
    return tuple(word for word in said if word not in EMPTY_WORDS) or tuple(said)


def sentences(
    names: Sequence[str] = (),
    drugs: Sequence[str] = (),
    providers: Sequence[str] = (),
    pharmacies: Sequence[str] = (),
) -> list[str]:
    """Everything callers are likely to say, as a recogniser writes it, for building a language model.

    The corpus and the templates filled with the practice's own words; lower case, no punctuation,
    numbers in words, no repeats, the same list for the same words.
    """
    # Without the wide tables: the recogniser's weights, thresholds and published figures were measured with
    # the language model of these sentences. More of them shift its word probabilities; that is a change of
    # the recogniser, to be measured as one (benchmarks.recogniser), and not a side effect of training.
    lists = templates.WordLists(
        names=tuple(names) or templates.NAMES,
        drugs=tuple(drugs) or templates.DRUGS,
        providers=tuple(providers) or templates.PROVIDERS,
        pharmacies=tuple(pharmacies) or templates.PHARMACIES,
    )
    written = [*(example.text for example in _base()), *templates.expand(lists)]
    return list(dict.fromkeys(text for raw in written if (text := as_spoken(raw))))


def as_spoken(text: str) -> str:
    """Lower case, numbers in words, only letters and apostrophes: what a recogniser's text looks like."""
    text = _ORDINAL_FIGURE.sub(_ordinal_words, text.lower())
    text = _FIGURE.sub(_figure_words, text)
    return " ".join(_NOT_SPOKEN.sub(" ", text).split())


def _ordinal_words(match: re.Match[str]) -> str:
    return ordinal_words(int(match.group(1))) if int(match.group(1)) else " "


def _figure_words(match: re.Match[str]) -> str:
    figure = match.group()
    return f" {cardinal_words(int(figure)) if len(figure) <= 6 else digit_words(figure)} "


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row["family"], row["intents"], row["text"]


def _intents(names: str) -> tuple[Intent, ...]:
    return tuple(Intent(name) for name in names.split(",") if name)


def held_out(label: str, families: Sequence[str]) -> frozenset[str]:
    """Every eighth family of a label, in an order that only their names decide."""
    ordered = sorted(
        dict.fromkeys(families), key=lambda family: hashlib.sha256(f"{label}/{family}".encode()).hexdigest()
    )
    return frozenset(ordered[_TEST_EVERY - 2 :: _TEST_EVERY])
