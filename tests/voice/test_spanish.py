"""Spanish wordings spoken: a Spanish voice whatever the English one, and numbers digit by digit."""

from __future__ import annotations

import pytest

from models.domain import Language
from voice import espeak
from voice.mouth import Mouth, MouthConfig
from voice.spanish import can_speak, for_a_spanish_ear

pytestmark = pytest.mark.skipif(not espeak.available(), reason="libespeak-ng is not installed")


def test_numbers_are_read_digit_by_digit() -> None:
    assert for_a_spanish_ear("llame al 911 ahora.") == "llame al 9 1 1 ahora."
    assert for_a_spanish_ear("al 1-800-222-1222.") == "al 1 , 8 0 0 , 2 2 2 , 1 2 2 2."


def test_a_voice_for_spanish_is_there() -> None:
    assert can_speak()


@pytest.mark.parametrize("voice", ["en-us", "flite:rms", "piper:/nowhere.onnx"])
async def test_spanish_is_spoken_by_a_spanish_voice_whatever_the_english_one(voice: str) -> None:
    mouth = Mouth(None, MouthConfig(voice=voice))
    spanish = await mouth.render("Me quedo en la línea con usted.", language=Language.SPANISH)
    english = await Mouth(None).render("Me quedo en la línea con usted.")
    assert len(spanish) > 8_000, "more than a second"
    assert spanish != english
