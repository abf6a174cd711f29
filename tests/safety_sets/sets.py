"""Read the frozen sentences of danger and of no danger. What they are and how they score: README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

FOLDER = Path(__file__).parent
POSITIVES = FOLDER / "positives.tsv"
NEGATIVES = FOLDER / "negatives.tsv"
SECOND_POSITIVES = FOLDER / "second" / "positives.tsv"
SECOND_NEGATIVES = FOLDER / "second" / "negatives.tsv"
THIRD_POSITIVES = FOLDER / "third" / "positives.tsv"
THIRD_NEGATIVES = FOLDER / "third" / "negatives.tsv"
SETS = (POSITIVES, NEGATIVES, SECOND_POSITIVES, SECOND_NEGATIVES, THIRD_POSITIVES, THIRD_NEGATIVES)

FLAGS = tuple(f"RF{number:02}" for number in range(1, 27))
TAGS = frozenset(
    """after_but as_question aside colloquial elderly embarrassed euphemism frightened noised nonnative proxy
    pseudo_negation rambling recent selfcorrected spanish terse uncertain with_history""".split()
)
SPOKEN = re.compile(r"[a-zñáéíóúü' -]+")  # words as a recogniser writes them: no digits, no punctuation
NOTHING = "-"


class SetError(ValueError):
    """A line of a set is not in the format that README.md describes."""


class Kind(StrEnum):
    """Why a sentence of the negative set is no present danger."""

    NEGATED = "negated"
    HISTORICAL = "historical"
    OTHER_PAST = "other_past"
    HYPOTHETICAL = "hypothetical"
    QUESTION = "question"
    IDIOM = "idiom"
    PSEUDO = "pseudo"
    FAR_APART = "far_apart"
    MILD = "mild"
    ORDINARY = "ordinary"


EASY = frozenset({Kind.MILD, Kind.ORDINARY})  # no danger is mentioned; all other kinds are hard


@dataclass(frozen=True, slots=True)
class Assertion:
    """How the danger is asserted, in the words of ConText (Harkema and others, 2009)."""

    polarity: str  # present, uncertain
    time: str  # now, recent (within 72 h)
    who: str  # patient (who speaks), other (someone present)
    mode: str  # actual

    ALLOWED = (("present", "uncertain"), ("now", "recent"), ("patient", "other"), ("actual",))

    @classmethod
    def parse(cls, text: str) -> Self:
        words = text.split(" ")
        if len(words) != 4 or any(word not in of for word, of in zip(words, cls.ALLOWED, strict=True)):
            raise SetError(f"no assertion: {text!r}")
        return cls(*words)


@dataclass(frozen=True, slots=True)
class Danger:
    """One sentence that must never pass unnoticed."""

    flag: str  # RF01 to RF26
    assertion: Assertion
    least: str  # the least urgent disposition that is right: emergency or urgent
    tags: frozenset[str]
    text: str

    @property
    def is_plain_english(self) -> bool:
        return not self.tags & {"noised", "spanish"}


@dataclass(frozen=True, slots=True)
class NoDanger:
    """One sentence that a nurse who reads it would call no present danger."""

    kind: Kind
    near: str | None  # the red flag it could be taken for, where there is one
    tags: frozenset[str]
    text: str

    @property
    def is_hard(self) -> bool:
        return self.kind not in EASY


def read_positives(path: Path = POSITIVES) -> tuple[Danger, ...]:
    """Every sentence of danger, in the order of the file. Raises SetError, naming the line."""
    return tuple(_danger(fields, where) for where, fields in _rows(path, "flag assertion least tags text"))


def read_negatives(path: Path = NEGATIVES) -> tuple[NoDanger, ...]:
    """Every sentence of no danger, in the order of the file. Raises SetError, naming the line."""
    return tuple(_no_danger(fields, where) for where, fields in _rows(path, "kind near tags text"))


def _rows(path: Path, heads: str) -> Iterator[tuple[str, list[str]]]:
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    if first.split("\t") != heads.split():
        raise SetError(f"{path.name}: the first line must name the columns {heads}")
    for number, line in enumerate(lines, start=2):
        fields = line.split("\t")
        if len(fields) != len(heads.split()):
            raise SetError(f"{path.name}:{number}: {len(fields)} columns, not {len(heads.split())}")
        yield f"{path.name}:{number}", fields


def _danger(fields: list[str], where: str) -> Danger:
    flag, assertion, least, tags, text = fields
    if flag not in FLAGS or least not in ("emergency", "urgent"):
        raise SetError(f"{where}: no red flag or disposition: {flag!r} {least!r}")
    return Danger(flag, Assertion.parse(assertion), least, _tags(tags, where), _spoken(text, where))


def _no_danger(fields: list[str], where: str) -> NoDanger:
    kind, near, tags, text = fields
    if kind not in list(Kind) or near not in (*FLAGS, NOTHING):
        raise SetError(f"{where}: no kind or red flag: {kind!r} {near!r}")
    return NoDanger(Kind(kind), None if near == NOTHING else near, _tags(tags, where), _spoken(text, where))


def _tags(field: str, where: str) -> frozenset[str]:
    tags = frozenset() if field == NOTHING else frozenset(field.split(","))
    if unknown := tags - TAGS:
        raise SetError(f"{where}: no such tag: {', '.join(sorted(unknown))}")
    return tags


def _spoken(text: str, where: str) -> str:
    if not SPOKEN.fullmatch(text) or text != " ".join(text.split()):
        raise SetError(f"{where}: only lower-case words with single blanks: {text!r}")
    return text
