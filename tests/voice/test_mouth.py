"""Speech: the pyttsx3 worker, the engine in this process, the cache, and what happens when they fail."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dialog
from models.domain import Language, Pace
from models.errors import SynthesisError, WorkerError
from tests.dialog.calls import PRACTICE
from tests.hanging import threads_hang
from tests.voice.conftest import Say
from voice import espeak, flite, g711, pyttsx
from voice.g711 import Samples
from voice.loudness import for_the_line, frame_levels, speech_level_dbfs
from voice.mouth import Mouth, MouthConfig, MouthService
from voice.normalise import for_the_ear
from voice.recorded import Recorded, prompt

SENTENCES = ("One moment please.", "I have Tuesday at two twenty with Doctor Chen.", "Is that right?")

_service: MouthService | None = None


class Failing:
    def say(self, text: str, stretch: float) -> list[object]:
        raise RuntimeError("on purpose")


class Silent:
    def say(self, text: str, stretch: float) -> list[object]:
        return []


def in_worker(said: str, pace: Pace = Pace.NORMAL) -> bytes:
    """pyttsx3 needs a process of its own."""
    global _service
    if _service is None:
        _service = MouthService(MouthConfig())
        _service.load()
    return _service.render(said, pace)


@pytest.fixture(scope="module")
def worker() -> Iterator[ProcessPoolExecutor]:
    if not espeak.available():
        pytest.skip("libespeak-ng is not installed")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield pool


class CountingRemote:
    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.asked: list[object] = []
        self.paces: list[object] = []

    async def __call__(self, method: str, *args: object) -> Any:
        self.asked.append(args[0])
        self.paces.append(args[1])
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def likeness(one: Samples, other: Samples) -> float:
    """Correlation of the two loudness curves, 20 ms a step (espeak-ng starts at a free phase)."""
    levels = [frame_levels(samples) for samples in (one, other)]
    same = min(level.size for level in levels)
    return float(np.corrcoef(levels[0][:same], levels[1][:same])[0, 1])


async def test_both_ways_of_speaking_sound_the_same(worker: ProcessPoolExecutor) -> None:
    for sentence in SENTENCES:
        slow = g711.decode(worker.submit(in_worker, sentence).result(30))
        quick = g711.decode(await Mouth(None).render(sentence, first=True))
        assert abs(slow.size - quick.size) <= 80  # 10 ms
        assert likeness(slow, quick) > 0.97


def test_many_jobs_in_the_worker_are_all_whole_and_equal(worker: ProcessPoolExecutor) -> None:
    rendered = [worker.submit(in_worker, SENTENCES[1]) for _ in range(12)]
    lengths = {len(job.result(30)) for job in rendered}
    assert max(lengths) - min(lengths) <= 80  # the engine's own phase is free


async def test_speech_has_one_level_and_begins_at_once() -> None:
    for sentence in SENTENCES:
        samples = g711.decode(await Mouth(None).render(sentence))
        assert speech_level_dbfs(samples) == pytest.approx(-20, abs=1.5)
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 600)
        assert loud[0] / 8 < 60
        assert (samples.size - loud[-1]) / 8 < 150


async def test_what_is_kept_of_sentences_is_bounded_and_what_is_asked_for_again_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("voice.mouth._KEPT_BYTES", 30)
    remote = CountingRemote(b"ten bytes.")
    mouth = Mouth(remote)
    for text in ("One.", "Two.", "Three.", "One.", "Four.", "One.", "Two."):
        await mouth.render(text)
    assert remote.asked == [for_the_ear(each) for each in ("One.", "Two.", "Three.", "Four.", "Two.")]
    assert sum(map(len, mouth._cache.values())) == mouth._cached_bytes == 30


async def test_what_hangs_in_the_processs_other_threads_does_not_silence_the_agent() -> None:
    """The disk of recordings, say: the event loop has a handful of threads for all that."""
    mouth = Mouth(None)
    async with threads_hang():
        assert await mouth.render("One moment please.", first=True)
        assert await mouth.render("Un momento, por favor.", language=Language.SPANISH)


async def test_fixed_prompts_are_rendered_once_by_the_worker() -> None:
    remote = CountingRemote(b"prompt")
    mouth = Mouth(remote)
    assert await mouth.warm([*SENTENCES, SENTENCES[0]]) == 3
    assert await mouth.render(SENTENCES[0], first=True) == b"prompt"
    assert len(remote.asked) == 3


async def test_a_new_first_sentence_does_not_wait_for_the_worker() -> None:
    remote = CountingRemote(b"from the worker")
    mouth = Mouth(remote)
    first = await mouth.render("Hello Maria.", first=True)
    assert remote.asked == []
    assert await mouth.render("Hello Maria.") == first
    assert await mouth.render("How can I help you?") == b"from the worker"


@pytest.mark.parametrize("failure", [WorkerError("gone"), SynthesisError("no audio")])
async def test_without_its_worker_the_process_speaks_itself(failure: Exception) -> None:
    mouth = Mouth(CountingRemote(failure))
    assert len(await mouth.render("How can I help you?")) > 4_000


GROUPS = "Your number is six one seven, five five five, zero one two three."


def test_a_slow_sentence_takes_longer_and_rests_longer_between_groups(worker: ProcessPoolExecutor) -> None:
    for speak in (rendered_here, lambda said, pace: worker.submit(in_worker, said, pace).result(30)):
        lengths = [len(speak(GROUPS, pace)) for pace in Pace]
        assert lengths[0] * 1.15 < lengths[1] < lengths[2] / 1.08
        rests = [longest_rest(g711.decode(speak(GROUPS, pace))) for pace in Pace]
        assert rests[0] < rests[1] < rests[2]


def rendered_here(said: str, pace: Pace) -> bytes:
    return asyncio.run(Mouth(None).render(said, pace=pace))


def longest_rest(samples: Samples) -> int:
    """Frames of the longest silence inside a sentence."""
    levels = frame_levels(samples)
    quiet = "".join("q" if level < levels.max() / 50 else "s" for level in levels).strip("q")
    return max(len(rest) for rest in quiet.split("s"))


def test_slow_sounds_the_same_from_both_ways_of_speaking(worker: ProcessPoolExecutor) -> None:
    slow = g711.decode(worker.submit(in_worker, GROUPS, Pace.SLOW).result(30))
    quick = g711.decode(rendered_here(GROUPS, Pace.SLOW))
    assert abs(slow.size - quick.size) <= 80
    assert likeness(slow, quick) > 0.97


async def test_a_pace_has_recordings_of_its_own() -> None:
    remote = CountingRemote(b"prompt")
    mouth = Mouth(remote)
    await mouth.warm([SENTENCES[0]])
    await mouth.render(SENTENCES[0], pace=Pace.SLOW)
    await mouth.render(SENTENCES[0], pace=Pace.SLOW)
    assert await mouth.render(SENTENCES[0]) == b"prompt"
    assert remote.paces == [Pace.NORMAL, Pace.SLOW]


async def test_flite_slows_down_too(say: Say) -> None:
    del say  # skips without flite
    mouth = Mouth(None, MouthConfig(voice="flite:rms"))
    lengths = [len(await mouth.render(GROUPS, pace=pace)) for pace in Pace]
    assert lengths[0] * 1.15 < lengths[1] < lengths[2]


@dataclass
class HummedChunk:
    """A stand-in for a neural voice's output: a hum, longer when it is stretched."""

    stretch: float
    sample_rate: int = 22_050

    @property
    def audio_int16_bytes(self) -> bytes:
        times = np.arange(int(self.sample_rate * self.stretch / 2)) / self.sample_rate
        return (3_000 * np.sin(2 * np.pi * 200 * times)).astype(np.int16).tobytes()


