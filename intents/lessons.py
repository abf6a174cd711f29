"""What the network is shown: the corpus and the danger tables, sentence by sentence, as dice have them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from intents.alarms import AlarmRow
from intents.augment import EPOCH_NOISE, Row, dice_of, epoch_rows, noisy, vocabulary_of
from intents.corpus import Example
from models.domain import ExpectationKind, Intent

MISHEARD = 0.25  # of the danger sentences in an epoch
_ASKED = (ExpectationKind.OPEN,) * 3 + (ExpectationKind.YES_NO, ExpectationKind.CHOICE)
_MAY_TELL_OF_DANGER = frozenset(
    {Intent.SYMPTOM_REPORT, Intent.CHECKIN_RETURN, Intent.MEDICATION_QUESTION, Intent.PROFESSIONAL_CALLER}
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One sentence as an answer to a kind of question, and what it means.

    ``intents`` and ``signs`` (of danger) are empty where there is none, and None where nobody has said:
    then nothing is learned about them.
    """

    text: str
    kind: ExpectationKind
    intents: tuple[Intent, ...] | None
    signs: tuple[str, ...] | None = None


def of_epoch(corpus: Sequence[Example], dangers: Sequence[AlarmRow], epoch: int) -> list[Lesson]:
    """Every sentence once: plain, misheard or behind an opener; beside them second wishes and bare values."""
    vocabulary = vocabulary_of(corpus)
    told = [of_row(row) for row in epoch_rows(corpus, epoch)]
    return [*told, *(_of_danger(row, vocabulary, f"epoch {epoch}") for row in dangers)]


def of_row(row: Row) -> Lesson:
    """A sentence of the corpus. Whether a complaint is a danger nobody has said there; the rest is none."""
    is_unsaid = not _MAY_TELL_OF_DANGER.isdisjoint(row.intents)
    return Lesson(row.text, row.kind, row.intents, None if is_unsaid else ())


def _of_danger(row: AlarmRow, vocabulary: Sequence[str], dice: str) -> Lesson:
    chance = random.Random(dice_of(f"danger {dice}", row.text))
    text = row.text
    if chance.random() < MISHEARD:
        text = noisy(text, vocabulary, chance.choice(EPOCH_NOISE), dice)
    return Lesson(text, chance.choice(_ASKED), None, row.flags)
