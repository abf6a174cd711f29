"""libespeak-ng in this process, by ctypes: speech and phonemes without a worker.

Synchronous mode with a callback: a sentence costs about 4 ms. The library keeps voice, rate and
callback for the whole process, so there is one lock, and both are set again for every sentence.
Do not load this in a process that runs pyttsx3: its driver starts the same library in another mode.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import threading
from typing import Any, Final

import numpy as np

from models.errors import SynthesisError
from voice.g711 import Samples

ESPEAK_HZ: Final = 22_050
VOICE: Final = "en-us"
RATE_WPM: Final = 165
_LIBRARIES: Final = ("libespeak-ng.so.1", "libespeak-ng.1.dylib", "libespeak-ng.dll")
# constants of espeak-ng's speak_lib.h
_AUDIO_OUTPUT_SYNCHRONOUS: Final = 2
_INITIALIZE_DONT_EXIT: Final = 0x8000
_POS_CHARACTER: Final = 1
_CHARS_UTF8: Final = 1
_END_PAUSE: Final = 0x1000
_RATE_PARAMETER: Final = 1
_PHONEMES_IPA: Final = 0x02
_CALLBACK: Final = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)

_lock = threading.Lock()
_library: Any = None
_collected: list[bytes] = []


def _collect(samples: Any, count: int, _events: Any) -> int:
    if samples and count > 0:
        _collected.append(ctypes.string_at(samples, 2 * count))
    return 0


_on_samples = _CALLBACK(_collect)  # kept for ever: the library calls it


def _load_library() -> Any:
    for name in (*_LIBRARIES, ctypes.util.find_library("espeak-ng")):
        try:
            return ctypes.CDLL(name) if name else None
        except OSError:
            continue
    return None


def _start() -> Any:
    """The library, started. Called under the lock."""
    global _library
    if _library is None:
        library = _load_library()
        flags = _INITIALIZE_DONT_EXIT
        if library is None or library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, None, flags) < 0:
            raise SynthesisError("libespeak-ng could not be loaded or started")
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        library.espeak_SetSynthCallback(_on_samples)
        _library = library
    return _library


def available() -> bool:
    """Whether the library is installed and starts."""
    try:
        with _lock:
            _start()
    except SynthesisError:
        return False
    return True


def synthesize(text: str, *, voice: str = VOICE, rate_wpm: int = RATE_WPM) -> Samples:
    """Speech at 22.05 kHz. Raises SynthesisError when the library is missing or makes no sound."""
    with _lock:
        library = _start()
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SynthesisError(
                f"espeak-ng has no voice {voice!r}",
                fix="Name one that `espeak-ng --voices` lists in VOICE, or leave VOICE out.",
            )
        library.espeak_SetParameter(_RATE_PARAMETER, rate_wpm, 0)
        pcm = _speak(library, text)
    if not pcm:
        raise SynthesisError("espeak-ng produced no audio")
    return np.frombuffer(pcm, np.int16)


def _speak(library: Any, text: str) -> bytes:
    _collected.clear()
    encoded = text.encode() + b"\0"
    flags = _CHARS_UTF8 | _END_PAUSE
    status = library.espeak_Synth(encoded, len(encoded), 0, _POS_CHARACTER, 0, flags, None, None)
    return b"".join(_collected) if status == 0 else b""


def phonemes(word: str, *, voice: str = VOICE) -> tuple[str, ...]:
    """IPA phonemes of a word. Raises SynthesisError when the library is missing."""
    with _lock:
        library = _start()
        library.espeak_SetVoiceByName(voice.encode())
        text = ctypes.c_char_p(word.encode())
        separator = ord("_") << 8
        spoken = library.espeak_TextToPhonemes(ctypes.byref(text), _CHARS_UTF8, separator | _PHONEMES_IPA)
    return tuple(part for part in (spoken or b"").decode().replace(" ", "_").split("_") if part)