class Hummer:
    def say(self, text: str, stretch: float) -> list[HummedChunk]:
        return [HummedChunk(stretch) for sentence in text.split(".") if sentence.strip()]


PIPER = MouthConfig(voice="piper:some/voice.onnx")


def test_piper_speaks_at_the_same_level_and_slows_down() -> None:
    service = MouthService(PIPER, lambda _model: Hummer())
    assert service.load() == "piper:some/voice.onnx"
    usual, slow = service.render("One. Two."), service.render("One. Two.", Pace.SLOW)
    assert speech_level_dbfs(g711.decode(usual)) == pytest.approx(-20, abs=0.5)
    assert len(slow) == pytest.approx(len(usual) * 1.25, rel=0.03)


@pytest.mark.parametrize("voice", [Failing(), Silent()], ids=["raises", "silent"])
def test_a_piper_that_fails_is_a_named_error(voice: object) -> None:
    service = MouthService(PIPER, lambda _model: voice)  # type: ignore[arg-type,return-value]
    with pytest.raises(SynthesisError, match="piper"):
        service.render("One.")


def test_without_piper_or_its_voice_the_fix_is_named(tmp_path: Path) -> None:
    with pytest.raises(SynthesisError, match="piper") as refused:
        MouthService(MouthConfig(voice=f"piper:{tmp_path}/none.onnx")).load()
    assert "VOICE" in refused.value.fix


