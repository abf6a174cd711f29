"""What a caller was told, as the carrier saw it, against what is stored."""

from __future__ import annotations

import math

from dialog.wording import TROUBLE
from models.domain import TurnRecord
from telephony.double import CallResult
from telephony.double.result import CallerUtterance, StreamTimes

NOT_HEARD = "?"


def acknowledged(result: CallResult) -> list[CallerUtterance]:
    """Said on one stream and answered on it: the reply was at least begun to be heard.

    What a stream opens with answers nobody, also where it comes so late that the caller has spoken before it;
    nor does what is heard before the caller has finished.
    """
    return [
        said for said in result.utterances if any(_answered_on(stream, said) for stream in result.streams)
    ]


def _answered_on(stream: StreamTimes, said: CallerUtterance) -> bool:
    if stream.first_audio_ms is None or said.speech_ended_ms is None or said.reply_heard_ms is None:
        return False
    ended_ms = math.inf if stream.ended_ms is None else stream.ended_ms
    has_opened = stream.first_audio_ms <= said.started_ms
    return has_opened and said.speech_ended_ms <= said.reply_heard_ms <= ended_ms


def is_within(part: list[str], whole: list[str]) -> bool:
    """Whether ``part`` stands in ``whole`` in its order, each word once; NOT_HEARD stands for any."""
    rest = iter(whole)
    return all(any(found in (word, NOT_HEARD) for found in rest) for word in part)


def heard_words(turn: TurnRecord) -> str:
    """A turn's words; NOT_HEARD where frames were lost and the caller was asked to say it again."""
    trouble = any(sentence in turn.agent_text for sentence in TROUBLE)
    return turn.caller_text or (NOT_HEARD if trouble else "")
