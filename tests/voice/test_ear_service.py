"""Real recognition, on synthetic callers through the telephone's codec."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.domain import Choice, Expectation, ExpectationKind, Transcript
from models.errors import RecognitionError, SettingsError
from tests.voice.caller_sentences import BIRTH_DATES, DRUGS, HELD_OUT
from tests.voice.conftest import Say
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.g711 import Samples
from voice.spoken_text import words_of
from voice.stand_in import clip_digest

OPEN = Expectation()
DOB = Expectation(kind=ExpectationKind.DOB)
DRUG = Expectation(
    kind=ExpectationKind.DRUG, choices=tuple(Choice(drug, (drug,)) for drug in ("lisinopril", "metformin"))
)


def hear(
    ear: EarService,
    samples: Samples,
    expectation: Expectation = OPEN,
    *,
    chunk: int = 1_600,
    caller: str = "",
) -> Transcript:
    pcm = np.concatenate((np.zeros(2_400, np.int16), samples)).astype(np.int16).tobytes()
    ear.begin("test", expectation, caller)
    for at in range(0, len(pcm), chunk):
        ear.feed("test", pcm[at : at + chunk])
    return ear.finish("test")


def wrong_words(said: tuple[str, ...], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for at, word in enumerate(said, 1):
        last, row[0] = row[:], at
        for place, other in enumerate(heard, 1):
            row[place] = min(last[place] + 1, row[place - 1] + 1, last[place - 1] + (word != other))
    return row[-1]


def test_sentences_worded_apart_from_the_model_are_mostly_heard(ear: EarService, say: Say) -> None:
    errors = words = 0
    for sentence in HELD_OUT[::3]:
        said = words_of(sentence)
        errors += wrong_words(said, hear(ear, say(sentence), caller="rms").text.split())
        words += len(said)
    assert errors / words < 0.25


def test_birth_dates_are_exact(ear: EarService, say: Say) -> None:
    heard = [hear(ear, say(text), DOB).text for text, _ in BIRTH_DATES[:5]]
    assert sum(text == said for text, (said, _) in zip(heard, BIRTH_DATES, strict=False)) >= 4


@pytest.mark.parametrize("sentence", ["what did you say", "I want to talk to a person", "I have chest pain"])
def test_other_words_are_heard_where_a_date_is_expected(ear: EarService, say: Say, sentence: str) -> None:
    assert hear(ear, say(sentence), DOB).text == sentence.lower()


@pytest.mark.parametrize("said", ["six oh one three nine", "my zip code is two two nine oh four"])
def test_five_digits_are_heard_by_their_number(ear: EarService, say: Say, said: str) -> None:
    found = hear(ear, say(said), Expectation(ExpectationKind.ZIP))
    assert (found.text, found.confidence) == (said, 0.9)


def test_what_is_no_number_is_never_sure_where_digits_are_expected(ear: EarService, say: Say) -> None:
    for kind in (ExpectationKind.ZIP, ExpectationKind.PHONE, ExpectationKind.SPELLING):
        assert hear(ear, say("I want to talk to a person"), Expectation(kind)).confidence < 0.5


def test_a_medicine_that_is_not_on_the_list_is_not_bent_into_one(ear: EarService, say: Say) -> None:
    for drug in DRUGS[8:12]:
        found = hear(ear, say(drug), DRUG)
        assert "lisinopril" not in found.text
        assert "metformin" not in found.text
    assert "lisinopril" in hear(ear, say("the lisinopril please"), DRUG).text


def test_the_transcript_does_not_depend_on_the_cut_of_the_audio(ear: EarService, say: Say) -> None:
    clip = say("can I get a refill of my metformin")
    assert hear(ear, clip, chunk=320).text == hear(ear, clip, chunk=100_000).text


def test_the_words_carry_their_times(ear: EarService, say: Say) -> None:
    found = hear(ear, say("yes that is correct"))
    starts = [word.start_ms for word in found.words]
    assert starts == sorted(starts)
    assert starts[0] >= 200
    assert all(0 <= word.confidence <= 1 for word in found.words)
    assert found.engine == "pocketsphinx"
    assert 0 < found.confidence <= 1


def test_silence_and_hiss_are_no_words(ear: EarService) -> None:
    assert hear(ear, np.zeros(8_000, np.int16)).text == ""
    assert hear(ear, np.zeros(0, np.int16)).failure == ""


def test_more_sessions_than_decoders_are_all_heard(ear_config: EarConfig, say: Say) -> None:
    service = EarService(EarConfig(**{**vars(ear_config), "decoders": 1}))
    service.load()
    pcm = say("I want to talk to a person").tobytes()
    for name in "abc":
        service.begin(name, OPEN)
        service.feed(name, pcm)
    texts = {name: service.finish(name).text for name in "abc"}
    assert set(texts.values()) == {"i want to talk to a person"}


def test_an_abandoned_session_gives_its_decoder_back(ear_config: EarConfig) -> None:
    now = [0.0]
    service = EarService(EarConfig(**{**vars(ear_config), "decoders": 1}), lambda: now[0])
    service.load()
    service.begin("lost", OPEN)
    now[0] = 121.0
    service.begin("next", OPEN)
    with pytest.raises(RecognitionError):
        service.feed("lost", b"")
    service.drop("next")
    service.drop("never there")


def test_a_wrong_engine_and_missing_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="pocketsphinx"):
        EarService(EarConfig("vosk")).load()
    with pytest.raises(RecognitionError) as missing:
        EarService(EarConfig("whisper", whisper_model=str(tmp_path / "none.pt"))).load()
    assert "fetch-speech" in missing.value.fix


def test_the_stand_in_knows_its_clips_and_refuses_others(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    clip = rng.integers(-8_000, 8_000, 4_000).astype(np.int16)
    clips = tmp_path / "clips.jsonl"
    clips.write_text(f'{{"digest": "{clip_digest(clip.tobytes())}", "text": "yes please"}}\n')
    service = EarService(EarConfig("stand-in", clips=str(clips)))
    assert service.load() == "stand-in"
    assert hear(service, clip).text == "yes please"
    assert hear(service, clip[500:]).failure == "unknown-clip"
