"""What the agent says next, from a list: the place of a language model, at no cost of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipecat.frames.frames import (  # type: ignore[import-not-found]
    BotStoppedSpeakingFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor  # type: ignore[import-not-found]

from models.domain import ExpectationKind

QUESTIONS: Final = {
    ExpectationKind.OPEN: "How can I help you today?",
    ExpectationKind.YES_NO: "Did I get that right?",
    ExpectationKind.CHOICE: "Would you like the first one or the second one?",
    ExpectationKind.DRUG: "Which medicine is it?",
    ExpectationKind.NAME: "What is your first and last name?",
    ExpectationKind.DOB: "What is your date of birth?",
    ExpectationKind.PHONE: "What is the best number to reach you?",
    ExpectationKind.ZIP: "What is your zip code?",
    ExpectationKind.NUMBER: "What is the number?",
    ExpectationKind.SPELLING: "Please spell that for me.",
}


class ScriptedBrain(FrameProcessor):  # type: ignore[misc]
    """Asks for one kind of answer after another; a question that was broken off is asked again."""

    def __init__(self, kinds: Sequence[ExpectationKind]) -> None:
        super().__init__()
        self._kinds = list(kinds) or [ExpectationKind.OPEN]
        self._asked = 0
        self._speaking = False

    @property
    def expected(self) -> ExpectationKind:
        """What the latest question asked for."""
        return self._kinds[min(max(self._asked, 1), len(self._kinds)) - 1]

    async def process_frame(self, frame: object, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case LLMContextFrame():
                await self._answer()
                return
            case InterruptionFrame() if self._speaking:
                self._asked, self._speaking = self._asked - 1, False
            case BotStoppedSpeakingFrame():
                self._speaking = False
        await self.push_frame(frame, direction)

    async def _answer(self) -> None:
        greeting = "Thank you for calling." if self._asked == 0 else "Thank you."
        self._asked, self._speaking = self._asked + 1, True
        await self.push_frame(LLMFullResponseStartFrame())
        await self.push_frame(LLMTextFrame(f"{greeting} {QUESTIONS[self.expected]}"))
        await self.push_frame(LLMFullResponseEndFrame())
