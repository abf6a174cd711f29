"""What kinds of visits there are, and the rules of booking them: ``[[visit_types]]`` and ``[scheduling]``."""

from __future__ import annotations

from dataclasses import dataclass

from backends.practice_file import Table
from models.domain import VisitType

DEFAULT_LEAD_MIN = 120
DEFAULT_HORIZON_DAYS = 60
_RULE_KEYS = ("accepts_new_patients", "licensed_states", "late_limit_min", "cancel_notice_h", "cancel_policy")


@dataclass(frozen=True, slots=True)
class VisitRule:
    """A visit type with the least notice and the horizon of its bookings."""

    visit_type: VisitType
    lead_min: int = DEFAULT_LEAD_MIN
    horizon_days: int = DEFAULT_HORIZON_DAYS


@dataclass(frozen=True, slots=True)
class SchedulingRules:
    """What the practice decides about visits; defaults are those of the domain rules, section 4."""

    accepts_new_patients: bool = True
    licensed_states: tuple[str, ...] = ()
    late_limit_min: int = 15
    cancel_notice_h: int = 24
    cancel_policy: str = ""


def read_visit_rule(table: Table) -> VisitRule:
    """One ``[[visit_types]]`` table. Raises `SettingsError`."""
    minutes = table.number("minutes", None, least=5, most=480)
    if minutes % 5:
        raise table.wrong("minutes", "a multiple of 5 is needed")
    visit_type = VisitType(
        table.text("code"),
        table.text("name"),
        minutes,
        table.texts("spoken"),
        preparation=_sentence(table, "preparation"),
        staff_only=table.flag("staff_only", default=False),
        new_patients=table.flag("new_patients", default=False),
        screened=table.flag("screened", default=False),
        video=table.flag("video", default=False),
        after_hospital=table.flag("after_hospital", default=False),
    )
    lead_min = table.number("lead_min", DEFAULT_LEAD_MIN, least=0, most=60_000)
    horizon_days = table.number("horizon_days", DEFAULT_HORIZON_DAYS, least=1, most=730)
    return VisitRule(visit_type, lead_min, horizon_days)


def read_scheduling(file: Table) -> SchedulingRules:
    """The ``[scheduling]`` table, which may be left out. Raises `SettingsError`."""
    table = file.table("scheduling")
    table.only(_RULE_KEYS)
    return SchedulingRules(
        accepts_new_patients=table.flag("accepts_new_patients", default=True),
        licensed_states=table.texts("licensed_states"),
        late_limit_min=table.number("late_limit_min", 15, least=0, most=240),
        cancel_notice_h=table.number("cancel_notice_h", 24, least=0, most=240),
        cancel_policy=_sentence(table, "cancel_policy"),
    )


def _sentence(table: Table, key: str) -> str:
    """A text that is spoken as it stands: one sentence, so that a reply stays short."""
    text = table.text(key, "").strip()
    if text and (not text.endswith((".", "!")) or text.count(".") + text.count("!") > 1 or len(text) > 160):
        raise table.wrong(key, "one sentence of up to 160 characters that ends in a full stop is needed")
    return text
