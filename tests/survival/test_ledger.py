"""Which of a caller's words count as answered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from agent.local_server import LocalServer
from models.domain import TurnRecord
from telephony.double import CallResult
from telephony.double.result import AgentSegment, CallerUtterance, StreamTimes
from tests.survival.killing import Killer, Watched
from tests.survival.ledger import acknowledged, is_within
from tests.survival.spoken import unstored

PLACED = datetime(2026, 11, 28, tzinfo=UTC)


def call(first_audio_ms: float | None, ended_ms: float | None, heard_ms: float | None) -> CallResult:
    """One stream from 1,000 ms on; a caller who spoke from 5,000 to 6,000 ms."""
    stream = StreamTimes("MZ1", 1_000.0, first_audio_ms, ended_ms)
    said = CallerUtterance("yes.wav", False, 5_000.0, 6_000.0, heard_ms, heard_ms)
    return CallResult("CA1", streams=[stream], utterances=[said])


@pytest.mark.parametrize(
    ("first_audio_ms", "ended_ms", "heard_ms", "counts"),
    [
        (2_000.0, None, 6_500.0, 1),
        (2_000.0, 9_000.0, 6_500.0, 1),
        (2_000.0, 6_200.0, 6_500.0, 0),  # on the next stream, which opens with words of its own
        (2_000.0, None, None, 0),
        (6_500.0, None, 6_500.0, 0),  # the stream's opening words, which came late
        (None, None, 6_500.0, 0),
        (2_000.0, None, 5_500.0, 0),  # the rest of what the agent was saying
    ],
)
def test_words_are_answered_by_a_reply_on_their_own_stream(
    first_audio_ms: float | None, ended_ms: float | None, heard_ms: float | None, counts: int
) -> None:
    assert len(acknowledged(call(first_audio_ms, ended_ms, heard_ms))) == counts


@pytest.mark.parametrize(
    ("mark", "caller_text", "agent_text", "counts"),
    [
        ("0.6.t3-2", "yes", "All right.", 1),
        ("0.6.t3-2", "", "I didn't hear an answer. Is there something else, yes or no?", 0),
        ("0.6.t3-2", "", "We're open Monday to Friday.", 1),  # an answer, and its words are lost
        ("0.6.t2-2", "", "I didn't hear an answer.", 1),  # of a turn that is not stored
        ("other", "", "I didn't hear an answer.", 1),
    ],
)
def test_who_is_told_that_nothing_was_heard_was_not_answered(
    mark: str, caller_text: str, agent_text: str, counts: int
) -> None:
    result = call(2_000.0, None, 6_500.0)
    result.marks = [(1_500.0, "0.1.t3-1"), (8_000.0, mark)]
    turn = TurnRecord(3, datetime(2026, 11, 27, tzinfo=UTC), caller_text, agent_text)
    assert len(acknowledged(result, [turn])) == counts


@pytest.mark.parametrize(
    ("begun_ms", "mark", "counts"),
    [
        (6_400, "0.6.t3-2", 1),
        (5_500, "0.6.t3-2", 0),  # decided before the caller was through: to what was said before
        (5_500, "", 0),  # interrupted before its first mark
        (5_500, "0.6.t2-2", 1),  # of a turn that is not stored
        (7_000, "0.6.t3-2", 1),  # stored later, by somebody else: what was heard is lost
        (7_000, "", 1),
    ],
)
def test_a_late_reply_answers_what_its_turn_began_with(begun_ms: int, mark: str, counts: int) -> None:
    result = late(mark)
    turn = TurnRecord(3, PLACED + timedelta(milliseconds=begun_ms), "the words before", "All right.")
    assert len(acknowledged(result, [turn])) == counts


@pytest.mark.parametrize(
    ("begun_ms", "number", "lost"), [(6_400, 3, []), (8_500, 3, [3]), (6_400, 2, [3]), (6_400, 4, [3])]
)
def test_a_turn_that_was_played_is_stored_before(begun_ms: int, number: int, lost: list[int]) -> None:
    first = TurnRecord(1, PLACED + timedelta(milliseconds=1_500), "", "How can I help?")
    turn = TurnRecord(number, PLACED + timedelta(milliseconds=begun_ms), "yes", "All right.")
    assert unstored(late("0.6.t3-2"), [first, turn]) == lost


def late(mark: str) -> CallResult:
    """The caller who spoke from 5,000 to 6,000 ms hears something from 6,500 on."""
    result = call(2_000.0, None, 6_500.0)
    result.placed_at = PLACED
    result.segments = [AgentSegment(2_000.0, 3_000.0, b""), AgentSegment(6_520.0, 9_000.0, b"")]
    result.marks = [(3_000.0, "0.1.t1-1"), *([(8_000.0, mark)] if mark else [])]
    return result


@pytest.mark.parametrize(("turn_played_ms", "counts"), [(3_000.0, 1), (7_500.0, 0), (None, 0)])
def test_what_a_stream_goes_on_opening_with_answers_nobody(turn_played_ms: float | None, counts: int) -> None:
    """ "Sorry, we were cut off" comes at once; what follows it may come after the caller's words."""
    result = call(2_000.0, None, 6_500.0)
    marks = [(500.0, "0.1.t2-1"), (3_000.0, "0.1.cut-off"), (turn_played_ms, "0.2.t3-1")]
    result.marks = [(at, name) for at, name in marks if at is not None]
    assert len(acknowledged(result)) == counts


def test_stored_words_are_each_counted_once() -> None:
    assert is_within(["yes", "no"], ["yes", "?", "no"])
    assert is_within(["yes", "no"], ["yes", "?"]), "frames were lost, and the caller asked again"
    assert not is_within(["yes", "yes"], ["yes"])


@pytest.mark.parametrize(
    ("first_ends_ms", "silences_s"),
    [(5_100.0, [2.0]), (None, [])],  # broken by the kill; led by another process, and silent meanwhile
)
def test_a_silence_is_of_a_call_that_the_kill_broke(
    first_ends_ms: float | None, silences_s: list[float]
) -> None:
    streams = [
        StreamTimes("MZ1", 1_000.0, 2_000.0, first_ends_ms),
        StreamTimes("MZ2", 6_000.0, 7_000.0, None),
    ]
    result = CallResult("CA1", streams=streams, segments=[AgentSegment(7_000.0, 8_000.0, b"")])
    killer = Killer(LocalServer.__new__(LocalServer), 0, 1, _nobody, kills_s=[105.0])
    killer.calls = [Watched(asyncio.Event(), placed_s=100.0)]
    assert killer.silences_s([result]) == silences_s


async def _nobody() -> bool:
    return False
