"""How often pipecat's Smart Turn finds a turn complete where its clip ends, at phone band.

    export PYTHONPATH=$PWD
    .peers/pipecat-agent/bin/python -m benchmarks.pipecat_agent.smart_turn FOLDER [FOLDER...]

Each clip goes through mu-law at 8 kHz between stretches of silence, then as in a call: the VAD at its
defaults finds where speech stops, and the model judges what was heard until the last stop. Where it says
"incomplete", the agent waits 3 s.
"""

from __future__ import annotations

import argparse
import wave
from pathlib import Path

import numpy as np
from loguru import logger  # type: ignore[import-not-found]
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import (  # type: ignore[import-not-found]
    LocalSmartTurnAnalyzerV3,
)
from pipecat.audio.vad.silero import SileroVADAnalyzer  # type: ignore[import-not-found]
from pipecat.audio.vad.vad_analyzer import VADState  # type: ignore[import-not-found]

from voice import g711
from voice.g711 import Samples
from voice.resample import LINE_HZ, resample

BEFORE_S, AFTER_S = 0.5, 1.5  # of silence
PRE_ROLL_S = 0.7  # the analyser's own 0.5 s and the VAD's 0.2 s
FRAME = LINE_HZ // 50


def on_the_line(path: Path) -> Samples:
    with wave.open(str(path)) as clip:
        samples = np.frombuffer(clip.readframes(clip.getnframes()), np.int16)
        heard = g711.decode(g711.encode(resample(samples, clip.getframerate(), LINE_HZ)))
    before, after = (np.zeros(int(seconds * LINE_HZ), np.int16) for seconds in (BEFORE_S, AFTER_S))
    return np.concatenate((before, heard, after))


def turn_of(samples: Samples) -> Samples | None:
    """From a little before the first word to the VAD's last stop; None where it hears nothing."""
    vad = SileroVADAnalyzer(sample_rate=LINE_HZ)
    vad.set_sample_rate(LINE_HZ)
    began, stopped, before = -1, -1, VADState.QUIET
    for at in range(0, samples.size - FRAME + 1, FRAME):
        state = vad._run_analyzer(samples[at : at + FRAME].tobytes())
        if began < 0 and state is VADState.SPEAKING:
            began = at + FRAME
        if before is VADState.STOPPING and state is VADState.QUIET:
            stopped = at + FRAME
        before = state
    return None if stopped < 0 else samples[max(0, began - int(PRE_ROLL_S * LINE_HZ)) : stopped]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.pipecat_agent.smart_turn")
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=120, help="clips of a folder, by name")
    options = parser.parse_args()
    logger.remove()
    model = LocalSmartTurnAnalyzerV3(sample_rate=LINE_HZ)
    model.set_sample_rate(LINE_HZ)
    for folder in options.folder:
        turns = [turn_of(on_the_line(path)) for path in sorted(folder.glob("*.wav"))[: options.most]]
        heard = [turn.astype(np.float32) / 32_768 for turn in turns if turn is not None]
        complete = sum(model._predict_endpoint(turn)["prediction"] for turn in heard)
        print(f"{folder.name}: complete at the end {complete} of {len(heard)}, of {len(turns)} clips")


if __name__ == "__main__":
    main()
