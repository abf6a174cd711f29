"""Speech: the pyttsx3 worker, the engine in this process, the cache, and what happens when they fail."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import SynthesisError, WorkerError
from tests.voice.conftest import Say
from voice import espeak, g711, pyttsx
from voice.g711 import Samples
from voice.loudness import frame_levels, speech_level_dbfs
from voice.mouth import Mouth, MouthConfig, MouthService

SENTENCES = ("One moment please.", "I have Tuesday at two twenty with Doctor Chen.", "Is that right?")

_service: MouthService | None = None


def in_worker(said: str) -> bytes:
    """pyttsx3 needs a process of its own."""
    global _service
    if _service is None:
        _service = MouthService(MouthConfig())
        _service.load()
    return _service.render(said)


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

    async def __call__(self, method: str, *args: object) -> Any:
        self.asked.append(args[0])
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
