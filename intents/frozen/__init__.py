"""The frozen test half for intents: caller sentences that nothing in the product has learned from.

Written apart from ``intents/corpus``; rows are only ever appended, which ``seals`` proves. How a sentence is
scored stands in ``scoring``, what the labels mean and what the set cannot show in ``README.md``.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.domain import Choice, Expectation, ExpectationKind, Intent

FOLDER = Path(__file__).parent
NOTHING = "none"  # in the column ``instead``: to find nothing is right as well
STYLES = frozenset(
    "elderly terse rambling frightened fillers self-correction proxy wrong-number nonnative "
    "nonmedical not-ours abuse sales injection noise".split()
)
QUESTIONS = "questions.tsv"
_SEALS = "seals.tsv"


@dataclass(frozen=True, slots=True)
class Case:
    """One caller sentence and what it asks for.

    ``intents`` is empty for a bare value. ``also`` may be found beside them without being wrong.
    ``instead``, where given, is one more right reading of a sentence on which careful readers differ.
    ``weight`` is 1 for a whole family: variations of one wording count once.
    """

    text: str
    intents: frozenset[Intent]
    also: frozenset[Intent]
    instead: frozenset[Intent] | None
    expectation: Expectation
    family: str
    weight: float
    styles: tuple[str, ...]


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """The whole set, in a fixed order. Raises ValueError where a row names no known label or question."""
    asked = questions()
    rows = [row for path in tables() for row in _rows(path)]
    sizes = Counter(row["family"] for row in rows)
    return tuple(_case(row, asked, sizes) for row in rows)


def questions() -> dict[str, Expectation]:
    """The last question, by the name that rows give it; "" is the open "How can I help?"."""
    asked = {"": Expectation(asked="How can I help?")}
    for row in _rows(FOLDER / QUESTIONS):
        kind = ExpectationKind(row["kind"])
        asked[row["question"]] = Expectation(kind, _choices(row["choices"]), asked=row["asked"])
    return asked


def tables() -> list[Path]:
    """The tables of sentences, in a fixed order."""
    return sorted(path for path in FOLDER.glob("*.tsv") if path.name not in (QUESTIONS, _SEALS))


def unseen(found: Sequence[Case], learned: Sequence[str]) -> list[Case]:
    """The cases that no learned sentence repeats word for word; "no thanks" stands in every corpus."""
    known = {_plain(text) for text in learned}
    return [case for case in found if _plain(case.text) not in known]


def _plain(text: str) -> str:
    return " ".join("".join(c for c in text.lower() if c.isalpha() or c.isspace()).split())


def _case(row: dict[str, str], asked: dict[str, Expectation], sizes: Counter[str]) -> Case:
    if row["question"] not in asked:
        raise ValueError(f"{row['family']}: there is no question {row['question']!r} in {QUESTIONS}")
    return Case(
        text=row["text"],
        intents=_intents(row["labels"]),
        also=_intents(row["also"]),
        instead=_intents(row["instead"].replace(NOTHING, "")) if row["instead"] else None,
        expectation=asked[row["question"]],
        family=row["family"],
        weight=1 / sizes[row["family"]],
        styles=tuple(row["style"].split()),
    )


def _intents(names: str) -> frozenset[Intent]:
    return frozenset(Intent(name) for name in names.split(",") if name)


def _choices(written: str) -> tuple[Choice, ...]:
    """``value: form, form; value: form``."""
    parts = [part.partition(":") for part in written.split(";") if part.strip()]
    return tuple(
        Choice(value.strip(), tuple(form.strip() for form in forms.split(","))) for value, _, forms in parts
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
