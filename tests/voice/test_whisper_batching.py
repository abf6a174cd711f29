"""Several calls' utterances in one worker: bounded queue, time limits, one failure harms no other."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
import torch

from models.errors import RecognitionError
from tests.voice.test_whisper_decoding import sounds
from tests.voice.whisper_checkpoints import Shape, checkpoint
from voice.whisper_batching import OVERLOADED, TIMEOUT, Batcher, NotDecoded
from voice.whisper_decoding import Decoded, Decoding, Job, Request, decode
from voice.whisper_model import WhisperModel


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> WhisperModel:
    return WhisperModel(checkpoint(tmp_path_factory.mktemp("whisper") / "random.pt", Shape(), 3))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class ByHand(Batcher):
    """A batcher without its thread: the test says when it works."""

    def _run(self) -> None:
        return

    def until_done(self, *futures: Future[Decoded]) -> None:
        while not all(future.done() for future in futures):
            self.work()


def request(seed: int, limit: int = 8) -> Request:
    return Request(sounds(seed, 1, 1.0)[0], "", 5.0, limit)


def test_what_waits_together_is_decoded_together_with_the_same_words(model: WhisperModel) -> None:
    batcher = ByHand(lambda: Decoding(model), rows=3)
    requests = [request(seed, limit) for seed, limit in ((1, 9), (2, 3), (3, 12), (4, 5), (5, 7))]
    futures = [batcher.submit(each) for each in requests]
    batcher.work()
    assert len(batcher._active) == 3
    batcher.until_done(*futures)
    for each, future in zip(requests, futures, strict=True):
        assert future.result().tokens == decode(model, each).tokens


def test_the_thread_works_by_itself(model: WhisperModel) -> None:
    batcher = Batcher(lambda: Decoding(model))
    futures = [batcher.submit(request(seed)) for seed in range(6)]
    assert [len(future.result(30).tokens) for future in futures] == [8] * 6


def test_a_full_queue_refuses_at_once(model: WhisperModel) -> None:
    batcher = ByHand(lambda: Decoding(model), rows=1, waiting=2)
    accepted = [batcher.submit(request(seed)) for seed in (1, 2)]
    refused = batcher.submit(request(3))
    with pytest.raises(NotDecoded) as problem:
        refused.result()
    assert problem.value.failure == OVERLOADED
    batcher.until_done(*accepted)
    assert [len(future.result().tokens) for future in accepted] == [8, 8]


def test_an_utterance_whose_time_is_over_is_given_up_wherever_it_is(model: WhisperModel) -> None:
    clock = Clock()
    batcher = ByHand(lambda: Decoding(model), rows=2, now_s=clock)
    late, in_time, queued = (
        batcher.submit(request(seed, 40), limit) for seed, limit in ((1, 2.0), (2, 9.0), (3, 3.0))
    )
    batcher.work()
    clock.now = 3.0
    batcher.until_done(late, in_time, queued)
    for future in (late, queued):
        with pytest.raises(NotDecoded) as problem:
            future.result()
        assert problem.value.failure == TIMEOUT
    assert in_time.result().tokens == decode(model, request(2, 40)).tokens


def test_one_called_off_makes_room(model: WhisperModel) -> None:
    batcher = ByHand(lambda: Decoding(model), rows=1)
    first, second = batcher.submit(request(1, 400)), batcher.submit(request(2))
    batcher.work()
    assert first.cancel()
    batcher.until_done(second)
    assert second.result().tokens == decode(model, request(2)).tokens


def test_one_that_cannot_even_begin_fails_alone(model: WhisperModel) -> None:
    batcher = ByHand(lambda: Decoding(model))
    broken = Request(torch.zeros(0).numpy()[None], "", 5.0, 8)  # not a row of samples
    good, bad = batcher.submit(request(1)), batcher.submit(broken)
    batcher.until_done(good, bad)
    assert bad.exception() is not None
    assert good.result().tokens == decode(model, request(1)).tokens


class Poisoned(Decoding):
    """Fails in every step while the utterance of 13 tokens is among its rows."""

    def add(self, request: Request) -> Job:
        job = super().add(request)
        job.no_speech = 1.0 if request.limit == 13 else job.no_speech
        return job

    def advance(self) -> None:
        if any(row.job.no_speech == 1.0 for row in self._rows):
            raise MemoryError
        super().advance()


def test_a_row_that_breaks_the_common_step_harms_no_other(model: WhisperModel) -> None:
    batcher = ByHand(lambda: Poisoned(model))
    one, poison, other = (batcher.submit(request(seed, limit)) for seed, limit in ((1, 9), (2, 13), (3, 6)))
    batcher.until_done(one, poison, other)
    assert isinstance(poison.exception(), MemoryError)
    assert one.result().tokens == decode(model, request(1, 9)).tokens
    assert other.result().tokens == decode(model, request(3, 6)).tokens
    after = batcher.submit(request(4))
    batcher.until_done(after)
    assert after.result().tokens == decode(model, request(4)).tokens


def test_not_decoded_is_an_error_of_recognition() -> None:
    assert isinstance(NotDecoded(TIMEOUT), RecognitionError)
    assert NotDecoded(TIMEOUT).fix
