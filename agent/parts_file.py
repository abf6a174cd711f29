"""What the supervisor tells the web process of its parts: which process each is, how often it was started."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

NAME = "parts.json"


class PartState(NamedTuple):
    pid: int  # 0: not running
    starts: int  # since the supervisor began


def write(folder: Path, parts: Mapping[str, PartState]) -> None:
    """Whole or not at all. A disk that refuses must not keep a part from being started."""
    with suppress(OSError):
        new = folder / f"{NAME}.{os.getpid()}"
        new.write_text(json.dumps(parts))
        new.replace(folder / NAME)


def read(folder: Path) -> dict[str, PartState]:
    """Nothing where no supervisor runs, or where the file cannot be read."""
    try:
        return {
            name: PartState(*map(int, told)) for name, told in json.loads((folder / NAME).read_text()).items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
