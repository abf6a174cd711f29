"""Speech-to-text in a worker process: sessions by name, recognisers from a pool."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from models.domain import Expectation, Transcript
from models.errors import RecognitionError, SettingsError
from voice import language_model
from voice.ear_config import EarConfig


class Ear(Protocol):
    """Recognises one utterance after another."""

    def begin(self, expectation: Expectation, caller: str = "") -> None: ...

    def feed(self, pcm: bytes) -> None: ...

    def partial(self) -> str: ...

    def finish(self) -> Transcript: ...


@runtime_checkable
class PatientEar(Protocol):
    """An ear whose engine works on several utterances at once."""

    def finish_later(self) -> Future[Transcript]: ...


@dataclass
class _Session:
    expectation: Expectation
    caller: str
    ear: Ear | None  # None: the pool was empty, the audio waits in ``kept``
    touched_s: float
    kept: list[bytes] = field(default_factory=list)


class EarService:
    """Plain and synchronous; the worker host calls one method at a time."""

    def __init__(self, config: EarConfig, now_s: Callable[[], float] = time.monotonic) -> None:
        self._config, self._now_s = config, now_s
        self._make: Callable[[], Ear] | None = None
        self._engine = ""
        self._free: list[Ear] = []
        self._made = 0
        self._spare: Ear | None = None
        self._sessions: dict[str, _Session] = {}
        self._finishing: dict[str, Future[Transcript]] = {}

    @property
    def config(self) -> EarConfig:
        return self._config

    def load(self) -> str:
        """Brings the engine up and returns its name. Raises RecognitionError or SettingsError."""
        self._engine, self._make = engine_of(self._config)
        first = self._make()
        first.begin(Expectation())
        first.feed(bytes(16_000))
        first.finish()
        self._free, self._made = [first], 1
        return self._engine

    def begin(self, session: str, expectation: Expectation, caller: str = "") -> None:
        """Opens an utterance; the same name again starts it over.

        ``caller`` is the same for all utterances of a call: the engine gets used to a voice.
        """
        self.drop(session)
        self._sweep()
        ear = self._take()
        if ear is not None:
            ear.begin(expectation, caller)
        self._sessions[session] = _Session(expectation, caller, ear, self._now_s())

    def feed(self, session: str, pcm: bytes) -> None:
        """More of the utterance: 16-bit, 8 kHz. Raises RecognitionError when it is not open."""
        found = self._session(session)
        if found.ear is None:
            found.kept.append(pcm)
        else:
            found.ear.feed(pcm)

    def partial(self, session: str) -> str:
        """Words so far; "" where the engine does not tell."""
        found = self._session(session)
        return found.ear.partial() if found.ear else ""

    def finish(self, session: str) -> Transcript:
        """What was said. The session is closed."""
        return self.finish_later(session).result()

    def finish_later(self, session: str) -> Future[Transcript]:
        """The same, without waiting where the engine decodes several at once; ``drop`` calls it off."""
        found = self._session(session)
        del self._sessions[session]
        transcript = _finish(found.ear or self._filled(found))
        if found.ear is not None:
            self._free.append(found.ear)
        self._finishing[session] = transcript
        transcript.add_done_callback(lambda _: self._finishing.pop(session, None))
        return transcript

    def drop(self, session: str) -> None:
        """Forgets an utterance; an unknown one is no error."""
        if finishing := self._finishing.get(session):
            finishing.cancel()
        found = self._sessions.pop(session, None)
        if found is not None and found.ear is not None:
            self._free.append(found.ear)

    def _session(self, session: str) -> _Session:
        found = self._sessions.get(session)
        if found is None:
            raise RecognitionError("this utterance is not open here")
        found.touched_s = self._now_s()
        return found

    def _filled(self, waiting: _Session) -> Ear:
        """For an utterance that found no free recogniser: one that heard it now."""
        ear = self._spare = self._spare or self._new()
        ear.begin(waiting.expectation, waiting.caller)
        ear.feed(b"".join(waiting.kept))
        return ear

    def _take(self) -> Ear | None:
        if self._free:
            return self._free.pop()
        if self._made >= self._config.decoders:
            return None
        self._made += 1
        return self._new()

    def _new(self) -> Ear:
        if self._make is None:
            raise RecognitionError("the speech-to-text engine is not loaded")
        return self._make()

    def _sweep(self) -> None:
        """Sessions whose caller went away without a word."""
        oldest = self._now_s() - self._config.session_limit_s
        for name in [name for name, found in self._sessions.items() if found.touched_s < oldest]:
            self.drop(name)


def _finish(ear: Ear) -> Future[Transcript]:
    if isinstance(ear, PatientEar):
        return ear.finish_later()
    done: Future[Transcript] = Future()
    done.set_result(ear.finish())
    return done


def engine_of(config: EarConfig) -> tuple[str, Callable[[], Ear]]:
    """The engine's name and what makes one recogniser. Loads the engine."""
    makers = {
        "whisper": _whisper,
        "ctranslate2": _whisper,
        "pocketsphinx": _pocketsphinx,
        "stand-in": _stand_in,
    }
    wanted = choose_engine(config)
    if wanted not in makers:
        raise SettingsError(f"STT is {wanted!r}; it can be auto, whisper, ctranslate2 or pocketsphinx")
    return wanted, makers[wanted](config)


def choose_engine(config: EarConfig) -> str:
    """ "auto" takes Whisper only where its weights are already on the disk; nothing is ever fetched here."""
    from voice.whisper_weights import find_weights

    if config.engine != "auto":
        return config.engine
    return "whisper" if find_weights(config.whisper_model) else "pocketsphinx"


def _whisper(config: EarConfig) -> Callable[[], Ear]:
    from voice.whisper_weights import find_weights

    weights = find_weights(config.whisper_model)
    if weights is None:
        raise RecognitionError(
            f"no Whisper weights for {config.whisper_model or 'any model'!r} on this disk",
            fix="Run `firstring fetch-speech base.en`, name a .pt file, or set STT=pocketsphinx.",
        )
    try:
        from voice.whisper_ear import maker
    except ImportError as missing:
        raise RecognitionError(
            f"Whisper cannot be imported: {missing.name} is missing", fix="Run `make setup` again."
        ) from missing
    return maker(weights, config.threads, config.precision, choose_engine(config))


def _pocketsphinx(config: EarConfig) -> Callable[[], Ear]:
    from voice.levels import Levels
    from voice.sphinx import SphinxEar

    files = language_model.build(
        config.sentences, config.names, config.drugs, Path(config.model_dir), config.dangers
    )
    levels, drugs = Levels(), tuple(sorted(set(config.drugs)))
    return lambda: SphinxEar(files, levels, drugs)


def _stand_in(config: EarConfig) -> Callable[[], Ear]:
    from voice.stand_in import StandInEar, read_clips

    clips = read_clips(Path(config.clips)) if config.clips else {}
    return lambda: StandInEar(clips)
