"""Who hears whom: two people on a bridged call, or the participants of a conference."""

from __future__ import annotations

from dataclasses import dataclass

from telephony.double.line import Line


@dataclass(slots=True)
class Member:
    line: Line
    muted: bool = False  # hears, and is not heard
    on_hold: bool = False  # neither hears nor is heard


class Room:
    """Passes each member's audio to all others. Closed, it passes nothing: a conference not yet begun."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.is_open = is_open
        self._members: dict[str, Member] = {}

    def enter(self, call_sid: str, member: Member) -> None:
        self._members[call_sid] = member

    def leave(self, call_sid: str) -> None:
        member = self._members.pop(call_sid, None)
        for other_sid, other in self._members.items():
            other.line.part(call_sid)
            if member is not None:
                member.line.part(other_sid)

    def spoken(self, call_sid: str, frame: bytes) -> None:
        speaker = self._members.get(call_sid)
        if speaker is None or not self.is_open or speaker.muted or speaker.on_hold:
            return
        for other_sid, other in self._members.items():
            if other_sid != call_sid and not other.on_hold:
                other.line.hear(call_sid, frame)
