"""Pronunciations in ARPAbet for words that the acoustic model's dictionary lacks.

The phoneme set is CMUdict's (http://www.speech.cs.cmu.edu/cgi-bin/cmudict). Medicines that people
say in a way no rule finds are listed; everything else goes through espeak-ng's letter-to-sound rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from models.errors import SynthesisError
from voice import espeak

# longest first: the reader below takes the first that fits
_ARPABET_OF_IPA: Final = {
    "aɪɚ": "AY ER", "aɪə": "AY AH", "tʃ": "CH", "dʒ": "JH", "aɪ": "AY", "aʊ": "AW", "eɪ": "EY",
    "oʊ": "OW", "ɔɪ": "OY", "iə": "IY AH", "ɑː": "AA", "ɔː": "AO", "oː": "AO", "uː": "UW", "iː": "IY",
    "ɜː": "ER", "n̩": "AH N", "l̩": "AH L", "əl": "AH L", "ɚ": "ER", "æ": "AE", "ɑ": "AA", "ɔ": "AO",
    "ə": "AH", "ɐ": "AH", "ʌ": "AH", "ɛ": "EH", "ɪ": "IH", "ᵻ": "IH", "ʊ": "UH", "a": "AA", "e": "EY",
    "i": "IY", "o": "OW", "u": "UW", "ð": "DH", "θ": "TH", "ʃ": "SH", "ʒ": "ZH", "ŋ": "NG", "ɹ": "R",
    "ɾ": "T", "ɡ": "G", "g": "G", "j": "Y", "ʔ": "T", "x": "K", "b": "B", "d": "D", "f": "F", "h": "HH",
    "k": "K", "l": "L", "m": "M", "n": "N", "p": "P", "r": "R", "s": "S", "t": "T", "v": "V", "w": "W",
    "z": "Z",
}  # fmt: skip

# as clinicians and patients say them; variants separated by commas
_SAID: Final = {
    "albuterol": "AE L B Y UW T ER AO L, AE L B Y UW T ER AA L",
    "alprazolam": "AE L P R AE Z AH L AE M",
    "amlodipine": "AE M L OW D AH P IY N",
    "amoxicillin": "AH M AA K S AH S IH L AH N",
    "atenolol": "AH T EH N AH L AO L",
    "atorvastatin": "AH T AO R V AH S T AE T AH N",
    "azithromycin": "AH Z IH TH R OW M AY S IH N",
    "bupropion": "B Y UW P R OW P IY AA N",
    "carvedilol": "K AA R V EH D AH L AO L, K AA R V AH D IH L AO L",
    "citalopram": "S IH T AE L AH P R AE M, S AY T AE L OW P R AE M",
    "clonazepam": "K L OW N AE Z AH P AE M",
    "clopidogrel": "K L OW P IH D AH G R EH L",
    "duloxetine": "D UW L AA K S AH T IY N",
    "escitalopram": "EH S IH T AE L AH P R AE M, EH S AY T AE L OW P R AE M",
    "fluoxetine": "F L UW AA K S AH T IY N",
    "furosemide": "F Y UH R OW S AH M AY D",
    "gabapentin": "G AE B AH P EH N T IH N",
    "glipizide": "G L IH P IH Z AY D",
    "hydrochlorothiazide": "HH AY D R OW K L AO R OW TH AY AH Z AY D",
    "ibuprofen": "AY B Y UW P R OW F AH N",
    "levothyroxine": "L EH V OW TH AY R AA K S IH N, L IY V OW TH AY R AA K S IY N",
    "lisinopril": "L AY S IH N AH P R IH L, L IH S IH N AH P R IH L",
    "loratadine": "L AO R AE T AH D IY N",
    "losartan": "L OW S AA R T AE N",
    "meloxicam": "M AH L AA K S IH K AE M",
    "metformin": "M EH T F AO R M IH N",
    "metoprolol": "M AH T OW P R AH L AO L, M EH T OW P R OW L AO L",
    "montelukast": "M AA N T AH L UW K AE S T",
    "naproxen": "N AH P R AA K S AH N",
    "omeprazole": "OW M EH P R AH Z OW L",
    "ondansetron": "AA N D AE N S AH T R AA N",
    "oxycodone": "AA K S IY K OW D OW N",
    "ozempic": "OW Z EH M P IH K",
    "pantoprazole": "P AE N T OW P R AH Z OW L",
    "pravastatin": "P R AE V AH S T AE T AH N",
    "prednisone": "P R EH D N AH S OW N",
    "rosuvastatin": "R OW S UW V AH S T AE T AH N",
    "sertraline": "S ER T R AH L IY N",
    "simvastatin": "S IH M V AH S T AE T AH N",
    "tamsulosin": "T AE M S UW L OW S IH N",
    "tramadol": "T R AE M AH D AO L",
    "trazodone": "T R AE Z AH D OW N",
    "warfarin": "W AO R F ER IH N",
    "zolpidem": "Z OW L P IH D EH M",
}

Phonemizer = Callable[[str], tuple[str, ...]]
_STRESS = re.compile("[ˈˌ‿\u0361]")


def listed(word: str) -> tuple[str, ...]:
    """The listed pronunciations of a medicine; empty for any other word."""
    return tuple(_SAID[word].split(", ")) if word in _SAID else ()


def pronunciations(word: str, phonemize: Phonemizer = espeak.phonemes) -> tuple[str, ...]:
    """How ``word`` may sound, likeliest first; empty when nothing is known and espeak-ng is missing."""
    said = listed(word)
    try:
        ruled = from_ipa(phonemize(word))
    except SynthesisError:
        ruled = ""
    return (*said, *([ruled] if ruled and ruled not in said else []))


def from_ipa(ipa: tuple[str, ...]) -> str:
    """ARPAbet, space separated, of espeak-ng's IPA phonemes."""
    text = _STRESS.sub("", "".join(ipa))
    found: list[str] = []
    while text:
        symbol = next((ipa for ipa in _ARPABET_OF_IPA if text.startswith(ipa)), "")
        if symbol:
            found.append(_ARPABET_OF_IPA[symbol])
        text = text[max(len(symbol), 1) :]
    return re.sub(r"\b([A-Z]+)(?: \1\b)+", r"\1", " ".join(found))
