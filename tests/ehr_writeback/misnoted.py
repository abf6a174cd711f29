"""Calls of which the dialog noted something that nobody said: one that went wrong all over."""

from __future__ import annotations

from dataclasses import replace

from models.domain import BookOpening, CallRecord, DoneAction, FileCheckin, OpenTask, RequestRefill
from tests.ehr_writeback.contract.records import EVERYTHING

REASON, SIGN, WEIGHT = "my head has been spinning since May", "crushing pain since 3 in the morning", "282.5"
TASK = "I have chest pain and take metformin"
FALSE = (REASON, SIGN, WEIGHT, TASK, "metformin", "Celexa", "nausea since May", "every single day")


def _misnoted(done: DoneAction) -> DoneAction:
    match done.action:
        case OpenTask() as task:
            return replace(done, action=replace(task, summary=TASK))
        case RequestRefill() as wish:
            return replace(done, action=replace(wish, said="Celexa"))
        case BookOpening() as booking:
            return replace(done, action=replace(booking, reason="nausea since May"))
        case FileCheckin() as filed:
            return replace(done, action=_answers(filed))
    return done


def _answers(filed: FileCheckin) -> FileCheckin:
    """A weight that was not said, and words for the mood that were not."""
    new = {"weight": {"value": WEIGHT}, "mood": {"quote": "every single day"}}
    answers = (replace(one, **new.get(one.link_id, {})) for one in filed.answers)  # type: ignore[arg-type]
    return replace(filed, answers=tuple(answers))


MISNOTED: CallRecord = replace(
    EVERYTHING,
    call_id="CA-withheld",
    reason=REASON,
    red_flags=tuple(replace(flag, quote=SIGN) for flag in EVERYTHING.red_flags),
    done=tuple(map(_misnoted, EVERYTHING.done)),
)
