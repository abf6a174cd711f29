"""What a caller knows: who they are, what they take, which days suit. Hidden from the agent until said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache
from typing import Any

from backends.seed_patients import read_patients
from models.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one caller. "" and empty: does not know, or does not mind. Days are weekdays, 0 is Monday."""

    name: str = ""
    born: date | None = None
    zip: str = ""
    phone: str = ""
    medicine: str = ""
    also_medicine: str = ""  # a second one
    strength: str = ""
    quantity_left: str = ""
    pharmacy: str = ""
    other_pharmacy: str = ""  # what a change of mind becomes
    problem: str = ""  # a new problem with the medicine
    visit: str = ""
    days: tuple[int, ...] = ()
    other_days: tuple[int, ...] = ()
    daypart: str = ""
    doctor: str = ""
    reason: str = ""
    which_day: str = ""  # of the visit on file that is meant
    message: str = ""
    symptom: str = ""
    onset: str = "yesterday"
    severity: int = 3
    callback: str = ""
    caller_name: str = ""  # who calls for somebody else
    caller_born: date | None = None
    relation: str = ""
    patient_present: bool = False  # beside who calls for them: comes on the line when asked to
    organisation: str = ""
    minutes_late: int = 0
    reading: str = ""  # what was measured last
    question: str = ""
    agrees: bool = True  # to a question of yes and no that nothing else here answers
    can_call: bool = True  # to "can you call 911?"
    answers: Mapping[str, str] = field(default_factory=dict)  # topic -> this caller's own words for it


_KINDS = {int: "whole number", str: "text", bool: "true or false", tuple: "list", dict: "table"}


@lru_cache(maxsize=1)
def _demo() -> dict[str, dict[str, Any]]:
    return {patient["id"]: patient for patient in read_patients()}


def demo_patient(patient_id: str) -> dict[str, Any]:
    """Raises SettingsError for a patient whom the demo practice does not have."""
    if patient_id not in _demo():
        raise SettingsError(
            f"there is no demo patient {patient_id!r}", fix="See backends/demo_patients.toml."
        )
    return _demo()[patient_id]


def facts_of(patient_id: str, own: Mapping[str, Any]) -> Facts:
    """A demo patient's facts, with what the scenario says instead. Raises SettingsError, naming the key."""
    base = Facts()
    if patient_id:
        known = demo_patient(patient_id)
        born = date.fromisoformat(str(known["born"]))
        name = f"{' '.join(known['given'])} {known['family']}"
        base = Facts(name=name, born=born, zip=known["zip"], phone=known.get("phone", ""))
    names = {each.name for each in fields(Facts)}
    if unknown := sorted(set(own) - names):
        raise SettingsError(f"unknown fact {unknown[0]!r}", fix=f"Facts are: {', '.join(sorted(names))}.")
    return replace(base, **{key: _typed(key, value) for key, value in own.items()})


def _typed(key: str, value: Any) -> Any:
    if key in ("born", "caller_born") and isinstance(value, str):
        return date.fromisoformat(value)
    value = tuple(value) if isinstance(value, list) else value
    check_kind(key, value, getattr(Facts(), key))
    return value


def check_kind(key: str, value: Any, like: Any) -> None:
    """Raises SettingsError for a value of another kind than ``like``, the default of the key."""
    if like is not None and type(value) is not type(like):
        raise SettingsError(
            f"{key} = {value!r} is no {_KINDS.get(type(like), type(like).__name__)}",
            fix="Correct the value.",
        )
