"""A Spanish sentence for the ear: espeak-ng's Latin American voice, and telephone numbers digit by digit."""

from __future__ import annotations

import re

from models.errors import SynthesisError
from voice import espeak

SPANISH_VOICE = "es-419"
_NUMBER = re.compile(r"\d[\d-]*\d")


def for_a_spanish_ear(text: str) -> str:
    """ "911" is read "nueve uno uno", never as a count; a hyphen is a short pause."""
    return _NUMBER.sub(lambda found: " ".join(found[0].replace("-", ",")), text)


def can_speak() -> bool:
    """Whether this machine has the Spanish voice."""
    try:
        espeak.synthesize("Hola.", voice=SPANISH_VOICE)
    except SynthesisError:
        return False
    return True
