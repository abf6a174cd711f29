"""Performs a caller's script on a line, with a caller's manners: the agent may finish first."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from telephony.double.journal import Journal
from telephony.double.line import Line
from telephony.double.result import Kind
from telephony.double.script import Caller, Step, StepKind
from telephony.double.sound import FRAME_BYTES, read_wav, speech, to_samples

KEY_S = 0.12  # between two keys of one step


class Handset(Protocol):
    """What a caller can do besides speaking."""

    def press(self, digit: str) -> None: ...

    def hang_up(self) -> None: ...

    def drop(self) -> None: ...

    async def text(self, body: str) -> None: ...


class Acting:
    def __init__(self, caller: Caller, handset: Handset, line: Line, journal: Journal) -> None:
        self._caller = caller
        self._handset = handset
        self._line = line
        self._journal = journal

    async def perform(self) -> None:
        """All steps, then stay on the line until the agent ends the call or has nothing more to say."""
        async for step in self._script():
            self._journal.note(Kind.STEP, step=str(step))
            await self._STEPS[step.kind](self, step)
            if step.kind is StepKind.HANGUP:
                return
        await self._linger()
        self._handset.hang_up()

    async def _script(self) -> AsyncIterator[Step]:
        for step in self._caller.steps:
            yield step
        while self._caller.attend is not None:
            await self._agent_finished()
            step_or_none = await self._caller.attend()
            if step_or_none is None:
                return
            yield step_or_none

    async def _wav(self, step: Step) -> None:
        clip = speech(step.value, read_wav(Path(step.value)))
        await self._agent_finished()
        self._line.speak(clip)
        await self._until(lambda: not self._line.is_speaking)

    async def _say(self, step: Step) -> None:
        if self._caller.synthesise is None:
            return  # refused when the Caller was made
        pcm = await self._caller.synthesise(step.value)
        await self._agent_finished()
        self._line.speak(speech(step.value, np.frombuffer(pcm, dtype="<i2").astype(np.int16)))
        await self._until(lambda: not self._line.is_speaking)

    async def _now(self, step: Step) -> None:
        """Whoever is speaking."""
        self._line.speak(speech(step.value, read_wav(Path(step.value))))
        await self._until(lambda: not self._line.is_speaking)

    async def _barge(self, step: Step) -> None:
        """Over the agent: as soon as it can be heard, and at once when it can."""
        clip = speech(step.value, read_wav(Path(step.value)))
        await self._until(lambda: self._is_audible, self._caller.patience_s)
        self._line.speak(clip, barging=True)
        await self._until(lambda: not self._line.is_speaking)

    async def _press(self, step: Step) -> None:
        await self._agent_finished()
        self._line.keys_pressed()
        for digit in step.value:
            self._journal.key(digit)
            self._handset.press(digit)
            await asyncio.sleep(KEY_S)

    async def _wait(self, step: Step) -> None:
        await asyncio.sleep(float(step.value))

    async def _hears(self, step: Step) -> None:
        """Sentences are told apart by the marks after them."""
        before = int(step.value) - 1
        await self._until(
            lambda: self._line.sentences_heard >= before and self._is_audible, self._caller.patience_s
        )

    @property
    def _is_audible(self) -> bool:
        return self._line.agent_spoke and not self._line.is_drained

    async def _expect(self, step: Step) -> None:
        await self._agent_finished()
        if self._caller.listen is None:
            return  # refused when the Caller was made
        heard = await self._caller.listen(self._agent_turn())
        met = re.search(step.value, heard, re.IGNORECASE) is not None
        self._journal.note(Kind.EXPECT, pattern=step.value, heard=heard, met=met)
        if not met:
            self._journal.result.unmet.append(f"expected {step.value!r}, heard {heard!r}")

    async def _sms(self, step: Step) -> None:
        await self._handset.text(step.value)

    async def _hangup(self, step: Step) -> None:
        self._handset.hang_up()

    async def _drop(self, step: Step) -> None:
        self._handset.drop()

    def _agent_turn(self) -> bytes:
        """PCM of what the agent said since the caller's last turn."""
        mulaw = bytes(self._journal.result.agent_mulaw[self._line.heard_from * FRAME_BYTES :])
        return to_samples(mulaw).astype("<i2").tobytes()

    async def _agent_finished(self) -> None:
        quiet_ms = self._caller.quiet_s * 1_000
        await self._until(
            lambda: self._line.agent_spoke and self._line.quiet_ms >= quiet_ms, self._caller.patience_s
        )

    async def _linger(self) -> None:
        """Patience begins with the last step, or with whatever the agent still says."""
        done_ms, patience_ms = self._journal.now_ms(), self._caller.patience_s * 1_000
        await self._until(lambda: min(self._line.quiet_ms, self._journal.now_ms() - done_ms) >= patience_ms)

    async def _until(self, condition: Callable[[], bool], limit_s: float | None = None) -> None:
        """Returns when the condition holds, or patience is at its end."""
        try:
            async with asyncio.timeout(limit_s):
                while not condition():
                    await self._line.next_tick()
        except TimeoutError:
            self._journal.note(Kind.STEP, step="patience at its end")

    _STEPS: ClassVar[dict[StepKind, Callable[[Acting, Step], Awaitable[None]]]] = {
        StepKind.WAV: _wav,
        StepKind.SAY: _say,
        StepKind.PRESS: _press,
        StepKind.WAIT: _wait,
        StepKind.NOW: _now,
        StepKind.BARGE: _barge,
        StepKind.HEARS: _hears,
        StepKind.EXPECT: _expect,
        StepKind.SMS: _sms,
        StepKind.HANGUP: _hangup,
        StepKind.DROP: _drop,
    }
