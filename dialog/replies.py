"""The last look at a reply: short enough for an ear, and never the same twice running.

A caller's words and all that is said until they speak again are one reply, in however many decisions it
comes: what was told before an outcome counts. What is too much is not lost, it opens the next reply.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dialog import handoff, wording
from dialog.engine import flow_step
from dialog.flows import FLOWS, which
from dialog.turn import WAITING, Turn
from dialog.wording_rules import prescribed, sentences
from models.domain import CallStarted, Event, Heard, Intent, Outcome, Phase, Waiting

MOST_STATEMENTS = 2  # besides the question
MOST_BEFORE_NEWS = 1  # an outcome is awaited, and will be told as well
# What a long reply can do without, first to last.
_SPARE = (
    wording.THANKS,
    wording.ALL_RIGHT,
    which.NO_VISIT,
    *(lead for flow in FLOWS.values() for lead in (flow.then, flow.back) if lead),
    wording.CLOSED,
    wording.TELLING_STAFF,
    wording.ASKING_CALL_BACK,
)


def finish(turn: Turn, event: Event) -> Turn:
    """The reply as it is spoken; it is what a caller who asks hears again."""
    goes_on = isinstance(event, Outcome)
    turn = turn if goes_on else turn.but(told=0)
    if not turn.said:
        return turn
    again, whole = _asked_to_repeat(event), _is_whole(turn, event)
    if again or whole:
        turn = turn if again else _fresh(turn, cut=False)
        return turn.but(said=turn.said)
    turn = _brief(_with_owed(turn, event))
    if goes_on and turn.state.told and _is_said(turn):
        return turn.saying()  # two outcomes with one piece of news
    turn = _fresh(turn)
    ordered = goes_on or turn.actions  # else the outcome that comes next is late, and a reply of its own
    return turn.but(said=turn.said, told=turn.state.told + told(turn, turn.said) if ordered else 0)


def told(turn: Turn, said: Iterable[str]) -> int:
    """How many sentences are told: all that is neither a question nor prescribed word for word."""
    free = prescribed(turn.practice)
    return sum(_length(text) for text in said if text not in free)


def _length(text: str) -> int:
    return sum(not part.endswith("?") for part in sentences(text))


def _is_whole(turn: Turn, event: Event) -> bool:
    """Danger, a person on the way, greeting and closing are said in full, and a word for a wait as it is."""
    whole = handoff.transferring(turn) or turn.state.phase in (Phase.HANDOFF, Phase.CLOSING)
    return whole or bool(turn.known("danger")) or isinstance(event, (CallStarted, Waiting))


# --------------------------------------------------------------------------- how much


def _with_owed(turn: Turn, event: Event) -> Turn:
    """What waited comes first, but after the news of an outcome."""
    owed = [text for text in turn.state.owed if text not in turn.said]
    news = [text for text in turn.said if not _is_asked(turn, text)]
    told_first = [*news, *owed] if isinstance(event, Outcome) else [*owed, *news]
    return turn.saying(*told_first, *(text for text in turn.said if _is_asked(turn, text))).but(owed=())


def _is_asked(turn: Turn, text: str) -> bool:
    return text.endswith("?") or _is_read_out(turn, text)


def _brief(turn: Turn) -> Turn:
    """Within what is left of the reply: without what is spare; the rest waits, the question never."""
    waits = turn.state.asking == WAITING
    room = max((MOST_BEFORE_NEWS if waits else MOST_STATEMENTS) - turn.state.told, 0)
    left = list(turn.said)
    for spare in _SPARE:
        if told(turn, left) <= (0 if waits else room):
            break
        if spare in left:
            left.remove(spare)
    return _postponed(turn, left, room)


def _postponed(turn: Turn, said: Sequence[str], room: int) -> Turn:
    """What the question reads out stays beside it; of the rest the first comes first."""
    room -= told(turn, (text for text in said if _is_read_out(turn, text)))
    kept: list[str] = []
    owed: list[str] = []
    for text in said:
        if _is_read_out(turn, text) or not (length := told(turn, (text,))):
            kept.append(text)
        elif length <= room and not owed:
            kept.append(text)
            room -= length
        else:
            parts = sentences(text)
            kept += parts[: 0 if owed else room]
            owed += parts[0 if owed else room :]
            room = 0
    return turn.saying(*kept).but(owed=tuple(owed))


def _is_read_out(turn: Turn, text: str) -> bool:
    return text in turn.state.asked


# --------------------------------------------------------------------------- not the same again


def _asked_to_repeat(event: Event) -> bool:
    """On a new stream what was lost is said again; a caller may ask for it as well."""
    again = isinstance(event, Heard) and event.understanding.intent is Intent.REPEAT
    return again or isinstance(event, CallStarted)


def _fresh(turn: Turn, *, cut: bool = True) -> Turn:
    """Other words for the open question, where it has any; else a word that says it is the same again."""
    if not turn.said or not _is_said(turn):
        return turn
    *before, question = turn.said
    step = flow_step(turn, turn.state.asking)
    others = step.other_words(turn) if step else ()
    other = next((text for text in others if text != question), "")
    if other and question == turn.state.asked:
        return turn.saying(*before, other).but(asked=other)
    return _shorter(turn) if cut and told(turn, turn.said) >= MOST_STATEMENTS else _once_more(turn)


def _is_said(turn: Turn) -> bool:
    return " ".join(turn.said) == " ".join(turn.state.said)


def _once_more(turn: Turn) -> Turn:
    return turn.saying(wording.ONCE_MORE, *turn.said)


def _shorter(turn: Turn) -> Turn:
    """A long reply is said again without its first sentence."""
    spare = [text for text in turn.said if told(turn, (text,)) and not _is_read_out(turn, text)]
    left = [text for text in turn.said if text not in spare[:1]]
    return turn.saying(*left) if spare else _once_more(turn)
