"""What a part is told by its environment: every setting, so that all read the same ones, but no secret more
than it needs. An environment can be read in /proc, and is inherited by whatever a part starts.
"""

from __future__ import annotations

import os
from dataclasses import replace

from agent.settings import FILE_KEYS, PREFIX, SECRET_KEYS, Settings
from models import no_telemetry

# What stands or falls with these secrets is no worker's business either, or its settings would be half ones.
_WITH_SECRETS = ("oidc_issuer", "oidc_client_id", "oidc_claim", "speech_workers", "siblings")
_EAR = "ear-"


def environment_of(settings: Settings, private_port: int) -> dict[str, str]:
    """Of a whole server of ours: every setting, secrets too.

    One heap for all threads of a part: glibc's heap for each thread (mallopt(3), M_ARENA_MAX) keeps what that
    thread once needed at its most, and grows for hours. Python runs one of them at a time anyway.
    """
    heaps = {"MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "1")}
    limits = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    environment = {**os.environ, **heaps, **limits, **no_telemetry.SWITCHES}
    for key in settings.__dataclass_fields__:
        value = getattr(settings, key)
        environment[_name(key)] = "" if value is None else str(value)
    environment[_name("private_port")] = str(private_port)
    return environment


def of_web(settings: Settings, private_port: int) -> dict[str, str]:
    """Of the web process, which uses every secret: what came by file it reads there itself."""
    environment = environment_of(settings, private_port)
    for key in FILE_KEYS:
        if _name(key) not in os.environ and f"{_name(key)}_FILE" in os.environ:
            del environment[_name(key)]
    return environment


def of_worker(name: str, settings: Settings, private_port: int) -> dict[str, str]:
    """Of an ear, the mind or the mouth: no secret but an ear's database, whose words it is to hear."""
    usual = Settings()
    theirs = replace(settings, **{key: getattr(usual, key) for key in _WITH_SECRETS})
    environment = of_web(theirs, private_port)
    for key in SECRET_KEYS if name.startswith(_EAR) else FILE_KEYS:
        environment[_name(key)] = ""  # and not left out: it would be looked for in the file of settings
        environment.pop(f"{_name(key)}_FILE", None)
    return environment


def _name(key: str) -> str:
    return PREFIX + key.upper()
