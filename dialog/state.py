"""What the dialog remembers of a call: one small JSON value, committed with every turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from models.domain import Disposition, IdentityLevel, JsonScalar, Opening, Pace, Phase, RedFlagRaised


@dataclass(frozen=True, slots=True)
class Wish:
    """Something the caller asked for that waits its turn; ``aside``: it had been started."""

    flow: str
    slots: Mapping[str, JsonScalar] = field(default_factory=dict)
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What call ``call_id`` left unfinished when its line was lost, for a caller who rings back.

    ``patient_id``: whom it was said of; only they, verified again, get the wishes' slots. ``danger`` is
    the id of a sign that had not been settled: then that is asked about, and nothing else is kept.
    """

    call_id: str
    wishes: tuple[Wish, ...] = ()
    patient_id: str = ""
    danger: str = ""


@dataclass(frozen=True, slots=True)
class DialogState:
    """``flow`` is the wish being served, ``asking`` the question now open ("refill.pharmacy").

    ``slots`` belong to the flow, ``known`` to the call (name, birth date...). ``pending`` maps the id
    of each action whose outcome has not come to its name ("refill.request").
    """

    call_id: str
    phase: Phase = Phase.GREETING
    flow: str = ""
    asking: str = ""
    asked: str = ""
    slots: Mapping[str, JsonScalar] = field(default_factory=dict)
    known: Mapping[str, JsonScalar] = field(default_factory=dict)
    offers: tuple[Opening, ...] = ()
    queue: tuple[Wish, ...] = ()
    pending: Mapping[str, str] = field(default_factory=dict)
    counter: int = 0
    said: tuple[str, ...] = ()
    told: int = 0  # sentences of the reply under way, which may come in several decisions
    owed: tuple[str, ...] = ()  # what was too much for it, for the next one
    heard_to: str = ""
    misses: int = 0  # answers not understood or not given in a row
    failures: int = 0  # utterances that the recogniser could not hear, in a row
    waits: int = 0
    identity: IdentityLevel = IdentityLevel.L0
    identity_attempts: int = 0
    patient_id: str = ""
    disposition: Disposition | None = None
    reason: str = ""
    red_flags: tuple[RedFlagRaised, ...] = ()
    symptoms_present: tuple[str, ...] = ()
    symptoms_denied: tuple[str, ...] = ()
    disclosures: tuple[str, ...] = ()
    pace: Pace = Pace.NORMAL
    kept: Kept | None = None  # at the start: of a lost call before; at the end: of this one
    continues: str = ""  # the id of the lost call that the caller chose to go on with


@dataclass(frozen=True, slots=True)
class CallSummary:
    """What the record of the call keeps of the dialog. ``disposition`` None: the call is not over."""

    disposition: Disposition | None
    reason: str
    identity: IdentityLevel
    patient_id: str
    red_flags: tuple[RedFlagRaised, ...]
    disclosures: tuple[str, ...]
    identity_attempts: int
    symptoms_present: tuple[str, ...]
    symptoms_denied: tuple[str, ...]
    continues: str = ""
    by_proxy: bool = False  # somebody speaks for the patient, with authority


def start(call_id: str, kept: Kept | None = None) -> DialogState:
    """The state of a call before its first event; ``kept`` is what the caller may go on with."""
    return DialogState(call_id, kept=kept)


_FIELDS = tuple(each.name for each in fields(DialogState))
_NAMES = frozenset(_FIELDS)


def changed(state: DialogState, changes: Mapping[str, Any]) -> DialogState:
    """As `dataclasses.replace`, in a third of its time: a decision changes its state dozens of times."""
    if not changes.keys() <= _NAMES:
        raise TypeError(f"no parts of the state: {sorted(changes.keys() - _NAMES)}")
    return DialogState(*(changes[name] if name in changes else getattr(state, name) for name in _FIELDS))


def summary(state: DialogState) -> CallSummary:
    return CallSummary(
        state.disposition,
        state.reason,
        state.identity,
        state.patient_id,
        state.red_flags,
        state.disclosures,
        state.identity_attempts,
        state.symptoms_present,
        state.symptoms_denied,
        state.continues,
        bool(state.known.get("basis")),
    )


_TUPLES = ("said", "owed", "symptoms_present", "symptoms_denied", "disclosures")
_MAPPINGS = ("slots", "known", "pending")
_PLAIN = (
    *("call_id", "flow", "asking", "asked", "counter", "told", "heard_to", "misses", "failures", "waits"),
    *("identity_attempts", "patient_id", "reason", "continues"),
)


def to_json(state: DialogState) -> dict[str, Any]:
    """The state as JSON data; `from_json` gives the same state back."""
    data: dict[str, Any] = {name: getattr(state, name) for name in _PLAIN}
    data |= {name: list(getattr(state, name)) for name in _TUPLES}
    data |= {name: dict(getattr(state, name)) for name in _MAPPINGS}
    data["phase"] = state.phase.value
    data["pace"] = state.pace.value
    data["identity"] = state.identity.value
    data["disposition"] = state.disposition.value if state.disposition else None
    data["offers"] = [_opening_json(opening) for opening in state.offers]
    data["queue"] = [_wish_json(wish) for wish in state.queue]
    data["kept"] = _kept_json(state.kept) if state.kept else None
    data["red_flags"] = [[f.red_flag_id, f.disposition, f.quote] for f in state.red_flags]
    return data


def from_json(data: Mapping[str, Any]) -> DialogState:
    """The state that `to_json` was given; a field this data lacks takes its default."""
    given: dict[str, Any] = {name: data[name] for name in _PLAIN if name in data}
    given |= {name: tuple(data[name]) for name in _TUPLES if name in data}
    given |= {name: dict(data[name]) for name in _MAPPINGS if name in data}
    given |= {name: read(data[name]) for name, read in _READERS.items() if data.get(name) is not None}
    return DialogState(**given)


def _wish_json(wish: Wish) -> dict[str, Any]:
    return {"flow": wish.flow, "slots": dict(wish.slots), "aside": wish.aside}


def _wishes(rows: list[Any]) -> tuple[Wish, ...]:
    return tuple(Wish(row["flow"], dict(row["slots"]), row["aside"]) for row in rows)


def _kept_json(kept: Kept) -> dict[str, Any]:
    wishes = [_wish_json(wish) for wish in kept.wishes]
    return {"call": kept.call_id, "wishes": wishes, "patient": kept.patient_id, "danger": kept.danger}


def _kept(row: Mapping[str, Any]) -> Kept:
    return Kept(row["call"], _wishes(row["wishes"]), row["patient"], row["danger"])


def _opening_json(opening: Opening) -> list[JsonScalar]:
    at = opening.start.isoformat()
    return [opening.opening_id, opening.provider_id, opening.provider_name, at, opening.minutes]


def _opening(row: list[Any]) -> Opening:
    opening_id, provider_id, provider_name, at, minutes = row
    return Opening(opening_id, provider_id, provider_name, datetime.fromisoformat(at), minutes)


_READERS: Mapping[str, Any] = {
    "phase": Phase,
    "pace": Pace,
    "identity": IdentityLevel,
    "disposition": Disposition,
    "offers": lambda rows: tuple(_opening(row) for row in rows),
    "queue": _wishes,
    "kept": _kept,
    "red_flags": lambda rows: tuple(RedFlagRaised(*row) for row in rows),
}
