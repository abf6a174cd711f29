"""`firstring speech-worker`: an engine for servers on other machines."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent import settings
from agent.machine_settings import LEAST_TOKEN
from agent.settings import Settings
from models.errors import SettingsError

if TYPE_CHECKING:
    from voice.ear_service import EarService


def speech_worker(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on; 0 is any free one")] = 8090,
    ray: Annotated[
        str, typer.Option(help="instead: replicas on the Ray cluster here, auto or HOST:PORT")
    ] = "",
    replicas: Annotated[int, typer.Option(help="with --ray: how many")] = 2,
    gpus: Annotated[float, typer.Option(help="with --ray: of each replica")] = 0.0,
    config: Annotated[Path | None, typer.Option("--config", help="settings file")] = None,
) -> None:
    """Speech to text for servers on other machines, which name this one in SPEECH_WORKERS."""
    from agent import logs
    from agent.speech_worker import run

    chosen = settings.load(file=config)
    if ray:
        from agent.ray_hearing import keep

        keep(remote_ear_service(chosen).config, address=ray, replicas=replicas, gpus=gpus, say=_say)
        return
    check_token(chosen)
    logs.configure()
    asyncio.run(run(remote_ear_service(chosen), chosen.speech_worker_token, host, port, _say))


def _say(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()


def check_token(chosen: Settings) -> None:
    """Raises SettingsError when whoever reaches this worker could use it."""
    if len(chosen.speech_worker_token) < LEAST_TOKEN:
        raise SettingsError(
            f"SPEECH_WORKER_TOKEN has fewer than {LEAST_TOKEN} characters",
            fix="Make one by `openssl rand -hex 32`, the same for all servers and workers, in a file that "
            "FIRSTRING_SPEECH_WORKER_TOKEN_FILE names.",
        )


def remote_ear_service(chosen: Settings) -> EarService:
    """With Whisper it needs no database and no keys; pocketsphinx learns the practice's words from it."""
    from agent.ear_services import ear_service
    from voice.ear_config import EarConfig
    from voice.ear_service import EarService, choose_engine

    bare = EarConfig(
        engine=chosen.stt,
        whisper_model=chosen.whisper_model,
        precision=chosen.whisper_precision,
        clips=str(chosen.stand_in_clips or ""),
    )
    return ear_service(chosen) if choose_engine(bare) == "pocketsphinx" else EarService(bare)
