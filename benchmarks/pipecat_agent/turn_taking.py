"""When a caller's turn is over: as pipecat recommends it, or after our own silences.

Both begin with pipecat's Silero VAD at its defaults, which reports a stop after 0.2 s of silence.
"""

from __future__ import annotations

from pipecat.audio.vad.vad_analyzer import VAD_STOP_SECS  # type: ignore[import-not-found]
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy  # type: ignore[import-not-found]
from pipecat.turns.user_turn_strategies import UserTurnStrategies  # type: ignore[import-not-found]

from benchmarks.pipecat_agent.brain import ScriptedBrain
from models.domain import Expectation
from voice.endpointing import Patience

RECOMMENDED = "recommended"
OURS = "ours"


def strategies(turns: str, brain: ScriptedBrain) -> UserTurnStrategies:
    """``recommended``: the defaults, which end a turn by the Smart Turn model that the package carries.

    ``ours``: pipecat's silence strategy, with the silence that we wait for after the question just asked.
    """
    return UserTurnStrategies() if turns == RECOMMENDED else UserTurnStrategies(stop=[OurSilence(brain)])


class OurSilence(SpeechTimeoutUserTurnStopStrategy):  # type: ignore[misc]
    """The recogniser finishes while the silence runs on: no time is lost to it."""

    def __init__(self, brain: ScriptedBrain) -> None:
        super().__init__()
        self._brain = brain

    async def handle_user_turn_started(self) -> None:
        patience = Patience.for_answer(Expectation(self._brain.expected))
        self._user_speech_timeout = max(0.0, patience.pause_ms / 1_000 - VAD_STOP_SECS)
        await super().handle_user_turn_started()
