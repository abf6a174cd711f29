"""Weights on the disk: which are taken, and what is said about those that will not load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.errors import RecognitionError, SettingsError
from tests.voice.whisper_checkpoints import Shape, checkpoint, network_of, save
from voice.ear_config import EarConfig
from voice.ear_service import EarService, choose_engine
from voice.whisper_weights import find_weights


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "whisper"
    folder.mkdir(parents=True)
    return folder


def test_auto_takes_whisper_only_with_weights_on_the_disk(cache: Path, tmp_path: Path) -> None:
    mine = checkpoint(tmp_path / "mine.pt")
    assert choose_engine(EarConfig()) == "pocketsphinx"
    assert choose_engine(EarConfig(whisper_model="base.en")) == "pocketsphinx"
    assert choose_engine(EarConfig(whisper_model=str(mine))) == "whisper"
    (cache / "base.en.pt").write_bytes(b"x")
    assert find_weights("") == find_weights("base.en") == cache / "base.en.pt"
    assert choose_engine(EarConfig()) == "whisper"


def test_a_folder_or_an_absent_file_is_no_weights(cache: Path, tmp_path: Path) -> None:
    (cache / "tiny.pt").mkdir()
    assert find_weights("tiny") is None
    assert find_weights(str(tmp_path)) is None
    assert find_weights(str(tmp_path / "none.pt")) is None


def no_checkpoint(path: Path) -> None:
    path.write_bytes(b"this is no checkpoint")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut_short(path: Path) -> None:
    data = checkpoint(path).read_bytes()
    path.write_bytes(data[: len(data) // 2])


def a_list(path: Path) -> None:
    torch.save([1, 2, 3], path)


def another_network(path: Path) -> None:
    torch.save(torch.nn.Linear(3, 3).state_dict(), path)


def other_weights(path: Path) -> None:
    network = network_of(Shape(), 1)
    torch.save({"dims": vars(network.dims), "model_state_dict": torch.nn.Linear(3, 3).state_dict()}, path)


def other_layers(path: Path) -> None:
    network = network_of(Shape(), 1)
    dims = vars(network.dims) | {"n_text_layer": 3}
    torch.save({"dims": dims, "model_state_dict": network.state_dict()}, path)


def unknown_dims(path: Path) -> None:
    torch.save({"dims": {"n_mels": 80}, "model_state_dict": {}}, path)


def forty_mels(path: Path) -> None:
    checkpoint(path, replace(Shape(), mels=40))


def small_vocabulary(path: Path) -> None:
    checkpoint(path, replace(Shape(), vocabulary=100))


def no_numbers(path: Path) -> None:
    network = network_of(Shape(), 1)
    torch.nn.init.constant_(network.decoder.ln.weight, float("nan"))
    save(network, path)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (no_checkpoint, "damaged, cut short"),
        (empty, "damaged, cut short"),
        (cut_short, "damaged, cut short"),
        (a_list, "no 'dims'"),
        (another_network, "no 'dims'"),
        (other_weights, "do not fit"),
        (other_layers, "do not fit"),
        (unknown_dims, "do not fit"),
        (forty_mels, "n_mels=40"),
        (small_vocabulary, "n_vocab=100"),
        (no_numbers, "not numbers"),
    ],
)
def test_a_file_that_is_no_whisper_is_named_with_its_fault_and_a_fix(
    spoil: Callable[[Path], None], problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "wrong.pt"
    spoil(path)
    with pytest.raises(RecognitionError, match=r"wrong\.pt") as error:
        EarService(EarConfig("whisper", whisper_model=str(path))).load()
    assert problem in str(error.value)
    assert "fetch-speech" in error.value.fix or "WHISPER_MODEL" in error.value.fix


def test_a_precision_that_does_not_exist_is_named(tmp_path: Path) -> None:
    config = EarConfig("whisper", whisper_model=str(checkpoint(tmp_path / "a.pt")), precision="fp8")
    with pytest.raises(SettingsError, match="WHISPER_PRECISION is 'fp8'"):
        EarService(config).load()
