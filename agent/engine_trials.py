"""One engine tried: ``python -m agent.engine_trials ENGINE ARGUMENT`` prints one JSON line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.domain import Expectation
from models.errors import FirstringError, RecognitionError

WORD = "Ready."


def espeak(name: str) -> str:
    from voice import espeak

    samples = espeak.synthesize(WORD, voice=name)
    return f"espeak-ng spoke ({name}, {samples.size / espeak.ESPEAK_HZ:.1f} s of sound)"


def pyttsx3(name: str) -> str:
    from voice.espeak import RATE_WPM
    from voice.pyttsx import Pyttsx

    engine = Pyttsx(name, RATE_WPM)
    engine.start()
    samples, rate_hz = engine.synthesize(WORD)
    return f"pyttsx3 spoke ({samples.size / rate_hz:.1f} s of sound)"


def flite(name: str) -> str:
    from voice import flite

    flite.check(name)
    samples, rate_hz = flite.synthesize(WORD, name)
    return f"flite spoke ({name}, {samples.size / rate_hz:.1f} s of sound)"


def vad(_: str) -> str:
    from voice.vad import WINDOW_SAMPLES, SileroVad

    likely = SileroVad().probability(np.zeros(WINDOW_SAMPLES, np.int16))
    if likely > 0.5:
        raise RecognitionError("the voice activity model hears speech in silence")
    return "silero's model loads and hears silence as silence"


def mind(_: str) -> str:
    from intents.encoder import check_weights, weights_folder
    from intents.network import stored

    check_weights(weights_folder())
    weights = stored()[0]
    return f"MiniLM's weights have the expected hash; the network has its {len(weights)} parts"


def pocketsphinx(_: str) -> str:
    import pocketsphinx

    pocketsphinx.set_loglevel("FATAL")
    decoder = pocketsphinx.Decoder(loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw(bytes(16_000), full_utt=True)
    decoder.end_utt()
    return "pocketsphinx listens"


def whisper(how: str) -> str:
    return f"Whisper listens ({_listening(how, 'whisper')})"


def ctranslate2(how: str) -> str:
    return f"CTranslate2 listens with Whisper's weights ({_listening(how, 'ctranslate2')})"


def _listening(how: str, engine: str) -> str:
    """``how``: precision and path of the weights. Returns both, short."""
    from voice.whisper_ear import maker

    precision, weights = how.split(" ", 1)
    ear = maker(Path(weights), precision=precision, engine=engine)()
    ear.begin(Expectation())
    ear.feed(bytes(16_000))
    ear.finish()
    return f"{Path(weights).name}, {precision}"


TRIALS: dict[str, Callable[[str], str]] = {
    trial.__name__: trial for trial in (espeak, pyttsx3, flite, vad, mind, pocketsphinx, whisper, ctranslate2)
}


def main() -> None:
    try:
        answer = {"good": True, "detail": TRIALS[sys.argv[1]](sys.argv[2])}
    except FirstringError as problem:
        answer = {"good": False, "detail": str(problem), "fix": problem.fix}
    except Exception as problem:
        answer = {"good": False, "detail": f"{sys.argv[1]} broke: {type(problem).__name__}"}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
