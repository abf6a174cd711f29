"""One worker of `benchmarks.speech_workers`: ``python -m benchmarks.speech_worker_part ENGINE ADDRESS``."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from agent.speech_worker import run
from agent.workers import die_with_parent, serve
from benchmarks.forced_whisper import ForcedService
from voice import whisper_batching
from voice.ear_config import EarConfig
from voice.ear_service import EarService


class PatientService(ForcedService):
    """Whisper's work without the time limit of a call: nobody waits on a telephone here."""

    def load(self) -> str:
        vars(whisper_batching)["TIME_LIMIT_S"] = 120.0
        return super().load()


@dataclass(frozen=True)
class Engine:
    """What hears; picklable."""

    name: str
    service: type[EarService]
    config: EarConfig

    def made(self) -> EarService:
        return self.service(self.config)


def main(made: Path, address: str) -> None:
    die_with_parent()
    service = pickle.loads(made.read_bytes()).made()
    parts = urlsplit(address)
    if parts.scheme == "ws":
        asyncio.run(
            run(service, os.environ["SPEECH_WORKER_TOKEN"], str(parts.hostname), parts.port or 0, print)
        )
    else:
        asyncio.run(serve(service, Path(address)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
