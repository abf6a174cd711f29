"""Our own prompts come back from a loudspeaker: they are not the caller; a caller over them still is."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.voice.conftest import Say
from voice import espeak, g711
from voice.echo import Cleaned, EchoGuard
from voice.g711 import Samples
from voice.listener import Interrupted, Listener, SpeechStarted, UtteranceEnded
from voice.loudness import for_the_line
from voice.stand_in import audible, clip_digest

PROMPTS = (
    "Thank you for calling Harbor Street Family Medicine. If this is an emergency, hang up and call 911.",
    "I'm an AI assistant, not a nurse or doctor. This call is recorded. How can I help?",
)
STEP = 160  # bytes: a frame
CALLER_AT = 3 * 8_000


@cache
def our_voice() -> Samples:
    said = [espeak.synthesize(text, voice=espeak.VOICE, rate_wpm=espeak.RATE_WPM) for text in PROMPTS]
    return np.concatenate([g711.decode(for_the_line(samples, espeak.ESPEAK_HZ)) for samples in said])


def room() -> NDArray[np.float64]:
    """Thirty milliseconds of decaying reflections behind the direct sound."""
    rng = np.random.default_rng(3)
    reflections = rng.normal(0.0, 1.0, 240) * np.exp(-np.arange(240) / 60)
    reflections[0] = 3.0
    return np.asarray(reflections / np.sqrt(np.sum(reflections**2)))


def heard_on(
    line: Listener, caller: Samples, *, level_db: float, late_ms: int, in_room: bool
) -> list[object]:
    """Events while our voice plays, comes back, and the caller says what is given (or nothing)."""
    ours = our_voice()
    echo = np.zeros(ours.size + 8_000)
    echo[late_ms * 8 : late_ms * 8 + ours.size] += ours * 10 ** (level_db / 20)
    if in_room:
        echo = np.convolve(echo, room())[: echo.size]
    echo += np.random.default_rng(4).normal(0.0, 8.0, echo.size)  # the line's own noise
    echo[CALLER_AT : CALLER_AT + caller.size] += caller[: echo.size - CALLER_AT]
    came = g711.encode(np.clip(echo, -32_768, 32_767).astype(np.int16))
    played = g711.encode(np.concatenate((ours, np.zeros(8_000, np.int16))))
    events: list[object] = []
    for at in range(0, len(came) - STEP, STEP):
        line.agent_speaks(at < ours.size)
        events += line.hear(came[at : at + STEP], played[at : at + STEP])
    return events


LINES = pytest.mark.parametrize("late_ms", [80, 240, 400])
LEVELS = pytest.mark.parametrize("level_db", [-10, -20, -30])
NOBODY = np.zeros(0, np.int16)


@LINES
@LEVELS
def test_our_echo_is_nobody_speaking(level_db: float, late_ms: int) -> None:
    assert heard_on(Listener(), NOBODY, level_db=level_db, late_ms=late_ms, in_room=False) == []


@LINES
def test_nor_is_it_in_a_room(late_ms: int) -> None:
    events = heard_on(Listener(), NOBODY, level_db=-20, late_ms=late_ms, in_room=True)
    assert not any(isinstance(event, Interrupted) for event in events)


@LINES
@LEVELS
def test_a_caller_over_our_echo_stops_us(say: Say, level_db: float, late_ms: int) -> None:
    caller = say("no wait, i need to talk to somebody about my pills")
    events = heard_on(Listener(), caller, level_db=level_db, late_ms=late_ms, in_room=False)
    assert any(isinstance(event, SpeechStarted) for event in events)
    stopped = [event.at_ms for event in events if isinstance(event, Interrupted)]
    assert stopped
    assert stopped[0] >= CALLER_AT / 8


def test_without_our_voice_the_callers_is_left_as_it_is(say: Say) -> None:
    caller = g711.encode(say("march third nineteen fifty eight"))
    assert Listener().hear(caller) == Listener().hear(caller, b"\xff" * len(caller))


def test_what_was_played_long_ago_changes_nothing() -> None:
    """A second and a half of quiet lies between: a guard that remembers it hears as one that is new."""
    rng = np.random.default_rng(5)
    sound = [rng.normal(0, 3_000, 256).astype(np.int16) for _ in range(40)]
    quiet = np.zeros(256, np.int16)
    old, new = EchoGuard(), EchoGuard()
    for window in sound:
        old.clean(window, window)
    for _ in range(48):
        for guard in (old, new):
            guard.clean(quiet, quiet)
    for late, window in enumerate(sound):
        came = sound[late - 5] // 4 if late >= 5 else quiet  # our voice comes back 160 ms later
        one, other = (guard.clean(came, window) for guard in (old, new))
        assert one.may_be_speech is other.may_be_speech
        assert np.array_equal(_sound(one), _sound(other))


def _sound(cleaned: Cleaned) -> Samples:
    return NOBODY if cleaned.sound is None else cleaned.sound


@pytest.mark.parametrize("gap_ms", [0, 100, 200, 300, 400, 600])
@pytest.mark.parametrize("words", ["yes", "no that's all", "where are you located"])
def test_who_answers_at_once_is_heard_from_the_first_sound_on(say: Say, words: str, gap_ms: int) -> None:
    """Their breath before the word is too faint to be speech over us; it is in the utterance all the same."""
    caller = g711.decode(g711.encode(say(words)))
    ours = audible(our_voice().tobytes())
    answer = audible(caller.tobytes())
    came = np.concatenate((np.zeros(ours.size + gap_ms * 8, np.int16), answer, np.zeros(12_000, np.int16)))
    line, events = Listener(), list[object]()
    mulaw, played = g711.encode(came), g711.encode(ours)
    for at in range(0, len(mulaw), STEP):
        line.agent_speaks(at < ours.size)
        events += line.hear(mulaw[at : at + STEP], played[at : at + STEP])
    heard = [event.utterance.pcm for event in events if isinstance(event, UtteranceEnded)]
    assert [clip_digest(pcm) for pcm in heard] == [clip_digest(answer.tobytes())]
