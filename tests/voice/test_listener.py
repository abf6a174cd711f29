"""One call's ear: the same audio gives the same events however it is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain import Expectation, ExpectationKind
from tests.voice.conftest import Say
from voice import g711
from voice.g711 import Samples
from voice.listener import (
    Interrupted,
    Listener,
    ListenerEvent,
    Speculate,
    SpeechChunk,
    SpeechResumed,
    SpeechStarted,
    UtteranceEnded,
)
from voice.vad import WINDOW_MS, SileroVad, SpeechMeter


class LoudnessMeter:
    """Loud is speech: a meter whose answers a test can draw."""

    def probability(self, window: Samples) -> float:
        return float(np.abs(window.astype(np.int32)).mean() > 1_000)


def audio(*parts: tuple[bool, int]) -> bytes:
    """mu-law of (speaks, ms) stretches; "speech" is noise."""
    rng = np.random.default_rng(1)
    pieces = [rng.integers(-8_000, 8_000, ms * 8) if speaks else np.zeros(ms * 8) for speaks, ms in parts]
    return g711.encode(np.concatenate(pieces).astype(np.int16))


def hear(listener: Listener, mulaw: bytes, cuts: list[int]) -> list[ListenerEvent]:
    events: list[ListenerEvent] = []
    at = 0
    for size in [*cuts, len(mulaw)]:
        events += listener.hear(mulaw[at : at + size])
        at += size
    return events


SENTENCE = audio((False, 500), (True, 600), (False, 250), (True, 500), (False, 900), (True, 60), (False, 500))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 4_000), max_size=12))
def test_any_cut_of_the_audio_gives_the_same_events(cuts: list[int]) -> None:
    whole = hear(Listener(LoudnessMeter()), SENTENCE, [])
    assert hear(Listener(LoudnessMeter()), SENTENCE, cuts) == whole


def test_the_chunks_are_the_utterance_gapless_with_its_pre_roll() -> None:
    events = hear(Listener(LoudnessMeter()), SENTENCE, [])
    ended = [event for event in events if isinstance(event, UtteranceEnded)]
    assert len(ended) == 1
    utterance = ended[0].utterance
    assert b"".join(event.pcm for event in events if isinstance(event, SpeechChunk)) == utterance.pcm
    assert abs(utterance.started_ms - 500) <= 32
    assert abs(utterance.ended_ms - 1_850) <= 32
    assert utterance.pcm in g711.decode(SENTENCE).tobytes()
    first_loud = np.flatnonzero(np.frombuffer(utterance.pcm, np.int16))[0]
    assert 268 <= first_loud / 8 <= 332


def test_the_order_of_events_of_a_sentence_with_a_pause() -> None:
    events = hear(Listener(LoudnessMeter()), SENTENCE, [])
    order = [type(event) for event in events if not isinstance(event, SpeechChunk)]
    assert order == [SpeechStarted, Speculate, SpeechResumed, Speculate, UtteranceEnded]


def test_a_click_over_the_agent_does_not_stop_it_and_a_voice_does() -> None:
    listener = Listener(LoudnessMeter())
    listener.agent_speaks(True)
    assert not any(isinstance(e, Interrupted) for e in listener.hear(audio((True, 90), (False, 900))))
    events = listener.hear(audio((True, 400)))
    assert [type(e) for e in events if isinstance(e, Interrupted)] == [Interrupted]


def test_a_short_yes_after_the_question_is_an_answer() -> None:
    listener = Listener(LoudnessMeter())
    listener.expect(Expectation(kind=ExpectationKind.YES_NO))
    listener.agent_speaks(True)
    assert any(isinstance(event, Interrupted) for event in listener.hear(audio((True, 200))))


def test_words_heard_so_far_shorten_the_wait() -> None:
    listener = Listener(LoudnessMeter())
    listener.expect(Expectation(kind=ExpectationKind.DOB))
    first = listener.hear(audio((False, 320), (True, 640), (False, 320)))
    assert not any(isinstance(event, UtteranceEnded) for event in first)
    listener.heard_so_far("march third nineteen fifty eight")
    assert any(isinstance(event, UtteranceEnded) for event in listener.hear(audio((False, 64))))


def test_a_date_that_only_a_grammar_found_whole_is_waited_for() -> None:
    listener = Listener(LoudnessMeter())
    listener.expect(Expectation(kind=ExpectationKind.DOB))
    listener.hear(audio((False, 320), (True, 640), (False, 320)))
    listener.heard_so_far("march third nineteen fifty eight", sure=False)
    assert not any(isinstance(event, UtteranceEnded) for event in listener.hear(audio((False, 400))))


def test_silero_finds_a_voice_and_no_voice_in_hiss(say: Say) -> None:
    silence = np.zeros(8_000, np.int16)
    spoken = np.concatenate((silence, say("march third nineteen fifty eight"), silence)).astype(np.int16)
    events = Listener().hear(g711.encode(spoken))
    ended = [event.utterance for event in events if isinstance(event, UtteranceEnded)]
    assert len(ended) == 1
    loud = np.flatnonzero(np.abs(spoken) > 300) / 8
    assert abs(ended[0].started_ms - loud[0]) < 120
    assert 0 <= ended[0].ended_ms - loud[-1] < 250
    hiss = np.random.default_rng(2).normal(0, 300, 24_000).astype(np.int16)
    assert Listener().hear(g711.encode(hiss)) == []


class CountingMeter(SileroVad):
    asked = 0

    def probability(self, window: Samples) -> float:
        self.asked += 1
        return super().probability(window)


def test_on_a_silent_line_the_meter_rests_and_hears_the_next_word_as_well(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = g711.encode(np.zeros(8_000 * 6, np.int16))
    line = quiet + g711.encode(say("yes please")) + quiet + g711.encode(say("no")) + quiet
    resting, never_resting = CountingMeter(), CountingMeter()
    found = utterances(resting, line)
    monkeypatch.setattr("voice.listener._SETTLED", 10**9)
    usual = utterances(never_resting, line)
    assert len(found) == len(usual) == 2
    for one, other in zip(found, usual, strict=True):
        assert one[0] <= other[0], "a meter that hears silence for long grows dull: one that rests does not"
        assert one[0] >= other[0] - 200
        assert one[1] == pytest.approx(other[1], abs=WINDOW_MS)
    assert resting.asked < never_resting.asked / 3


def utterances(meter: SpeechMeter, line: bytes) -> list[tuple[int, int]]:
    """Began and ended, in ms."""
    events = hear(Listener(meter), line, [160] * (len(line) // 160))
    return [
        (event.utterance.started_ms, event.utterance.ended_ms)
        for event in events
        if isinstance(event, UtteranceEnded)
    ]
