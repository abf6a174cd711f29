"""What a caller does, step by step, as one writes it on a command line or in a file."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from telephony.double.errors import ScriptError

Synthesise = Callable[[str], Awaitable[bytes]]  # words -> signed 16-bit little-endian PCM, 8 kHz mono
Listen = Callable[[bytes], Awaitable[str]]  # the same PCM -> words


class StepKind(StrEnum):
    WAV = "wav"
    SAY = "say"
    PRESS = "press"
    WAIT = "wait"
    NOW = "now"  # a wav file, without waiting for anybody
    BARGE = "barge"
    HEARS = "hears"  # until the agent's sentence of this number begins, since the caller last spoke
    EXPECT = "expect"
    SMS = "sms"  # a text message to the number that was called
    HANGUP = "hangup"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Step:
    kind: StepKind
    value: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}" if self.value else str(self.kind)


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller: script, voice, ears and temper. Raises ``ScriptError`` when a step lacks what it needs.

    Before ``wav``, ``say``, ``press`` and ``expect`` the caller waits until the agent has spoken and
    been quiet for ``quiet_s``, but no longer than ``patience_s``; after the last step the caller stays
    until the agent ends the call or has been quiet for ``patience_s``.

    ``attend`` makes a caller who goes by what was said: asked after the steps, each time the agent has
    finished, for the next one; None: there is nothing more to say.
    """

    steps: tuple[Step, ...]
    synthesise: Synthesise | None = None
    listen: Listen | None = None
    quiet_s: float = 0.4
    patience_s: float = 20.0
    attend: Callable[[], Awaitable[Step | None]] | None = None

    def __post_init__(self) -> None:
        kinds = {step.kind for step in self.steps}
        if StepKind.SAY in kinds and self.synthesise is None:
            raise ScriptError("say: needs a speech synthesiser, and none is set up")
        if StepKind.EXPECT in kinds and self.listen is None:
            raise ScriptError("expect: needs a speech recogniser, and none is set up")


def parse_script(lines: Iterable[str]) -> tuple[Step, ...]:
    """A step a line; empty lines and lines that start with ``#`` say nothing."""
    return parse_steps(line.strip() for line in lines if line.strip() and not line.strip().startswith("#"))


def parse_steps(steps: Iterable[str]) -> tuple[Step, ...]:
    """Raises ``ScriptError`` with the number of the faulty step."""
    return tuple(_parse(number, text) for number, text in enumerate(steps, start=1))


def _parse(number: int, text: str) -> Step:
    name, _, value = text.partition(":")
    try:
        kind = StepKind(name.strip().lower())
    except ValueError:
        raise ScriptError(f"step {number}: {text!r} is not a step") from None
    problem = _CHECKS[kind](value.strip())
    if problem:
        raise ScriptError(f"step {number}: {kind}: {problem}")
    return Step(kind, value.strip())


def _file(value: str) -> str:
    return "" if Path(value).is_file() else f"there is no file {value!r}"


def _words(value: str) -> str:
    return "" if value else "nothing to say"


def _keys(value: str) -> str:
    return "" if re.fullmatch(r"[0-9*#A-D]+", value) else "keys are 0-9 * # A-D"


def _seconds(value: str) -> str:
    return "" if re.fullmatch(r"\d{1,4}(\.\d+)?", value) else "seconds, such as 1.5"


def _number(value: str) -> str:
    return "" if re.fullmatch(r"[1-9]\d?", value) else "a sentence's number, from 1"


def _pattern(value: str) -> str:
    if not value:
        return "a regular expression is missing"
    try:
        re.compile(value)
    except re.error as fault:
        return f"not a regular expression: {fault}"
    return ""


def _nothing(value: str) -> str:
    return "takes no value" if value else ""


_CHECKS: dict[StepKind, Callable[[str], str]] = {
    StepKind.WAV: _file,
    StepKind.SAY: _words,
    StepKind.PRESS: _keys,
    StepKind.WAIT: _seconds,
    StepKind.NOW: _file,
    StepKind.BARGE: _file,
    StepKind.HEARS: _number,
    StepKind.EXPECT: _pattern,
    StepKind.SMS: _words,
    StepKind.HANGUP: _nothing,
    StepKind.DROP: _nothing,
}
