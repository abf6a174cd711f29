"""A call's turns and end as its records hold them, and meaning where the intent model is not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import dialog
from intents import cues
from intents.readers.hints import read_hints
from intents.reading import read_entities
from models import records
from models.domain import (
    Action,
    ActionFailed,
    Context,
    Disposition,
    DoneAction,
    Event,
    Expectation,
    ExpectationKind,
    Heard,
    Keys,
    OpenTask,
    PageStaff,
    Transcript,
    TurnRecord,
    Understanding,
)
from words import cards


def ending_of(state: dialog.DialogState) -> records.CallEnding:
    """What the record of the call keeps of its dialog."""
    summary = dialog.summary(state)
    return records.CallEnding(
        disposition=summary.disposition or Disposition.ABANDONED,
        identity=summary.identity,
        patient_id=summary.patient_id,
        reason=summary.reason,
        red_flags=summary.red_flags,
        disclosures=summary.disclosures,
        identity_attempts=summary.identity_attempts,
        symptoms_present=summary.symptoms_present,
        symptoms_denied=summary.symptoms_denied,
    )


def failed_for_staff(done: Iterable[DoneAction]) -> dict[str, Action]:
    """Pages and tasks that did not come about, by id: they are tried again."""
    wanted = (each for each in done if isinstance(each.action, (OpenTask, PageStaff)))
    return {each.action.action_id: each.action for each in wanted if isinstance(each.result, ActionFailed)}


def without_model(transcript: Transcript, expectation: Expectation, context: Context) -> Understanding:
    """Plain answers and plain wishes, read without the intent model."""
    wishes = tuple(cues.certain_wishes(transcript.text))
    entities = read_entities(transcript.text, expectation, context)
    sure = 1.0 if wishes else 0.0
    hints = read_hints(transcript.text)
    return Understanding(transcript, wishes[0] if wishes else None, wishes, sure, entities, hints=hints)


def without_card(transcript: Transcript) -> Transcript:
    """The transcript without payment card numbers: they are never kept (PCI DSS 3.3)."""
    if cards.masked(transcript.text) == transcript.text:
        return transcript
    others = tuple(cards.masked(text) for text in transcript.alternatives)
    return replace(transcript, text=cards.masked(transcript.text), alternatives=others, words=())


def as_kept(expectation: Expectation) -> Expectation:
    """What a turn keeps of its question: of who may be calling, not one other patient's name."""
    return replace(expectation, choices=()) if expectation.kind is ExpectationKind.NAME else expectation


def wordless(
    turn: TurnRecord, detail: records.TurnDetail | None
) -> tuple[TurnRecord, records.TurnDetail | None]:
    """A turn of a caller who wants nothing written down: that it took place, and no word of it."""
    turn = replace(turn, caller_text="", agent_text="", heard_to="", keys="", intent="")
    return turn, records.TurnDetail(timings=detail.timings) if detail else None


def begun(number: int, at: datetime, event: Event) -> tuple[TurnRecord, records.TurnDetail]:
    """A turn as its event begins it; the reply is added once it is decided."""
    turn, detail = TurnRecord(number, at, "", ""), records.TurnDetail()
    match event:
        case Heard(understanding=understanding):
            transcript = understanding.transcript
            intent = understanding.intent.value if understanding.intent else ""
            turn = replace(turn, caller_text=transcript.text, confidence=transcript.confidence, intent=intent)
            detail = replace(detail, alternatives=transcript.alternatives, understood=understanding)
        case Keys(digits=digits):
            turn = replace(turn, keys=digits)
    return turn, detail
