"""How stored facts read on a page: plain words, no inference."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from models.domain import Disposition, TaskKind

HOW_IT_ENDED = {
    Disposition.COMPLETED.value: "Done",
    Disposition.ESCALATED.value: "Danger sign",
    Disposition.TRANSFERRED.value: "Put through",
    Disposition.MESSAGE_TAKEN.value: "Message taken",
    Disposition.IDENTITY_FAILED.value: "Not identified",
    Disposition.ABANDONED.value: "Hung up",
    Disposition.NO_INPUT.value: "Nothing heard",
    Disposition.STAFF_ENDED.value: "Ended by staff",
    Disposition.FAILED.value: "Went wrong",
}
ON_THE_LINE = "On the line"

# Which colour a badge has; colour never stands alone, the words say it too.
TONES = {
    "": "live",
    Disposition.COMPLETED.value: "good",
    Disposition.ESCALATED.value: "danger",
    Disposition.TRANSFERRED.value: "calm",
    Disposition.MESSAGE_TAKEN.value: "calm",
    Disposition.STAFF_ENDED.value: "calm",
}

IDENTITY = {
    "L0": "not identified",
    "L1": "name, birth date and number or ZIP agreed",
    "L2": "identified with a one-time code",
}

TASKS = {
    TaskKind.RED_FLAG_911.value: "Danger sign: 911",
    TaskKind.NURSE_NOW.value: "Nurse, now",
    TaskKind.SAME_DAY_CALLBACK.value: "Call back today",
    TaskKind.ROUTINE_MESSAGE.value: "Message",
    TaskKind.PROXY_AUTHORIZATION_NEEDED.value: "May they speak for the patient?",
    TaskKind.WRITEBACK_DEAD_LETTER.value: "Note did not reach the chart",
}


def task_kind(kind: str) -> str:
    return TASKS.get(kind) or kind.replace("-", " ").capitalize()


def how_it_ended(disposition: str) -> str:
    return HOW_IT_ENDED.get(disposition, disposition) if disposition else ON_THE_LINE


def tone(disposition: str) -> str:
    return TONES.get(disposition, "warn")


def last_four(number: str) -> str:
    return f"…{number[-4:]}" if len(number) >= 4 else "withheld"


def duration(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02}"


def when(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a %b} {local.day}, {local:%H:%M}"
