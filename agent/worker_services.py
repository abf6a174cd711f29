"""What a worker process runs: hearing, understanding or speaking, made from settings.

Each kind reads the code of its own kind only: four of them start beside one another, on two cores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.settings import Settings
from agent.workers import Service
from models.errors import SettingsError

if TYPE_CHECKING:
    from intents.understand import MindService
    from voice.mouth import MouthService


def worker_service(kind: str, chosen: Settings) -> Service:
    """The service that a worker process of this name runs. Raises SettingsError for an unknown name."""
    if kind.startswith("ear-"):
        from agent.ear_services import ear_service

        return ear_service(chosen)
    if kind == "mind":
        return mind_service(chosen, warn=True)
    if kind == "mouth":
        return mouth_service(chosen)
    raise SettingsError(f"there is no worker called {kind!r}")


def mind_service(chosen: Settings, *, warn: bool = False) -> MindService:
    """``warn``: say so where weights that were learned here are not used."""
    from agent.formulary_build import use_site_table
    from agent.learned import RELEARN, weights_of
    from agent.logs import log
    from intents.understand import MindService

    weights = weights_of(chosen)
    if warn and weights.problem:
        log.warning("mind.learned_weights_not_used", reason=weights.problem, fix=RELEARN)
    use_site_table(chosen)
    return MindService(weights.folder)


def mouth_service(chosen: Settings) -> MouthService:
    from voice.mouth import MouthConfig, MouthService

    return MouthService(MouthConfig(voice=mouth_voice(chosen)))


def mouth_voice(chosen: Settings) -> str:
    from voice.mouth import MouthConfig

    return MouthConfig().voice if chosen.voice == "espeak" else chosen.voice
