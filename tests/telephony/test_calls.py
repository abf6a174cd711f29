"""Whole calls on audio time: the double rings the server's application, and every time is exact."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from telephony.double import Caller, CallEvent, CallResult, Ending, Kind, Manner, parse_steps
from telephony.events import MarkReached
from telephony.media_stream import StreamEnd
from tests.telephony.agents import ToneAgent
from tests.telephony.serving import app_of, double_nearby
from tests.telephony.signing import CONFIG, TOKEN

pytestmark = pytest.mark.audio_time


@pytest.fixture
def agent() -> ToneAgent:
    return ToneAgent()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """0.4 s of 300 Hz and 0.4 s of silence, at 16 kHz."""
    samples = np.sin(np.arange(6_400) * 2 * np.pi * 300 / 16_000) * 9_000
    path = tmp_path / "hello.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.concatenate([samples, np.zeros(6_400)]).astype("<i2").tobytes())
    return path


async def ring(agent: ToneAgent, *steps: str, token: str = TOKEN, **more: Any) -> CallResult:
    manner = Manner(unhurried=False, longest_s=60.0)
    double = double_nearby(app_of(agent), token=token, manner=manner, **more)
    return await double.place_call(Caller(parse_steps(steps), quiet_s=0.2, patience_s=1.5))


def pitch_hz(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * 8_000 / len(samples))


async def test_a_call_is_greeted_answered_and_hung_up(agent: ToneAgent, clip: Path, tmp_path: Path) -> None:
    seen: list[CallEvent] = []
    result = await ring(agent, f"wav:{clip}", "press:5", "hangup", on_event=seen.append)
    assert (result.ended, result.warnings) == (Ending.CALLER_HUNG_UP, [])
    assert result.greeting_ms is not None
    assert 0 <= result.greeting_ms < 100
    assert [round(pitch_hz(segment.pcm), -1) for segment in result.segments] == [440, 660]
    assert result.segments[0].end_ms - result.segments[0].start_ms == pytest.approx(600, abs=20)
    (utterance,) = result.utterances
    assert utterance.speech_ended_ms is not None
    assert utterance.speech_ended_ms - utterance.started_ms == pytest.approx(380, abs=20)
    assert 200 <= result.reply_times_ms[0] < 300  # the agent waits for 200 ms of silence
    assert [name for _, name in result.marks] == ["0.1.greeting", "0.2.answer"]
    assert [event for event in agent.events if isinstance(event, MarkReached)] == [
        MarkReached("0.1.greeting"), MarkReached("0.2.answer"),
    ]  # fmt: skip
    assert 8_500 < agent.loudest < 9_500
    assert agent.statuses == ["completed"]
    assert agent.streams[0].ended is StreamEnd.STOPPED
    assert agent.streams[0].codec.sequence.gaps == 0
    assert seen == result.events
    check_recording(result, tmp_path / "call.wav")


def check_recording(result: CallResult, path: Path) -> None:
    result.save(path)
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8_000)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert (both[:, 1] == np.frombuffer(result.agent_pcm, "<i2")).all()
    assert np.abs(both[:, 0]).max() > 8_500
    assert len(both) / 8 == pytest.approx(result.events[-1].at_ms, abs=40)


async def test_a_mark_comes_back_when_its_audio_has_been_played(agent: ToneAgent) -> None:
    result = await ring(agent, "press:9")
    ((at_ms, _),) = result.marks
    assert at_ms == pytest.approx(result.segments[0].start_ms + 600, abs=25)


async def test_barge_in_clears_and_the_agent_knows_what_was_heard(agent: ToneAgent, clip: Path) -> None:
    agent.greeting = ("one two three four five six seven eight nine ten", agent.greeting[1] * 5)  # 3 s
    result = await ring(agent, "wait:0.6", f"barge:{clip}", "press:9")
    assert len(result.clears) == 1
    assert 600 <= result.segments[0].end_ms - result.segments[0].start_ms < 800
    heard = agent.heard[0].split()
    assert heard == agent.greeting[0].split()[: len(heard)]
    assert 1 <= len(heard) <= 8
    assert result.utterances[0].barged
    assert result.utterances[0].cleared
    assert 200 <= result.reply_times_ms[0] < 300
    cleared = [name for at_ms, name in result.marks if at_ms >= result.clears[0]]
    assert cleared == ["0.1.greeting", "1.2.answer"] or cleared == ["1.2.answer"]


async def test_a_dropped_stream_is_resumed_on_a_new_one(agent: ToneAgent, clip: Path) -> None:
    result = await ring(agent, "wait:0.3", "drop", f"wav:{clip}", "press:9")
    assert [stream.ended_by for stream in result.streams] == ["dropped", "server closed (1000)"]
    assert len(agent.resumed) == 2  # after the drop, and after the agent closed
    assert [stream.ended for stream in agent.streams] == [StreamEnd.LOST, StreamEnd.CLOSED]
    assert result.streams[1].greeting_ms is not None
    assert result.streams[1].greeting_ms < 100
    assert len(agent.burned) == 2
    assert (result.ended, agent.keys) == (Ending.AGENT_HUNG_UP, "9")


async def test_keys_arrive_and_a_closed_stream_goes_on_with_its_document(agent: ToneAgent) -> None:
    result = await ring(agent, "press:1#0")
    assert agent.keys == "1#0"
    assert [digit for _, digit in result.keys] == ["1", "#", "0"]
    assert (result.ended, result.ended_detail) == (Ending.DIALLED, "+15555550199")


async def test_a_server_that_is_not_ready_has_the_practice_dialled(agent: ToneAgent) -> None:
    agent.is_ready = False
    result = await ring(agent)
    assert (result.dialled, result.streams) == ([CONFIG.practice_number], [])
    assert result.ended is not Ending.ERROR


async def test_a_double_with_another_secret_is_turned_away(agent: ToneAgent) -> None:
    result = await ring(agent, token="wrong")
    assert result.ended is Ending.ERROR
    assert "403" in result.ended_detail
    assert not agent.arrived


async def test_a_caller_without_a_script_loses_patience(agent: ToneAgent) -> None:
    result = await ring(agent)
    assert result.ended is Ending.CALLER_HUNG_UP
    assert result.events[-1].at_ms == pytest.approx(600 + 1_500, abs=100)


async def test_a_caller_listens(agent: ToneAgent) -> None:
    async def listen(pcm: bytes) -> str:
        samples = np.frombuffer(pcm, "<i2").astype(float)
        return (
            f"a tone of {pitch_hz(samples[np.abs(samples).cumsum() > 0][:4_000].astype('<i2').tobytes()):.0f}"
        )

    double = double_nearby(app_of(agent))
    steps = parse_steps(["expect:tone of 440", "expect:tone of 9", "hangup"])
    result = await double.place_call(Caller(steps, listen=listen, quiet_s=0.2))
    assert result.unmet == ["expected 'tone of 9', heard 'a tone of 440'"]
    assert [event.detail["met"] for event in result.events if event.kind is Kind.EXPECT] == [True, False]
