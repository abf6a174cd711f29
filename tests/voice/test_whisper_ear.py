"""One utterance through the Whisper ear: windows, retry, gates, words; and a worker with random weights."""

from __future__ import annotations

import itertools
from concurrent.futures import Future

import numpy as np
import pytest
from numpy.typing import NDArray

from models.domain import Choice, Expectation, ExpectationKind, Transcript
from models.errors import RecognitionError
from tests.voice.conftest import Say
from tests.voice.whisper_checkpoints import Shape, checkpoint
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.g711 import Samples
from voice.whisper_batching import OVERLOADED, TIMEOUT, Batcher
from voice.whisper_decoding import Decoded, Job, Request
from voice.whisper_ear import UNSURE, WhisperEar

PIECES = {1: b" I", 2: b" need", 3: b" a", 4: b" re", 5: b"fill", 6: b"."}
CLEAR = Decoded("I need a refill.", -0.3, 0.01, (1, 2, 3, 4, 5, 6), (-0.1, -0.2, -0.1, -0.4, -0.2, -0.1))
DRUG = Expectation(ExpectationKind.DRUG, (Choice("lisinopril", ("lisinopril",)),))


class Words:
    def count(self, text: str) -> int:
        return len(text.split())

    def piece(self, token: int) -> bytes:
        return PIECES[token]


class Loud:
    """A meter that takes anything but silence for a voice."""

    def probability(self, window: Samples) -> float:
        return float(np.abs(window).max() > 0)


class Scripted:
    """A decoding whose results are given; remembers what it was asked for."""

    def __init__(self, *results: Decoded | Exception) -> None:
        self.results = list(results)
        self.asked: list[Request] = []

    def add(self, request: Request) -> Job:
        self.asked.append(request)
        job = Job(0.0, 1)
        job.best.ended = True
        return job

    def advance(self) -> None:
        pass

    def result(self, _job: Job) -> Decoded:
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


def ear_of(scripted: Scripted, **limits: int) -> WhisperEar:
    return WhisperEar(Words(), Batcher(lambda: scripted, **limits), Loud)  # type: ignore[arg-type,return-value]


def pcm(voice_s: float, silence_s: float = 0.0) -> bytes:
    return np.full(int(8_000 * voice_s), 900, np.int16).tobytes() + bytes(int(16_000 * silence_s))


def heard(scripted: Scripted, audio: bytes, expectation: Expectation | None = None) -> Transcript:
    ear = ear_of(scripted)
    ear.begin(expectation or Expectation())
    for at in range(0, len(audio), 1_000):
        ear.feed(audio[at : at + 1_000])
    return ear.finish()


def test_a_clear_text_is_taken_from_a_short_window() -> None:
    scripted = Scripted(CLEAR)
    assert heard(scripted, pcm(2.0), DRUG).text == "I need a refill."
    assert [request.context_s for request in scripted.asked] == [5.0]
    assert scripted.asked[0].limit == 26, "eight tokens a second and ten"
    assert scripted.asked[0].prompt == "My medicine: lisinopril."


def test_a_doubtful_text_is_tried_once_more_at_the_full_window_and_untold() -> None:
    scripted = Scripted(Decoded("no no " * 40, -0.2, 0.0), Decoded("No.", -0.2, 0.0))
    assert heard(scripted, pcm(8.0), DRUG).text == "No."
    assert [request.context_s for request in scripted.asked] == [9.0, 30.0]
    assert scripted.asked[1].prompt == ""


def test_the_prompt_read_off_is_not_believed_until_it_is_heard_without_it() -> None:
    medicines = tuple(Choice(name, (name,)) for name in ("lisinopril", "metformin", "sertraline", "warfarin"))
    told = Expectation(ExpectationKind.DRUG, medicines)
    echo = Decoded("lisinopril, metformin, sertraline, warfarin", -0.1, 0.0)
    assert heard(Scripted(echo, Decoded("The warfarin.", -0.4, 0.0)), pcm(2.0), told).text == "The warfarin."
    assert heard(Scripted(echo, echo), pcm(2.0), told).text == echo.text, "all four were really said"


@pytest.mark.parametrize("average", [-2.0, float("nan")])
def test_a_voice_whose_words_cannot_be_believed_is_a_failure_that_the_dialog_answers(average: float) -> None:
    doubted = Decoded("blah", average, 0.1)
    found = heard(Scripted(doubted, doubted), pcm(2.0))
    assert (found.text, found.failure) == ("", UNSURE)
    assert found.confidence <= 0.1
    assert found.alternatives == ()


def test_a_cough_or_what_whisper_takes_for_silence_is_no_words_and_no_failure() -> None:
    doubted, silent = Decoded("blah", -2.0, 0.1), Decoded("you", -2.0, 0.9)
    for scripted, audio in ((Scripted(doubted, doubted), pcm(0.3)), (Scripted(silent, silent), pcm(2.0))):
        found = heard(scripted, audio)
        assert (found.text, found.failure) == ("", "")


