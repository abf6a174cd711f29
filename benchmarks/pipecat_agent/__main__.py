"""`python -m benchmarks.pipecat_agent`: a Twilio websocket server as pipecat's own scaffold writes one.

8 kHz in and out, Silero VAD and turn strategies in the user aggregator, no recording. Left out because they
only cost time: metrics, a language model, and hanging up by Twilio's REST interface.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger  # type: ignore[import-not-found]
from pipecat.audio.vad.silero import SileroVADAnalyzer  # type: ignore[import-not-found]
from pipecat.frames.frames import LLMRunFrame  # type: ignore[import-not-found]
from pipecat.pipeline.pipeline import Pipeline  # type: ignore[import-not-found]
from pipecat.pipeline.worker import PipelineParams, PipelineWorker  # type: ignore[import-not-found]
from pipecat.processors.aggregators.llm_context import LLMContext  # type: ignore[import-not-found]
from pipecat.processors.aggregators.llm_response_universal import (  # type: ignore[import-not-found]
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.runner.utils import parse_telephony_websocket  # type: ignore[import-not-found]
from pipecat.serializers.twilio import TwilioFrameSerializer  # type: ignore[import-not-found]
from pipecat.transports.websocket.fastapi import (  # type: ignore[import-not-found]
    FastAPIWebsocketParams,
    FastAPIWebsocketTransport,
)
from pipecat.workers.runner import WorkerRunner  # type: ignore[import-not-found]

from agent.workers import WorkerClient, die_with_parent
from benchmarks.pipecat_agent.brain import ScriptedBrain
from benchmarks.pipecat_agent.ear import StreamedEar
from benchmarks.pipecat_agent.mouth import Espeak
from benchmarks.pipecat_agent.turn_taking import OURS, RECOMMENDED, strategies
from models.domain import ExpectationKind
from voice.ears import Ears
from voice.mouth import Mouth
from voice.resample import LINE_HZ


def application(ears: Ears, mouth: Mouth, turns: str) -> FastAPI:
    app = FastAPI()

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"turns": turns}

    @app.websocket("/ws")
    async def call(websocket: WebSocket) -> None:
        await websocket.accept()
        await _hold(websocket, ears, mouth, turns)

    return app


async def _hold(websocket: WebSocket, ears: Ears, mouth: Mouth, turns: str) -> None:
    """One call, to its end. What is asked for comes as the stream's parameter ``kinds``."""
    _, call = await parse_telephony_websocket(websocket)
    kinds = [ExpectationKind(kind) for kind in call.body.get("kinds", "").split(",") if kind]
    transport = _transport(websocket, call.stream_id)
    brain, context = ScriptedBrain(kinds), LLMContext()
    listening = LLMUserAggregatorParams(
        vad_analyzer=SileroVADAnalyzer(), user_turn_strategies=strategies(turns, brain)
    )
    user, assistant = LLMContextAggregatorPair(context, user_params=listening)
    ear, voice = StreamedEar(ears, call.call_id), Espeak(mouth)
    line = [transport.input(), ear, user, brain, voice, transport.output(), assistant]
    rates = PipelineParams(audio_in_sample_rate=LINE_HZ, audio_out_sample_rate=LINE_HZ)
    worker = PipelineWorker(Pipeline(line), params=rates, enable_rtvi=False)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)

    @transport.event_handler("on_client_connected")  # type: ignore[untyped-decorator]
    async def greet(_transport: object, _client: object) -> None:
        await worker.queue_frames([LLMRunFrame()])

    @transport.event_handler("on_client_disconnected")  # type: ignore[untyped-decorator]
    async def leave(_transport: object, _client: object) -> None:
        await runner.cancel()

    await runner.run()


def _transport(websocket: WebSocket, stream_id: str) -> FastAPIWebsocketTransport:
    serializer = TwilioFrameSerializer(
        stream_id, params=TwilioFrameSerializer.InputParams(auto_hang_up=False)
    )
    params = FastAPIWebsocketParams(
        audio_in_enabled=True, audio_out_enabled=True, add_wav_header=False, serializer=serializer
    )
    return FastAPIWebsocketTransport(websocket, params)


def serve(port: int, sockets: list[Path], turns: str) -> None:
    """One server, until it is ended. The first recogniser named is asked first."""
    die_with_parent()
    ears = Ears([WorkerClient(socket) for socket in sockets])
    app = application(ears, Mouth(None), turns)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def main() -> None:
    """One process for each port: pipecat's authors advise one for each call."""
    parser = argparse.ArgumentParser(prog="benchmarks.pipecat_agent")
    parser.add_argument("--turns", choices=(RECOMMENDED, OURS), default=RECOMMENDED)
    parser.add_argument("--port", type=int, action="append", required=True)
    parser.add_argument("--ear", type=Path, action="append", required=True, help="socket of a recogniser")
    options = parser.parse_args()
    die_with_parent()
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    started = []
    for number, port in enumerate(options.port):
        at = number % len(options.ear)
        sockets = [*options.ear[at:], *options.ear[:at]]  # so that they share the recognisers evenly
        process = multiprocessing.get_context("fork").Process(
            target=serve, args=(port, sockets, options.turns), daemon=True
        )
        process.start()
        started.append(process)
    for process in started:
        process.join()


if __name__ == "__main__":
    main()
