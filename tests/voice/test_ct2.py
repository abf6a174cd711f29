"""CTranslate2 over the same random weights: the texts of our own decode, the same ears over it, its files."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from models.domain import Expectation, Transcript
from models.errors import RecognitionError, SettingsError
from tests.voice.conftest import Say
from tests.voice.test_whisper_decoding import PROMPTS, SHAPES, first_logits, sounds
from tests.voice.whisper_checkpoints import MULTILINGUAL, Shape, checkpoint
from voice.ct2_conversion import converted
from voice.ct2_decoding import Ct2Decoding
from voice.ct2_model import Ct2Model
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.whisper_decoding import Decoded, Request, decode
from voice.whisper_ear import CTRANSLATE2, UNSURE
from voice.whisper_model import WhisperModel

CLOSE = 1e-4
WINDOWS_S = (5.0, 5.0, 6.0, 5.0, 30.0)


def by_ctranslate2(model: Ct2Model, *requests: Request, alternatives: int = 0) -> list[Decoded]:
    decoding = Ct2Decoding(model, alternatives)
    jobs = [decoding.add(request) for request in requests]
    while not all(job.done for job in jobs):
        decoding.advance()
    return [decoding.result(job) for job in jobs]


def said_alike(ours: Decoded, theirs: Decoded) -> bool:
    """Text and alternatives; other hardware may round a tie the other way."""
    return (ours.tokens, ours.alternatives) == (theirs.tokens, theirs.alternatives)


def assert_same(ours: Decoded, theirs: Decoded) -> None:
    assert theirs.tokens == ours.tokens
    assert theirs.text == ours.text
    assert theirs.alternatives == ours.alternatives
    assert theirs.logged == pytest.approx(ours.logged, abs=CLOSE)
    assert theirs.average_log_probability == pytest.approx(ours.average_log_probability, abs=CLOSE)
    assert theirs.no_speech == pytest.approx(ours.no_speech, abs=1e-6)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("loudness", "ends"), [(1.0, 1.0), (6.0, 5.0)], ids=["long", "ended"])
def test_the_converted_weights_say_the_same(
    shape: Shape, loudness: float, ends: float, tmp_path: Path
) -> None:
    """6 shapes x 2 kinds of weights x 5 sounds: 60 pairs, with prompts, alternatives and short windows."""
    path = checkpoint(tmp_path / "random.pt", shape, 3, loudness=loudness, ends=ends)
    ours, theirs = WhisperModel(path), Ct2Model(path)
    texts, alike = set(), 0
    for at, audio in enumerate(sounds(7, 5)):
        request = Request(audio, PROMPTS[at % 3], WINDOWS_S[at], 24)
        expected = decode(ours, request, alternatives=2)
        found = by_ctranslate2(theirs, request, alternatives=2)[0]
        if said_alike(expected, found):
            assert_same(expected, found)
            alike += 1
        texts.add(expected.tokens)
    assert alike >= 4, "one tie at most"
    assert len(texts) > 2, "degenerate weights: the audio changes nothing"


# --------------------------------------------------------------------------- several at once


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shape = Shape(width=48, heads=3, layers=2, text_layers=2)
    return checkpoint(tmp_path_factory.mktemp("whisper") / "noise.pt", shape, 11, loudness=6.0, ends=4.0)


@pytest.fixture(scope="module")
def model(weights: Path) -> Ct2Model:
    return Ct2Model(weights)


def test_utterances_of_all_kinds_are_decoded_as_if_alone(model: Ct2Model) -> None:
    kinds = [(5.0, "", 20), (5.0, "", 3), (7.0, "", 20), (5.0, PROMPTS[1], 12), (5.0, PROMPTS[1], 1)]
    requests = [
        Request(audio, prompt, window_s, limit)
        for audio, (window_s, prompt, limit) in zip(sounds(2, 5), kinds, strict=True)
    ]
    together = by_ctranslate2(model, *requests, alternatives=2)
    for request, beside in zip(requests, together, strict=True):
        assert_same(by_ctranslate2(model, request, alternatives=2)[0], beside)
        assert len(beside.tokens) <= request.limit


def test_an_utterance_called_off_is_not_decoded_and_the_others_are(model: Ct2Model) -> None:
    one, other = (Request(audio, "", 5.0, 9) for audio in sounds(4, 2))
    decoding = Ct2Decoding(model)
    gone, kept = decoding.add(one), decoding.add(other)
    decoding.drop(gone)
    decoding.advance()
    assert not gone.done
    assert_same(by_ctranslate2(model, other)[0], decoding.result(kept))


def test_a_text_never_outgrows_the_network(model: Ct2Model) -> None:
    endless = Request(sounds(1, 1)[0], PROMPTS[2], 5.0, 10_000)
    assert 1 <= len(by_ctranslate2(model, endless)[0].tokens) <= 448


def _has_vnni() -> bool:
    cpu = Path("/proc/cpuinfo")
    return not cpu.exists() or "vnni" in cpu.read_text()


def test_int8_stays_near(weights: Path) -> None:
    """On random weights: the first token's logits, against those of fp32.

    A processor without VNNI adds in 16 bits, which saturate:
    there the difference was 0.236, with it 0.15 at most.
    """
    exact, rough = WhisperModel(weights), Ct2Model(weights, precision="int8")
    assert rough.network.compute_type.startswith("int8")
    request = Request(sounds(9, 1)[0], PROMPTS[1], 5.0, 12)
    decoding = Ct2Decoding(rough)
    job = decoding.add(request)
    result = decoding._generate(rough.features(job.mel), [job.before], 1)[0]
    other, one = np.array(result.logits[0][0]), first_logits(exact, request).numpy()
    spoken = [token for token in range(len(one)) if other[token] > -1e30]
    difference = np.abs(one - other)[spoken]
    assert 0 < difference.mean() / one[spoken].std() < (0.15 if _has_vnni() else 0.3)


# --------------------------------------------------------------------------- the ears over it


@pytest.fixture(scope="module")
def service(weights: Path) -> EarService:
    service = EarService(EarConfig("ctranslate2", whisper_model=str(weights), decoders=2))
    assert service.load() == CTRANSLATE2
    return service


def test_calls_beside_one_another_are_heard_each_as_if_alone(service: EarService, say: Say) -> None:
    clips = [say(text).tobytes() for text in ("yes please", "no thank you", "the first one", "I'm not sure")]
    for number, clip in enumerate(clips):
        service.begin(f"call-{number}", Expectation())
        service.feed(f"call-{number}", clip)
    together = [service.finish_later(f"call-{number}").result(30) for number in range(len(clips))]
    for number, (clip, beside) in enumerate(zip(clips, together, strict=True)):
        service.begin(f"alone-{number}", Expectation())
        service.feed(f"alone-{number}", clip)
        alone = service.finish(f"alone-{number}")
        assert (beside.text, beside.alternatives, beside.failure) == (
            alone.text,
            alone.alternatives,
            alone.failure,
        )
        assert alone.engine == CTRANSLATE2
        assert bool(alone.text) != (alone.failure == UNSURE), "the gates of Whisper's ears"


def test_what_is_no_voice_is_not_decoded(service: EarService) -> None:
    service.begin("line", Expectation())
    service.feed("line", bytes(48_000))
    assert service.finish("line") == Transcript("", engine=CTRANSLATE2)


# --------------------------------------------------------------------------- the converted files


def forms(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.ct2-*"))


def test_the_conversion_is_made_once_and_again_when_the_weights_change(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "random.pt", seed=1)
    first = converted(path)
    made = (first / "model.bin").stat().st_mtime_ns
    assert converted(path) == first
    assert (first / "model.bin").stat().st_mtime_ns == made
    checkpoint(path, Shape(vocabulary=MULTILINGUAL), seed=2)
    second = converted(path)
    assert second != first
    assert forms(tmp_path) == [second], "the old form is gone, and nothing half made is left"


@pytest.mark.parametrize("name", ["model.bin", "config.json", "vocabulary.json"])
def test_a_damaged_form_is_made_anew(name: str, tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "random.pt")
    damaged = converted(path) / name
    damaged.write_bytes(damaged.read_bytes()[:100])
    assert Ct2Model(path).start == WhisperModel(path).start
    assert damaged.stat().st_size > 100


def test_a_form_that_cannot_be_written_names_folder_and_fix(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "random.pt")
    folder = converted(path)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.write_text("in the way")
    with pytest.raises(RecognitionError, match=r"random\.pt cannot be converted") as refused:
        Ct2Model(path)
    assert str(tmp_path) in refused.value.fix
    assert forms(tmp_path) == [folder], "nothing half made is left"


def test_a_corrupt_checkpoint_is_named_as_with_whisper(tmp_path: Path) -> None:
    path = tmp_path / "base.en.pt"
    path.write_bytes(b"half of a download")
    with pytest.raises(RecognitionError, match=r"base\.en\.pt is not a Whisper checkpoint"):
        Ct2Model(path)
    with pytest.raises(RecognitionError, match=r"base\.en\.pt cannot be read"):
        converted(tmp_path / "nowhere" / "base.en.pt")


def test_bf16_is_refused_with_what_there_is(weights: Path) -> None:
    with pytest.raises(SettingsError, match="bf16") as refused:
        Ct2Model(weights, precision="bf16")
    assert "fp32 or int8" in refused.value.fix


def test_without_the_extra_the_error_says_how_to_get_it(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)  # Python's way to say: not importable
    with pytest.raises(RecognitionError, match="ctranslate2 is missing") as refused:
        EarService(EarConfig("ctranslate2", whisper_model=str(weights))).load()
    assert "pip install ctranslate2" in refused.value.fix
