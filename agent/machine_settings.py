"""Settings of a practice that is served by several processes, and by speech workers on other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.errors import SettingsError

if TYPE_CHECKING:
    from agent.settings import Settings

MOST_DRAIN_S = 3_600
LEAST_TOKEN = 32  # characters
SQLITE = "sqlite"


def check_machines(chosen: Settings) -> None:
    """Raises SettingsError naming the setting that is wrong, and what would be right."""
    if not 0 <= chosen.drain_s <= MOST_DRAIN_S:
        raise SettingsError(f"DRAIN_S is {chosen.drain_s}; it may be 0 to {MOST_DRAIN_S}")
    if chosen.peers and (not chosen.database_url or chosen.database_url.startswith(SQLITE)):
        raise SettingsError(
            "PEERS is true, and the database is an SQLite file, which one process alone may serve",
            fix="Set DATABASE_URL to the PostgreSQL of all processes, or leave PEERS out.",
        )
    _check_speech_workers(chosen)


def worker_addresses(chosen: Settings) -> tuple[str, ...]:
    """Of the speech workers on other machines."""
    return tuple(chosen.speech_workers.replace(",", " ").split())


def _check_speech_workers(chosen: Settings) -> None:
    addresses = worker_addresses(chosen)
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise SettingsError(f"SPEECH_WORKERS names {address!r}; an address starts with ws:// or wss://")
    if addresses and len(chosen.speech_worker_token) < LEAST_TOKEN:
        raise SettingsError(
            f"SPEECH_WORKERS is set, and SPEECH_WORKER_TOKEN has fewer than {LEAST_TOKEN} characters",
            fix="Make one, for example by `openssl rand -hex 32`, and give it to every server and worker in "
            "a file that FIRSTRING_SPEECH_WORKER_TOKEN_FILE names.",
        )
