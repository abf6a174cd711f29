"""Speaking: never far ahead, marks in place, and an honest account of what was heard."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony import g711
from telephony.playback import AHEAD_MS, CHUNK_MS, FADE_MS, MARK_GRACE_MS, Playback

BYTES_PER_MS = 8


@dataclass
class Scribe:
    """Messages as readable text: what was sent, byte for byte."""

    sent: bytearray = field(default_factory=bytearray)

    def media(self, mulaw: bytes) -> str:
        self.sent += mulaw
        return f"media {len(mulaw) // BYTES_PER_MS}"

    def mark(self, name: str) -> str:
        return f"mark {name}"

    def clear(self) -> str:
        return "clear"


def ms(length: int, fill: bytes = b"\x11") -> bytes:
    return fill * (length * BYTES_PER_MS)


def marks(messages: list[str]) -> list[str]:
    return [message.removeprefix("mark ") for message in messages if message.startswith("mark ")]


@pytest.fixture
def playback() -> Playback:
    return Playback(Scribe())


def test_a_short_sentence_goes_out_at_once_with_its_mark(playback: Playback) -> None:
    playback.say("greeting", "Hello there.", ms(500))
    assert playback.due(0) == ["media 200", "media 200", "media 100", "mark 0.1.greeting"]
    assert playback.due(0) == []
    assert playback.next_due_ms is None


def test_a_long_sentence_stays_a_second_ahead(playback: Playback) -> None:
    playback.say("long", "A long sentence.", ms(2_000))
    assert playback.due(100) == ["media 200"] * 5
    assert playback.next_due_ms == 300
    assert playback.due(299) == []
    assert playback.due(300) == ["media 200"]
    assert playback.due(700) == ["media 200"] * 2


def test_sentences_may_come_as_they_are_rendered(playback: Playback) -> None:
    playback.say("a", "One.", ms(300))
    assert playback.due(0)[-1] == "mark 0.1.a"
    playback.say("b", "Two.", ms(200))
    assert playback.due(150) == ["media 200", "mark 0.2.b"]


def test_idle_when_all_marks_have_come_back(playback: Playback) -> None:
    assert playback.is_idle(0)
    playback.say("a", "One.", ms(300))
    assert playback.playing
    (mark,) = marks(playback.due(0))
    assert not playback.is_idle(299)
    playback.marked(mark)
    assert playback.is_idle(300)
    assert not playback.playing


def test_idle_when_a_mark_is_long_overdue(playback: Playback) -> None:
    playback.say("a", "One.", ms(300))
    playback.due(0)
    assert not playback.is_idle(300 + MARK_GRACE_MS - 1)
    assert playback.is_idle(300 + MARK_GRACE_MS)
    assert playback.heard(300 + MARK_GRACE_MS) == "One."


def test_an_interruption_clears_and_tells_what_was_heard(playback: Playback) -> None:
    playback.say("a", "Your visit is booked.", ms(400))
    playback.say("b", "It is on Monday the fifth at nine.", ms(1_000))
    first, *_ = marks(playback.due(0))
    playback.marked(first)
    stop = playback.interrupt(900)
    assert stop.messages == ("clear", f"media {FADE_MS}")
    assert stop.heard == "Your visit is booked. It is on Monday"
    assert playback.due(900) == []
    assert playback.is_idle(900)


def test_nobody_is_interrupted_when_nothing_is_said(playback: Playback) -> None:
    assert playback.interrupt(0).messages == ()
    assert playback.interrupt(0).heard == ""


def test_a_mark_that_comes_back_after_the_clear_proves_nothing(playback: Playback) -> None:
    playback.say("a", "Take two tablets daily.", ms(800))
    (old,) = marks(playback.due(0))
    playback.interrupt(100)
    playback.start_reply()
    playback.say("a", "Take two tablets daily.", ms(800))
    (new,) = marks(playback.due(100))
    assert old != new
    playback.marked(old)
    assert playback.heard(100) == ""
    playback.marked(new)
    assert playback.heard(900) == "Take two tablets daily."


def test_a_sentence_whose_mark_is_missing_hides_those_after_it(playback: Playback) -> None:
    playback.say("a", "One two.", ms(200))
    playback.say("b", "Three four.", ms(200))
    playback.due(0)
    assert playback.heard(400) == "One two."


def test_the_carriers_lag_is_learned_from_its_marks(playback: Playback) -> None:
    playback.say("a", "One.", ms(200))
    playback.say("b", "alpha bravo charlie delta", ms(1_000))
    first, *_ = marks(playback.due(0))
    assert playback.interrupt(0).heard == ""
    playback.say("a", "One.", ms(200))
    playback.say("b", "alpha bravo charlie delta", ms(800))
    first, *_ = marks(playback.due(0))
    playback.marked(first, now_ms=500)  # 300 ms later than we thought
    assert playback.heard(900) == "One. alpha bravo"


def test_a_new_reply_is_spoken_of_alone(playback: Playback) -> None:
    playback.say("a", "One moment.", ms(200))
    (first,) = marks(playback.due(0))
    playback.start_reply()
    playback.say("b", "Here it is.", ms(200))
    (second,) = marks(playback.due(0))
    assert playback.heard(150) == ""
    playback.marked(first)
    playback.marked(second)
    assert playback.heard(400) == "Here it is."


def test_a_sentence_without_audio_is_only_a_mark(playback: Playback) -> None:
    playback.say("empty", "", b"")
    assert playback.due(0) == ["mark 0.1.empty"]


words = st.lists(st.text(alphabet="abc", min_size=1, max_size=6), min_size=1, max_size=8).map(" ".join)
sentences = st.lists(st.tuples(words, st.integers(1, 3_000)), min_size=1, max_size=5)
pauses = st.lists(st.integers(0, 400), min_size=1, max_size=40)


@settings(deadline=None)
@given(sentences, pauses)
def test_at_any_pace_all_is_sent_in_order_and_never_too_far_ahead(
    said: list[tuple[str, int]], steps: list[int]
) -> None:
    scribe = Scribe()
    playback = Playback(scribe)
    for number, (text, length_ms) in enumerate(said):
        playback.say(str(number), text, ms(length_ms, bytes([number])))
    now, played, seen = 0.0, 0.0, []
    for step in [*steps, *[CHUNK_MS] * 100]:
        sent_before = len(scribe.sent)
        seen += playback.due(now)
        if sent_before / BYTES_PER_MS <= played:  # it had run dry: play starts again now
            played = sent_before / BYTES_PER_MS
        assert len(scribe.sent) / BYTES_PER_MS - played <= AHEAD_MS + 0.01
        played = min(played + step, len(scribe.sent) / BYTES_PER_MS)
        now += step
    assert bytes(scribe.sent) == b"".join(ms(length, bytes([n])) for n, (_, length) in enumerate(said))
    assert [name.split(".")[2] for name in marks(seen)] == [str(n) for n in range(len(said))]


@settings(deadline=None)
@given(sentences)
def test_asked_when_due_it_never_runs_dry(said: list[tuple[str, int]]) -> None:
    scribe = Scribe()
    playback = Playback(scribe)
    for number, (text, length_ms) in enumerate(said):
        playback.say(str(number), text, ms(length_ms))
    now = 0.0
    playback.due(now)
    while (due_ms := playback.next_due_ms) is not None:
        assert due_ms >= now
        now = due_ms
        assert len(scribe.sent) / BYTES_PER_MS > now
        assert playback.due(now)


@settings(deadline=None)
@given(sentences, st.integers(0, 12_000), st.integers(0, 300))
def test_what_was_heard_is_a_beginning_of_what_was_said(
    said: list[tuple[str, int]], stop_ms: int, echo_lag_ms: int
) -> None:
    playback = Playback(Scribe())
    ends, total = [], 0
    for number, (text, length_ms) in enumerate(said):
        playback.say(str(number), text, ms(length_ms))
        total += length_ms
        ends.append(total)
    names: list[str] = []
    for now in range(0, stop_ms + 1, 100):
        names += marks(playback.due(now))
        for name, end in zip(names, ends, strict=False):
            if end + echo_lag_ms <= now:
                playback.marked(name)
    heard = playback.interrupt(stop_ms).heard
    whole = " ".join(text for text, _ in said)
    assert whole.startswith(heard)
    assert whole.split()[: len(heard.split())] == heard.split()
    finished = sum(end + echo_lag_ms <= (stop_ms // 100) * 100 for end in ends)
    assert heard.startswith(" ".join(text for text, _ in said[:finished]))
    unplayed = sum(end - length >= stop_ms for end, (_, length) in zip(ends, said, strict=True))
    assert len(heard.split()) <= len(" ".join(text for text, _ in said[: len(said) - unplayed]).split())


# --------------------------------------------------------------------------- what was truly played


def laid_out(pieces: list[tuple[float, bytes]]) -> bytes:
    """The pieces on one track, from time zero; a dot where nothing was played."""
    track = bytearray()
    for start_ms, mulaw in pieces:
        start = round(start_ms * BYTES_PER_MS)
        track.extend(b"." * (start - len(track)))
        track[start : start + len(mulaw)] = mulaw
    return bytes(track)


def test_what_was_played_is_told_once_and_as_far_as_it_was() -> None:
    playback = Playback(Scribe(), keep_played=True)
    playback.say("a", "Hello.", ms(500, b"A"))
    playback.due(100)
    assert laid_out(playback.played(350)) == b"." * 800 + b"A" * 2_000
    assert laid_out(playback.played(350)) == b""
    [(start_ms, rest), *more] = playback.played(2_000)
    assert (start_ms, len(rest) + sum(len(mulaw) for _, mulaw in more)) == (350, 2_000)


def test_a_slow_line_is_known_from_its_marks() -> None:
    playback = Playback(Scribe(), keep_played=True)
    playback.say("a", "Hello.", ms(200, b"A"))
    playback.due(0)
    playback.played(200)
    playback.marked("0.1.a", 350)  # a hundred and fifty later than modelled
    playback.say("b", "Again.", ms(200, b"B"))
    playback.due(1_000)
    assert playback.played(1_100) == []
    assert playback.played(2_000) == [(1_150, ms(200, b"B"))]


def test_what_a_clear_took_back_was_not_played() -> None:
    playback = Playback(Scribe(), keep_played=True)
    playback.say("a", "A long sentence.", ms(2_000, b"A"))
    playback.due(0)
    playback.interrupt(300)
    playback.say("b", "What I meant.", ms(200, b"B"))
    playback.due(500)
    track = laid_out(playback.played(5_000))
    fade = 8 * FADE_MS
    assert track[:2_400] == b"A" * 2_400
    assert track[2_400 + fade :] == b"." * (1_600 - fade) + b"B" * 1_600


def test_a_sentence_that_is_broken_off_runs_out_from_where_it_was_cut() -> None:
    """No step of the wave is larger than the sentence's own, and it ends in silence."""
    scribe = Scribe()
    wave = np.rint(8_000 * np.sin(np.arange(8_000) / 7)).astype("<i2")
    playback = Playback(scribe)
    playback.say("a", "A long sentence.", g711.encode(wave.tobytes()))
    playback.due(0)
    before = len(scribe.sent)
    playback.interrupt(310)
    heard = bytes(scribe.sent[: 310 * 8] + scribe.sent[before:])
    samples = np.frombuffer(g711.decode(heard), "<i2").astype(int)
    assert len(samples) == (310 + FADE_MS) * 8
    assert np.abs(np.diff(samples)).max() <= np.abs(np.diff(wave.astype(int))).max() * 1.1
    assert abs(samples[-1]) < 10
    assert np.abs(samples[-40:]).max() < 1_500


