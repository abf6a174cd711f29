"""What the dialog may have noted of a call wrongly before its note is written: one thing at a time."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.note_changes import DRUGS
from benchmarks.note_lies import SYMPTOMS, Lie, lines_of
from ehr_writeback.note import write_note
from models.domain import (
    BookOpening,
    CallRecord,
    CheckinAnswer,
    FileCheckin,
    OpenTask,
    RecordPermission,
    RequestRefill,
    VerifyIdentity,
)

Misnoted = tuple[str, CallRecord, str]  # kind, record, what of a changed line is false ("": all of it)


def misnoted(record: CallRecord, dice: random.Random) -> Iterator[Misnoted]:
    """The same call with one thing noted wrongly."""
    if record.reason:
        yield "reason noted wrongly", replace(record, reason=f"I have {dice.choice(SYMPTOMS)}"), ""
    made_up = dice.choice(("my head is spinning", "pain in my left leg", "fever of 103"))
    present, denied = record.symptoms_present, record.symptoms_denied
    yield "symptom noted wrongly", replace(record, symptoms_present=(*present, made_up)), ""
    if denied:
        yield "denial noted as present", replace(record, symptoms_present=denied[:1], symptoms_denied=()), ""
    if present and not any(re.search(r"\b(?:no|not|never)\b|n't", words) for words in present):
        yield "symptom noted as denied", replace(record, symptoms_denied=present, symptoms_present=()), ""
    if record.red_flags:
        flag = replace(record.red_flags[0], quote="crushing pain since 3 in the morning")
        yield "danger sign noted wrongly", replace(record, red_flags=(flag, *record.red_flags[1:])), ""
    for n, done in enumerate(record.done):
        before, after = record.done[:n], record.done[n + 1 :]
        for kind, action, false in _misnoted_action(done.action, dice):
            yield kind, replace(record, done=(*before, replace(done, action=action), *after)), false


def _misnoted_action(action: Any, dice: random.Random) -> Iterator[tuple[str, Any, str]]:
    match action:
        case RequestRefill():
            drug = dice.choice(("metformin", "Celexa", "hydralazine"))
            yield "drug noted wrongly", replace(action, said=drug), ""
            yield "problem noted wrongly", replace(action, new_problem=not action.new_problem), ""
            yield "dose noted wrongly", replace(action, taking="two of the forty milligram every night"), ""
            yield "drug beside noted wrongly", replace(action, beside="I also take aspirin"), ""
            yield "pharmacy noted wrongly", replace(action, pharmacy="Riverside Apothecary"), "Riverside"
        case FileCheckin():
            for n, answer in enumerate(action.answers):
                for new, false in _misnoted_answer(answer, dice):
                    answers = (*action.answers[:n], new, *action.answers[n + 1 :])
                    yield "check-in noted wrongly", replace(action, answers=answers), false
        case OpenTask():
            more = (
                "Started: last Saturday.",
                "How bad: 17 of 10.",
                f"Takes {dice.choice(DRUGS)}.",
                "Says no nausea.",
            )
            for words in more:
                yield "task noted wrongly", replace(action, summary=f"{action.summary} {words}"), ""
        case BookOpening():
            yield (
                "visit's reason noted wrongly",
                replace(action, reason=f"{dice.choice(SYMPTOMS)} since May"),
                "",
            )
        case VerifyIdentity(caller_names=(_, *_)):
            yield "speaker noted wrongly", replace(action, caller_names=("Gordon Blake",)), "Gordon"
        case RecordPermission():
            yield "speaker noted wrongly", replace(action, caller_name="Gordon Blake"), "Gordon"


def _misnoted_answer(answer: CheckinAnswer, dice: random.Random) -> Iterator[tuple[CheckinAnswer, str]]:
    if answer.present is not None:
        other = "no" if answer.value == "yes" else "yes"
        yield replace(answer, present=not answer.present, value=other), ""
    elif answer.value.isdecimal():
        number = str(int(answer.value) + dice.choice((1, 10, 100)))
        yield replace(answer, value=number), f"= {number}"
    elif "/" in answer.value:
        pressure = f"{answer.value[:-1]}{(int(answer.value[-1]) + 1) % 10}"
        yield replace(answer, value=pressure), f"= {pressure}"
    elif answer.display:
        yield replace(answer, display="Several times a week"), "= Several"
    if answer.quote:
        yield replace(answer, quote="every single day"), "every single day"


def noted(kind: str, record: CallRecord, false: str, true: CallRecord) -> Lie:
    """The note of a call that was noted wrongly; its lies are the lines that a true note has not."""
    known, note = set(lines_of(write_note(true))), write_note(record)
    new = [pair for pair in lines_of(note) if pair not in known and pair[1] != "not discussed"]
    lies = [(section, line) for section, line in new if false in line]
    return Lie(kind, record, note, tuple(lies), true)
