"""Text-to-speech: the worker's service, and the call loop's client with its cache.

Fixed prompts are rendered ahead by pyttsx3 in the worker. A reply's first sentence, when new, is
spoken by libespeak-ng in this process within milliseconds, with the same voice and rate; the rest of
the reply goes to the worker while the first is playing.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.domain import Language, Pace, Remote
from models.errors import FirstringError, SynthesisError
from voice import espeak, flite, piper
from voice.loudness import for_the_line
from voice.normalise import for_the_ear
from voice.pace import rate_of, with_pauses
from voice.piper import NeuralVoice, Piper
from voice.pyttsx import Pyttsx
from voice.spanish import SPANISH_VOICE, for_a_spanish_ear

SPEAKING_AT_ONCE: Final = 4  # sentences in this process
_DOUBT_S: Final = 10.0  # after a failure of the worker, this process speaks by itself for so long
_KEPT_BYTES: Final = 4 * 2**20  # some hundred sentences beside the fixed prompts: most hold names and dates


@dataclass(frozen=True)
class MouthConfig:
    """``voice``: an espeak-ng voice such as "en-us", "flite:rms" or "piper:FILE.onnx" where installed."""

    voice: str = espeak.VOICE
    rate_wpm: int = espeak.RATE_WPM
    time_limit_s: float = 2.0

    @property
    def flite_voice(self) -> str:
        return self.voice.removeprefix("flite:") if self.voice.startswith("flite:") else ""

    @property
    def piper_model(self) -> str:
        return self.voice.removeprefix("piper:") if self.voice.startswith("piper:") else ""

    @property
    def espeak_voice(self) -> str:
        return espeak.VOICE if self.flite_voice or self.piper_model else self.voice

    def rate_at(self, pace: Pace) -> int:
        """Words a minute."""
        return round(self.rate_wpm * rate_of(pace))


class MouthService:
    """Runs in a worker process of its own, one call at a time."""

    def __init__(self, config: MouthConfig, load_piper: Callable[[Path], NeuralVoice] = piper.load) -> None:
        self._config = config
        self._engine = Pyttsx(config.espeak_voice, config.rate_wpm)
        self._piper = Piper(Path(config.piper_model), load_piper)

    def load(self) -> str:
        """Brings the engine up and returns its name. Raises SynthesisError."""
        if not (self._config.flite_voice or self._config.piper_model):
            self._engine.start()
        self.render("Ready.")
        return self._config.voice if ":" in self._config.voice else "pyttsx3"

    def render(self, said: str, pace: Pace = Pace.NORMAL) -> bytes:
        """mu-law, 8 kHz, of a sentence already written for the ear. Raises SynthesisError."""
        spoken = with_pauses(said, pace)
        if self._config.piper_model:
            return for_the_line(*self._piper.synthesize(spoken, 1 / rate_of(pace)))
        if self._config.flite_voice:
            return _with_flite(spoken, self._config, pace)
        return for_the_line(*self._engine.synthesize(spoken, self._config.rate_at(pace)))


def _with_flite(spoken: str, config: MouthConfig, pace: Pace) -> bytes:
    return for_the_line(*flite.synthesize(spoken, config.flite_voice, 1 / rate_of(pace)))


class Mouth:
    """What the call loop speaks with."""

    def __init__(
        self, remote: Remote | None, config: MouthConfig | None = None, prompts: Path | None = None
    ) -> None:
        """``remote`` None: every sentence is rendered in this process.

        ``prompts``: a folder for fixed prompts, so that a process that is started again need not have
        them all rendered again while its callers wait.
        """
        self._prompts = prompts
        self._remote, self._config = remote, config or MouthConfig()
        self._cache: OrderedDict[tuple[str, Pace], bytes] = OrderedDict()  # the least lately asked for first
        self._cached_bytes = 0
        self._fixed: dict[str, bytes] = {}
        self._failed_s = float("-inf")
        # Its own threads: those of the event loop may all be waiting for a disk.
        self._threads = ThreadPoolExecutor(SPEAKING_AT_ONCE, "mouth")

    async def warm(self, sentences: Iterable[str]) -> int:
        """Renders fixed prompts ahead, at the usual pace, through the worker; how many there are now."""
        for text in sentences:
            said = for_the_ear(text)
            if said and said not in self._fixed:
                self._fixed[said] = await self._prompt(said)
        return len(self._fixed)

    async def _prompt(self, said: str) -> bytes:
        path = self._prompts / self._file_name(said) if self._prompts else None
        if path and (found := await asyncio.to_thread(_read, path)):
            return found
        rendered = await self._synthesize(said, Pace.NORMAL, at_once=False)
        if path:
            await asyncio.to_thread(_write, path, rendered)
        return rendered

    def _file_name(self, said: str) -> str:
        voice = f"{self._config.voice} {self._config.rate_wpm} {said}"
        return f"{hashlib.sha256(voice.encode()).hexdigest()}.ulaw"

    async def render(
        self,
        text: str,
        first: bool = False,
        pace: Pace = Pace.NORMAL,
        language: Language = Language.ENGLISH,
    ) -> bytes:
        """mu-law, 8 kHz, of one sentence; ``first``: the caller is waiting for this one.

        Raises SynthesisError when no engine can speak: play a recorded prompt then.
        """
        if language is Language.SPANISH:
            return await self._in_a_thread(self._in_spanish, text, pace)
        said = for_the_ear(text)
        if not any(letter.isalnum() for letter in said):
            return b""
        found = self._known(said, pace)
        if found is None:
            found = await self._synthesize(said, pace, at_once=first)
            self._remember(said, pace, found)
        return found

    def _known(self, said: str, pace: Pace) -> bytes | None:
        fixed = self._fixed.get(said) if pace is Pace.NORMAL else None
        if fixed is None and (said, pace) in self._cache:
            self._cache.move_to_end((said, pace))
        return fixed or self._cache.get((said, pace))

    def _remember(self, said: str, pace: Pace, mulaw: bytes) -> None:
        self._cached_bytes += len(mulaw) - len(self._cache.pop((said, pace), b""))
        self._cache[said, pace] = mulaw
        while self._cached_bytes > _KEPT_BYTES:
            self._cached_bytes -= len(self._cache.popitem(last=False)[1])

    async def _synthesize(self, said: str, pace: Pace, *, at_once: bool) -> bytes:
        slow_voice = bool(self._config.flite_voice or self._config.piper_model)
        doubted = asyncio.get_running_loop().time() - self._failed_s < _DOUBT_S
        if self._remote is not None and not doubted and (not at_once or slow_voice):
            try:
                async with asyncio.timeout(self._config.time_limit_s):
                    rendered: bytes = await self._remote("render", said, pace)
                return rendered
            except (FirstringError, TimeoutError):
                self._failed_s = (
                    asyncio.get_running_loop().time()
                )  # it is down or hangs: this process can speak too
        return await self._in_a_thread(self._speak_here, said, pace)

    async def _in_a_thread(self, speak: Callable[[str, Pace], bytes], text: str, pace: Pace) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._threads, speak, text, pace)

    def _in_spanish(self, text: str, pace: Pace) -> bytes:
        """By espeak-ng in this process, whatever the English voice: it takes some milliseconds."""
        spoken, rate_wpm = for_a_spanish_ear(text), self._config.rate_at(pace)
        samples = espeak.synthesize(spoken, voice=SPANISH_VOICE, rate_wpm=rate_wpm)
        return for_the_line(samples, espeak.ESPEAK_HZ)

    def _speak_here(self, said: str, pace: Pace) -> bytes:
        spoken = with_pauses(said, pace)
        if self._config.flite_voice:
            try:
                return _with_flite(spoken, self._config, pace)
            except SynthesisError:
                pass  # another voice is better than none
        rate_wpm = self._config.rate_at(pace)
        samples = espeak.synthesize(spoken, voice=self._config.espeak_voice, rate_wpm=rate_wpm)
        return for_the_line(samples, espeak.ESPEAK_HZ)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _write(path: Path, mulaw: bytes) -> None:
    """Whole or not at all; a disk that refuses costs no more than the next rendering."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(mulaw)
        part.replace(path)