def test_nothing_fades_where_nothing_is_heard(playback: Playback) -> None:
    playback.say("a", "Hello.", ms(200))
    playback.due(0)
    assert playback.interrupt(300).messages == ("clear",), "the mark has not come back, the sound is over"


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(1, 900), st.booleans(), st.integers(0, 400)), max_size=8),
    st.integers(7, 300),
)
def test_however_often_it_is_asked_the_track_is_the_same(
    said: list[tuple[int, bool, int]], every_ms: int
) -> None:
    def track(step_ms: int) -> bytes:
        playback, pieces, now = Playback(Scribe(), keep_played=True), [], 0
        for number, (length, interrupted, wait) in enumerate(said):
            playback.say(f"s{number}", "Words.", ms(length, bytes([65 + number])))
            for _ in range(wait):
                playback.due(now)
                if now % step_ms == 0:
                    pieces += playback.played(now)
                now += 1
            if interrupted:
                playback.interrupt(now)
        playback.due(now)
        return laid_out([*pieces, *playback.played(now + 100_000)])

    assert track(every_ms) == track(10**9)


def test_nothing_is_kept_that_nobody_asks_for(playback: Playback) -> None:
    playback.say("a", "Hello.", ms(200))
    playback.due(0)
    assert playback.played(1_000) == []
    kept = Playback(Scribe(), keep_played=True)
    kept.say("a", "Hello.", ms(200))
    kept.due(0)
    kept.forget_played()
    kept.say("b", "Hello.", ms(200))
    kept.due(300)
    assert kept.played(1_000) == []