def test_silence_is_not_even_decoded() -> None:
    scripted = Scripted()
    assert heard(scripted, bytes(48_000)) == Transcript("", engine="whisper")
    assert heard(scripted, b"") == Transcript("", engine="whisper")
    assert scripted.asked == []


def test_words_have_confidence_and_share_the_time_of_the_voice() -> None:
    words = heard(Scripted(CLEAR), pcm(2.0, silence_s=0.5)).words
    assert [word.text for word in words] == ["I", "need", "a", "refill."]
    assert words[0].confidence == pytest.approx(np.exp(-0.1))
    assert words[0].start_ms == 0
    assert words[-1].end_ms == pytest.approx(2_000, abs=40)
    assert all(one.end_ms == other.start_ms for one, other in itertools.pairwise(words))


def test_alternatives_are_handed_on() -> None:
    found = heard(Scripted(Decoded("fifteen", -0.3, 0.0, alternatives=("fifty",))), pcm(1.0))
    assert (found.text, found.alternatives) == ("fifteen", ("fifty",))


def test_an_engine_that_fails_is_an_error_of_the_worker_and_the_next_utterance_is_heard() -> None:
    ear = ear_of(Scripted(RuntimeError("out of memory"), CLEAR))
    ear.feed(pcm(1.0))
    with pytest.raises(RecognitionError, match="RuntimeError"):
        ear.finish()
    ear.begin(Expectation())
    ear.feed(pcm(1.0))
    assert ear.finish().text == CLEAR.text


def test_overload_is_an_outcome_of_its_own() -> None:
    ear = ear_of(Scripted(CLEAR), waiting=0)
    ear.feed(pcm(1.0))
    assert ear.finish().failure == OVERLOADED


# --------------------------------------------------------------------------- a worker with random weights


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> EarService:
    path = checkpoint(tmp_path_factory.mktemp("whisper") / "noise.pt", Shape(), 7, loudness=6.0)
    service = EarService(EarConfig("whisper", whisper_model=str(path), decoders=2))
    assert service.load() == "whisper"
    return service


def hear(service: EarService, session: str, audio: bytes) -> Future[Transcript]:
    service.begin(session, DRUG)
    for at in range(0, len(audio), 1_600):
        service.feed(session, audio[at : at + 1_600])
    return service.finish_later(session)


def test_noise_of_random_weights_is_gated_or_at_most_words(service: EarService, say: Say) -> None:
    found = hear(service, "a", say("I need a refill of my lisinopril").tobytes()).result(60)
    assert found.engine == "whisper"
    assert bool(found.text) != (found.failure == UNSURE)
    assert 0 <= found.confidence <= 1


def tone(*hz: float) -> NDArray[np.float64]:
    times = np.arange(4 * 8_000) / 8_000
    return np.asarray(sum(np.sin(2 * np.pi * each * times) for each in hz))


@pytest.mark.parametrize(
    "sound",
    [tone(440, 480), tone(60, 120, 180), np.random.default_rng(2).normal(size=32_000), np.zeros(32_000)],
    ids=["ringback", "hum", "hiss", "silence"],
)
def test_what_is_no_voice_becomes_no_words(service: EarService, sound: NDArray[np.float64]) -> None:
    found = hear(service, "line", (sound * 1_500).astype(np.int16).tobytes()).result(60)
    assert (found.text, found.failure, found.words) == ("", "", ())


def test_more_calls_than_ears_at_once_are_each_heard_as_if_alone(service: EarService, say: Say) -> None:
    clips = [say(text).tobytes() for text in ("yes please", "no thank you", "the first one", "I'm not sure")]
    for number, clip in enumerate(clips):
        service.begin(f"call-{number}", Expectation())
        service.feed(f"call-{number}", clip)
    together = [service.finish_later(f"call-{number}") for number in range(len(clips))]
    for number, (clip, found) in enumerate(zip(clips, together, strict=True)):
        service.begin(f"alone-{number}", Expectation())
        service.feed(f"alone-{number}", clip)
        alone, beside = service.finish(f"alone-{number}"), found.result(30)
        assert (beside.text, beside.alternatives) == (alone.text, alone.alternatives)
        assert beside.failure == alone.failure
        assert beside.confidence == pytest.approx(alone.confidence, abs=1e-4)


def test_dropping_an_utterance_calls_its_decode_off(service: EarService, say: Say) -> None:
    later = hear(service, "gone", say("can I get a refill of my metformin").tobytes() * 4)
    service.drop("gone")
    assert later.cancelled() or later.done()
    assert hear(service, "next", say("yes please").tobytes()).result().failure != TIMEOUT
