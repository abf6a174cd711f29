"""Who is asked: the product as a call uses it, the baseline alone, and the baseline inside the product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from benchmarks import understanding_baseline
from intents.corpus import templates
from intents.decisions import Scored
from intents.frozen import Case
from intents.frozen.scoring import Answer
from intents.understand import MindService
from models.domain import (
    Context,
    Expectation,
    ExpectationKind,
    Intent,
    PracticeFacts,
    Provider,
    Transcript,
    VisitType,
)

Asked = Callable[[Case, str], Sequence[Intent]]  # a case, in the words that were heard

CONTEXT = Context(  # the practice that the frozen sentences speak of, on their day
    now=datetime(2026, 11, 30, 14, 0, tzinfo=UTC),
    practice=PracticeFacts(
        name="Oak Street Family Practice",
        phone="+16175550100",
        timezone="America/New_York",
        providers=tuple(Provider(name, f"Doctor {name}") for name in ("Chen", "Patel", "Webb", "Okafor")),
        visit_types=(VisitType("physical", "annual physical", 40, ("physical", "checkup")),),
        pharmacies=templates.PHARMACIES,
        roster_names=templates.NAMES,
        medicine_names=templates.DRUGS,
    ),
)


@lru_cache(maxsize=1)
def product() -> MindService:
    mind = MindService()
    mind.load()
    return mind


@lru_cache(maxsize=1)
def baseline() -> understanding_baseline.Baseline:
    return understanding_baseline.train()


class BaselineInside(MindService):
    """The product with the baseline in the classifier's place: what the classifier alone is worth."""

    def _scored(self, text: str, kind: ExpectationKind) -> Scored:
        return Scored(baseline().wishes(text, kind))


def by_product(case: Case, heard: str) -> Sequence[Intent]:
    return _understood(heard, case.expectation)


@lru_cache(maxsize=50_000)
def _understood(heard: str, expectation: Expectation) -> tuple[Intent, ...]:
    """Once a sentence: several figures are made from it."""
    return product().understand(Transcript(heard, 1.0), expectation, CONTEXT).intents


def by_baseline(case: Case, heard: str) -> Sequence[Intent]:
    return [intent for intent, _ in baseline().wishes(heard, case.expectation.kind)]


def by_baseline_inside(case: Case, heard: str) -> Sequence[Intent]:
    return BaselineInside().understand(Transcript(heard, 1.0), case.expectation, CONTEXT).intents


def answers(cases: Sequence[Case], ask: Asked, heard: Sequence[str] = ()) -> list[Answer]:
    """What each case is taken to mean; ``heard``: in these words instead of its own."""
    said = heard or [case.text for case in cases]
    return [(case, ask(case, text)) for case, text in zip(cases, said, strict=True)]
