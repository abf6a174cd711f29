"""The deploy files, and what they name of the product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
COMPOSE = DEPLOY / "docker" / "compose.yml"
KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
NAMING_SETTINGS = (*UNITS, DOCKERFILE, COMPOSE, *KUBERNETES)

_SETTING = re.compile(r"\bFIRSTRING_([A-Z_]+)\b")
_COMMAND = re.compile(r"(?:bin/)?firstring ((?:[a-z][a-z-]+ ?){1,2})")


def settings_named(text: str) -> set[str]:
    return set(_SETTING.findall(text))


def commands_of(unit: Path) -> Iterator[list[str]]:
    """The words after the program in a unit's Exec lines."""
    for line in unit.read_text().splitlines():
        if re.match(r"Exec\w+=", line):
            yield line.partition("/bin/firstring")[2].split()


def documents(path: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [each for path in KUBERNETES for each in documents(path) if each["kind"] == kind]
