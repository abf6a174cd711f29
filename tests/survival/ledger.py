"""What a caller was told, as the carrier saw it, against what is stored."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dialog.wording import CANNOT_HEAR_ME, NOT_HEARD_PREFIXES, TROUBLE
from models.domain import TurnRecord
from telephony.double import CallResult
from telephony.double.result import CallerUtterance, StreamTimes
from tests.survival.spoken import begun_ms, number_in, turns_spoken

NOT_HEARD = "?"
NOTHING_HEARD = (*NOT_HEARD_PREFIXES, CANNOT_HEAR_ME)
SAME_MS = 100.0  # between the first audible frame and the stretch of speech that it begins


def acknowledged(result: CallResult, turns: Sequence[TurnRecord] = ()) -> list[CallerUtterance]:
    """Said on one stream and answered on it: the reply was at least begun to be heard.

    What a stream opens with answers nobody, also where it comes so late that the caller has spoken before it,
    or after its first words; nor does what is heard before the caller has finished. On a machine that is far
    behind a reply may belong to what was said before, or to silence: then its turn, which is stored, had
    begun before the caller was through, or says that nothing was heard.
    """
    spoken = turns_spoken(result, turns)
    return [said for said in result.utterances if _is_answered(result, said, turns, spoken)]


def _is_answered(
    result: CallResult,
    said: CallerUtterance,
    turns: Sequence[TurnRecord],
    spoken: Mapping[float, TurnRecord],
) -> bool:
    answered = next((stream for stream in result.streams if _answered_on(stream, said)), None)
    return (
        answered is not None
        and not _still_opens(result, answered, said)
        and not _asks_again(result, answered, said, turns)
        and not _was_due(result, said, spoken)
    )


def _was_due(result: CallResult, said: CallerUtterance, spoken: Mapping[float, TurnRecord]) -> bool:
    """Whether the reply is of a turn that had begun before these words ended: to something else."""
    heard_ms, ended_ms = said.reply_heard_ms or 0.0, said.speech_ended_ms or 0.0
    turn = next((turn for start_ms, turn in spoken.items() if abs(start_ms - heard_ms) < SAME_MS), None)
    return turn is not None and begun_ms(result, turn) < ended_ms


def _answered_on(stream: StreamTimes, said: CallerUtterance) -> bool:
    if stream.first_audio_ms is None or said.speech_ended_ms is None or said.reply_heard_ms is None:
        return False
    has_opened = stream.first_audio_ms <= said.started_ms
    return has_opened and said.speech_ended_ms <= said.reply_heard_ms <= _ended_ms(stream)


def _ended_ms(stream: StreamTimes) -> float:
    return math.inf if stream.ended_ms is None else stream.ended_ms


def _still_opens(result: CallResult, stream: StreamTimes, said: CallerUtterance) -> bool:
    """Whether no sentence of a turn had been played on the stream when the reply began."""
    turns_ms = [
        at
        for at, name in result.marks
        if stream.started_ms <= at <= _ended_ms(stream) and number_in(name) is not None
    ]
    return bool(result.marks) and min(turns_ms, default=math.inf) > (said.reply_heard_ms or 0.0)


def _asks_again(
    result: CallResult, stream: StreamTimes, said: CallerUtterance, turns: Sequence[TurnRecord]
) -> bool:
    """Whether the reply belongs to a turn that began without words: "I didn't hear an answer"."""
    heard_ms = said.reply_heard_ms or 0.0
    numbers = (number_in(name) for at, name in result.marks if heard_ms <= at <= _ended_ms(stream))
    number = next((found for found in numbers if found is not None), None)
    return any(turn.number == number and _is_without_words(turn) for turn in turns)


def _is_without_words(turn: TurnRecord) -> bool:
    return not heard_words(turn) and any(each in turn.agent_text for each in NOTHING_HEARD)


def is_within(part: list[str], whole: list[str]) -> bool:
    """Whether ``part`` stands in ``whole`` in its order, each word once; NOT_HEARD stands for any."""
    rest = iter(whole)
    return all(any(found in (word, NOT_HEARD) for found in rest) for word in part)


def heard_words(turn: TurnRecord) -> str:
    """A turn's words; NOT_HEARD where frames were lost and the caller was asked to say it again."""
    trouble = any(sentence in turn.agent_text for sentence in TROUBLE)
    return turn.caller_text or (NOT_HEARD if trouble else "")
