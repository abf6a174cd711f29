"""Settings of a practice that is served by several processes, and by speech workers on other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.errors import SettingsError

if TYPE_CHECKING:
    from agent.settings import Settings

MOST_DRAIN_S = 3_600
MOVE_S = 8.0  # once these have passed, until every call is with another process: at most
LEAST_TOKEN = 32  # characters
SQLITE = "sqlite"


def check_machines(chosen: Settings) -> None:
    """Raises SettingsError naming the setting that is wrong, and what would be right."""
    if not 0 <= chosen.drain_s <= MOST_DRAIN_S:
        raise SettingsError(f"DRAIN_S is {chosen.drain_s}; it may be 0 to {MOST_DRAIN_S}")
    if chosen.siblings and (not chosen.database_url or chosen.database_url.startswith(SQLITE)):
        raise SettingsError(
            "SIBLINGS is true, and the database is an SQLite file, which one process alone may serve",
            fix="Set DATABASE_URL to the PostgreSQL of all processes, or leave SIBLINGS out.",
        )
    _check_speech_workers(chosen)


def worker_addresses(chosen: Settings) -> tuple[str, ...]:
    """Of the speech workers on other machines."""
    return tuple(chosen.speech_workers.replace(",", " ").split())


def is_ray(address: str) -> bool:
    """``ray:auto`` is the cluster that this machine is a node of; or ``ray:`` and its head's address."""
    return address.startswith("ray:") and not address.startswith("ray://") and len(address) > len("ray:")


def _check_speech_workers(chosen: Settings) -> None:
    addresses = worker_addresses(chosen)
    for address in addresses:
        parts = urlsplit(address)
        if not is_ray(address) and (parts.scheme not in ("ws", "wss") or not parts.hostname):
            raise SettingsError(
                f"SPEECH_WORKERS names {address!r}; an address starts with ws:// or wss://, or is ray:auto"
            )
    if any(not is_ray(address) for address in addresses) and len(chosen.speech_worker_token) < LEAST_TOKEN:
        raise SettingsError(
            f"SPEECH_WORKERS is set, and SPEECH_WORKER_TOKEN has fewer than {LEAST_TOKEN} characters",
            fix="Make one, for example by `openssl rand -hex 32`, and give it to every server and worker in "
            "a file that FIRSTRING_SPEECH_WORKER_TOKEN_FILE names.",
        )
