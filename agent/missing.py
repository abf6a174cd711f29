"""Calls whose record lacks something, and what of it is known: staff are told, see `agent.gaps`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter

from agent.kept import Kept, KeptTurn
from models.domain import Action, OpenTask, PageStaff, Priority, TaskKind, TurnRecord

GAP = "Part of this call could not be stored: what was said then is not in its record. Call the patient back."
KNOWN = (
    "Part of this call could not be stored. It is not in its record, and may not be done. The caller said:"
)
AGREED = "Please see whether anything of it is still to be done."
FOR_STAFF = (PageStaff, OpenTask)

Mark = tuple[str, int, int]  # a call, a turn's number, and the stream that gave it


class Missing:
    """One process's. What was found in a file stays there until it is told."""

    def __init__(self) -> None:
        self._known: dict[str, dict[Mark, Kept]] = {}
        self._told: set[Mark] = set()

    def __contains__(self, call_id: object) -> bool:
        return call_id in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._known))

    def add(self, call_id: str, *entries: Kept) -> None:
        """Of the call something is missing; ``entries`` are what is known of it. May be repeated."""
        self._known.setdefault(call_id, {}).update({_mark(call_id, each): each for each in entries})

    def told(self, call_id: str) -> None:
        """Staff have what `orders` gave."""
        self._told |= self._known.pop(call_id, {}).keys()

    def was_told(self, call_id: str, entries: Iterable[Kept]) -> bool:
        """Whether staff know of these."""
        return self._told.issuperset(_mark(call_id, each) for each in entries)

    def orders(self, call_id: str) -> list[Action]:
        """What the missing turns had ordered of staff, and a task that holds what was said.

        A turn in which the caller said nothing and nothing was ordered is missed by nobody.
        """
        known = self._known[call_id]
        turns = [each for _, each in sorted(known.items(), key=itemgetter(0)) if isinstance(each, KeptTurn)]
        wanted: dict[Action, None] = {
            action: None for turn in turns for action in turn.ordered if isinstance(action, FOR_STAFF)
        }
        spoken = [each.turn for each in turns if each.turn.caller_text or each.turn.keys]
        if spoken:
            text = " ".join([KNOWN, *map(_said, spoken), AGREED])
            return [*wanted, _task(f"{call_id}-gap-{spoken[0].number}", text)]
        if turns and all(each.turn.agent_text for each in turns):
            return [*wanted]
        return [*wanted, _task(f"{call_id}-gap", GAP)]


def _mark(call_id: str, entry: Kept) -> Mark:
    if isinstance(entry, KeptTurn):
        return call_id, entry.turn.number, entry.epoch
    return call_id, entry.number, 0


def _said(turn: TurnRecord) -> str:
    return f"“{turn.caller_text or turn.keys}” We said: “{turn.agent_text}”"


def _task(action_id: str, text: str) -> OpenTask:
    return OpenTask(action_id, TaskKind.ROUTINE_MESSAGE, Priority.URGENT, text)
