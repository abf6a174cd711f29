"""Who cannot be spoken with: a fax machine, a text telephone, a line that carries sound without a pause.

45 CFR 92 (Section 1557) and 28 CFR 36.303: a practice takes calls by text telephone, or through the
telecommunications relay service, which anybody reaches by dialling 711 (47 CFR 64.601).
"""

from __future__ import annotations

from dialog import emergency, handoff, wording
from dialog.engine import OPEN, go_on
from dialog.repair import give_up, hang_up
from dialog.tasks import hand_over, open_task
from dialog.turn import Turn
from models.domain import TYPES, Disposition, Phase, Priority, TaskKind, ToneKind

FAX_CAME = "A fax machine called this number. No fax is taken here: its sender has to be told the fax number."
ENDLESS = "The line carried sound without a pause: the caller could not be understood"


def hear(turn: Turn, kind: ToneKind) -> Turn:
    """Answer a machine's tones, unless a person or an emergency has the line."""
    if _is_busy(turn) or turn.known("machine"):
        return turn.stop()  # told before, on a stream before this one
    return fax(turn) if kind is ToneKind.FAX else text_telephone(turn)


def fax(turn: Turn) -> Turn:
    """Believed only of a caller who has said nothing yet: it ends the call."""
    if turn.state.phase is not Phase.OPEN or turn.state.asking != OPEN:
        return turn.stop()
    turn = turn.note(machine=ToneKind.FAX.value).say(wording.VOICE_ONLY).settle(Disposition.NO_INPUT)
    turn = open_task(turn, "desk.quiet", TaskKind.ROUTINE_MESSAGE, Priority.ROUTINE, FAX_CAME)
    return hang_up(turn)


def text_telephone(turn: Turn) -> Turn:
    """A person, who can answer by text telephone; else one who calls back through the relay service."""
    turn = turn.note(machine=ToneKind.TTY.value).but(reason=turn.state.reason or TYPES)
    if turn.practice.staff_available:
        return handoff.connect(turn.say(wording.TEXT_TELEPHONE), TYPES)
    turn = turn.say(wording.TEXT_TELEPHONE_LATER)
    return go_on(hand_over(turn, TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, TYPES))


def no_pause(turn: Turn) -> Turn:
    """A person; where there is none, a note for staff, and the end of a call that would not end."""
    if _is_busy(turn) or turn.known("endless"):
        return turn.stop()
    return give_up(turn.note(endless=not turn.practice.staff_available), ENDLESS, tell=True)


def _is_busy(turn: Turn) -> bool:
    """A person or an emergency has the line."""
    live = handoff.transferring(turn) or emergency.live(turn)
    return live or turn.state.known.get("with_person") is True
