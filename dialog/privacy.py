"""What is kept of a call whose caller wants nothing written down, and the wish itself.

What law and task need stays: the quotes of danger signs, the summaries of tasks, what was done.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dialog import wording
from dialog.reading import says
from dialog.state import DialogState
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    Result,
    StopRecording,
    StopTranscript,
    TranscriptStopped,
    Understanding,
)

NO_TRANSCRIPT = "no_transcript"
_OFF_THE_RECORD = re.compile(
    r"\b(do not|don't|dont|please not|stop|without|not) (write|writing|put|putting|note|noting|take|taking)"
    r" (any of )?(this|that|it|any(thing)?|my words|what i say|notes)( of this)?( down)?( in writing)?\b"
    r"|\boff the record\b|\bno (transcript|notes|written record)\b"
    r"|\b(do not|don't|dont|stop) (keep|keeping|save|saving|make|making) (a |any |the )?(transcript|notes)\b"
)


def asks(turn: Turn, heard: Understanding) -> bool:
    return says(heard, _OFF_THE_RECORD) and not turn.state.known.get(NO_TRANSCRIPT)


def begin(turn: Turn, *, of_recording: bool = False) -> Turn:
    """No words are kept from this turn on, and no sound either.

    ``of_recording``: the caller asked for that too, and hears of it.
    """
    turn = turn.note(no_transcript=True, reason_before=turn.state.reason)
    turn = turn.say(wording.STOPPING_RECORDING if of_recording else wording.ALL_RIGHT)
    turn = turn.act("transcript.stop", StopTranscript)
    recorded = turn.practice.records_calls and not turn.state.known.get("recording_declined")
    if of_recording or recorded:
        turn = turn.note(recording_declined=True).act("recording.quiet", StopRecording)
    return turn.stop()


def _stopped(turn: Turn, result: Result) -> Turn:
    return turn.say(wording.NO_WORDS_KEPT) if isinstance(result, TranscriptStopped) else turn


def _recording_stopped(turn: Turn, result: Result) -> Turn:
    return turn.say(wording.STILL_RECORDED) if isinstance(result, ActionFailed) else turn


def keeps_no_words(state: DialogState) -> bool:
    """Whether the caller chose that nothing is written down."""
    return state.known.get(NO_TRANSCRIPT) is True


def without_words(state: DialogState) -> DialogState:
    """The state of a call that is over, without what was said but for the quotes of danger signs."""
    quotes = tuple(flag.quote for flag in state.red_flags)
    bare = replace(state, said=(), asked="", slots={}, queue=(), kept=None, heard_to="")
    before = str(state.known.get("reason_before", ""))  # told while words were still kept
    reason = state.reason if state.reason in quotes else before
    return replace(bare, reason=reason, symptoms_present=quotes, symptoms_denied=())


OUTCOMES = {"transcript.stop": _stopped, "recording.quiet": _recording_stopped}
