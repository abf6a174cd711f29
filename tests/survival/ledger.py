"""What a caller was told, as the carrier saw it, against what is stored."""

from __future__ import annotations

from dialog.wording import TROUBLE
from models.domain import TurnRecord
from telephony.double import CallResult
from telephony.double.result import CallerUtterance

NOT_HEARD = "?"


def acknowledged(result: CallResult) -> list[CallerUtterance]:
    """Said on one stream and answered on it: the reply was at least begun to be heard."""
    spans = [(stream.started_ms, stream.ended_ms or float("inf")) for stream in result.streams]
    return [
        said
        for said in result.utterances
        if said.reply_heard_ms is not None
        and any(start <= said.started_ms and said.reply_heard_ms <= end for start, end in spans)
    ]


def is_within(part: list[str], whole: list[str]) -> bool:
    """Whether ``part`` stands in ``whole`` in its order, each word once; NOT_HEARD stands for any."""
    rest = iter(whole)
    return all(any(found in (word, NOT_HEARD) for found in rest) for word in part)


def heard_words(turn: TurnRecord) -> str:
    """A turn's words; NOT_HEARD where frames were lost and the caller was asked to say it again."""
    trouble = any(sentence in turn.agent_text for sentence in TROUBLE)
    return turn.caller_text or (NOT_HEARD if trouble else "")
