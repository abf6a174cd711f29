"""What a call's record is to hold, turns, deeds and what was heard, while it waits for the database."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlmodel import Session

from models import records
from models.codec import from_json, to_json
from models.domain import Action, Result, TurnRecord
from models.errors import Conflict, NotFound
from models.sealed_file import FRAME_BYTES

CONTINUED = "call.continued"  # an event: this call goes on with a lost one
MORE, LAST = b"\x01", b"\x00"  # whether the next frame goes on with this one


@dataclass(frozen=True)
class KeptTurn:
    """A turn with the dialog's state after it, and the orders of which the dialog has not heard.

    ``continues``: of the lost call that this one goes on with, where that is news.
    """

    turn: TurnRecord
    detail: records.TurnDetail | None
    state: Mapping[str, Any]
    ordered: tuple[Action, ...]
    epoch: int
    continues: str | None = None

    @property
    def number(self) -> int:
        return self.turn.number

    def store(self, session: Session, call_id: str) -> None:
        """Raises `Conflict` when another process has the call by now, `NotFound` without a call."""
        records.save_turn(
            session, call_id, self.turn, self.state, self.detail, ordered=self.ordered, epoch=self.epoch
        )
        if self.continues is not None:
            payload = {"of": self.continues}
            records.append_event(session, CONTINUED, at=self.turn.at, call_id=call_id, payload=payload)

    def to_json(self) -> dict[str, Any]:
        return {
            "turn": to_json(self.turn),
            "detail": _detail_to_json(self.detail),
            "state": dict(self.state),
            "ordered": [to_json(action) for action in self.ordered],
            "epoch": self.epoch,
            "continues": self.continues,
        }


@dataclass(frozen=True)
class KeptDeed:
    """What came of an action."""

    number: int  # of the turn
    action: Action
    result: Result

    def store(self, session: Session, call_id: str) -> None:
        records.save_done(session, call_id, self.number, self.action, self.result)

    def to_json(self) -> dict[str, Any]:
        return {"number": self.number, "action": to_json(self.action), "result": to_json(self.result)}


@dataclass(frozen=True)
class KeptHeard:
    """How much of a turn's reply the caller has heard: the one thing here that can be missed.

    So it is where another process has the call: its turn may have the same number.
    """

    number: int
    heard_to: str
    timings: Mapping[str, float] | None
    epoch: int

    def store(self, session: Session, call_id: str) -> None:
        with contextlib.suppress(NotFound, Conflict):
            records.mark_heard(session, call_id, self.number, self.heard_to, self.timings, epoch=self.epoch)

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "heard_to": self.heard_to,
            "timings": self.timings,
            "epoch": self.epoch,
        }


Kept = KeptTurn | KeptDeed | KeptHeard


def store_all(session: Session, call_id: str, batch: Iterable[Kept]) -> None:
    """Oldest first. May be repeated; raises as each of them does."""
    for entry in batch:
        entry.store(session, call_id)


def to_frames(kept: Kept) -> Iterator[bytes]:
    """For a sealed file: one frame, or as many as it takes."""
    packed = zlib.compress(orjson.dumps(kept.to_json()))
    size = FRAME_BYTES - len(LAST)
    for at in range(0, len(packed), size):
        yield (LAST if at + size >= len(packed) else MORE) + packed[at : at + size]


def from_frames(frames: Iterable[bytes]) -> Iterator[Kept]:
    """What `to_frames` was given, one after the other; one that was cut short by a crash is left out."""
    packed = b""
    for frame in frames:
        packed += frame[1:]
        if frame[:1] == LAST:
            yield _from_json(orjson.loads(zlib.decompress(packed)))
            packed = b""


def _from_json(data: Mapping[str, Any]) -> Kept:
    if "turn" in data:
        return KeptTurn(
            from_json(data["turn"]),
            _detail_from_json(data["detail"]),
            data["state"],
            tuple(from_json(action) for action in data["ordered"]),
            data["epoch"],
            data["continues"],
        )
    if "action" in data:
        return KeptDeed(data["number"], from_json(data["action"]), from_json(data["result"]))
    # A former release's has no epoch: nobody can tell whose turn it was.
    return KeptHeard(data["number"], data["heard_to"], data["timings"], data.get("epoch", 0))


def _detail_to_json(detail: records.TurnDetail | None) -> dict[str, Any] | None:
    if detail is None:
        return None
    return {
        "alternatives": list(detail.alternatives),
        "understood": to_json(detail.understood) if detail.understood else None,
        "expectation": to_json(detail.expectation) if detail.expectation else None,
        "timings": dict(detail.timings),
    }


def _detail_from_json(data: Mapping[str, Any] | None) -> records.TurnDetail | None:
    if data is None:
        return None
    return records.TurnDetail(
        tuple(data["alternatives"]),
        from_json(data["understood"]) if data["understood"] else None,
        from_json(data["expectation"]) if data["expectation"] else None,
        data["timings"],
    )