def test_what_was_cut_off_and_what_was_never_begun_can_be_said_again(playback: Playback) -> None:
    for name in ("one", "two", "three"):
        playback.say(name, f"Sentence {name}.", ms(500))
    playback.marked(marks(playback.due(0))[0], 500)
    stopped = playback.interrupt(700)
    assert stopped.whole == "Sentence one."
    assert stopped.unheard == ("two", "three")


def test_how_much_is_still_to_come(playback: Playback) -> None:
    playback.say("long", "A long sentence.", ms(2_000))
    assert playback.remaining_ms(0) == 2_000
    playback.due(0)
    assert playback.remaining_ms(400) == 1_600
    playback.interrupt(400)
    assert playback.remaining_ms(400) == FADE_MS


def test_what_is_being_played_is_known_to_the_sample(playback: Playback) -> None:
    playback.say("one", "One.", ms(300, b"\x11"))
    playback.say("two", "Two.", ms(300, b"\x22"))
    playback.due(1_000)
    assert playback.lately(980, 320) == b"\xff" * 160 + b"\x11" * 160
    assert playback.lately(1_290, 160) == b"\x11" * 80 + b"\x22" * 80
    playback.interrupt(1_400)
    assert playback.lately(1_395, 50)[:41] == b"\x22" * 41, "to the sample where the carrier is cut"
    assert playback.lately(1_400 + FADE_MS, 160) == b"\xff" * 160, "cleared audio is never played"
    assert playback.lately(2_000, 160) == b"\xff" * 160


def test_the_recording_and_the_echo_guard_hear_the_same_track() -> None:
    playback = Playback(Scribe(), keep_played=True)
    playback.say("one", "One.", ms(300, b"\x11"))
    playback.due(1_000)
    assert laid_out(playback.played(1_100))[8_000:] == b"\x11" * 800
    assert playback.lately(1_000, 800) == b"\x11" * 800, "what was taken is still known"
    playback.say("two", "Two.", ms(300, b"\x22"))
    playback.due(60_000)
    assert laid_out(playback.played(60_300))[8_800:10_400] == b"\x11" * 1_600, "kept until it is taken"
    playback.say("three", "Three.", ms(300, b"\x33"))
    playback.due(120_000)
    assert playback.lately(1_000, 2_400) == b"\xff" * 2_400, "taken, and too long ago for an echo"
