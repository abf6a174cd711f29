"""One turn of a call as its page shows it: words, doubt, meaning, and where it lies in the sound. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from console import wording
from console.intent_words import meaning
from models.corrections import intents_understood
from models.recordings import Recording
from models.search_keys import UNSURE_BELOW
from models.tables import Turn

LETTERS_A_SECOND = 14.0  # of speech, about: for turns whose place in the sound was not noted
LEAD_S = 0.5  # speech is noticed a little after it began
DETECTING_S = 1.0  # from the last sound to the turn, about
STAGES = (
    ("recognise_ms", "words"),
    ("understand_ms", "meaning"),
    ("decide_ms", "decision"),
    ("reply_ms", "from the end of listening to our first sound"),
)


@dataclass(frozen=True)
class Place:
    """Seconds in the recording, as the script reads them; "" where it is not known or not on it."""

    caller_from: str = ""
    caller_to: str = ""
    agent_from: str = ""
    agent_to: str = ""


@dataclass(frozen=True)
class TurnView:
    """``corrected`` and ``meant``: the caller's words and what they mean, as a person has written it last.
    ``is_kept``: False where the caller wanted no words written down.
    """

    number: int
    at: str
    caller: str
    keys: str
    unsure: bool
    confidence: str
    alternatives: tuple[str, ...]
    agent: str
    heard: str  # the part that was played, when it was not all
    meaning: str = ""
    corrected: str = ""
    meant: str | None = None
    place: Place = Place()
    is_kept: bool = True
    timings: str = ""


@dataclass(frozen=True)
class Corrected:
    """What people have corrected in a call, by turn."""

    words: Mapping[int, str]
    intents: Mapping[int, str]


def turn_views(
    rows: Sequence[Turn],
    began: datetime,
    recording: Recording | None,
    corrected: Corrected,
    unkept_from: int | None = None,
) -> tuple[TurnView, ...]:
    """``recording``: one that can be heard. ``unkept_from``: the turn from which on no words were kept."""
    places = _places(rows, recording)
    return tuple(
        _view(row, began, place, corrected, unkept_from is None or row.number < unkept_from)
        for row, place in zip(rows, places, strict=True)
    )


def _view(row: Turn, began: datetime, place: Place, corrected: Corrected, is_kept: bool) -> TurnView:
    cut_off = bool(row.heard_to) and row.heard_to.strip() != row.agent_text.strip()
    return TurnView(
        number=row.number,
        at=wording.duration((row.at - began).total_seconds()),
        caller=row.caller_text,
        keys=row.keys,
        unsure=bool(row.caller_text) and row.confidence < UNSURE_BELOW,
        confidence=f"{row.confidence:.0%}" if row.caller_text else "",
        alternatives=tuple(row.alternatives or ()),
        agent=row.agent_text,
        heard=row.heard_to if cut_off else "",
        meaning=meaning(intents_understood(row)) if row.caller_text else "",
        corrected=corrected.words.get(row.number, ""),
        meant=_meant(corrected.intents.get(row.number)),
        place=place,
        is_kept=is_kept,
        timings=_timings(row.timings or {}),
    )


def _meant(labels: str | None) -> str | None:
    return None if labels is None else meaning(tuple(filter(None, labels.split(","))))


def _timings(timings: Mapping[str, float]) -> str:
    return " · ".join(f"{what} {_time(timings[stage])}" for stage, what in STAGES if stage in timings)


def _time(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < 1_000 else f"{ms / 1_000:.2f} s"


# ---------------------------------------------------------------------- places in the recording


def _places(rows: Sequence[Turn], recording: Recording | None) -> list[Place]:
    if recording is None:
        return [Place() for _ in rows]
    found, earliest, ends = [], 0.0, recording.duration_ms / 1_000
    for row in rows:
        spoke = _spoke(row, recording, earliest)
        replied = _replied(row, recording)
        earliest = max(earliest, replied)
        heard = len(row.heard_to or row.agent_text) / LETTERS_A_SECOND
        found.append(Place(*(_shown(at, ends) for at in (*spoke, replied, replied + heard))))
    return found


def _spoke(row: Turn, recording: Recording, earliest: float) -> tuple[float, float]:
    """From and to, as noted on the call; of an older one about, by its length."""
    timings = row.timings or {}
    if "spoke_from_ms" in timings and "spoke_to_ms" in timings:
        return timings["spoke_from_ms"] / 1_000 - LEAD_S, timings["spoke_to_ms"] / 1_000
    to = max((row.at - recording.started).total_seconds() - DETECTING_S, 0.0)
    return max(to - 1.0 - len(row.caller_text) / LETTERS_A_SECOND, min(earliest, to)), to


def _replied(row: Turn, recording: Recording) -> float:
    timings = row.timings or {}
    if "reply_at_ms" in timings:
        return timings["reply_at_ms"] / 1_000
    return max((row.at - recording.started).total_seconds(), 0.0)


def _shown(at_s: float, ends_s: float) -> str:
    return f"{max(at_s, 0.0):.1f}" if at_s < ends_s else ""
