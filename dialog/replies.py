"""The last look at a reply: short enough for an ear, and never the same twice running."""

from __future__ import annotations

from dialog import wording
from dialog.engine import flow_step
from dialog.flows import FLOWS, which
from dialog.turn import Turn
from models.domain import CallStarted, Event, Heard, Intent

MOST_STATEMENTS = 2  # besides the question and what it reads out
# What a long reply can do without, first to last.
_SPARE = (
    wording.THANKS,
    wording.ALL_RIGHT,
    which.NO_VISIT,
    *(lead for flow in FLOWS.values() for lead in (flow.then, flow.back) if lead),
    wording.CLOSED,
)


def finish(turn: Turn, event: Event) -> Turn:
    """The reply as it is spoken; it is what a caller who asks hears again."""
    if not turn.said:
        return turn
    turn = _brief(turn)
    turn = turn if _asked_to_repeat(event) else _fresh(turn)
    return turn.but(said=turn.said)


def _brief(turn: Turn) -> Turn:
    left = list(turn.said)
    for spare in _SPARE:
        if _statements(turn, left) <= MOST_STATEMENTS:
            break
        if spare in left:
            left.remove(spare)
    return turn.saying(*left)


def _statements(turn: Turn, said: list[str]) -> int:
    """Sentences before the open question; one that it reads out belongs to it."""
    plain = [text for text in said if not text.endswith("?")]
    asks = bool(said) and said[-1].endswith("?")
    return len(plain) - (asks and any(text in turn.state.asked for text in plain))


def _asked_to_repeat(event: Event) -> bool:
    """On a new stream what was lost is said again; a caller may ask for it as well."""
    again = isinstance(event, Heard) and event.understanding.intent is Intent.REPEAT
    return again or isinstance(event, CallStarted)


def _fresh(turn: Turn) -> Turn:
    """Other words for the open question, where it has any; else a word that says it is the same again."""
    if " ".join(turn.said) != " ".join(turn.state.said):
        return turn
    *before, question = turn.said
    step = flow_step(turn, turn.state.asking)
    other = next((text for text in step.reasks if text != question), "") if step else ""
    if other and question == turn.state.asked:
        return turn.saying(*before, other).but(asked=other)
    return turn.saying(wording.ONCE_MORE, *turn.said[-MOST_STATEMENTS:])
