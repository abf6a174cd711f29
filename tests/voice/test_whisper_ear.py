"""The Whisper path on random weights: loading, decoding and gates. It says nothing about accuracy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.domain import Choice, Expectation, ExpectationKind, Transcript
from models.errors import RecognitionError
from voice.ear_config import EarConfig
from voice.ear_service import EarService, choose_engine
from voice.whisper_ear import Decoded, WhisperEar, find_weights


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    model = pytest.importorskip("whisper.model")
    torch.set_num_threads(1)
    torch.manual_seed(5)
    dims = model.ModelDimensions(80, 1_500, 32, 2, 1, 51_864, 448, 32, 2, 1)
    path = tmp_path_factory.mktemp("whisper") / "tiny-random.pt"
    network = model.Whisper(dims)
    torch.nn.init.normal_(network.decoder.positional_embedding)  # the package leaves it unset
    torch.save({"dims": vars(dims), "model_state_dict": network.state_dict()}, path)
    return path


def test_random_weights_load_and_survive_an_utterance(checkpoint: Path) -> None:
    service = EarService(EarConfig("whisper", whisper_model=str(checkpoint)))
    assert service.load() == "whisper"
    expectation = Expectation(kind=ExpectationKind.DRUG, choices=(Choice("lisinopril", ("lisinopril",)),))
    service.begin("a", expectation)
    service.feed("a", np.random.default_rng(4).integers(-3_000, 3_000, 16_000).astype(np.int16).tobytes())
    found = service.finish("a")
    assert found.engine == "whisper"
    assert found.failure == ""
    assert 0 <= found.confidence <= 1


class Scripted:
    """A model whose results are given; remembers the windows it was asked for."""

    def __init__(self, *results: Decoded) -> None:
        self.results = list(results)
        self.windows: list[float] = []

    def decode(self, audio: object, prompt: str, context_s: float) -> Decoded:
        del audio, prompt
        self.windows.append(context_s)
        return self.results.pop(0)


def heard(model: Scripted, seconds: float = 2.0) -> Transcript:
    ear = WhisperEar(model)  # type: ignore[arg-type]
    ear.begin(Expectation())
    ear.feed(bytes(int(seconds * 16_000)))
    return ear.finish()


def test_a_clear_result_is_taken_from_a_short_window() -> None:
    model = Scripted(Decoded("I need a refill.", -0.3, 0.01))
    assert heard(model).text == "I need a refill."
    assert model.windows == [5.0]


def test_a_doubtful_result_is_tried_once_more_at_the_full_window() -> None:
    model = Scripted(Decoded("no no " * 40, -0.2, 0.0), Decoded("No.", -0.2, 0.0))
    assert heard(model, 8.0).text == "No."
    assert model.windows == [9.0, 30.0]


def test_two_doubtful_results_are_no_words() -> None:
    found = heard(Scripted(Decoded("blah", -2.0, 0.1), Decoded("blah", -2.0, 0.1)))
    assert (found.text, found.failure) == ("", "")
    assert found.confidence <= 0.1


def test_weights_that_give_no_numbers_are_no_words() -> None:
    nothing = Decoded("!!!", float("nan"), 0.0)
    found = heard(Scripted(nothing, nothing))
    assert (found.text, found.confidence) == ("", 0.0)


def test_auto_takes_whisper_only_with_weights_on_the_disk(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert choose_engine(EarConfig()) == "pocketsphinx"
    assert choose_engine(EarConfig(whisper_model="base.en")) == "pocketsphinx"
    assert choose_engine(EarConfig(whisper_model=str(checkpoint))) == "whisper"
    (tmp_path / "whisper").mkdir()
    (tmp_path / "whisper" / "base.en.pt").write_bytes(b"x")
    assert find_weights("") == tmp_path / "whisper" / "base.en.pt"
    assert choose_engine(EarConfig()) == "whisper"


def test_a_broken_checkpoint_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"this is no checkpoint")
    with pytest.raises(RecognitionError, match=r"broken\.pt"):
        EarService(EarConfig("whisper", whisper_model=str(broken))).load()
