"""The answers of a check-in, as they are filed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QuestionKind(StrEnum):
    YES_NO = "yes-no"
    CHOICE = "choice"
    NUMBER = "number"
    PRESSURE = "pressure"  # two numbers, one over the other
    DAY = "day"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a published system; empty where no source of it was read."""

    system: str = ""
    code: str = ""
    display: str = ""


NO_CODE = Coding()


class CheckinStatus(StrEnum):
    """https://hl7.org/fhir/R4/valueset-questionnaire-answers-status.html"""

    COMPLETED = "completed"
    IN_PROGRESS = "in-progress"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class CheckinAnswer:
    """One answer, whole in itself. ``absent`` is "", or why there is no value: asked-declined, asked-unknown.

    ``value`` is "yes" or "no", an option's code, a number, "upper/lower", an ISO date, or the words.
    ``present`` is whether the finding was reported (True), denied (False), or neither.
    """

    link_id: str
    text: str
    kind: QuestionKind
    value: str = ""
    unit: str = ""
    display: str = ""
    system: str = ""
    score: int | None = None
    absent: str = ""
    quote: str = ""
    finding: str = ""
    present: bool | None = None
    coding: Coding = NO_CODE


@dataclass(frozen=True, slots=True)
class CheckinScore:
    name: str
    total: int
    band: str = ""
    coding: Coding = NO_CODE


@dataclass(frozen=True, slots=True)
class FileCheckin:
    """Keep the answers of a check-in, whole or as far as it came."""

    action_id: str
    patient_id: str
    questionnaire: str  # "url|version"
    title: str
    status: CheckinStatus
    code: str  # the disposition it came to, "" for none
    answers: tuple[CheckinAnswer, ...]
    not_asked: tuple[str, ...] = ()  # findings, or questions, that were not come to
    scores: tuple[CheckinScore, ...] = ()
    reasons: tuple[str, ...] = ()  # of the rules that held


@dataclass(frozen=True, slots=True)
class CheckinFiled:
    checkin_ref: str


@dataclass(frozen=True, slots=True)
class OpenCheckin:
    """A check-in of today that was not finished: its slots, as the dialog left them."""

    questionnaire: str
    answers: tuple[CheckinAnswer, ...] = ()
