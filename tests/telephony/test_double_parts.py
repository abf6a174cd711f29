"""The double's own parts: scripts, sound, and how it reads documents."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.double import Caller, DoubleError, ScriptError, StepKind, parse_script, parse_steps
from telephony.double.carrier import Account
from telephony.double.result import AgentSegment, CallResult
from telephony.double.sound import FRAME_MS, is_audible, read_wav, speech, to_mulaw
from telephony.double.verbs import parse
from telephony.double.wire import Unusable, Wire


def tone(length_s: float, *, rate_hz: int = 8_000, level: float = 8_000.0) -> np.ndarray:
    return (np.sin(np.arange(int(length_s * rate_hz)) * 2 * np.pi * 440 / rate_hz) * level).astype(np.int16)


def write(path: Path, samples: np.ndarray, *, rate_hz: int, width: int = 2, channels: int = 1) -> Path:
    wide = samples.astype(np.int32) << 16
    raw = {
        1: ((samples >> 8) + 128).astype(np.uint8).tobytes(),
        2: samples.astype("<i2").tobytes(),
        3: wide.astype("<i4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes(),
        4: wide.astype("<i4").tobytes(),
    }[width]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(raw)
    return path


def test_a_script_is_read_step_by_step(tmp_path: Path) -> None:
    clip = write(tmp_path / "hi: there.wav", tone(0.1), rate_hz=8_000)
    steps = parse_script(
        ["# a caller", "", f"wav:{clip}", " press:12#", "wait:1.5", "say: two: words", "hangup"]
    )
    assert [(step.kind, step.value) for step in steps] == [
        (StepKind.WAV, str(clip)), (StepKind.PRESS, "12#"), (StepKind.WAIT, "1.5"),
        (StepKind.SAY, "two: words"), (StepKind.HANGUP, ""),
    ]  # fmt: skip
    assert str(steps[1]) == "press:12#"


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("shout:hello", "step 2: 'shout:hello' is not a step"),
        ("wav:nowhere.wav", "step 2: wav: there is no file 'nowhere.wav'"),
        ("wav:", "there is no file"),
        ("press:", "keys are"),
        ("press:five", "keys are"),
        ("wait:soon", "seconds"),
        ("wait:-1", "seconds"),
        ("wait:nan", "seconds"),
        ("expect:", "missing"),
        ("expect:(", "not a regular expression"),
        ("say:", "nothing to say"),
        ("sms:", "nothing to say"),
        ("hangup:now", "takes no value"),
    ],
)
def test_a_faulty_step_is_named(step: str, problem: str) -> None:
    with pytest.raises(ScriptError, match=problem.replace("(", r"\(")) as refusal:
        parse_steps(["hangup", step])
    assert "press:KEYS" in refusal.value.fix


def test_a_caller_without_voice_or_ears_is_refused_before_it_rings() -> None:
    with pytest.raises(ScriptError, match="synthesiser"):
        Caller(parse_steps(["say:hello"]))
    with pytest.raises(ScriptError, match="recogniser"):
        Caller(parse_steps(["expect:hello"]))


@pytest.mark.parametrize(
    ("rate_hz", "width"), [(8_000, 1), (8_000, 2), (16_000, 2), (22_050, 3), (48_000, 4)]
)
def test_any_pcm_wav_is_brought_to_the_telephones_rate(tmp_path: Path, rate_hz: int, width: int) -> None:
    path = write(tmp_path / "tone.wav", tone(0.5, rate_hz=rate_hz), rate_hz=rate_hz, width=width)
    samples = read_wav(path)
    assert len(samples) == 4_000
    middle = samples[1_000:3_000].astype(float)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(8_000 / np.sqrt(2), rel=0.03)
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) * 8_000 / 2_000 == pytest.approx(440, abs=4)


def test_stereo_is_mixed(tmp_path: Path) -> None:
    both = np.stack([tone(0.1), -tone(0.1)], axis=1).reshape(-1)
    assert np.abs(read_wav(write(tmp_path / "both.wav", both, rate_hz=8_000, channels=2))).max() <= 1


def test_what_is_no_wav_is_named(tmp_path: Path) -> None:
    path = tmp_path / "words.wav"
    path.write_text("not audio")
    with pytest.raises(ScriptError, match=r"words\.wav is not a PCM wav"):
        read_wav(path)
    with pytest.raises(ScriptError, match="cannot read"):
        read_wav(tmp_path)


def test_the_end_of_speech_is_its_last_energy_not_the_files_end() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 60, 16_000).astype(np.int16)
    samples = noise.copy()
    samples[4_000:8_000] += tone(0.5)
    clip = speech("clip", samples)
    assert len(clip.frames) == 100
    assert clip.last_spoken == 8_000 // 160 - 1
    assert clip.last_spoken * FRAME_MS == 980


@pytest.mark.parametrize("samples", [np.zeros(0, np.int16), np.zeros(800, np.int16)])
def test_silence_is_a_speech_without_words(samples: np.ndarray) -> None:
    clip = speech("silence", samples)
    assert clip.last_spoken == len(clip.frames) - 1


def test_idle_noise_is_not_audible() -> None:
    assert not is_audible(b"\xff\x7f\xfe\x7e" * 400)
    assert is_audible(b"\xff" * 1_600 + to_mulaw(tone(0.02)))


@pytest.mark.parametrize(
    ("document", "number"), [("<Response>", "12100"), ("", "12100"), ("<Reply/>", "12102")]
)
def test_a_document_that_the_carrier_would_refuse(document: str, number: str) -> None:
    with pytest.raises(DoubleError, match=number):
        parse(document)


def test_an_address_that_is_not_ours_is_not_called() -> None:
    account = Account("http://127.0.0.1:8080", "https://phone.example.org", "AC1", "t")
    assert account.real("https://phone.example.org/twilio/voice") == "http://127.0.0.1:8080/twilio/voice"
    assert account.real("wss://phone.example.org/twilio/media/x") == "ws://127.0.0.1:8080/twilio/media/x"
    for foreign in ("https://elsewhere.example.org/x", "https://phone.example.org.evil/x"):
        with pytest.raises(DoubleError, match="not under the public address"):
            account.real(foreign)


@pytest.mark.parametrize(
    ("message", "warning"),
    [
        (b"\x00", "31950"),
        ("{", "31951 not JSON"),
        ("[]", "31951 wrong streamSid"),
        ('{"event":"media","streamSid":"MZ2","media":{"payload":""}}', "31951 wrong streamSid"),
        ('{"event":"mark","streamSid":"MZ1"}', "31951 unknown or incomplete"),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":"*"}}', "31951 payload is not base64"),
        (
            '{"event":"media","streamSid":"MZ1","media":{"payload":"UklGRg=="}}',
            "31951 payload has a wav header",
        ),
        ('{"event":"stop","streamSid":"MZ1"}', "31951 unknown or incomplete"),
    ],
)
def test_what_the_carrier_cannot_use_is_a_warning(message: str | bytes, warning: str) -> None:
    read = Wire("MZ1", "AC1", "CA1").read(message)
    assert isinstance(read, Unusable)
    assert read.warning.startswith(warning)


def test_a_result_is_written_out_without_its_sound() -> None:
    """asyncio.run writes out what it returns, and throws that away: 50 calls came to 20 GiB."""
    hour = bytearray(8_000 * 3_600)
    result = CallResult("CA1", segments=[AgentSegment(0.0, 3_600_000.0, bytes(hour))], agent_mulaw=hour,
                        caller_mulaw=hour)  # fmt: skip
    assert len(repr(result)) < 2_000
