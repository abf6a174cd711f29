"""Which check-in runs: the one begun today, else what the words ask for, else what the chart puts first."""

from __future__ import annotations

from dialog.flows.questionnaire_hearing import absorb
from dialog.flows.questionnaire_reading import mentioned
from dialog.flows.questionnaire_rules import answers
from dialog.turn import Turn
from models.domain import Questionnaire, Transcript, Understanding

WORDS = "words"


def fitting(turn: Turn) -> tuple[Questionnaire, ...]:
    """Those that may run and fit this patient, the one to run first first."""
    view = turn.patient
    by_name = {one.name: one for one in turn.practice.questionnaires}
    return tuple(by_name[name] for name in (view.checkins if view else ()) if name in by_name)


def picked(turn: Turn) -> Questionnaire | None:
    """None: this patient has none."""
    found = fitting(turn)
    view = turn.patient
    begun = view.open_checkin.questionnaire if view and view.open_checkin else ""
    named = (one for one in found if mentioned(turn.slot(WORDS), one.spoken))
    return (
        next((one for one in turn.practice.questionnaires if one.canonical == begun), None)
        or next(named, None)
        or next((one for one in found if turn.has("symptom") and _is_about(turn, one)), None)
        or next(iter(found), None)
    )


def about(turn: Turn) -> Questionnaire | None:
    """The check-in that a reported symptom belongs to, None where it belongs to none."""
    return next((one for one in fitting(turn) if one.any_symptom or _is_about(turn, one)), None)


def _is_about(turn: Turn, questionnaire: Questionnaire) -> bool:
    started = turn.put(questionnaire=questionnaire.canonical)
    heard = Understanding(Transcript(turn.slot(WORDS)))
    return answers(absorb(started, heard, "")) != {}
