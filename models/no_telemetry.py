"""What keeps libraries from reporting to their makers: nothing but calls and charts leaves this machine.

onnxruntime sends events about the machine, the model and its sessions to Microsoft by default, and keeps an
identifier of the machine in the user's cache; only this variable, set before it is loaded, turns all of that
off (its Privacy.md, "Disabling Telemetry"). Ray sends usage statistics
(https://docs.ray.io/en/latest/cluster/usage-stats.html), the hub's client tells what asks
(https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

SWITCHES: Final[Mapping[str, str]] = {
    "ORT_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def forbid() -> None:
    """For this process and those it starts. Before the libraries are loaded: they look once."""
    os.environ.update(SWITCHES)
