"""Check-ins: a questionnaire as the dialog asks it."""

from __future__ import annotations

from dataclasses import dataclass

from models.domain.actions import TaskKind
from models.domain.checkin_answers import NO_CODE, Coding, QuestionKind

CODES = ("D0", "D0-988", "D1", "D2", "D3")  # dispositions, most urgent first (domain rules section 5.2)
AT_ONCE = ("D0", "D0-988", "D1")  # a rule that gives one of these ends the questions


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a closed list; ``score`` where the answers are counted."""

    code: str
    display: str
    spoken: tuple[str, ...] = ()
    system: str = ""
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A comparison with an answer or with a score ("score.phq2"). ``value`` may be yes, no, a code of an
    option, declined, unknown, or a number in the question's own unit.
    """

    name: str
    operator: str  # one of = != > >= < <=
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """``finding`` is the short name of what an answer of ``finding_when`` reports, for staff only.

    ``heard`` are words by which a caller says it unasked. ``least`` and ``most`` are what a living person
    may have, in ``unit`` (UCUM). ``measure`` names the reading that answers it wherever it is said.
    """

    link_id: str
    text: str
    kind: QuestionKind
    reasks: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    unit: str = ""
    least: float = 0.0
    most: float = 0.0
    ask_when: tuple[Term, ...] = ()  # all of them
    ask_when_any: bool = False  # one of them is enough
    finding: str = ""
    finding_when: str = "yes"
    heard: tuple[str, ...] = ()
    measure: str = ""
    coding: Coding = NO_CODE


@dataclass(frozen=True, slots=True)
class Band:
    """A published name of a range of scores: for staff, never spoken."""

    least: int
    name: str


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """The sum of what the options of some questions count."""

    name: str  # "phq9"
    link_ids: tuple[str, ...]
    coding: Coding = NO_CODE
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckinRule:
    """Pre-authorised by whoever signed: when it holds, ``code`` is due.

    It holds when every term of ``all_of`` does, and at least ``count`` of ``any_of``.
    """

    rule_id: str
    code: str  # of CODES
    reason: str  # for staff
    task: TaskKind = TaskKind.ROUTINE_MESSAGE
    all_of: tuple[Term, ...] = ()
    any_of: tuple[Term, ...] = ()
    count: int = 1
    red_flag_id: str = ""  # of the danger catalogue, where it has such a sign


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of one check-in. Its hash is that of its name: facts that hold it are looked up often.

    ``any_symptom``: whatever its patient reports belongs to it. ``spoken`` are words that ask for it.
    """

    name: str  # "heart-failure"
    url: str
    version: str
    title: str
    questions: tuple[Question, ...]
    rules: tuple[CheckinRule, ...]
    opening: tuple[str, ...] = ()
    scores: tuple[ScoreRule, ...] = ()
    spoken: tuple[str, ...] = ()
    any_symptom: bool = False
    self_only: bool = False  # asked of the patient alone, never of who speaks for them
    fits: tuple[Coding, ...] = ()  # conditions and events of a chart that it is for
    signed_by: str = ""
    signed_on: str = ""  # ISO date
    demo_only: bool = False

    def __hash__(self) -> int:
        return hash((self.url, self.version))

    @property
    def canonical(self) -> str:
        return f"{self.url}|{self.version}"

    @property
    def signed(self) -> bool:
        return bool(self.signed_by and self.signed_on)