async def test_while_a_piper_worker_is_down_espeak_speaks() -> None:
    mouth = Mouth(CountingRemote(WorkerError("gone")), PIPER)
    spoken, usual = await mouth.render(SENTENCES[1]), await Mouth(None).render(SENTENCES[1])
    assert likeness(g711.decode(spoken), g711.decode(usual)) > 0.97


EVERY_NTH = {"espeak": 1, "flite:kal16": 2, "flite:rms": 25, "flite:slt": 25}  # the last two take their time


@pytest.mark.parametrize("engine", EVERY_NTH)
def test_every_engine_speaks_at_one_level_without_clipping(engine: str) -> None:
    """Over what is really said on calls: 224 sentences by espeak, 112 by flite's quick voice."""
    if engine.startswith("flite") and not flite.installed():
        pytest.skip("flite is not installed")
    sentences = dialog.fixed_sentences(PRACTICE)[:: EVERY_NTH[engine]]
    assert len(sentences) >= (100 if EVERY_NTH[engine] <= 2 else 8)
    for sentence in sentences:
        assert_level(spoken_by(engine, sentence), sentence)


def test_recorded_prompts_have_the_same_level() -> None:
    for name in Recorded:
        assert_level(prompt(name), name)


def assert_level(mulaw: bytes, said: str) -> None:
    """-20 dBFS while there is speech, no clipping (mu-law itself ends at 32,124), no click at the ends."""
    samples = g711.decode(mulaw)
    assert speech_level_dbfs(samples) == pytest.approx(-20, abs=1.0), said
    assert np.abs(samples.astype(np.int32)).max() < 32_124, said
    assert abs(int(samples[0])) <= 8, said
    assert abs(int(samples[-1])) <= 8, said


def spoken_by(engine: str, sentence: str) -> bytes:
    said = for_the_ear(sentence)
    if engine == "espeak":
        return for_the_line(espeak.synthesize(said), espeak.ESPEAK_HZ)
    return for_the_line(*flite.synthesize(said, engine.removeprefix("flite:")))


async def test_nothing_to_say_is_no_audio() -> None:
    assert await Mouth(None).render(" ... ") == b""


async def test_an_unknown_voice_is_a_named_error() -> None:
    with pytest.raises(SynthesisError, match="no-such-voice"):
        await Mouth(None, MouthConfig(voice="no-such-voice")).render("Hello.")


async def test_another_voice_where_flite_is_installed(say: Say) -> None:
    del say  # skips without flite
    rms = await Mouth(None, MouthConfig(voice="flite:rms")).render("Is that right?")
    assert rms != await Mouth(None).render("Is that right?")
    assert speech_level_dbfs(g711.decode(rms)) == pytest.approx(-20, abs=1.5)


def test_a_missing_empty_or_short_file_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "sentence.wav"
    assert pyttsx.read_whole(path, "hello") is None
    path.write_bytes(b"")
    assert pyttsx.read_whole(path, "hello") is None
    import wave

    with wave.open(str(path), "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(22_050)
        clip.writeframes(np.full(2_205, 500, np.int16).tobytes())
    assert pyttsx.read_whole(path, "a whole long sentence") is None
    assert pyttsx.read_whole(path, "hi") is not None


async def test_a_worker_that_failed_is_not_waited_for_at_every_sentence() -> None:
    remote = CountingRemote(WorkerError("gone"))
    mouth = Mouth(remote)
    for sentence in SENTENCES:
        assert len(await mouth.render(sentence)) > 4_000
    assert len(remote.asked) == 1


async def test_a_process_that_is_started_again_finds_its_prompts(tmp_path: Path) -> None:
    first, again, other = (CountingRemote(b"prompt") for _ in range(3))
    await Mouth(first, prompts=tmp_path / "prompts").warm(SENTENCES)
    mouth = Mouth(again, prompts=tmp_path / "prompts")
    assert await mouth.warm(SENTENCES) == 3
    assert await mouth.render(SENTENCES[0], first=True) == b"prompt"
    assert again.asked == []
    await Mouth(other, MouthConfig(rate_wpm=120), tmp_path / "prompts").warm(SENTENCES)
    assert len(other.asked) == 3, "another rate is another prompt"


async def test_a_disk_that_refuses_prompts_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "prompts").write_text("a file where the folder should be")
    assert await Mouth(CountingRemote(b"prompt"), prompts=tmp_path / "prompts").warm(SENTENCES) == 3
