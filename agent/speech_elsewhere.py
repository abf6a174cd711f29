"""Speech workers that SPEECH_WORKERS names, of whichever kind."""

from __future__ import annotations

from agent.machine_settings import is_ray, worker_addresses
from agent.ray_hearing import RayHearing
from agent.settings import Settings
from agent.speech_client import SpeechClient


def speech_clients(chosen: Settings) -> list[SpeechClient | RayHearing]:
    """One for each address, connected when it is first asked."""
    return [_client(address, chosen.speech_worker_token) for address in worker_addresses(chosen)]


def _client(address: str, token: str) -> SpeechClient | RayHearing:
    if is_ray(address):
        return RayHearing(address.removeprefix("ray:"))
    return SpeechClient(address, token)
