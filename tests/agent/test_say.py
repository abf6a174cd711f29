"""`firstring say`: figures as they are said, every engine, and one clear line for what cannot be done."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from agent.say import run
from agent.settings import Settings
from models.errors import FirstringError, SettingsError, SynthesisError
from voice import espeak, flite


def said(folder: Path, text: str, voice: str = "espeak") -> bytes:
    """The samples it writes."""
    run(Settings(voice=voice), text, folder / "said.wav")
    with wave.open(str(folder / "said.wav")) as clip:
        assert (clip.getnchannels(), clip.getsampwidth(), clip.getframerate()) == (1, 2, 8_000)
        frames: bytes = clip.readframes(clip.getnframes())
    return frames


@pytest.fixture(autouse=True)
def engines() -> None:
    if not espeak.available():
        pytest.skip("libespeak-ng is not installed")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Take 10 mg twice a day.", "Take ten milligrams twice a day."),
        ("On 11/26/2026 at 2:05 pm.", "On November twenty sixth, twenty twenty six at two oh five p m."),
        ("Dr. Chen is in. Call again.", "Doctor Chen is in. Call again."),
        ("Take 1 tab PO BID.", "Take one tablet by mouth twice a day."),
    ],
)
def test_figures_are_said_as_a_person_says_them(written: str, spoken: str, tmp_path: Path) -> None:
    if not flite.installed():
        pytest.skip("flite is not installed: its diphone voice says the same text to the sample alike")
    assert said(tmp_path, written, "flite:kal16") == said(tmp_path, spoken, "flite:kal16")


def test_a_long_text_is_said_to_its_end_in_the_voice_that_was_asked_for(tmp_path: Path) -> None:
    if not flite.installed():
        pytest.skip("flite is not installed")
    once, often = (said(tmp_path, "Doctor Chen has an opening. " * count, "flite:kal16") for count in (1, 20))
    assert often == once * 20


@pytest.mark.parametrize("text", ["", " ... ", "?!"])
def test_nothing_to_say_is_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no words"):
        run(Settings(), text, tmp_path / "said.wav")
    assert not (tmp_path / "said.wav").exists()


@pytest.mark.parametrize(
    ("voice", "says"),
    [
        ("klingonese", "klingonese"),
        ("flite:nobody", "no voice 'nobody'"),
        ("piper:none.onnx", "piper"),
    ],
)
def test_a_voice_that_cannot_speak_is_named_and_no_other_steps_in(
    voice: str, says: str, tmp_path: Path
) -> None:
    if voice.startswith("flite") and not flite.installed():
        pytest.skip("flite is not installed")
    with pytest.raises(SynthesisError, match=says) as refused:
        run(Settings(voice=voice), "Hello.", tmp_path / "said.wav")
    assert "VOICE" in refused.value.fix
    assert not (tmp_path / "said.wav").exists()


@pytest.mark.parametrize("name", ["nowhere/said.wav", "."])
def test_a_file_that_cannot_be_written_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(FirstringError, match="cannot be written") as refused:
        run(Settings(), "Hello.", tmp_path / name)
    assert "folder" in refused.value.fix
