"""How fast the agent speaks: the caller's wish, kept for the rest of the call."""

from __future__ import annotations

from dialog.reading import value
from dialog.turn import Turn
from models.domain import SURE, Entity, Intent, Pace, Understanding

_PACES = (Pace.NORMAL, Pace.SLOW, Pace.SLOWEST)
_NO_VALUES = frozenset({"mode", "kind", "yes_no"})


def paced(turn: Turn, heard: Understanding) -> Turn:
    """ "Slower, please": a step slower for the rest of the call; "faster", "normal" go back."""
    if not wanted(heard):
        return turn
    at = _PACES.index(turn.state.pace)
    steps = {"slower": at + 1, "faster": at - 1, "normal_pace": 0}
    return turn.but(pace=_PACES[max(0, min(steps[value(heard, "mode")], len(_PACES) - 1))])


def wanted(heard: Understanding) -> bool:
    """A wish about our speech. "I walk slower since Monday" is none."""
    mode = heard.entities.get("mode")
    if mode is None or mode.value not in ("slower", "faster", "normal_pace"):
        return False
    others = {name for name, entity in heard.entities.items() if not _same_words(entity, mode)}
    return heard.intent is Intent.REPEAT and not others - _NO_VALUES


def _same_words(entity: Entity, mode: Entity) -> bool:
    """Where a name is asked for, "slower" is read as a faint one."""
    overlaps = entity.span[0] < mode.span[1] and mode.span[0] < entity.span[1]
    return overlaps or entity.certainty < SURE
